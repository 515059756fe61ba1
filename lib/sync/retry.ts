import type pg from "pg";
import type { LedgerSource, OrderSource, Reading } from "@/lib/connectors/contract";
import type { BookDocument } from "@/lib/domain/document";
import { Refusal } from "@/lib/domain/faults";
import { addJob } from "@/lib/jobs/queue";
import { classOfError, isPassing, nextTry, TRIES_MOST } from "./error-class";
import type { ErrorClass } from "./error-classes";
import { type FeedRun, runFeed } from "./feed-run";
import { loadFeeds, openLedger, openOrders, openStock } from "./feeds";
import { keepGoneOrder } from "./gone";
import { readItems } from "./read-stock";
import { type SyncContext, surroundingsOf } from "./run";
import { NOTHING_STORED } from "./store/context";
import { storeInvoices } from "./store/invoices";
import { storeLedger } from "./store/ledger";
import { storeOrders } from "./store/orders";
import { STOCK } from "./store/stock";

type Person = Readonly<{ id: string; name: string }>;

/** Adds another try of one failed record; of several that wait for it, one. */
export const addRetry = (
  client: pg.ClientBase,
  failedId: string,
  { by, runAt }: Readonly<{ by?: Person; runAt?: Date }> = {},
) =>
  addJob(
    client,
    "retry-record",
    { failedId, ...(by ? { by } : {}) },
    {
      queue: "retry-records",
      key: `retry:${failedId}`,
      runAt,
    },
  );

/** How many records are tried again by themselves in a minute at most: the source's limit is for what is new. */
const RETRIES_AT_ONCE = 50;

/** Adds the tries that are due, of passing faults only, in the caller's transaction. Returns how many. */
export async function addDueRetries(client: pg.ClientBase, at: Date): Promise<number> {
  const { rows } = await client.query<{ id: string }>(
    `UPDATE failed_record SET next_try_at = NULL
       FROM (SELECT x.order_key, x.id FROM failed_record x JOIN feed f ON f.id = x.feed_id
              WHERE x.resolved_at IS NULL AND x.given_up_at IS NULL AND x.next_try_at <= $1 AND f.held_at IS NULL
              ORDER BY x.next_try_at LIMIT $2 FOR UPDATE OF x SKIP LOCKED) AS due
      WHERE failed_record.order_key = due.order_key AND failed_record.id = due.id RETURNING failed_record.id`,
    [at, RETRIES_AT_ONCE],
  );
  for (const { id } of rows) await addRetry(client, id);
  return rows.length;
}

type Failed = Readonly<{
  order_key: string;
  id: string;
  feed_id: string;
  connection_id: string;
  resource: string;
  source_id: string;
  reference: string | null;
  error_class: ErrorClass;
  shop: string | null;
}>;

/**
 * Asks the source for one record that failed again and stores what it says. What can be read by then is resolved; a
 * passing fault is tried again later, up to so many times, after which somebody of operations owns it for good.
 *
 * @throws Refusal `not-found` for a record that is resolved or unknown; `conflict` while its feed is being read
 */
export async function retryRecord(failedId: string, context: SyncContext): Promise<"resolved" | "failed"> {
  const surroundings = surroundingsOf(context);
  const { pool } = surroundings;
  const record = await openRecord(pool, failedId);
  if (!record) throw new Refusal("not-found", "There is no such record that still fails.");
  const [feed] = await loadFeeds(pool, { feedId: record.feed_id });
  if (!feed) throw new Refusal("not-found", `There is no feed ${record.feed_id} in use.`);
  const scope = { order: record.reference ?? record.source_id, record: record.source_id };
  let thrown: unknown = null;
  const { report } = await runFeed(feed, { kind: "sync", scope }, surroundings, async (run) => {
    try {
      await readAgain(run, record);
    } catch (error) {
      thrown = error;
      throw error;
    }
    return null;
  });
  if (report.state === "refused") throw new Refusal("conflict", report.error ?? "The feed is being read.");
  if (report.state === "stopped") throw new Refusal("unavailable", report.error ?? "It was stopped.");
  const still = await openRecord(pool, failedId);
  if (!still) return "resolved";
  await countTry(pool, still, thrown === null ? null : classOfError(thrown), report.error, context.now());
  return "failed";
}

