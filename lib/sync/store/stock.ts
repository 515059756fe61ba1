import type pg from "pg";
import type { Reading } from "@/lib/connectors/contract";
import type { ItemStock, StockLevel } from "@/lib/connectors/stock";
import { lockInTransaction } from "@/lib/db/pool";
import { idOf } from "@/lib/domain/identity";
import { toJson } from "@/lib/domain/json";
import type { ErrorClass } from "../error-classes";
import type { StoreContext, Stored } from "./context";
import { healFailed, keepFailed } from "./failed-records";
import { type Failed, keepPayloads, type Version, versionsOf } from "./readings";
import { insertRows, markDirty } from "./rows";
import { keepUnfetched } from "./unkept";

/** The resource under which stock is kept. */
export const STOCK = "stock";

const ITEM =
  "connection_id uuid, item_key text, entity_id text, named_at timestamptz, checked_at timestamptz, answered_at timestamptz, name text, gtin text, tax_code text";
const LEVEL = `connection_id uuid, item_key text, warehouse text, merchant text, measure text, entity_id text, quantity numeric,
  without_stock boolean, changed_at timestamptz, answered_at timestamptz, seen_at timestamptz`;
const READING = `id uuid, ${LEVEL}, source_record_id uuid, run_id uuid`;

type Fresh = Readonly<{ version: Version<ItemStock>; stock: ItemStock; answeredAt: Date; isLate: boolean }>;

/**
 * Stores what a source said of some items inside the caller's transaction: payloads, the readings that say something else
 * than what is held (append-only), and the newest of each level. An answer that is older than the one held, by the source's own
 * time, is kept as a reading and changes no level; nor does a level that the source dates before ours. A level that the
 * newest answer no longer speaks of is no longer known. What can't be read is kept as failed.
 */
export async function storeStock(
  client: pg.ClientBase,
  context: StoreContext,
  readings: readonly Reading<ItemStock>[],
): Promise<Stored> {
  const versions = versionsOf(context, STOCK, readings);
  await keepPayloads(client, context, STOCK, versions);
  const failed: Readonly<{ version: Failed; orderKey: string }>[] = [];
  const read: Readonly<{ version: Version<ItemStock>; stock: ItemStock }>[] = [];
  for (const version of versions) {
    if (version.result.ok) read.push({ version, stock: version.result.value });
    else {
      const { reason, errorClass, missing } = version.result;
      failed.push({
        version: { ...version, reason, errorClass, missing },
        orderKey: stockKeyOf(context, version),
      });
    }
  }
  const fresh = await timed(client, context, read);
  const levels = fresh.flatMap(levelRows(context));
  const changed = await appendReadings(client, levels);
  const current = levels.filter((level) => !level.is_late);
  await upsertItems(client, context, fresh);
  await upsertLevels(client, current);
  await forgetLevels(client, context, fresh, current);
  const orderKeys = await keepFaults(client, context, failed, [...fresh.map((one) => one.stock.itemKey)]);
  return {
    found: readings.length,
    stored: changed.size,
    unchanged: readings.length - changed.size - failed.length,
    failed: failed.length,
    orderKeys,
    changed: [],
  };
}

/** The group of its own that an item's failed record is kept in: stock is no order's. */
export const stockKeyOf = (
  { connectionId }: Pick<StoreContext, "connectionId">,
  { sourceId }: Readonly<{ sourceId: string }>,
): string => idOf("unwritten", connectionId, STOCK, sourceId);

/** Notes items that orders or events named: they are asked for first. In the order of their keys, as all who write them. */
export async function nameItems(
  client: pg.ClientBase,
  context: Pick<StoreContext, "connectionId" | "entityId" | "at">,
  itemKeys: Iterable<string>,
): Promise<void> {
  const keys = [...new Set(itemKeys)].filter((key) => key !== "").sort();
  await insertRows(
    client,
    "stock_item",
    "connection_id uuid, item_key text, entity_id text, named_at timestamptz",
    keys.map((key) => ({
      connection_id: context.connectionId,
      item_key: key,
      entity_id: context.entityId,
      named_at: context.at,
    })),
    "ON CONFLICT (connection_id, item_key) DO UPDATE SET named_at = greatest(stock_item.named_at, excluded.named_at)",
  );
}

/** Notes items that their source has no more: what it said of them last stays among the readings. */
export async function keepGoneItems(
  client: pg.ClientBase,
  context: StoreContext,
  itemKeys: readonly string[],
): Promise<void> {
  if (itemKeys.length === 0) return;
  await holdItems(client, context, itemKeys);
  await client.query(
    `UPDATE stock_item SET checked_at = $3, answered_at = coalesce(answered_at, $3), gone_at = coalesce(gone_at, $3)
      WHERE connection_id = $1 AND item_key = ANY($2)`,
    [context.connectionId, itemKeys, context.at],
  );
  await client.query("DELETE FROM stock_level WHERE connection_id = $1 AND item_key = ANY($2)", [
    context.connectionId,
    itemKeys,
  ]);
  await keepFaults(client, context, [], itemKeys);
}

