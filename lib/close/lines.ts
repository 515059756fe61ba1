import "server-only";
import { appPool } from "@/lib/db/pool";
import type { Day, Month } from "@/lib/domain/day";
import type { Minor } from "@/lib/domain/money";
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
