import "server-only";
import { notFound } from "next/navigation";
import { cache } from "react";
import { may } from "@/lib/auth/actor";
import { pageEntities } from "@/lib/auth/session";
import { appPool } from "@/lib/db/pool";
import { addMonths, dayIn, monthOf } from "@/lib/domain/day";
import { isWorkerMissing } from "@/lib/jobs/missing";
import { findStatus } from "@/lib/status/data";
import {
  countFailedRecords,
  countMatchingFailed,
  findFailedJobs,
  findFailedRecords,
  findFeeds,
  findPulse,
  findRun,
  findRuns,
} from "./data";
import { findCutOff } from "./data-cut-off";
import { FLOW_DAYS, findDailyChecks, findOrderFlow } from "./data-flow";
import { findStockHeld } from "./data-stock";
import { isAhead, lagOf } from "./lag";
import { canBackfill, isReadFromSystem } from "./resources";
import { progressOf } from "./run-progress";
import { FailedFilter, RunId } from "./schema";

const RUNS_SHOWN = 30;
const FAILED_SHOWN = 50;
const JOBS_SHOWN = 20;
const STOCK_SHOWN = 20;
const FAILED_PAGE = 200;

/** Whether runs of named records are shown among the others: asked for in the URL. */
const isWithNamed = (asked: string | undefined): boolean => asked === "all";

/** The feeds of an entity, how far each is behind, the newest runs and what could not be read. */
export const loadFeeds = cache(async (askedEntity: string | undefined, askedRuns?: string) => {
  const { actor, entities, entity } = await pageEntities("feeds.read", askedEntity);
  const scope = entity ? [entity.id] : [];
  const now = new Date();
  const lastMonth = addMonths(monthOf(dayIn(now, entity?.timeZone ?? "UTC")), -1);
  const withNamed = isWithNamed(askedRuns);
  const [cutOff, feeds, runs, failed, jobs, workerMissing] = await Promise.all([
    entity ? findCutOff(entity.id, lastMonth, now) : null,
    findFeeds(scope),
    findRuns(scope, { feedId: null, withNamed, limit: RUNS_SHOWN }),
    findFailedRecords(scope, {}, FAILED_SHOWN),
    findFailedJobs(scope, JOBS_SHOWN),
    isWorkerMissing(),
  ]);
  const syncs = runs.filter((run) => run.kind === "sync");
  return {
    feeds: feeds.map((feed) => ({
      ...feed,
      lag: lagOf(feed.confirmedUntil, feed.promiseSeconds, now),
      isAhead: isAhead(feed.watermark, now),
      isRead: isReadFromSystem(feed.resource),
      maySync: isReadFromSystem(feed.resource) && may(actor, "feeds.sync", feed.entityId),
    })),
    cutOff,
    maySetCutOff: entity !== null && may(actor, "cut-off.set", entity.id),
    runs,
    withNamed,
    failed,
    jobs,
    workerMissing,
    syncRun: syncs.find((run) => run.state === "running") ?? syncs[0] ?? null,
    entities,
    entity,
    maySync: entity !== null && may(actor, "feeds.sync", entity.id),
    timeZone: entity?.timeZone ?? "UTC",
  };
});

/** How an entity's orders go into the ERP, and today's checks: it counts a week's orders, so that the page doesn't wait for it. */
export const loadFlow = cache(async (entityId: string) => {
  const { entity } = await pageEntities("feeds.read", entityId);
  if (!entity) return null;
  const now = new Date();
  const [flow, status, checks] = await Promise.all([
    findOrderFlow(entity.id, now),
    findStatus(appPool(), entity.id, now),
    findDailyChecks(entity.id, now, dayIn(now, entity.timeZone)),
  ]);
  // What stands still is counted in one place, however old it is: the page of the order status lists the same.
  const stuck = status.shops.flatMap(({ shopId, name, transitions }) =>
    transitions.flatMap(({ code, waiting }) =>
      waiting.stuck > 0 ? [{ code, shopId, shop: name, count: waiting.stuck }] : [],
    ),
  );
  return {
    entityId: entity.id,
    flow: { ...flow, days: FLOW_DAYS },
    stuck,
    shops: status.shops.length,
    checks,
  };
});

