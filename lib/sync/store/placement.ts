import type pg from "pg";
import { aliasOf, strayKeyOf } from "@/lib/domain/identity";
import { formsOf, loadReadings } from "@/lib/matching/reference-rules";
import type { Placeable, Placement } from "@/lib/matching/strategies/contract";
import { originalPlaces } from "@/lib/matching/strategies/original-document";
import { strategies } from "@/lib/matching/strategies/registry";
import type { StoreContext } from "./context";

/**
 * The group of each ERP document, by the strategies in order of certainty; what none of them places goes where the
 * document is that it credits, though no order is known for that, or is on its own.
 */
export async function placeDocuments(
  client: pg.ClientBase,
  entityId: string,
  documents: readonly Placeable[],
): Promise<ReadonlyMap<string, Placement & Readonly<{ form: string | null }>>> {
  const forms = await formsOf(client, await loadReadings(client, entityId), documents);
  const placed = new Map<string, Placement>();
  const request = () => ({
    client,
    entityId,
    documents: documents.filter((one) => !placed.has(one.id)),
    all: documents,
    placed,
    forms,
  });
  for (const strategy of strategies) {
    for (const [id, placement] of (await strategy.place?.(request())) ?? []) placed.set(id, placement);
  }
  for (const one of documents) {
    if (!placed.has(one.id) && one.originalNumber === null) placed.set(one.id, ownPlace(one));
  }
  for (const [id, placement] of await originalPlaces(request())) placed.set(id, placement);
  return new Map(
    documents.map((one) => [
      one.id,
      { ...(placed.get(one.id) ?? ownPlace(one)), form: forms.get(one.id) ?? null },
    ]),
  );
}

const ownPlace = (one: Placeable): Placement => ({
  orderKey: strayKeyOf(one.connectionId, one.sourceId),
  orderKnown: false,
  placedBy: null,
});

type Held = Readonly<{
  id: string;
  order_key: string;
  order_known: boolean;
  placed_by: string | null;
  reference_form: string | null;
  connection_id: string;
  source_id: string;
  kind: string;
  number: string;
  reference: string | null;
  original_number: string | null;
  posting_day: string | null;
}>;

/** `known`: whether an order was known for it where it was. */
export type Move = Readonly<{
  id: string;
  kind: string;
  number: string;
  from: string;
  known: boolean;
  to: Placement;
}>;

/** Followers of followers: corrections of corrections, as deep as books go in practice. */
const DEPTH_MAX = 4;

/** What a move is told of: whose books, which run (null: a person did it), what time. */
export type MoveContext = Pick<StoreContext, "entityId" | "at"> & Readonly<{ runId: string | null }>;

type Form = Readonly<{ connectionId: string; form: string }>;
type HeldKey = Readonly<{ orderKey: string; id: string }>;

/**
 * Moves ERP documents whose reference (one of `aliases`, or one of `forms`), original (one of `numbers`) or decision
 * (those `held`) now means another group: delete and insert under the new key, as a new version. Returns the moves.
 */
export async function rekeyDocuments(
  client: pg.ClientBase,
  context: MoveContext,
  causes: Readonly<{
    aliases: readonly string[];
    numbers: readonly string[];
    forms?: readonly Form[];
    held?: readonly HeldKey[];
  }>,
): Promise<readonly Move[]> {
  const all: Move[] = [];
  let { aliases, numbers, forms = [], held = [] } = causes;
  for (
    let depth = 0;
    depth < DEPTH_MAX && aliases.length + numbers.length + forms.length + held.length > 0;
    depth += 1
  ) {
    const rows = await heldBy(client, context.entityId, { aliases, numbers, forms, held });
    const moves = await replaceHeld(client, context, rows);
    all.push(...moves);
    [aliases, forms, held] = [[], [], []];
    numbers = moves.filter((move) => move.kind === "sale").map((move) => move.number);
  }
  return all;
}

/** Places documents again and moves those that belong elsewhere now. */
async function replaceHeld(
  client: pg.ClientBase,
  context: MoveContext,
  held: readonly Held[],
): Promise<readonly Move[]> {
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
      postingDay: row.posting_day,
    })),
  );
  const found = held.flatMap((row) => {
    const to = placements.get(row.id);
    return to ? [{ row, to }] : [];
  });
  const moves = found
    .filter(({ row, to }) => to.orderKey !== row.order_key || to.orderKnown !== row.order_known)
    .map(({ row, to }) => ({
      id: row.id,
      kind: row.kind,
      number: row.number,
      from: row.order_key,
      known: row.order_known,
      to,
    }));
  await applyMoves(client, context, moves);
  // What stays where it is may have been found there by another strategy than before.
  const relabelled = found.filter(
    ({ row, to }) => to.placedBy !== row.placed_by || to.form !== row.reference_form,
  );
  if (relabelled.length === 0) return moves;
  await client.query(
    `UPDATE document SET placed_by = p.placed_by, reference_form = p.form
       FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[]) AS p(order_key, id, placed_by, form)
      WHERE document.order_key = p.order_key AND document.id = p.id`,
    [
      relabelled.map(({ to }) => to.orderKey),
      relabelled.map(({ row }) => row.id),
      relabelled.map(({ to }) => to.placedBy),
      relabelled.map(({ to }) => to.form),
    ],
  );
  return moves;
}

