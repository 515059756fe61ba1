import type { ExceptionGroup, ExceptionQuery } from "./schema";

/** What sums are kept by, see `count_exceptions` in the database: state, currency and entity always, and these. */
const cubes = {
  people: ["cause", "owner", "shop", "channel", "assignee"],
  days: ["age"],
  months: ["cause", "owner", "shop", "channel", "assignee", "period"],
  ages: ["cause", "owner", "shop", "channel", "assignee", "age"],
  dues: ["cause", "owner", "shop", "channel", "assignee", "due"],
  roots: ["cause", "owner", "channel", "assignee", "rootCause"],
} as const;
export type Cube = keyof typeof cubes;

/** The sums that answer a question exactly, or null: then the exceptions themselves are counted. */
export function cubeOf(query: ExceptionQuery, group?: ExceptionGroup): Cube | null {
  if (query.q || query.since || query.mention || query.approval || query.due === "escalated") return null;
  if (query.amountFrom !== undefined || query.amountTo !== undefined) return null;
  const asked = new Set<string>(group === undefined ? [] : [group]);
  const columns = [
    "cause",
    "owner",
    "shop",
    "channel",
    "assignee",
    "period",
    "age",
    "due",
    "rootCause",
  ] as const;
  for (const name of columns) if (query[name] !== undefined) asked.add(name);
  if (query.dueFrom !== undefined || query.dueTo !== undefined) asked.add("due");
  if (query.team !== undefined) asked.add("owner");
  const names = Object.keys(cubes) as Cube[];
  return (
    names.find((name) => {
      const held: readonly string[] = cubes[name];
      // An exception of two months is in two rows of "months", one for each.
      return (name === "months") === asked.has("period") && [...asked].every((one) => held.includes(one));
    }) ?? null
  );
}
