import type pg from "pg";

/*
 * Totals that are kept up as groups are matched, so that neither a period's totals nor the hash of the whole outcome
 * needs a look at what did not change. Sums are additive and so is the hash: what a match changes of its groups' rows is
 * added (lib/matching/movements), and each such change is kept.
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

/** What a total counts and sums, in this order: columns of `tally` and of `tally_event`. */
export const FIGURES = ["count", ...PAIR_SUMS, ...CAUSE_SUMS] as const;
/** The same with the hash of the rows that are summed. */
export const SUMS = [...FIGURES, "hash"] as const;
/** Which total: columns of `tally` and of `tally_event`. */
export const PLACE = ["entity_id", "period", "currency", "kind", "key"] as const;

const KEPT = `INSERT INTO tally (${PLACE.join(", ")}, part, ${SUMS.join(", ")})`;
const ADDED = `ON CONFLICT (entity_id, period, currency, kind, key, part)
  DO UPDATE SET ${SUMS.map((name) => `${name} = tally.${name} + excluded.${name}`).join(", ")}`;

/**
 * Adds rows of changes (a table or a common table expression with the columns PLACE and SUMS) to the totals. `part` is the matcher's
 * own, so that two at once do not wait for each other.
 */
export const addToTally = (changes: string, part: string): string => `
  ${KEPT} SELECT ${PLACE.join(", ")}, ${part}, ${SUMS.map((name) => `sum(${name})${name === "hash" ? "" : "::bigint"}`).join(", ")}
    FROM ${changes} GROUP BY ${PLACE.join(", ")} ${ADDED}`;

/** Whose rows are summed: `groups` is what follows the table's name, `by` a first column that tells sums apart. */
type Selection = Readonly<{ groups: string; by?: "order_key" | undefined }>;

/** The sums of pairs and causes of some groups, total by total, or group by group too: columns [by], PLACE and SUMS. */
export const sumsOf = (selection: Selection): string =>
  `${pairsOf(selection)} UNION ALL ${causesOf(selection)}`;

const summed = (name: string): string => `coalesce(sum(${name}), 0)::bigint AS ${name}`;
const nothing = (names: readonly string[]): string => names.map((name) => `0::bigint AS ${name}`).join(", ");
const grouped = (by: string | undefined): string => (by === undefined ? "" : `${by}, `);

function pairsOf({ groups, by }: Selection): string {
  return `
  SELECT ${grouped(by)}entity_id, period, currency, 'pair' AS kind, bucket AS key, count(*) AS count,
         ${PAIR_SUMS.map(summed).join(", ")}, ${nothing(CAUSE_SUMS)},
         sum(hash_record_extended(pair, 0)::numeric) AS hash
    FROM pair ${groups} GROUP BY ${grouped(by)}entity_id, period, currency, bucket`;
}

// One cause on one subject may stand in several pairs: it counts once in each period.
function causesOf({ groups, by }: Selection): string {
  return `
  SELECT ${grouped(by)}entity_id, period, currency, 'cause' AS kind, code AS key,
         count(DISTINCT coalesce(exception_id, id)) AS count, ${nothing(PAIR_SUMS)},
         ${CAUSE_SUMS.map(summed).join(", ")},
         sum(hash_record_extended(cause, 0)::numeric) AS hash
    FROM cause ${groups} GROUP BY ${grouped(by)}entity_id, period, currency, code`;
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
            ${FIGURES.map((name) => `sum(${name})::bigint AS ${name}`).join(", ")}
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
  const names = PLACE.join(", ");
  const { rows } = await client.query<{ place: string }>(
    `WITH kept AS (SELECT ${names}, ${SUMS.map((name) => `sum(${name}) AS ${name}`).join(", ")} FROM tally
                    WHERE entity_id = $1 GROUP BY 1, 2, 3, 4, 5 HAVING sum(count) <> 0),
          fresh AS (${sumsOf({ groups: "WHERE entity_id = $1" })}),
          apart AS ((SELECT * FROM kept EXCEPT SELECT * FROM fresh) UNION (SELECT * FROM fresh EXCEPT SELECT * FROM kept))
     SELECT DISTINCT concat_ws(' ', period, currency, kind, key) AS place FROM apart ORDER BY 1`,
    [entityId],
  );
  return rows.map((row) => row.place);
}