export type FlowView = NonNullable<Awaited<ReturnType<typeof loadFlow>>>;

/** One feed: how it is read, its runs, what of it could not be read, and what its reader may do about it. */
export const loadFeed = cache(async (askedId: string | undefined, askedRuns?: string) => {
  const { actor, entities } = await pageEntities("feeds.read", undefined);
  const all = await findFeeds(entities.map((entity) => entity.id));
  const feed = all.find((one) => one.id === askedId);
  if (!feed) notFound();
  const withNamed = isWithNamed(askedRuns);
  const [runs, failed, pulse, stock] = await Promise.all([
    findRuns([feed.entityId], { feedId: feed.id, withNamed, limit: RUNS_SHOWN }),
    findFailedRecords([feed.entityId], { feed: feed.id }, FAILED_SHOWN),
    findPulse(feed.id),
    feed.resource === "stock" ? findStockHeld(feed.id, STOCK_SHOWN) : null,
  ]);
  const isRead = isReadFromSystem(feed.resource);
  const now = new Date();
  return {
    feed,
    lag: lagOf(feed.confirmedUntil, feed.promiseSeconds, now),
    isAhead: isAhead(feed.watermark, now),
    runs,
    withNamed,
    failed,
    pulse,
    stock,
    isRead,
    isCounted: canBackfill(feed),
    maySync: isRead && may(actor, "feeds.sync", feed.entityId),
    mayBackfill: canBackfill(feed) && may(actor, "feeds.backfill", feed.entityId),
    maySet: isRead && may(actor, "settings.write", feed.entityId),
  };
});

/** Records that failed, by class, feed and what becomes of them. */
export const loadFailed = cache(
  async (askedEntity: string | undefined, asked: Readonly<Record<string, string | undefined>>) => {
    const { actor, entities, entity } = await pageEntities("feeds.read", askedEntity);
    const scope = entity ? [entity.id] : [];
    const filter = FailedFilter.parse(asked);
    const [records, matching, counts, feeds] = await Promise.all([
      findFailedRecords(scope, filter, FAILED_PAGE),
      countMatchingFailed(scope, filter),
      countFailedRecords(scope),
      findFeeds(scope),
    ]);
    return {
      records,
      matching,
      mayResync: entity !== null && may(actor, "record.resync", entity.id),
      counts,
      filter,
      feeds: feeds.map((feed) => feed.id),
      entities,
      entity,
      timeZone: entity?.timeZone ?? "UTC",
      mayRetry: entity !== null && may(actor, "records.retry", entity.id),
    };
  },
);

/** One run, and what its feed still can't read. */
export const loadRun = cache(async (askedId: string) => {
  const { actor, entities } = await pageEntities("feeds.read", undefined);
  const id = RunId.safeParse(askedId);
  const entityIds = entities.map((entity) => entity.id);
  const run = id.success ? await findRun(entityIds, id.data) : null;
  if (!run) notFound();
  const failed =
    run.feedId === null ? [] : await findFailedRecords(entityIds, { feed: run.feedId }, FAILED_SHOWN);
  const ofFeed = run.feedId !== null && (run.kind === "sync" || run.kind === "backfill");
  return {
    run,
    progress: progressOf(run, new Date()),
    workerMissing: (run.state === "waiting" || run.state === "running") && (await isWorkerMissing()),
    mayStop: ofFeed && run.entityId !== null && may(actor, "feeds.sync", run.entityId),
    failed,
    timeZone: (entities.find((entity) => entity.id === run.entityId) ?? entities[0])?.timeZone ?? "UTC",
  };
});

export type FailedView = Awaited<ReturnType<typeof loadFailed>>;
export type FeedView = Awaited<ReturnType<typeof loadFeed>>;
export type FeedsView = Awaited<ReturnType<typeof loadFeeds>>;
