import { counted, type Invariant } from "./contract";

const SUMS = ["line_count", "unknown", "net", "tax", "gross", "figures"] as const;
const zeroed = (alias: string, name: string): string => `coalesce(${alias}.${name}, 0)`;
// Hashes wrap at 64 bits; as numeric they are compared modulo 2^64.
const expected = (name: string): string =>
  name === "figures"
    ? `tieout_mod64(${zeroed("f", name)}::numeric + ${zeroed("r", name)})`
    : `${zeroed("f", name)} + ${zeroed("r", name)}`;

const BAD = ["lost", "surplus"];

/**
 * Each record as it was fetched, with what its documents hold and the named remainders between the two: they must add up,
 * in counts, amounts and keys. Records that could not be read are another matter (they keep the month open by themselves),
 * and so are those that were fetched before their figures were kept.
 */
export const recordInvariants: readonly Invariant[] = [
  {
    name: "nothing-lost",
    holds:
      "every record that was fetched is in the documents, to the line and cent, or in a remainder that has a name",
    breached: (count) => `${counted(count, "record", "records")} not in the documents as fetched`,
    sql: (within) => `
      WITH keys AS MATERIALIZED (
        SELECT d.order_key, d.connection_id, d.source_id FROM document d WHERE d.entity_id = $1 AND ${within("d")}
        UNION SELECT o.order_key, o.connection_id, o.source_id FROM sales_order o WHERE o.entity_id = $1 AND ${within("o")}
        UNION SELECT c.order_key, c.connection_id, c.source_id FROM control_remainder c WHERE c.entity_id = $1 AND ${within("c")}),
      fetched AS (
        SELECT k.order_key, f.* FROM (SELECT connection_id, source_id, min(order_key::text)::uuid AS order_key FROM keys GROUP BY 1, 2) k
          JOIN fetch_control f ON f.connection_id = k.connection_id AND f.source_id = k.source_id AND f.kind IN ('sale', 'credit')),
      rest AS (
        SELECT connection_id, source_id, kind, min(order_key::text)::uuid AS order_key,
               ${SUMS.map((name) => (name === "figures" ? "tieout_mod64(sum(figures)) AS figures" : `sum(${name})::bigint AS ${name}`)).join(", ")},
               string_agg(reason, ', ' ORDER BY reason) FILTER (WHERE reason IN (${BAD.map((reason) => `'${reason}'`).join(", ")})) AS bad
          FROM control_remainder c WHERE c.entity_id = $1 AND ${within("c")} GROUP BY 1, 2, 3),
      held AS (SELECT * FROM document d WHERE d.entity_id = $1 AND ${within("d")})
      SELECT coalesce(d.order_key, r.order_key, f.order_key) AS order_key,
             coalesce(to_char(coalesce(d.posting_day, f.day), 'YYYY-MM'), to_char(coalesce(d.seen_at, f.seen_at), 'YYYY-MM')) AS period,
             concat_ws(' ', kind, coalesce(d.number, f.number), '(' || source_id || ')') || ': ' || CASE
               WHEN r.bad IS NOT NULL THEN 'units that belong in the books are ' || r.bad
               WHEN f.source_id IS NULL THEN 'a document without a record that was fetched'
               WHEN d.id IS NULL THEN 'fetched, and in no document'
               WHEN f.currency IS DISTINCT FROM d.currency THEN 'fetched in ' || coalesce(f.currency, 'no currency') || ', kept in ' || d.currency
               WHEN ${expected("line_count")} <> d.line_count THEN 'fetched with ' || (${expected("line_count")}) || ' lines, kept with ' || d.line_count
               WHEN ${expected("gross")} <> d.gross THEN 'fetched with ' || (${expected("gross")}) || ', kept with ' || d.gross || ' minor units'
               ELSE 'its lines are not those that were fetched' END AS detail
        FROM fetched f
        FULL JOIN held d USING (connection_id, kind, source_id)
        LEFT JOIN rest r USING (connection_id, kind, source_id)
       WHERE NOT coalesce(NOT f.kept, false)
         AND NOT EXISTS (SELECT FROM failed_record x WHERE x.entity_id = $1 AND x.connection_id = coalesce(f.connection_id, d.connection_id)
                          AND x.source_id = coalesce(f.source_id, d.source_id) AND x.resource NOT IN ('invoices', 'stock') AND x.resolved_at IS NULL)
         AND (r.bad IS NOT NULL
              OR (f.source_id IS NULL AND (d.kind = 'sale' OR d.side = 'erp'))
              OR (f.source_id IS NOT NULL AND d.id IS NOT NULL AND f.currency IS DISTINCT FROM d.currency)
              OR (${SUMS.map(expected).join(", ")}) IS DISTINCT FROM (${SUMS.map((name) => zeroed("d", name)).join(", ")}))`,
  },
];

/**
 * Records that were fetched and that nothing in the books knows of any more: no document, no order, no failed record. No
 * group holds them, so they are looked for over the whole entity, whatever `within` says; each under a key of its own.
 */
export const strayInvariant: Invariant = {
  name: "nothing-unknown",
  holds: "every record that was fetched is known to the books",
  breached: (count) => `${counted(count, "record", "records")} fetched and in no document`,
  sql: () => `
    SELECT tieout_id(concat_ws(chr(31), 'stray', f.connection_id::text, f.source_id)) AS order_key,
           to_char(coalesce(f.day, f.seen_at::date), 'YYYY-MM') AS period,
           concat_ws(' ', f.kind, f.number, '(' || f.source_id || ')') || ': fetched, and in no document' AS detail
      FROM fetch_control f
     WHERE f.entity_id = $1 AND f.kept
       AND NOT EXISTS (SELECT FROM document d WHERE d.connection_id = f.connection_id AND d.source_id = f.source_id)
       AND NOT EXISTS (SELECT FROM sales_order o WHERE o.connection_id = f.connection_id AND o.source_id = f.source_id AND o.entity_id = $1)
       AND NOT EXISTS (SELECT FROM failed_record x WHERE x.entity_id = $1 AND x.connection_id = f.connection_id
                        AND x.source_id = f.source_id AND x.resource NOT IN ('invoices', 'stock') AND x.resolved_at IS NULL)`,
};
