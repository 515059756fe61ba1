import type pg from "pg";
import type { HttpClient } from "@/lib/connectors/http";
import { inTransaction } from "@/lib/db/pool";
import { Refusal } from "@/lib/domain/faults";
import { runReconciliation } from "@/lib/matching/reconcile";
import { runSync, type SyncContext, type SyncRequest } from "@/lib/sync/run";
import { planBackfill, runBackfill } from "@/lib/sync/run-backfill";
import { runRecount } from "@/lib/sync/run-recount";
import { addBackfill, addReconciliation } from "@/lib/sync/schedule";
import { readNamedOrders } from "@/lib/webhooks/read-named";
import { readNamedStock } from "@/lib/webhooks/read-named-stock";
import type { Clock } from "./clock";
import { Killed } from "./process";
import { ENTITY } from "./source";

/** The product's own code, in one process. */
export type Product = Readonly<{
  pool: pg.Pool;
  sync(request?: SyncRequest): Promise<void>;
  backfill(feedId: string, from: string, to: string): Promise<void>;
  reconcile(): Promise<string>;
  recount(period: string): ReturnType<typeof runRecount>;
  /** does the jobs that wait, each once; those that fail go on waiting */
  work(): Promise<void>;
  /** how many records the syncs stored, and how many they found unreadable */
  stored: number;
}>;

type Surroundings = Readonly<{
  pool: pg.Pool;
  /** the queue, which is the worker's own */
  queue: pg.Pool;
  http: HttpClient;
  clock: Clock;
  /** told of what must not happen whatever the faults */
  wrong: (what: string) => void;
}>;

export function makeProduct({ pool, queue, http, clock, wrong }: Surroundings): Product {
  const context: SyncContext = {
    pool,
    http,
    now: clock.now,
    actorName: "simulation",
    andThen: (client, feed) => addReconciliation(client, feed.entityId, clock.now()),
  };
  const product = {
    pool,
    stored: 0,
    async sync(request: SyncRequest = {}) {
      const { feeds } = await runSync({ entityId: ENTITY, ...request }, context);
      for (const feed of feeds) {
        // An invoice list that came with a resync, and does not matter any more, is asked for again by a full reading alone.
        if (!(request.full && feed.feed.endsWith("/invoices"))) product.stored += feed.stored;
        if (feed.error !== null && isOurs(feed.error)) wrong(`${feed.feed}: ${feed.error}`);
        if (feed.state === "refused") wrong(`${feed.feed} was refused though nobody reads it`);
      }
    },
    async backfill(feedId: string, from: string, to: string) {
      await inTransaction(pool, async (client) => {
        const by = { name: "simulation", at: clock.now() };
        const { runId } = await planBackfill(client, feedId, { from, to }, by);
        await addBackfill(client, feedId, runId);
      });
    },
    async reconcile() {
      const { entities } = await runReconciliation(
        { entityId: ENTITY },
        { pool, now: clock.now, actorName: context.actorName },
      );
      return entities[0]?.outcome ?? "";
    },
    recount: (period: string) => runRecount({ entityId: ENTITY, period }, context),
    async work() {
      for (const { id, task, payload } of await jobsIn(queue)) {
        await doJob(task, payload);
        await queue.query("DELETE FROM graphile_worker._private_jobs WHERE id = $1", [id]);
      }
    },
  };
  async function doJob(task: string, payload: Readonly<Record<string, string>>): Promise<void> {
    const { feedId, runId, connectionId } = payload;
    if (task === "sync-feed" && feedId) await product.sync({ feedId });
    else if (task === "backfill" && runId) await runBackfill(runId, context);
    else if (task === "read-named-orders" && connectionId) await readNamedOrders(connectionId, context);
    else if (task === "read-named-stock" && connectionId) await readNamedStock(connectionId, context);
    else if (task === "reconcile") await product.reconcile();
    else wrong(`a job that nobody does: ${task} ${JSON.stringify(payload)}`);
  }
  return product;
}

type Job = Readonly<{ id: bigint; task: string; payload: Readonly<Record<string, string>> }>;

async function jobsIn(queue: pg.Pool): Promise<readonly Job[]> {
  const { rows } = await queue.query<Job>(
    `SELECT j.id, t.identifier AS task, j.payload FROM graphile_worker._private_jobs j
       JOIN graphile_worker._private_tasks t ON t.id = j.task_id ORDER BY j.priority, j.id`,
  );
  return rows;
}

export const isJobWaiting = async (queue: pg.Pool): Promise<boolean> => (await jobsIn(queue)).length > 0;

/** Words of errors that only a defect of the product has; what the faults bring about is told otherwise. */
const OF_FAULTS =
  /Connection terminated|terminating connection|not queryable|connection error|The process was killed|Client was closed/;

const isOurs = (words: string): boolean =>
  words.startsWith("It ended by an error of its own") && !OF_FAULTS.test(words);

/** Whether an error is what the faults bring about, or a defect. */
export const isOfFaults = (error: unknown): boolean =>
  error instanceof Killed ||
  error instanceof Refusal ||
  (error instanceof Error && OF_FAULTS.test(error.message));
