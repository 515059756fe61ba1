import "server-only";
import { randomUUID } from "node:crypto";
import type pg from "pg";
import { audited } from "@/lib/audit/record";
import { type Actor, assertMay } from "@/lib/auth/actor";
import { ownerPool } from "@/lib/db/pool";
import { dayIn } from "@/lib/domain/day";
import { Refusal } from "@/lib/domain/faults";
import { toJson } from "@/lib/domain/json";
import { conditionOf } from "@/lib/exceptions/filter";
import { dayAt } from "@/lib/exceptions/hold";
import type { Worth } from "@/lib/exceptions/limits";
import { openStates } from "@/lib/exceptions/machine";
import { ExceptionQuery } from "@/lib/exceptions/schema";
import { comeBack, goOn, type Keyed, onApproval, takeOn } from "@/lib/exceptions/under-way";
import { addJob } from "@/lib/jobs/queue";
import { keepBefore } from "./batch-effect";
import { contextsOf } from "./context";
import { type Expected, isPlan } from "./contract";
import { measured, together, whySecond } from "./limits";
import {
  beforeOf,
  type Exception,
  exceptionsOf,
  insertAttempt,
  keyFor,
  type ResolveContext,
  writtenOf,
} from "./mutations";
import { AT_WORK, NOT_FOUND } from "./play";
import { basisOfPlan, previewOf } from "./preview";
import type { OneAttempt, ResolutionDecision, ResolutionSelection, StartBatch } from "./schema";

/** More than this are not begun at once: each is shown, sent and read back by itself. */
export const MOST_AT_ONCE = 2_000;
/** Exceptions planned together. */
const PLANNED_AT_ONCE = 250;

/** The open exceptions that a selection means, of causes that the resolution suits. */
async function chosenOf(
  client: pg.Pool,
  actor: Actor,
  entityId: string,
  selection: ResolutionSelection,
  suits: readonly string[],
  now: Date,
): Promise<readonly string[]> {
  const open = [...openStates];
  const most = MOST_AT_ONCE + 1;
  if (selection.by === "root-cause") {
    const { rows } = await client.query<{ id: string }>(
      `SELECT id FROM exception WHERE entity_id = $1 AND root_cause_id = $2 AND state = ANY($3) AND cause = ANY($4) ORDER BY id LIMIT $5`,
      [entityId, selection.id, open, [...suits], most],
    );
    return rows.map((row) => row.id);
  }
  if (selection.by === "exceptions") {
    const { rows } = await client.query<{ id: string }>(
      `SELECT id FROM exception WHERE entity_id = $1 AND id = ANY($2::uuid[]) AND state = ANY($3) AND cause = ANY($4) ORDER BY id`,
      [entityId, [...selection.ids], open, [...suits]],
    );
    return rows.map((row) => row.id);
  }
  if (selection.by !== "exceptions-matching") return [];
  const zone = await client.query<{ zone: string }>("SELECT time_zone AS zone FROM entity WHERE id = $1", [
    entityId,
  ]);
  const scope = { entityIds: [entityId], actorId: actor.id, today: dayIn(now, zone.rows[0]?.zone ?? "UTC") };
  const { sql, params } = conditionOf(scope, { ...ExceptionQuery.parse(selection.filter), entity: entityId });
  const { rows } = await client.query<{ id: string }>(
    `SELECT e.id FROM exception e WHERE ${sql} AND e.state = ANY($${params.length + 1}) AND e.cause = ANY($${params.length + 2})
      ORDER BY e.id LIMIT $${params.length + 3}`,
    [...params, open, [...suits], most],
  );
  return rows.map((row) => row.id);
}

type Ready = Readonly<{
  exception: Exception;
  plan: Extract<ReturnType<ReturnType<typeof writtenOf>["plan"]>, { writes: unknown }>;
}>;

