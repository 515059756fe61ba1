import type pg from "pg";
import type { Reading } from "@/lib/connectors/contract";
import type { BookDocument } from "@/lib/domain/document";
import type { StoreContext, Stored } from "./context";
import { keepPageControls } from "./controls";
import { documentIdOf, type PlacedDocument, type WrittenDocuments, writeDocuments } from "./documents";
import { healFailed, keepFailed } from "./failed-records";
import { askInvoicesAgain } from "./orders";
import { placeDocuments, rekeyDocuments } from "./placement";
import { keepPayloads, keepPersonalData, unreadOf, versionsOf } from "./readings";
import { markDirty } from "./rows";
import { shopIdOf } from "./shop-id";

/** The resource under which ERP documents are kept. */
export const LEDGER = "ledger-documents";

/**
 * Stores a page of ERP documents inside the caller's transaction, each in the group that its reference or original
 * names. An older version never replaces a newer one. A posted document whose figures changed is told.
 */
export async function storeLedger(
  client: pg.ClientBase,
  context: StoreContext,
  readings: readonly Reading<BookDocument>[],
): Promise<Stored> {
  const versions = versionsOf(context, LEDGER, readings);
  await keepPayloads(client, context, LEDGER, versions);
  await keepPageControls(client, context, LEDGER, versions);
  await keepPersonalData(client, context, versions);
  const read = versions.flatMap((version) =>
    version.result.ok ? [{ document: version.result.value, recordId: version.recordId }] : [],
  );
  const written = await writeLedger(client, context, read);
  const unread = versions.flatMap((version) =>
    version.result.ok ? [] : [{ ...version, ...unreadOf(version.result) }],
  );
  const places = await placeDocuments(
    client,
    context.entityId,
    unread.map(({ sourceId, reference }) => ({
      id: sourceId,
      connectionId: context.connectionId,
      sourceId,
      kind: "unread",
      number: "",
      reference,
      originalNumber: null,
      postingDay: null,
    })),
  );
  const failedKeys = await keepFailed(
    client,
    context,
    LEDGER,
    unread.map((version) => ({ version, orderKey: places.get(version.sourceId)?.orderKey ?? "" })),
  );
  const readIds = versions.filter((version) => version.result.ok).map((version) => version.sourceId);
  const healedKeys = await healFailed(client, context, LEDGER, readIds);
  await markDirty(client, context.entityId, [...failedKeys, ...healedKeys], context.at);
  return {
    found: readings.length,
    stored: written.stored,
    unchanged: readings.length - written.stored - unread.length,
    failed: unread.length,
    orderKeys: [...new Set([...written.orderKeys, ...failedKeys, ...healedKeys])],
    changed: written.changed,
  };
}

/** Writes ERP documents into their groups, moves those that follow them, and marks what is to be reconciled. */
export async function writeLedger(
  client: pg.ClientBase,
  context: StoreContext,
  documents: readonly Readonly<{ document: BookDocument; recordId: string | null }>[],
): Promise<WrittenDocuments> {
  const placed = await placedDocuments(client, context, documents);
  const written = await writeDocuments(client, context, placed, true);
  const touched = new Set(written.orderKeys);
  const fresh = placed.filter((one) => touched.has(one.orderKey));
  const moves = await rekeyDocuments(client, context, {
    aliases: [],
    numbers: fresh.filter((one) => one.document.kind === "sale").map((one) => one.document.number),
  });
  await askInvoicesAgain(client, [
    ...fresh.filter((one) => one.document.kind === "credit").map((one) => one.orderKey),
    ...moves.filter((move) => move.kind === "credit").map((move) => move.to.orderKey),
  ]);
  const moved = moves.flatMap((move) => [move.from, move.to.orderKey]);
  const orderKeys = [...new Set([...written.orderKeys, ...moved])];
  await markDirty(client, context.entityId, orderKeys, context.at);
  return { ...written, orderKeys };
}

/** Each document in its group; what it doesn't say of shop, channel and country, its order does. */
export async function placedDocuments(
  client: pg.ClientBase,
  context: StoreContext,
  documents: readonly Readonly<{ document: BookDocument; recordId: string | null }>[],
): Promise<readonly PlacedDocument[]> {
  const idOf = ({ kind, sourceId }: BookDocument): string =>
    documentIdOf(context.connectionId, kind, sourceId);
  const placements = await placeDocuments(
    client,
    context.entityId,
    documents.map(({ document }) => ({
      ...document,
      id: idOf(document),
      connectionId: context.connectionId,
    })),
  );
  const { rows } = await client.query<{
    order_key: string;
    shop_id: string | null;
    channel: string | null;
    ship_to: string | null;
  }>(`SELECT order_key, shop_id, channel, ship_to FROM sales_order WHERE order_key = ANY($1::uuid[])`, [
    [...new Set([...placements.values()].map((one) => one.orderKey))],
  ]);
  const orders = new Map(rows.map((row) => [row.order_key, row]));
  return documents.flatMap(({ document, recordId }) => {
    const placement = placements.get(idOf(document));
    if (!placement) return [];
    const order = orders.get(placement.orderKey);
    return [
      {
        ...placement,
        document,
        shopId: order?.shop_id ?? shopIdOf(context.entityId, document.shop),
        channel: order?.channel ?? document.channel,
        shipTo: order?.ship_to ?? document.shipTo,
        sourceRecordId: recordId,
      },
    ];
  });
}
