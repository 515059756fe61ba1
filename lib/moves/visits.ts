import "server-only";
import type pg from "pg";
import { appPool } from "@/lib/db/pool";
import type { Month } from "@/lib/domain/day";

/** Who comes back within this time goes on with the same visit. */
const VISIT_GAP_MINUTES = 30;

/** The figures that a person saw when they last looked at a month, and when that was. */
export type LastVisit = Readonly<{ seenAt: Date; figuresAt: Date }>;

/**
 * Notes that a person looks at the figures of a month. `figuresAt` is the moment of those they see.
 * Returns the visit before this one; null for the first. It concerns nobody else and changes nothing of the books, so it is
 * in no audit trail.
 */
export async function noteVisit(
  visit: Readonly<{ userId: string; entityId: string; period: Month; figuresAt: Date; now: Date }>,
  pool: pg.Pool = appPool(),
): Promise<LastVisit | null> {
  const { rows } = await pool.query<{ seenAt: Date | null; figuresAt: Date | null }>(
    `INSERT INTO close_visit AS v (user_id, entity_id, period, seen_at, figures_at) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (user_id, entity_id, period) DO UPDATE SET
       before_seen_at = CASE WHEN excluded.seen_at - v.seen_at > $6::interval THEN v.seen_at ELSE v.before_seen_at END,
       before_at = CASE WHEN excluded.seen_at - v.seen_at > $6::interval THEN v.figures_at ELSE v.before_at END,
       seen_at = excluded.seen_at, figures_at = excluded.figures_at
     RETURNING before_seen_at AS "seenAt", before_at AS "figuresAt"`,
    [visit.userId, visit.entityId, visit.period, visit.now, visit.figuresAt, `${VISIT_GAP_MINUTES} minutes`],
  );
  const [row] = rows;
  return row?.seenAt && row.figuresAt ? { seenAt: row.seenAt, figuresAt: row.figuresAt } : null;
}

/** The visit before the one that goes on, without noting anything. */
export async function findLastVisit(
  userId: string,
  entityId: string,
  period: Month,
): Promise<LastVisit | null> {
  const { rows } = await appPool().query<LastVisit>(
    `SELECT before_seen_at AS "seenAt", before_at AS "figuresAt" FROM close_visit
      WHERE user_id = $1 AND entity_id = $2 AND period = $3 AND before_at IS NOT NULL`,
    [userId, entityId, period],
  );
  return rows[0] ?? null;
}
