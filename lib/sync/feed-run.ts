import { randomUUID } from "node:crypto";
import type pg from "pg";
import type { AuditActor } from "@/lib/audit/event";
import { appendAudit } from "@/lib/audit/record";
import type { Io } from "@/lib/connectors/contract";
import { inTransaction, lockInTransaction, whileLocked } from "@/lib/db/pool";
import { Refusal } from "@/lib/domain/faults";
import { toJson } from "@/lib/domain/json";
import { log } from "@/lib/log";
import type { Feed } from "./feeds";
import {
  addStored,
  NOTHING_STORED,
  type PostedChange,
  type StoreContext,
  type Stored,
} from "./store/context";

/** What a sync of one feed came to. */
export type FeedReport = Readonly<{
  feed: string;
  entity: string;
  /** null where it did not begin, because another run is at work */
  runId: string | null;
  state: "done" | "failed" | "stopped" | "refused";
  found: number;
  stored: number;
  unchanged: number;
  failed: number;
  /** posted ERP documents whose figures changed since they were read last */
  changed: readonly PostedChange[];
  error: string | null;
}>;

export type SyncReport = Readonly<{
  feeds: readonly FeedReport[];
  /** the groups of the order asked for; of a whole sync, those that changed */
  orderKeys: readonly string[];
  /** what was found about an entity's settings, in words */
  notes: readonly string[];
}>;

export type Progress = Readonly<{ feed: string; found: number; stored: number; failed: number }>;

/** Everything outside that a run may touch. */
export type RunSurroundings = Readonly<{
  pool: pg.Pool;
  io: Io;
  now: () => Date;
  actorName: string;
  actor?: AuditActor | undefined;
  onProgress?: ((progress: Progress) => void) | undefined;
}>;

/** What a reader of a feed gets: a transaction per page, whose counts go into the run with it. */
export type FeedRun = Readonly<{
  feed: Feed;
  startedAt: Date;
  store(page: (client: pg.PoolClient, context: StoreContext) => Promise<Stored>): Promise<Stored>;
}>;

/** How far a complete reading came; null where it says nothing about that (one order). */
export type Reach = Readonly<{ watermark: Date | null; confirmedUntil: Date }> | null;

/**
 * Runs one feed: one at a time, with a row that says what was found, and an audit record when it ends. Its watermark
 * moves only at the end, with all data in: a run that dies leaves it where it was. Never throws: a failure is told.
 */
export async function runFeed(
  feed: Feed,
  scope: Readonly<Record<string, unknown>>,
  surroundings: RunSurroundings,
  read: (run: FeedRun) => Promise<Reach>,
): Promise<Readonly<{ report: FeedReport; orderKeys: readonly string[] }>> {
  const held = await whileLocked(surroundings.pool, `feed:${feed.id}`, () =>
    runLocked(feed, scope, surroundings, read),
  );
  if (held.locked) return held.result;
  const error = `A sync of ${feed.id} is already at work; wait for it to finish.`;
  return { report: reportOf(feed, null, "refused", NOTHING_STORED, error), orderKeys: [] };
}

async function runLocked(
  feed: Feed,
  scope: Readonly<Record<string, unknown>>,
  surroundings: RunSurroundings,
  read: (run: FeedRun) => Promise<Reach>,
): Promise<Readonly<{ report: FeedReport; orderKeys: readonly string[] }>> {
  const { pool, now } = surroundings;
  const runId = randomUUID();
  const startedAt = now();
  await beginRun(pool, runId, feed, scope, surroundings.actorName, startedAt);
  let sum = NOTHING_STORED;
  const store: FeedRun["store"] = async (page) => {
    surroundings.io.signal.throwIfAborted();
    const stored = await inTransaction(pool, async (client) => {
      // One writer per entity at a time: pages of several feeds may meet in one group.
      await lockInTransaction(client, `books:${feed.entityId}`);
      const result = await page(
        client,
        contextOf(feed, runId, now(), scope["full"] === true || "order" in scope),
      );
      await count(client, runId, result);
      return result;
    });
    sum = addStored(sum, stored);
    surroundings.onProgress?.({ feed: feed.id, found: sum.found, stored: sum.stored, failed: sum.failed });
    return stored;
  };
  try {
    const reach = await read({ feed, startedAt, store });
    await inTransaction(pool, (client) => finish(client, feed, runId, reach, sum, surroundings));
    return { report: reportOf(feed, runId, "done", sum, null), orderKeys: sum.orderKeys };
  } catch (error) {
    const state = surroundings.io.signal.aborted ? "stopped" : "failed";
    const words = state === "stopped" ? "It was stopped before it was done." : wordsOf(error);
    if (state === "failed" && !(error instanceof Refusal)) log.defect(`The sync of ${feed.id} failed`, error);
    await fail(pool, feed, runId, state, words, surroundings);
    return { report: reportOf(feed, runId, state, sum, words), orderKeys: sum.orderKeys };
  }
}

