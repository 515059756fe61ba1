import "server-only";
import { randomUUID } from "node:crypto";
import type pg from "pg";
import { audited } from "@/lib/audit/record";
import { type Actor, assertMay } from "@/lib/auth/actor";
import { ownerPool } from "@/lib/db/pool";
import { Refusal } from "@/lib/domain/faults";
import { toJson } from "@/lib/domain/json";
import { exponentOf, parseAmount } from "@/lib/domain/money";
import { dayAt } from "@/lib/exceptions/hold";
import { type Worth, worthsOf } from "@/lib/exceptions/limits";
import { isOpen } from "@/lib/exceptions/machine";
import { comeBack, goOn, onApproval, takeOn } from "@/lib/exceptions/under-way";
import { isStanding } from "@/lib/matching/standing-causes";
import { type Attempt, addMoment, addResolveJob, addStep, exceptionOf, holdAttempt } from "./attempts";
import { contextsOf } from "./context";
import { isPlan, type Plan, type PlanContext, type WrittenResolution } from "./contract";
import { figuresOf } from "./figures";
import { limitOf, measured, whySecond } from "./limits";
import type { AttemptState } from "./machine";
import { basisOfPlan, isInstruction, previewOf } from "./preview";
import { resolutionOf } from "./registry";
import type {
  OneAttempt,
  ResolutionDecision,
  SetResolutionLimit,
  StartResolution,
  UndoResolution,
} from "./schema";
import type { StoredPreview } from "./stored";
import { undoPlanOf } from "./undo";
import type { Writers } from "./writers";

/** When, in which database, and through which connections. */
export type ResolveContext = Readonly<{
  now: Date;
  pool?: pg.Pool;
  writers(entityId: string): Promise<Writers>;
}>;

/** A resolution that is sent, by its code. Throws Refusal "not-found". */
export function writtenOf(code: string): WrittenResolution {
  const resolution = resolutionOf(code);
  if (resolution?.kind !== "written")
    throw new Refusal("not-found", "There is no such resolution to be sent.");
  return resolution;
}

export type Exception = Readonly<{
  id: string;
  orderKey: string;
  state: string;
  cause: string;
  currency: string;
  worths: readonly Worth[];
}>;

/** Exceptions of an entity as a resolution needs them. */
export async function exceptionsOf(
  client: pg.Pool | pg.ClientBase,
  entityId: string,
  ids: readonly string[],
): Promise<readonly Exception[]> {
  const { rows } = await client.query(
    `SELECT id, order_key AS "orderKey", state, cause, currency, amounts, evidence FROM exception
      WHERE id = ANY($1::uuid[]) AND entity_id = $2 ORDER BY id`,
    [[...ids], entityId],
  );
  return rows.map(({ amounts, evidence, ...row }) => ({
    ...row,
    worths: worthsOf({ ...row, amounts, evidence }, isStanding(row.cause)),
  }));
}

/** The plan of a resolution for what an exception is now. Throws Refusal "conflict" with why there is none. */
export function planOf(resolution: WrittenResolution, context: PlanContext | undefined): Plan {
  if (!context)
    throw new Refusal("conflict", "It is not found any more as it was shown. Look at the exception again.");
  const planned = resolution.plan(context);
  if (isPlan(planned)) return planned;
  throw new Refusal("conflict", planned.cannot);
}

/** An attempt that is about to be kept. */
export type NewAttempt = Readonly<{
  entityId: string;
  exception: Exception;
  code: string;
  plan: Plan;
  preview: StoredPreview;
  key: string;
  second: string | null;
  undoesId?: string;
  batchId?: string;
}>;

/** How an attempt begins: it waits for a second person, a person does it, or the runner has it. */
export const firstState = (second: string | null, preview: StoredPreview): AttemptState =>
  second !== null ? "asked" : isInstruction(preview) ? "instructed" : "claimed";

/**
 * Keeps an attempt, which claims its exception: of several who ask, one gets it. Throws Refusal "conflict" where another
 * is at work.
 */
