import { randomUUID } from "node:crypto";
import type pg from "pg";
import type { AuditActor } from "@/lib/audit/event";
import { appendAudit } from "@/lib/audit/record";
import { inTransaction } from "@/lib/db/pool";
import { toJson } from "@/lib/domain/json";
import { comeBack } from "@/lib/exceptions/under-way";
import { addJob } from "@/lib/jobs/queue";
import { type AttemptState, isEnded } from "./machine";
import { StoredFigures, StoredPlan, StoredPreview } from "./stored";

/** An attempt as the runner needs it. */
export type Attempt = Readonly<{
  orderKey: string;
  id: string;
  entityId: string;
  exceptionId: string;
  code: string;
  state: AttemptState;
  key: string;
  basis: string;
  plan: StoredPlan;
  preview: StoredPreview;
  madeById: string;
  madeBy: string;
  decidedBy: string | null;
  undoesId: string | null;
  batchId: string | null;
  checkedAt: Date | null;
  written: number;
  tries: number;
  nextAt: Date | null;
  before: StoredFigures | null;
}>;

const COLUMNS = `order_key AS "orderKey", id, entity_id AS "entityId", exception_id AS "exceptionId", code, state, key, basis, plan,
  preview, made_by_id AS "madeById", made_by AS "madeBy", decided_by AS "decidedBy", undoes_id AS "undoesId", batch_id AS "batchId",
  checked_at AS "checkedAt", written, tries, next_at AS "nextAt", before`;

const attemptFrom = (row: Attempt & { plan: unknown; preview: unknown; before: unknown }): Attempt => ({
  ...row,
  plan: StoredPlan.parse(row.plan),
  preview: StoredPreview.parse(row.preview),
  before: row.before === null ? null : StoredFigures.parse(row.before),
});

/** Attempts as they stand now. */
export async function loadAttempts(
  client: pg.Pool | pg.ClientBase,
  ids: readonly Readonly<{ orderKey: string; id: string }>[],
): Promise<readonly Attempt[]> {
  const { rows } = await client.query(
    `SELECT ${COLUMNS} FROM resolution_attempt JOIN unnest($1::uuid[], $2::uuid[]) AS k(order_key, id) USING (order_key, id)
      ORDER BY made_at, id`,
    [ids.map((one) => one.orderKey), ids.map((one) => one.id)],
  );
  return rows.map(attemptFrom);
}

/** One attempt as it stands, which then stays so until the transaction ends; null where there is none. */
export async function holdAttempt(
  client: pg.PoolClient,
  entityId: string,
  id: string,
): Promise<(Attempt & Readonly<{ editedById: string | null; second: string | null }>) | null> {
  const { rows } = await client.query(
    `SELECT ${COLUMNS}, edited_by_id AS "editedById", second FROM resolution_attempt WHERE id = $1 AND entity_id = $2 FOR UPDATE`,
    [id, entityId],
  );
  return rows[0] ? { ...rows[0], ...attemptFrom(rows[0]) } : null;
}

/** What a step is: who reads it sees what was done in which order, and what the other system said. */
export type StepKind =
  | "planned"
  | "approved"
  | "held"
  | "looked"
  | "sent"
  | "answered"
  | "lost"
  | "rejected"
  | "discarded"
  | "done"
  | "waited"
  | "read-back"
  | "ended";

export type Step = Readonly<{ kind: StepKind; write?: number; text: string; data?: unknown }>;

/** Keeps a step, in the caller's transaction or by itself. */
export async function addStep(
  client: pg.Pool | pg.ClientBase,
  attempt: Pick<Attempt, "orderKey" | "id">,
  { kind, write, text, data }: Step,
  at: Date,
): Promise<void> {
  await client.query(
    `INSERT INTO resolution_step (order_key, id, attempt_id, seq, at, kind, write_index, text, data)
     SELECT $1, $2, $3, coalesce(max(seq), 0) + 1, $4, $5, $6, $7, $8::jsonb FROM resolution_step WHERE order_key = $1 AND attempt_id = $3`,
    [
      attempt.orderKey,
      randomUUID(),
      attempt.id,
      at,
      kind,
      write ?? null,
      text,
      data === undefined ? null : toJson(data),
    ],
  );
}

/** The last request of a write, and what came of it; null where none was sent. */
export type LastSent = Readonly<{
  at: Date;
  /** what the other system had when it was sent, see send.ts */
  seen: string;
  outcome: "none" | "answered" | "lost";
  /** how often in a row it was sent from there */
  times: number;
}>;

