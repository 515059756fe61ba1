import type pg from "pg";
import { documentControl } from "@/lib/domain/control";
import type { BookDocument } from "@/lib/domain/document";
import { hashOf, idOf } from "@/lib/domain/identity";
import { toJson, toPlain } from "@/lib/domain/json";
import type { PostedChange, StoreContext } from "./context";
import { LINE_COLUMNS, lineRows, loadItemMap } from "./lines";
import { isOlder } from "./readings";
import { insertRows } from "./rows";

/** A document and the group it belongs to. */
export type PlacedDocument = Readonly<{
  document: BookDocument;
  orderKey: string;
  orderKnown: boolean;
  /** the strategy that placed it, and its reference by its connection's rules: of ERP documents */
  placedBy?: string | null;
  form?: string | null;
  shopId: string | null;
  channel: string | null;
  shipTo: string | null;
  sourceRecordId: string | null;
}>;

export type WrittenDocuments = Readonly<{
  stored: number;
  unchanged: number;
  /** keys of all groups that are not what they were */
  orderKeys: readonly string[];
  changed: readonly PostedChange[];
}>;

/** Identity of a document: its connection, its kind and its id there. */
export const documentIdOf = (connectionId: string, kind: string, sourceId: string): string =>
  idOf("document", connectionId, kind, sourceId);

type Held = Readonly<{
  order_key: string;
  id: string;
  version: number;
  content_hash: string;
  modified_at: Date | null;
  posted: boolean;
}>;

type Reason = "created" | "changed" | "posted-changed" | "rekeyed";

/** A document that is to be written, as the next version of what we hold. */
export type Change = Readonly<{
  placed: PlacedDocument;
  id: string;
  contentHash: string;
  version: number;
  reason: Reason;
  from: string | null;
}>;

/**
 * Writes documents whose content or group changed: each as a new version, with its lines. What is older than the
 * version held is left alone, and so is what equals it. `watched`: a posted document whose figures change is told as
 * `posted-changed` (ledgers and files; a SCAYLE order's books follow the order, which may move).
 */
export async function writeDocuments(
  client: pg.ClientBase,
  context: StoreContext,
  documents: readonly PlacedDocument[],
  watched: boolean,
): Promise<WrittenDocuments> {
  const placed = new Map(
    documents.map((one) => [
      documentIdOf(context.connectionId, one.document.kind, one.document.sourceId),
      one,
    ]),
  );
  const held = await heldDocuments(client, context, placed);
  const vanished = await lastVersions(client, placed, held);
  const changes: Change[] = [];
  const touched: Readonly<{ id: string; orderKey: string; modifiedAt: Date }>[] = [];
  const unchanged: Readonly<{ id: string; orderKey: string }>[] = [];
  for (const [id, one] of placed) {
    const now = held.get(id);
    if (now && isOlder(one.document.modifiedAt, now.modified_at)) continue;
    const contentHash = documentHash(one.document);
    const same = now?.content_hash === contentHash;
    if (now && same && now.order_key === one.orderKey) {
      unchanged.push({ id, orderKey: one.orderKey });
      const { modifiedAt } = one.document;
      if (modifiedAt && modifiedAt.getTime() !== now.modified_at?.getTime()) {
        touched.push({ id, orderKey: one.orderKey, modifiedAt });
      }
      continue;
    }
    const version = (now?.version ?? vanished.get(id) ?? 0) + 1;
    const reason: Reason = !now ? "created" : same ? "rekeyed" : "changed";
    changes.push({ placed: one, id, contentHash, version, reason, from: now?.order_key ?? null });
  }
  const told = watched ? await tellPostedChanges(client, changes, held) : changes;
  await replace(client, context, told);
  await touch(client, touched);
  // SCAYLE's books follow their order, which says itself when it was read.
  if (watched) await check(client, context, unchanged);
  return {
    stored: told.length,
    unchanged: placed.size - told.length,
    orderKeys: [
      ...told.flatMap((change) => [change.placed.orderKey, ...(change.from ? [change.from] : [])]),
      ...touched.map((one) => one.orderKey),
    ],
    changed: told
      .filter((change) => change.reason === "posted-changed")
      .map(({ id, placed: { document, orderKey }, version }) => ({
        orderKey,
        documentId: id,
        number: document.number,
        version,
      })),
  };
}

/** Notes that documents were read and are as they were. */
async function check(
  client: pg.ClientBase,
  { at }: StoreContext,
  unchanged: readonly Readonly<{ id: string; orderKey: string }>[],
): Promise<void> {
  if (unchanged.length === 0) return;
  await client.query({
    name: "documents-checked",
    text: `UPDATE document d SET checked_at = $3 FROM unnest($1::uuid[], $2::uuid[]) AS c(order_key, id)
            WHERE d.order_key = c.order_key AND d.id = c.id`,
    values: [unchanged.map((one) => one.orderKey), unchanged.map((one) => one.id), at],
  });
}

/** The columns that hold a document's control (lib/domain/control). */
export const CONTROL_NAMES = "line_count, unknown, net, tax, gross, figures, control";

