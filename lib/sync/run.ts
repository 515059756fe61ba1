import type pg from "pg";
import type { AuditActor } from "@/lib/audit/event";
import { createHttpClient, type HttpClient } from "@/lib/connectors/http";
import { sleep } from "@/lib/connectors/sleep";
import { ownerPool } from "@/lib/db/pool";
import { Refusal } from "@/lib/domain/faults";
import {
  type FeedReport,
  type Progress,
  type RunPlan,
  type RunSurroundings,
  runFeed,
  type SyncReport,
} from "./feed-run";
import { type Feed, loadFeeds, openLedger, openOrders, openStock } from "./feeds";
import { syncOneOrder } from "./one-order";
import { readStock } from "./read-stock";
import { readDocuments, readInvoiceLists, readOrders, readStatuses } from "./readers";
import { settleRefundPolicy } from "./refund-policy";
import { isReadFromSystem } from "./resources";

export type SyncRequest = Readonly<{
  entityId?: string | undefined;
  feedId?: string | undefined;
  /** read this one order again, from both systems */
  orderReference?: string | undefined;
  /** everything, not only what changed */
  full?: boolean | undefined;
}>;

export type SyncContext = Readonly<{
  actorName: string;
  actor?: AuditActor | undefined;
  now: () => Date;
  signal?: AbortSignal | undefined;
  onProgress?: ((progress: Progress) => void) | undefined;
  http?: HttpClient | undefined;
  pool?: pg.Pool | undefined;
  /** what is to follow where groups changed; see RunSurroundings */
  andThen?: RunSurroundings["andThen"];
}>;

/**
 * Reads what changed at the sources of the live entities (or of one entity, or one feed, or one order) and stores it.
 * A feed that fails says so in the report, and the others go on; what needs reconciling is marked.
 *
 * @throws Refusal `not-found` for an entity, feed or order that nobody knows; `invalid` for a feed that is fed by files
 */
export async function runSync(request: SyncRequest, context: SyncContext): Promise<SyncReport> {
  const surroundings = surroundingsOf(context);
  const feeds = await feedsOf(surroundings.pool, request);
  if (request.orderReference !== undefined) {
    return syncOneOrder(request.orderReference, feeds, surroundings);
  }
  const reports: FeedReport[] = [];
  const orderKeys = new Set<string>();
  for (const feed of feeds) {
    if (surroundings.io.signal.aborted) break;
    const full = request.full ?? false;
    const plan: RunPlan = { kind: "sync", scope: { full } };
    const { report, orderKeys: keys } = await runFeed(feed, plan, surroundings, (run) => {
      const { pool } = surroundings;
      switch (feed.resource) {
        case "orders":
          return readOrders(run, openOrders(feed, run.io), full);
        case "invoices":
          return readInvoiceLists(run, openOrders(feed, run.io), pool, full);
        case "status":
          return readStatuses(run, openOrders(feed, run.io), pool);
        case "stock":
          return readStock(run, openStock(feed, run.io), pool, full);
        default:
          return readDocuments(run, openLedger(feed, run.io), full);
      }
    });
    reports.push(report);
    for (const key of keys) orderKeys.add(key);
  }
  return { feeds: reports, orderKeys: [...orderKeys], notes: await notesOn(feeds, reports, surroundings) };
}

/** What new ERP documents say about the settings of their entities. */
async function notesOn(
  feeds: readonly Feed[],
  reports: readonly FeedReport[],
  surroundings: RunSurroundings,
): Promise<readonly string[]> {
  const notes: string[] = [];
  for (const feed of feeds.filter((one) => one.resource === "ledger-documents")) {
    const report = reports.find((one) => one.feed === feed.id);
    if (!report?.runId || report.state !== "done" || report.stored === 0) continue;
    const note = await settleRefundPolicy(feed, report.runId, surroundings);
    if (note) notes.push(note);
  }
  return notes;
}

/** Everything outside that a run may touch, as its caller gave it or as it is. */
export function surroundingsOf(context: SyncContext): RunSurroundings {
  const { now, actorName, actor, onProgress, andThen } = context;
  const http = context.http ?? createHttpClient({ fetch, now: () => new Date(), sleep, random: Math.random });
  const signal = context.signal ?? new AbortController().signal;
  return {
    pool: context.pool ?? ownerPool(),
    io: { http, signal },
    now,
    actorName,
    actor,
    onProgress,
    andThen,
  };
}

async function feedsOf(pool: pg.Pool, { entityId, feedId }: SyncRequest): Promise<readonly Feed[]> {
  const feeds = await loadFeeds(pool, { entityId, feedId });
  if (feedId !== undefined && feeds.length === 0) {
    throw new Refusal("not-found", `There is no feed ${feedId} in use.`);
  }
  if (entityId !== undefined && feeds.length === 0) {
    const { rows } = await pool.query("SELECT FROM entity WHERE id = $1 AND retired_at IS NULL", [entityId]);
    if (rows.length === 0) throw new Refusal("not-found", `There is no entity ${entityId} in use.`);
  }
  const readable = feeds.filter((feed) => isReadFromSystem(feed.resource));
  if (feedId !== undefined && readable.length === 0) {
    throw new Refusal("invalid", `The feed ${feedId} is fed by files: use tieout import.`);
  }
  return readable;
}