async function openRecord(pool: pg.Pool, failedId: string): Promise<Failed | undefined> {
  const { rows } = await pool.query<Failed>(
    `SELECT x.order_key, x.id, x.feed_id, x.connection_id, x.resource, x.source_id, x.reference, x.error_class,
            o.content ->> 'shop' AS shop
       FROM failed_record x LEFT JOIN sales_order o ON o.order_key = x.order_key
      WHERE x.id = $1 AND x.resolved_at IS NULL ORDER BY x.last_seen_at DESC LIMIT 1`,
    [failedId],
  );
  return rows[0];
}

async function countTry(
  pool: pg.Pool,
  record: Failed,
  thrown: ErrorClass | null,
  error: string | null,
  at: Date,
): Promise<void> {
  const errorClass = thrown ?? record.error_class;
  await pool.query(
    `UPDATE failed_record SET attempts = attempts + 1, error_class = $3, reason = coalesce($4, reason),
            next_try_at = CASE WHEN $5 AND attempts + 1 < $6 THEN ($7::timestamptz[])[attempts + 2] END,
            given_up_at = CASE WHEN $5 AND attempts + 1 >= $6 THEN $8 ELSE given_up_at END,
            given_up_why = CASE WHEN $5 AND attempts + 1 >= $6 THEN 'It was tried as often as it may.' ELSE given_up_why END
      WHERE order_key = $1 AND id = $2`,
    [record.order_key, record.id, errorClass, error, isPassing(errorClass), TRIES_MOST, triesFrom(at), at],
  );
}

/** When each further try would be, counted from now. */
const triesFrom = (at: Date): readonly (Date | null)[] =>
  Array.from({ length: TRIES_MOST + 1 }, (_, attempts) => nextTry(attempts, at));

async function readAgain(run: FeedRun, record: Failed): Promise<void> {
  if (record.resource === "invoices") return readList(run, record);
  if (record.resource === STOCK) return readItems(run, openStock(run.feed, run.io), [record.source_id], {});
  if (record.resource === "orders") {
    const reading = await orderAgain(openOrders(run.feed, run.io), run.feed.shop ?? "", record);
    await run.store((client, context) =>
      reading
        ? storeOrders(client, context, [reading])
        : keepGoneOrder(client, context, { sourceId: record.source_id, reference: record.reference }),
    );
    return;
  }
  const readings = await documentsAgain(openLedger(run.feed, run.io), record);
  if (readings.length === 0) throw new Refusal("not-found", "Its source no longer has this document.");
  await run.store((client, context) => storeLedger(client, context, readings));
}

async function orderAgain(source: OrderSource, shop: string, { source_id, reference }: Failed) {
  const byId = await source.order(shop, { id: source_id });
  if (byId || reference === null) return byId;
  return source.order(shop, { reference });
}

async function documentsAgain(source: LedgerSource, { source_id, reference }: Failed) {
  const readings: Reading<BookDocument>[] = [];
  for (const kind of ["sale", "credit"] as const) {
    const one = await source.document?.(kind, source_id);
    if (one) readings.push(one);
  }
  if (readings.length > 0 || reference === null) return readings;
  return source.documentsOf(reference);
}

async function readList(run: FeedRun, record: Failed): Promise<void> {
  if (record.shop === null) throw new Refusal("not-found", "Its order is not here yet.");
  const reading = await openOrders(run.feed, run.io).invoices(record.shop, record.source_id);
  await run.store(async (client, context) => {
    const { rows } = await client.query<{ order_key: string }>(
      "SELECT order_key FROM sales_order WHERE connection_id = $1 AND source_id = $2",
      [context.connectionId, record.source_id],
    );
    const orderKey = rows[0]?.order_key;
    return orderKey === undefined ? NOTHING_STORED : storeInvoices(client, context, [{ orderKey, reading }]);
  });
}
