import type pg from "pg";

type Check = Readonly<{
  name: string;
  /** what holds, in a sentence for people */
  holds: string;
  /** how what doesn't is counted: "3 lines are in no bucket" */
  breached: (count: number) => string;
  /** what must return no row: order_key, period, detail, for the groups in `scope` of entity $1 */
  sql: string;
}>;

/** What must hold of every group, checked whenever it is matched. */
const CHECKS: readonly Check[] = [
  {
    name: "one-bucket",
    holds: "every line of both sides is in exactly one bucket",
    breached: (count) => `${count} ${count === 1 ? "line is" : "lines are"} in no bucket`,
    sql: `SELECT l.order_key, l.period, 'line ' || l.id AS detail FROM line l JOIN scope USING (order_key)
           WHERE l.in_books AND l.entity_id = $1
             AND NOT EXISTS (SELECT FROM pair_line x WHERE x.order_key = l.order_key AND x.line_id = l.id)`,
  },
  {
    // The append-only versions, summed again: a line that was changed or lost outside them shows here.
    name: "versions-agree",
    holds: "kept versions of the documents add up to the lines",
    breached: (count) => `versions and lines differ in ${count} ${count === 1 ? "document" : "documents"}`,
    sql: `SELECT order_key, coalesce(min(v.period), min(l.period)) AS period, 'document ' || document_id AS detail
            FROM (SELECT d.order_key, d.id AS document_id, left(l->>'day', 7) AS period, count(*) AS lines,
                         sum((l->>'gross')::bigint) AS gross, coalesce(sum((l->>'net')::bigint), 0) AS net
                    FROM scope JOIN document d USING (order_key)
                    JOIN document_version v ON v.order_key = d.order_key AND v.document_id = d.id AND v.version = d.version
                   CROSS JOIN LATERAL jsonb_array_elements(v.content->'lines') AS l
                   WHERE d.entity_id = $1 GROUP BY 1, 2, 3) v
            FULL JOIN (SELECT order_key, document_id, period, count(*) AS lines, sum(gross) AS gross, coalesce(sum(net), 0) AS net
                    FROM line JOIN scope USING (order_key) WHERE entity_id = $1 GROUP BY 1, 2, 3) l
           USING (order_key, document_id, period, lines, gross, net)
           WHERE v IS NULL OR l IS NULL GROUP BY order_key, document_id`,
  },
];

/**
 * Checks what must hold of the groups in `scope` and keeps what doesn't, by group and month, until the group is matched
 * again. Returns the months in which something does not hold or did not before.
 */
export async function recordBreaches(client: pg.PoolClient, entityId: string): Promise<readonly string[]> {
  const gone = await client.query<{ period: string }>(
    "DELETE FROM invariant_breach b USING scope WHERE b.order_key = scope.order_key AND b.entity_id = $1 RETURNING period",
    [entityId],
  );
  const months = gone.rows.map((row) => row.period);
  for (const { name, sql } of CHECKS) {
    const found = await client.query<{ period: string }>(
      `INSERT INTO invariant_breach (order_key, entity_id, name, period, detail)
       SELECT order_key, $1, $2, period, detail FROM (${sql}) AS breach ON CONFLICT DO NOTHING RETURNING period`,
      [entityId, name],
    );
    months.push(...found.rows.map((row) => row.period));
  }
  return months;
}

/** How often each check does not hold in a month. */
export type BreachCounts = ReadonlyMap<string, number>;

/** Breaches of an entity by month and check. */
export async function loadBreaches(
  client: pg.ClientBase,
  entityId: string,
): Promise<ReadonlyMap<string, BreachCounts>> {
  const { rows } = await client.query<{ period: string; name: string; count: number }>(
    "SELECT period, name, count(*)::int AS count FROM invariant_breach WHERE entity_id = $1 GROUP BY 1, 2",
    [entityId],
  );
  const months = new Map<string, Map<string, number>>();
  for (const { period, name, count } of rows) {
    months.set(period, (months.get(period) ?? new Map()).set(name, count));
  }
  return months;
}

/** The checks as proofs of a month. */
export const breachProofs = (
  counts: BreachCounts,
): readonly Readonly<{ name: string; ok: boolean; detail: string }>[] =>
  CHECKS.map(({ name, holds, breached }) => {
    const count = counts.get(name) ?? 0;
    return { name, ok: count === 0, detail: count === 0 ? holds : breached(count) };
  });
