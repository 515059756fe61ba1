import type pg from "pg";
import type { OrderInvoice, SalesOrder } from "@/lib/domain/order";
import { booksOf } from "@/lib/domain/recognition";
import { invoicesFromJson, orderFromJson } from "@/lib/matching/order-codec";
import type { StoreContext } from "./context";
import { keepRemainders } from "./controls";
import {
  documentIdOf,
  type PlacedDocument,
  removeDocuments,
  type WrittenDocuments,
  writeDocuments,
} from "./documents";
import { shopIdOf } from "./shop-id";

type OrderToBook = Readonly<{
  orderKey: string;
  order: SalesOrder;
  invoices: readonly OrderInvoice[] | null;
  sourceRecordId: string | null;
}>;

/** Derives the sale and the credit of each order by the entity's policy, writes what changed and removes what is gone. */
export async function deriveBooks(
  client: pg.ClientBase,
  context: StoreContext,
  orders: readonly OrderToBook[],
): Promise<WrittenDocuments> {
  const booked = orders.map((one) => ({
    ...one,
    documents: booksOf(one.order, one.invoices, context.policy),
  }));
  const placed: PlacedDocument[] = booked.flatMap(({ orderKey, order, documents, sourceRecordId }) =>
    documents.map((document) => ({
      document,
      orderKey,
      orderKnown: true,
      shopId: shopIdOf(context.entityId, order.shop),
      channel: order.channel,
      shipTo: order.shipTo,
      sourceRecordId,
    })),
  );
  const kept = new Set(
    placed.map(({ document }) => documentIdOf(context.connectionId, document.kind, document.sourceId)),
  );
  const { rows } = await client.query<{ order_key: string; id: string }>(
    `SELECT order_key, id FROM document WHERE order_key = ANY($1::uuid[]) AND side = 'scayle' AND connection_id = $2`,
    [orders.map((one) => one.orderKey), context.connectionId],
  );
  const gone = rows
    .filter((row) => !kept.has(row.id))
    .map((row) => ({ orderKey: row.order_key, id: row.id }));
  await removeDocuments(client, context, gone);
  const written = await writeDocuments(client, context, placed, false);
  await keepRemainders(client, context, booked);
  return { ...written, orderKeys: [...written.orderKeys, ...gone.map((one) => one.orderKey)] };
}

/** The same for orders that we hold: after their invoice lists, or the entity's policy, changed. */
export async function deriveBooksAgain(
  client: pg.ClientBase,
  context: StoreContext,
  orderKeys: readonly string[],
): Promise<WrittenDocuments> {
  const { rows } = await client.query<{
    order_key: string;
    content: unknown;
    invoices: unknown;
    source_record_id: string | null;
  }>(
    `SELECT order_key, content, invoices, source_record_id FROM sales_order
      WHERE order_key = ANY($1::uuid[]) AND connection_id = $2`,
    [[...orderKeys], context.connectionId],
  );
  return deriveBooks(
    client,
    context,
    rows.map((row) => ({
      orderKey: row.order_key,
      order: orderFromJson(row.content),
      invoices: invoicesFromJson(row.invoices),
      sourceRecordId: row.source_record_id,
    })),
  );
}
