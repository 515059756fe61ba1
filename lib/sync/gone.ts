import type pg from "pg";
import type { DocumentKind } from "@/lib/domain/document";
import { NOTHING_STORED, type StoreContext, type Stored } from "./store/context";
import { removeDocuments } from "./store/documents";
import { markDirty } from "./store/rows";
import { keepUnfetched } from "./store/unkept";

/**
 * Takes a document out that its ledger no longer has: its versions stay, the last one says `withdrawn`. Inside the caller's
 * transaction.
 */
export async function withdrawDocument(
  client: pg.ClientBase,
  context: StoreContext,
  { kind, sourceId }: Readonly<{ kind: DocumentKind; sourceId: string }>,
): Promise<Stored> {
  const { rows } = await client.query<{ orderKey: string; id: string }>(
    `SELECT order_key AS "orderKey", id FROM document WHERE connection_id = $1 AND source_id = $2 AND kind = $3`,
    [context.connectionId, sourceId, kind],
  );
  await removeDocuments(client, context, rows, "withdrawn");
  await client.query(
    "DELETE FROM fetch_control WHERE connection_id = $1 AND feed_id = $2 AND kind = $3 AND source_id = $4",
    [context.connectionId, context.feedId, kind, sourceId],
  );
  const orderKeys = rows.map((row) => row.orderKey);
  await markDirty(client, context.entityId, orderKeys, context.at);
  return { ...NOTHING_STORED, found: 1, stored: rows.length, orderKeys };
}

/** What is said of an order that SCAYLE has deleted. */
const ORDER_GONE = "SCAYLE no longer has this order. It counts as it was read last.";
const NEVER_READ = "SCAYLE no longer has this order, and it could never be read: it counts in no figure.";

/**
 * Notes that SCAYLE no longer has an order. Its sale may have been booked: what was read of it last stays and counts, and
 * somebody has to look. Inside the caller's transaction.
 */
export async function keepGoneOrder(
  client: pg.ClientBase,
  context: StoreContext,
  { sourceId, reference }: Readonly<{ sourceId: string; reference: string | null }>,
): Promise<Stored> {
  const { rows } = await client.query<{ orderKey: string; reference: string | null; read: boolean }>(
    `SELECT order_key AS "orderKey", reference, true AS read FROM sales_order WHERE connection_id = $1 AND source_id = $2
     UNION ALL
     SELECT f.order_key, f.reference, false FROM failed_record f
      WHERE f.connection_id = $1 AND f.resource = 'orders' AND f.source_id = $2 AND f.resolved_at IS NULL
        AND NOT EXISTS (SELECT FROM sales_order o WHERE o.order_key = f.order_key)`,
    [context.connectionId, sourceId],
  );
  return keepUnfetched(
    client,
    context,
    "orders",
    rows.map((row) => ({
      orderKey: row.orderKey,
      sourceId,
      reference: row.reference ?? reference,
      reason: row.read ? ORDER_GONE : NEVER_READ,
      errorClass: "missing-reference" as const,
      gone: true,
    })),
  );
}
