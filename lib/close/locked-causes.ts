import type pg from "pg";
import type { Month } from "@/lib/domain/day";
import type { Minor } from "@/lib/domain/money";
import { ALL_LOCKS, LOCKED_SHOWN, newest, pattern } from "./locked";
import type { LockedQuery } from "./schema";

/** What a cause of a bucket comes to under a lock: SCAYLE − ERP, minor units. */
export type LockedCauseSum = Readonly<{
  code: string;
  bucket: string;
  currency: string;
  /** subjects, as the live bridge counts them: one may stand in several pairs */
  count: number;
  net: Minor;
  tax: Minor;
  gross: Minor;
}>;

/** What was found of one subject when the month was locked; SCAYLE − ERP, minor units. */
export type LockedCause = Readonly<{
  id: string;
  orderKey: string;
  order: string | null;
  code: string;
  bucket: string;
  /** what its pair is of, and what kind of thing that is; null where it is of no pair */
  what: string | null;
  kind: string | null;
  currency: string;
  net: Minor;
  tax: Minor;
  gross: Minor;
  lockNo: number;
}>;

/** A pair as it was locked; gross amounts of both sides, minor units. */
export type LockedPair = Readonly<{
  id: string;
  orderKey: string;
  order: string | null;
  documentKind: string;
  kind: string;
  item: string;
  bucket: string;
  currency: string;
  scayleGross: Minor;
  erpGross: Minor;
  lockNo: number;
}>;

type Asked = Pick<LockedQuery, "q" | "cause" | "page">;

const CAUSES = `FROM locked_cause l
   LEFT JOIN locked_pair r ON r.order_key = l.order_key AND r.entity_id = l.entity_id AND r.month = l.month AND r.lock_no = l.lock_no
     AND r.id = l.pair_id
   LEFT JOIN sales_order o ON o.order_key = l.order_key
  WHERE l.entity_id = $1 AND l.month = $2 AND ($3::text IS NULL OR o.reference ILIKE $3 OR r.item_key ILIKE $3)
    AND ($4::text IS NULL OR l.code = $4) AND ${newest("l")}`;

/**
 * A page of the causes of a closed month as they were locked, the largest first, and what each cause of each bucket comes to: of
 * all, whatever is listed. SCAYLE's locked total less their sum is the ERP's. `lockNo`: as they were under that lock.
 */
export async function findLockedCauses(
  pool: pg.Pool,
  entityId: string,
  month: Month,
  { q, cause, page }: Asked,
  lockNo = ALL_LOCKS,
): Promise<Readonly<{ rows: readonly LockedCause[]; count: number; sums: readonly LockedCauseSum[] }>> {
  const params = [entityId, month, pattern(q), cause ?? null, lockNo];
  const [rows, counted, sums] = await Promise.all([
    pool.query<LockedCause>(
      `SELECT l.id, l.order_key AS "orderKey", o.reference AS "order", l.code, l.bucket, r.item_key AS what, r.kind, l.currency, l.net, l.tax,
              l.gross, l.lock_no AS "lockNo" ${CAUSES}
        ORDER BY greatest(abs(l.gross), abs(l.tax)) DESC, l.order_key, l.id LIMIT ${LOCKED_SHOWN} OFFSET $6`,
      [...params, (page - 1) * LOCKED_SHOWN],
    ),
    pool.query<{ count: number }>(`SELECT count(*)::int AS count ${CAUSES}`, params),
    pool.query<LockedCauseSum>(
      `SELECT l.code, l.bucket, l.currency, count(DISTINCT coalesce(l.exception_id, l.id))::int AS count, sum(l.net)::bigint AS net, sum(l.tax)::bigint AS tax,
              sum(l.gross)::bigint AS gross ${CAUSES}
        GROUP BY 1, 2, 3 ORDER BY l.currency, abs(sum(l.gross)) DESC, l.code, l.bucket`,
      [entityId, month, null, null, lockNo],
    ),
  ]);
  return { rows: rows.rows, count: counted.rows[0]?.count ?? 0, sums: sums.rows };
}

const PAIRS = `FROM locked_pair l LEFT JOIN sales_order o ON o.order_key = l.order_key
  WHERE l.entity_id = $1 AND l.month = $2 AND l.bucket <> 'excluded' AND ($3::text IS NULL OR o.reference ILIKE $3 OR l.item_key ILIKE $3)
    AND ($4::text IS NULL OR EXISTS (
      SELECT FROM locked_cause c WHERE c.order_key = l.order_key AND c.entity_id = l.entity_id AND c.month = l.month
         AND c.lock_no = l.lock_no AND c.pair_id = l.id AND c.code = $4)) AND ${newest("l")}`;

/** A page of the pairs of a closed month as they were locked, those that differ most first. `lockNo`: as they were under that lock. */
export async function findLockedPairs(
  pool: pg.Pool,
  entityId: string,
  month: Month,
  { q, cause, page }: Asked,
  lockNo = ALL_LOCKS,
): Promise<Readonly<{ rows: readonly LockedPair[]; count: number }>> {
  const params = [entityId, month, pattern(q), cause ?? null, lockNo];
  const [rows, counted] = await Promise.all([
    pool.query<LockedPair>(
      `SELECT l.id, l.order_key AS "orderKey", o.reference AS "order", l.document_kind AS "documentKind", l.kind, l.item_key AS item,
              l.bucket, l.currency, l.scayle_gross AS "scayleGross", l.erp_gross AS "erpGross", l.lock_no AS "lockNo" ${PAIRS}
        ORDER BY abs(l.scayle_gross - l.erp_gross) DESC, l.order_key, l.id LIMIT ${LOCKED_SHOWN} OFFSET $6`,
      [...params, (page - 1) * LOCKED_SHOWN],
    ),
    pool.query<{ count: number }>(`SELECT count(*)::int AS count ${PAIRS}`, params),
  ]);
  return { rows: rows.rows, count: counted.rows[0]?.count ?? 0 };
}
