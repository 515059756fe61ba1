import { setImmediate } from "node:timers/promises";
import type pg from "pg";
import type { BookDocument } from "@/lib/domain/document";
import { aliasOf, hashOf, idOf, orderKeyOf } from "@/lib/domain/identity";
import { toJson } from "@/lib/domain/json";
import type { TakenDocument } from "@/lib/import/intake";
import type { Portion } from "@/lib/import/read";
import { createSeen } from "@/lib/import/seen";
import type { PostedChange, StoreContext } from "./context";
import { CONTROL_COLUMNS, controlRows, type Fetched, keepControls } from "./controls";
import { columnNames, copyInto, copyText, copyValues } from "./copy";
import {
  type Change,
  controlColumns,
  DOCUMENT_COLUMNS,
  documentIdOf,
  documentRow,
  documentText,
  lastVersions,
  type PlacedDocument,
  VERSION_COLUMNS,
  versionRow,
  type WrittenDocuments,
} from "./documents";
import { heldKeys, orderFrom, writeFileOrders, writeShops } from "./file-orders";
import { placedDocuments, writeLedger } from "./ledger";
import { type ItemMap, LINE_COLUMNS, lineRows, loadItemMap } from "./lines";
import { askInvoicesAgain, ORDER_COLUMNS, orderRow } from "./orders";
import { rekeyDocuments } from "./placement";
import { markDirty } from "./rows";
import { shopIdOf } from "./shop-id";

/** What a file has done to the books so far. */
export type StoredFile = Readonly<{ stored: number; unchanged: number; changed: readonly PostedChange[] }>;

/** Stores a file's documents portion by portion inside the caller's transaction. */
export type FileStore = Readonly<{
  /** Returns when the portion before is stored: one is written while the next is read. */
  add(portion: Portion): Promise<void>;
  finish(): Promise<StoredFile>;
  /**
   * Waits for the portion at work, whatever comes of it. To be called before the transaction is rolled back: what is still
   * being written would otherwise be written after it, on a connection that is in no transaction any more.
   */
  abandon(): Promise<void>;
}>;

/** Documents that are prepared without a pause: some milliseconds' work. */
const AT_ONCE = 50;

/** The resource under which rows of files are kept as they came. */
const FILE_ROWS = "file-rows";

/** What a document comes to before it is known where it belongs: the dear part, done while the database is at work. */
type Prepared = Readonly<{
  document: BookDocument;
  fetched: Fetched;
  control: Readonly<Record<string, unknown>>;
  id: string;
  contentHash: string;
  recordId: string | null;
  /** its content as a COPY value */
  content: string;
  /** its lines as COPY values but for those that say where they belong */
  lines: readonly string[];
}>;

const PLACE = ["order_key", "shop_id", "channel"] as const;
const LINE_REST = columnNames(LINE_COLUMNS).filter((name) => !PLACE.some((one) => one === name));
const LINE_NAMES = [...PLACE, ...LINE_REST].join(", ");
const DOCUMENT_NAMES = columnNames(DOCUMENT_COLUMNS);
const VERSION_REST = columnNames(VERSION_COLUMNS).filter((name) => name !== "content");
const VERSION_NAMES = ["content", ...VERSION_REST].join(", ");
const ORDER_NAMES = columnNames(ORDER_COLUMNS);
const RECORD_NAMES = "id, connection_id, resource, source_id, content_hash, payload, run_id, seen_at";

/**
 * A store for one file. Documents that we hold none of go in by COPY; what we hold takes the careful way, where versions
 * are compared (writeFileOrders, writeLedger); with `compare` all do. `fileId` names the file in the records of its rows.
 */
