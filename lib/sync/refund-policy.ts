import type pg from "pg";
import type { AuditActor } from "@/lib/audit/event";
import { appendAudit } from "@/lib/audit/record";
import { inTransaction, lockInTransaction } from "@/lib/db/pool";
import type { Feed } from "./feeds";
import { deriveBooksAgain } from "./store/books";
import { markDirty } from "./store/rows";

/** Fewer orders than these say nothing about how an ERP does it. */
const ORDERS_MIN = 3;
/** Of so many per cent of the orders it has to be true. */
const SHARE_MIN = 80;

/** Orders withdrawn as a whole that the ERP credited item by item, and of how many it kept the shipping. */
const WITHDRAWN = `
  WITH withdrawn AS (
    SELECT l.order_key, sum(l.quantity) FILTER (WHERE l.kind = 'item') AS units
      FROM line l JOIN sales_order o ON o.order_key = l.order_key
     WHERE l.entity_id = $1 AND l.side = 'scayle' AND l.document_kind = 'credit'
       AND NOT o.content @? '$.fees[*] ? (@.refundTriggered == true)'
     GROUP BY l.order_key HAVING bool_or(l.kind = 'shipping' AND l.gross <> 0)),
  credited AS (
    SELECT w.order_key, bool_or(l.item_key = 'charge') AS refunded
      FROM withdrawn w JOIN line l ON l.order_key = w.order_key
     WHERE l.side = 'erp' AND l.document_kind = 'credit' AND l.in_books AND l.granularity = 'item'
     GROUP BY w.order_key, w.units HAVING sum(l.quantity) FILTER (WHERE l.kind = 'item') = w.units)
  SELECT order_key, refunded FROM credited ORDER BY order_key`;

type Surroundings = Readonly<{
  pool: pg.Pool;
  now: () => Date;
  actorName: string;
  actor?: AuditActor | undefined;
}>;

/**
 * Looks whether an entity that is said to refund the shipping of withdrawn orders has an ERP that hardly ever does.
 * Where proposals were accepted in advance the policy becomes `never` and the books of those orders are derived again;
 * otherwise a person is told. Returns what was found, in words; null: nothing.
 */
export async function settleRefundPolicy(
  feed: Feed,
  runId: string,
  surroundings: Surroundings,
): Promise<string | null> {
  const { entityId, policy } = feed;
  if (policy.shippingRefund === "never") return null;
  return inTransaction(surroundings.pool, async (client) => {
    const { rows } = await client.query<{ order_key: string; refunded: boolean }>(WITHDRAWN, [entityId]);
    const kept = rows.filter((row) => !row.refunded).length;
    if (kept < ORDERS_MIN || kept * 100 < rows.length * SHARE_MIN) return null;
    const found = `${entityId}: the ERP kept the shipping of ${kept} of ${rows.length} orders that were withdrawn as a whole`;
    const { rows: entities } = await client.query<{ accept_proposals: boolean }>(
      "SELECT accept_proposals FROM entity WHERE id = $1",
      [entityId],
    );
    if (!entities[0]?.accept_proposals) {
      return `${found}, but its policy says that it is refunded. If it is not: tieout connect … --shipping-refund never`;
    }
    await lockInTransaction(client, `books:${entityId}`);
    const at = surroundings.now();
    await client.query("UPDATE entity SET shipping_refund = 'never' WHERE id = $1", [entityId]);
    const affected = await client.query<{ order_key: string; connection_id: string }>(
      `SELECT DISTINCT l.order_key, d.connection_id FROM line l
         JOIN document d ON d.order_key = l.order_key AND d.id = l.document_id
        WHERE l.entity_id = $1 AND l.side = 'scayle' AND l.document_kind = 'credit' AND l.kind = 'shipping'`,
      [entityId],
    );
    for (const connectionId of new Set(affected.rows.map((row) => row.connection_id))) {
      const written = await deriveBooksAgain(
        client,
        {
          entityId,
          connectionId,
          feedId: feed.id,
          runId,
          at,
          policy: { ...policy, shippingRefund: "never" },
          rederive: true,
        },
        affected.rows.filter((row) => row.connection_id === connectionId).map((row) => row.order_key),
      );
      await markDirty(client, entityId, written.orderKeys, at);
    }
    await appendAudit(client, {
      chain: entityId,
      at,
      actor: surroundings.actor ?? { kind: "machine", id: "sync", name: surroundings.actorName },
      action: "proposal.accept",
      subject: `entity:${entityId}`,
      outcome: "done",
      before: { shippingRefund: policy.shippingRefund },
      after: { shippingRefund: "never", found, accepted: "in advance, when the entity was connected" },
    });
    return `${found}: taken as its policy, as was agreed in advance`;
  });
}
