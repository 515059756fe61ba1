import type pg from "pg";
import type { SalesChannel } from "@/lib/connectors/contract";
import { NOTHING_STORED, type StoreContext, type Stored } from "./context";
import { insertRows, markDirty, storable } from "./rows";

/**
 * Keeps the sales channels as the tenant lists them. Where a channel begins or ceases to make invoices, the groups of
 * its orders are looked at again. A list that we may not see (none) leaves what is known.
 */
export async function keepChannels(
  client: pg.ClientBase,
  context: StoreContext,
  channels: readonly SalesChannel[],
): Promise<Stored> {
  const byKey = new Map(storable([...channels]).map((channel) => [channel.key, channel]));
  if (byKey.size === 0) return NOTHING_STORED;
  const { rows: held } = await client.query<{ key: string; invoices_enabled: boolean | null }>(
    `SELECT key, invoices_enabled FROM channel WHERE connection_id = $1`,
    [context.connectionId],
  );
  const before = new Map(held.map((row) => [row.key, row.invoices_enabled]));
  const moved = [...byKey.values()].filter((one) => (before.get(one.key) ?? null) !== one.invoicesEnabled);
  await insertRows(
    client,
    "channel",
    "connection_id uuid, key text, name text, type text, invoices_enabled boolean",
    [...byKey.values()].map((one) => ({
      connection_id: context.connectionId,
      key: one.key,
      name: one.name,
      type: one.type,
      invoices_enabled: one.invoicesEnabled,
    })),
    `ON CONFLICT (connection_id, key)
     DO UPDATE SET name = excluded.name, type = excluded.type, invoices_enabled = excluded.invoices_enabled`,
  );
  const { rows } = await client.query<{ order_key: string }>(
    `SELECT order_key FROM sales_order WHERE connection_id = $1 AND channel = ANY($2)`,
    [context.connectionId, moved.map((one) => one.key)],
  );
  const orderKeys = rows.map((row) => row.order_key);
  await markDirty(client, context.entityId, orderKeys, context.at);
  return { ...NOTHING_STORED, orderKeys };
}
