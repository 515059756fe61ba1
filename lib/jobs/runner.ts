import { EventEmitter } from "node:events";
import { Logger, type Runner, run, type TaskList, type WorkerEvents } from "graphile-worker";
import type pg from "pg";
import { inTransaction } from "@/lib/db/pool";
import { Refusal } from "@/lib/domain/faults";
import { log } from "@/lib/log";
import { keepFailedJobs } from "./failures";
import { createLiveness, type Liveness, releaseDeadWorkers } from "./liveness";
import { type PayloadOf, type TaskName, taskPayloads } from "./tasks";

/** What a job is done with. */
export type JobContext = Readonly<{
  pool: pg.Pool;
  now: () => Date;
  signal: AbortSignal;
  lastAttempt: boolean;
}>;

export type Handlers = Readonly<{
  [Name in TaskName]: (payload: PayloadOf<Name>, context: JobContext) => Promise<void>;
}>;

export type RunnerOptions = Readonly<{
  /** the owner's address: the queue is the owner's */
  connectionString: string;
  pool: pg.Pool;
  handlers: Handlers;
  now: () => Date;
  /** what is added by the clock, in crontab's words (UTC); none in tests */
  crontab?: string | undefined;
  concurrency?: number | undefined;
  pollMilliseconds?: number | undefined;
}>;

/** Jobs at work in this process. */
export type Jobs = Readonly<{
  /** Asks what is at work to stop, waits for it, and lets others have it. */
  stop(): Promise<void>;
}>;

const CONCURRENCY = 3;

/**
 * Takes jobs out of the queue and does them, in this process, until it is stopped. Several processes may do so: a job is
 * taken by one of them, and jobs of one queue one after the other.
 */
export async function startJobs(options: RunnerOptions): Promise<Jobs> {
  const { connectionString, pool, now } = options;
  const stopping = new AbortController();
  const liveness = await createLiveness(connectionString);
  const events: WorkerEvents = new EventEmitter();
  events.on("worker:create", ({ worker }) => liveness.holdFor(worker.workerId));
  // Kept at once, and again by the clock: what fails for good must not end in silence. The queue says `job:failed` before
  // it has written that down, and this afterwards.
  events.on("job:complete", ({ error }) => {
    if (!error) return;
    inTransaction(pool, (client) => keepFailedJobs(client, now())).catch((fault: unknown) =>
      log.defect("A job that failed could not be kept", fault),
    );
  });
  await inTransaction(pool, releaseDeadWorkers);
  const runner = await started(liveness, {
    connectionString,
    events,
    taskList: taskListOf(options.handlers, { pool, now, signal: stopping.signal }),
    concurrency: options.concurrency ?? CONCURRENCY,
    maxPoolSize: (options.concurrency ?? CONCURRENCY) + 2,
    pollInterval: options.pollMilliseconds ?? 2000,
    crontab: options.crontab ?? "",
    noHandleSignals: true,
    logger: new Logger(() => (level, message) => {
      if (level === "error") log.info(`Jobs: ${message}`);
    }),
  });
  // Its end is awaited in stop(); until then a failure of its own must not be nobody's.
  runner.promise.catch((error: unknown) => log.defect("The jobs ended by themselves", error));
  return {
    stop: async () => {
      stopping.abort(new Refusal("unavailable", "Stopped: the process that worked on it is ending."));
      await runner.stop();
      await inTransaction(pool, (client) => keepFailedJobs(client, now()));
      await liveness.end();
    },
  };
}

/** The queue's own runner; one that can't start leaves nothing behind. */
async function started(liveness: Liveness, options: Parameters<typeof run>[0]): Promise<Runner> {
  try {
    return await run(options);
  } catch (error) {
    await liveness.end();
    throw error;
  }
}

type Given = Readonly<{ pool: pg.Pool; now: () => Date; signal: AbortSignal }>;

function taskListOf(handlers: Handlers, given: Given): TaskList {
  const bound = <Name extends TaskName>(name: Name): [string, TaskList[string]] => [
    name,
    async (payload, { job }) => {
      await handlers[name](taskPayloads[name].parse(payload) as PayloadOf<Name>, {
        ...given,
        lastAttempt: job.attempts >= job.max_attempts,
      });
      // What was stopped half-way goes on in another process, or in the next one here.
      given.signal.throwIfAborted();
    },
  ];
  return Object.fromEntries((Object.keys(taskPayloads) as TaskName[]).map(bound));
}