/** Keeps items that could not be asked for, while others could, as failed records; the levels that are held of them stay. */
export async function keepUnasked(
  client: pg.ClientBase,
  context: StoreContext,
  items: readonly Readonly<{ itemKey: string; reason: string; errorClass: ErrorClass }>[],
): Promise<void> {
  if (items.length === 0) return;
  await nameItems(
    client,
    context,
    items.map((item) => item.itemKey),
  );
  await client.query(
    "UPDATE stock_item SET checked_at = $3 WHERE connection_id = $1 AND item_key = ANY($2)",
    [context.connectionId, items.map((item) => item.itemKey), context.at],
  );
  await lockInTransaction(client, `books:${context.entityId}`);
  await keepUnfetched(
    client,
    context,
    STOCK,
    items.map(({ itemKey, reason, errorClass }) => ({
      orderKey: stockKeyOf(context, { sourceId: itemKey }),
      sourceId: itemKey,
      reference: itemKey,
      reason,
      errorClass,
    })),
  );
}

/** The items of a list that was read to its end, and that were not on it. */
export async function keepUnlisted(client: pg.ClientBase, context: StoreContext, begun: Date): Promise<void> {
  const { rows } = await client.query<{ item_key: string }>(
    `SELECT item_key FROM stock_item WHERE connection_id = $1 AND gone_at IS NULL AND (checked_at IS NULL OR checked_at < $2)`,
    [context.connectionId, begun],
  );
  await keepGoneItems(
    client,
    context,
    rows.map((row) => row.item_key),
  );
}

/**
 * Answers with their time, which is the source's own, but never ahead of ours: a source whose clock runs ahead would
 * otherwise keep what it says later out. Late is what is older than what is held.
 */
async function timed(
  client: pg.ClientBase,
  context: StoreContext,
  read: readonly Readonly<{ version: Version<ItemStock>; stock: ItemStock }>[],
): Promise<readonly Fresh[]> {
  const held = await holdItems(
    client,
    context,
    read.map(({ stock }) => stock.itemKey),
  );
  return read.map(({ version, stock }) => {
    const stated = (stock.answeredAt ?? context.at).getTime();
    const answeredAt = new Date(Math.min(stated, context.at.getTime()));
    const before = held.get(stock.itemKey) ?? null;
    // What is held from a moment that is still to come was written by a clock that was wrong.
    const isLate = before !== null && answeredAt < before && before <= context.at;
    return { version, stock, answeredAt, isLate };
  });
}

/** Items with the time of the newest answer about them, held until the transaction ends; in one order for everybody. */
async function holdItems(
  client: pg.ClientBase,
  { connectionId }: StoreContext,
  itemKeys: readonly string[],
): Promise<ReadonlyMap<string, Date | null>> {
  const { rows } = await client.query<{ item_key: string; answered_at: Date | null }>(
    `SELECT item_key, answered_at FROM stock_item WHERE connection_id = $1 AND item_key = ANY($2)
      ORDER BY item_key FOR UPDATE`,
    [connectionId, itemKeys],
  );
  return new Map(rows.map((row) => [row.item_key, row.answered_at]));
}

type LevelRow = Readonly<{
  id: string;
  item_key: string;
  warehouse: string;
  merchant: string;
  measure: string;
  is_late: boolean;
}> &
  Readonly<Record<string, unknown>>;

const levelRows =
  (context: StoreContext) =>
  ({ version, stock, answeredAt, isLate }: Fresh): readonly LevelRow[] => {
    // A source that says two things of one place is taken at its last word.
    const byPlace = new Map(stock.levels.map((level) => [placeOf(level).join("\u001f"), level]));
    return [...byPlace.values()].map((level) => {
      const [warehouse, merchant, measure] = placeOf(level);
      return {
        id: idOf(
          "stock",
          context.connectionId,
          stock.itemKey,
          ...placeOf(level),
          answeredAt.toISOString(),
          level.quantity,
        ),
        connection_id: context.connectionId,
        item_key: stock.itemKey,
        warehouse,
        merchant,
        measure,
        entity_id: context.entityId,
        quantity: level.quantity,
        without_stock: level.withoutStock,
        changed_at: level.changedAt,
        answered_at: answeredAt,
        seen_at: context.at,
        source_record_id: version.recordId,
        run_id: context.runId,
        is_late: isLate,
      };
    });
  };

const placeOf = ({ warehouse, merchant, measure }: StockLevel): readonly [string, string, string] => [
  warehouse ?? "",
  merchant ?? "",
  measure,
];

