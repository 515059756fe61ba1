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
/** Feeds of other resources are fed by files: there is nothing to ask for. */
const READ_FROM_SYSTEMS: ReadonlySet<string> = new Set(["orders", "ledger-documents", "invoices"]);

/** The feeds of an entity, how far each is behind, the newest runs and what could not be read. */
export const loadFeeds = cache(async (askedEntity: string | undefined) => {
  const { actor, entities, entity } = await pageEntities("feeds.read", askedEntity);
  const scope = entity ? [entity.id] : [];
  const now = new Date();
  const [feeds, runs, failed] = await Promise.all([
    findFeeds(scope),
    findRuns(scope, null, RUNS_SHOWN),
    findFailedRecords(scope, null, FAILED_SHOWN),
  ]);
  const syncs = runs.filter((run) => run.kind === "sync");
  return {
    feeds: feeds.map((feed) => ({
      ...feed,
      lag: lagOf(feed.confirmedUntil, feed.promiseSeconds, now),
      maySync: READ_FROM_SYSTEMS.has(feed.resource) && may(actor, "feeds.sync", feed.entityId),
    })),
    runs,
    failed,
    syncRun: syncs.find((run) => run.state === "running") ?? syncs[0] ?? null,
    entities,
    entity,
    maySync: entity !== null && may(actor, "feeds.sync", entity.id),
    timeZone: entity?.timeZone ?? "UTC",
  };
});

/** One run, and what its feed still can't read. */
export const loadRun = cache(async (askedId: string) => {
  const { entities } = await pageEntities("feeds.read", undefined);
  const id = RunId.safeParse(askedId);
  const entityIds = entities.map((entity) => entity.id);
  const run = id.success ? await findRun(entityIds, id.data) : null;
  if (!run) notFound();
  const failed = run.feedId === null ? [] : await findFailedRecords(entityIds, run.feedId, FAILED_SHOWN);
  return {
    run,
    failed,
    timeZone: (entities.find((entity) => entity.id === run.entityId) ?? entities[0])?.timeZone ?? "UTC",
  };
});

export type FeedsView = Awaited<ReturnType<typeof loadFeeds>>;
