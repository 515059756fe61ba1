import "server-only";
import { cache } from "react";
import { pageEntities } from "@/lib/auth/session";
import { findFeeds } from "./data";
import { findBacklogs, findRateBudgets, findSlowFeeds, findWaitingWebhooks } from "./data-load";
import { nextCount } from "./next-count";
import { canBackfill } from "./resources";

/** What weighs on an entity's feeds at present: what waits, which feeds are slowed down and why, what is left of rate limits. */
export const loadPressure = cache(async (askedEntity: string) => {
  const { entity } = await pageEntities("feeds.read", askedEntity);
  if (!entity) return null;
  const [budgets, slow, webhooks, backlogs, feeds] = await Promise.all([
    findRateBudgets(entity.id),
    findSlowFeeds(entity.id),
    findWaitingWebhooks(entity.id),
    findBacklogs(entity.id),
    findFeeds([entity.id]),
  ]);
  const now = new Date();
  return {
    entityId: entity.id,
    timeZone: entity.timeZone,
    slow,
    webhooks,
    nextCount: nextCount(now),
    // Connections that are read, and have stated no limit so far.
    silent: [...new Set(feeds.map((feed) => feed.connection))].filter(
      (name) => !budgets.some((budget) => budget.connection === name),
    ),
    budgets: budgets.map((budget) => ({ ...budget, isOver: budget.resetAt <= now })),
    // Only what its source can be counted of has a backlog that is known.
    backlogs: feeds
      .filter((feed) => canBackfill(feed))
      .map((feed) => ({
        id: feed.id,
        resource: feed.resource,
        shop: feed.shop,
        side: feed.side,
        failed: feed.failedRecords,
        ...(backlogs.get(feed.id) ?? { records: null, countedAt: null }),
      })),
  };
});

export type PressureView = NonNullable<Awaited<ReturnType<typeof loadPressure>>>;
