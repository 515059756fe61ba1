import type pg from "pg";
import type { OrderSource, Reading } from "@/lib/connectors/contract";
import { Refusal } from "@/lib/domain/faults";
import { aliasOf } from "@/lib/domain/identity";
import type { SalesOrder } from "@/lib/domain/order";
import { type FeedReport, type FeedRun, type RunSurroundings, runFeed, type SyncReport } from "./feed-run";
import { type Feed, openLedger, openOrders } from "./feeds";
import { findOrderKeys } from "./order-keys";
import { NOTHING_STORED } from "./store/context";
import { storeInvoices } from "./store/invoices";
import { storeLedger } from "./store/ledger";
import { storeOrders } from "./store/orders";

type Known = Readonly<{
  entityId: string;
  connectionId: string;
  sourceId: string;
  shop: string | null;
  names: readonly string[];
  invoicesEnabled: boolean;
}>;

/**
 * Reads one order again from SCAYLE (by the id that its reference resolves to, else by the reference), then the ERP
 * documents that carry one of its names, then its invoice list. No watermark moves. Throws Refusal "not-found" where
 * neither system knows it.
 */
export async function syncOneOrder(
  reference: string,
  feeds: readonly Feed[],
  surroundings: RunSurroundings,
): Promise<SyncReport> {
  const { pool } = surroundings;
  const alias = aliasOf(reference);
  const entities = [...new Set(feeds.map((feed) => feed.entityId))];
  const known = await knownOrders(pool, entities, alias);
  const held = await findOrderKeys(pool, entities, reference);
  const touched = new Set(held.map((one) => one.orderKey));
  // Where we hold something of that name, its entity is the one that is meant.
  const holders = new Set(held.map((one) => one.entityId));
  const mine = feeds.filter((feed) => holders.size === 0 || holders.has(feed.entityId));
  const reports: FeedReport[] = [];
  const visit = async (feed: Feed, read: (run: FeedRun) => Promise<void>): Promise<void> => {
    const { report, orderKeys } = await runFeed(
      feed,
      { kind: "sync", scope: { order: reference } },
      surroundings,
      async (run) => {
        await read(run);
        return null;
      },
    );
    reports.push(report);
    for (const key of orderKeys) touched.add(key);
  };

  for (const feed of mine.filter((one) => one.resource === "orders")) {
    const ids = known.filter((one) => one.connectionId === feed.connectionId);
    const elsewhere = ids.length > 0 && ids.every((one) => one.shop !== null && one.shop !== feed.shop);
    if (elsewhere) continue;
    await visit(feed, async (run) => {
      const source = openOrders(feed, surroundings.io);
      const readings = await orderReadings(source, feed.shop ?? "", reference, ids);
      await run.store((client, context) => storeOrders(client, context, readings));
    });
  }
  const after = await knownOrders(pool, entities, alias);
  for (const feed of mine.filter((one) => one.resource === "ledger-documents")) {
    const names = after.filter((one) => one.entityId === feed.entityId).flatMap((one) => one.names);
    await visit(feed, async (run) => {
      const source = openLedger(feed, surroundings.io);
      for (const name of new Set([reference.trim(), ...names])) {
        const readings = await source.documentsOf(name);
        await run.store((client, context) => storeLedger(client, context, readings));
      }
    });
  }
  for (const feed of mine.filter((one) => one.resource === "invoices")) {
    const lists = after.filter((one) => one.connectionId === feed.connectionId && one.invoicesEnabled);
    if (lists.length === 0) continue;
    await visit(feed, (run) => readLists(run, openOrders(feed, surroundings.io), lists));
  }
  for (const { orderKey } of await findOrderKeys(pool, entities, reference)) touched.add(orderKey);
  if (touched.size === 0 && reports.every((report) => report.error === null)) {
    throw new Refusal("not-found", `Neither SCAYLE nor the ERP knows an order ${reference}.`);
  }
  return { feeds: reports, orderKeys: [...touched], notes: [] };
}

async function orderReadings(
  source: OrderSource,
  shop: string,
  reference: string,
  known: readonly Known[],
): Promise<readonly Reading<SalesOrder>[]> {
  const wanted =
    known.length > 0 ? known.map((one) => ({ id: one.sourceId })) : [{ reference: reference.trim() }];
  const readings: Reading<SalesOrder>[] = [];
  for (const one of wanted) {
    const reading = await source.order(shop, one);
    if (reading) readings.push(reading);
  }
  return readings;
}

async function readLists(run: FeedRun, source: OrderSource, orders: readonly Known[]): Promise<void> {
  for (const order of orders) {
    if (order.shop === null) continue;
    const reading = await source.invoices(order.shop, order.sourceId);
    await run.store(async (client, context) => {
      const { rows } = await client.query<{ order_key: string }>(
        "SELECT order_key FROM sales_order WHERE connection_id = $1 AND source_id = $2 AND entity_id = $3",
        [context.connectionId, order.sourceId, context.entityId],
      );
      const orderKey = rows[0]?.order_key;
      if (orderKey === undefined) return NOTHING_STORED;
      return storeInvoices(client, context, [{ orderKey, reading }]);
    });
  }
}

/** Orders that go by this name, readable or not, with all their names. */
async function knownOrders(
  pool: pg.Pool,
  entityIds: readonly string[],
  alias: string,
): Promise<readonly Known[]> {
  const { rows } = await pool.query<Known>(
    `SELECT o.entity_id AS "entityId", o.connection_id AS "connectionId", o.source_id AS "sourceId",
       o.content ->> 'shop' AS shop,
       array_remove(ARRAY[o.reference, o.public_key, o.source_id], NULL) AS names,
       coalesce(c.invoices_enabled, true) AS "invoicesEnabled"
     FROM order_alias a JOIN sales_order o ON o.order_key = a.order_key
       LEFT JOIN channel c ON c.connection_id = o.connection_id AND c.key = o.channel
     WHERE a.entity_id = ANY($1) AND a.alias = $2
     UNION
     SELECT f.entity_id, f.connection_id, f.source_id, NULL, array_remove(ARRAY[f.reference, f.source_id], NULL), false
     FROM failed_record f
     WHERE f.entity_id = ANY($1) AND f.resource = 'orders' AND f.resolved_at IS NULL
       AND (lower(btrim(f.reference)) = $2 OR lower(f.source_id) = $2)
       AND NOT EXISTS (SELECT FROM sales_order s WHERE s.order_key = f.order_key)
     ORDER BY 1, 2, 3`,
    [[...entityIds], alias],
  );
  return rows;
}
