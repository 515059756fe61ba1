import { addDays, type Day } from "@/lib/domain/day";

/** The days of one row of a mapping; null: without end. */
export type Span = Readonly<{ from: Day | null; until: Day | null }>;

/** The days that a new statement takes, in the fields of a change; `replaces` where a row has that day already. */
export type FreeDays = Readonly<{ validFrom?: Day; validUntil?: Day; replaces?: Day | "beginning" }>;

/**
 * The days around one on which no row of the same code or item holds: a statement about that day takes these, so that it
 * touches none of the others. Where a row has the day, it is that row's days, to be stated anew.
 */
export function freeDaysAround(spans: readonly Span[], day: Day): FreeDays {
  const own = spans.find(({ from, until }) => (from ?? day) <= day && day <= (until ?? day));
  if (own) return { ...bounds(own), replaces: own.from ?? "beginning" };
  const before = spans
    .flatMap(({ until }) => (until !== null && until < day ? [until] : []))
    .sort()
    .at(-1);
  const [after] = spans.flatMap(({ from }) => (from !== null && from > day ? [from] : [])).sort();
  return bounds({
    from: before === undefined ? null : addDays(before, 1),
    until: after === undefined ? null : addDays(after, -1),
  });
}

const bounds = ({ from, until }: Span): FreeDays => ({
  ...(from !== null && { validFrom: from }),
  ...(until !== null && { validUntil: until }),
});
