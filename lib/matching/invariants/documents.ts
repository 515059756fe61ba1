import { counted, type Invariant } from "./contract";

const SUMS = ["lines", "unknown", "net", "tax", "gross", "control"] as const;
const columns = (alias: string): string =>
  SUMS.map((name) => `${alias}.${name === "lines" ? "line_count" : name}`).join(", ");

/** The hash that lib/domain/control makes of a line's place and amounts. */
export const LINE_CONTROL = `hashtextextended(concat_ws(chr(31), l.document_id::text, l.source_line_id,
  (l.day - date '2000-01-01')::text, l.currency, coalesce(l.net::text, '?'), coalesce(l.tax::text, '?'), l.gross::text), 0)`;

const LINE_SUMS = `count(*)::int AS lines, count(*) FILTER (WHERE l.net IS NULL OR l.tax IS NULL)::int AS unknown,
  coalesce(sum(l.net), 0)::bigint AS net, coalesce(sum(l.tax), 0)::bigint AS tax, sum(l.gross)::bigint AS gross,
  tieout_mod64(sum(${LINE_CONTROL})) AS control`;

const month = (day: string): string => `to_char(${day}, 'YYYY-MM')`;

export const documentInvariants: readonly Invariant[] = [
  {
    name: "lines-as-documented",
    holds: "every document has exactly the lines that its current version was stored with",
    breached: (count) =>
      `${counted(count, "document", "documents")} not what was stored: lines are missing, surplus or changed`,
    sql: (within) => `
      SELECT coalesce(d.order_key, l.order_key) AS order_key, coalesce(l.period, ${month("d.posting_day")}, ${month("d.seen_at")}) AS period,
             concat_ws(' ', coalesce(d.side, l.side), coalesce(d.kind, l.kind), coalesce(d.number, l.document_id::text)) || ': ' || CASE
               WHEN d.id IS NULL THEN l.lines || ' lines without their document'
               WHEN d.control IS NULL THEN 'stored without a control'
               WHEN l.document_id IS NULL OR l.lines < d.line_count THEN (d.line_count - coalesce(l.lines, 0)) || ' of ' || d.line_count || ' lines are missing'
               WHEN l.lines > d.line_count THEN (l.lines - d.line_count) || ' lines are surplus'
               WHEN l.gross <> d.gross THEN 'its lines come to ' || l.gross || ' instead of ' || d.gross || ' minor units'
               ELSE 'its lines are not those it was stored with' END AS detail
        FROM (SELECT * FROM document d WHERE d.entity_id = $1 AND ${within("d")}) d
        FULL JOIN (SELECT l.order_key, l.document_id, min(l.period) AS period, min(l.side) AS side, min(l.document_kind) AS kind, ${LINE_SUMS}
                     FROM line l WHERE l.entity_id = $1 AND ${within("l")} GROUP BY l.order_key, l.document_id) l
          ON l.order_key = d.order_key AND l.document_id = d.id
       WHERE (${columns("d")}) IS DISTINCT FROM (${SUMS.map((name) => (name === "control" ? "l.control" : `coalesce(l.${name}, 0)`)).join(", ")})
         AND NOT (l.document_id IS NULL AND d.line_count = 0)`,
  },
  {
    name: "lines-of-their-document",
    holds: "every line has its document's currency, kind and side, and counts in the books when it is posted",
    breached: (count) =>
      `${counted(count, "line", "lines")} of another kind, currency or state than its document`,
    sql: (within) => `
      SELECT l.order_key, l.period, concat_ws(' ', d.side, d.kind, d.number) || ': line ' || l.source_line_id AS detail
        FROM line l JOIN document d ON d.order_key = l.order_key AND d.id = l.document_id
       WHERE l.entity_id = $1 AND ${within("l")}
         AND ((l.currency, l.document_kind, l.side, l.in_books) IS DISTINCT FROM (d.currency, d.kind, d.side, d.posted)
              OR l.period IS DISTINCT FROM ${month("l.day")})`,
  },
  {
    name: "amounts-foot",
    holds: "net and tax make gross wherever both are known",
    breached: (count) => `${counted(count, "line", "lines")} of which net and tax don't make gross`,
    sql: (within) => `
      SELECT l.order_key, l.period, concat_ws(' ', 'line', l.source_line_id) AS detail
        FROM line l WHERE l.entity_id = $1 AND ${within("l")} AND l.net + l.tax <> l.gross`,
  },
  {
    name: "newest-version-holds",
    holds: "every document is the newest version kept of it",
    breached: (count) => `${counted(count, "document", "documents")} not the newest version kept`,
    sql: (within) => `
      SELECT d.order_key, coalesce(${month("d.posting_day")}, ${month("d.seen_at")}) AS period,
             concat_ws(' ', d.side, d.kind, d.number) || ': ' || CASE WHEN v.version IS NULL THEN 'version ' || d.version || ' is not kept'
               WHEN v.version > d.version THEN 'version ' || v.version || ' is newer'
               ELSE 'version ' || v.version || ' says otherwise' END AS detail
        FROM document d
        LEFT JOIN document_version v ON v.order_key = d.order_key AND v.document_id = d.id AND v.version >= d.version
       WHERE d.entity_id = $1 AND ${within("d")}
         AND (d.version, ${columns("d")}, d.figures, d.content_hash) IS DISTINCT FROM (v.version, ${columns("v")}, v.figures, v.content_hash)`,
  },
  {
    name: "versions-unchanged",
    holds: "the newest version of every document says what it said when it was stored",
    breached: (count) => `${counted(count, "version", "versions")} not what was stored`,
    deep: true,
    sql: (within) => `
      SELECT d.order_key, coalesce(${month("d.posting_day")}, ${month("d.seen_at")}) AS period,
             concat_ws(' ', d.side, d.kind, d.number) || ': the stored version comes to ' || coalesce(c.gross, 0) || ' instead of '
               || coalesce(v.gross::text, 'an unknown sum of') || ' minor units' AS detail
        FROM document d
        JOIN document_version v ON v.order_key = d.order_key AND v.document_id = d.id AND v.version = d.version
       CROSS JOIN LATERAL (
         SELECT ${LINE_SUMS} FROM (
           SELECT d.id AS document_id, d.currency, (x.value->>'day')::date AS day, (x.value->>'net')::bigint AS net,
                  (x.value->>'tax')::bigint AS tax, (x.value->>'gross')::bigint AS gross,
                  (x.value->>'sourceLineId') || CASE WHEN row_number() OVER turn = 1 THEN '' ELSE ' #' || row_number() OVER turn END AS source_line_id
             FROM jsonb_array_elements(v.content->'lines') WITH ORDINALITY AS x(value, place)
           WINDOW turn AS (PARTITION BY x.value->>'sourceLineId' ORDER BY x.place)) l) c
       WHERE d.entity_id = $1 AND ${within("d")}
         AND (${columns("v")}) IS DISTINCT FROM (c.lines, c.unknown, c.net, c.tax, coalesce(c.gross, 0), coalesce(c.control, 0))`,
  },
];