export async function insertAttempt(
  client: pg.PoolClient,
  actor: Actor,
  { entityId, exception, code, plan, preview, key, second, undoesId, batchId }: NewAttempt,
  now: Date,
): Promise<Readonly<{ id: string; state: AttemptState }>> {
  const id = randomUUID();
  const state = firstState(second, preview);
  const { rowCount } = await client.query(
    `INSERT INTO resolution_attempt (order_key, id, entity_id, exception_id, code, state, key, basis, plan, preview, currency, worths,
       second, undoes_id, made_at, made_by_id, made_by, batch_id, touched_at, before)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9::jsonb, $10::jsonb, $11, $12::jsonb, $13, $14, $15, $16, $17, $18, $15, $19::jsonb)
     ON CONFLICT (order_key, exception_id) WHERE ended_at IS NULL DO NOTHING`,
    [
      exception.orderKey,
      id,
      entityId,
      exception.id,
      code,
      state,
      key,
      basisOfPlan(code, plan),
      toJson(plan),
      toJson(preview),
      exception.currency,
      toJson(exception.worths),
      second,
      undoesId ?? null,
      now,
      actor.id,
      actor.name,
      batchId ?? null,
      state === "instructed" ? await beforeOf(client, { ...exception, entityId }, now) : null,
    ],
  );
  if (rowCount === 0) throw new Refusal("conflict", await whoHas(client, exception));
  const attempt = {
    orderKey: exception.orderKey,
    id,
    exceptionId: exception.id,
    madeById: actor.id,
    madeBy: actor.name,
  };
  await addStep(client, attempt, { kind: "planned", text: plan.sentence }, now);
  await addMoment(
    client,
    attempt,
    momentOf(state),
    second === null ? plan.sentence : `${plan.sentence} ${second}`,
    now,
  );
  return { id, state };
}

/** What an order comes to before a person puts it right: what is sent from here has it when it was read again. */
export const beforeOf = async (
  client: pg.ClientBase,
  { entityId, orderKey, id }: Readonly<{ entityId: string; orderKey: string; id: string }>,
  at: Date,
): Promise<string> => toJson(await figuresOf(client, { entityId, orderKey, exceptionId: id }, at));

const momentOf = (state: AttemptState): string =>
  state === "asked"
    ? "resolution-asked"
    : state === "instructed"
      ? "resolution-instructed"
      : "resolution-begun";

async function whoHas(client: pg.ClientBase, { orderKey, id }: Exception): Promise<string> {
  const { rows } = await client.query<{ madeBy: string }>(
    `SELECT made_by AS "madeBy" FROM resolution_attempt WHERE order_key = $1 AND exception_id = $2 AND ended_at IS NULL`,
    [orderKey, id],
  );
  return `${rows[0]?.madeBy ?? "Somebody"} has begun to put this right already. Nothing was sent twice.`;
}

/**
 * The key that an attempt sends along. An attempt whose effect was never seen hands its key on to the next that would send
 * the same: what may still come of it is then found, and not made twice.
 */
export async function keyFor(client: pg.ClientBase, exception: Exception, basis: string): Promise<string> {
  const { rows } = await client.query<{ key: string; state: string; basis: string }>(
    `SELECT key, state, basis FROM resolution_attempt WHERE order_key = $1 AND exception_id = $2 AND ended_at IS NOT NULL
      ORDER BY made_at DESC LIMIT 1`,
    [exception.orderKey, exception.id],
  );
  const [last] = rows;
  return last && last.state === "reopened" && last.basis === basis ? last.key : randomUUID();
}

/**
 * Begins a resolution of one exception as it was shown: its plan is kept with our key before anything is sent, and the
 * runner sends it; above the limit a second person approves first, and where its connection has no path it becomes an
 * instruction. With its audit record, in one transaction.
 *
 * @throws Refusal `not-allowed`; `not-found`; `conflict` where it is finished, at work, or not what was shown any more
 */
