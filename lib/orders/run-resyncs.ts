import type pg from "pg";
import { appendAudit } from "@/lib/audit/record";
import { claimPool, inTransaction, whileLocked, whileLockedSome } from "@/lib/db/pool";
import { Refusal } from "@/lib/domain/faults";
import { toJson } from "@/lib/domain/json";
import { runReconciliation } from "@/lib/matching/reconcile";
import { type SyncContext, surroundingsOf } from "@/lib/sync/run";
import { patiently } from "@/lib/sync/run-patiently";
import { syncSomeOrders } from "@/lib/sync/run-some-orders";
import { changesBetween, type Snapshot } from "./changes";
import { NOTHING, snapshotsOf } from "./one-snapshot";
import { claimOf } from "./resync";
import type { ResyncState } from "./schema";

/** Orders read together: few enough that a stop is soon obeyed and that intervals find their feeds free in between. */
const BATCH = 20;
const LOOK_AGAIN_MILLISECONDS = 300;

/** How many orders of a run there are in each state it can end in. */
export type ResyncCounts = Readonly<Record<ResyncState, number>>;

/**
 * Works on a run that reads many orders again, or goes on with one: some at a time, each held by the same claim as the
 * resync of one order, so that no order is read twice at once. What came of each is kept with it. A run that another
 * process is at, or that has ended, is left alone. A source that can't be read at all ends it as failed, and what waits can
 * be gone on with. Returns how it stands; null where it was left alone.
 *
 * @throws Refusal `not-found` for no such run; `conflict` where others are at its feeds on and on: it is tried again
 */
export async function runResyncs(runId: string, context: SyncContext): Promise<ResyncCounts | null> {
  const { pool, io } = surroundingsOf(context);
  // One client for all of it: it learns the sources' limits.
  const running = { ...context, pool, http: io.http, signal: io.signal };
  const held = await whileLocked(claimPool(), `resync-run:${runId}`, () => work(runId, pool, running));
  return held.locked ? held.result : null;
}

type Running = SyncContext & Readonly<{ pool: pg.Pool; signal: AbortSignal }>;

async function work(runId: string, pool: pg.Pool, context: Running): Promise<ResyncCounts | null> {
  const { rows } = await pool.query<{ entity_id: string; state: string }>(
    "SELECT entity_id, state FROM run WHERE id = $1 AND kind = 'resync'",
    [runId],
  );
  const [run] = rows;
  if (!run) throw new Refusal("not-found", "There is no such run.");
  if (run.state !== "waiting" && run.state !== "running") return null;
  const entityId = run.entity_id;
  await pool.query("UPDATE run SET state = 'running', started_at = $2 WHERE id = $1 AND state = 'waiting'", [
    runId,
    context.now(),
  ]);
  const others = new Set<string>();
  for (;;) {
    context.signal.throwIfAborted();
    const stop = await stopOf(pool, runId);
    if (stop !== null) return end(runId, entityId, "stopped", stop, context);
    const next = await waiting(pool, runId, [...others]);
    if (next.length === 0 && others.size === 0) return end(runId, entityId, "done", null, context);
    if (next.length === 0) {
      // What is left is being read by others at this moment: it comes after them.
      others.clear();
      await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MILLISECONDS));
      continue;
    }
    const claims = new Map(next.map((orderKey) => [claimOf(entityId, orderKey), orderKey]));
    const fault = await whileLockedSome(claimPool(), [...claims.keys()], (free) => {
      const mine = [...claims].flatMap(([claim, orderKey]) => (free.has(claim) ? [orderKey] : []));
      for (const orderKey of next.filter((key) => !mine.includes(key))) others.add(orderKey);
      return readBatch(runId, entityId, mine, context);
    });
    if (fault === null) for (const orderKey of next) others.add(orderKey);
    else if (fault.words !== null) return end(runId, entityId, "failed", fault.words, context);
  }
}

/** Who asked it to stop, in words; null where nobody did. */
async function stopOf(pool: pg.Pool, runId: string): Promise<string | null> {
  const { rows } = await pool.query<{ by: string | null }>(
    "SELECT stop_asked_by AS by FROM run WHERE id = $1 AND stop_asked_at IS NOT NULL",
    [runId],
  );
  return rows[0] ? `${rows[0].by ?? "Somebody"} stopped it before it was done.` : null;
}

async function waiting(pool: pg.Pool, runId: string, without: readonly string[]): Promise<readonly string[]> {
  const { rows } = await pool.query<{ orderKey: string }>(
    `SELECT order_key AS "orderKey" FROM resync_record
      WHERE run_id = $1 AND state = 'waiting' AND order_key <> ALL($2::uuid[]) ORDER BY name, order_key LIMIT $3`,
    [runId, [...without], BATCH],
  );
  return rows.map((row) => row.orderKey);
}

type Outcome = Readonly<{
  order_key: string;
  state: ResyncState;
  changes: readonly string[];
  reason: string | null;
  moved_to: string | null;
}>;

