import type pg from "pg";
import { addJob, feedQueue } from "@/lib/jobs/queue";
import { SYSTEM_RESOURCES } from "./resources";

/**
 * Adds a job for each feed that is due, and says when it is due next, in the caller's transaction. A feed that is read
 * already gets no second job; one whose source refused our credentials is held until a person lets it go on. What was
 * missed while nothing ran is made up for once, not for each interval. Returns the ids of the feeds.
 */
export async function addDueFeeds(client: pg.ClientBase, at: Date): Promise<readonly string[]> {
  const { rows } = await client.query<{ id: string; place: number }>(
    // The live lane goes first: a job of it waits for no other.
    `UPDATE feed SET due_at = $1::timestamptz + make_interval(secs => interval_seconds * stretch)
       FROM (SELECT f.id, CASE WHEN f.lane = 'live' THEN 0 ELSE array_position($2::text[], f.resource) END AS place
               FROM feed f JOIN connection c ON c.id = f.connection_id JOIN entity e ON e.id = f.entity_id
              WHERE f.resource = ANY($2) AND c.retired_at IS NULL AND e.retired_at IS NULL AND f.held_at IS NULL
                AND coalesce(f.due_at, f.confirmed_until + make_interval(secs => f.interval_seconds * f.stretch), $1) <= $1
              FOR UPDATE OF f SKIP LOCKED) AS due
      WHERE feed.id = due.id RETURNING feed.id, due.place`,
    [at, [...SYSTEM_RESOURCES]],
  );
  const due = [...rows].sort((a, b) => a.place - b.place || (a.id < b.id ? -1 : 1));
  for (const { id, place } of due) await addSync(client, id, { priority: place });
  return due.map((one) => one.id);
}

/**
 * Adds the reading of what changed of SCAYLE's orders after a stock feed was read: what it says can be judged once orders are known
 * up to then. By each shop's live feed, else by its orders' own. Nothing after another feed.
 */
export async function addOrdersAfterStock(client: pg.ClientBase, feedId: string): Promise<void> {
  const { rows } = await client.query<{ id: string }>(
    `SELECT DISTINCT ON (f.connection_id, f.shop_id) f.id
       FROM feed s JOIN feed f ON f.entity_id = s.entity_id AND f.resource IN ('orders', 'status') AND f.held_at IS NULL
       JOIN connection c ON c.id = f.connection_id AND c.side = 'scayle' AND c.retired_at IS NULL
      WHERE s.id = $1 AND s.resource = 'stock' ORDER BY f.connection_id, f.shop_id, f.resource DESC, f.id`,
    [feedId],
  );
  for (const { id } of rows) await addSync(client, id);
}

type SyncJob = Readonly<{
  full?: boolean;
  by?: Readonly<{ id: string; name: string }>;
  priority?: number;
}>;

/** Adds the reading of a feed; of several that wait it is one. */
export const addSync = (client: pg.ClientBase, feedId: string, { full, by, priority }: SyncJob = {}) =>
  addJob(
    client,
    "sync-feed",
    { feedId, ...(full ? { full } : {}), ...(by ? { by } : {}) },
    { queue: feedQueue(feedId), key: `sync:${feedId}`, priority: priority ?? 0 },
  );

/** Other feeds of an entity mostly end within this: their groups are matched together. */
const TOGETHER_MILLISECONDS = 3000;

/** Adds the matching of what changed in an entity; of several that wait it is one. */
export const addReconciliation = (client: pg.ClientBase, entityId: string, at: Date) =>
  addJob(
    client,
    "reconcile",
    { entityId },
    {
      queue: `reconcile:${entityId}`,
      key: `reconcile:${entityId}`,
      runAt: new Date(at.getTime() + TOGETHER_MILLISECONDS),
      attempts: 10,
    },
  );

/** Adds the work on a back-fill that was planned. */
export const addBackfill = (
  client: pg.ClientBase,
  feedId: string,
  runId: string,
  by?: Readonly<{ id: string; name: string }>,
) =>
  addJob(
    client,
    "backfill",
    { runId, ...(by ? { by } : {}) },
    {
      queue: feedQueue(feedId),
      key: `backfill:${runId}`,
      priority: 10,
    },
  );

/** Adds the second look at the open months of every feed that can be read by days. */
export async function addSweeps(client: pg.ClientBase): Promise<void> {
  const { rows } = await client.query<{ id: string }>(
    `SELECT f.id FROM feed f JOIN connection c ON c.id = f.connection_id JOIN entity e ON e.id = f.entity_id
      WHERE f.resource IN ('orders', 'ledger-documents') AND c.retired_at IS NULL AND e.retired_at IS NULL AND f.held_at IS NULL
        AND f.confirmed_until IS NOT NULL ORDER BY f.id`,
  );
  for (const { id } of rows) {
    await addJob(
      client,
      "sweep-feed",
      { feedId: id },
      { queue: feedQueue(id), key: `sweep:${id}`, priority: 20 },
    );
  }
}

/** Adds the second count of a month of an entity at its sources. */
export const addRecount = (client: pg.ClientBase, entityId: string, month: string) =>
  addJob(
    client,
    "recount-entity",
    { entityId, month },
    { queue: `recount:${entityId}`, key: `recount:${entityId}:${month}`, priority: 20 },
  );