/** Appends what says something else than the reading before it. Returns the items of which something was appended. */
async function appendReadings(
  client: pg.ClientBase,
  levels: readonly LevelRow[],
): Promise<ReadonlySet<string>> {
  if (levels.length === 0) return new Set();
  const names = namesOf(READING);
  const { rows } = await client.query<{ item_key: string }>(
    `INSERT INTO stock_reading (${names.join(", ")})
     SELECT ${names.map((name) => `r.${name}`).join(", ")} FROM json_to_recordset($1::json) AS r(${READING})
      WHERE NOT EXISTS (SELECT FROM
              (SELECT p.quantity, p.without_stock, p.changed_at FROM stock_reading p
                WHERE p.connection_id = r.connection_id AND p.item_key = r.item_key AND p.warehouse = r.warehouse
                  AND p.merchant = r.merchant AND p.measure = r.measure ORDER BY p.answered_at DESC, p.seen_at DESC LIMIT 1) AS l
               WHERE (l.quantity, l.without_stock, l.changed_at) IS NOT DISTINCT FROM (r.quantity, r.without_stock, r.changed_at))
     ON CONFLICT (id) DO NOTHING RETURNING item_key`,
    [toJson(levels)],
  );
  return new Set(rows.map((row) => row.item_key));
}

async function upsertItems(
  client: pg.ClientBase,
  context: StoreContext,
  fresh: readonly Fresh[],
): Promise<void> {
  const rows = fresh
    .map(({ stock, answeredAt }) => ({
      connection_id: context.connectionId,
      item_key: stock.itemKey,
      entity_id: context.entityId,
      checked_at: context.at,
      answered_at: answeredAt,
      name: stock.master?.name ?? null,
      gtin: stock.master?.gtin ?? null,
      tax_code: stock.master?.taxCode ?? null,
    }))
    .sort((a, b) => (a.item_key < b.item_key ? -1 : 1));
  await insertRows(
    client,
    "stock_item",
    ITEM,
    rows,
    `ON CONFLICT (connection_id, item_key) DO UPDATE SET checked_at = excluded.checked_at, gone_at = NULL,
       name = coalesce(excluded.name, stock_item.name), gtin = coalesce(excluded.gtin, stock_item.gtin),
       tax_code = coalesce(excluded.tax_code, stock_item.tax_code),
       answered_at = CASE WHEN stock_item.answered_at > excluded.checked_at THEN excluded.answered_at
                          ELSE greatest(stock_item.answered_at, excluded.answered_at) END`,
  );
}

async function upsertLevels(client: pg.ClientBase, current: readonly LevelRow[]): Promise<void> {
  await insertRows(
    client,
    "stock_level",
    LEVEL,
    current,
    `ON CONFLICT (connection_id, item_key, warehouse, merchant, measure) DO UPDATE SET quantity = excluded.quantity,
       without_stock = excluded.without_stock, changed_at = excluded.changed_at, answered_at = excluded.answered_at,
       seen_at = excluded.seen_at, entity_id = excluded.entity_id
      WHERE (stock_level.quantity, stock_level.without_stock, stock_level.changed_at)
              IS DISTINCT FROM (excluded.quantity, excluded.without_stock, excluded.changed_at)
        AND (stock_level.changed_at IS NULL OR excluded.changed_at IS NULL OR stock_level.changed_at <= excluded.changed_at)`,
  );
}

/** Levels that the newest answer about their item no longer speaks of. */
async function forgetLevels(
  client: pg.ClientBase,
  { connectionId }: StoreContext,
  fresh: readonly Fresh[],
  current: readonly LevelRow[],
): Promise<void> {
  await client.query(
    `DELETE FROM stock_level l WHERE l.connection_id = $1 AND l.item_key = ANY($2)
        AND NOT EXISTS (SELECT FROM unnest($3::text[], $4::text[], $5::text[], $6::text[]) AS k(item_key, warehouse, merchant, measure)
               WHERE (k.item_key, k.warehouse, k.merchant, k.measure) = (l.item_key, l.warehouse, l.merchant, l.measure))`,
    [
      connectionId,
      fresh.filter((one) => !one.isLate).map((one) => one.stock.itemKey),
      ...(["item_key", "warehouse", "merchant", "measure"] as const).map((name) =>
        current.map((level) => level[name]),
      ),
    ],
  );
}

/** Keeps what failed and heals what fails no more. Only then the books are touched, and waited for. */
async function keepFaults(
  client: pg.ClientBase,
  context: StoreContext,
  failed: readonly Readonly<{ version: Failed; orderKey: string }>[],
  readable: readonly string[],
): Promise<readonly string[]> {
  const { rowCount } = await client.query(
    `SELECT FROM failed_record WHERE connection_id = $1 AND resource = $2 AND source_id = ANY($3) AND resolved_at IS NULL LIMIT 1`,
    [context.connectionId, STOCK, readable],
  );
  if (failed.length === 0 && rowCount === 0) return [];
  await lockInTransaction(client, `books:${context.entityId}`);
  const orderKeys = [
    ...(await keepFailed(client, context, STOCK, failed)),
    ...(await healFailed(client, context, STOCK, readable)),
  ];
  await markDirty(client, context.entityId, orderKeys, context.at);
  return orderKeys;
}

const namesOf = (columns: string): readonly string[] =>
  columns.split(",").map((column) => column.trim().split(/\s+/)[0] ?? "");