/**
 * Takes documents out that their source no longer has; their versions stay, the last one says `gone`, or `withdrawn` where
 * a ledger no longer has what it had posted.
 */
export async function removeDocuments(
  client: pg.ClientBase,
  context: StoreContext,
  gone: readonly Readonly<{ orderKey: string; id: string }>[],
  reason: "gone" | "withdrawn" = "gone",
): Promise<void> {
  if (gone.length === 0) return;
  const keys = gone.map((one) => one.orderKey);
  const ids = gone.map((one) => one.id);
  await client.query(
    `INSERT INTO document_version (order_key, document_id, version, entity_id, content_hash, content, reason, run_id, seen_at,
       ${CONTROL_NAMES})
     SELECT d.order_key, d.id, d.version + 1, d.entity_id, d.content_hash, v.content, $5, $3, $4,
       ${CONTROL_NAMES.replaceAll(/\b(?=[a-z])/g, "v.")}
       FROM unnest($1::uuid[], $2::uuid[]) AS g(order_key, id)
       JOIN document d ON d.order_key = g.order_key AND d.id = g.id
       JOIN document_version v ON v.order_key = d.order_key AND v.document_id = d.id AND v.version = d.version`,
    [keys, ids, context.runId, context.at, reason],
  );
  await deleteDocuments(client, keys, ids);
}

/** The hash of what a document says; when it was last modified is not part of that. */
export const documentHash = (document: BookDocument): string => documentText(document).contentHash;

/** A document as JSON, and the hash of what it says: one text for both, since that is dear. */
export function documentText(document: BookDocument): Readonly<{ content: string; contentHash: string }> {
  const { channel, currency, kind, lines, modifiedAt, ...rest } = document;
  // The codec sorts names: these stand before modifiedAt, the others behind it.
  const before = toJson({ channel, currency, kind, lines }).slice(0, -1);
  const behind = toJson(rest).slice(1);
  return {
    content: `${before},"modifiedAt":${toJson(modifiedAt)},${behind}`,
    contentHash: hashOf(`${before},${behind}`),
  };
}

async function heldDocuments(
  client: pg.ClientBase,
  context: StoreContext,
  placed: ReadonlyMap<string, PlacedDocument>,
): Promise<ReadonlyMap<string, Held>> {
  const { rows } = await client.query<Held>(
    `SELECT order_key, id, version, content_hash, modified_at, posted FROM document
      WHERE connection_id = $1 AND source_id = ANY($2)`,
    [context.connectionId, [...placed.values()].map((one) => one.document.sourceId)],
  );
  return new Map(rows.map((row) => [row.id, row]));
}

/** Of documents that we no longer hold but once did under the same key, the last version. */
export async function lastVersions(
  client: pg.ClientBase,
  placed: ReadonlyMap<string, PlacedDocument>,
  held: Readonly<{ has(id: string): boolean }>,
): Promise<ReadonlyMap<string, number>> {
  const missing = [...placed].filter(([id]) => !held.has(id));
  if (missing.length === 0) return new Map();
  const { rows } = await client.query<{ document_id: string; version: number }>(
    `SELECT v.document_id, max(v.version) AS version FROM unnest($1::uuid[], $2::uuid[]) AS m(order_key, id)
       JOIN document_version v ON v.order_key = m.order_key AND v.document_id = m.id GROUP BY v.document_id`,
    [missing.map(([, one]) => one.orderKey), missing.map(([id]) => id)],
  );
  return new Map(rows.map((row) => [row.document_id, row.version]));
}

/** Which changes of posted documents moved figures, and not only a status. */
async function tellPostedChanges(
  client: pg.ClientBase,
  changes: readonly Change[],
  held: ReadonlyMap<string, Held>,
): Promise<readonly Change[]> {
  const posted = changes.filter((change) => change.reason === "changed" && held.get(change.id)?.posted);
  if (posted.length === 0) return changes;
  const { rows } = await client.query<{ id: string; content: Record<string, unknown> }>(
    `SELECT d.id, v.content FROM unnest($1::uuid[], $2::uuid[]) AS c(order_key, id)
       JOIN document d ON d.order_key = c.order_key AND d.id = c.id
       JOIN document_version v ON v.order_key = d.order_key AND v.document_id = d.id AND v.version = d.version`,
    [posted.map((change) => change.from), posted.map((change) => change.id)],
  );
  const before = new Map(rows.map((row) => [row.id, figuresOf(row.content)]));
  const isMoved = (change: Change): boolean =>
    before.get(change.id) !== figuresOf(toPlain(change.placed.document) as Record<string, unknown>);
  const moved = new Set(posted.filter(isMoved).map((change) => change.id));
  return changes.map((change) => (moved.has(change.id) ? { ...change, reason: "posted-changed" } : change));
}

/** What a ledger must not change once it is posted: all but words about it, and how it is paid. */
const figuresOf = ({ modifiedAt: _, status: __, payment: ___, ...rest }: Record<string, unknown>): string =>
  toJson(rest);

const CONTROL_TYPES =
  "line_count int, unknown int, net bigint, tax bigint, gross bigint, figures bigint, control bigint";
