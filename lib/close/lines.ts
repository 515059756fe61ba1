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

/**
 * A page of the lines that count in a period on one side, and the sums of all that are asked for. Without a bucket: the
 * lines that the side's total is the sum of, which leaves out what a rule excludes.
 */
export async function findBookedLines(
  entityIds: readonly string[],
  asked: Readonly<Omit<LinesQuery, "entity"> & { entity: string; period: Month }>,
): Promise<Readonly<{ lines: readonly BookedLine[]; sums: readonly LineSum[]; count: number }>> {
  const from = `FROM line l
    LEFT JOIN pair_line x ON x.order_key = l.order_key AND x.line_id = l.id
    LEFT JOIN pair p ON p.order_key = x.group_key AND p.id = x.pair_id AND p.period = l.period
    WHERE l.entity_id = $2 AND l.entity_id = ANY($1) AND l.period = $3 AND l.side = $4 AND l.in_books
      AND CASE WHEN $5::text IS NULL THEN p.bucket IS DISTINCT FROM 'excluded'
        ELSE coalesce(p.bucket, 'unmatched') = $5 END AND ($6::text IS NULL OR l.currency = $6)`;
  const params = [
    [...entityIds],
    asked.entity,
    asked.period,
    asked.side,
    asked.bucket ?? null,
    asked.currency ?? null,
  ];
  const [lines, sums] = await Promise.all([
    appPool().query<BookedLine>(
      `SELECT listed.*, o.reference AS "order", d.number AS document FROM (
         SELECT l.id, l.order_key AS "orderKey", l.document_id AS "documentId", l.document_kind AS "documentKind", l.day,
           coalesce(l.description, l.sku, l.kind) AS label, trim_scale(l.quantity)::text AS quantity, l.net, l.tax,
           l.gross, l.currency, p.bucket ${from}
         ORDER BY l.day, l.order_key, l.id LIMIT ${LINES_SHOWN} OFFSET $7) listed
       JOIN document d ON d.order_key = listed."orderKey" AND d.id = listed."documentId"
       LEFT JOIN sales_order o ON o.order_key = listed."orderKey"
       ORDER BY listed.day, listed."orderKey", listed.id`,
      [...params, (asked.page - 1) * LINES_SHOWN],
    ),
    appPool().query<LineSum>(
      `SELECT l.currency, count(*)::int AS lines, sum(l.net)::bigint AS net, sum(l.tax)::bigint AS tax,
         sum(l.gross)::bigint AS gross ${from} GROUP BY l.currency ORDER BY l.currency`,
      params,
    ),
  ]);
  return {
    lines: lines.rows,
    sums: sums.rows,
    count: sums.rows.reduce((so, sum) => so + sum.lines, 0),
  };
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
