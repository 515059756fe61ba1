import { Badge } from "@/components/ui/badge";
import { EmptyState } from "@/components/ui/empty-state";
import { Instant } from "@/components/ui/instant";
import { Table, Td, Th } from "@/components/ui/table";
import type { AuditEntry } from "@/lib/audit/data";
import type { JsonValue } from "@/lib/domain/json";
import { type Told, toldOf } from "@/lib/domain/told-changes";

/** The events of one page of the trail, newest first. */
export function AuditTable({
  entries,
  timeZone,
}: Readonly<{ entries: readonly AuditEntry[]; timeZone: string }>) {
  if (entries.length === 0) {
    return (
      <EmptyState title="No event here">
        The first act of a person, or the first run, makes the first one. If you filtered, widen the filter.
      </EmptyState>
    );
  }
  return (
    <Table caption="Audit trail, newest first" stacked>
      <thead>
        <tr>
          <Th align="end">No.</Th>
          <Th>When</Th>
          <Th>Who</Th>
          <Th>What</Th>
          <Th>Of which record</Th>
          <Th>Outcome</Th>
          <Th>Before → after</Th>
        </tr>
      </thead>
      <tbody>
        {entries.map((entry) => (
          <tr key={entry.seq.toString()} className="align-top hover:bg-hover">
            <Td label="No." align="end" className="py-2 text-soft">
              {entry.seq.toString()}
            </Td>
            <Td label="When" className="py-2">
              <Instant at={entry.at} timeZone={timeZone} />
            </Td>
            <Td label="Who" className="py-2 md:whitespace-nowrap">
              <span>
                {entry.actorName}
                {entry.actorKind !== "person" && <span className="text-soft"> · {entry.actorKind}</span>}
              </span>
            </Td>
            <Td label="What" className="whitespace-nowrap py-2 font-mono text-xs">
              {entry.action}
            </Td>
            <Td
              label="Of which record"
              className="py-2 font-mono text-xs max-md:break-all md:max-w-56 md:truncate"
              title={entry.subject}
            >
              {entry.subject}
            </Td>
            <Td label="Outcome" className="py-2">
              <Badge tone={entry.outcome === "refused" ? "attention" : "neutral"}>
                {entry.outcome === "refused" ? "Refused" : "Done"}
              </Badge>
            </Td>
            <Td className="py-2 md:min-w-72">
              <Changes before={entry.before} after={entry.after} />
            </Td>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}

/** How many fields a row shows before the others are folded. */
const SHOWN = 6;

/** The fields that differ, each before and after; as it is kept, beneath. */
function Changes({ before, after }: Readonly<{ before: JsonValue; after: JsonValue }>) {
  const told = toldOf(before, after);
  if (told.length === 0) return <span className="text-soft">—</span>;
  return (
    <div className="flex flex-col gap-1 text-xs">
      <Fields told={told.slice(0, SHOWN)} />
      <details>
        <summary className="flex min-h-[24px] cursor-pointer items-center text-soft underline decoration-line-strong underline-offset-4">
          {told.length > SHOWN
            ? `${(told.length - SHOWN).toLocaleString("en")} more, and as it is kept`
            : "As it is kept"}
        </summary>
        <Fields told={told.slice(SHOWN)} />
        <pre className="mt-1 max-w-xl whitespace-pre-wrap break-all rounded bg-sunken p-2">
          {JSON.stringify({ before, after }, null, 2)}
        </pre>
      </details>
    </div>
  );
}

function Fields({ told }: Readonly<{ told: readonly Told[] }>) {
  if (told.length === 0) return null;
  return (
    <ul className="flex flex-col gap-0.5">
      {told.map(({ name, before, after }) => (
        <li key={name} className="break-words">
          <span className="text-soft">{name}: </span>
          {before !== null && <>{before} → </>}
          {after ?? "none"}
        </li>
      ))}
    </ul>
  );
}
