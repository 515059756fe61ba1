import "server-only";
import type pg from "pg";
import { audited } from "@/lib/audit/record";
import { type Actor, assertMay } from "@/lib/auth/actor";
import { Refusal } from "@/lib/domain/faults";
import type { Decision, RecallJournal } from "./schema";
import type { CloseContext } from "./signing";

type Held = Readonly<{
  number: number;
  exportedAt: Date | null;
  exportedBy: string | null;
  recallById: string | null;
  recallBy: string | null;
  recallWhy: string | null;
}>;

async function holdJournal(client: pg.PoolClient, entityId: string, id: string): Promise<Held> {
  const { rows } = await client.query<Held>(
    `SELECT number, exported_at AS "exportedAt", exported_by AS "exportedBy", recall_by_id AS "recallById", recall_by AS "recallBy",
            recall_why AS "recallWhy" FROM journal WHERE id = $1 AND entity_id = $2 FOR UPDATE`,
    [id, entityId],
  );
  const [held] = rows;
  if (!held) throw new Refusal("not-found", "There is no such journal in this entity.");
  if (held.exportedAt === null)
    throw new Refusal("conflict", `Journal ${held.number} was not handed over as a file.`);
  return held;
}

/**
 * States that the ERP did not take in a journal that was handed over as a file. Nothing changes before somebody else approves it:
 * posted here too, a journal that was taken in would count twice. Throws Refusal `not-allowed`; `not-found`; `conflict` where it
 * was not handed over, or that is asked already.
 */
export async function askRecall(
  actor: Actor,
  { entityId, id, reason }: RecallJournal,
  context: CloseContext,
): Promise<void> {
  assertMay(actor, "journals.propose", entityId);
  const ask = async (client: pg.PoolClient) => {
    const held = await holdJournal(client, entityId, id);
    if (held.recallById !== null)
      throw new Refusal("conflict", `${held.recallBy} said so already: somebody else decides.`);
    await client.query(
      "UPDATE journal SET recall_at = $2, recall_by_id = $3, recall_by = $4, recall_why = $5 WHERE id = $1",
      [id, context.now, actor.id, actor.name, reason],
    );
    return {
      result: undefined,
      change: {
        action: "journal.ask-recall",
        subject: `journal:${id}`,
        before: { number: held.number, exportedBy: held.exportedBy },
        after: { number: held.number, exportedBy: held.exportedBy, reason },
      },
    };
  };
  await audited(actor, entityId, ask, context);
}

/**
 * Decides on that: approved, the journal counts as not handed over, and can be posted or exported again. Throws Refusal
 * `not-allowed` for who asked; `not-found`; `conflict` where nobody asks.
 */
export async function decideRecall(
  actor: Actor,
  { entityId, id, approve, why }: Decision,
  context: CloseContext,
): Promise<Readonly<{ approved: boolean }>> {
  assertMay(actor, "journals.approve", entityId);
  const decide = async (client: pg.PoolClient) => {
    const held = await holdJournal(client, entityId, id);
    if (held.recallById === null)
      throw new Refusal("conflict", "Nobody says any more that it was not taken in.");
    if (held.recallById === actor.id)
      throw new Refusal("not-allowed", "You said so yourself: somebody else has to decide.");
    await client.query(
      `UPDATE journal SET recall_at = NULL, recall_by_id = NULL, recall_by = NULL, recall_why = NULL,
         former_exported_at = CASE WHEN $2 THEN exported_at ELSE former_exported_at END,
         former_exported_by = CASE WHEN $2 THEN exported_by ELSE former_exported_by END,
         recalled_at = CASE WHEN $2 THEN $3 ELSE recalled_at END, recalled_by = CASE WHEN $2 THEN $4 ELSE recalled_by END,
         exported_at = CASE WHEN $2 THEN NULL ELSE exported_at END, exported_by = CASE WHEN $2 THEN NULL ELSE exported_by END
        WHERE id = $1`,
      [id, approve, context.now, actor.name],
    );
    return {
      result: { approved: approve },
      change: {
        action: approve ? "journal.approve-recall" : "journal.reject-recall",
        subject: `journal:${id}`,
        before: {
          number: held.number,
          askedBy: held.recallBy,
          reason: held.recallWhy,
          exportedBy: held.exportedBy,
        },
        after: { number: held.number, why, exportedBy: approve ? null : held.exportedBy },
      },
    };
  };
  return audited(actor, entityId, decide, context);
}