export const DOCUMENT_COLUMNS = `order_key uuid, id uuid, entity_id text, connection_id uuid, side text, kind text, source_id text, number text,
  reference text, original_number text, status text, posted boolean, order_known boolean, placed_by text,
  reference_form text, currency text, payment text, shop_id text,
  channel text, ship_to text, posting_day date, modified_at timestamptz, stated_net bigint, stated_tax bigint,
  stated_gross bigint, prices_include_tax boolean, version int, content_hash text, source_record_id uuid,
  seen_at timestamptz, ${CONTROL_TYPES}`;
export const VERSION_COLUMNS = `order_key uuid, document_id uuid, version int, entity_id text, content_hash text, content jsonb, reason text,
  run_id uuid, seen_at timestamptz, ${CONTROL_TYPES}`;

async function replace(
  client: pg.ClientBase,
  context: StoreContext,
  changes: readonly Change[],
): Promise<void> {
  if (changes.length === 0) return;
  const controls = new Map(changes.map(({ id, placed }) => [id, controlColumns(placed.document, id)]));
  const old = changes.filter((change) => change.from !== null);
  await deleteDocuments(
    client,
    old.map((change) => change.from ?? ""),
    old.map((change) => change.id),
  );
  await insertRows(
    client,
    "document",
    DOCUMENT_COLUMNS,
    changes.map((change) => documentRow(context, change, controls.get(change.id))),
  );
  const items = await loadItemMap(client, context.entityId);
  const lines = changes.flatMap(({ placed, id }) =>
    lineRows(placed.document, { ...placed, documentId: id, entityId: context.entityId }, items),
  );
  await insertRows(client, "line", LINE_COLUMNS, lines);
  await insertRows(
    client,
    "document_version",
    VERSION_COLUMNS,
    changes.map((change) => versionRow(context, change, controls.get(change.id))),
  );
}

type Columns = Readonly<Record<string, unknown>>;

/** A document's control as its columns. */
export function controlColumns(document: BookDocument, id: string): Columns {
  const { lines, unknown, net, tax, gross, figures, control } = documentControl(document, id);
  return { line_count: lines, unknown, net, tax, gross, figures, control };
}

/** A document as it is now, for the table of versions. */
export const versionRow = (context: StoreContext, change: Change, control: Columns | undefined): Columns => ({
  order_key: change.placed.orderKey,
  document_id: change.id,
  version: change.version,
  entity_id: context.entityId,
  content_hash: change.contentHash,
  content: change.placed.document,
  reason: change.reason,
  run_id: context.runId,
  seen_at: context.at,
  ...control,
});

/** A document as it is now, for the table of documents. */
export function documentRow(
  context: StoreContext,
  { placed, id, contentHash, version }: Change,
  control: Columns | undefined,
): Columns {
  const { document } = placed;
  return {
    order_key: placed.orderKey,
    id,
    entity_id: context.entityId,
    connection_id: context.connectionId,
    side: document.side,
    kind: document.kind,
    source_id: document.sourceId,
    number: document.number,
    reference: document.reference,
    original_number: document.originalNumber,
    status: document.status,
    posted: document.posted,
    order_known: placed.orderKnown,
    placed_by: placed.placedBy ?? null,
    reference_form: placed.form ?? null,
    currency: document.currency,
    payment: document.payment ?? null,
    shop_id: placed.shopId,
    channel: placed.channel,
    ship_to: placed.shipTo,
    posting_day: document.postingDay,
    modified_at: document.modifiedAt,
    stated_net: document.stated.net,
    stated_tax: document.stated.tax,
    stated_gross: document.stated.gross,
    prices_include_tax: document.pricesIncludeTax,
    version,
    content_hash: contentHash,
    source_record_id: placed.sourceRecordId,
    seen_at: context.at,
    ...control,
  };
}

async function deleteDocuments(
  client: pg.ClientBase,
  orderKeys: readonly string[],
  ids: readonly string[],
): Promise<void> {
  if (ids.length === 0) return;
  const values = [[...orderKeys], [...ids]];
  await client.query(
    `DELETE FROM line USING unnest($1::uuid[], $2::uuid[]) AS old(order_key, id)
      WHERE line.order_key = old.order_key AND line.document_id = old.id`,
    values,
  );
  await client.query(
    `DELETE FROM document USING unnest($1::uuid[], $2::uuid[]) AS old(order_key, id)
      WHERE document.order_key = old.order_key AND document.id = old.id`,
    values,
  );
}

/** The same content, modified later: only the time moves, so that the order of arrival doesn't matter. */
async function touch(
  client: pg.ClientBase,
  touched: readonly Readonly<{ id: string; orderKey: string; modifiedAt: Date }>[],
): Promise<void> {
  if (touched.length === 0) return;
  await client.query(
    `UPDATE document SET modified_at = t.modified_at
       FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[]) AS t(order_key, id, modified_at)
      WHERE document.order_key = t.order_key AND document.id = t.id`,
    [
      touched.map((one) => one.orderKey),
      touched.map((one) => one.id),
      touched.map((one) => one.modifiedAt.toISOString()),
    ],
  );
}
