import type pg from "pg";
import { inTransaction } from "@/lib/db/pool";
import { addResolveJob, loadAttempts } from "./attempts";
import type { Subject } from "./context";
import { settle } from "./run";

/** An attempt that nobody has touched for so long has lost its job: it gets another. */
const LOST_MILLISECONDS = 15 * 60_000;

/**
 * Looks after the attempts of an entity: what was instructed and is there by now ends as proved, what waits for a second person
 * and is not needed any more as withdrawn, and what lost its job gets another one. To be called when the entity was reconciled, and by the clock.
 */
export async function watchResolutions(pool: pg.Pool, entityId: string, now: () => Date): Promise<void> {
  const settled = await pool.query<Subject>(
    `SELECT a.order_key AS "orderKey", a.id FROM resolution_attempt a
       JOIN exception e ON e.order_key = a.order_key AND e.id = a.exception_id
      WHERE a.entity_id = $1 AND a.state IN ('instructed', 'asked') AND a.ended_at IS NULL AND e.state IN ('resolved', 'explained', 'accepted')`,
    [entityId],
  );
  for (const attempt of await loadAttempts(pool, settled.rows)) await settle(attempt, { pool, now });
  const at = now();
  const lost = await pool.query<Subject & { batchId: string | null }>(
    `SELECT order_key AS "orderKey", id, batch_id AS "batchId" FROM resolution_attempt a
      WHERE entity_id = $1 AND ended_at IS NULL AND state IN ('claimed', 'writing', 'reading-back', 'waiting')
        AND greatest(touched_at, next_at) < $2
        AND NOT EXISTS (SELECT FROM resolution_batch b WHERE b.id = a.batch_id AND b.state IN ('asked', 'running', 'stopped'))`,
    [entityId, new Date(at.getTime() - LOST_MILLISECONDS)],
  );
  if (lost.rows.length === 0) return;
  await inTransaction(pool, async (client) => {
    for (const attempt of lost.rows) await addResolveJob(client, attempt);
  });
}
