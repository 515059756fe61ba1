import type pg from "pg";
import { storedLines } from "@/lib/domain/control";
import type { BookLine } from "@/lib/domain/document";
import { toJson } from "@/lib/domain/json";
import { loadItemMap, meaningOf } from "./lines";

/** An ERP item (and variant), or a G/L account, as the item mapping names it. */
export type MappedItem = Readonly<{ erpKind: "item" | "account"; erpItem: string; erpVariant: string }>;

type Stored = Readonly<{ order_key: string; document_id: string; lines: readonly BookLine[] }>;

/**
 * Gives the lines of ERP items or accounts the meaning that the item mapping gives them now, and marks their groups to
 * be matched again. Which lines are its own is read from what the ERP said, as it is kept.
 */
export async function remapLines(
  client: pg.ClientBase,
  entityId: string,
  mapped: readonly MappedItem[],
  at: Date,
): Promise<number> {
  const named = mapped.map(({ erpKind, erpItem, erpVariant }) =>
    erpKind === "account"
      ? { account: erpItem }
      : { kind: "item", sku: erpItem, variant: erpVariant === "" ? null : erpVariant },
  );
  const { rows } = await client.query<Stored>(
    `SELECT d.order_key, d.id AS document_id, v.content->'lines' AS lines FROM document d
       JOIN document_version v ON v.order_key = d.order_key AND v.document_id = d.id AND v.version = d.version
      WHERE d.entity_id = $1 AND d.side = 'erp' AND v.content->'lines' @> ANY($2::jsonb[])`,
    [entityId, named.map((one) => toJson([one]))],
  );
  const items = await loadItemMap(client, entityId);
  const changed = rows.flatMap(({ order_key, document_id, lines }) =>
    storedLines({ lines }).map(({ line, sourceLineId }) => ({
      order_key,
      document_id,
      source_line_id: sourceLineId,
      ...meaningOf(line, items),
    })),
  );
  await client.query(
    `UPDATE line SET kind = m.kind, item_key = m."itemKey", sku = m.sku
       FROM json_to_recordset($1::json) AS m(order_key uuid, document_id uuid, source_line_id text, kind text, "itemKey" text, sku text)
      WHERE line.order_key = m.order_key AND line.document_id = m.document_id AND line.source_line_id = m.source_line_id
        AND (line.kind, line.item_key, line.sku) IS DISTINCT FROM (m.kind, m."itemKey", m.sku)`,
    [toJson(changed)],
  );
  await client.query(
    `INSERT INTO dirty_group (order_key, entity_id, since)
     SELECT DISTINCT key, $2, $3::timestamptz FROM unnest($1::uuid[]) AS key ON CONFLICT (order_key) DO NOTHING`,
    [rows.map((row) => row.order_key), entityId, at],
  );
  return rows.length;
}

/** The ERP's own name of an item that pairs under a key in a group; null where no line of it says one. */
export async function erpItemOf(
  client: pg.ClientBase | pg.Pool,
  entityId: string,
  { orderKey, itemKey }: Readonly<{ orderKey: string; itemKey: string }>,
): Promise<MappedItem | null> {
  const { rows } = await client.query<{ sourceLineId: string; lines: readonly BookLine[] }>(
    `SELECT l.source_line_id AS "sourceLineId", v.content->'lines' AS lines FROM line l
       JOIN document d ON d.order_key = l.order_key AND d.id = l.document_id
       JOIN document_version v ON v.order_key = d.order_key AND v.document_id = d.id AND v.version = d.version
      WHERE l.order_key = $1 AND l.entity_id = $2 AND l.side = 'erp' AND l.item_key = $3 ORDER BY l.id`,
    [orderKey, entityId, itemKey],
  );
  for (const { sourceLineId, lines } of rows) {
    const line = storedLines({ lines }).find((one) => one.sourceLineId === sourceLineId)?.line;
    if (line?.kind === "item" && line.sku !== null)
      return { erpKind: "item", erpItem: line.sku, erpVariant: line.variant ?? "" };
    if (line?.account) return { erpKind: "account", erpItem: line.account, erpVariant: "" };
  }
  return null;
}