export async function startResolution(
  actor: Actor,
  { entityId, exceptionId, code, basis }: StartResolution,
  context: ResolveContext,
): Promise<Readonly<{ id: string; state: AttemptState }>> {
  assertMay(actor, "resolutions.make", entityId);
  const { now, pool = ownerPool() } = context;
  const resolution = writtenOf(code);
  const [exception] = await exceptionsOf(pool, entityId, [exceptionId]);
  if (!exception) throw new Refusal("not-found", "There is no such exception in this entity.");
  if (!isOpen(exception.state))
    throw new Refusal(
      "conflict",
      `This exception is ${exception.state}; there is nothing left to put right.`,
    );
  const contexts = await contextsOf(pool, entityId, [exception], now);
  const plan = planOf(resolution, contexts.get(exceptionId));
  if (basisOfPlan(code, plan) !== basis)
    throw new Refusal("conflict", "What would be sent has changed since you looked. Look at it again.");
  const writers = await context.writers(entityId);
  return audited(
    actor,
    entityId,
    async (client) => {
      const key = await keyFor(client, exception, basis);
      const preview = previewOf(plan, key, writers);
      const worths = measured(exception.worths, plan);
      const second = await whySecond(client, entityId, resolution, worths, actor.id);
      const made = await insertAttempt(
        client,
        actor,
        { entityId, exception: { ...exception, worths }, code, plan, preview, key, second },
        now,
      );
      const waits = second === null ? null : onApproval(await dayAt(client, entityId, now));
      await takeOn(client, [exception], { id: actor.id, name: actor.name, now }, waits);
      if (made.state === "claimed")
        await addResolveJob(client, { orderKey: exception.orderKey, id: made.id, batchId: null });
      return {
        result: made,
        change: {
          action: second === null ? "resolution.begin" : "resolution.ask",
          subject: `exception:${exceptionId}`,
          before: { state: exception.state },
          after: {
            attempt: made.id,
            code,
            state: made.state,
            sentence: plan.sentence,
            writes: plan.writes,
            ...(second && { second }),
          },
        },
      };
    },
    { pool, now },
  );
}

/** The attempt within its entity, held. Throws Refusal "not-found". */
async function held(client: pg.PoolClient, { entityId, id }: OneAttempt) {
  const attempt = await holdAttempt(client, entityId, id);
  if (!attempt) throw new Refusal("not-found", "There is no such resolution in this entity.");
  return attempt;
}

/**
 * Approves or rejects what somebody else wants to send. Nobody decides what they asked for or had planned anew themselves,
 * whatever their roles. Throws Refusal: "not-allowed"; "not-found"; "conflict" where it is decided already.
 */
