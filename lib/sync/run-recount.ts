import { randomUUID } from "node:crypto";
import type pg from "pg";
import type { AuditActor } from "@/lib/audit/event";
import { appendAudit } from "@/lib/audit/record";
import type { CountedRecord, Days, Io, SourceCount } from "@/lib/connectors/contract";
import { createHttpClient, type HttpClient } from "@/lib/connectors/http";
import { sleep } from "@/lib/connectors/sleep";
import { inTransaction, ownerPool, whileLocked } from "@/lib/db/pool";
import { daysOf, type Month } from "@/lib/domain/day";
import { Refusal } from "@/lib/domain/faults";
import { toJson } from "@/lib/domain/json";
import { log } from "@/lib/log";
import type { CountResult } from "@/lib/matching/proof/count-result";
import { compareCounts, type HeldRecord } from "./count-compare";
import { type Feed, loadFeeds, openLedger, openOrders } from "./feeds";

export type RecountRequest = Readonly<{ entityId: string; period: Month }>;

export type RecountContext = Readonly<{
  actorName: string;
  actor?: AuditActor | undefined;
  now: () => Date;
  signal?: AbortSignal | undefined;
  http?: HttpClient | undefined;
  pool?: pg.Pool | undefined;
}>;

/** What the second count of one feed came to. `unavailable`: it could not be asked, for the reason in `method`. */
export type FeedCount = Readonly<{
  feed: string;
  state: "agrees" | "differs" | "unavailable";
  method: string;
  askedAt: Date;
  result: CountResult | null;
}>;

/**
 * Counts a month of an entity again at its sources, each in another way than its sync reads, and compares what they name
 * with what was fetched. Stores what it found per feed; changes nothing else.
 *
 * @throws Refusal `not-found` for an entity that nobody reads, `conflict` while another count of it is at work
 */
export async function runRecount(
  { entityId, period }: RecountRequest,
  context: RecountContext,
): Promise<readonly FeedCount[]> {
  const pool = context.pool ?? ownerPool();
  const feeds = (await loadFeeds(pool, { entityId })).filter((feed) => COUNTED.has(feed.resource));
  if (feeds.length === 0) throw new Refusal("not-found", `There is no source to ask for ${entityId}.`);
  const held = await whileLocked(pool, `recount:${entityId}`, async () => {
    // Whoever else says that it counts has lost its lock, and so its process.
    await pool.query(
      `UPDATE run SET state = 'failed', finished_at = $2, error = 'Its process ended before it was done.'
        WHERE kind = 'recount' AND entity_id = $1 AND state = 'running'`,
      [entityId, context.now()],
    );
    const counts: FeedCount[] = [];
    for (const feed of feeds) counts.push(await countFeed(pool, feed, period, context));
    return counts;
  });
  if (!held.locked)
    throw new Refusal("conflict", `A count of ${entityId} is already at work; wait for it to finish.`);
  return held.result;
}

const COUNTED: ReadonlySet<string> = new Set(["orders", "ledger-documents"]);

async function countFeed(
  pool: pg.Pool,
  feed: Feed,
  period: Month,
  context: RecountContext,
): Promise<FeedCount> {
  const runId = randomUUID();
  const askedAt = context.now();
  await pool.query(
    `INSERT INTO run (id, kind, entity_id, feed_id, period, scope, state, started_at, actor_name)
     VALUES ($1, 'recount', $2, $3, $4, '{}', 'running', $5, $6)`,
    [runId, feed.entityId, feed.id, period, askedAt, context.actorName],
  );
  const found = await askedAgain(pool, feed, period, context);
  const count: FeedCount = { feed: feed.id, askedAt, ...found };
  await inTransaction(pool, (client) => keep(client, feed, period, runId, count, found.sourceTime, context));
  return count;
}

type Answer = Omit<FeedCount, "feed" | "askedAt"> & Readonly<{ sourceTime: Date | null }>;