export async function createFileStore(
  client: pg.ClientBase,
  side: "sales" | "ledger",
  context: StoreContext,
  { fileId, compare }: Readonly<{ fileId: string; compare: boolean }>,
): Promise<FileStore> {
  const items = await loadItemMap(client, context.entityId);
  const write = compare
    ? comparingWriter(client, side, context)
    : await (side === "sales" ? salesWriter : ledgerWriter)(client, context);
  const pages: { firstRow: number; recordId: string }[] = [];
  let sum: StoredFile = { stored: 0, unchanged: 0, changed: [] };
  let atWork: Promise<void> = Promise.resolve();

  const recordOf = (row: number): string | null =>
    pages.findLast((page) => page.firstRow <= row)?.recordId ?? null;
  return {
    async add({ documents, raw }) {
      const record = recordRow(context, fileId, raw);
      if (record) pages.push(record);
      const prepared: Prepared[] = [];
      for (const taken of documents) {
        prepared.push(prepare(taken, context, items, recordOf(taken.row)));
        // The portion before is sent table by table: its next table goes out when this one lets go.
        if (prepared.length % AT_ONCE === 0) await setImmediate();
      }
      await atWork;
      atWork = store(record, prepared);
      // Its failure is told by whoever waits for it.
      atWork.catch(() => undefined);
    },
    async finish() {
      await atWork;
      return sum;
    },
    async abandon() {
      await atWork.catch(() => undefined);
    },
  };

  async function store(
    record: Readonly<{ text: string }> | null,
    prepared: readonly Prepared[],
  ): Promise<void> {
    if (record) await copyInto(client, "source_record", RECORD_NAMES, [record.text]);
    if (prepared.length === 0) return;
    const written = await write(prepared);
    sum = {
      stored: sum.stored + written.stored,
      unchanged: sum.unchanged + written.unchanged,
      changed: [...sum.changed, ...written.changed],
    };
  }
}

type Writer = (prepared: readonly Prepared[]) => Promise<WrittenDocuments>;

function recordRow(
  context: StoreContext,
  fileId: string,
  { columns, rows }: Portion["raw"],
): Readonly<{ firstRow: number; recordId: string; text: string }> | null {
  const firstRow = rows[0]?.row;
  if (firstRow === undefined) return null;
  // One text of rows, not an array: what is looked at once in a while should cost little to keep.
  const text = rows.map((row) => row.text).join("\n");
  const payload = toJson({ columns, lines: rows.map((row) => row.row).join(" "), text });
  const contentHash = hashOf(payload);
  const sourceId = `${fileId} ${firstRow}`;
  const recordId = idOf(context.connectionId, FILE_ROWS, sourceId, contentHash, "");
  const values = [recordId, context.connectionId, FILE_ROWS, sourceId, contentHash, payload, context.runId];
  return { firstRow, recordId, text: `${values.map(copyText).join("\t")}\t${copyText(context.at)}\n` };
}

function prepare(
  { document, control }: TakenDocument,
  context: StoreContext,
  items: ItemMap,
  recordId: string | null,
): Prepared {
  const id = documentIdOf(context.connectionId, document.kind, document.sourceId);
  const place = { orderKey: "", documentId: id, entityId: context.entityId, shopId: null, channel: null };
  const { content, contentHash } = documentText(document);
  return {
    document,
    fetched: {
      sourceId: document.sourceId,
      number: document.number,
      modifiedAt: document.modifiedAt,
      controls: [control],
    },
    control: controlColumns(document, id),
    id,
    contentHash,
    recordId,
    content: copyText(content),
    lines: lineRows(document, place, items).map((row) => copyValues(row, LINE_REST)),
  };
}

const changeOf = ({ id, contentHash }: Prepared, placed: PlacedDocument): Change => ({
  placed,
  id,
  contentHash,
  version: 1,
  reason: "created",
  from: null,
});

/** Writes documents that we hold no version of, with their lines. */
async function copyDocuments(
  client: pg.ClientBase,
  context: StoreContext,
  fresh: readonly Readonly<{ one: Prepared; placed: PlacedDocument }>[],
): Promise<void> {
  const documents: string[] = [];
  const lines: string[] = [];
  const versions: string[] = [];
  for (const { one, placed } of fresh) {
    const change = changeOf(one, placed);
    documents.push(`${copyValues(documentRow(context, change, one.control), DOCUMENT_NAMES)}\n`);
    const place = `${placed.orderKey}\t${copyText(placed.shopId)}\t${copyText(placed.channel)}`;
    for (const line of one.lines) lines.push(`${place}\t${line}\n`);
    versions.push(`${one.content}\t${copyValues(versionRow(context, change, one.control), VERSION_REST)}\n`);
  }
  await copyInto(client, "document", DOCUMENT_NAMES.join(", "), documents);
  await copyInto(client, "line", LINE_NAMES, lines);
  await copyInto(client, "document_version", VERSION_NAMES, versions);
}

const FETCH_NAMES = columnNames(CONTROL_COLUMNS);

/** Keeps what the rows of documents say. A connection's first file is compared with nothing. */
async function keepFetched(
  client: pg.ClientBase,
  context: StoreContext,
  prepared: readonly Prepared[],
  isFirst: boolean,
): Promise<void> {
  const fetched = prepared.map((one) => one.fetched);
  if (!isFirst) return keepControls(client, context, "file", fetched);
  const rows = controlRows(context, "file", fetched).map((row) => `${copyValues(row, FETCH_NAMES)}\n`);
  await copyInto(client, "fetch_control", FETCH_NAMES.join(", "), rows);
}

