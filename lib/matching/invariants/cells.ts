import { differencesOf } from "../differences";
import { cellColumns } from "../fold-cells";
import { counted, type Invariant } from "./contract";

/*
 * Sums that are kept, held against a sum of everything they are of. They are no matter of single groups: the whole entity is looked
 * at, whatever `within` says; $2 is the month, or null for all.
 */

const NO_GROUP = "'00000000-0000-0000-0000-000000000000'::uuid";
const OF_MONTH = (column: string): string => `($2::text IS NULL OR ${column} = $2)`;

const names = (columns: readonly string[]): string => columns.map((name) => `"${name}"`).join(", ");

/** Places whose kept sums (`kept`) are others than those of what they are of (`fresh`): both have `place` and `sums` as columns. */
const apart = (
  place: readonly string[],
  sums: readonly string[],
  kept: string,
  fresh: string,
  detail: string,
) => `
  SELECT ${NO_GROUP} AS order_key, period, ${detail} AS detail FROM (
    SELECT ${names(place)}, ${sums.map((name) => `sum("${name}")::bigint AS "${name}"`).join(", ")} FROM (
      SELECT ${names(place)}, ${names(sums)} FROM (${kept}) k
      UNION ALL
      SELECT ${names(place)}, ${sums.map((name) => `-"${name}"`).join(", ")} FROM (${fresh}) f) both_sums
     GROUP BY ${names(place)}) sums
   WHERE ${sums.map((name) => `"${name}" <> 0`).join(" OR ")}`;

const lines = cellColumns("line_cell");
const LINES = `
  SELECT l.entity_id, l.period, l.currency, l.side, coalesce(d.ship_to, o.ship_to) AS country, o.channel_type, o.channel,
         round(l.tax_rate, 4) AS rate, l.tax_code AS code, l.day, l.kind, l.document_kind, l.account, count(*) AS lines,
         count(*) FILTER (WHERE l.net IS NULL OR l.tax IS NULL) AS unknown, coalesce(sum(l.net), 0) AS net, coalesce(sum(l.tax), 0) AS tax,
         coalesce(sum(l.gross), 0) AS gross, coalesce(sum(l.discount), 0) AS discount
    FROM line l
    LEFT JOIN document d ON d.order_key = l.order_key AND d.id = l.document_id
    LEFT JOIN sales_order o ON o.order_key = l.order_key
   WHERE l.entity_id = $1 AND l.in_books AND ${OF_MONTH("l.period")}
   GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13`;

const cells = cellColumns("difference_cell");
const DIFFERENCE_SUMS = `
  SELECT d.entity_id, d.period, d.currency, p.by, p.key, count(*) FILTER (WHERE d.net <> 0) AS nets, sum(d.net) AS net,
         count(*) FILTER (WHERE d.tax <> 0) AS taxes, sum(d.tax) AS tax, count(*) FILTER (WHERE d.gross <> 0) AS grosses, sum(d.gross) AS gross
    FROM difference d
    CROSS JOIN LATERAL (VALUES ('shop', d.shop), ('channel', d.channel), ('code', d.code), ('payment', d.payment), ('day', d.day)) p(by, key)
   WHERE d.entity_id = $1 AND ${OF_MONTH("d.period")} GROUP BY 1, 2, 3, 4, 5`;

const DIFFERENCE =
  "order_key, pair_id, entity_id, period, currency, shop, channel, code, payment, day, net, tax, gross";
// What came since a group was matched is not in its pairs yet, and not in what is kept of them.
const MATCHED = (alias: string): string =>
  `NOT EXISTS (SELECT FROM dirty_group w WHERE w.order_key = ${alias}.order_key)
   AND NOT EXISTS (SELECT FROM group_member m JOIN dirty_group w ON w.order_key = m.order_key WHERE m.group_key = ${alias}.order_key)`;

