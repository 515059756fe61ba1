import "server-only";
import { notFound } from "next/navigation";
import { cache } from "react";
import { may } from "@/lib/auth/actor";
import { pageEntities } from "@/lib/auth/session";
import { findFailedRecords, findFeeds, findRun, findRuns } from "./data";
import { lagOf } from "./lag";
import { RunId } from "./schema";

const RUNS_SHOWN = 30;
const FAILED_SHOWN = 50;

/** Every feed that the actor may see, how far it is behind, its newest runs and what could not be read. */
export const loadFeeds = cache(async (askedEntity: string | undefined) => {
  const { actor, entities } = await pageEntities("feeds.read", askedEntity);
  const entityIds = entities
    .map((entity) => entity.id)
    .filter((entityId) => askedEntity === undefined || entityId === askedEntity);
  const now = new Date();
  const [feeds, runs, failed] = await Promise.all([
    findFeeds(entityIds),
    findRuns(entityIds, null, RUNS_SHOWN),
    findFailedRecords(entityIds, null, FAILED_SHOWN),
  ]);
  const zones = Object.fromEntries(entities.map((entity) => [entity.id, entity.timeZone]));
  return {
    feeds: feeds.map((feed) => ({
      ...feed,
      lag: lagOf(feed.confirmedUntil, feed.promiseSeconds, now),
      nextDue: feed.lastRun ? new Date(feed.lastRun.startedAt.getTime() + feed.intervalSeconds * 1000) : null,
      maySync: may(actor, "feeds.sync", feed.entityId),
    })),
    runs,
    failed,
    now,
    entities: entities
      .filter((entity) => entityIds.includes(entity.id))
      .map((entity) => ({ ...entity, maySync: may(actor, "feeds.sync", entity.id) })),
    zoneOf: (entityId: string | null) => zones[entityId ?? ""] ?? entities[0]?.timeZone ?? "UTC",
  };
});

/** One run, and what its feed still can't read. */
export const loadRun = cache(async (askedId: string) => {
  const { actor, entities } = await pageEntities("feeds.read", undefined);
  const id = RunId.safeParse(askedId);
  const entityIds = entities.map((entity) => entity.id);
  const run = id.success ? await findRun(entityIds, id.data) : null;
  if (!run) notFound();
  const failed = run.feedId === null ? [] : await findFailedRecords(entityIds, run.feedId, FAILED_SHOWN);
  return {
    run,
    failed,
    now: new Date(),
    timeZone: (entities.find((entity) => entity.id === run.entityId) ?? entities[0])?.timeZone ?? "UTC",
    maySync: run.entityId !== null && may(actor, "feeds.sync", run.entityId),
  };
});

export type FeedsView = Awaited<ReturnType<typeof loadFeeds>>;
