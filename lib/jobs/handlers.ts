import { inTransaction } from "@/lib/db/pool";
import { runReconciliation } from "@/lib/matching/reconcile";
import { runSync, type SyncContext } from "@/lib/sync/run";
import { runBackfill } from "@/lib/sync/run-backfill";
import { addDueFeeds, addReconciliation } from "@/lib/sync/schedule";
import { readNamedOrders } from "@/lib/webhooks/read-named";
import { keepFailedJobs } from "./failures";
import { releaseDeadWorkers } from "./liveness";
import type { Handlers, JobContext } from "./runner";
import type { PersonOf } from "./tasks";

/** The name of the clock in runs and in the trail. */
const CLOCK = "the interval";

/** What each kind of job does. */
export const handlers: Handlers = {
  "schedule-feeds": async (_, { pool, now }) => {
    await inTransaction(pool, releaseDeadWorkers);
    await inTransaction(pool, (client) => keepFailedJobs(client, now()));
    await inTransaction(pool, (client) => addDueFeeds(client, now()));
  },
  "sync-feed": async ({ feedId, full, by }, context) => {
    const { feeds } = await runSync({ feedId, full: full ?? false }, syncContext(context, by));
    // Somebody reads it at this moment, from the command line or the page of an order: this one comes after them.
    if (feeds.some((one) => one.state === "refused")) throw new Error(feeds[0]?.error ?? "It is being read.");
  },
  backfill: async ({ runId, by }, context) => {
    const report = await runBackfill(runId, syncContext(context, by));
    if (report?.state === "refused") throw new Error(report.error ?? "The feed is being read.");
  },
  "read-named-orders": async ({ connectionId }, context) => {
    await readNamedOrders(connectionId, { ...syncContext(context, undefined), actorName: "webhooks" });
  },
  reconcile: async ({ entityId }, { pool, now, signal }) => {
    await runReconciliation({ entityId }, { pool, now, signal, actorName: CLOCK });
  },
};

function syncContext({ pool, now, signal }: JobContext, by: PersonOf | undefined): SyncContext {
  return {
    pool,
    now,
    signal,
    actorName: by?.name ?? CLOCK,
    ...(by ? { actor: { kind: "person", id: by.id, name: by.name } } : {}),
    andThen: (client, feed) => addReconciliation(client, feed.entityId, now()),
  };
}
