import type pg from "pg";
import type { Month } from "@/lib/domain/day";

/** Rounding cents that were claimed, and which policies made them ("per unit, half up / once per document and rate, …"). Minor units. */
export type MadeCents = Readonly<{
  period: Month;
  shop: string;
  currency: string;
  policies: string;
  count: number;
  net: bigint;
  tax: bigint;
  gross: bigint;
}>;

/** The rounding causes of an entity, or of one of its months, per month, shop, currency and the policies that made them. */
export async function roundingMade(
  pool: pg.Pool,
  entityId: string,
  period: Month | null,
): Promise<readonly MadeCents[]> {
  const { rows } = await pool.query<Omit<MadeCents, "count"> & { count: bigint }>(
    `SELECT c.period, coalesce(c.shop_id, '') AS shop, c.currency, coalesce(e.signature, '') AS policies,
            count(DISTINCT coalesce(c.exception_id, c.id)) AS count,
            sum(c.net)::bigint AS net, sum(c.tax)::bigint AS tax, sum(c.gross)::bigint AS gross
       FROM cause c LEFT JOIN exception e ON e.order_key = c.order_key AND e.id = c.exception_id
      WHERE c.entity_id = $1 AND c.code = 'rounding' AND ($2::text IS NULL OR c.period = $2)
      GROUP BY 1, 2, 3, 4 ORDER BY 1 DESC, 2, 3, 4`,
    [entityId, period],
  );
  return rows.map((row) => ({ ...row, count: Number(row.count) }));
}
