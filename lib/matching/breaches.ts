import type pg from "pg";
import { causeInvariants } from "./invariants/causes";
import { amongKeys, type Invariant, inScope, ofKey, WHOLE_TABLES, type Within } from "./invariants/contract";
import { documentInvariants } from "./invariants/documents";
import { pairInvariants } from "./invariants/pairs";
import { recordInvariants, strayInvariant } from "./invariants/records";
import { FEW_GROUPS } from "./scope";

/** What the invariants prove of a month, in four sentences. */
const PROOFS: readonly Readonly<{ name: string; holds: string; invariants: readonly Invariant[] }>[] = [
  {
    name: "nothing-lost",
    holds: "every record that was fetched is in the documents, to the line and cent",
    invariants: [...recordInvariants, strayInvariant],
  },
  {
    name: "versions-agree",
    holds: "kept versions of the documents add up to the lines",
    invariants: documentInvariants,
  },
  {
    name: "one-bucket",
    holds: "every line of both sides is in exactly one bucket",
    invariants: pairInvariants,
  },
  {
    name: "causes-hold",
    holds: "every cause stands on a pair, and every open exception on a cause",
    invariants: causeInvariants,
  },
];

/** So many groups are looked up one by one; more are read with whole tables. */
const LOOKED_UP_MAX = 5000;

const CHECKS = PROOFS.flatMap((proof) => proof.invariants).filter(
  ({ name, deep }) => !deep && name !== strayInvariant.name,
);

/**
 * Checks what must hold of the groups in `scope` and keeps what doesn't, by group and month, until the group is matched
 * again. Returns the months in which something does not hold or did not before.
 */
export async function recordBreaches(client: pg.PoolClient, entityId: string): Promise<readonly string[]> {
  const { rows } = await client.query<{ order_key: string }>(
    `SELECT order_key FROM scope LIMIT ${LOOKED_UP_MAX + 1}`,
  );
  if (rows.length <= LOOKED_UP_MAX) {
    return recordBreachesOf(
      client,
      entityId,
      rows.map((row) => row.order_key),
    );
  }
  const gone = await client.query<{ period: string }>(
    "DELETE FROM invariant_breach b USING scope WHERE b.order_key = scope.order_key AND b.entity_id = $1 RETURNING period",
    [entityId],
  );
  const months = gone.rows.map((row) => row.period);
  await client.query(WHOLE_TABLES);
  for (const { name, sql } of CHECKS) {
    months.push(...(await keepBreaches(client, entityId, name, sql(inScope))));
  }
  await client.query("SET LOCAL enable_nestloop = on; SET LOCAL enable_sort = on");
  return months;
}

const checksOf = (within: Within): string => `
  INSERT INTO invariant_breach (order_key, entity_id, name, period, detail)
  SELECT order_key, $1, name, period, detail
    FROM (${CHECKS.map(({ name, sql }) => `SELECT '${name}' AS name, order_key, period, detail FROM (${sql(within)}) AS breach`).join(" UNION ALL ")}) AS breaches
  ON CONFLICT DO NOTHING RETURNING period`;
const CHECK_SOME = checksOf(amongKeys);
const CHECK_ONE = checksOf(ofKey);

/** The same for groups by their keys, all checks at once. */
export async function recordBreachesOf(
  client: pg.PoolClient,
  entityId: string,
  orderKeys: readonly string[],
): Promise<readonly string[]> {
  const { rows } = await client.query<{ period: string }>({
    name: "breaches-gone",
    text: "DELETE FROM invariant_breach WHERE entity_id = $1 AND order_key = ANY ($2::uuid[]) RETURNING period",
    values: [entityId, orderKeys],
  });
  const months = rows.map((row) => row.period);
  // Planning takes longer than checking. A plan for one key is as good for any other, so a connection plans it once.
  const checks =
    orderKeys.length <= FEW_GROUPS
      ? orderKeys.map((key) => ({ name: "breaches-of-one", text: CHECK_ONE, values: [entityId, key] }))
      : [{ text: CHECK_SOME, values: [entityId, orderKeys] }];
  for (const check of checks) {
    const found = await client.query<{ period: string }>(check);
    months.push(...found.rows.map((row) => row.period));
  }
  return months;
}

/**
 * The same for records that were fetched and that no group knows of. They are looked for where a run looks at everything
 * (`whole`), and while one is known. Returns the months concerned.
 */
export async function recordStrays(
  client: pg.PoolClient,
  entityId: string,
  whole: boolean,
): Promise<readonly string[]> {
  const gone = await client.query<{ period: string }>(
    "DELETE FROM invariant_breach WHERE entity_id = $1 AND name = $2 RETURNING period",
    [entityId, strayInvariant.name],
  );
  const months = gone.rows.map((row) => row.period);
  if (!whole && months.length === 0) return [];
  return [
    ...months,
    ...(await keepBreaches(client, entityId, strayInvariant.name, strayInvariant.sql(inScope))),
  ];
}

async function keepBreaches(
  client: pg.PoolClient,
  entityId: string,
  name: string,
  sql: string,
): Promise<readonly string[]> {
  const { rows } = await client.query<{ period: string }>(
    `INSERT INTO invariant_breach (order_key, entity_id, name, period, detail)
     SELECT order_key, $1, $2, period, detail FROM (${sql}) AS breach ON CONFLICT DO NOTHING RETURNING period`,
    [entityId, name],
  );
  return rows.map((row) => row.period);
}

/** How often each check does not hold in a month, by its name, and the first record that it names. */
export type BreachCounts = ReadonlyMap<string, Readonly<{ count: number; first: string }>>;

/** Breaches of an entity by month and check. */
export async function loadBreaches(
  client: pg.ClientBase,
  entityId: string,
): Promise<ReadonlyMap<string, BreachCounts>> {
  const { rows } = await client.query<{ period: string; name: string; count: number; first: string }>({
    name: "breaches-of-entity",
    text: `SELECT period, name, count(*)::int AS count, min(detail) AS first FROM invariant_breach
      WHERE entity_id = $1 GROUP BY 1, 2`,
    values: [entityId],
  });
  const months = new Map<string, Map<string, Readonly<{ count: number; first: string }>>>();
  for (const { period, name, count, first } of rows) {
    months.set(period, (months.get(period) ?? new Map()).set(name, { count, first }));
  }
  return months;
}

/** The checks as proofs of a month. What does not hold is counted, and its first record named. */
export const breachProofs = (
  counts: BreachCounts,
): readonly Readonly<{ name: string; ok: boolean; detail: string }>[] =>
  PROOFS.map(({ name, holds, invariants }) => {
    const broken = invariants.flatMap((one) => {
      const found = counts.get(one.name);
      return found ? [`${one.breached(found.count)} (${found.first})`] : [];
    });
    return { name, ok: broken.length === 0, detail: broken.length === 0 ? holds : broken.join("; ") };
  });
