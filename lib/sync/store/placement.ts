import type pg from "pg";
import { aliasOf, strayKeyOf } from "@/lib/domain/identity";
import type { StoreContext } from "./context";

/** What is needed to find out which group an ERP document belongs to. */
export type Placeable = Readonly<{
  id: string;
  connectionId: string;
  sourceId: string;
  kind: string;
  number: string;
  reference: string | null;
  originalNumber: string | null;
}>;

export type Placement = Readonly<{ orderKey: string; orderKnown: boolean }>;

/**
 * The group of each ERP document: the one order that its reference names; else that of the one document it credits or
 * corrects; else one of its own. A reference that several orders go by names none of them.
 */
export async function placeDocuments(
  client: pg.ClientBase,
  entityId: string,
  documents: readonly Placeable[],
): Promise<ReadonlyMap<string, Placement>> {
  const orders = await ordersByReference(
    client,
    entityId,
    documents.flatMap((one) => one.reference ?? []),
  );
  const placements = new Map<string, Placement>();
  const followers: Placeable[] = [];
  for (const one of documents) {
    const orderKey = one.reference === null ? undefined : orders.get(aliasOf(one.reference));
    if (orderKey) placements.set(one.id, { orderKey, orderKnown: true });
    else if (one.originalNumber !== null) followers.push(one);
    else placements.set(one.id, ownPlace(one));
  }
  const originals = await originalsOf(client, entityId, followers);
  const within = placesByNumber(documents, placements);
  for (const one of followers) {
    const name = numberKey(one.connectionId, one.originalNumber ?? "");
    placements.set(one.id, within.get(name) ?? originals.get(name) ?? ownPlace(one));
  }
  return placements;
}

const ownPlace = (one: Placeable): Placement => ({
  orderKey: strayKeyOf(one.connectionId, one.sourceId),
  orderKnown: false,
});

const numberKey = (connectionId: string, number: string): string => `${connectionId} ${number}`;

/**
 * The order behind each alias that names exactly one. An order's current reference goes before other names: a shop's
 * reference may look like another order's id.
 */
async function ordersByReference(
  client: pg.ClientBase,
  entityId: string,
  references: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const aliases = [...new Set(references.map(aliasOf))].filter((alias) => alias !== "");
  if (aliases.length === 0) return new Map();
  const { rows } = await client.query<{ alias: string; order_key: string; reference: string | null }>(
    `SELECT a.alias, a.order_key, o.reference FROM order_alias a
       LEFT JOIN sales_order o ON o.order_key = a.order_key
      WHERE a.entity_id = $1 AND a.alias = ANY($2)`,
    [entityId, aliases],
  );
  const named = new Map<string, Set<string>>();
  const known = new Map<string, Set<string>>();
  for (const { alias, order_key: orderKey, reference } of rows) {
    known.set(alias, (known.get(alias) ?? new Set()).add(orderKey));
    if (reference !== null && aliasOf(reference) === alias) {
      named.set(alias, (named.get(alias) ?? new Set()).add(orderKey));
    }
  }
  const found = new Map<string, string>();
  for (const [alias, keys] of known) {
    const [only, ...others] = named.get(alias) ?? keys;
    if (only !== undefined && others.length === 0) found.set(alias, only);
  }
  return found;
}

/** Where the documents of this page are that others of it credit. */
function placesByNumber(
  documents: readonly Placeable[],
  placements: ReadonlyMap<string, Placement>,
): ReadonlyMap<string, Placement> {
  const places = new Map<string, Placement>();
  for (const one of documents) {
    const placement = placements.get(one.id);
    if (one.kind === "sale" && placement) places.set(numberKey(one.connectionId, one.number), placement);
  }
  return places;
}

/** Where the documents are that the followers credit, as far as exactly one has that number. */
async function originalsOf(
  client: pg.ClientBase,
  entityId: string,
  followers: readonly Placeable[],
): Promise<ReadonlyMap<string, Placement>> {
  const numbers = [...new Set(followers.flatMap((one) => one.originalNumber ?? []))];
  if (numbers.length === 0) return new Map();
  const { rows } = await client.query<{
    connection_id: string;
    number: string;
    keys: string[];
    known: boolean;
  }>(
    `SELECT connection_id, number, array_agg(DISTINCT order_key)::text[] AS keys, bool_and(order_known) AS known
       FROM document WHERE entity_id = $1 AND side = 'erp' AND kind = 'sale' AND number = ANY($2)
      GROUP BY connection_id, number`,
    [entityId, numbers],
  );
  const places = new Map<string, Placement>();
  for (const row of rows) {
    const [orderKey, ...others] = row.keys;
    if (orderKey !== undefined && others.length === 0) {
      places.set(numberKey(row.connection_id, row.number), { orderKey, orderKnown: row.known });
    }
  }
  return places;
}

type Held = Readonly<{
  id: string;
  order_key: string;
  order_known: boolean;
  connection_id: string;
  source_id: string;
  kind: string;
  number: string;
  reference: string | null;
  original_number: string | null;
}>;

export type Move = Readonly<{ id: string; kind: string; number: string; from: string; to: Placement }>;

/** Followers of followers: corrections of corrections, as deep as books go in practice. */
const DEPTH_MAX = 4;

