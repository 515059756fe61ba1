import type pg from "pg";
import type { Reading } from "@/lib/connectors/contract";
import { toJson } from "@/lib/domain/json";
import type { OrderInvoice } from "@/lib/domain/order";
import { deriveBooksAgain } from "./books";
import type { StoreContext, Stored } from "./context";
import { healFailed, keepFailed } from "./failed-records";
import { keepInvoiceNumbers } from "./lookup";
import { keepPayloads, unreadOf, versionsOf } from "./readings";
import { markDirty } from "./rows";

/** The resource under which invoice lists are kept; their id is the order's. */
export const INVOICES = "invoices";

/** Stores invoice lists of orders and derives the books of those whose list changed again. */
export async function storeInvoices(
  client: pg.ClientBase,
  context: StoreContext,
  lists: readonly Readonly<{ orderKey: string; reading: Reading<readonly OrderInvoice[]> }>[],
): Promise<Stored> {
  const versions = versionsOf(
    context,
    INVOICES,
    lists.map((list) => list.reading),
  );
  const keyOf = new Map(lists.map((list) => [list.reading.sourceId, list.orderKey]));
  await keepPayloads(client, context, INVOICES, versions);
  const read = versions.flatMap((version) => {
    const orderKey = keyOf.get(version.sourceId);
    return version.result.ok && orderKey
      ? [
          {
            ...{ orderKey, sourceId: version.sourceId, list: version.result.value },
            invoices: toJson(version.result.value),
          },
        ]
      : [];
  });
  const { rows } = await client.query<{ order_key: string }>(
    `SELECT o.order_key FROM unnest($1::uuid[], $2::jsonb[]) AS l(order_key, invoices)
       JOIN sales_order o ON o.order_key = l.order_key WHERE o.invoices IS DISTINCT FROM l.invoices`,
    [read.map((one) => one.orderKey), read.map((one) => one.invoices)],
  );
  await client.query(
    `UPDATE sales_order SET invoices = l.invoices, invoices_at = $3
       FROM unnest($1::uuid[], $2::jsonb[]) AS l(order_key, invoices) WHERE sales_order.order_key = l.order_key`,
    [read.map((one) => one.orderKey), read.map((one) => one.invoices), context.at],
  );
  await keepInvoiceNumbers(
    client,
    context.entityId,
    read.map(({ orderKey, list }) => ({ orderKey, invoices: list })),
  );
  const changed = rows.map((row) => row.order_key);
  const books = await deriveBooksAgain(client, context, changed);
  const failed = versions.flatMap((version) =>
    version.result.ok
      ? []
      : [
          {
            version: { ...version, ...unreadOf(version.result) },
            orderKey: keyOf.get(version.sourceId) ?? "",
          },
        ],
  );
  const failedKeys = await keepFailed(
    client,
    context,
    INVOICES,
    failed.filter((one) => one.orderKey !== ""),
  );
  const healedKeys = await healFailed(
    client,
    context,
    INVOICES,
    read.map((one) => one.sourceId),
  );
  const orderKeys = [...new Set([...changed, ...books.orderKeys, ...failedKeys, ...healedKeys])];
  await markDirty(client, context.entityId, orderKeys, context.at);
  return {
    found: lists.length,
    stored: changed.length,
    unchanged: lists.length - changed.length - failed.length,
    failed: failed.length,
    orderKeys,
    changed: [],
  };
}
