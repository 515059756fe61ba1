import type pg from "pg";
import type { Day, Month } from "@/lib/domain/day";
import type { Minor } from "@/lib/domain/money";
import type { LockedQuery } from "./schema";

/** How many locked rows a page shows. */
export const LOCKED_SHOWN = 25;

/** A line as it was locked; amounts in minor units. */
export type LockedLine = Readonly<{
  id: string;
  orderKey: string;
  order: string | null;
  document: string;
  documentKind: string;
  day: Day;
  sku: string | null;
  /** what it is where it is no item: shipping, a fee */
  kind: string;
  quantity: string;
  net: Minor | null;
  tax: Minor | null;
  gross: Minor;
  taxCode: string | null;
  currency: string;
  bucket: string | null;
  lockNo: number;
}>;

/** A document as it was locked: which version, and what of it counted in the month. */
export type LockedDocument = Readonly<{
  id: string;
  orderKey: string;
  order: string | null;
  number: string;
  kind: string;
  reference: string | null;
  postingDay: Day | null;
  version: number;
  contentHash: string;
  lines: number;
  net: Minor | null;
  tax: Minor | null;
  gross: Minor;
  currency: string;
  lockNo: number;
}>;

/** What of a side is locked, in one currency. */
export type LockedSum = Readonly<{
  currency: string;
  count: number;
  net: Minor | null;
  tax: Minor | null;
  gross: Minor;
}>;

/** Above the number of any lock: all of them. */
export const ALL_LOCKS = 2_147_483_647;

/**
 * Of a group the newest lock that holds it counts, up to $5: looked up row by row, so that a page needs no look at the whole month.
 * What an order is called may have changed since: it is a name, and no figure.
 */
export const newest = (row: "l" | "d"): string => `${row}.lock_no <= $5::int AND NOT EXISTS (
    SELECT FROM locked_group g WHERE g.order_key = ${row}.order_key AND g.entity_id = $1 AND g.month = $2 AND g.lock_no > ${row}.lock_no
       AND g.lock_no <= $5::int)`;

/** The newest lock of a month that there was at a moment; 0: none. */
export async function lockAt(pool: pg.Pool, entityId: string, month: Month, at: Date): Promise<number> {
  const { rows } = await pool.query<{ lockNo: number }>(
    `SELECT coalesce(max(lock_no), 0) AS "lockNo" FROM locked_period WHERE entity_id = $1 AND month = $2 AND locked_at <= $3`,
    [entityId, month, at],
  );
  return rows[0]?.lockNo ?? 0;
}

/** A search in words as a pattern; null: all. */
export const pattern = (q: string): string | null =>
  q === "" ? null : `%${q.replace(/[\\%_]/g, (sign) => `\\${sign}`)}%`;

/** What all lines or documents of a side come to, as it was summed when the lock was made; null where it is asked for by words. */
async function keptSums(
  pool: pg.Pool,
  [entityId, month, side, words, lockNo]: readonly unknown[],
  of: "lines" | "documents",
): Promise<readonly LockedSum[] | null> {
  if (words !== null) return null;
  const { rows } = await pool.query<LockedSum>(
    `SELECT currency, count::int AS count, net, tax, gross FROM locked_sum
      WHERE entity_id = $1 AND month = $2 AND side = $3 AND of = $5
        AND lock_no = (SELECT max(lock_no) FROM locked_period WHERE entity_id = $1 AND month = $2 AND lock_no <= $4::int) ORDER BY currency`,
    [entityId, month, side, lockNo, of],
  );
  return rows;
}

const linesOf = (lines: string): string => `FROM ${lines} l
   JOIN locked_document d ON d.order_key = l.order_key AND d.entity_id = l.entity_id AND d.month = l.month AND d.lock_no = l.lock_no
     AND d.id = l.document_id
   LEFT JOIN sales_order o ON o.order_key = l.order_key
  WHERE l.entity_id = $1 AND l.month = $2 AND l.side = $3 AND l.bucket IS DISTINCT FROM 'excluded' AND ${newest("l")}
    AND ($4::text IS NULL OR o.reference ILIKE $4 OR d.number ILIKE $4 OR d.reference ILIKE $4 OR l.sku ILIKE $4 OR l.tax_code ILIKE $4)`;