/**
 * Moves ERP documents whose reference (one of `aliases`) or original (one of `numbers`) now means another group:
 * delete and insert under the new key, as a new version. Returns the moves.
 */
export async function rekeyDocuments(
  client: pg.ClientBase,
  context: StoreContext,
  causes: Readonly<{ aliases: readonly string[]; numbers: readonly string[] }>,
): Promise<readonly Move[]> {
  const all: Move[] = [];
  let { aliases, numbers } = causes;
  for (let depth = 0; depth < DEPTH_MAX && aliases.length + numbers.length > 0; depth += 1) {
    const held = await heldBy(client, context.entityId, aliases, numbers);
    const placements = await placeDocuments(
      client,
      context.entityId,
      held.map((row) => ({
        id: row.id,
        connectionId: row.connection_id,
        sourceId: row.source_id,
        kind: row.kind,
        number: row.number,
        reference: row.reference,
        originalNumber: row.original_number,
      })),
    );
    const moves = held.flatMap((row) => {
      const to = placements.get(row.id);
      if (!to || (to.orderKey === row.order_key && to.orderKnown === row.order_known)) return [];
      return [{ id: row.id, kind: row.kind, number: row.number, from: row.order_key, to }];
    });
    await applyMoves(client, context, moves);
    all.push(...moves);
    aliases = [];
    numbers = moves.filter((move) => move.kind === "sale").map((move) => move.number);
  }
  return all;
}

async function heldBy(
  client: pg.ClientBase,
  entityId: string,
  aliases: readonly string[],
  numbers: readonly string[],
): Promise<readonly Held[]> {
  const columns =
    "id, order_key, order_known, connection_id, source_id, kind, number, reference, original_number";
  const { rows } = await client.query<Held>(
    `SELECT ${columns} FROM document WHERE entity_id = $1 AND side = 'erp' AND lower(btrim(reference)) = ANY($2)
     UNION
     SELECT ${columns} FROM document WHERE entity_id = $1 AND side = 'erp' AND original_number = ANY($3)
     ORDER BY id`,
    [entityId, [...new Set(aliases.flatMap((alias) => [aliasOf(alias), asciiLower(alias.trim())]))], numbers],
  );
  return rows;
}

/** What the database's lower() makes of a text where its locale knows ASCII only. */
const asciiLower = (text: string): string => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());

const OWN = `id, entity_id, connection_id, side, kind, source_id, number, reference, original_number, status, posted, currency,
  posting_day, modified_at, stated_net, stated_tax, stated_gross, prices_include_tax, content_hash, source_record_id,
  line_count, unknown, net, tax, gross, figures, control`;
const LINE_OWN = `id, document_id, entity_id, side, document_kind, kind, granularity, source_line_id, sku, item_key, quantity,
  unit_price, discount, net, tax, gross, tax_code, tax_rate, currency, day, period, at, shipment, description, in_books`;

const selected = (columns: string): string =>
  columns
    .split(",")
    .map((column) => `gone.${column.trim()}`)
    .join(", ");

async function applyMoves(
  client: pg.ClientBase,
  context: StoreContext,
  moves: readonly Move[],
): Promise<void> {
  if (moves.length === 0) return;
  const values = [
    moves.map((move) => move.from),
    moves.map((move) => move.id),
    moves.map((move) => move.to.orderKey),
    moves.map((move) => move.to.orderKnown),
  ];
  const move = "unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::boolean[]) AS m(from_key, id, to_key, known)";
  await client.query(
    `INSERT INTO document_version (order_key, document_id, version, entity_id, content_hash, content, reason, run_id, seen_at,
       line_count, unknown, net, tax, gross, figures, control)
     SELECT m.to_key, d.id, d.version + 1, d.entity_id, d.content_hash, v.content, 'rekeyed', $5, $6,
       v.line_count, v.unknown, v.net, v.tax, v.gross, v.figures, v.control
       FROM ${move} JOIN document d ON d.order_key = m.from_key AND d.id = m.id
       JOIN document_version v ON v.order_key = d.order_key AND v.document_id = d.id AND v.version = d.version`,
    [...values, context.runId, context.at],
  );
  await client.query(
    `WITH gone AS (
       DELETE FROM line USING ${move} WHERE line.order_key = m.from_key AND line.document_id = m.id
       RETURNING line.*, m.to_key)
     INSERT INTO line (order_key, ${LINE_OWN}, shop_id, channel)
     SELECT gone.to_key, ${selected(LINE_OWN)}, coalesce(o.shop_id, gone.shop_id), coalesce(o.channel, gone.channel)
       FROM gone LEFT JOIN sales_order o ON o.order_key = gone.to_key`,
    values,
  );
  await client.query(
    `WITH gone AS (
       DELETE FROM document USING ${move} WHERE document.order_key = m.from_key AND document.id = m.id
       RETURNING document.*, m.to_key, m.known)
     INSERT INTO document (order_key, order_known, version, seen_at, ${OWN}, shop_id, channel, ship_to)
     SELECT gone.to_key, gone.known, gone.version + 1, $5, ${selected(OWN)}, coalesce(o.shop_id, gone.shop_id),
       coalesce(o.channel, gone.channel), coalesce(o.ship_to, gone.ship_to)
       FROM gone LEFT JOIN sales_order o ON o.order_key = gone.to_key`,
    [...values, context.at],
  );
}
