import "server-only";
import type pg from "pg";
import { appPool } from "@/lib/db/pool";
import type { Day, Month } from "@/lib/domain/day";
import type { Minor } from "@/lib/domain/money";
import { linesAt } from "./lines-at";
import type { LinesQuery } from "./schema";

/** How many lines a page shows. */
export const LINES_SHOWN = 100;

export type BookedLine = Readonly<{
  id: string;
  orderKey: string;
  order: string | null;
  document: string;
  documentKind: string;
  day: Day;
  label: string;
  quantity: string;
  net: Minor | null;
  tax: Minor | null;
  gross: Minor;
  currency: string;
  bucket: string | null;
}>;

export type LineSum = Readonly<{
  currency: string;
  lines: number;
  net: Minor | null;
  tax: Minor | null;
  gross: Minor;
}>;

type Asked = Readonly<Omit<LinesQuery, "entity"> & { entity: string; period: Month }>;

/** Lines of a bucket are fewer than one in so many: then they are found by their pairs, and else on the way through the list. */
const RARE = 50;

const COLUMNS = `l.id, l.order_key, l.document_id, l.document_kind, l.day, l.description, l.sku, l.kind, l.quantity, l.net, l.tax, l.gross,
  l.currency, p.bucket`;
const OF_MONTH =
  "l.entity_id = $2 AND l.entity_id = ANY($1) AND l.period = $3 AND l.side = $4 AND l.in_books AND ($6::text IS NULL OR l.currency = $6)";

// Each with its pair; without a bucket, what a rule excludes is left out.
const LISTED = `FROM line l
  LEFT JOIN pair_line x ON x.order_key = l.order_key AND x.line_id = l.id
  LEFT JOIN pair p ON p.order_key = x.group_key AND p.id = x.pair_id AND p.period = l.period
  WHERE ${OF_MONTH} AND CASE WHEN $5::text IS NULL THEN p.bucket IS DISTINCT FROM 'excluded'
    ELSE coalesce(p.bucket, 'unmatched') = $5 END`;

// The same, looked up line by line: so that a page is read in the order of its index, and no further than it goes.
const IN_ORDER = `FROM line l
  LEFT JOIN LATERAL (
    SELECT p.bucket FROM pair_line x JOIN pair p ON p.order_key = x.group_key AND p.id = x.pair_id AND p.period = l.period
     WHERE x.order_key = l.order_key AND x.line_id = l.id LIMIT 1) p ON true
  WHERE ${OF_MONTH} AND CASE WHEN $5::text IS NULL THEN p.bucket IS DISTINCT FROM 'excluded'
    ELSE coalesce(p.bucket, 'unmatched') = $5 END`;

// By the pairs of a bucket: those of single orders by their order, those of several by their group.
const OF_PAIRS = `FROM (
    SELECT x.order_key, x.line_id, p.bucket FROM pair p
      JOIN pair_line x ON x.order_key = p.order_key AND x.group_key = p.order_key AND x.pair_id = p.id
     WHERE p.entity_id = $2 AND p.period = $3 AND p.bucket = $5
    UNION ALL
    SELECT x.order_key, x.line_id, p.bucket FROM pair p
      JOIN pair_line x ON x.group_key = p.order_key AND x.group_key <> x.order_key AND x.pair_id = p.id
     WHERE p.entity_id = $2 AND p.period = $3 AND p.bucket = $5) p
  JOIN line l ON l.order_key = p.order_key AND l.id = p.line_id WHERE ${OF_MONTH}`;

/**
 * A page of the lines that count in a period on one side, and the sums of all that are asked for. Without a bucket: the
 * lines that the side's total is the sum of, which leaves out what a rule excludes.
 */
export async function findBookedLines(
  entityIds: readonly string[],
  asked: Asked,
): Promise<Readonly<{ lines: readonly BookedLine[]; sums: readonly LineSum[]; count: number }>> {
  const params = [
    [...entityIds],
    asked.entity,
    asked.period,
    asked.side,
    asked.bucket ?? null,
    asked.currency ?? null,
  ];
  const sums = (await keptSums(entityIds, asked)) ?? (await freshSums(params));
  const count = sums.reduce((so, sum) => so + sum.lines, 0);
  const from =
    asked.bucket !== undefined && asked.bucket !== "unmatched" && count * RARE < (await linesOfSide(asked))
      ? OF_PAIRS
      : IN_ORDER;
  const lines =
    count === 0
      ? []
      : (
          await appPool().query<BookedLine>(
            `SELECT one.id, one.order_key AS "orderKey", o.reference AS "order", d.number AS document, one.document_kind AS "documentKind", one.day,
                    coalesce(one.description, one.sku, one.kind) AS label, trim_scale(one.quantity)::text AS quantity, one.net, one.tax, one.gross,
                    one.currency, one.bucket
               FROM (SELECT ${COLUMNS} ${from} ORDER BY l.day, l.order_key, l.id LIMIT ${LINES_SHOWN} OFFSET $7) one
               JOIN document d ON d.order_key = one.order_key AND d.id = one.document_id
               LEFT JOIN sales_order o ON o.order_key = one.order_key
              ORDER BY one.day, one.order_key, one.id`,
            [...params, (asked.page - 1) * LINES_SHOWN],
          )
        ).rows;
  return { lines, sums, count };
}

const freshSums = async (params: readonly unknown[]): Promise<readonly LineSum[]> =>
  (
    await appPool().query<LineSum>(
      `SELECT l.currency, count(*)::int AS lines, sum(l.net)::bigint AS net, sum(l.tax)::bigint AS tax, sum(l.gross)::bigint AS gross
       ${LISTED} GROUP BY l.currency ORDER BY l.currency`,
      [...params],
    )
  ).rows;

