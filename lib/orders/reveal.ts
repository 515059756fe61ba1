import "server-only";
import type pg from "pg";
import { audited } from "@/lib/audit/record";
import { type Actor, assertMay } from "@/lib/auth/actor";
import { appPool } from "@/lib/db/pool";
import { Refusal } from "@/lib/domain/faults";
import { masked, type Personal, personalOf } from "./masks";
import type { Reveal } from "./schema";

/** What of an order's customer is shown to somebody who may not see them in full; null: nobody is known, or they were erased. */
export async function findMasked(
  pool: pg.Pool,
  entityIds: readonly string[],
  orderKey: string,
): Promise<Readonly<{ personal: Personal | null; erased: boolean }>> {
  const { data, erased } = await find(pool, entityIds, orderKey);
  const personal = personalOf(data);
  return { personal: personal && masked(personal), erased };
}

/**
 * Shows an order's customer in full, with a record of who looked, when and why, and not of what they saw.
 * Throws Refusal: "not-allowed"; "not-found" where nobody is known.
 */
export async function revealCustomer(
  actor: Actor,
  { entityId, orderKey, reason }: Reveal,
  { now, pool = appPool() }: Readonly<{ now: Date; pool?: pg.Pool }>,
): Promise<Personal> {
  assertMay(actor, "customers.reveal", entityId);
  return audited(
    actor,
    entityId,
    async (client) => {
      const { data, reference } = await find(client, [entityId], orderKey);
      const personal = personalOf(data);
      if (!personal) throw new Refusal("not-found", "Nothing is known of this order’s customer.");
      return {
        result: personal,
        change: {
          action: "customer.reveal",
          subject: `order:${orderKey}`,
          before: null,
          after: { order: reference, reason },
        },
      };
    },
    { pool, now },
  );
}

async function find(
  client: pg.Pool | pg.ClientBase,
  entityIds: readonly string[],
  orderKey: string,
): Promise<Readonly<{ data: unknown; erased: boolean; reference: string | null }>> {
  const { rows } = await client.query<{ data: unknown; erased: boolean; reference: string }>(
    `SELECT o.reference, p.data, p.erased_at IS NOT NULL AS erased FROM sales_order o
       JOIN customer_data p ON p.connection_id = o.connection_id AND p.customer_key = o.customer_key
      WHERE o.order_key = $1 AND o.entity_id = ANY($2)`,
    [orderKey, [...entityIds]],
  );
  return rows[0] ?? { data: null, erased: false, reference: null };
}