/** Plans for exceptions, and why the others have none. */
async function plansFor(
  pool: pg.Pool,
  entityId: string,
  code: string,
  ids: readonly string[],
  now: Date,
): Promise<Readonly<{ ready: readonly Ready[]; left: ReadonlyMap<string, string> }>> {
  const resolution = writtenOf(code);
  const ready: Ready[] = [];
  const left = new Map<string, string>();
  for (let first = 0; first < ids.length; first += PLANNED_AT_ONCE) {
    const exceptions = await exceptionsOf(pool, entityId, ids.slice(first, first + PLANNED_AT_ONCE));
    const contexts = await contextsOf(pool, entityId, exceptions, now);
    for (const exception of exceptions) {
      const context = contexts.get(exception.id);
      if (!context) left.set(exception.id, NOT_FOUND);
      else {
        const plan = resolution.plan(context);
        if (isPlan(plan))
          ready.push({ exception: { ...exception, worths: measured(exception.worths, plan) }, plan });
        else left.set(exception.id, plan.cannot);
      }
    }
  }
  return { ready, left };
}

/** What one resolution for many exceptions would come to, before it is begun. */
export type Foreseen = Readonly<{
  /** exceptions that the selection means; more than are begun at once where `tooMany` */
  asked: number;
  tooMany: boolean;
  /** sent from here, one after the other */
  sent: number;
  /** planned and shown, and entered by a person in the other system */
  byHand: number;
  /** why by hand, and how many */
  byHandWhy: readonly Readonly<{ reason: string; count: number }>[];
  leftOut: readonly Readonly<{ reason: string; count: number }>[];
  worths: readonly Worth[];
  /** why a second person approves; null: nobody has to */
  second: string | null;
  /** what the first of them are expected to change in the other system, and why of each; empty: their books say it */
  expected: readonly (Expected & Readonly<{ sentence: string }>)[];
  /** so many have such an expectation, and so many exceptions are expected to close by all of them */
  expecting: number;
  closing: number;
}>;

/** So many expectations are shown before a batch. */
const MOST_EXPECTED = 25;

/** Counts what a batch would come to: the same plans as it would make, and nothing is kept or sent. */
export async function foreseeBatch(
  actor: Actor,
  { entityId, code, selection }: StartBatch,
  context: ResolveContext,
): Promise<Foreseen> {
  assertMay(actor, "exceptions.read", entityId);
  const { now, pool = ownerPool() } = context;
  const resolution = writtenOf(code);
  const ids = await chosenOf(pool, actor, entityId, selection, resolution.suits, now);
  const tooMany = ids.length > MOST_AT_ONCE;
  const none = {
    ...{ sent: 0, byHand: 0, byHandWhy: [], leftOut: [], worths: [], second: null },
    ...{ expected: [], expecting: 0, closing: 0 },
  };
  if (tooMany) return { asked: ids.length, tooMany, ...none };
  const { ready, left } = await plansFor(pool, entityId, code, ids, now);
  const writers = await context.writers(entityId);
  const busy = await atWorkOf(
    pool,
    ready.map(({ exception }) => exception),
  );
  const leftOut = new Map(left);
  for (const id of busy) leftOut.set(id, AT_WORK);
  const free = ready.filter(({ exception }) => !busy.has(exception.id));
  const byHand = new Map<string, string>();
  for (const { exception, plan } of free) {
    const lack = previewOf(plan, "…", writers).find(({ lacks }) => lacks !== null)?.lacks;
    if (lack != null) byHand.set(exception.id, lack);
  }
  const worths = together(free.map(({ exception }) => exception.worths));
  const expected = free.flatMap(({ plan: { expects, sentence } }) =>
    expects ? [{ ...expects, sentence }] : [],
  );
  return {
    asked: ids.length,
    tooMany,
    sent: free.length - byHand.size,
    byHand: byHand.size,
    byHandWhy: counted(byHand),
    leftOut: counted(leftOut),
    worths,
    second: await whySecond(pool, entityId, resolution, worths, actor.id),
    expected: expected.slice(0, MOST_EXPECTED),
    expecting: expected.length,
    closing: expected.reduce((sum, { closes }) => sum + closes.length, 0),
  };
}

