import type pg from "pg";
import type { Reading } from "@/lib/connectors/contract";
import { aliasOf, orderKeyOf } from "@/lib/domain/identity";
import { onlyPaymentOf, type SalesOrder } from "@/lib/domain/order";
import { invoicesFromJson } from "@/lib/matching/order-codec";
import { keepForms } from "@/lib/matching/reference-rules";
import { deriveBooks } from "./books";
import { keepClaims } from "./claims";
import type { StoreContext, Stored } from "./context";
import { keepPageControls } from "./controls";
import { healFailed, keepFailed } from "./failed-records";
import { keepTerms } from "./lookup";
import { rekeyDocuments } from "./placement";
import {
  type Failed,
  isOlder,
  keepPayloads,
  keepPersonalData,
  unreadOf,
  type Version,
  versionsOf,
} from "./readings";
import { insertRows, markDirty } from "./rows";
import { shopIdOf } from "./shop-id";
import { nameItems } from "./stock";

/** The resource under which orders are kept. */
export const ORDERS = "orders";

type Held = Readonly<{
  order_key: string;
  modified_at: Date | null;
  source_record_id: string | null;
  invoices: unknown;
}>;

type Fresh = Readonly<{ version: Version<SalesOrder>; order: SalesOrder; orderKey: string }>;

/**
 * Stores a page of orders inside the caller's transaction: payloads, personal data, the order, its names, the books
 * derived from it, and the ERP documents that its names now resolve. An older version never replaces a newer one; one
 * that we hold only moves `checked_at`; one that can't be read is kept as failed.
 */
export async function storeOrders(
  client: pg.ClientBase,
  context: StoreContext,
  readings: readonly Reading<SalesOrder>[],
): Promise<Stored> {
  const versions = versionsOf(context, ORDERS, readings);
  const keyOf = (version: Version<unknown>): string => orderKeyOf(context.connectionId, version.sourceId);
  const held = await heldOrders(client, versions.map(keyOf));
  await keepPayloads(client, context, ORDERS, versions);
  await keepPageControls(client, context, ORDERS, versions);
  const fresh: Fresh[] = [];
  const current: string[] = [];
  const failed: Readonly<{ version: Failed; orderKey: string }>[] = [];
  for (const version of versions) {
    const orderKey = keyOf(version);
    const now = held.get(orderKey);
    if (isOlder(version.modifiedAt, now?.modified_at)) continue;
    if (!version.result.ok) {
      failed.push({ version: { ...version, ...unreadOf(version.result) }, orderKey });
      continue;
    }
    current.push(version.sourceId);
    if (now?.source_record_id === version.recordId && !context.rederive) continue;
    fresh.push({ version, order: version.result.value, orderKey });
  }
  await keepPersonalData(client, context, [
    ...fresh.map((one) => one.version),
    ...failed.map((one) => one.version),
  ]);
  const writtenKeys = await upsertOrders(client, context, fresh);
  await client.query(`UPDATE sales_order SET checked_at = $2 WHERE order_key = ANY($1::uuid[])`, [
    current.map((sourceId) => orderKeyOf(context.connectionId, sourceId)),
    context.at,
  ]);
  const names = await addAliases(client, context, fresh);
  await keepTerms(
    client,
    context,
    fresh.map(({ version, order, orderKey }) => ({
      orderKey,
      personal: version.personal,
      parcels: order.packages.flatMap((one) => (one.tracking ? [one.tracking] : [])),
    })),
  );
  // Stock moves when an order is created, and when it is cancelled: its items are asked for first.
  await nameItems(
    client,
    context,
    fresh.flatMap(({ order }) => order.items.map((item) => item.sku)),
  );
  await keepClaims(client, context, fresh);
  const books = await deriveBooks(
    client,
    context,
    fresh.map(({ version, order, orderKey }) => ({
      orderKey,
      order,
      invoices: invoicesFromJson(held.get(orderKey)?.invoices),
      sourceRecordId: version.recordId,
    })),
  );
  await inheritPlace(client, writtenKeys);
  const moves = await rekeyDocuments(client, context, { ...names, numbers: [] });
  await askInvoicesAgain(
    client,
    moves.filter((move) => move.kind === "credit").map((move) => move.to.orderKey),
  );
  const failedKeys = await keepFailed(client, context, ORDERS, failed);
  const healedKeys = await healFailed(client, context, ORDERS, current);
  const orderKeys = [
    ...writtenKeys,
    ...books.orderKeys,
    ...failedKeys,
    ...healedKeys,
    ...moves.flatMap((move) => [move.from, move.to.orderKey]),
  ];
  await markDirty(client, context.entityId, orderKeys, context.at);
  const stored = new Set([...writtenKeys, ...books.orderKeys]).size;
  return {
    found: readings.length,
    stored,
    unchanged: readings.length - stored - failed.length,
    failed: failed.length,
    orderKeys: [...new Set(orderKeys)],
    changed: [],
  };
}

/** Sets invoice lists of orders to be fetched again; what we hold stays until then. */
export async function askInvoicesAgain(client: pg.ClientBase, orderKeys: readonly string[]): Promise<void> {
  if (orderKeys.length === 0) return;
  await client.query(
    `UPDATE sales_order SET invoices_at = NULL WHERE order_key = ANY($1::uuid[]) AND invoices_at IS NOT NULL`,
    [[...new Set(orderKeys)]],
  );
}

async function heldOrders(
  client: pg.ClientBase,
  orderKeys: readonly string[],
): Promise<ReadonlyMap<string, Held>> {
  const { rows } = await client.query<Held>(
    `SELECT order_key, modified_at, source_record_id, invoices FROM sales_order WHERE order_key = ANY($1::uuid[])`,
    [[...orderKeys]],
  );
  return new Map(rows.map((row) => [row.order_key, row]));
}

