import type { Pool } from "pg";
import { z } from "zod";
import { recordRefusal } from "@/lib/audit/record";
import { appPool } from "@/lib/db/pool";
import type { Refusal } from "@/lib/domain/faults";
import { log } from "@/lib/log";
import type { Actor } from "./actor";

// What inputs call the record they are about; other inputs are recorded without one.
const Named = z.object({
  entityId: z.string().optional(),
  id: z.string().optional(),
  exceptionId: z.string().optional(),
  orderKey: z.string().optional(),
});

/**
 * Records a refused command in the audit trail. A trail that cannot be written goes to the log: the person still gets
 * the refusal, and a no must not turn into a defect.
 */
export async function recordRefusedCommand(
  actor: Actor,
  refusal: Refusal,
  action: string,
  input: unknown,
  context: Readonly<{ pool?: Pool; now?: Date }> = {},
): Promise<void> {
  try {
    const named = Named.safeParse(input).data ?? {};
    const chain = await chainOf(actor, named.entityId, context.pool ?? appPool());
    const { code, message: reason } = refusal;
    await recordRefusal(actor, chain, { action, subject: subjectOf(named), code, reason }, context);
  } catch (error) {
    log.defect("A refusal could not be recorded", error);
  }
}

/** The chain of the entity that the input names, if there is one and the actor has any right to it; else "*". */
async function chainOf(actor: Actor, entityId: string | undefined, pool: Pool): Promise<string> {
  const hasRight = actor.grants.some((grant) => grant.entityId === null || grant.entityId === entityId);
  if (entityId === undefined || !hasRight) return "*";
  const { rowCount } = await pool.query("SELECT FROM entity WHERE id = $1", [entityId]);
  return rowCount === 0 ? "*" : entityId;
}

const subjectOf = ({ exceptionId, orderKey, id, entityId }: z.infer<typeof Named>): string =>
  (exceptionId ?? orderKey ?? id ?? entityId ?? "-").slice(0, 200);
