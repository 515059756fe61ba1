import type pg from "pg";
import type { BookDocument, BookLine } from "@/lib/domain/document";
import { orderKeyOf } from "@/lib/domain/identity";
import type { OrderFee, OrderItem, SalesOrder } from "@/lib/domain/order";
import type { StoreContext } from "./context";
import { type PlacedDocument, type WrittenDocuments, writeDocuments } from "./documents";
import { addAliases, orderRow, writeOrders } from "./orders";
import { rekeyDocuments } from "./placement";
import { markDirty } from "./rows";
import { shopIdOf } from "./shop-id";

/**
 * Stores the orders of a sales file: of each a minimal order, and its documents as the file states them. ERP documents
 * that name one of them join it.
 */
export async function writeFileOrders(
  client: pg.ClientBase,
  context: StoreContext,
  documents: readonly BookDocument[],
): Promise<WrittenDocuments> {
  const byOrder = new Map<string, BookDocument[]>();
  for (const document of documents) {
    byOrder.set(document.sourceId, [...(byOrder.get(document.sourceId) ?? []), document]);
  }
  const keyOf = (sourceId: string): string => orderKeyOf(context.connectionId, sourceId);
  const held = await heldKeys(client, [...byOrder.keys()].map(keyOf));
  const orders = [...byOrder].flatMap(([sourceId, own]) => {
    const sale = own.find((document) => document.kind === "sale");
    const basis = sale ?? own[0];
    const orderKey = keyOf(sourceId);
    // A file that brings only the credit of an order that we hold says nothing new about the order.
    if (!basis || (!sale && held.has(orderKey))) return [];
    return [{ orderKey, order: orderFrom(sourceId, basis), modifiedAt: basis.modifiedAt }];
  });
  await writeShops(client, context, documents);
  await writeOrders(
    client,
    orders.map(({ order, orderKey, modifiedAt }) =>
      orderRow(context, order, orderKey, { modifiedAt, customerKey: null, recordId: null }),
    ),
  );
  const names = await addAliases(client, context, orders);
  const placed: PlacedDocument[] = documents.map((document) => ({
    document,
    orderKey: keyOf(document.sourceId),
    orderKnown: true,
    shopId: shopIdOf(context.entityId, document.shop),
    channel: document.channel,
    shipTo: document.shipTo,
    sourceRecordId: null,
  }));
  const written = await writeDocuments(client, context, placed, true);
  const moves = await rekeyDocuments(client, context, { ...names, numbers: [] });
  const moved = moves.flatMap((move) => [move.from, move.to.orderKey]);
  const orderKeys = [...new Set([...written.orderKeys, ...moved])];
  await markDirty(client, context.entityId, orderKeys, context.at);
  return { ...written, orderKeys };
}

/** Which of these orders we hold. */
export async function heldKeys(client: pg.ClientBase, keys: readonly string[]): Promise<ReadonlySet<string>> {
  const { rows } = await client.query<{ order_key: string }>(
    "SELECT order_key FROM sales_order WHERE order_key = ANY($1::uuid[])",
    [[...keys]],
  );
  return new Set(rows.map((row) => row.order_key));
}

/** Makes the shops that documents of a file name. */
export async function writeShops(
  client: pg.ClientBase,
  context: StoreContext,
  documents: readonly BookDocument[],
): Promise<void> {
  const shops = [...new Set(documents.flatMap((document) => document.shop?.trim() || []))];
  await client.query(
    `INSERT INTO shop (id, entity_id, connection_id, shop_key, country_code, name)
     SELECT lower($1 || '/' || s), $1, $2, split_part(s, '/', 1), substr(s, length(split_part(s, '/', 1)) + 2), s
       FROM unnest($3::text[]) AS s ON CONFLICT DO NOTHING`,
    [context.entityId, context.connectionId, shops],
  );
}

/** An order as far as a file of sales tells: what it lists was sold, on the days it says. */
export function orderFrom(sourceId: string, document: BookDocument): SalesOrder {
  const soldOn = document.postingDay === null ? null : noon(document.postingDay);
  const isCredit = document.kind === "credit";
  return {
    id: sourceId,
    reference: document.reference ?? sourceId,
    aliases: [sourceId],
    publicKey: null,
    shop: document.shop,
    channel: document.channel,
    channelType: "shop",
    shipTo: document.shipTo,
    currency: document.currency,
    status: "imported",
    orderStatus: null,
    shippingStatus: null,
    billingStatus: null,
    createdAt: document.lines.find((line) => line.at !== null)?.at ?? soldOn,
    confirmedAt: null,
    invoicedAt: isCredit ? null : soldOn,
    updatedAt: document.modifiedAt,
    items: document.lines.filter((line) => line.kind === "item").map((line) => itemFrom(line, isCredit)),
    fees: document.lines
      .filter((line) => line.kind === "shipping" || line.kind === "fee")
      .map((line) => feeFrom(line, isCredit)),
    packages: [],
    cost: { net: null, tax: null, gross: null, externalPrices: false },
    payments: [],
    vouchers: [],
  };
}

/** The middle of a day: a day of the books in every zone that shops are in. */
const noon = (day: string): Date => new Date(`${day}T12:00:00Z`);

const unsigned = (amount: bigint | null, isCredit: boolean): bigint | null =>
  amount === null || !isCredit ? amount : -amount;

function itemFrom(line: BookLine, isCredit: boolean): OrderItem {
  const at = line.at ?? noon(line.day);
  return {
    id: line.sourceLineId,
    sku: line.sku ?? "",
    name: line.description,
    status: isCredit ? "returned" : "shipped",
    packageId: null,
    net: unsigned(line.net, isCredit),
    tax: unsigned(line.tax, isCredit),
    gross: isCredit ? -line.gross : line.gross,
    taxRate: line.taxRate,
    shippedAt: at,
    cancelledAt: null,
    returnedAt: isCredit ? at : null,
    updatedAt: null,
  };
}

const feeFrom = (line: BookLine, isCredit: boolean): OrderFee => ({
  key: line.account ?? line.kind,
  category: line.kind === "shipping" ? "delivery" : "additional",
  net: unsigned(line.net, isCredit),
  tax: unsigned(line.tax, isCredit),
  gross: isCredit ? -line.gross : line.gross,
  taxRate: line.taxRate,
  refundTriggered: null,
});
