import type pg from "pg";
import { causeInvariants } from "./causes";
import { cellInvariants } from "./cells";
import { everywhere, type Invariant, inScope } from "./contract";
import { documentInvariants } from "./documents";
import { movementInvariant } from "./movements";
import { pairInvariants } from "./pairs";
import { recordInvariants, strayInvariant } from "./records";

/** Everything that must hold of the books, from the records as fetched to the exceptions. */
const INVARIANTS: readonly Invariant[] = [
  ...recordInvariants,
  ...documentInvariants,
  ...pairInvariants,
  ...causeInvariants,
];

const EXAMPLES = 50;

/** What a check found: `rows` breaches, of which `examples` are named. */
export type InvariantResult = Readonly<{
  name: string;
  sentence: string;
  rows: number;
  examples: readonly string[];
  /** months with a breach */
  periods: readonly string[];
}>;

type Options = Readonly<{
  /** the groups of the temporary table `scope` only; else the whole entity */
  scoped: boolean;
  /** stored versions are opened too; by default only where the whole entity is looked at */
  deep?: boolean;
  /** one month, YYYY-MM; by default all */
  period?: string | undefined;
}>;

/** Checks all that must hold of an entity's books, or of some groups, within the caller's transaction. Reads only. */
export async function runInvariants(
  client: pg.ClientBase | pg.Pool,
  entityId: string,
  { scoped, deep = !scoped, period }: Options,
): Promise<readonly InvariantResult[]> {
  const results: InvariantResult[] = [];
  const checks = scoped ? INVARIANTS : [...INVARIANTS, strayInvariant, movementInvariant, ...cellInvariants];
  for (const { name, holds, sql, ...one } of checks) {
    if (one.deep && !deep) continue;
    const { rows } = await client.query<{
      rows: number;
      examples: string[] | null;
      periods: string[] | null;
    }>(
      `WITH breach AS MATERIALIZED (SELECT * FROM (${sql(scoped ? inScope : everywhere)}) b WHERE $2::text IS NULL OR b.period = $2)
       SELECT count(*)::int AS rows, (SELECT array_agg(detail) FROM (SELECT detail FROM breach ORDER BY detail LIMIT ${EXAMPLES}) e) AS examples,
              array_agg(DISTINCT period) AS periods FROM breach`,
      [entityId, period ?? null],
    );
    const [found] = rows;
    results.push({
      name,
      sentence: holds,
      rows: found?.rows ?? 0,
      examples: found?.examples ?? [],
      periods: found?.periods ?? [],
    });
  }
  return results;
}
