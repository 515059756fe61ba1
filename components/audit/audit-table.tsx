import { Badge } from "@/components/ui/badge";
import { EmptyState } from "@/components/ui/empty-state";
import { Instant } from "@/components/ui/instant";
import { Table, Td, Th } from "@/components/ui/table";
import type { AuditEntry } from "@/lib/audit/data";
import type { JsonValue } from "@/lib/domain/json";

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
    <Table caption="Audit trail, newest first">
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
            <Td align="end" className="py-2 text-soft">
              {entry.seq.toString()}
            </Td>
            <Td className="py-2">
              <Instant at={entry.at} timeZone={timeZone} />
            </Td>
            <Td className="whitespace-nowrap py-2">
              {entry.actorName}
              {entry.actorKind !== "person" && <span className="text-soft"> · {entry.actorKind}</span>}
            </Td>
            <Td className="whitespace-nowrap py-2 font-mono text-xs">{entry.action}</Td>
            <Td className="max-w-56 truncate py-2 font-mono text-xs" title={entry.subject}>
              {entry.subject}
            </Td>
            <Td className="py-2">
              <Badge tone={entry.outcome === "refused" ? "attention" : "neutral"}>
                {entry.outcome === "refused" ? "Refused" : "Done"}
              </Badge>
            </Td>
            <Td className="min-w-72 py-2">
              <Changes before={entry.before} after={entry.after} />
            </Td>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}

/** The members that differ, each before and after. */
function Changes({ before, after }: Readonly<{ before: JsonValue; after: JsonValue }>) {
  const was = membersOf(before);
  const is = membersOf(after);
  const names = [...new Set([...Object.keys(was), ...Object.keys(is)])].filter(
    (name) => textOf(was[name]) !== textOf(is[name]),
  );
  if (names.length === 0) return <span className="text-soft">—</span>;
  return (
    <ul className="flex flex-col gap-0.5 text-xs">
      {names.map((name) => (
        <li key={name} className="break-words">
          <span className="text-soft">{name}: </span>
          {was[name] !== undefined && <>{textOf(was[name])} → </>}
          {textOf(is[name])}
        </li>
      ))}
    </ul>
  );
}

const membersOf = (value: JsonValue): Readonly<Record<string, JsonValue>> => {
  if (value === null) return {};
  return typeof value === "object" && !Array.isArray(value) ? value : { value };
};

const textOf = (value: JsonValue | undefined): string => {
  if (value === undefined || value === null) return "none";
  return typeof value === "string" ? value : JSON.stringify(value);
};
