import type pg from "pg";
import { inTransaction } from "@/lib/db/pool";
import { Refusal } from "@/lib/domain/faults";
import { runFeed } from "@/lib/sync/feed-run";
import { loadFeeds, openStock } from "@/lib/sync/feeds";
import { type ItemsAnswer, readItems } from "@/lib/sync/read-stock";
import { type SyncContext, surroundingsOf } from "@/lib/sync/run";
import { addSync } from "@/lib/sync/schedule";

/** So many items are stored and settled together. */
const PAGE = 64;

/** An item that waiting events name, and those events. */
type Named = Readonly<{ itemKey: string; events: readonly string[] }>;

/**
 * Reads the stock of every item again that waiting events of a connection name, each once however many events name it, and
 * settles those events in the transaction that stores what the source says. What an event itself says is not taken over: it
 * may come late, twice or out of order. Doing it twice does no harm.
 *
 * @throws Refusal `conflict` while the feed is being read; `unavailable` where the source could not be asked: the events go on
 * waiting, and the job is tried again
 */
export async function readNamedStock(connectionId: string, context: SyncContext): Promise<void> {
  const surroundings = surroundingsOf(context);
  const { pool } = surroundings;
  const feeds = await loadFeeds(pool, {});
  const feed = feeds.find((one) => one.connectionId === connectionId && one.resource === "stock");
  if (!feed) return settleAll(pool, connectionId, "Of this system no stock is read: kept.", context.now());
  const named = await namedItems(pool, connectionId);
  if (named.length > 0) {
    const plan = { kind: "sync", scope: { items: "named by webhooks", named: named.length } } as const;
    let later = 0;
    const { report } = await runFeed(feed, plan, surroundings, async (run) => {
      const source = openStock(feed, run.io);
      for (let first = 0; first < named.length; first += PAGE) {
        const some = named.slice(first, first + PAGE);
        const itemKeys = some.map((one) => one.itemKey);
        await readItems(run, source, itemKeys, {
          settle: (client, storing, answer) => {
            later += answer.later.length;
            return settle(client, some, answer, storing.at);
          },
        });
      }
      return null;
    });
    if (report.state === "refused") throw new Refusal("conflict", report.error ?? "It is being read.");
    if (report.state !== "done")
      throw new Refusal("unavailable", report.error ?? `${feed.id} could not be read.`);
    if (later > 0)
      throw new Refusal("unavailable", `The stock of ${later} items could not be read at this moment.`);
  }
  await settleUnnamed(pool, connectionId, feed.id, context.now());
}

/** The items that waiting events name; the longest waiting first. */
async function namedItems(pool: pg.Pool, connectionId: string): Promise<readonly Named[]> {
  const { rows } = await pool.query<Named>(
    `SELECT coalesce(reference, source_id) AS "itemKey", array_agg(id::text) AS events FROM webhook_event
      WHERE connection_id = $1 AND subject = 'stock' AND state = 'waiting' AND coalesce(reference, source_id) IS NOT NULL
      GROUP BY 1 ORDER BY min(received_at), 1`,
    [connectionId],
  );
  return rows;
}

async function settle(
  client: pg.ClientBase,
  named: readonly Named[],
  answer: ItemsAnswer,
  at: Date,
): Promise<void> {
  const ended = await everRead(client, named, answer.gone);
  const unknown = answer.gone.filter((one) => !ended.includes(one));
  const outcomes = [
    [answer.read, "done", "The stock of this item was read again."],
    [ended, "done", "Its system has no such item any more: nothing of it is counted as stock."],
    [
      unknown,
      "done",
      "Its system has no such item, and none of it was ever read: nothing is counted as stock.",
    ],
    [answer.refused, "failed", "The stock of this item could not be read: it is among the failed records."],
  ] as const;
  for (const [itemKeys, state, words] of outcomes) {
    const asked = new Set(itemKeys);
    await client.query(
      "UPDATE webhook_event SET state = $2, done_at = $3, outcome = $4 WHERE id = ANY ($1::uuid[]) AND state = 'waiting'",
      [named.flatMap((one) => (asked.has(one.itemKey) ? one.events : [])), state, at, words],
    );
  }
}

/** Those of some items that their system once had: something of their stock was read. */
async function everRead(
  client: pg.ClientBase,
  named: readonly Named[],
  gone: readonly string[],
): Promise<readonly string[]> {
  if (gone.length === 0) return [];
  const { rows } = await client.query<{ key: string }>(
    `SELECT DISTINCT r.item_key AS key FROM stock_reading r
      WHERE r.item_key = ANY ($2) AND r.connection_id = (SELECT connection_id FROM webhook_event WHERE id = $1::uuid)`,
    [named[0]?.events[0], gone],
  );
  return rows.map((row) => row.key);
}

/** An event that names no item still says that something changed: the feed is read. */
async function settleUnnamed(pool: pg.Pool, connectionId: string, feedId: string, at: Date): Promise<void> {
  await inTransaction(pool, async (client) => {
    const { rowCount } = await client.query(
      `UPDATE webhook_event SET state = 'done', done_at = $2, outcome = 'It names no item: the stock feed is read.'
        WHERE connection_id = $1 AND subject = 'stock' AND state = 'waiting' AND source_id IS NULL AND reference IS NULL`,
      [connectionId, at],
    );
    if ((rowCount ?? 0) > 0) await addSync(client, feedId);
  });
}

const settleAll = async (pool: pg.Pool, connectionId: string, words: string, at: Date): Promise<void> => {
  await pool.query(
    `UPDATE webhook_event SET state = 'kept', done_at = $2, outcome = $3
      WHERE connection_id = $1 AND subject = 'stock' AND state = 'waiting'`,
    [connectionId, at, words],
  );
};
