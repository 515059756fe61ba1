import "server-only";
import type pg from "pg";
import { appPool } from "@/lib/db/pool";
import type { Month } from "@/lib/domain/day";

/** A month that somebody is about to close, and asks others to leave as it is. */
export type SoftClosed = Readonly<{ month: Month; by: string }>;

/**
 * Which months of an entity are about to be closed: all of them, those named, or those in which an order counts. What is done to
 * them moves figures that are being signed.
 */
export async function loadSoftClosed(
  entityId: string,
  of: Readonly<{ months?: readonly Month[]; orderKey?: string }> = {},
  pool: pg.Pool = appPool(),
): Promise<readonly SoftClosed[]> {
  const { rows } = await pool.query<SoftClosed>(
    `SELECT p.month, p.soft_closed_by AS by FROM period p
      WHERE p.entity_id = $1 AND p.state = 'open' AND p.soft_closed_at IS NOT NULL
        AND ($2::text[] IS NULL OR p.month = ANY ($2))
        AND ($3::uuid IS NULL OR EXISTS (SELECT FROM line l WHERE l.order_key = $3 AND l.entity_id = $1 AND l.period = p.month)
             OR EXISTS (SELECT FROM pair r WHERE r.order_key = $3 AND r.entity_id = $1 AND r.period = p.month))
      ORDER BY p.month`,
    [entityId, of.months ? [...of.months] : null, of.orderKey ?? null],
  );
  return rows;
}

/** Which of some months of an entity are closed: what is done to them changes no figure that is locked. */
export async function loadClosedMonths(
  entityId: string,
  months: readonly Month[],
  pool: pg.Pool = appPool(),
): Promise<readonly Month[]> {
  const { rows } = await pool.query<{ month: Month }>(
    "SELECT month FROM period WHERE entity_id = $1 AND state = 'closed' AND month = ANY ($2::text[]) ORDER BY month",
    [entityId, [...months]],
  );
  return rows.map((row) => row.month);
}
