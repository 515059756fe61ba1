import type pg from "pg";
import { appendAudit } from "@/lib/audit/record";
import { inTransaction } from "@/lib/db/pool";
import { eraseCustomers } from "@/lib/sync/store/lookup";

type Named = Readonly<{ id: string; entityId: string; sourceId: string | null; reference: string | null }>;

/**
 * Erases the customers that waiting events of a connection name, with an audit record that names none of them, and settles
 * those events, all in one transaction. Their orders and documents stay in the books. Doing it twice does no harm.
 */
export async function eraseNamedCustomers(pool: pg.Pool, connectionId: string, at: Date): Promise<void> {
  await inTransaction(pool, async (client) => {
    const { rows } = await client.query<Named>(
      `SELECT id, entity_id AS "entityId", source_id AS "sourceId", reference FROM webhook_event
        WHERE connection_id = $1 AND subject = 'customer' AND state = 'waiting' ORDER BY id FOR UPDATE`,
      [connectionId],
    );
    for (const { id, entityId, sourceId, reference } of rows) {
      const keys = [sourceId, reference].filter((key) => key !== null);
      const orders = keys.length === 0 ? [] : await eraseCustomers(client, connectionId, keys, at);
      const outcome =
        keys.length === 0
          ? "It names no customer: nothing could be erased."
          : `The customer was erased; ${orders.length === 1 ? "1 order stays" : `${orders.length} orders stay`} in the books without a name.`;
      await client.query("UPDATE webhook_event SET state = $2, done_at = $3, outcome = $4 WHERE id = $1", [
        id,
        keys.length === 0 ? "failed" : "done",
        at,
        outcome,
      ]);
      if (keys.length === 0) continue;
      await appendAudit(client, {
        chain: entityId,
        at,
        actor: { kind: "machine", id: "webhooks", name: "Webhooks" },
        action: "customer.erase",
        subject: `webhook:${id}`,
        outcome: "done",
        before: null,
        after: { orders: orders.length },
      });
    }
  });
}