/** Which of some exceptions are being put right already. */
async function atWorkOf(pool: pg.Pool, exceptions: readonly Keyed[]): Promise<ReadonlySet<string>> {
  const { rows } = await pool.query<{ id: string }>(
    `SELECT a.exception_id AS id FROM resolution_attempt a
       JOIN unnest($1::uuid[], $2::uuid[]) AS k(order_key, id) ON a.order_key = k.order_key AND a.exception_id = k.id
      WHERE a.ended_at IS NULL`,
    [exceptions.map((one) => one.orderKey), exceptions.map((one) => one.id)],
  );
  return new Set(rows.map((row) => row.id));
}

/** What a batch begins with. */
export type Begun = Readonly<{ batchId: string; count: number; state: "asked" | "running" }>;

/**
 * Begins one resolution for many exceptions: each is planned and kept by itself, with our key, and the runner works through
 * them. Together they are measured against the limit. What has no plan, or is at work already, is left out and counted.
 *
 * @throws Refusal `not-allowed`; `invalid` for none, or more than 2,000
 */
export async function startBatch(
  actor: Actor,
  { entityId, code, selection }: StartBatch,
  context: ResolveContext,
): Promise<Begun> {
  assertMay(actor, "resolutions.make", entityId);
  assertMay(actor, "exceptions.read", entityId);
  const { now, pool = ownerPool() } = context;
  const resolution = writtenOf(code);
  const ids = await chosenOf(pool, actor, entityId, selection, resolution.suits, now);
  if (ids.length > MOST_AT_ONCE)
    throw new Refusal(
      "invalid",
      `That is more than ${MOST_AT_ONCE.toLocaleString("en")} exceptions. Narrow them down first.`,
    );
  const { ready, left } = await plansFor(pool, entityId, code, ids, now);
  const writers = await context.writers(entityId);
  const leftOut = new Map(left);
  return audited(
    actor,
    entityId,
    async (client) => {
      const batchId = randomUUID();
      const second = await whySecond(
        client,
        entityId,
        resolution,
        together(ready.map(({ exception }) => exception.worths)),
        actor.id,
      );
      const kept: Exception[] = [];
      for (const { exception, plan } of ready) {
        const key = await keyFor(client, exception, basisOfPlan(code, plan));
        const preview = previewOf(plan, key, writers);
        try {
          // The claim of one that is at work already is its own; the others go on.
          await insertAttempt(
            client,
            actor,
            { entityId, exception, code, plan, preview, key, second, batchId },
            now,
          );
          kept.push(exception);
        } catch (error) {
          if (!(error instanceof Refusal)) throw error;
          leftOut.set(exception.id, AT_WORK);
        }
      }
      if (kept.length === 0) {
        const [why] = [...leftOut.values()];
        throw new Refusal(
          "invalid",
          why ? `None of them can be put right this way. ${why}` : "There is none that this puts right.",
        );
      }
      const worths = together(kept.map((one) => one.worths));
      const state = second === null ? ("running" as const) : ("asked" as const);
      await client.query(
        `INSERT INTO resolution_batch (id, entity_id, code, state, selection, count, left_out, worths, second, made_at, made_by_id, made_by)
         VALUES ($1, $2, $3, $4, $5::jsonb, $6, $7::jsonb, $8::jsonb, $9, $10, $11, $12)`,
        [
          batchId,
          entityId,
          code,
          state,
          toJson(selection),
          kept.length,
          toJson(counted(leftOut)),
          toJson(worths),
          second,
          now,
          actor.id,
          actor.name,
        ],
      );
      await takeOn(
        client,
        kept,
        { id: actor.id, name: actor.name, now },
        second === null ? null : onApproval(await dayAt(client, entityId, now)),
      );
      const rootCauseId = selection.by === "root-cause" ? selection.id : null;
      await keepBefore(client, { id: batchId, entityId, rootCauseId }, { ids, left: leftOut });
      if (state === "running") await addBatchJob(client, batchId);
      return {
        result: { batchId, count: kept.length, state },
        change: {
          action: second === null ? "resolution-batch.begin" : "resolution-batch.ask",
          subject: `resolution-batch:${batchId}`,
          before: null,
          after: {
            code,
            selection,
            count: kept.length,
            leftOut: counted(leftOut).map(({ reason, count }) => [reason, count]),
            worths,
            ...(second && { second }),
          },
        },
      };
    },
    { pool, now },
  );
}

