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
    <Table caption="Runs, newest first" stacked>
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
            <Td className="font-medium">
              <Link
                href={`/feeds/runs/${run.id}` as Route}
                className="underline decoration-line-strong underline-offset-4"
              >
                {runKind(run.kind)}
              </Link>
            </Td>
            <Td label="Of">
              <span className="min-w-0 break-words">
                {run.feedId ?? ([run.entityId, run.period].filter(Boolean).join(" · ") || "all entities")}
                <Asked run={run} />
              </span>
            </Td>
            <Td label="Started">
              <Instant at={run.startedAt} timeZone={timeZone} />
            </Td>
            <Td align="end" label="Took">
              {run.finishedAt ? took(run.startedAt, run.finishedAt) : "–"}
            </Td>
            <Td label="State">
              <RunState state={run.state} failed={run.failed} />
            </Td>
            {countsOf(run).map(([label, count]) => (
              <Td key={label} align="end" label={label}>
                {count.toLocaleString("en")}
              </Td>
            ))}
            <Td label="By">{run.actorName}</Td>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}

const countsOf = ({ found, stored, unchanged, failed }: RunRow) =>
  [
    ["Found", found],
    ["Stored", stored],
    ["Unchanged", unchanged],
    ["Failed", failed],
  ] as const;

function Asked({ run }: Readonly<{ run: RunRow }>) {
  const asked = askedForInList(run);
  return asked && <span className="block text-soft text-xs">{asked}</span>;
}

/** How long a run took: "1.4 s", "3 minutes". */
export function took(from: Date, to: Date): string {
  const milliseconds = to.getTime() - from.getTime();
  return milliseconds < 60_000 ? `${(milliseconds / 1000).toFixed(1)} s` : durationText(milliseconds);
}