function comparingWriter(client: pg.ClientBase, side: "sales" | "ledger", context: StoreContext): Writer {
  return async (prepared) => {
    await keepFetched(client, context, prepared, false);
    const documents = prepared.map((one) => one.document);
    return side === "sales"
      ? writeFileOrders(client, context, documents)
      : writeLedger(
          client,
          context,
          prepared.map(({ document, recordId }) => ({ document, recordId })),
        );
  };
}

/** Whether a connection's documents or orders may be held already. The caller holds the lock on the entity's books. */
async function holdsAny(client: pg.ClientBase, connectionId: string): Promise<boolean> {
  const { rows } = await client.query<{ any: boolean }>(
    `SELECT EXISTS (SELECT FROM document WHERE connection_id = $1)
         OR EXISTS (SELECT FROM sales_order WHERE connection_id = $1) AS any`,
    [connectionId],
  );
  return rows[0]?.any === true;
}

/** Of these documents the ids of those that we hold, or once held: they have versions. */
async function knownDocuments(
  client: pg.ClientBase,
  context: StoreContext,
  placed: ReadonlyMap<string, PlacedDocument>,
): Promise<ReadonlySet<string>> {
  const { rows } = await client.query<{ id: string }>(
    "SELECT id FROM document WHERE connection_id = $1 AND source_id = ANY($2)",
    [context.connectionId, [...placed.values()].map((one) => one.document.sourceId)],
  );
  const held = new Set(rows.map((row) => row.id));
  const once = await lastVersions(client, placed, held);
  return new Set([...held, ...once.keys()]);
}

const byId = (
  all: readonly Readonly<{ one: Prepared; placed: PlacedDocument }>[],
): ReadonlyMap<string, PlacedDocument> => new Map(all.map(({ one, placed }) => [one.id, placed]));

async function salesWriter(client: pg.ClientBase, context: StoreContext): Promise<Writer> {
  const isFirst = !(await holdsAny(client, context.connectionId));
  const { rows } = await client.query<{ any: boolean }>(
    "SELECT EXISTS (SELECT FROM document WHERE entity_id = $1 AND side = 'erp') AS any",
    [context.entityId],
  );
  const mayMove = rows[0]?.any === true;
  const seenOrders = createSeen();
  const shops = new Set<string>();

  return async (prepared) => {
    await keepFetched(client, context, prepared, isFirst);
    const all = prepared.map((one) => ({ one, placed: placedSale(context, one) }));
    const asked = isFirst ? all.filter(({ placed }) => seenOrders.has(placed.orderKey)) : all;
    const known =
      asked.length === 0
        ? new Set()
        : await heldKeys(
            client,
            asked.map(({ placed }) => placed.orderKey),
          );
    const held = isFirst ? new Set<string>() : await knownDocuments(client, context, byId(all));
    for (const { placed } of all) seenOrders.add(placed.orderKey);
    const careful = new Set(
      all
        .filter(
          ({ one, placed }) =>
            held.has(one.id) || (known.has(placed.orderKey) && one.document.kind === "sale"),
        )
        .map(({ placed }) => placed.orderKey),
    );
    const fresh = all.filter(({ placed }) => !careful.has(placed.orderKey));
    await newShops(
      client,
      context,
      shops,
      fresh.map(({ one }) => one.document),
    );
    const orders = newOrders(context, fresh, known);
    await copyInto(
      client,
      "sales_order",
      ORDER_NAMES.join(", "),
      orders.map(({ row }) => row),
    );
    await copyInto(
      client,
      "order_alias",
      "order_key, entity_id, alias",
      orders.flatMap(({ aliases }) => aliases),
    );
    await copyDocuments(client, context, fresh);
    const names = mayMove ? orders.flatMap((order) => order.names) : [];
    const moves = await rekeyDocuments(client, context, { aliases: names, numbers: [] });
    const orderKeys = [
      ...fresh.map(({ placed }) => placed.orderKey),
      ...moves.flatMap((move) => [move.from, move.to.orderKey]),
    ];
    await markDirty(client, context.entityId, orderKeys, context.at);
    const rest = all.filter(({ placed }) => careful.has(placed.orderKey)).map(({ one }) => one.document);
    return together(
      orderKeys,
      fresh.length,
      rest.length > 0 ? await writeFileOrders(client, context, rest) : null,
    );
  };
}

