import type pg from "pg";
import type { Reading } from "@/lib/connectors/contract";
import { faultOf } from "@/lib/connectors/fault";
import { ledgerConnectors } from "@/lib/connectors/registry";
import { inTransaction } from "@/lib/db/pool";
import { Refusal } from "@/lib/domain/faults";
import type { SalesOrder } from "@/lib/domain/order";
import { classOfError } from "@/lib/sync/error-class";
import { type FeedReport, type RunSurroundings, runFeed } from "@/lib/sync/feed-run";
import { type Feed, loadFeeds, openOrders } from "@/lib/sync/feeds";
import { runSync, type SyncContext, surroundingsOf } from "@/lib/sync/run";
import { addSync } from "@/lib/sync/schedule";
import type { StoreContext, Stored } from "@/lib/sync/store/context";
import { storeOrders } from "@/lib/sync/store/orders";

/** More named orders than this are read through the list: a page has a hundred, a call of its own one. */
const ONE_BY_ONE_MAX = 20;
const PAGE = 100;

/** An order that waiting events name, and those events. */
type Named = Readonly<{
  sourceId: string | null;
  reference: string | null;
  /** shopKey/countryCode, where we hold the order */
  shop: string | null;
  events: readonly string[];
}>;

/**
 * Reads every order again that waiting events of a connection name, each once however many events name it, and settles
 * those events in the transaction that stores the order. Doing it twice does no harm; what came meanwhile waits for the
 * job that was added with it.
 *
 * @throws Refusal where a source could not be asked: the events go on waiting, and the job is tried again
 */
export async function readNamedOrders(connectionId: string, context: SyncContext): Promise<void> {
  const surroundings = surroundingsOf(context);
  const { pool } = surroundings;
  const feeds = (await loadFeeds(pool, {})).filter((feed) => feed.connectionId === connectionId);
  const [first] = feeds;
  if (!first) return;
  if (ledgerConnectors.has(first.connectionKind))
    return readByReference(pool, connectionId, first.entityId, context);
  const orderFeeds = feeds.filter((feed) => feed.resource === "orders");
  await settleUnnamed(pool, connectionId, orderFeeds, context);
  const named = await namedOrders(pool, connectionId);
  const events = named.flatMap((one) => one.events);
  if (named.length > ONE_BY_ONE_MAX) await readByIds(named, orderFeeds, surroundings);
  const unlisted = await namedOrders(pool, connectionId, events);
  // Where the source knows no list by ids, there is still the one of what changed.
  if (unlisted.length > ONE_BY_ONE_MAX) await readByList(unlisted, orderFeeds, context);
  const rest = await namedOrders(pool, connectionId, events);
  await readOneByOne(rest, orderFeeds, surroundings);
}

/**
 * An event that names no order (SCAYLE's older item and package events carry items alone) still says that something
 * changed: the feeds of its connection are read, which list what did.
 */
async function settleUnnamed(
  pool: pg.Pool,
  connectionId: string,
  feeds: readonly Feed[],
  { now }: SyncContext,
): Promise<void> {
  await inTransaction(pool, async (client) => {
    const { rowCount } = await client.query(
      `UPDATE webhook_event SET state = 'done', done_at = $2,
              outcome = 'It names no order: the feeds of its connection are read.'
        WHERE connection_id = $1 AND subject = 'order' AND state = 'waiting' AND source_id IS NULL AND reference IS NULL`,
      [connectionId, now()],
    );
    if ((rowCount ?? 0) === 0) return;
    for (const feed of feeds) await addSync(client, feed.id);
  });
}

/** Orders that waiting events name, or those of them whose events are asked for; the longest waiting first. */
async function namedOrders(
  pool: pg.Pool,
  connectionId: string,
  events: readonly string[] | null = null,
): Promise<readonly Named[]> {
  const { rows } = await pool.query<Named>(
    `SELECT e.source_id AS "sourceId", CASE WHEN e.source_id IS NULL THEN e.reference END AS reference,
            min(s.shop_key || '/' || s.country_code) AS shop, array_agg(e.id::text) AS events
       FROM webhook_event e
       LEFT JOIN sales_order o ON o.connection_id = e.connection_id AND o.source_id = e.source_id
       LEFT JOIN shop s ON s.id = o.shop_id
      WHERE e.connection_id = $1 AND e.subject = 'order' AND e.state = 'waiting' AND ($2::uuid[] IS NULL OR e.id = ANY ($2::uuid[]))
      GROUP BY 1, 2 ORDER BY min(e.received_at), 1, 2`,
    [connectionId, events],
  );
  return rows;
}

/**
 * At peak: a page of orders by their ids, stored with the settling of the events that name them. What does not come so, or
 * can't be written so, waits for the ways that are slower.
 */
async function readByIds(
  named: readonly Named[],
  feeds: readonly Feed[],
  surroundings: RunSurroundings,
): Promise<void> {
  const plan = { kind: "sync", scope: { order: "named by webhooks", named: named.length } } as const;
  for (const feed of feeds) {
    const mine = named.filter(
      (one) => one.sourceId !== null && (one.shop === null || one.shop === feed.shop),
    );
    if (mine.length === 0) continue;
    const { report } = await runFeed(feed, plan, surroundings, async (run) => {
      const source = openOrders(feed, run.io);
      for (let first = 0; source.ordersById && first < mine.length; first += PAGE) {
        const some = mine.slice(first, first + PAGE);
        const listed = await source.ordersById(
          feed.shop ?? "",
          some.map((one) => one.sourceId ?? ""),
        );
        const readings = listed.filter((reading) => !isOfAnotherShop(reading, feed));
        const read = new Set(readings.map((reading) => reading.sourceId));
        const events = some.flatMap((one) => (read.has(one.sourceId ?? "") ? one.events : []));
        if (events.length === 0) continue;
        await run
          .store((client, storing) => storeAndSettle(client, storing, readings, events))
          .catch((error: unknown) => {
            if (run.io.signal.aborted || faultOf(error) !== null || classOfError(error) === null) throw error;
          });
      }
      return null;
    });
    if (report.state !== "done") throw refusalOf(report);
  }
}

