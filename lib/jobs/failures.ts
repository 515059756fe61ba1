import type pg from "pg";

/**
 * Takes jobs that have failed for good out of the queue and keeps them where people see them, owned by operations until
 * somebody settles them. One without a key was given up by the queue when a newer one came in its place, which does its
 * work: that is no failure. Doing it twice keeps each once. Returns how many there were.
 */
export async function keepFailedJobs(client: pg.ClientBase, at: Date): Promise<number> {
  const { rowCount } = await client.query(
    `WITH ended AS (
       DELETE FROM graphile_worker._private_jobs AS j
        WHERE j.attempts >= j.max_attempts AND j.locked_at IS NULL
       RETURNING j.id, j.task_id, j.payload, j.attempts, j.last_error, j.key)
     INSERT INTO job_failure (id, job_id, task, payload, entity_id, attempts, error, failed_at)
     SELECT gen_random_uuid(), e.id, t.identifier, e.payload::jsonb,
            coalesce(e.payload ->> 'entityId', (SELECT f.entity_id FROM feed f WHERE f.id = e.payload ->> 'feedId'),
                     (SELECT r.entity_id FROM run r WHERE r.id::text = e.payload ->> 'runId')),
            e.attempts, coalesce(e.last_error, 'Its process ended before it was done.'), $1
       FROM ended e JOIN graphile_worker._private_tasks t ON t.id = e.task_id
      WHERE e.key IS NOT NULL`,
    [at],
  );
  return rowCount ?? 0;
}