export const cellInvariants: readonly Invariant[] = [
  {
    name: "line-sums-kept",
    holds: "what is kept of the lines, by where they go, rate, code and account, is the sum of the lines",
    breached: (count) => `${counted(count, "sum of lines", "sums of lines")} not what the lines come to`,
    sql: () =>
      apart(
        lines.place,
        lines.sums,
        `SELECT * FROM line_cell WHERE entity_id = $1 AND ${OF_MONTH("period")}`,
        LINES,
        `concat_ws(' ', side, country, 'rate', rate, 'code', code, kind, account, day, currency) || ': kept − lines is ' || lines || ' lines, ' || gross || ' minor units'`,
      ),
  },
  {
    name: "differences-kept",
    holds: "every pair that differs, and no other, is among the differences that bridges are made of",
    breached: (count) => `${counted(count, "difference", "differences")} not what the pairs come to`,
    sql: () => `
      WITH kept AS MATERIALIZED (SELECT ${DIFFERENCE} FROM difference d WHERE d.entity_id = $1 AND ${OF_MONTH("d.period")} AND ${MATCHED("d")}),
           fresh AS MATERIALIZED (${differencesOf(`${OF_MONTH("p.period")} AND ${MATCHED("p")}`)})
      SELECT order_key, period, 'pair ' || pair_id || ': ' || gross || ' ' || currency || ' minor units' AS detail
        FROM ((SELECT * FROM kept EXCEPT SELECT * FROM fresh) UNION (SELECT * FROM fresh EXCEPT SELECT * FROM kept)) one`,
  },
  {
    name: "difference-sums-kept",
    holds: "what is kept of the differences, by shop, channel, tax code, payment and day, is their sum",
    breached: (count) =>
      `${counted(count, "sum of differences", "sums of differences")} not what they come to`,
    sql: () =>
      apart(
        cells.place,
        cells.sums,
        `SELECT * FROM difference_cell WHERE entity_id = $1 AND ${OF_MONTH("period")}`,
        DIFFERENCE_SUMS,
        `concat_ws(' ', by, key, currency) || ': kept − differences is ' || grosses || ' pairs, ' || gross || ' minor units'`,
      ),
  },
  {
    name: "locked-sums-kept",
    holds: "what is kept of a lock's lines and documents is the sum of what is locked",
    breached: (count) => `${counted(count, "sum of a lock", "sums of locks")} not what is locked`,
    sql: () => `
      WITH kept AS (SELECT * FROM locked_sum WHERE entity_id = $1 AND ${OF_MONTH("month")}),
           fresh AS MATERIALIZED (
             SELECT s.* FROM locked_period p CROSS JOIN LATERAL tieout_locked_sums(p.entity_id, p.month, p.lock_no) s
              WHERE p.entity_id = $1 AND ${OF_MONTH("p.month")})
      SELECT ${NO_GROUP} AS order_key, month AS period, concat_ws(' ', 'lock', lock_no, "of", side, currency) || ': ' || gross || ' minor units' AS detail
        FROM ((SELECT * FROM kept EXCEPT SELECT * FROM fresh) UNION (SELECT * FROM fresh EXCEPT SELECT * FROM kept)) one
      UNION ALL
      SELECT ${NO_GROUP}, month, concat_ws(' ', 'lock', lock_no, 'by VAT', side, currency) || ': ' || coalesce(c.gross, 0) || ' minor units'
        FROM (SELECT month, lock_no, side, currency, count, coalesce(net, 0) AS net, coalesce(tax, 0) AS tax, gross FROM kept WHERE "of" = 'lines') k
        FULL JOIN (
          SELECT month, lock_no, side, currency, sum(lines) AS count, sum(net) AS net, sum(tax) AS tax, sum(gross) AS gross FROM locked_cell
           WHERE entity_id = $1 AND ${OF_MONTH("month")} GROUP BY 1, 2, 3, 4) c USING (month, lock_no, side, currency)
       WHERE (k.count, k.net, k.tax, k.gross) IS DISTINCT FROM (c.count, c.net, c.tax, c.gross)`,
  },
];
