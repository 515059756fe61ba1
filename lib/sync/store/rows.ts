import type pg from "pg";
import { toJson } from "@/lib/domain/json";

/**
 * One INSERT for many rows. `columns` are the names and types of both the JSON and the table ("id uuid, at date");
 * `rest` is what follows them ("ON CONFLICT …", "RETURNING …"). Does nothing for no rows. Returns what was returned.
 */
export async function insertRows<Returned extends pg.QueryResultRow = never>(
  client: pg.ClientBase,
  table: string,
  columns: string,
  rows: readonly Readonly<Record<string, unknown>>[],
  rest = "",
): Promise<readonly Returned[]> {
  if (rows.length === 0) return [];
  const names = columns.split(",").map((column) => column.trim().split(/\s+/)[0]);
  const list = names.map((name) => `"${name}"`).join(", ");
  const result = await client.query<Returned>(
    `INSERT INTO "${table}" (${list}) SELECT ${list} FROM json_to_recordset($1::json) AS row(${columns}) ${rest}`,
    [toJson(rows)],
  );
  return result.rows;
}

/** Marks groups for the next reconciliation. */
export async function markDirty(
  client: pg.ClientBase,
  entityId: string,
  orderKeys: Iterable<string>,
  at: Date,
): Promise<void> {
  const keys = [...new Set(orderKeys)];
  if (keys.length === 0) return;
  await client.query(
    `INSERT INTO dirty_group (order_key, entity_id, since) SELECT key, $2, $3 FROM unnest($1::uuid[]) AS key
     ON CONFLICT (order_key) DO UPDATE SET since = excluded.since`,
    [keys, entityId, at],
  );
}

/**
 * The same value with texts that PostgreSQL can hold: NUL and halves of surrogate pairs become the replacement
 * character. A payload that contains them would otherwise stop its whole page.
 */
export function storable<Value>(value: Value): Value {
  if (typeof value === "string") {
    return value.replaceAll("\u0000", "\ufffd").replace(/\p{Surrogate}/gu, "\ufffd") as Value;
  }
  if (Array.isArray(value)) return value.map(storable) as Value;
  if (value !== null && typeof value === "object" && !(value instanceof Date)) {
    const members = Object.entries(value).map(([name, member]) => [storable(name), storable(member)]);
    return Object.fromEntries(members) as Value;
  }
  return value;
}
