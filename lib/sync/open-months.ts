import type pg from "pg";
import type { Month } from "@/lib/domain/day";

/** So many months are looked at again each night: reading them takes of the source's limit. */
const MONTHS_MOST = 3;

/**
 * The months of an entity that are not closed and of which something was read, newest first, at most three: what moves in
 * older ones is found by a back-fill, and by the proof.
 */
export async function openMonths(
  pool: pg.Pool,
  entityId: string,
  most = MONTHS_MOST,
): Promise<readonly Month[]> {
  const { rows } = await pool.query<{ month: Month }>(
    `SELECT month FROM (SELECT DISTINCT to_char(day, 'YYYY-MM') AS month FROM fetch_control
        WHERE entity_id = $1 AND day > (SELECT max(day) FROM fetch_control WHERE entity_id = $1) - 190) AS m
      WHERE NOT EXISTS (SELECT FROM period p WHERE p.entity_id = $1 AND p.month = m.month AND p.state = 'closed')
      ORDER BY month DESC LIMIT $2`,
    [entityId, most],
  );
  return rows.map((row) => row.month);
}
