import { randomUUID } from "node:crypto";
import type pg from "pg";
import type { AuditActor } from "@/lib/audit/event";
import { appendAudit } from "@/lib/audit/record";
import type { Io } from "@/lib/connectors/contract";
import { faultOf, NotOffered } from "@/lib/connectors/fault";
import { inTransaction, lockInTransaction, whileLocked } from "@/lib/db/pool";
import { Refusal } from "@/lib/domain/faults";
import { toJson } from "@/lib/domain/json";
import { log } from "@/lib/log";
import type { Feed } from "./feeds";
import { keepBudgets, loadOf, stretchOf } from "./slow-down";
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
  /** what is to follow where groups changed: added in the transaction that ends the run */
  andThen?: ((client: pg.PoolClient, feed: Feed) => Promise<void>) | undefined;
}>;

/** What a run is of: its kind, what was asked for, and the run that it goes on with. */
export type RunPlan = Readonly<{
  kind: "sync" | "backfill" | "sweep";
  scope: Readonly<Record<string, unknown>>;
  /** a run that stands in the table already, and was stopped or is to begin */
  runId?: string | undefined;
}>;

/** What a reader of a feed gets: a transaction per page, whose counts go into the run with it. */
export type FeedRun = Readonly<{
  feed: Feed;
  runId: string;
  startedAt: Date;
  /** for what is asked of the source: it ends when the run is stopped */
  io: Io;
  /**
   * Stores a page. With the last one comes how far the reading came: the watermark moves in the same transaction as the
   * data that it covers.
   */
  store(
    page: (client: pg.PoolClient, context: StoreContext) => Promise<Stored>,
    end?: Reach | undefined,
  ): Promise<Stored>;
}>;

/**
 * How far a complete reading came; null where it says nothing about that (one order, a back-fill). `confirmedUntil` null: not
 * everything was asked for yet.
 */
export type Reach = Readonly<{
  watermark: Date | null;
  confirmedUntil: Date | null;
  /** it went on where an earlier run was broken off, and so knows nothing of what came since that was begun */
  resumed?: boolean;
}> | null;

/** Whether a run reads what its feed is due to read: not some of it that somebody or something named. */
const isWhole = ({ kind, scope }: RunPlan): boolean =>
  kind === "sync" && !("order" in scope) && !("items" in scope);

/**
 * Runs one feed: one at a time, with a row that says what was found, and an audit record when it ends. Its watermark
 * moves only at the end, with all data in: a run that dies leaves it where it was. A person may stop it between pages.
 * Never throws: a failure is told.
 */
export async function runFeed(
  feed: Feed,
  plan: RunPlan,
  surroundings: RunSurroundings,
  read: (run: FeedRun) => Promise<Reach>,
): Promise<Readonly<{ report: FeedReport; orderKeys: readonly string[] }>> {
  const held = await whileLocked(surroundings.pool, `feed:${feed.id}`, () =>
    runLocked(feed, plan, surroundings, read),
  );
  if (held.locked) return held.result;
  const error = `A sync of ${feed.id} is already at work; wait for it to finish.`;
  return { report: reportOf(feed, null, "refused", NOTHING_STORED, error), orderKeys: [] };
}

type Running = Readonly<{
  feed: Feed;
  runId: string;
  plan: RunPlan;
  startedAt: Date;
  surroundings: RunSurroundings;
}>;

async function runLocked(
  feed: Feed,
  plan: RunPlan,
  surroundings: RunSurroundings,
  read: (run: FeedRun) => Promise<Reach>,
): Promise<Readonly<{ report: FeedReport; orderKeys: readonly string[] }>> {
  const { pool, now } = surroundings;
  const runId = plan.runId ?? randomUUID();
  const startedAt = now();
  const running: Running = { feed, runId, plan, startedAt, surroundings };
  if (!(await beginRun(running))) {
    const words = "It was stopped before it began, or is done; only a person lets it go on.";
    return { report: reportOf(feed, runId, "stopped", NOTHING_STORED, words), orderKeys: [] };
  }
  const stop = watchForStop(pool, runId, surroundings.io.signal);
  const io: Io = { ...surroundings.io, signal: stop.signal };
  let sum = NOTHING_STORED;
  let ended = false;
  const orderKeys = new Set<string>();
  const store: FeedRun["store"] = async (page, end) => {
    io.signal.throwIfAborted();
    let all = sum;
    let touched = false;
    const stored = await inTransaction(pool, async (client) => {
      await lockInTransaction(client, lockOf(feed));
      const { scope } = plan;
      const result = await page(
        client,
        contextOf(feed, runId, now(), scope["full"] === true || "order" in scope),
      );
      await count(client, runId, result);
      // The keys of a long reading are many: they are gathered apart, once each.
      all = addStored(sum, { ...result, orderKeys: [] });
      touched = orderKeys.size > 0 || result.orderKeys.length > 0;
      if (end) await finish(client, running, end, all, touched);
      return result;
    });
    sum = all;
    for (const key of stored.orderKeys) orderKeys.add(key);
    ended = end !== undefined && end !== null;
    surroundings.onProgress?.({ feed: feed.id, found: sum.found, stored: sum.stored, failed: sum.failed });
    return stored;
  };
  try {
    const reach = await read({ feed, runId, startedAt, io, store });
    if (!ended)
      await inTransaction(pool, (client) => finish(client, running, reach, sum, orderKeys.size > 0));
    return { report: reportOf(feed, runId, "done", sum, null), orderKeys: [...orderKeys] };
  } catch (error) {
    const state = io.signal.aborted ? "stopped" : "failed";
    const words = state === "stopped" ? stop.words() : wordsOf(error);
    if (state === "failed" && !(error instanceof Refusal)) log.defect(`The sync of ${feed.id} failed`, error);
    await fail(running, { state, words, held: holdReason(error), touched: orderKeys.size > 0 });
    return { report: reportOf(feed, runId, state, sum, words), orderKeys: [...orderKeys] };
  } finally {
    stop.end();
  }
}