export async function decideResolution(
  actor: Actor,
  { entityId, id, approve, why }: ResolutionDecision,
  { now, pool = ownerPool() }: Pick<ResolveContext, "now" | "pool">,
): Promise<Readonly<{ exceptionId: string; approved: boolean }>> {
  assertMay(actor, "resolutions.approve", entityId);
  return audited(
    actor,
    entityId,
    async (client) => {
      const attempt = await held(client, { entityId, id });
      if (attempt.state !== "asked") throw new Refusal("conflict", "It has been decided on already.");
      if (attempt.batchId !== null)
        throw new Refusal("conflict", "It is one of many: decide on all of them together.");
      if (attempt.madeById === actor.id)
        throw new Refusal("not-allowed", "You asked for it yourself: somebody else has to decide.");
      if (attempt.editedById === actor.id)
        throw new Refusal("not-allowed", "You had it planned anew: somebody else has to decide.");
      const state = approve ? firstState(null, attempt.preview) : "rejected";
      await client.query(
        `UPDATE resolution_attempt SET state = $3, decided_at = $4, decided_by_id = $5, decided_by = $6, decided_why = $7, touched_at = $4,
                ended_at = CASE WHEN $8 THEN NULL ELSE $4::timestamptz END, outcome = CASE WHEN $8 THEN NULL ELSE $9 END,
                before = coalesce($10::jsonb, before)
          WHERE order_key = $1 AND id = $2`,
        [
          attempt.orderKey,
          id,
          state,
          now,
          actor.id,
          actor.name,
          why || null,
          approve,
          `${actor.name} rejected it: ${why}`,
          state === "instructed" ? await beforeOf(client, { entityId, ...exceptionOf(attempt) }, now) : null,
        ],
      );
      const text = `${actor.name} ${approve ? "approved" : "rejected"} it.${why ? ` ${why}` : ""}`;
      await addStep(client, attempt, { kind: approve ? "approved" : "ended", text }, now);
      const by = { ...attempt, madeById: actor.id, madeBy: actor.name };
      await addMoment(
        client,
        by,
        approve ? "resolution-approved" : "resolution-rejected",
        why || attempt.plan.sentence,
        now,
      );
      if (approve) await goOn(client, [exceptionOf(attempt)], null);
      else await comeBack(client, [exceptionOf(attempt)]);
      if (state === "claimed") await addResolveJob(client, attempt);
      return {
        result: { exceptionId: attempt.exceptionId, approved: approve },
        change: {
          action: approve ? "resolution.approve" : "resolution.reject",
          subject: `exception:${attempt.exceptionId}`,
          before: { attempt: id, madeBy: attempt.madeBy, code: attempt.code },
          after: { state, why },
        },
      };
    },
    { pool, now },
  );
}

/**
 * Has an attempt that waits for a second person planned anew, since what it would send has changed: whoever does so decides
 * on it no more. Throws Refusal: "not-allowed"; "not-found"; "conflict" where it is decided, unchanged, or has no plan any more.
 */
export async function planAnew(
  actor: Actor,
  { entityId, id }: OneAttempt,
  context: ResolveContext,
): Promise<Readonly<{ exceptionId: string }>> {
  assertMay(actor, "resolutions.make", entityId);
  const { now, pool = ownerPool() } = context;
  const writers = await context.writers(entityId);
  return audited(
    actor,
    entityId,
    async (client) => {
      const attempt = await held(client, { entityId, id });
      if (attempt.state !== "asked" || attempt.undoesId !== null)
        throw new Refusal("conflict", "Only what waits for a second person is planned anew.");
      const [exception] = await exceptionsOf(client, entityId, [attempt.exceptionId]);
      if (!exception) throw new Refusal("not-found", "There is no such exception in this entity.");
      const contexts = await contextsOf(pool, entityId, [exception], now);
      const resolution = writtenOf(attempt.code);
      const plan = planOf(resolution, contexts.get(exception.id));
      const basis = basisOfPlan(attempt.code, plan);
      if (basis === attempt.basis)
        throw new Refusal("conflict", "Nothing has changed of what would be sent.");
      const preview = previewOf(plan, attempt.key, writers);
      const worths = measured(exception.worths, plan);
      const second =
        (await whySecond(client, entityId, resolution, worths, attempt.madeById)) ?? attempt.second;
      await client.query(
        `UPDATE resolution_attempt SET plan = $3::jsonb, preview = $4::jsonb, basis = $5, worths = $6::jsonb, second = $7, touched_at = $8,
                edited_by_id = $9, edited_by = $10 WHERE order_key = $1 AND id = $2`,
        [
          attempt.orderKey,
          id,
          toJson(plan),
          toJson(preview),
          basis,
          toJson(worths),
          second,
          now,
          actor.id,
          actor.name,
        ],
      );
      await addStep(
        client,
        attempt,
        { kind: "planned", text: `${actor.name} had it planned anew. ${plan.sentence}` },
        now,
      );
      return {
        result: { exceptionId: exception.id },
        change: {
          action: "resolution.plan-anew",
          subject: `exception:${exception.id}`,
          before: { attempt: id, basis: attempt.basis },
          after: { basis, sentence: plan.sentence, writes: plan.writes },
        },
      };
    },
    { pool, now },
  );
}