const LINES = linesOf("locked_line");
// Where nothing is searched for, a page is read off the index before anything is looked up for its lines.
const PAGE_OF_LINES = linesOf(`(
    SELECT l.* FROM locked_line l WHERE l.entity_id = $1 AND l.month = $2 AND l.side = $3 AND l.bucket IS DISTINCT FROM 'excluded' AND ${newest("l")}
     ORDER BY l.day, l.order_key, l.id LIMIT ${LOCKED_SHOWN} OFFSET $6)`);

/** A page of the lines that a closed month's locked totals are the sum of, found by words, with the sums of all of them. `lockNo`: as they were under that lock. */
export async function findLockedLines(
  pool: pg.Pool,
  entityId: string,
  month: Month,
  { side, q, page }: Pick<LockedQuery, "side" | "q" | "page">,
  lockNo = ALL_LOCKS,
): Promise<Readonly<{ rows: readonly LockedLine[]; sums: readonly LockedSum[] }>> {
  const params = [entityId, month, side, pattern(q), lockNo];
  const [rows, sums] = await Promise.all([
    pool.query<LockedLine>(
      `SELECT l.id, l.order_key AS "orderKey", o.reference AS "order", d.number AS document, l.document_kind AS "documentKind", l.day,
              l.sku, l.kind, trim_scale(l.quantity)::text AS quantity, l.net, l.tax, l.gross, l.tax_code AS "taxCode",
              l.currency, l.bucket, l.lock_no AS "lockNo" ${q === "" ? PAGE_OF_LINES : LINES}
        ORDER BY l.day, l.order_key, l.id ${q === "" ? "" : `LIMIT ${LOCKED_SHOWN} OFFSET $6`}`,
      [...params, (page - 1) * LOCKED_SHOWN],
    ),
    keptSums(pool, params, "lines").then(
      async (kept) =>
        kept ??
        (
          await pool.query<LockedSum>(
            `SELECT l.currency, count(*)::int AS count, sum(l.net)::bigint AS net, sum(l.tax)::bigint AS tax, sum(l.gross)::bigint AS gross ${LINES}
        GROUP BY 1 ORDER BY 1`,
            params,
          )
        ).rows,
    ),
  ]);
  return { rows: rows.rows, sums };
}

const DOCUMENTS = `FROM locked_document d
   JOIN LATERAL (
     SELECT count(*)::int AS lines, sum(l.net)::bigint AS net, sum(l.tax)::bigint AS tax, coalesce(sum(l.gross), 0)::bigint AS gross
       FROM locked_line l
      WHERE l.order_key = d.order_key AND l.entity_id = d.entity_id AND l.month = d.month AND l.lock_no = d.lock_no AND l.document_id = d.id
        AND l.bucket IS DISTINCT FROM 'excluded') s ON true
   LEFT JOIN sales_order o ON o.order_key = d.order_key
  WHERE d.entity_id = $1 AND d.month = $2 AND d.side = $3 AND ${newest("d")}
    AND ($4::text IS NULL OR o.reference ILIKE $4 OR d.number ILIKE $4 OR d.reference ILIKE $4)`;

/** A page of the documents of a closed month as they were locked, found by words, with the sums of all of them. `lockNo`: as under that lock. */
export async function findLockedDocuments(
  pool: pg.Pool,
  entityId: string,
  month: Month,
  { side, q, page }: Pick<LockedQuery, "side" | "q" | "page">,
  lockNo = ALL_LOCKS,
): Promise<Readonly<{ rows: readonly LockedDocument[]; sums: readonly LockedSum[] }>> {
  const params = [entityId, month, side, pattern(q), lockNo];
  const [rows, sums] = await Promise.all([
    pool.query<LockedDocument>(
      `SELECT d.id, d.order_key AS "orderKey", o.reference AS "order", d.number, d.kind, d.reference, d.posting_day AS "postingDay",
              d.version, d.content_hash AS "contentHash", s.lines, s.net, s.tax, s.gross, d.currency, d.lock_no AS "lockNo" ${DOCUMENTS}
        ORDER BY d.posting_day NULLS LAST, d.number, d.id LIMIT ${LOCKED_SHOWN} OFFSET $6`,
      [...params, (page - 1) * LOCKED_SHOWN],
    ),
    keptSums(pool, params, "documents").then(
      async (kept) =>
        kept ??
        (
          await pool.query<LockedSum>(
            `SELECT d.currency, count(*)::int AS count, sum(s.net)::bigint AS net, sum(s.tax)::bigint AS tax, sum(s.gross)::bigint AS gross ${DOCUMENTS}
        GROUP BY 1 ORDER BY 1`,
            params,
          )
        ).rows,
    ),
  ]);
  return { rows: rows.rows, sums };
}