/**
 * One writer per entity at a time: pages of several feeds may meet in one group. Stock is in no group, and doesn't wait for
 * the books.
 */
const lockOf = (feed: Feed): string =>
  feed.resource === "stock" ? `stock:${feed.connectionId}` : `books:${feed.entityId}`;

const STOP_LOOK_MILLISECONDS = 1000;

/** Looks whether a person asked the run to stop, also while it waits for its source. */
function watchForStop(pool: pg.Pool, runId: string, outer: AbortSignal) {
  const stop = new AbortController();
  let words = "It was stopped before it was done.";
  const timer = setInterval(() => {
    pool
      .query<{ by: string | null }>(
        `SELECT stop_asked_by AS by FROM run WHERE id = $1 AND stop_asked_at IS NOT NULL`,
        [runId],
      )
      .then(({ rows: [asked] }) => {
        if (!asked) return;
        words = `${asked.by ?? "Somebody"} stopped it before it was done.`;
        stop.abort(new Refusal("unavailable", words));
      })
      // The database is away: the run's next page says so.
      .catch(() => undefined);
  }, STOP_LOOK_MILLISECONDS);
  return {
    signal: AbortSignal.any([outer, stop.signal]),
    words: () => words,
    end: () => clearInterval(timer),
  };
}

/**
 * Why a feed must not go on by itself: a source locks accounts whose password is tried again and again, and what it doesn't
 * offer it won't offer in two minutes.
 */
function holdReason(error: unknown): string | null {
  if (error instanceof NotOffered) return `${error.message} It is not asked again by itself.`;
  const status = faultOf(error)?.status ?? null;
  if (status !== 401 && status !== 403) return null;
  return `Its source refused the credentials (${status}). It is not asked again by itself, so that it locks nobody out.`;
}

