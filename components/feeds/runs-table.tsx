import type { Route } from "next";
import Link from "next/link";
import { durationText, Instant } from "@/components/ui/instant";
import { Table, Td, Th } from "@/components/ui/table";
import type { RunRow } from "@/lib/sync/data";
import { askedForInList } from "./asked-for";
import { RunState, runKind } from "./run-state";

/** The newest runs: syncs, reconciliations and imports. */
export function RunsTable({ runs, timeZone }: Readonly<{ runs: readonly RunRow[]; timeZone: string }>) {
  if (runs.length === 0)
    return <p className="p-4 text-sm text-soft">Nothing has run yet. “Sync now” makes the first run.</p>;
  return (
    <Table caption="Runs, newest first">
      <thead>
        <tr>
          <Th>Run</Th>
          <Th>Of</Th>
          <Th>Started</Th>
          <Th align="end">Took</Th>
          <Th>State</Th>
          <Th align="end">Found</Th>
          <Th align="end">Stored</Th>
          <Th align="end">Unchanged</Th>
          <Th align="end">Failed</Th>
          <Th>By</Th>
        </tr>
      </thead>
      <tbody>
        {runs.map((run) => (
          <tr key={run.id}>
            <Td>
              <Link
                href={`/feeds/runs/${run.id}` as Route}
                className="underline decoration-line-strong underline-offset-4"
              >
                {runKind(run.kind)}
              </Link>
            </Td>
            <Td>
              {run.feedId ?? ([run.entityId, run.period].filter(Boolean).join(" · ") || "all entities")}
              <Asked run={run} />
            </Td>
            <Td>
              <Instant at={run.startedAt} timeZone={timeZone} />
            </Td>
            <Td align="end">{run.finishedAt ? took(run.startedAt, run.finishedAt) : "–"}</Td>
            <Td>
              <RunState state={run.state} failed={run.failed} />
            </Td>
            {[run.found, run.stored, run.unchanged, run.failed].map((count, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: four columns that never change places
              <Td key={index} align="end">
                {count.toLocaleString("en")}
              </Td>
            ))}
            <Td>{run.actorName}</Td>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}

function Asked({ run }: Readonly<{ run: RunRow }>) {
  const asked = askedForInList(run);
  return asked && <span className="block text-soft text-xs">{asked}</span>;
}

/** How long a run took: "1.4 s", "3 minutes". */
export function took(from: Date, to: Date): string {
  const milliseconds = to.getTime() - from.getTime();
  return milliseconds < 60_000 ? `${(milliseconds / 1000).toFixed(1)} s` : durationText(milliseconds);
}