/** Documents that are placed again at once: enough to be quick, few enough to stay small. */
const PAGE = 2000;

/**
 * Places again, page by page, the documents of a connection that are on their own, stand where its mapping of references
 * put them, or bear one of `names` (aliases): after that mapping changed. Returns the moves.
 */
export async function rekeyByRules(
  client: pg.ClientBase,
  context: MoveContext,
  connectionId: string,
  names: readonly string[] = [],
): Promise<readonly Move[]> {
  const { rows } = await client.query<HeldKey>(
    `SELECT order_key AS "orderKey", id FROM document WHERE entity_id = $1 AND connection_id = $2 AND side = 'erp'
        AND (NOT order_known OR placed_by IN ('normalised-reference', 'mapped-reference') OR lower(btrim(reference)) = ANY($3))
      ORDER BY id`,
    [
      context.entityId,
      connectionId,
      [...new Set(names.flatMap((name) => [aliasOf(name), asciiLower(name.trim())]))],
    ],
  );
  const moves: Move[] = [];
  for (let done = 0; done < rows.length; done += PAGE) {
    const held = rows.slice(done, done + PAGE);
    moves.push(...(await rekeyDocuments(client, context, { aliases: [], numbers: [], held })));
  }
  return moves;
}

async function heldBy(
  client: pg.ClientBase,
  entityId: string,
  {
    aliases,
    numbers,
    forms,
    held,
  }: Readonly<{
    aliases: readonly string[];
    numbers: readonly string[];
    forms: readonly Form[];
    held: readonly HeldKey[];
  }>,
): Promise<readonly Held[]> {
  const columns = `d.id, d.order_key, d.order_known, d.placed_by, d.reference_form, d.connection_id, d.source_id, d.kind, d.number,
    d.reference, d.original_number, d.posting_day`;
  const { rows } = await client.query<Held>(
    `SELECT ${columns} FROM document d WHERE entity_id = $1 AND side = 'erp' AND lower(btrim(reference)) = ANY($2)
     UNION
     SELECT ${columns} FROM document d WHERE entity_id = $1 AND side = 'erp' AND original_number = ANY($3)
     UNION
     SELECT ${columns} FROM unnest($4::uuid[], $5::text[]) AS f(connection_id, form)
       JOIN document d ON d.connection_id = f.connection_id AND d.reference_form = f.form
     UNION
     SELECT ${columns} FROM unnest($6::uuid[], $7::uuid[]) AS h(order_key, id)
       JOIN document d ON d.order_key = h.order_key AND d.id = h.id AND d.entity_id = $1
     ORDER BY id`,
    [
      entityId,
      [...new Set(aliases.flatMap((alias) => [aliasOf(alias), asciiLower(alias.trim())]))],
      numbers,
      forms.map((one) => one.connectionId),
      forms.map((one) => one.form),
      held.map((one) => one.orderKey),
      held.map((one) => one.id),
    ],
  );
  return rows;
}

/** What the database's lower() makes of a text where its locale knows ASCII only. */
const asciiLower = (text: string): string => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());

const OWN = `id, entity_id, connection_id, side, kind, source_id, number, reference, reference_form, original_number, status,
  posted, currency, payment, posting_day, modified_at, stated_net, stated_tax, stated_gross, prices_include_tax, content_hash, source_record_id,
  line_count, unknown, net, tax, gross, figures, control`;
const LINE_OWN = `id, document_id, entity_id, side, document_kind, kind, granularity, source_line_id, position, sku, item_key, quantity,
  unit_price, discount, net, tax, gross, tax_code, tax_rate, currency, day, period, at, shipment, description, in_books,
  tax_allocated, taxed_on_price, account`;

const selected = (columns: string): string =>
  columns
    .split(",")
    .map((column) => `gone.${column.trim()}`)
    .join(", ");

async function applyMoves(
  client: pg.ClientBase,
  context: MoveContext,
  moves: readonly Move[],
): Promise<void> {
  if (moves.length === 0) return;
  const values = [
    moves.map((move) => move.from),
    moves.map((move) => move.id),
    moves.map((move) => move.to.orderKey),
    moves.map((move) => move.to.orderKnown),
    moves.map((move) => move.to.placedBy),
  ];
  const move =
    "unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::boolean[], $5::text[]) AS m(from_key, id, to_key, known, placed_by)";
  await client.query(
    `INSERT INTO document_version (order_key, document_id, version, entity_id, content_hash, content, reason, run_id, seen_at,
       line_count, unknown, net, tax, gross, figures, control)
     SELECT m.to_key, d.id, d.version + 1, d.entity_id, d.content_hash, v.content, 'rekeyed', $6, $7,
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
       RETURNING document.*, m.to_key, m.known, m.placed_by AS now_placed_by)
     INSERT INTO document (order_key, order_known, placed_by, version, seen_at, ${OWN}, shop_id, channel, ship_to)
     SELECT gone.to_key, gone.known, gone.now_placed_by, gone.version + 1, $6, ${selected(OWN)}, coalesce(o.shop_id, gone.shop_id),
       coalesce(o.channel, gone.channel), coalesce(o.ship_to, gone.ship_to)
       FROM gone LEFT JOIN sales_order o ON o.order_key = gone.to_key`,
    [...values, context.at],
  );
}
