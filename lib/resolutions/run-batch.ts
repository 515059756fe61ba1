import type pg from "pg";
import { claimPool, whileLocked } from "@/lib/db/pool";
import { keepActual } from "./batch-effect";
import type { Subject } from "./context";
import { type RunnerContext, runResolutions } from "./run";

/** Attempts worked on together: they are read back in one go, and a stop is soon obeyed. */
const TOGETHER = 20;

/**
 * Works through a batch: some attempts at a time, each with its own claim, until all have been sent and read back, or
 * somebody stops it. What has to be waited for is looked at by jobs of its own. A batch that another process is at, or that
 * has ended, is left alone. Twice is once.
 */
export async function runBatch(batchId: string, context: RunnerContext): Promise<void> {
  await whileLocked(claimPool(), `resolution-batch:${batchId}`, () => work(batchId, context));
}

async function work(batchId: string, context: RunnerContext): Promise<void> {
  const { pool, now } = context;
  const begun = new Set<string>();
  for (;;) {
    context.signal?.throwIfAborted();
    const { rows } = await pool.query<{ entityId: string; state: string; isStopping: boolean }>(
      `SELECT entity_id AS "entityId", state, stop_asked_at IS NOT NULL AS "isStopping" FROM resolution_batch WHERE id = $1`,
      [batchId],
    );
    const [batch] = rows;
    if (batch?.state !== "running") return;
    const next = await nextOf(pool, batchId, batch.isStopping, [...begun], now());
    if (next.length === 0) {
      await pool.query(
        "UPDATE resolution_batch SET state = $2, ended_at = $3 WHERE id = $1 AND state = 'running'",
        [batchId, batch.isStopping ? "stopped" : "done", now()],
      );
      await keepActual(pool, batchId, now());
      return;
    }
    // One that another worker has, or that waits, is not taken again and again.
    for (const { id } of next) begun.add(id);
    await runResolutions(batch.entityId, next, { ...context, isStopping: () => isStopping(pool, batchId) });
  }
}

/** Whether somebody has asked that it stops: what is not sent by then is left. */
async function isStopping(pool: pg.Pool, batchId: string): Promise<boolean> {
  const { rows } = await pool.query<{ asked: boolean }>(
    "SELECT stop_asked_at IS NOT NULL AS asked FROM resolution_batch WHERE id = $1",
    [batchId],
  );
  return rows[0]?.asked ?? false;
}

/**
 * What is next: those that were begun, and unless it is to stop, those that were not. Of several of one order one at a time, in
 * the order of their exceptions: what the first does to the order's books is read before the next is sent, as it was predicted.
 */
async function nextOf(
  pool: pg.Pool,
  batchId: string,
  isStopping: boolean,
  begun: readonly string[],
  at: Date,
): Promise<readonly Subject[]> {
  const { rows } = await pool.query<Subject>(
    `SELECT "orderKey", id FROM (
       SELECT DISTINCT ON (order_key) order_key AS "orderKey", id, exception_id, checked_at FROM resolution_attempt
        WHERE batch_id = $1 AND state IN ('claimed', 'writing', 'reading-back', 'waiting') AND (next_at IS NULL OR next_at <= $4)
          AND NOT id = ANY($2::uuid[]) AND (checked_at IS NOT NULL OR NOT $3) ORDER BY order_key, checked_at NULLS LAST, exception_id) AS next
      ORDER BY checked_at NULLS LAST, exception_id LIMIT ${TOGETHER}`,
    [batchId, [...begun], isStopping, at],
  );
  return rows;
}