async function storeAndSettle(
  client: pg.PoolClient,
  storing: StoreContext,
  readings: readonly Reading<SalesOrder>[],
  events: readonly string[],
): Promise<Stored> {
  const stored = await storeOrders(client, storing, readings);
  await client.query(
    `UPDATE webhook_event SET state = 'done', done_at = $2, outcome = 'The order was read again.'
      WHERE id IN (SELECT id FROM webhook_event WHERE id = ANY ($1::uuid[]) AND state = 'waiting' ORDER BY id FOR UPDATE)`,
    [events, storing.at],
  );
  return stored;
}

/** Where no list by ids is to be had: one reading of what changed, and every named order that came in with it is settled. */
async function readByList(
  named: readonly Named[],
  feeds: readonly Feed[],
  context: SyncContext,
): Promise<void> {
  const pool = surroundingsOf(context).pool;
  const begun = context.now();
  for (const feed of feeds) {
    const { feeds: reports } = await runSync({ feedId: feed.id }, context);
    const fault = reports.find((one) => one.state !== "done");
    if (fault) throw refusalOf(fault);
  }
  await pool.query(
    `UPDATE webhook_event e SET state = 'done', done_at = $2, outcome = 'Read again with the list of what changed.'
       FROM sales_order o
      WHERE e.id = ANY ($1::uuid[]) AND e.state = 'waiting' AND o.connection_id = e.connection_id AND o.source_id = e.source_id
        AND o.checked_at >= $3`,
    [named.flatMap((one) => one.events), context.now(), begun],
  );
}

async function readOneByOne(
  named: readonly Named[],
  feeds: readonly Feed[],
  surroundings: RunSurroundings,
): Promise<void> {
  let waiting = named;
  for (const feed of feeds) {
    // An order that we hold is in its shop; another one may be in any.
    const mine = waiting.filter((one) => one.shop === null || one.shop === feed.shop);
    if (mine.length === 0) continue;
    const found = new Set<Named>();
    const { report } = await runFeed(
      feed,
      { kind: "sync", scope: { order: "named by webhooks", named: mine.length } },
      surroundings,
      async (run) => {
        const source = openOrders(feed, run.io);
        for (const one of mine) {
          const wanted = one.sourceId === null ? { reference: one.reference ?? "" } : { id: one.sourceId };
          const reading = await source.order(feed.shop ?? "", wanted);
          // SCAYLE answers for any order, whatever the shop in the path: one of another shop is that shop's feed's.
          if (!reading || isOfAnotherShop(reading, feed)) continue;
          await run.store((client, storing) => storeAndSettle(client, storing, [reading], one.events));
          found.add(one);
        }
        return null;
      },
    );
    if (report.state !== "done") throw refusalOf(report);
    waiting = waiting.filter((one) => !found.has(one));
  }
  if (waiting.length === 0) return;
  await surroundings.pool.query(
    `UPDATE webhook_event SET state = 'failed', done_at = $2, outcome = 'SCAYLE has no such order in a shop that this connection reads.'
      WHERE id = ANY ($1::uuid[]) AND state = 'waiting'`,
    [waiting.flatMap((one) => one.events), surroundings.now()],
  );
}

/** Why a feed was not read: "conflict" where somebody else is reading it at this moment. */
const refusalOf = ({ state, feed, error }: FeedReport): Refusal =>
  new Refusal(state === "refused" ? "conflict" : "unavailable", error ?? `${feed} could not be read.`);

const isOfAnotherShop = ({ result }: Reading<SalesOrder>, { shop }: Feed): boolean =>
  result.ok && shop !== null && result.value.shop !== shop;

/** What another system than SCAYLE names by reference is read again from both systems. */
async function readByReference(
  pool: pg.Pool,
  connectionId: string,
  entityId: string,
  context: SyncContext,
): Promise<void> {
  for (const { reference, events } of await namedOrders(pool, connectionId)) {
    const outcome =
      reference === null
        ? { state: "done", words: "The feeds of its connection are read." }
        : await readOne(reference, entityId, context);
    await pool.query(
      "UPDATE webhook_event SET state = $2, done_at = $3, outcome = $4 WHERE id = ANY ($1::uuid[]) AND state = 'waiting'",
      [events, outcome.state, context.now(), outcome.words],
    );
  }
}

async function readOne(
  orderReference: string,
  entityId: string,
  context: SyncContext,
): Promise<Readonly<{ state: "done" | "failed"; words: string }>> {
  try {
    const { feeds } = await runSync({ orderReference, entityId }, context);
    const fault = feeds.find((one) => one.state !== "done");
    if (fault) throw refusalOf(fault);
    return { state: "done", words: "The order was read again from both systems." };
  } catch (error) {
    if (error instanceof Refusal && error.code === "not-found")
      return { state: "failed", words: error.message };
    throw error;
  }
}