const placedSale = (context: StoreContext, { document, recordId }: Prepared): PlacedDocument => ({
  document,
  orderKey: orderKeyOf(context.connectionId, document.sourceId),
  orderKnown: true,
  shopId: shopIdOf(context.entityId, document.shop),
  channel: document.channel,
  shipTo: document.shipTo,
  sourceRecordId: recordId,
});

async function newShops(
  client: pg.ClientBase,
  context: StoreContext,
  known: Set<string>,
  documents: readonly BookDocument[],
): Promise<void> {
  const strangers = documents.filter(({ shop }) => shop !== null && !known.has(shop));
  if (strangers.length === 0) return;
  await writeShops(client, context, strangers);
  for (const { shop } of strangers) if (shop !== null) known.add(shop);
}

type NewOrder = Readonly<{ row: string; aliases: readonly string[]; names: readonly string[] }>;

/** Rows of the orders that we don't hold: each from its sale where there is one, else from what came back of it. */
function newOrders(
  context: StoreContext,
  fresh: readonly Readonly<{ one: Prepared; placed: PlacedDocument }>[],
  known: Readonly<{ has(orderKey: string): boolean }>,
): readonly NewOrder[] {
  const bases = new Map<string, PlacedDocument>();
  for (const { placed } of fresh) {
    if (known.has(placed.orderKey)) continue;
    const basis = bases.get(placed.orderKey);
    if (!basis || (basis.document.kind !== "sale" && placed.document.kind === "sale"))
      bases.set(placed.orderKey, placed);
  }
  return [...bases].map(([orderKey, { document }]) => {
    const order = orderFrom(document.sourceId, document);
    const version = { modifiedAt: document.modifiedAt, customerKey: null, recordId: null };
    const names = [...new Set([order.id, order.reference])].filter((name) => aliasOf(name) !== "");
    const aliases = [...new Set(names.map(aliasOf))];
    return {
      row: `${copyValues(orderRow(context, order, orderKey, version), ORDER_NAMES)}\n`,
      aliases: aliases.map((alias) => `${orderKey}\t${copyText(context.entityId)}\t${copyText(alias)}\n`),
      names,
    };
  });
}

async function ledgerWriter(client: pg.ClientBase, context: StoreContext): Promise<Writer> {
  const isFirst = !(await holdsAny(client, context.connectionId));
  const { rows } = await client.query<{ any: boolean }>(
    "SELECT EXISTS (SELECT FROM document WHERE entity_id = $1 AND side = 'erp' AND original_number IS NOT NULL) AS any",
    [context.entityId],
  );
  let mayMove = rows[0]?.any === true;

  return async (prepared) => {
    await keepFetched(client, context, prepared, isFirst);
    const placed = await placedDocuments(
      client,
      context,
      prepared.map(({ document, recordId }) => ({ document, recordId })),
    );
    const places = new Map(placed.map((one) => [one.document, one]));
    const all = prepared.flatMap((one) => {
      const place = places.get(one.document);
      return place ? [{ one, placed: place }] : [];
    });
    const held = isFirst ? new Set<string>() : await knownDocuments(client, context, byId(all));
    const fresh = all.filter(({ one }) => !held.has(one.id));
    await copyDocuments(client, context, fresh);
    mayMove ||= fresh.some(({ one }) => one.document.originalNumber !== null);
    const sales = fresh.filter(({ one }) => one.document.kind === "sale");
    const moves = await rekeyDocuments(client, context, {
      aliases: [],
      numbers: mayMove ? sales.map(({ one }) => one.document.number) : [],
    });
    await askInvoicesAgain(client, [
      ...fresh.filter(({ one }) => one.document.kind === "credit").map((one) => one.placed.orderKey),
      ...moves.filter((move) => move.kind === "credit").map((move) => move.to.orderKey),
    ]);
    const orderKeys = [
      ...fresh.map((one) => one.placed.orderKey),
      ...moves.flatMap((move) => [move.from, move.to.orderKey]),
    ];
    await markDirty(client, context.entityId, orderKeys, context.at);
    const rest = all.filter(({ one }) => held.has(one.id));
    const written =
      rest.length > 0
        ? await writeLedger(
            client,
            context,
            rest.map(({ one }) => ({ document: one.document, recordId: one.recordId })),
          )
        : null;
    return together(orderKeys, fresh.length, written);
  };
}

const together = (
  orderKeys: readonly string[],
  fresh: number,
  careful: WrittenDocuments | null,
): WrittenDocuments => ({
  stored: fresh + (careful?.stored ?? 0),
  unchanged: careful?.unchanged ?? 0,
  orderKeys: [...orderKeys, ...(careful?.orderKeys ?? [])],
  changed: careful?.changed ?? [],
});
