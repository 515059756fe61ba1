import type pg from "pg";
import type { Reading } from "@/lib/connectors/contract";
import type { BookDocument } from "@/lib/domain/document";
import type { StoreContext, Stored } from "./context";
import { documentIdOf, type PlacedDocument, writeDocuments } from "./documents";
import { healFailed, keepFailed } from "./failed-records";
import { askInvoicesAgain } from "./orders";
import { type Placement, placeDocuments, rekeyDocuments } from "./placement";
import { keepPayloads, keepPersonalData, type Version, versionsOf } from "./readings";
import { markDirty } from "./rows";
import { shopIdOf } from "./shop-id";

/** The resource under which ERP documents are kept. */
export const LEDGER = "ledger-documents";

type Ready = Readonly<{ version: Version<BookDocument>; document: BookDocument }>;

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
  await keepPersonalData(client, context, versions);
  const ready: Ready[] = versions.flatMap((version) =>
    version.result.ok ? [{ version, document: version.result.value }] : [],
  );
  const placements = await placeDocuments(
    client,
    context.entityId,
    versions.map((version) => placeableOf(context, version)),
  );
  const placeOf = (version: Version<BookDocument>): Placement => {
    const placement = placements.get(placeableOf(context, version).id);
    if (!placement) throw new Error("a document was not placed");
    return placement;
  };
  const places = await placesOfOrders(
    client,
    ready.map(({ version }) => placeOf(version).orderKey),
  );
  const placed: PlacedDocument[] = ready.map(({ version, document }) => {
    const placement = placeOf(version);
    const place = places.get(placement.orderKey);
    return {
      ...placement,
      document,
      shopId: place?.shop_id ?? shopIdOf(context.entityId, document.shop),
      channel: place?.channel ?? document.channel,
      shipTo: place?.ship_to ?? document.shipTo,
      sourceRecordId: version.recordId,
    };
  });
  const written = await writeDocuments(client, context, placed, true);
  const touched = new Set(written.orderKeys);
  const moves = await rekeyDocuments(client, context, {
    aliases: [],
    numbers: ready
      .filter(({ version, document }) => document.kind === "sale" && touched.has(placeOf(version).orderKey))
      .map(({ document }) => document.number),
  });
  await askInvoicesAgain(client, [
    ...placed
      .filter((one) => one.document.kind === "credit" && touched.has(one.orderKey))
      .map((one) => one.orderKey),
    ...moves.filter((move) => move.kind === "credit").map((move) => move.to.orderKey),
  ]);
  const failedKeys = await keepFailed(
    client,
    context,
    LEDGER,
    versions.flatMap((version) =>
      version.result.ok
        ? []
        : [{ version: { ...version, reason: version.result.reason }, orderKey: placeOf(version).orderKey }],
    ),
  );
  const healedKeys = await healFailed(
    client,
    context,
    LEDGER,
    ready.map(({ version }) => version.sourceId),
  );
  const orderKeys = [
    ...written.orderKeys,
    ...moves.flatMap((move) => [move.from, move.to.orderKey]),
    ...failedKeys,
    ...healedKeys,
  ];
  await markDirty(client, context.entityId, orderKeys, context.at);
  const failed = versions.length - ready.length;
  return {
    found: readings.length,
    stored: written.stored,
    unchanged: readings.length - written.stored - failed,
    failed,
    orderKeys: [...new Set(orderKeys)],
    changed: written.changed,
  };
}

function placeableOf(context: StoreContext, version: Version<BookDocument>) {
  const document = version.result.ok ? version.result.value : null;
  const kind = document?.kind ?? "sale";
  return {
    id: documentIdOf(context.connectionId, document ? kind : "unread", version.sourceId),
    connectionId: context.connectionId,
    sourceId: version.sourceId,
    kind: document ? kind : "unread",
    number: document?.number ?? "",
    reference: document ? document.reference : version.reference,
    originalNumber: document?.originalNumber ?? null,
  };
}

type Place = Readonly<{ shop_id: string | null; channel: string | null; ship_to: string | null }>;

async function placesOfOrders(
  client: pg.ClientBase,
  orderKeys: readonly string[],
): Promise<ReadonlyMap<string, Place>> {
  const { rows } = await client.query<Place & { order_key: string }>(
    `SELECT order_key, shop_id, channel, ship_to FROM sales_order WHERE order_key = ANY($1::uuid[])`,
    [[...new Set(orderKeys)]],
  );
  return new Map(rows.map((row) => [row.order_key, row]));
}
