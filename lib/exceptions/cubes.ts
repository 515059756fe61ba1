import type { ExceptionGroup, ExceptionQuery } from "./schema";

/** What sums are kept by, see `count_exceptions` in the database: state, currency and entity always, and these. */
const cubes = {
  people: ["cause", "owner", "shop", "assignee"],
  months: ["cause", "owner", "shop", "assignee", "period"],
  ages: ["cause", "owner", "shop", "assignee", "age"],
  dues: ["cause", "owner", "shop", "assignee", "due"],
  roots: ["cause", "owner", "assignee", "rootCause"],
} as const;
export type Cube = keyof typeof cubes;

/** The sums that answer a question exactly, or null: then the exceptions themselves are counted. */
export function cubeOf(query: ExceptionQuery, group?: ExceptionGroup): Cube | null {
  if (query.q || query.since || query.mention || query.approval || query.due === "escalated") return null;
  const asked = new Set<string>(group === undefined ? [] : [group]);
  for (const name of ["cause", "owner", "shop", "assignee", "period", "age", "due", "rootCause"] as const) {
    if (query[name] !== undefined) asked.add(name);
  }
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