function contextOf(feed: Feed, runId: string, at: Date, rederive: boolean): StoreContext {
  const { entityId, connectionId, policy } = feed;
  return { entityId, connectionId, feedId: feed.storesAs, runId, at, policy, rederive };
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

/** Whether it may begin: not where it is done, or was stopped by a person since its job was added. */
async function beginRun({ feed, runId, plan, startedAt, surroundings }: Running): Promise<boolean> {
  const { kind, scope } = plan;
  const { pool, actorName } = surroundings;
  // We hold the feed's lock: whoever else says that it runs has lost its process.
  await pool.query(
    `UPDATE run SET state = 'failed', finished_at = $2, error = 'Its process ended before it was done.'
      WHERE kind IN ('sync', 'backfill', 'sweep') AND feed_id = $1 AND state = 'running' AND id <> $3`,
    [feed.id, startedAt, runId],
  );
  const expected = isWhole(plan) ? await expectedOf(pool, feed, scope) : null;
  const { rowCount } = await pool.query(
    `INSERT INTO run (id, kind, entity_id, feed_id, scope, state, started_at, actor_name, expected, expected_from)
     VALUES ($1, $2, $3, $4, $5::jsonb, 'running', $6, $7, $8, $9)
     ON CONFLICT (id) DO UPDATE SET state = 'running', finished_at = NULL, error = NULL, stop_asked_at = NULL,
       stop_asked_by = NULL WHERE run.state <> 'done' AND (run.state <> 'stopped' OR run.stop_asked_at IS NULL)`,
    [
      runId,
      kind,
      feed.entityId,
      feed.id,
      toJson(scope),
      startedAt,
      actorName,
      expected?.records ?? null,
      expected?.from ?? null,
    ],
  );
  if (rowCount === 0) return false;
  if (!isWhole(plan)) return true;
  // Whoever starts it, its interval counts from here.
  await pool.query(
    "UPDATE feed SET due_at = $2::timestamptz + make_interval(secs => interval_seconds * stretch) WHERE id = $1",
    [feed.id, startedAt],
  );
  return true;
}

type Expected = Readonly<{ records: number; from: "held" | "history" }>;

/**
 * How many records a reading will find, as far as anybody can know before: a full one as many as are held; one of what
 * changed as many as the most of its last five found, which is said to be an estimate. Null without any of them.
 */
async function expectedOf(pool: pg.Pool, feed: Feed, scope: RunPlan["scope"]): Promise<Expected | null> {
  if (scope["full"] !== true) {
    const { rows } = await pool.query<{ found: number | null }>(
      `SELECT max(found)::int AS found FROM (
         SELECT found FROM run WHERE feed_id = $1 AND kind = 'sync' AND state = 'done' AND NOT scope ?| ARRAY['order', 'items']
            AND coalesce(scope ->> 'full', 'false') = 'false' AND $2::timestamptz IS NOT NULL
          ORDER BY started_at DESC LIMIT 5) AS last`,
      [feed.id, feed.watermark],
    );
    const found = rows[0]?.found ?? 0;
    return found > 0 ? { records: found, from: "history" } : null;
  }
  if (feed.resource !== "orders" && feed.resource !== "ledger-documents") return null;
  const { rows } = await pool.query<{ held: number }>(
    "SELECT count(*)::int AS held FROM fetch_control WHERE feed_id = $1 AND (kind = 'sale' OR $2)",
    [feed.id, feed.resource !== "orders"],
  );
  const held = rows[0]?.held ?? 0;
  return held > 0 ? { records: held, from: "held" } : null;
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
  running: Running,
  reach: Reach,
  sum: Stored,
  touched: boolean,
): Promise<void> {
  const { feed, runId, startedAt, surroundings } = running;
  const at = surroundings.now();
  if (reach) {
    const load = await loadOf(client, feed, surroundings.io, at.getTime() - startedAt.getTime());
    const { stretch, reason } = stretchOf(feed, load);
    await client.query(
      `UPDATE feed SET watermark = greatest(watermark, $2), confirmed_until = greatest(confirmed_until, $3), position = NULL,
              held_at = NULL, held_reason = NULL, stretch = $4, stretch_reason = $5,
              due_at = CASE WHEN $7 THEN $6::timestamptz ELSE $6::timestamptz + make_interval(secs => interval_seconds * $4) END
        WHERE id = $1`,
      [feed.id, reach.watermark, reach.confirmedUntil, stretch, reason, startedAt, reach.resumed ?? false],
    );
  }
  await keepBudgets(client, feed, surroundings.io);
  await client.query(`UPDATE run SET state = 'done', finished_at = $2, as_of = $3 WHERE id = $1`, [
    runId,
    at,
    reach?.confirmedUntil ?? null,
  ]);
  const { found, stored, unchanged, failed } = sum;
  if (touched) await surroundings.andThen?.(client, feed);
  await audit(client, running, at, { state: "done", found, stored, unchanged, failed });
}

type Failure = Readonly<{
  state: "failed" | "stopped";
  words: string;
  held: string | null;
  touched: boolean;
}>;

async function fail(running: Running, { state, words, held, touched }: Failure): Promise<void> {
  const { feed, runId, surroundings } = running;
  const at = surroundings.now();
  await inTransaction(surroundings.pool, async (client) => {
    // What ended it may have come after its last commit, as when the answer to that is lost: then it is done.
    const { rowCount } = await client.query(
      `UPDATE run SET state = $2, finished_at = $3, error = $4 WHERE id = $1 AND state = 'running'`,
      [runId, state, at, words],
    );
    if (rowCount === 0) return;
    if (held) {
      await client.query("UPDATE feed SET held_at = $2, held_reason = $3 WHERE id = $1", [feed.id, at, held]);
    }
    // Pages that came in count, though others did not.
    if (touched) await surroundings.andThen?.(client, feed);
    await audit(client, running, at, { state, error: words });
  });
}

async function audit(
  client: pg.PoolClient,
  { feed, runId, plan, surroundings: { actor, actorName } }: Running,
  at: Date,
  after: Readonly<Record<string, unknown>>,
): Promise<void> {
  await appendAudit(client, {
    chain: feed.entityId,
    at,
    actor: actor ?? { kind: "machine", id: "sync", name: actorName },
    action: `run.${plan.kind}`,
    subject: `feed:${feed.id}`,
    outcome: "done",
    before: null,
    after: { run: runId, ...after },
  });
}
