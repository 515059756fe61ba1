import type pg from "pg";
import type { Days } from "@/lib/connectors/contract";
import { daysOf } from "@/lib/domain/day";
import type { DocumentKind } from "@/lib/domain/document";
import { Refusal } from "@/lib/domain/faults";
import { type FeedReport, type FeedRun, runFeed } from "./feed-run";
import { loadFeeds, openLedger, openOrders } from "./feeds";
import { keepGoneOrder, withdrawDocument } from "./gone";
import { openMonths } from "./open-months";
import { readRange } from "./range-read";
import { canBackfill } from "./resources";
import { type SyncContext, surroundingsOf } from "./run";
import { storeLedger } from "./store/ledger";
import { storeOrders } from "./store/orders";

/**
 * Reads the open months of a feed again by their own days, whatever the source says of when it changed them: what was
 * changed without a new time comes in as a new version, what is no longer there is asked for once more by its id and then
 * withdrawn, as a version too. Null where the feed can't be read by days, or nothing of it was read yet.
 *
 * @throws Refusal `not-found` for a feed that is not in use
 */
export async function runSweep(feedId: string, context: SyncContext): Promise<FeedReport | null> {
  const surroundings = surroundingsOf(context);
  const { pool } = surroundings;
  const [feed] = await loadFeeds(pool, { feedId });
  if (!feed) throw new Refusal("not-found", `There is no feed ${feedId} in use.`);
  const months = await openMonths(pool, feed.entityId);
  const [newest, oldest] = [months[0], months.at(-1)];
  if (!canBackfill(feed) || newest === undefined || oldest === undefined) return null;
  const days: Days = { from: daysOf(oldest).first, to: daysOf(newest).last };
  const { report } = await runFeed(feed, { kind: "sweep", scope: days }, surroundings, async (run) => {
    const seen = new Set<string>();
    await readRange(run, days, null, (sourceId) => seen.add(sourceId));
    for (const one of await notSeen(pool, run, days, seen)) await lookFor(run, one);
    return null;
  });
  return report;
}

type Held = Readonly<{ kind: DocumentKind; sourceId: string; number: string | null }>;

/** What was held of these days before the reading began and did not come with it. */
async function notSeen(
  pool: pg.Pool,
  { feed, startedAt }: FeedRun,
  { from, to }: Days,
  seen: ReadonlySet<string>,
): Promise<readonly Held[]> {
  const { rows } = await pool.query<Held>(
    `SELECT kind, source_id AS "sourceId", number FROM fetch_control
      WHERE connection_id = $1 AND feed_id = $2 AND day BETWEEN $3::date AND $4::date AND seen_at < $5
        AND (kind = 'sale' OR $6) ORDER BY kind, source_id`,
    [feed.connectionId, feed.id, from, to, startedAt, feed.resource !== "orders"],
  );
  return rows.filter((one) => !seen.has(one.sourceId));
}

/** Asks for one record that a list did not hold: it may have moved to other days, or be gone. */
async function lookFor(run: FeedRun, held: Held): Promise<void> {
  if (run.feed.resource === "orders") return lookForOrder(run, held);
  const source = openLedger(run.feed, run.io);
  // A source that can't be asked for one document has only its list: what that doesn't hold is not withdrawn on its word.
  if (!source.document) return;
  const reading = await source.document(held.kind, held.sourceId);
  await run.store((client, context) =>
    reading ? storeLedger(client, context, [reading]) : withdrawDocument(client, context, held),
  );
}

async function lookForOrder(run: FeedRun, held: Held): Promise<void> {
  const reading = await openOrders(run.feed, run.io).order(run.feed.shop ?? "", { id: held.sourceId });
  await run.store((client, context) =>
    reading
      ? storeOrders(client, context, [reading])
      : keepGoneOrder(client, context, { sourceId: held.sourceId, reference: held.number }),
  );
}