/** How many there are for which reason, most first. */
function counted(
  leftOut: ReadonlyMap<string, string>,
): readonly Readonly<{ reason: string; count: number }>[] {
  const counts = new Map<string, number>();
  for (const reason of leftOut.values()) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return [...counts].map(([reason, count]) => ({ reason, count })).sort((a, b) => b.count - a.count);
}

const addBatchJob = (client: pg.ClientBase, batchId: string): Promise<void> =>
  addJob(
    client,
    "resolve-batch",
    { batchId },
    { key: `resolve-batch:${batchId}`, attempts: 25, priority: 5 },
  );

type HeldBatch = Readonly<{ state: string; madeById: string; madeBy: string; code: string }>;

async function holdBatch(client: pg.PoolClient, { entityId, id }: OneAttempt): Promise<HeldBatch> {
  const { rows } = await client.query<HeldBatch>(
    `SELECT state, made_by_id AS "madeById", made_by AS "madeBy", code FROM resolution_batch WHERE id = $1 AND entity_id = $2 FOR UPDATE`,
    [id, entityId],
  );
  const [batch] = rows;
  if (!batch) throw new Refusal("not-found", "There are no such resolutions in this entity.");
  return batch;
}

/**
 * Approves or rejects many at once that somebody else wants to send. Nobody decides on what they asked for themselves.
 * Throws Refusal: "not-allowed"; "not-found"; "conflict" where it is decided already.
 */
export async function decideBatch(
  actor: Actor,
  { entityId, id, approve, why }: ResolutionDecision,
  { now, pool = ownerPool() }: Pick<ResolveContext, "now" | "pool">,
): Promise<Readonly<{ batchId: string; approved: boolean }>> {
  assertMay(actor, "resolutions.approve", entityId);
  return audited(
    actor,
    entityId,
    async (client) => {
      const batch = await holdBatch(client, { entityId, id });
      if (batch.state !== "asked") throw new Refusal("conflict", "They have been decided on already.");
      if (batch.madeById === actor.id)
        throw new Refusal("not-allowed", "You asked for them yourself: somebody else has to decide.");
      const edited = await client.query(
        "SELECT FROM resolution_attempt WHERE batch_id = $1 AND state = 'asked' AND edited_by_id = $2 LIMIT 1",
        [id, actor.id],
      );
      if (edited.rowCount !== 0)
        throw new Refusal(
          "not-allowed",
          "You had one of them planned anew: somebody else has to decide on all of them.",
        );
      await client.query(
        `UPDATE resolution_batch SET state = $2, decided_at = $3, decided_by_id = $4, decided_by = $5, decided_why = $6,
                ended_at = CASE WHEN $7 THEN NULL ELSE $3::timestamptz END WHERE id = $1`,
        [id, approve ? "running" : "rejected", now, actor.id, actor.name, why || null, approve],
      );
      await client.query(
        approve
          ? `UPDATE resolution_attempt SET state = CASE WHEN preview @? '$[*] ? (@.lacks != null)' THEN 'instructed' ELSE 'claimed' END,
                    decided_at = $2, decided_by_id = $3, decided_by = $4, decided_why = $5, touched_at = $2
              WHERE batch_id = $1 AND state = 'asked'`
          : `UPDATE resolution_attempt SET state = 'rejected', decided_at = $2, decided_by_id = $3, decided_by = $4, decided_why = $5,
                    ended_at = $2, touched_at = $2, outcome = $4 || ' rejected it: ' || $5 WHERE batch_id = $1 AND state = 'asked'`,
        [id, now, actor.id, actor.name, why || ""],
      );
      const { rows: decided } = await client.query<Keyed & { attemptId: string; state: string }>(
        `SELECT order_key AS "orderKey", exception_id AS id, id AS "attemptId", state FROM resolution_attempt
          WHERE batch_id = $1 AND decided_at = $2`,
        [id, now],
      );
      for (const one of decided.filter(({ state }) => state === "instructed"))
        await client.query(
          "UPDATE resolution_attempt SET before = $3::jsonb WHERE order_key = $1 AND id = $2",
          [one.orderKey, one.attemptId, await beforeOf(client, { ...one, entityId }, now)],
        );
      if (approve) await goOn(client, decided, null);
      else await comeBack(client, decided);
      if (approve) await addBatchJob(client, id);
      return {
        result: { batchId: id, approved: approve },
        change: {
          action: approve ? "resolution-batch.approve" : "resolution-batch.reject",
          subject: `resolution-batch:${id}`,
          before: { state: "asked", madeBy: batch.madeBy, code: batch.code },
          after: { state: approve ? "running" : "rejected", why },
        },
      };
    },
    { pool, now },
  );
}