/** So many groups that wait for the next reconciliation are looked at one by one. */
const WAITING_MAX = 5000;

/**
 * The sums of a list from the totals that matching keeps. Of groups that changed since, what the totals have of their pairs is taken
 * off and their lines are counted as they are. Null where very many changed, or such as hang together with others; and for lines
 * that are in no bucket.
 */
async function keptSums(entityIds: readonly string[], asked: Asked): Promise<readonly LineSum[] | null> {
  const { side } = asked;
  if (asked.bucket === "unmatched") return null;
  const { rows: waiting } = await appPool().query<{ count: number; several: boolean }>(
    `SELECT count(*)::int AS count, coalesce(bool_or(EXISTS (
              SELECT FROM group_member m WHERE m.order_key = w.order_key OR m.group_key = w.order_key)), false) AS several
       FROM (SELECT order_key FROM dirty_group WHERE entity_id = $1 LIMIT ${WAITING_MAX + 1}) w`,
    [asked.entity],
  );
  if (waiting[0]?.several || (waiting[0]?.count ?? 0) > WAITING_MAX) return null;
  const names = ["lines", "unknown", "net", "tax", "gross"];
  const columns = (sign: string) => names.map((name) => `${sign}coalesce(${side}_${name}, 0)`).join(", ");
  const inBucket = (name: string) =>
    `CASE WHEN $5::text IS NULL THEN ${name} IS DISTINCT FROM 'excluded' ELSE ${name} = $5 END`;
  const { rows } = await appPool().query<LineSum & Readonly<{ unknown: number }>>(
    `WITH waiting AS MATERIALIZED (SELECT order_key FROM dirty_group WHERE entity_id = $2),
     parts (currency, lines, unknown, net, tax, gross) AS (
       SELECT currency, ${columns("")} FROM tally
        WHERE entity_id = $2 AND entity_id = ANY ($1) AND period = $3 AND kind = 'pair' AND ${inBucket("key")}
       UNION ALL
       SELECT p.currency, ${columns("-")} FROM waiting w JOIN pair p USING (order_key)
        WHERE p.entity_id = $2 AND p.entity_id = ANY ($1) AND p.period = $3 AND ${inBucket("p.bucket")}
       UNION ALL
       SELECT l.currency, 1, (l.net IS NULL OR l.tax IS NULL)::int, coalesce(l.net, 0), coalesce(l.tax, 0), l.gross
         FROM waiting w JOIN line l USING (order_key)
         LEFT JOIN pair_line x ON x.order_key = l.order_key AND x.line_id = l.id
         LEFT JOIN pair p ON p.order_key = x.group_key AND p.id = x.pair_id AND p.period = l.period
        WHERE l.entity_id = $2 AND l.entity_id = ANY ($1) AND l.period = $3 AND l.side = $4 AND l.in_books AND ${inBucket("p.bucket")})
     SELECT currency, sum(lines)::int AS lines, sum(unknown)::int AS unknown, sum(net)::bigint AS net, sum(tax)::bigint AS tax,
            sum(gross)::bigint AS gross
       FROM parts WHERE $6::text IS NULL OR currency = $6 GROUP BY 1 HAVING sum(lines) <> 0 ORDER BY 1`,
    [[...entityIds], asked.entity, asked.period, side, asked.bucket ?? null, asked.currency ?? null],
  );
  return rows.map(({ unknown, lines, ...sum }) => ({
    ...sum,
    lines,
    ...(unknown === lines && { net: null, tax: null }),
  }));
}

/** How many lines of the books a side has in a month. */
async function linesOfSide({
  entity,
  period,
  side,
}: Pick<Asked, "entity" | "period" | "side">): Promise<number> {
  const { rows } = await appPool().query<{ lines: number }>(
    "SELECT coalesce(sum(lines), 0)::int AS lines FROM line_cell WHERE entity_id = $1 AND period = $2 AND side = $3",
    [entity, period, side],
  );
  return rows[0]?.lines ?? 0;
}

/**
 * The same as they were held at a moment. In which bucket a line stood is kept group by group and not line by line: so they are all
 * that counted, and their bucket is null.
 */
export async function findBookedLinesAt(
  pool: pg.Pool,
  asked: Readonly<
    Pick<LinesQuery, "side" | "currency" | "page"> & { entity: string; period: Month; at: Date }
  >,
): Promise<Readonly<{ lines: readonly BookedLine[]; sums: readonly LineSum[]; count: number }>> {
  const from = `FROM booked b WHERE b.side = $4 AND ($5::text IS NULL OR b.currency = $5)`;
  const params = [asked.entity, asked.period, asked.at, asked.side, asked.currency ?? null];
  const [lines, sums] = await Promise.all([
    pool.query<BookedLine>(
      `WITH ${linesAt("$3")}
       SELECT b.id, b.order_key AS "orderKey", b.reference AS "order", b.number AS document, b.document_kind AS "documentKind", b.day, b.label,
              trim_scale(b.quantity)::text AS quantity, b.net, b.tax, b.gross, b.currency, NULL::text AS bucket ${from}
        ORDER BY b.day, b.order_key, b.id LIMIT ${LINES_SHOWN} OFFSET $6`,
      [...params, (asked.page - 1) * LINES_SHOWN],
    ),
    pool.query<LineSum>(
      `WITH ${linesAt("$3")}
       SELECT b.currency, count(*)::int AS lines, sum(b.net)::bigint AS net, sum(b.tax)::bigint AS tax, sum(b.gross)::bigint AS gross ${from}
        GROUP BY 1 ORDER BY 1`,
      params,
    ),
  ]);
  return {
    lines: lines.rows,
    sums: sums.rows,
    count: sums.rows.reduce((so, sum) => so + sum.lines, 0),
  };
}