/** Reads some orders again and keeps what came of each. With words where a source can't be read: they go on waiting. */
async function readBatch(
  runId: string,
  entityId: string,
  orderKeys: readonly string[],
  context: Running,
): Promise<Readonly<{ words: string | null }>> {
  const { pool } = context;
  const before = await snapshotsOf(entityId, orderKeys);
  const label = {
    order: orderKeys.length === 1 ? "1 that was chosen" : `${orderKeys.length} that were chosen`,
  };
  const read = await patiently(() =>
    syncSomeOrders(entityId, orderKeys, { ...label, resync: runId }, context),
  );
  const touched = [...new Set([...orderKeys, ...read.touched])];
  const { now, actor, actorName, signal } = context;
  const matching = { now, actor, actorName, signal, pool };
  await patiently(() => runReconciliation({ entityId, orderKeys: touched }, matching));
  if (read.broken.length > 0) return { words: read.broken.join(" ") };
  const after = await snapshotsOf(entityId, orderKeys);
  const moved = await movedOf(pool, entityId, before, after);
  const outcomes = orderKeys.map((orderKey): Outcome => {
    const [was, is] = [before.get(orderKey) ?? NOTHING, after.get(orderKey) ?? NOTHING];
    const reasons = [...(read.problems.get(orderKey) ?? []), ...is.unread];
    const changes = changesBetween(was, is);
    return {
      order_key: orderKey,
      state: reasons.length > 0 ? "failed" : stateOf(was, is, changes),
      changes,
      reason: reasons.length > 0 ? reasons.join(" ") : null,
      moved_to: moved.get(orderKey) ?? null,
    };
  });
  await inTransaction(pool, (client) => keep(client, runId, outcomes, context.now()));
  return { words: null };
}

const openOf = ({ exceptions }: Snapshot): number => exceptions.filter((one) => one.open).length;

function stateOf(was: Snapshot, is: Snapshot, changes: readonly string[]): ResyncState {
  if (openOf(was) > 0 && openOf(is) === 0) return "solved";
  return changes.length === 0 ? "unchanged" : "changed";
}

/** Where the documents of groups are now that are empty: they found their order. */
async function movedOf(
  pool: pg.Pool,
  entityId: string,
  before: ReadonlyMap<string, Snapshot>,
  after: ReadonlyMap<string, Snapshot>,
): Promise<ReadonlyMap<string, string>> {
  const left = [...before].flatMap(([orderKey, { documents }]) => {
    const now = after.get(orderKey);
    const isEmpty = !now || (now.status === null && now.documents.length === 0);
    return isEmpty ? documents.map(({ id }) => [id, orderKey] as const) : [];
  });
  if (left.length === 0) return new Map();
  const from = new Map(left);
  const { rows } = await pool.query<{ id: string; orderKey: string }>(
    `SELECT id, order_key AS "orderKey" FROM document WHERE id = ANY($1::uuid[]) AND entity_id = $2`,
    [[...from.keys()], entityId],
  );
  return new Map(rows.map((row) => [from.get(row.id) ?? "", row.orderKey]));
}

async function keep(
  client: pg.ClientBase,
  runId: string,
  outcomes: readonly Outcome[],
  at: Date,
): Promise<void> {
  await client.query(
    `UPDATE resync_record r SET state = o.state, changes = o.changes, reason = o.reason, moved_to = o.moved_to, done_at = $3
       FROM jsonb_to_recordset($2::jsonb) AS o(order_key uuid, state text, changes jsonb, reason text, moved_to uuid)
      WHERE r.run_id = $1 AND r.order_key = o.order_key`,
    [runId, toJson(outcomes), at],
  );
  const count = (...states: readonly ResyncState[]): number =>
    outcomes.filter(({ state }) => states.includes(state)).length;
  await client.query(
    `UPDATE run SET found = found + $2, stored = stored + $3, unchanged = unchanged + $4, failed = failed + $5 WHERE id = $1`,
    [runId, outcomes.length, count("changed", "solved"), count("unchanged"), count("failed")],
  );
}

/** Ends the run, with its audit record. */
async function end(
  runId: string,
  entityId: string,
  state: "done" | "stopped" | "failed",
  error: string | null,
  { pool, now, actor, actorName }: Running,
): Promise<ResyncCounts> {
  const counts = await countStates(pool, runId);
  const at = now();
  await inTransaction(pool, async (client) => {
    await client.query("UPDATE run SET state = $2, finished_at = $3, error = $4 WHERE id = $1", [
      runId,
      state,
      at,
      error,
    ]);
    await appendAudit(client, {
      chain: entityId,
      at,
      actor: actor ?? { kind: "machine", id: "resync", name: actorName },
      action: "run.resync",
      subject: `run:${runId}`,
      outcome: "done",
      before: null,
      after: { state, ...counts, ...(error === null ? {} : { error }) },
    });
  });
  return counts;
}

/** How many orders of a run are in which state. */
async function countStates(pool: pg.Pool, runId: string): Promise<ResyncCounts> {
  const { rows } = await pool.query<{ state: ResyncState; count: number }>(
    "SELECT state, count(*)::int AS count FROM resync_record WHERE run_id = $1 GROUP BY state",
    [runId],
  );
  const counts = { waiting: 0, unchanged: 0, changed: 0, solved: 0, failed: 0 };
  for (const { state, count } of rows) counts[state] = count;
  return counts;
}
