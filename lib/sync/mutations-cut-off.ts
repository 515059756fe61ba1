import "server-only";
import { audited } from "@/lib/audit/record";
import { type Actor, assertMay } from "@/lib/auth/actor";
import { Refusal } from "@/lib/domain/faults";
import type { SetCutOff } from "./schema";

/**
 * Sets the cut-off of an entity, or of one of its months, in hours after the month's end; null gives up what was set.
 * Throws Refusal: "not-allowed"; "not-found" for an entity that nobody knows; "conflict" for a month that is closed.
 */
export async function setCutOff(actor: Actor, asked: SetCutOff, at: Date): Promise<void> {
  const { entityId, month, hours, reason } = asked;
  assertMay(actor, "cut-off.set", entityId);
  await audited(
    actor,
    entityId,
    async (client) => {
      const { rows } = await client.query<{ hours: number | null; state: string | null }>(
        `SELECT CASE WHEN $2::text IS NULL THEN e.cut_off_hours ELSE p.hours END AS hours, m.state
           FROM entity e LEFT JOIN period_cut_off p ON p.entity_id = e.id AND p.month = $2
             LEFT JOIN period m ON m.entity_id = e.id AND m.month = $2 WHERE e.id = $1`,
        [entityId, month],
      );
      const [before] = rows;
      if (!before) throw new Refusal("not-found", "There is no such entity.");
      if (before.state === "closed")
        throw new Refusal("conflict", "The month is closed: its cut-off stands.");
      if (month === null)
        await client.query("UPDATE entity SET cut_off_hours = $2 WHERE id = $1", [entityId, hours]);
      else if (hours === null)
        await client.query("DELETE FROM period_cut_off WHERE entity_id = $1 AND month = $2", [
          entityId,
          month,
        ]);
      else {
        await client.query(
          `INSERT INTO period_cut_off (entity_id, month, hours, reason, set_at, set_by) VALUES ($1, $2, $3, $4, $5, $6)
           ON CONFLICT (entity_id, month) DO UPDATE SET hours = excluded.hours, reason = excluded.reason,
             set_at = excluded.set_at, set_by = excluded.set_by`,
          [entityId, month, hours, reason, at, actor.name],
        );
      }
      return {
        result: undefined,
        change: {
          action: "cut-off.set",
          subject: month === null ? `entity:${entityId}` : `period:${month}`,
          before: { hours: before.hours },
          after: { hours, reason },
        },
      };
    },
    { now: at },
  );
}
