import pg from "pg";

/** Holds a lock per worker for as long as this process lives: whoever finds it free knows that the worker is gone. */
export type Liveness = Readonly<{ holdFor(workerId: string): void; end(): Promise<void> }>;

/** Held, shared, by each process that takes jobs. */
const TAKING = "workers";

const AGAIN_MILLISECONDS = 1000;

/** A connection of its own, since the locks are as long as it lives. */
export async function createLiveness(connectionString: string): Promise<Liveness> {
  const workers = new Set<string>();
  let isEnding = false;
  let timer: NodeJS.Timeout | undefined;
  let client: pg.Client | undefined;
  // One after the other: a connection does one thing at a time.
  let last: Promise<unknown> = Promise.resolve();

  async function connect(): Promise<void> {
    const made = new pg.Client({ connectionString, application_name: "tieout jobs", keepAlive: true });
    // A connection that is lost gives its locks back: jobs may then be taken by others, which the feeds' locks allow for.
    made.on("error", () => {
      if (made === client) connectAgain();
    });
    await made.connect();
    client = made;
    await made.query("SELECT pg_advisory_lock_shared(hashtextextended($1, 0))", [TAKING]);
    for (const id of workers) await hold(made, id);
  }
  // The workers go on through connections of their own, and are to be seen living.
  function connectAgain(): void {
    if (isEnding) return;
    clearTimeout(timer);
    timer = setTimeout(() => {
      last = last.then(async () => {
        await client?.end().catch(() => undefined);
        client = undefined;
        if (!isEnding) await connect();
      });
      last = last.catch(connectAgain);
    }, AGAIN_MILLISECONDS).unref();
  }

  await connect();
  return {
    holdFor: (workerId) => {
      workers.add(workerId);
      last = last.then(() => client && hold(client, workerId)).catch(() => undefined);
    },
    end: async () => {
      isEnding = true;
      clearTimeout(timer);
      await last;
      await client?.end();
    },
  };
}

const hold = (client: pg.Client, workerId: string): Promise<unknown> =>
  client.query("SELECT pg_advisory_lock(hashtextextended($1, 0))", [`worker:${workerId}`]);

/** Whether any process takes jobs at this moment. */
export async function isSomebodyTakingJobs(pool: pg.Pool): Promise<boolean> {
  const { rows } = await pool.query<{ taken: boolean }>(
    `SELECT EXISTS (
       SELECT FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1 AND granted AND mode = 'ShareLock'
          AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
          AND ((classid::bigint << 32) | objid::bigint) = hashtextextended($1, 0)) AS taken`,
    [TAKING],
  );
  return rows[0]?.taken === true;
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