/**
 * Withdraws an attempt of which nothing was sent: one that waits for a second person, or that a person was to do. Throws
 * Refusal: "not-allowed"; "not-found"; "conflict" where it is at work or ended.
 */
export async function cancelResolution(
  actor: Actor,
  { entityId, id }: OneAttempt,
  { now, pool = ownerPool() }: Pick<ResolveContext, "now" | "pool">,
): Promise<Readonly<{ exceptionId: string }>> {
  assertMay(actor, "resolutions.make", entityId);
  return audited(
    actor,
    entityId,
    async (client) => {
      const attempt = await held(client, { entityId, id });
      if (
        attempt.state !== "asked" &&
        attempt.state !== "instructed" &&
        !(await isLeftByStop(client, attempt))
      )
        throw new Refusal("conflict", "It is at work or has ended: there is nothing left to withdraw.");
      if (attempt.state === "asked" && attempt.madeById !== actor.id && attempt.editedById !== actor.id)
        throw new Refusal(
          "not-allowed",
          `${attempt.madeBy} asked for it: only whoever asked may withdraw it. Whoever decides on it says why.`,
        );
      const outcome = `${actor.name} withdrew it. Nothing was sent.`;
      await client.query(
        `UPDATE resolution_attempt SET state = 'cancelled', outcome = $3, ended_at = $4, touched_at = $4 WHERE order_key = $1 AND id = $2`,
        [attempt.orderKey, id, outcome, now],
      );
      await addStep(client, attempt, { kind: "ended", text: outcome }, now);
      await addMoment(
        client,
        { ...attempt, madeById: actor.id, madeBy: actor.name },
        "resolution-cancelled",
        outcome,
        now,
      );
      await comeBack(client, [exceptionOf(attempt)]);
      return {
        result: { exceptionId: attempt.exceptionId },
        change: {
          action: "resolution.cancel",
          subject: `exception:${attempt.exceptionId}`,
          before: { attempt: id, state: attempt.state, madeBy: attempt.madeBy },
          after: { state: "cancelled" },
        },
      };
    },
    { pool, now },
  );
}

/** Whether a stopped batch left an attempt before anything of it was sent. */
async function isLeftByStop(
  client: pg.PoolClient,
  { id, orderKey, state }: Readonly<{ id: string; orderKey: string; state: string }>,
): Promise<boolean> {
  if (state !== "claimed") return false;
  const { rowCount } = await client.query(
    `SELECT FROM resolution_attempt a JOIN resolution_batch b ON b.id = a.batch_id
      WHERE a.order_key = $1 AND a.id = $2 AND b.state = 'stopped' AND a.written = 0
        AND NOT EXISTS (SELECT FROM resolution_step s WHERE s.order_key = a.order_key AND s.attempt_id = a.id AND s.kind = 'sent')`,
    [orderKey, id],
  );
  return rowCount === 1;
}

/**
 * Has the runner look at an attempt now: one that a person was to do is read back, one that waits does so earlier where no
 * answer is lost. Throws Refusal: "not-allowed"; "not-found"; "conflict" where it has ended.
 */
export async function lookNow(
  actor: Actor,
  { entityId, id }: OneAttempt,
  { now, pool = ownerPool() }: Pick<ResolveContext, "now" | "pool">,
): Promise<Readonly<{ exceptionId: string }>> {
  assertMay(actor, "record.resync", entityId);
  return audited(
    actor,
    entityId,
    async (client) => {
      const attempt = await held(client, { entityId, id });
      if (attempt.state !== "waiting" && attempt.state !== "instructed")
        throw new Refusal("conflict", "There is nothing that is waited for.");
      await client.query(
        "UPDATE resolution_attempt SET next_at = NULL WHERE order_key = $1 AND id = $2 AND state = 'waiting'",
        [attempt.orderKey, id],
      );
      await addResolveJob(client, attempt, now);
      return {
        result: { exceptionId: attempt.exceptionId },
        change: {
          action: "resolution.look",
          subject: `exception:${attempt.exceptionId}`,
          before: { attempt: id, state: attempt.state },
          after: null,
        },
      };
    },
    { pool, now },
  );
}

