import { randomUUID } from "node:crypto";
import type pg from "pg";
import { audited } from "@/lib/audit/record";
import { type Actor, assertMay } from "@/lib/auth/actor";
import { Refusal } from "@/lib/domain/faults";
import { toJson } from "@/lib/domain/json";
import { addJob } from "@/lib/jobs/queue";
import { type EffectDetail, previewChange } from "@/lib/matching/preview";
import { OPEN_STATES } from "@/lib/matching/root-causes";
import { asOfEntity } from "@/lib/matching/settings";
import { playResolution } from "@/lib/resolutions/play";
import { writtenFor } from "@/lib/resolutions/registry";
import type { Writers } from "@/lib/resolutions/writers";
import { patiently } from "@/lib/sync/run-patiently";
import { fixOf, isOfLines } from "./fix";
import { fixEffectOf, type OpenException } from "./fix-effect";
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

/** In which database, when, and through which connections it would be sent. */
export type PredictContext = Readonly<{
  pool: pg.Pool;
  now: () => Date;
  writers(entityId: string): Promise<Writers>;
  signal?: AbortSignal | undefined;
}>;

/**
 * Computes a prediction that was asked for: what would be sent for each exception is played, and stored as it would be read
 * back; every group of the entity is matched with it by the very code that does it every day; the difference is kept, and all
 * the rest is rolled back. Nothing is sent. Twice is once.
 */
export async function runPrediction(id: string, context: PredictContext): Promise<void> {
  const { pool, now } = context;
  const { rows } = await pool.query<{ entityId: string; rootCauseId: string }>(
    `UPDATE root_cause_prediction SET state = 'running', error = NULL WHERE id = $1 AND state IN ('waiting', 'running')
     RETURNING entity_id AS "entityId", root_cause_id AS "rootCauseId"`,
    [id],
  );
  const [asked] = rows;
  if (!asked) return;
  try {
    const { effect, basis, open, written } = await patiently(() => effectOfFix(asked, id, context));
    await pool.query(
      `UPDATE root_cause_prediction SET state = 'done', finished_at = $2, run_id = $3, open_count = $4, lines = $5, effect = $6::jsonb
        WHERE id = $1`,
      [id, now(), basis.runId, open, written, toJson({ ...effect, changedGroups: basis.changed })],
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

type Basis = Readonly<{ runId: string | null; changed: number }>;

type Asked = Readonly<{ entityId: string; rootCauseId: string }>;

async function effectOfFix(
  { entityId, rootCauseId }: Asked,
  id: string,
  { pool, now, signal, writers }: PredictContext,
) {
  let basis: Basis = { runId: null, changed: 0 };
  let open: readonly OpenException[] = [];
  let fix: FixMade = { mode: "by-hand", left: new Map(), written: 0, sent: 0 };
  const details: EffectDetail[] = [];
  let told = Promise.resolve();
  const effect = await previewChange(
    entityId,
    async (client) => {
      basis = await basisOf(client, entityId);
      open = await openOf(client, entityId, rootCauseId);
      fix = await makeFix(client, { entityId, rootCauseId, open, now: now(), writers });
    },
    {
      pool,
      now,
      // A prediction is a job, which comes again by itself.
      patienceMs: 0,
      signal,
      onDetail: (detail) => details.push(detail),
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
  const { mode, written, sent, left } = fix;
  return {
    effect: { ...effect, fix: { mode, sent, ...fixEffectOf(open, left, details) } },
    basis,
    open: open.length,
    written,
  };
}

type FixMade = Readonly<{
  mode: "sent" | "by-hand";
  left: ReadonlyMap<string, string>;
  /** exceptions of which everything would be sent */
  sent: number;
  /** documents that would be posted, or lines that would stand otherwise */
  written: number;
}>;

/**
 * Puts the books as the fix would leave them: as what would be sent for each exception leaves them, by its own plan; where
 * nothing of it can be sent from here, as the lines would stand if people corrected them by hand.
 */
async function makeFix(
  client: pg.PoolClient,
  {
    entityId,
    rootCauseId,
    open,
    now,
    writers,
  }: Asked & Readonly<{ open: readonly OpenException[]; now: Date; writers: PredictContext["writers"] }>,
): Promise<FixMade> {
  const cause = open[0]?.cause ?? "";
  const resolution = writtenFor(cause);
  const played =
    resolution &&
    (await playResolution(client, {
      entityId,
      resolution,
      subjects: open,
      writers: await writers(entityId),
      now,
    }));
  if (played && !(played.isByHand && isOfLines(cause))) {
    return { mode: "sent", left: played.left, sent: played.sent.length, written: played.written };
  }
  const asOf = await asOfEntity(client, entityId, now);
  const lines = await simulateFix(client, entityId, rootCauseId, asOf);
  return { mode: "by-hand", left: played?.left ?? new Map(), sent: 0, written: lines };
}

async function openOf(
  client: pg.PoolClient,
  entityId: string,
  rootCauseId: string,
): Promise<readonly OpenException[]> {
  const { rows } = await client.query<OpenException>(
    `SELECT e.id, e.order_key AS "orderKey", e.cause, e.currency, coalesce(e.order_reference, e.document_number) AS reference,
            greatest(abs(e.net), abs(e.tax), abs(e.gross)) AS extent
       FROM exception e WHERE e.entity_id = $1 AND e.root_cause_id = $2 AND e.state IN ${OPEN_STATES} ORDER BY e.id`,
    [entityId, rootCauseId],
  );
  return rows;
}

async function basisOf(client: pg.PoolClient, entityId: string): Promise<Basis> {
  const { rows } = await client.query<Basis>(
    `SELECT (SELECT id FROM run WHERE kind = 'reconcile' AND entity_id = $1 AND state = 'done' ORDER BY finished_at DESC LIMIT 1) AS "runId",
            (SELECT count(*)::int FROM dirty_group WHERE entity_id = $1) AS changed`,
    [entityId],
  );
  return rows[0] ?? { runId: null, changed: 0 };
}
