import type pg from "pg";
import { deliverAlert } from "@/lib/alerts/deliver";
import { addWatch } from "@/lib/alerts/mutations";
import { watchAlerts } from "@/lib/alerts/watch";
import { checkChains } from "@/lib/audit/checks";
import { runJournal } from "@/lib/close/run-journal";
import { endReopenings } from "@/lib/close/watch";
import { inTransaction } from "@/lib/db/pool";
import { Refusal } from "@/lib/domain/faults";
import { watchExceptions } from "@/lib/exceptions/clock";
import { log } from "@/lib/log";
import { askForProposals } from "@/lib/mappings/ask-for-proposals";
import { runReconciliation } from "@/lib/matching/reconcile";
import { runResyncs } from "@/lib/orders/run-resyncs";
import { runResolution } from "@/lib/resolutions/run";
import { runBatch } from "@/lib/resolutions/run-batch";
import { runnerContext } from "@/lib/resolutions/surroundings";
import { watchResolutions } from "@/lib/resolutions/watch";
import { keepFindings } from "@/lib/root-causes/keep-findings";
import { runPrediction } from "@/lib/root-causes/predict";
import { predictByClock } from "@/lib/root-causes/predict-by-clock";
import { keepStockDrift } from "@/lib/stock/keep";
import { keepFeedsBehind } from "@/lib/sync/behind";
import { openMonths } from "@/lib/sync/open-months";
import { addDueRetries, retryRecord } from "@/lib/sync/retry";
import { runSync, type SyncContext } from "@/lib/sync/run";
import { runBackfill } from "@/lib/sync/run-backfill";
import { patiently } from "@/lib/sync/run-patiently";
import { runRecount } from "@/lib/sync/run-recount";
import { runSweep } from "@/lib/sync/run-sweep";
import {
  addDueFeeds,
  addOrdersAfterStock,
  addReconciliation,
  addRecount,
  addSweeps,
} from "@/lib/sync/schedule";
import { eraseNamedCustomers } from "@/lib/webhooks/erase-named";
import { readNamedOrders } from "@/lib/webhooks/read-named";
import { readNamedStock } from "@/lib/webhooks/read-named-stock";
import { keepFailedJobs } from "./failures";
import { journalContext } from "./journals";
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
    await inTransaction(pool, (client) => addDueRetries(client, now()));
    for (const entityId of await liveEntities(pool)) {
      await inTransaction(pool, (client) => keepFeedsBehind(client, entityId, now()));
      await inTransaction(pool, (client) => keepStockDrift(client, entityId, now()));
    }
  },
  "sync-feed": async ({ feedId, full, by }, context) => {
    // Somebody reads it at this moment, from the command line or for some orders: this one comes after them.
    const { feeds } = await patiently(
      () => runSync({ feedId, full: full ?? false }, syncContext(context, by)),
      ({ feeds: reports }) => reports.some((one) => one.state === "refused"),
    );
    if (feeds.some((one) => one.state === "refused")) throw new Error(feeds[0]?.error ?? "It is being read.");
    if (feeds.some((one) => one.state === "done"))
      await inTransaction(context.pool, (client) => addOrdersAfterStock(client, feedId));
  },
  backfill: async ({ runId, by }, context) => {
    const report = await runBackfill(runId, syncContext(context, by));
    if (report?.state === "refused") throw new Error(report.error ?? "The feed is being read.");
  },
  "read-named-orders": async ({ connectionId }, context) => {
    const sync = { ...syncContext(context, undefined), actorName: "webhooks" };
    // A feed of it is being read at this moment: this comes after it.
    await patiently(() => readNamedOrders(connectionId, sync));
  },
  "read-named-stock": async ({ connectionId }, context) => {
    const sync = { ...syncContext(context, undefined), actorName: "webhooks" };
    await patiently(() => readNamedStock(connectionId, sync));
  },
  "erase-customers": ({ connectionId }, { pool, now }) => eraseNamedCustomers(pool, connectionId, now()),
  "resync-orders": async ({ runId, by }, context) => {
    const { andThen: _, ...sync } = syncContext(context, by);
    await runResyncs(runId, sync);
    await reconcileAfter(runId, context);
  },
  "predict-fix": async ({ predictionId }, context) => {
    await runPrediction(predictionId, runnerContext(context));
  },
  resolve: async (attempt, context) => {
    await runResolution(attempt, runnerContext(context));
  },
  "resolve-batch": async ({ batchId }, context) => {
    await runBatch(batchId, runnerContext(context));
  },
  "post-journal": async ({ journalId }, context) => {
    await runJournal(journalId, journalContext(context));
  },
  reconcile: async ({ entityId }, { pool, now, signal }) => {
    await runReconciliation({ entityId }, { pool, now, signal, actorName: CLOCK });
    await keepFindings(entityId, { pool, now });
    await askForProposals(entityId, { pool, now, signal });
    await watchResolutions(pool, entityId, now);
    await inTransaction(pool, (client) => addWatch(client, entityId));
  },
  "sweep-months": async (_, { pool }) => {
    await inTransaction(pool, addSweeps);
  },
  "sweep-feed": async ({ feedId }, context) => {
    const report = await runSweep(feedId, syncContext(context, undefined));
    if (report?.state === "refused") throw new Error(report.error ?? "The feed is being read.");
  },
  "recount-months": async ({ newest }, { pool }) => {
    for (const entityId of await liveEntities(pool)) {
      const months = await openMonths(pool, entityId, newest ? 1 : undefined);
      await inTransaction(pool, async (client) => {
        for (const month of months) await addRecount(client, entityId, month);
      });
    }
  },
  "recount-entity": async ({ entityId, month }, { pool, now, signal }) => {
    await runRecount({ entityId, period: month }, { pool, now, signal, actorName: CLOCK });
    await inTransaction(pool, (client) => keepFeedsBehind(client, entityId, now()));
  },
  "watch-exceptions": async (_, { pool, now }) => {
    for (const entityId of await liveEntities(pool)) {
      await watchExceptions(pool, entityId, now());
      await endReopenings(pool, entityId, now());
      await keepFindings(entityId, { pool, now });
      await predictByClock(pool, entityId, now());
      await watchResolutions(pool, entityId, now);
    }
  },
  "watch-alerts": async ({ entityId }, { pool, now }) => {
    for (const id of entityId === undefined ? await liveEntities(pool) : [entityId])
      await watchAlerts(pool, id, now());
  },
  "deliver-alert": ({ deliveryId }, { pool, now }) => deliverAlert(pool, deliveryId, { fetch, now }),
  "verify-audit": async (_, { pool, now }) => {
    for (const state of await checkChains(pool, now())) {
      if (!state.intact)
        log.info(`The audit chain ${state.chain} is broken at event ${state.brokenAt}: ${state.why}`);
    }
  },
  "retry-record": async ({ failedId, by }, context) => {
    try {
      await retryRecord(failedId, syncContext(context, by));
    } catch (error) {
      // It was read meanwhile, or is nobody's any more: nothing is left to try.
      if (error instanceof Refusal && error.code === "not-found") return;
      throw error;
    }
  },
};

/**
 * What else a change of settings touches is matched when the orders are done for which it was made: what changed of those
 * would not be seen else.
 */
async function reconcileAfter(runId: string, { pool, now }: JobContext): Promise<void> {
  await inTransaction(pool, async (client) => {
    const { rows } = await client.query<{ entityId: string }>(
      `SELECT entity_id AS "entityId" FROM run WHERE id = $1 AND scope ? 'after' AND finished_at IS NOT NULL`,
      [runId],
    );
    for (const { entityId } of rows) await addReconciliation(client, entityId, now());
  });
}

async function liveEntities(pool: pg.Pool): Promise<readonly string[]> {
  const { rows } = await pool.query<{ id: string }>(
    "SELECT id FROM entity WHERE retired_at IS NULL ORDER BY id",
  );
  return rows.map((row) => row.id);
}

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
