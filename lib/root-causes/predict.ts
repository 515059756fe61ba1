import { randomUUID } from "node:crypto";
import type pg from "pg";
import { audited } from "@/lib/audit/record";
import { type Actor, assertMay } from "@/lib/auth/actor";
import { Refusal } from "@/lib/domain/faults";
import { toJson } from "@/lib/domain/json";
import { addJob } from "@/lib/jobs/queue";
import { previewChange } from "@/lib/matching/preview";
import { asOfEntity } from "@/lib/matching/settings";
import { patiently } from "@/lib/sync/run-patiently";
import { fixOf } from "./fix";
import type { PredictionRequest } from "./schema";
import { simulateFix } from "./simulate";

/**
 * Has the effect of a root cause's fix computed in the background, with its audit record. Syncs and reconciliations of the
 * entity wait while it is, so it takes the right to start a reconciliation. One that waits or runs already is not doubled.
 *
 * @throws Refusal `not-allowed`; `not-found`; `invalid` where the effect of the fix can't be computed
 */
export async function askForPrediction(
  actor: Actor,
  { entityId, rootCauseId }: PredictionRequest,
  context: Readonly<{ now: Date; pool?: pg.Pool }>,
): Promise<Readonly<{ predictionId: string }>> {
  assertMay(actor, "reconcile.run", entityId);
  return audited(
    actor,
    entityId,
    async (client) => {
      const { rows } = await client.query<{ cause: string; signature: string; open: string | null }>(
        `SELECT r.cause, r.signature, (SELECT p.id FROM root_cause_prediction p WHERE p.entity_id = $1 AND p.root_cause_id = $2
            AND p.state IN ('waiting', 'running') ORDER BY p.asked_at DESC LIMIT 1) AS open
           FROM root_cause r WHERE r.entity_id = $1 AND r.id = $2 AND r.open_count > 0 FOR UPDATE`,
        [entityId, rootCauseId],
      );
      const [root] = rows;
      if (!root) throw new Refusal("not-found", "This root cause has no open exception any more.");
      if (!fixOf(root.cause, root.signature, "").computable) {
        throw new Refusal("invalid", "What the fix of this root cause would do can't be computed ahead.");
      }
      const predictionId = root.open ?? randomUUID();
      if (root.open === null) {
        await client.query(
          `INSERT INTO root_cause_prediction (id, entity_id, root_cause_id, state, asked_at, asked_by_id, asked_by)
           VALUES ($1, $2, $3, 'waiting', $4, $5, $6)`,
          [predictionId, entityId, rootCauseId, context.now, actor.id, actor.name],
        );
        await addJob(client, "predict-fix", { predictionId }, { key: `predict:${rootCauseId}` });
      }
      const subject = `root-cause:${rootCauseId}`;
      return {
        result: { predictionId },
        change: {
          action: "root-cause.predict",
          subject,
          before: null,
          after: { cause: root.cause, signature: root.signature },
        },
      };
    },
    context,
  );
}

/**
 * Computes a prediction that was asked for: the ERP's lines are put as they would stand, every group of the entity is matched
 * with them by the very code that does it every day, the difference is kept, and all the rest is rolled back. Twice is once.
 */
export async function runPrediction(
  id: string,
  context: Readonly<{ pool: pg.Pool; now: () => Date; signal?: AbortSignal | undefined }>,
): Promise<void> {
  const { pool, now, signal } = context;
  const { rows } = await pool.query<{ entityId: string; rootCauseId: string }>(
    `UPDATE root_cause_prediction SET state = 'running', error = NULL WHERE id = $1 AND state IN ('waiting', 'running')
     RETURNING entity_id AS "entityId", root_cause_id AS "rootCauseId"`,
    [id],
  );
  const [asked] = rows;
  if (!asked) return;
  try {
    const { effect, basis } = await patiently(() => effectOfFix(asked, id, { pool, now, signal }));
    await pool.query(
      `UPDATE root_cause_prediction SET state = 'done', finished_at = $2, run_id = $3, open_count = $4, lines = $5, effect = $6::jsonb
        WHERE id = $1`,
      [id, now(), basis.runId, basis.open, basis.lines, toJson({ ...effect, changedGroups: basis.changed })],
    );
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    await pool.query(
      "UPDATE root_cause_prediction SET state = 'failed', finished_at = $2, error = $3 WHERE id = $1",
      [id, now(), reason],
    );
    // Somebody else was at work for too long: that is said, and the person asks again.
    if (error instanceof Refusal) return;
    throw error;
  }
}

type Basis = Readonly<{ runId: string | null; open: number; changed: number; lines: number }>;

async function effectOfFix(
  { entityId, rootCauseId }: Readonly<{ entityId: string; rootCauseId: string }>,
  id: string,
  { pool, now, signal }: Readonly<{ pool: pg.Pool; now: () => Date; signal?: AbortSignal | undefined }>,
) {
  let basis: Basis = { runId: null, open: 0, changed: 0, lines: 0 };
  let told = Promise.resolve();
  const effect = await previewChange(
    entityId,
    async (client) => {
      const before = await basisOf(client, entityId, rootCauseId);
      const asOf = await asOfEntity(client, entityId, now());
      basis = { ...before, lines: await simulateFix(client, entityId, rootCauseId, asOf) };
    },
    {
      pool,
      now,
      signal,
      onProgress: (done, total) => {
        // By another connection: what the preview does itself is rolled back.
        told = told.then(async () => {
          await pool.query("UPDATE root_cause_prediction SET done = $2, total = $3 WHERE id = $1", [
            id,
            done,
            total,
          ]);
        });
      },
    },
  );
  await told;
  return { effect, basis };
}

async function basisOf(client: pg.PoolClient, entityId: string, rootCauseId: string) {
  const { rows } = await client.query<{ runId: string | null; open: number; changed: number }>(
    `SELECT (SELECT id FROM run WHERE kind = 'reconcile' AND entity_id = $1 AND state = 'done' ORDER BY finished_at DESC LIMIT 1) AS "runId",
            coalesce((SELECT open_count FROM root_cause WHERE entity_id = $1 AND id = $2), 0) AS open,
            (SELECT count(*)::int FROM dirty_group WHERE entity_id = $1) AS changed`,
    [entityId, rootCauseId],
  );
  const [row] = rows;
  return row ?? { runId: null, open: 0, changed: 0 };
}