export const ORDER_COLUMNS = `order_key uuid, entity_id text, connection_id uuid, source_id text, reference text, public_key text, shop_id text,
  channel text, channel_type text, ship_to text, currency text, status text, order_status text, shipping_status text,
  billing_status text, placed_at timestamptz, confirmed_at timestamptz, modified_at timestamptz, content jsonb,
  payment text, customer_key text, source_record_id uuid, checked_at timestamptz`;

/** The row of an order. */
export function orderRow(
  context: StoreContext,
  order: SalesOrder,
  orderKey: string,
  version: Readonly<{ modifiedAt: Date | null; customerKey: string | null; recordId: string | null }>,
): Readonly<Record<string, unknown>> {
  return {
    order_key: orderKey,
    entity_id: context.entityId,
    connection_id: context.connectionId,
    source_id: order.id,
    reference: order.reference,
    public_key: order.publicKey,
    shop_id: shopIdOf(context.entityId, order.shop),
    channel: order.channel,
    channel_type: order.channelType,
    ship_to: order.shipTo,
    currency: order.currency,
    status: order.status,
    order_status: order.orderStatus,
    shipping_status: order.shippingStatus,
    billing_status: order.billingStatus,
    placed_at: order.createdAt,
    confirmed_at: order.confirmedAt,
    modified_at: version.modifiedAt,
    content: order,
    payment: onlyPaymentOf(order),
    customer_key: version.customerKey,
    source_record_id: version.recordId,
    checked_at: context.at,
  };
}

/**
 * Writes orders that are new or say something else than before. Their invoice lists stay, and are to be asked for
 * again. Returns the keys of those written.
 */
export async function writeOrders(
  client: pg.ClientBase,
  rows: readonly Readonly<Record<string, unknown>>[],
): Promise<readonly string[]> {
  const set = ORDER_COLUMNS.split(",")
    .map((column) => column.trim().split(" ")[0])
    .filter((name) => name !== "order_key")
    .map((name) => `"${name}" = excluded."${name}"`);
  const written = await insertRows<{ order_key: string }>(
    client,
    "sales_order",
    ORDER_COLUMNS,
    rows,
    `ON CONFLICT (order_key) DO UPDATE SET ${set.join(", ")}, invoices_at = NULL
      WHERE sales_order.source_record_id IS DISTINCT FROM excluded.source_record_id
         OR sales_order.content IS DISTINCT FROM excluded.content
     RETURNING order_key`,
  );
  return written.map((row) => row.order_key);
}

const upsertOrders = (
  client: pg.ClientBase,
  context: StoreContext,
  fresh: readonly Fresh[],
): Promise<readonly string[]> =>
  writeOrders(
    client,
    fresh.map(({ version, order, orderKey }) =>
      orderRow(context, order, orderKey, {
        modifiedAt: version.modifiedAt,
        customerKey: version.personal?.customerKey ?? null,
        recordId: version.recordId,
      }),
    ),
  );

/** Names that orders have got: as they are stated, and as the reference rules of each ERP connection read them. */
export type NewNames = Readonly<{
  aliases: readonly string[];
  forms: readonly Readonly<{ connectionId: string; form: string }>[];
}>;

/** Adds names of orders and returns those that are new. A name once used is kept: ERP documents may still carry it. */
export async function addAliases(
  client: pg.ClientBase,
  context: StoreContext,
  orders: readonly Readonly<{ order: SalesOrder; orderKey: string }>[],
): Promise<NewNames> {
  const names = orders.flatMap(({ order, orderKey }) => {
    const stated = [
      order.id,
      order.reference,
      ...(order.publicKey ? [order.publicKey] : []),
      ...order.aliases,
    ];
    return stated.map((name) => ({ orderKey, name, alias: aliasOf(name) }));
  });
  const usable = names.filter(({ alias }) => alias !== "");
  if (usable.length === 0) return { aliases: [], forms: [] };
  const { rows } = await client.query<{ order_key: string; alias: string }>(
    `INSERT INTO order_alias (order_key, entity_id, alias)
     SELECT DISTINCT a.order_key, $3, a.alias FROM unnest($1::uuid[], $2::text[]) AS a(order_key, alias)
     ON CONFLICT (order_key, alias) DO NOTHING RETURNING order_key, alias`,
    [usable.map((one) => one.orderKey), usable.map((one) => one.alias), context.entityId],
  );
  const added = new Set(rows.map((row) => row.alias));
  return {
    aliases: [...new Set(usable.filter((one) => added.has(one.alias)).map((one) => one.name))],
    forms: await keepForms(client, context.entityId, rows),
  };
}

/** ERP documents and lines are found by the shop, channel and country of their order. */
async function inheritPlace(client: pg.ClientBase, orderKeys: readonly string[]): Promise<void> {
  if (orderKeys.length === 0) return;
  await client.query(
    `UPDATE document SET shop_id = o.shop_id, channel = o.channel, ship_to = o.ship_to FROM sales_order o
      WHERE o.order_key = ANY($1::uuid[]) AND document.order_key = o.order_key AND document.side = 'erp'
        AND (document.shop_id, document.channel, document.ship_to) IS DISTINCT FROM (o.shop_id, o.channel, o.ship_to)`,
    [[...orderKeys]],
  );
  await client.query(
    `UPDATE line SET shop_id = o.shop_id, channel = o.channel FROM sales_order o
      WHERE o.order_key = ANY($1::uuid[]) AND line.order_key = o.order_key AND line.side = 'erp'
        AND (line.shop_id, line.channel) IS DISTINCT FROM (o.shop_id, o.channel)`,
    [[...orderKeys]],
  );
}