function contextOf(feed: Feed, runId: string, at: Date, rederive: boolean): StoreContext {
  const { entityId, connectionId, policy } = feed;
  return { entityId, connectionId, feedId: feed.id, runId, at, policy, rederive };
}

function reportOf(
  feed: Feed,
  runId: string | null,
  state: FeedReport["state"],
  { found, stored, unchanged, failed, changed }: Stored,
  error: string | null,
): FeedReport {
  return {
    feed: feed.id,
    entity: feed.entityId,
    runId,
    state,
    found,
    stored,
    unchanged,
    failed,
    changed,
    error,
  };
}

/** A refusal's words are for people; what else is thrown is a defect, and says at least what it is. */
const wordsOf = (error: unknown): string => {
  if (error instanceof Refusal) return error.message;
  return `It ended by an error of its own: ${error instanceof Error ? error.message : String(error)}`;
};

async function beginRun(
  pool: pg.Pool,
  runId: string,
  feed: Feed,
  scope: Readonly<Record<string, unknown>>,
  actorName: string,
  startedAt: Date,
): Promise<void> {
  // We hold the feed's lock: whoever else says that it runs has lost its process.
  await pool.query(
    `UPDATE run SET state = 'failed', finished_at = $2, error = 'Its process ended before it was done.'
      WHERE kind = 'sync' AND feed_id = $1 AND state = 'running'`,
    [feed.id, startedAt],
  );
  await pool.query(
    `INSERT INTO run (id, kind, entity_id, feed_id, scope, state, started_at, actor_name)
     VALUES ($1, 'sync', $2, $3, $4::jsonb, 'running', $5, $6)`,
    [runId, feed.entityId, feed.id, toJson(scope), startedAt, actorName],
  );
}

async function count(client: pg.PoolClient, runId: string, stored: Stored): Promise<void> {
  await client.query(
    `UPDATE run SET found = found + $2, stored = stored + $3, unchanged = unchanged + $4, failed = failed + $5
      WHERE id = $1`,
    [runId, stored.found, stored.stored, stored.unchanged, stored.failed],
  );
}

async function finish(
  client: pg.PoolClient,
  feed: Feed,
  runId: string,
  reach: Reach,
  sum: Stored,
  surroundings: RunSurroundings,
): Promise<void> {
  const at = surroundings.now();
  if (reach) {
    await client.query(
      `UPDATE feed SET watermark = greatest(watermark, $2), confirmed_until = greatest(confirmed_until, $3)
        WHERE id = $1`,
      [feed.id, reach.watermark, reach.confirmedUntil],
    );
  }
  await client.query(`UPDATE run SET state = 'done', finished_at = $2, as_of = $3 WHERE id = $1`, [
    runId,
    at,
    reach?.confirmedUntil ?? null,
  ]);
  const { found, stored, unchanged, failed } = sum;
  await audit(client, feed, runId, surroundings, at, { state: "done", found, stored, unchanged, failed });
}

async function fail(
  pool: pg.Pool,
  feed: Feed,
  runId: string,
  state: "failed" | "stopped",
  error: string,
  surroundings: RunSurroundings,
): Promise<void> {
  const at = surroundings.now();
  await inTransaction(pool, async (client) => {
    await client.query(`UPDATE run SET state = $2, finished_at = $3, error = $4 WHERE id = $1`, [
      runId,
      state,
      at,
      error,
    ]);
    await audit(client, feed, runId, surroundings, at, { state, error });
  });
}

async function audit(
  client: pg.PoolClient,
  feed: Feed,
  runId: string,
  { actor, actorName }: RunSurroundings,
  at: Date,
  after: Readonly<Record<string, unknown>>,
): Promise<void> {
  await appendAudit(client, {
    chain: feed.entityId,
    at,
    actor: actor ?? { kind: "machine", id: "sync", name: actorName },
    action: "run.sync",
    subject: `feed:${feed.id}`,
    outcome: "done",
    before: null,
    after: { run: runId, ...after },
  });
}