/**
 * Takes back what an attempt posted, through the ERP's own reversal and by the same way: shown, claimed, sent, read back.
 * Throws Refusal: "not-allowed"; "not-found"; "conflict" where it can't be taken back, or not by what was shown.
 */
export async function undoResolution(
  actor: Actor,
  { entityId, id, basis }: UndoResolution,
  context: ResolveContext,
): Promise<Readonly<{ id: string; state: AttemptState; exceptionId: string }>> {
  assertMay(actor, "resolutions.make", entityId);
  const { now, pool = ownerPool() } = context;
  const writers = await context.writers(entityId);
  return audited(
    actor,
    entityId,
    async (client) => {
      const attempt: Attempt = await held(client, { entityId, id });
      const plan = await undoPlanOf(client, attempt, now);
      if (!isPlan(plan)) throw new Refusal("conflict", plan.cannot);
      if (basisOfPlan(attempt.code, plan) !== basis)
        throw new Refusal("conflict", "What would be sent has changed since you looked. Look at it again.");
      const [exception] = await exceptionsOf(client, entityId, [attempt.exceptionId]);
      if (!exception) throw new Refusal("not-found", "There is no such exception in this entity.");
      const key = randomUUID();
      const preview = previewOf(plan, key, writers);
      const worths = measured(exception.worths, plan);
      const second = await whySecond(client, entityId, writtenOf(attempt.code), worths, actor.id);
      const made = await insertAttempt(
        client,
        actor,
        {
          ...{
            entityId,
            exception: { ...exception, worths },
            code: attempt.code,
            plan,
            preview,
            key,
            second,
          },
          undoesId: id,
        },
        now,
      );
      if (made.state === "claimed")
        await addResolveJob(client, { orderKey: exception.orderKey, id: made.id, batchId: null });
      return {
        result: { ...made, exceptionId: exception.id },
        change: {
          action: "resolution.undo",
          subject: `exception:${exception.id}`,
          before: { attempt: id, outcome: "proved" },
          after: { attempt: made.id, state: made.state, sentence: plan.sentence },
        },
      };
    },
    { pool, now },
  );
}

/** Sets the limit of a resolution. Throws Refusal: "not-allowed"; "not-found"; "invalid" for an amount that the currency doesn't have. */
export async function setResolutionLimit(
  actor: Actor,
  { entityId, code, currency, amount }: SetResolutionLimit,
  { now, pool = ownerPool() }: Pick<ResolveContext, "now" | "pool">,
): Promise<void> {
  assertMay(actor, "settings.write", entityId);
  writtenOf(code);
  let minor: bigint;
  try {
    minor = parseAmount(amount, currency);
  } catch (error) {
    throw new Refusal(
      "invalid",
      error instanceof RangeError ? `${error.message} (${exponentOf(currency)} decimals).` : "No amount.",
    );
  }
  await audited(
    actor,
    entityId,
    async (client) => {
      const before = await limitOf(client, entityId, code, currency);
      await client.query(
        `INSERT INTO resolution_limit (entity_id, code, currency, minor, set_at, set_by_id, set_by) VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (entity_id, code, currency) DO UPDATE SET minor = excluded.minor, set_at = excluded.set_at,
           set_by_id = excluded.set_by_id, set_by = excluded.set_by`,
        [entityId, code, currency, minor.toString(), now, actor.id, actor.name],
      );
      return {
        result: undefined,
        change: {
          action: "resolution-limit.set",
          subject: `resolution-limit:${code} ${currency}`,
          before: { minor: before.minor, setBy: before.setBy },
          after: { minor },
        },
      };
    },
    { pool, now },
  );
}