/** Stops a batch after those it is at: what is begun is read back, the rest is not sent. Throws Refusal like decideBatch. */
export async function stopBatch(
  actor: Actor,
  { entityId, id }: OneAttempt,
  { now, pool = ownerPool() }: Pick<ResolveContext, "now" | "pool">,
): Promise<void> {
  assertMay(actor, "resolutions.make", entityId);
  await changeBatch(
    actor,
    { entityId, id },
    "resolution-batch.stop",
    { now, pool },
    async (client, { state }) => {
      if (state !== "running") throw new Refusal("conflict", "They are not being sent.");
      await client.query("UPDATE resolution_batch SET stop_asked_at = $2, stop_asked_by = $3 WHERE id = $1", [
        id,
        now,
        actor.name,
      ]);
      await addBatchJob(client, id);
    },
  );
}

/** Lets a batch that was stopped go on with what was not sent. Throws Refusal like decideBatch. */
export async function resumeBatch(
  actor: Actor,
  { entityId, id }: OneAttempt,
  { now, pool = ownerPool() }: Pick<ResolveContext, "now" | "pool">,
): Promise<void> {
  assertMay(actor, "resolutions.make", entityId);
  await changeBatch(
    actor,
    { entityId, id },
    "resolution-batch.resume",
    { now, pool },
    async (client, { state }) => {
      if (state !== "stopped") throw new Refusal("conflict", "They were not stopped.");
      await client.query(
        "UPDATE resolution_batch SET state = 'running', stop_asked_at = NULL, stop_asked_by = NULL, ended_at = NULL WHERE id = $1",
        [id],
      );
      await addBatchJob(client, id);
    },
  );
}

const changeBatch = (
  actor: Actor,
  one: OneAttempt,
  action: string,
  { now, pool }: Readonly<{ now: Date; pool: pg.Pool }>,
  change: (client: pg.PoolClient, batch: HeldBatch) => Promise<void>,
): Promise<void> =>
  audited(
    actor,
    one.entityId,
    async (client) => {
      const batch = await holdBatch(client, one);
      await change(client, batch);
      return {
        result: undefined,
        change: {
          action,
          subject: `resolution-batch:${one.id}`,
          before: { state: batch.state },
          after: null,
        },
      };
    },
    { pool, now },
  );
