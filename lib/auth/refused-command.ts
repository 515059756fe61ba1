import type { Pool } from "pg";
import { z } from "zod";
import { recordRefusal } from "@/lib/audit/record";
import { appPool } from "@/lib/db/pool";
import type { Refusal } from "@/lib/domain/faults";
import { log } from "@/lib/log";
import type { Actor } from "./actor";

const MONTH = z
  .string()
  .regex(/^\d{4}-\d{2}$/)
  .optional()
  .catch(undefined);

// What inputs call the record they are about; other inputs are recorded without one.
const Named = z.object({
  entityId: z.string().optional(),
  id: z.string().optional(),
  exceptionId: z.string().optional(),
  orderKey: z.string().optional(),
  month: MONTH,
  period: MONTH,
  templateId: z.string().optional(),
  alerts: z
    .array(z.object({ entityId: z.string(), id: z.string() }))
    .optional()
    .catch(undefined),
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
    const pool = context.pool ?? appPool();
    const chain = await chainOf(actor, named.entityId ?? oneEntity(named.alerts), pool);
    const { code, message: reason } = refusal;
    // Of an entity that the person has no right to nothing is looked up.
    const month = chain === "*" ? undefined : await monthOf(pool, action, named);
    await recordRefusal(
      actor,
      chain,
      {
        action,
        subject: subjectOf(action, named, month),
        code,
        reason,
        ...(month !== undefined && { month }),
      },
      context,
    );
  } catch (error) {
    log.defect("A refusal could not be recorded", error);
  }
}

/** The entity of alerts that are all of one. */
function oneEntity(alerts: z.infer<typeof Named>["alerts"]): string | undefined {
  const [first, ...others] = new Set(alerts?.map((one) => one.entityId));
  return others.length === 0 ? first : undefined;
}

/** The chain of the entity that the input names, if there is one and the actor has any right to it; else "*". */
async function chainOf(actor: Actor, entityId: string | undefined, pool: Pool): Promise<string> {
  const hasRight = actor.grants.some((grant) => grant.entityId === null || grant.entityId === entityId);
  if (entityId === undefined || !hasRight) return "*";
  const { rowCount } = await pool.query("SELECT FROM entity WHERE id = $1", [entityId]);
  return rowCount === 0 ? "*" : entityId;
}

/** The month that an act is about: it names it, or the request or journal that it names is of one. */
async function monthOf(
  pool: Pool,
  action: string,
  { month, period, id, entityId }: z.infer<typeof Named>,
): Promise<string | undefined> {
  const named = month ?? period;
  if (named !== undefined) return named;
  const [about] = action.split(".");
  if (id === undefined || !z.guid().safeParse(id).success || (about !== "period" && about !== "journal"))
    return undefined;
  const { rows } = await pool.query<{ month: string }>(
    `SELECT month FROM ${about === "journal" ? "journal" : "period_reopening"} WHERE id = $1 AND entity_id = $2`,
    [id, entityId],
  );
  return rows[0]?.month;
}

/** What was to be changed: called as the record of the act itself would call it, where that is known. */
function subjectOf(action: string, named: z.infer<typeof Named>, month: string | undefined): string {
  const { exceptionId, orderKey, id, entityId, templateId, alerts } = named;
  const [about] = action.split(".");
  const subject =
    about === "period" && month !== undefined
      ? `period:${entityId}/${month}`
      : about === "close-task" && month !== undefined
        ? `close-task:${entityId}/${month}/${templateId ?? ""}`
        : about === "journal" && id !== undefined
          ? `journal:${id}`
          : about === "journal" && month !== undefined
            ? `period:${entityId}/${month}`
            : (exceptionId ?? orderKey ?? id ?? alerts?.map((one) => one.id).join(", ") ?? entityId ?? "-");
  return subject.slice(0, 200);
}
