import "server-only";
import { appPool } from "@/lib/db/pool";

/** What a source stated last of one of its rate limits. */
export type RateBudget = Readonly<{
  connectionId: string;
  connection: string;
  scope: string;
  limit: number | null;
  remaining: number;
  resetAt: Date;
  statedAt: Date;
}>;

/** A feed that waits longer than its interval, and why. */
export type SlowFeed = Readonly<{
  id: string;
  resource: string;
  side: string;
  shop: string | null;
  reason: string;
}>;

/** Webhooks of a connection whose orders, items or customers are still to be read. */
export type WaitingWebhooks = Readonly<{ connection: string; count: number; since: Date }>;

/** The rate limits of an entity's connections as they were stated last. */
export async function findRateBudgets(entityId: string): Promise<readonly RateBudget[]> {
  const { rows } = await appPool().query<RateBudget>(
    `SELECT c.id AS "connectionId", c.name AS connection, b.scope, b."limit", b.remaining, b.reset_at AS "resetAt",
            b.stated_at AS "statedAt"
       FROM rate_budget b JOIN connection c ON c.id = b.connection_id
      WHERE c.entity_id = $1 AND c.retired_at IS NULL ORDER BY c.side DESC, c.name, b.scope`,
    [entityId],
  );
  return rows;
}

/** The feeds of an entity that are slowed down at present. */
export async function findSlowFeeds(entityId: string): Promise<readonly SlowFeed[]> {
  const { rows } = await appPool().query<SlowFeed>(
    `SELECT f.id, f.resource, c.side, s.name AS shop, coalesce(f.stretch_reason, 'No reason was kept.') AS reason
       FROM feed f JOIN connection c ON c.id = f.connection_id LEFT JOIN shop s ON s.id = f.shop_id
      WHERE f.entity_id = $1 AND f.stretch > 1 AND c.retired_at IS NULL ORDER BY f.id`,
    [entityId],
  );
  return rows;
}

/** How many webhooks of an entity wait, by connection. */
export async function findWaitingWebhooks(entityId: string): Promise<readonly WaitingWebhooks[]> {
  const { rows } = await appPool().query<WaitingWebhooks>(
    `SELECT c.name AS connection, count(*)::int AS count, min(w.received_at) AS since
       FROM webhook_event w JOIN connection c ON c.id = w.connection_id
      WHERE w.entity_id = $1 AND w.state = 'waiting' AND c.retired_at IS NULL GROUP BY c.id, c.name ORDER BY c.name`,
    [entityId],
  );
  return rows;
}

/** What the sources were found to have newer or beyond ours, by feed, when they were counted last (within three days). */
export async function findBacklogs(
  entityId: string,
): Promise<ReadonlyMap<string, Readonly<{ records: number; countedAt: Date }>>> {
  const { rows } = await appPool().query<{ feedId: string; records: number; countedAt: Date }>(
    `SELECT feed_id AS "feedId", sum(behind)::int AS records, max(asked_at) AS "countedAt" FROM (
       SELECT DISTINCT ON (c.feed_id, c.period) c.feed_id, c.asked_at, (c.result -> 'missing' ->> 'count')::int
              + (c.result -> 'stale' ->> 'count')::int + (c.result -> 'fresh' ->> 'count')::int AS behind
         FROM source_count c JOIN feed f ON f.id = c.feed_id
        WHERE f.entity_id = $1 AND c.state <> 'unavailable' AND c.asked_at > now() - interval '3 days'
        ORDER BY c.feed_id, c.period, c.asked_at DESC) AS counted GROUP BY 1`,
    [entityId],
  );
  return new Map(rows.map(({ feedId, ...backlog }) => [feedId, backlog]));
}