/** How the sending of a write stands. */
export async function lastSentOf(
  client: pg.Pool,
  attempt: Pick<Attempt, "orderKey" | "id">,
  write: number,
): Promise<LastSent | null> {
  const { rows } = await client.query<{ kind: string; at: Date; seen: string | null }>(
    `SELECT kind, at, data ->> 'seen' AS seen FROM resolution_step
      WHERE order_key = $1 AND attempt_id = $2 AND write_index = $3 AND kind IN ('sent', 'answered', 'lost') ORDER BY seq`,
    [attempt.orderKey, attempt.id, write],
  );
  let last = null as LastSent | null;
  for (const { kind, at, seen } of rows) {
    if (kind === "sent") {
      const before: LastSent | null = last;
      const times: number = before?.seen === seen ? before.times + 1 : 1;
      last = { at, seen: seen ?? "", outcome: "none", times };
    } else if (last) last = { ...last, outcome: kind === "answered" ? "answered" : "lost" };
  }
  return last;
}

/** The person in whose name an attempt works. */
export const makerOf = ({ madeById, madeBy }: Pick<Attempt, "madeById" | "madeBy">): AuditActor => ({
  kind: "person",
  id: madeById,
  name: madeBy,
});

export const resolveJobKey = (id: string): string => `resolve:${id}`;

/** Has the runner look at an attempt, now or at a later time. */
export const addResolveJob = (
  client: pg.ClientBase,
  { orderKey, id, batchId }: Pick<Attempt, "orderKey" | "id" | "batchId">,
  runAt?: Date,
): Promise<void> =>
  addJob(
    client,
    "resolve",
    { orderKey, id },
    // What one person waits for goes before what many do in the background.
    { key: resolveJobKey(id), runAt, attempts: 25, priority: batchId === null ? 0 : 5 },
  );

/** Ends an attempt: its state, its last step, a line in the exception's history, and the audit record, in one transaction. */
export async function endAttempt(
  pool: pg.Pool,
  attempt: Attempt,
  ended: Readonly<{ state: AttemptState; outcome: string; after?: StoredFigures; data?: unknown }>,
  at: Date,
): Promise<void> {
  const { state, outcome, after, data } = ended;
  if (!isEnded(state)) throw new Error(`${state} is no end`);
  await inTransaction(pool, async (client) => {
    const { rowCount } = await client.query(
      `UPDATE resolution_attempt SET state = $3, outcome = $4, after = $5::jsonb, ended_at = $6, touched_at = $6, next_at = NULL
        WHERE order_key = $1 AND id = $2 AND ended_at IS NULL`,
      [attempt.orderKey, attempt.id, state, outcome, after ? toJson(after) : null, at],
    );
    // Its end was kept already, and only the answer to that was lost.
    if (rowCount === 0) return;
    await addStep(client, attempt, { kind: "ended", text: outcome, data }, at);
    const isBack = state === "proved" && attempt.undoesId !== null;
    await addMoment(client, attempt, isBack ? "resolution-taken-back" : `resolution-${state}`, outcome, at);
    if (state !== "proved") await comeBack(client, [exceptionOf(attempt)]);
    await appendAudit(client, {
      chain: attempt.entityId,
      at,
      actor: makerOf(attempt),
      action: `resolution.${state}`,
      subject: `exception:${attempt.exceptionId}`,
      outcome: state === "refused" || state === "rejected" ? "refused" : "done",
      before: { attempt: attempt.id, code: attempt.code, approvedBy: attempt.decidedBy },
      after: { outcome, figures: after?.order ?? null },
    });
  });
}

/** The exception of an attempt, by its key. */
export const exceptionOf = ({ orderKey, exceptionId }: Pick<Attempt, "orderKey" | "exceptionId">) => ({
  orderKey,
  id: exceptionId,
});

/** A line in an exception's history. */
export async function addMoment(
  client: pg.ClientBase,
  attempt: Pick<Attempt, "orderKey" | "exceptionId" | "madeById" | "madeBy">,
  kind: string,
  text: string,
  at: Date,
): Promise<void> {
  await client.query(
    `INSERT INTO exception_event (order_key, id, exception_id, at, actor_name, actor_id, kind, text)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [attempt.orderKey, randomUUID(), attempt.exceptionId, at, attempt.madeBy, attempt.madeById, kind, text],
  );
}