async function askedAgain(
  pool: pg.Pool,
  feed: Feed,
  period: Month,
  context: RecountContext,
): Promise<Answer> {
  try {
    const io = ioOf(context);
    const { first: from, last: to } = daysOf(period);
    const days = { from, to };
    const source = await ask(feed, days, io);
    if (source === null) {
      return {
        state: "unavailable",
        method: "This source can't be counted in a second way.",
        result: null,
        sourceTime: null,
      };
    }
    const held = await heldRecords(pool, feed, days, source.records);
    const result = compareCounts(source, held.records, held.confirmedUntil);
    return {
      state: result.differing === 0 ? "agrees" : "differs",
      method: source.method,
      result,
      sourceTime: source.sourceTime,
    };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    if (!(error instanceof Refusal)) log.defect(`The second count of ${feed.id} failed`, error);
    return {
      state: "unavailable",
      method: `It could not be asked: ${error.message}`,
      result: null,
      sourceTime: null,
    };
  }
}

function ioOf(context: RecountContext): Io {
  const http = context.http ?? createHttpClient({ fetch, now: () => new Date(), sleep, random: Math.random });
  return { http, signal: context.signal ?? new AbortController().signal };
}

async function ask(feed: Feed, days: Days, io: Io): Promise<SourceCount | null> {
  if (feed.resource === "orders") return (await openOrders(feed, io).count?.(feed.shop ?? "", days)) ?? null;
  return (await openLedger(feed, io).count?.(days)) ?? null;
}

/** What was fetched of these days, and of what the source names whatever its day, and up to when the feed was read. */
async function heldRecords(
  pool: pg.Pool,
  feed: Feed,
  { from, to }: Days,
  listed: readonly CountedRecord[],
): Promise<Readonly<{ records: readonly HeldRecord[]; confirmedUntil: Date | null }>> {
  const { rows } = await pool.query<HeldRecord>(
    `SELECT f.kind, f.source_id AS "sourceId", f.number, f.modified_at AS "modifiedAt", f.day BETWEEN $3::date AND $4::date AS "inDays",
            EXISTS (SELECT FROM document d WHERE d.connection_id = f.connection_id AND d.source_id = f.source_id AND d.kind = f.kind
                       AND NOT d.posted) AS draft
       FROM fetch_control f
      WHERE f.connection_id = $1 AND f.feed_id = $2 AND ($5 OR f.kind = 'sale')
        AND (f.day BETWEEN $3::date AND $4::date OR (f.kind IN ('sale', 'credit') AND f.source_id = ANY($6)))`,
    [feed.connectionId, feed.id, from, to, feed.resource !== "orders", listed.map((one) => one.sourceId)],
  );
  const { rows: feeds } = await pool.query<{ confirmed_until: Date | null }>(
    "SELECT confirmed_until FROM feed WHERE id = $1",
    [feed.id],
  );
  return { records: rows, confirmedUntil: feeds[0]?.confirmed_until ?? null };
}

async function keep(
  client: pg.PoolClient,
  feed: Feed,
  period: Month,
  runId: string,
  { state, method, askedAt, result }: FeedCount,
  sourceTime: Date | null,
  context: RecountContext,
): Promise<void> {
  await client.query(
    `INSERT INTO source_count (id, entity_id, feed_id, period, state, method, asked_at, source_time, result, run_id)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9::jsonb, $1)`,
    [runId, feed.entityId, feed.id, period, state, method, askedAt, sourceTime, toJson(result)],
  );
  const failed = state === "unavailable";
  await client.query("UPDATE run SET state = $2, finished_at = $3, found = $4, error = $5 WHERE id = $1", [
    runId,
    failed ? "failed" : "done",
    context.now(),
    result?.source ?? 0,
    failed ? method : null,
  ]);
  await appendAudit(client, {
    chain: feed.entityId,
    at: askedAt,
    actor: context.actor ?? { kind: "machine", id: "sync", name: context.actorName },
    action: "run.recount",
    subject: `feed:${feed.id}`,
    outcome: "done",
    before: null,
    after: { run: runId, period, state, differing: result?.differing ?? null },
  });
}
