import pg from "pg";

/** Holds a lock per worker for as long as this process lives: whoever finds it free knows that the worker is gone. */
export type Liveness = Readonly<{ holdFor(workerId: string): void; end(): Promise<void> }>;

/** A connection of its own, since the locks are as long as it lives. */
export async function createLiveness(connectionString: string): Promise<Liveness> {
  const client = new pg.Client({ connectionString, application_name: "tieout jobs", keepAlive: true });
  // A connection that is lost gives its locks back: jobs may then be taken by others, which the feeds' locks allow for.
  client.on("error", () => undefined);
  await client.connect();
  // One after the other: a connection does one thing at a time.
  let last: Promise<unknown> = Promise.resolve();
  return {
    holdFor: (workerId) => {
      last = last
        .then(() => client.query("SELECT pg_advisory_lock(hashtextextended($1, 0))", [`worker:${workerId}`]))
        .catch(() => undefined);
    },
    end: async () => {
      await last;
      await client.end();
    },
  };
}

/** A worker takes its lock a moment after it is made. */
const GRACE_SECONDS = 10;

/**
 * Gives back what workers held whose process is gone (killed, out of power): their jobs are tried again at once and not
 * after the hours that the queue itself would wait. Returns the ids of those workers.
 */
export async function releaseDeadWorkers(client: pg.ClientBase): Promise<readonly string[]> {
  const { rows } = await client.query<{ id: string }>(
    `SELECT held.locked_by AS id FROM (
        SELECT locked_by, min(locked_at) AS since FROM graphile_worker._private_jobs WHERE locked_by IS NOT NULL GROUP BY 1
        UNION ALL
        SELECT locked_by, min(locked_at) FROM graphile_worker._private_job_queues WHERE locked_by IS NOT NULL GROUP BY 1
      ) AS held
      WHERE held.since < now() - make_interval(secs => $1)
        AND pg_try_advisory_xact_lock(hashtextextended('worker:' || held.locked_by, 0))`,
    [GRACE_SECONDS],
  );
  const ids = [...new Set(rows.map((row) => row.id))];
  if (ids.length > 0) await client.query("SELECT graphile_worker.force_unlock_workers($1::text[])", [ids]);
  return ids;
}
