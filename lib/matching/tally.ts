import type pg from "pg";

/*
 * Totals that are kept up as groups are matched, so that neither a period's totals nor the hash of the whole outcome
 * needs a look at what did not change. Sums are additive and so is the hash: a group's old rows are taken off before
 * they go, its new ones added when they stand.
 */

const PAIR_SUMS = [
  "scayle_lines",
  "scayle_units",
  "scayle_unknown",
  "scayle_net",
  "scayle_tax",
  "scayle_gross",
  "erp_lines",
  "erp_unknown",
  "erp_net",
  "erp_tax",
  "erp_gross",
] as const;
const CAUSE_SUMS = ["net", "tax", "gross"] as const;
// Which groups' rows are counted: what follows the table.
const IN_SCOPE = "JOIN scope USING (order_key)";
const AMONG_KEYS = "WHERE order_key = ANY ($3::uuid[])";
const OF_ENTITY = "WHERE entity_id = $1";
const SUMS = ["count", ...PAIR_SUMS, ...CAUSE_SUMS, "hash"] as const;

const KEPT = `INSERT INTO tally (entity_id, period, currency, kind, key, part, ${SUMS.join(", ")})`;
const ADDED = `ON CONFLICT (entity_id, period, currency, kind, key, part)
  DO UPDATE SET ${SUMS.map((name) => `${name} = tally.${name} + excluded.${name}`).join(", ")}`;

/**
 * Adds the pairs and causes of the groups in `scope` to the totals (`sign` 1), or takes them off (-1).
 * `part` is the matcher's own, so that two at once do not wait for each other. Returns the months that it touched.
 */
export async function tallyScope(
  client: pg.PoolClient,
  part: number,
  sign: 1 | -1,
): Promise<readonly string[]> {
  const months = new Set<string>();
  for (const select of [pairsOf(IN_SCOPE), causesOf(IN_SCOPE)]) {
    const { rows } = await client.query<{ period: string }>(`${KEPT} ${select} ${ADDED} RETURNING period`, [
      part,
      sign,
    ]);
    for (const row of rows) months.add(row.period);
  }
  return [...months];
}

/**
 * The same as one statement for a few groups: its parameters are part, sign and their keys, its rows the months.
 * Pairs and causes have rows of their own in the totals, so both go at once.
 */
export const TALLY_FEW = `${KEPT} ${pairsOf(AMONG_KEYS)} UNION ALL ${causesOf(AMONG_KEYS)} ${ADDED} RETURNING period`;

function signed(expression: string): string {
  return `($2::int * coalesce(${expression}, 0))::bigint`;
}
function nothing(names: readonly string[]): string {
  return names.map(() => "0").join(", ");
}

function pairsOf(groups: string): string {
  return `
  SELECT entity_id, period, currency, 'pair', bucket, $1::smallint, ${signed("count(*)")},
         ${PAIR_SUMS.map((name) => signed(`sum(${name})`)).join(", ")}, ${nothing(CAUSE_SUMS)},
         $2::int * sum(hash_record_extended(pair, 0)::numeric)
    FROM pair ${groups} GROUP BY entity_id, period, currency, bucket`;
}

// One cause on one subject may stand in several pairs: it counts once in each period.
function causesOf(groups: string): string {
  return `
  SELECT entity_id, period, currency, 'cause', code, $1::smallint,
         ${signed("count(DISTINCT coalesce(exception_id, id))")}, ${nothing(PAIR_SUMS)},
         ${CAUSE_SUMS.map((name) => signed(`sum(${name})`)).join(", ")},
         $2::int * sum(hash_record_extended(cause, 0)::numeric)
    FROM cause ${groups} GROUP BY entity_id, period, currency, code`;
}

/** One row of the totals: the pairs of a bucket, or the causes of a code; amounts in minor units. */
export type TallyRow = Readonly<{
  period: string;
  currency: string;
  kind: "pair" | "cause";
  key: string;
  count: bigint;
  scayle_lines: bigint;
  scayle_units: bigint;
  scayle_unknown: bigint;
  scayle_net: bigint;
  scayle_tax: bigint;
  scayle_gross: bigint;
  erp_lines: bigint;
  erp_unknown: bigint;
  erp_net: bigint;
  erp_tax: bigint;
  erp_gross: bigint;
  net: bigint;
  tax: bigint;
  gross: bigint;
}>;

/** The totals of an entity as they stand in this transaction. */
export async function loadTally(client: pg.ClientBase, entityId: string): Promise<readonly TallyRow[]> {
  const { rows } = await client.query<TallyRow>({
    name: "tally-of-entity",
    text: `SELECT period, currency, kind, key,
            ${["count", ...PAIR_SUMS, ...CAUSE_SUMS].map((name) => `sum(${name})::bigint AS ${name}`).join(", ")}
       FROM tally WHERE entity_id = $1 GROUP BY 1, 2, 3, 4 HAVING sum(count) <> 0 ORDER BY 1, 2, 3, 4`,
    values: [entityId],
  });
  return rows;
}

/** An order-independent hash of all pairs and causes of an entity, as text. */
export async function tallyHash(client: pg.ClientBase, entityId: string): Promise<string> {
  const { rows } = await client.query<{ hash: string }>({
    name: "tally-hash",
    text: `SELECT concat_ws('/', coalesce(sum(hash) FILTER (WHERE kind = 'pair'), 0), coalesce(sum(count) FILTER (WHERE kind = 'pair'), 0),
                           coalesce(sum(hash) FILTER (WHERE kind = 'cause'), 0)) AS hash
       FROM tally WHERE entity_id = $1`,
    values: [entityId],
  });
  return rows[0]?.hash ?? "";
}

/** Where the totals that are kept differ from those of the rows themselves; empty when they agree. */
export async function tallyDrift(
  client: pg.ClientBase | pg.Pool,
  entityId: string,
): Promise<readonly string[]> {
  const fresh = [pairsOf(OF_ENTITY), causesOf(OF_ENTITY)].map((select) =>
    select.replaceAll("$1::smallint", "0").replaceAll("$2::int", "1"),
  );
  const names = ["entity_id", "period", "currency", "kind", "key"];
  const { rows } = await client.query<{ place: string }>(
    `WITH kept AS (SELECT ${names.join(", ")}, ${SUMS.map((name) => `sum(${name}) AS ${name}`).join(", ")} FROM tally
                    WHERE entity_id = $1 GROUP BY 1, 2, 3, 4, 5 HAVING sum(count) <> 0),
          rows (${[...names, "part", ...SUMS].join(", ")}) AS (${fresh.join(" UNION ALL ")}),
          fresh AS (SELECT ${[...names, ...SUMS].join(", ")} FROM rows),
          apart AS ((SELECT * FROM kept EXCEPT SELECT * FROM fresh) UNION (SELECT * FROM fresh EXCEPT SELECT * FROM kept))
     SELECT DISTINCT concat_ws(' ', period, currency, kind, key) AS place FROM apart ORDER BY 1`,
    [entityId],
  );
  return rows.map((row) => row.place);
}
