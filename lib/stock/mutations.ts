import "server-only";
import type pg from "pg";
import { audited } from "@/lib/audit/record";
import { type Actor, assertMay } from "@/lib/auth/actor";
import { ownerPool } from "@/lib/db/pool";
import { Refusal } from "@/lib/domain/faults";
import { keepStockDrift } from "./keep";
import { loadStockPolicy } from "./policy";
import type { SetStockPolicy } from "./schema";

/**
 * Sets how an entity's stock is compared, and reckons it anew by that, in one transaction with the audit record. Throws Refusal:
 * "not-allowed"; "not-found" for an entity that nobody knows.
 */
export async function setStockPolicy(
  actor: Actor,
  asked: SetStockPolicy,
  { now, pool = ownerPool() }: Readonly<{ now: Date; pool?: pg.Pool }>,
): Promise<void> {
  const { entityId, warehouses, main, movesOn, toldWithinMinutes, reason } = asked;
  assertMay(actor, "settings.write", entityId);
  await audited(
    actor,
    entityId,
    async (client) => {
      const known = await client.query("SELECT FROM entity WHERE id = $1 AND retired_at IS NULL", [entityId]);
      if (known.rowCount === 0) throw new Refusal("not-found", "There is no such entity.");
      const { set: _, ...before } = await loadStockPolicy(client, entityId);
      await client.query(
        `INSERT INTO stock_policy (entity_id, warehouses, main_warehouse, moves_on, told_within_minutes, reason, set_at, set_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
         ON CONFLICT (entity_id) DO UPDATE SET warehouses = excluded.warehouses, main_warehouse = excluded.main_warehouse,
           moves_on = excluded.moves_on, told_within_minutes = excluded.told_within_minutes, reason = excluded.reason,
           set_at = excluded.set_at, set_by = excluded.set_by`,
        [entityId, warehouses, main, movesOn, toldWithinMinutes, reason, now, actor.name],
      );
      await keepStockDrift(client, entityId, now, { always: true });
      return {
        result: undefined,
        change: {
          action: "stock-policy.set",
          subject: `entity:${entityId}`,
          before,
          after: { warehouses, main, movesOn, toldWithinMinutes, reason },
        },
      };
    },
    { pool, now },
  );
}
