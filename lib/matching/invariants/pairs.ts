import { counted, type Invariant } from "./contract";

const side = (name: string): string => `
  count(*) FILTER (WHERE l.side = '${name}')::int AS ${name}_lines,
  count(*) FILTER (WHERE l.side = '${name}' AND (l.net IS NULL OR l.tax IS NULL))::int AS ${name}_unknown,
  coalesce(sum(l.net) FILTER (WHERE l.side = '${name}'), 0)::bigint AS ${name}_net,
  coalesce(sum(l.tax) FILTER (WHERE l.side = '${name}'), 0)::bigint AS ${name}_tax,
  coalesce(sum(l.gross) FILTER (WHERE l.side = '${name}'), 0)::bigint AS ${name}_gross`;
const SUMS = ["lines", "unknown", "net", "tax", "gross"].flatMap((name) => [`scayle_${name}`, `erp_${name}`]);

// A line that covers several orders is paired under another key than its own; its pair is found by that one.
export const pairInvariants: readonly Invariant[] = [
  {
    name: "one-bucket",
    holds: "every line of both sides is in exactly one bucket",
    breached: (count) => `${counted(count, "line", "lines")} in no bucket`,
    sql: (within) => `
      SELECT l.order_key, l.period, concat_ws(' ', l.side, l.document_kind, 'line', l.source_line_id, l.gross, l.currency, 'minor units') AS detail
        FROM line l
        LEFT JOIN pair_line x ON x.order_key = l.order_key AND x.line_id = l.id
        LEFT JOIN pair p ON p.order_key = x.group_key AND p.id = x.pair_id AND p.period = l.period
       WHERE l.entity_id = $1 AND ${within("l")} AND l.in_books AND p.id IS NULL`,
  },
  {
    name: "pairs-of-lines",
    holds: "nothing is paired that is not a line of the books",
    breached: (count) => `${counted(count, "paired line", "paired lines")} not in the books`,
    sql: (within) => `
      SELECT x.order_key, p.period, 'line ' || x.line_id || ' of pair ' || x.pair_id AS detail
        FROM pair_line x JOIN pair p ON p.order_key = x.group_key AND p.id = x.pair_id
       WHERE p.entity_id = $1 AND ${within("x")}
         AND NOT EXISTS (SELECT FROM line l WHERE l.order_key = x.order_key AND l.id = x.line_id AND l.in_books)`,
  },
  {
    name: "pairs-add-up",
    holds: "every pair is, period by period and side by side, the sum of its lines",
    breached: (count) =>
      `${counted(count, "pair", "pairs")} not the sum of ${count === 1 ? "its" : "their"} lines`,
    sql: (within) => `
      SELECT coalesce(p.order_key, s.group_key) AS order_key, coalesce(p.period, s.period) AS period,
             'pair ' || coalesce(p.id, s.pair_id) || ': ' || CASE WHEN p.id IS NULL THEN 'lines without the pair'
               WHEN s.pair_id IS NULL THEN 'no lines'
               ELSE 'SCAYLE ' || p.scayle_gross || ' of lines ' || s.scayle_gross || ', ERP ' || p.erp_gross || ' of lines ' || s.erp_gross END AS detail
        FROM (SELECT * FROM pair p WHERE p.entity_id = $1 AND ${within("p")}) p
        FULL JOIN (SELECT x.group_key, x.pair_id, l.period, ${side("scayle")}, ${side("erp")}
                     FROM (SELECT order_key, line_id, pair_id, group_key FROM pair_line g WHERE g.group_key = g.order_key AND ${within("g")}
                           UNION ALL SELECT order_key, line_id, pair_id, group_key FROM pair_line o
                            WHERE o.group_key <> o.order_key AND ${within("o").replace("o.order_key", "o.group_key")}) x
                     JOIN line l ON l.order_key = x.order_key AND l.id = x.line_id
                    WHERE l.entity_id = $1
                    GROUP BY x.group_key, x.pair_id, l.period) s
          ON s.group_key = p.order_key AND s.pair_id = p.id AND s.period = p.period
       WHERE (${SUMS.map((name) => `p.${name}`).join(", ")}) IS DISTINCT FROM (${SUMS.map((name) => `s.${name}`).join(", ")})`,
  },
];
