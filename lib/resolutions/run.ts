import type pg from "pg";
import type { AuditActor } from "@/lib/audit/event";
import { claimPool, inTransaction, whileLockedSome } from "@/lib/db/pool";
import { Refusal } from "@/lib/domain/faults";
import { toJson } from "@/lib/domain/json";
import { formatAmount } from "@/lib/domain/money";
import { dayAt } from "@/lib/exceptions/hold";
import { openStates } from "@/lib/exceptions/machine";
import { goOn, onSystem } from "@/lib/exceptions/under-way";
import {
  type Attempt,
  addResolveJob,
  addStep,
  endAttempt,
  exceptionOf,
  loadAttempts,
  makerOf,
} from "./attempts";
import { keepActual } from "./batch-effect";
import { contextsOf, type Subject } from "./context";
import { isPlan } from "./contract";
import { figuresOf } from "./figures";
import { isAtWork } from "./machine";
import { basisOfPlan } from "./preview";
import { resolutionOf } from "./registry";
import { PATIENCE_SECONDS, type Sending, sendWrite, takeBackDrafts, withoutAddress } from "./send";
import { undoHolds } from "./undo";
import type { Writers } from "./writers";

/** What reading some orders again came to: what could not be read, in sentences. */
export type ReadBack = Readonly<{
  problems: ReadonlyMap<string, readonly string[]>;
  broken: readonly string[];
}>;

/** Everything outside that the runner may touch. */
export type RunnerContext = Readonly<{
  pool: pg.Pool;
  now: () => Date;
  /** the connections of an entity, opened for writing */
  writers(entityId: string): Promise<Writers>;
  /** reads orders again from both systems and matches them, the way a resync does */
  readBack(entityId: string, orderKeys: readonly string[], by: AuditActor): Promise<ReadBack>;
  signal?: AbortSignal | undefined;
  /** whether what is not sent yet is to be left: somebody stopped it */
  isStopping?: () => Promise<boolean>;
}>;

/** Attempts of one entity that are sent at the same time; the client holds the sources' limits. */
const AT_ONCE = 4;

// Of one order at a time: what is sent for one of its exceptions changes the documents that the next is about.
const lockOf = ({ orderKey }: Readonly<{ orderKey: string }>): string => `resolution:${orderKey}`;

/** When an attempt is looked at again that gave way to another of its order. */
const AFTER_ANOTHER_SECONDS = 5;

/**
 * Works on attempts of an entity as far as they come now: what was shown still holds → sent, step by step → read back →
 * matched again → proved, or opened again with what was read. What has to be waited for is looked at by a later job.
 * An attempt that another process is at is left to it. Twice is once.
 *
 * @throws what is no refusal: the job is tried again, and begins by looking
 */
export async function runResolutions(
  entityId: string,
  subjects: readonly Subject[],
  context: RunnerContext,
): Promise<void> {
  const done = await whileLockedSome(claimPool(), subjects.map(lockOf), async (free) => {
    const mine = subjects.filter((one) => free.has(lockOf(one)));
    await checkAll(entityId, await alone(mine, context), context);
    await sendAll(entityId, await dueOf(mine, context), context);
    await proveAll(entityId, await dueOf(mine, context), context);
    return free;
  });
  await giveWay(
    subjects.filter((one) => done?.has(lockOf(one)) !== true),
    context,
  );
}

/**
 * Those that are due and not read again yet, without those of whose order another attempt is under way: they come after it, and
 * are held to what it left. Of several of one order the first goes.
 */
async function alone(subjects: readonly Subject[], context: RunnerContext): Promise<readonly Attempt[]> {
  const due = await dueOf(subjects, context);
  const fresh = due.filter(({ state, checkedAt }) => state !== "instructed" && checkedAt === null);
  if (fresh.length === 0) return due;
  const { rows } = await context.pool.query<{ key: string }>(
    `SELECT DISTINCT order_key AS key FROM resolution_attempt
      WHERE order_key = ANY ($1::uuid[]) AND ended_at IS NULL AND checked_at IS NOT NULL`,
    [fresh.map((one) => one.orderKey)],
  );
  const taken = new Set(rows.map((row) => row.key));
  const later = new Set<string>();
  for (const one of fresh) {
    if (taken.has(one.orderKey)) later.add(one.id);
    taken.add(one.orderKey);
  }
  await giveWay(
    fresh.filter((one) => later.has(one.id)),
    context,
  );
  return due.filter((one) => !later.has(one.id));
}

/** Has attempts that are not sent yet looked at again soon: another one of their order, or another process, is at work. */
async function giveWay(subjects: readonly Subject[], { pool, now }: RunnerContext): Promise<void> {
  const waiting = (await loadAttempts(pool, subjects)).filter(
    (one) => isAtWork(one.state) && one.checkedAt === null,
  );
  if (waiting.length === 0) return;
  const at = new Date(now().getTime() + AFTER_ANOTHER_SECONDS * 1000);
  await inTransaction(pool, async (client) => {
    for (const one of waiting) await addResolveJob(client, one, at);
  });
}

/** Works on one attempt, see runResolutions. One that is not there any more is nobody's. */
export async function runResolution(attempt: Subject, context: RunnerContext): Promise<void> {
  const [found] = await loadAttempts(context.pool, [attempt]);
  if (!found) return;
  await runResolutions(found.entityId, [attempt], context);
  // One of many that took longer than the others: what they did is counted anew.
  if (found.batchId !== null) await keepActual(context.pool, found.batchId, context.now());
}

async function dueOf(subjects: readonly Subject[], { pool, now, signal }: RunnerContext) {
  signal?.throwIfAborted();
  const attempts = await loadAttempts(pool, subjects);
  return attempts.filter(
    ({ state, nextAt }) =>
      state === "instructed" || (isAtWork(state) && (nextAt === null || nextAt <= now())),
  );
}

const isSent = ({ written, plan }: Attempt): boolean => written >= plan.writes.length;

/** Reads the orders of attempts again and finds out which of them still stand as they were shown. */
async function checkAll(entityId: string, due: readonly Attempt[], context: RunnerContext): Promise<void> {
  const unchecked = due.filter(({ state, checkedAt }) => state !== "instructed" && checkedAt === null);
  if (unchecked.length === 0) return;
  const read = await readAgain(entityId, unchecked, context);
  const contexts = await contextsOf(
    context.pool,
    entityId,
    unchecked.map(({ orderKey, exceptionId }) => ({ orderKey, id: exceptionId })),
    context.now(),
  );
  for (const attempt of unchecked) {
    const problem = problemOf(read, attempt);
    if (problem !== null) {
      await wait(
        attempt,
        { until: null, counts: true, why: `It could not be read before it is sent. ${problem}` },
        context,
        "failed",
      );
      continue;
    }
    const no = attempt.undoesId
      ? await undoHolds(context.pool, attempt)
      : whyNot(attempt, contexts.get(attempt.exceptionId) ?? null);
    if (no !== null) {
      await endAttempt(
        context.pool,
        attempt,
        { state: "refused", outcome: `${no} Nothing was sent.` },
        context.now(),
      );
      continue;
    }
    const at = context.now();
    const before = await figuresOf(context.pool, attempt, at);
    await inTransaction(context.pool, async (client) => {
      await client.query(
        `UPDATE resolution_attempt SET checked_at = $3, state = 'writing', before = $4::jsonb, tries = 0, next_at = NULL, touched_at = $3
          WHERE order_key = $1 AND id = $2 AND ended_at IS NULL`,
        [attempt.orderKey, attempt.id, at, toJson(before)],
      );
      await addStep(
        client,
        attempt,
        { kind: "held", text: "Read again from both systems: what was shown still holds." },
        at,
      );
    });
  }
}

/** Why what was shown does not hold any more, in a sentence; null where it does. */
function whyNot(attempt: Attempt, found: Parameters<typeof planFor>[1] | null): string | null {
  if (found === null)
    return "It is not found any more: both systems agree by now, or it is another difference.";
  const planned = planFor(attempt.code, found);
  if (!isPlan(planned)) return planned.cannot;
  return basisOfPlan(attempt.code, planned) === attempt.basis
    ? null
    : "What would be sent is not what was shown: something has changed since.";
}

function planFor(code: string, context: Parameters<NonNullable<ReturnType<typeof writtenOf>>["plan"]>[0]) {
  const resolution = writtenOf(code);
  return resolution ? resolution.plan(context) : { cannot: "There is no such resolution any more." };
}

function writtenOf(code: string) {
  const resolution = resolutionOf(code);
  return resolution?.kind === "written" ? resolution : null;
}

async function sendAll(entityId: string, due: readonly Attempt[], context: RunnerContext): Promise<void> {
  const waiting = due.filter((one) => one.state !== "instructed" && one.checkedAt !== null && !isSent(one));
  if (waiting.length === 0) return;
  const writers = await context.writers(entityId);
  const lanes = Array.from({ length: Math.min(AT_ONCE, waiting.length) }, async () => {
    for (let attempt = waiting.shift(); attempt; attempt = waiting.shift()) {
      context.signal?.throwIfAborted();
      if ((await context.isStopping?.()) && (await leave(attempt, context))) continue;
      await sendOne(attempt, writers, context);
    }
  });
  // All come to their end before the claims are given back.
  const ended = await Promise.allSettled(lanes);
  for (const one of ended) if (one.status === "rejected") throw one.reason;
}

/** Puts an attempt back to where it began, if nothing was sent of it; whoever goes on with it reads it again. */
async function leave({ orderKey, id }: Attempt, { pool, now }: RunnerContext): Promise<boolean> {
  const { rowCount } = await pool.query(
    `UPDATE resolution_attempt a SET state = 'claimed', checked_at = NULL, before = NULL, touched_at = $3
      WHERE order_key = $1 AND id = $2 AND ended_at IS NULL AND written = 0
        AND NOT EXISTS (SELECT FROM resolution_step s WHERE s.order_key = a.order_key AND s.attempt_id = a.id AND s.kind = 'sent')`,
    [orderKey, id, now()],
  );
  return rowCount === 1;
}

async function sendOne(attempt: Attempt, writers: Writers, context: RunnerContext): Promise<void> {
  const { pool, now } = context;
  if (attempt.state !== "writing") await setState(attempt, "writing", context);
  /** Whether it goes on. */
  const goesOn = async (sending: Sending, written: number): Promise<boolean> => {
    if (sending.is === "done") return true;
    if (sending.is === "wait") await wait(attempt, sending, context, "reopened");
    else {
      await takeBackDrafts(context, attempt, written, writers);
      await endAttempt(pool, attempt, { state: sending.state, outcome: sending.why }, now());
    }
    return false;
  };
  // Before anything counts, every draft has to come to what was shown.
  if (attempt.written === 0 && attempt.plan.writes.length > 1) {
    for (const [index, planned] of attempt.plan.writes.entries()) {
      if (planned.write.kind !== "post-document") continue;
      if (!(await goesOn(await sendWrite(context, attempt, index, writers.of(planned), "begun"), 0))) return;
    }
  }
  for (let index = attempt.written; index < attempt.plan.writes.length; index += 1) {
    const planned = attempt.plan.writes[index];
    if (!planned) return;
    if (!(await goesOn(await sendWrite(context, attempt, index, writers.of(planned)), index))) return;
    await pool.query(
      `UPDATE resolution_attempt SET written = $3, tries = 0, touched_at = $4 WHERE order_key = $1 AND id = $2`,
      [attempt.orderKey, attempt.id, index + 1, now()],
    );
  }
  await setState(attempt, "reading-back", context);
}

const setState = (attempt: Attempt, state: "writing" | "reading-back", { pool, now }: RunnerContext) =>
  inTransaction(pool, async (client) => {
    await client.query(
      `UPDATE resolution_attempt SET state = $3, next_at = NULL, touched_at = $4 WHERE order_key = $1 AND id = $2 AND ended_at IS NULL`,
      [attempt.orderKey, attempt.id, state, now()],
    );
    if (attempt.undoesId === null) await goOn(client, [exceptionOf(attempt)], null);
  });

async function proveAll(entityId: string, due: readonly Attempt[], context: RunnerContext): Promise<void> {
  const sent = due.filter((one) => one.state === "instructed" || (one.checkedAt !== null && isSent(one)));
  if (sent.length === 0) return;
  const read = await readAgain(entityId, sent, context);
  for (const attempt of sent) {
    const problem = problemOf(read, attempt);
    if (problem === null) await settle(attempt, context);
    else if (attempt.state !== "instructed")
      await wait(
        attempt,
        { until: null, counts: true, why: `It could not be read back. ${problem}` },
        context,
        "reopened",
      );
  }
}

/** Ends an attempt whose effect is there, by what the data say; else it is looked at again later. */
export async function settle(attempt: Attempt, context: Pick<RunnerContext, "pool" | "now">): Promise<void> {
  const { pool, now } = context;
  const { isThere, isAccepted, explanation, others } = await standsNow(pool, attempt);
  if (isAccepted) {
    await endAttempt(
      pool,
      attempt,
      { state: "cancelled", outcome: "It was accepted as it is meanwhile." },
      now(),
    );
    return;
  }
  if (isThere && attempt.state === "asked") {
    const outcome = "It was put right meanwhile. Nothing was sent.";
    await endAttempt(pool, attempt, { state: "cancelled", outcome }, now());
    return;
  }
  if (isThere) {
    const after = await figuresOf(pool, attempt, now());
    await endAttempt(pool, attempt, { state: "proved", outcome: provedText(attempt, others), after }, now());
    return;
  }
  if (attempt.state === "instructed" || attempt.state === "asked") return;
  await wait(
    attempt,
    { until: null, counts: true, why: `Read back, and it is not there yet. ${explanation ?? ""}`.trim() },
    context,
    "reopened",
  );
}

const provedText = ({ plan, state, undoesId }: Attempt, others: readonly string[]): string => {
  const also = others.length > 0 ? ` What else is found of this order now: ${others.join(" ")}` : "";
  if (undoesId) return "Read back: it is taken back, and what was there before is there again.";
  if (state === "instructed") return `It was done there and read back: the difference is gone.${also}`;
  return `Read back: the difference is gone. ${plan.effect}${also}`;
};

type Stands = Readonly<{
  isThere: boolean;
  isAccepted: boolean;
  explanation: string | null;
  /** what is found of the order since it was sent, and is another matter */
  others: readonly string[];
}>;

/**
 * How the exception of an attempt stands by the data. It is not gone where another took it over, or where the same fault is
 * found anew in the order: with the document that was posted in its place, say.
 */
async function standsNow(
  pool: pg.Pool,
  { orderKey, exceptionId, undoesId, checkedAt }: Attempt,
): Promise<Stands> {
  const { rows } = await pool.query<{
    id: string;
    cause: string;
    state: string;
    explanation: string;
    currency: string;
    gross: bigint;
    predecessor: string | null;
    isNew: boolean;
  }>(
    `SELECT id, cause, state, explanation, currency, gross, predecessor_id AS predecessor,
            coalesce(first_seen_at >= $2, false) AS "isNew" FROM exception WHERE order_key = $1 ORDER BY id`,
    [orderKey, checkedAt],
  );
  const own = rows.find((row) => row.id === exceptionId);
  const open = rows.filter(({ state }) => openStates.some((one) => one === state));
  const isSame = (row: (typeof rows)[number]): boolean =>
    row.id === exceptionId || row.predecessor === exceptionId || (row.isNew && row.cause === own?.cause);
  const still = open.find(isSame);
  if (undoesId)
    return {
      isThere: still !== undefined,
      isAccepted: false,
      explanation: "What was sent before still counts.",
      others: [],
    };
  return {
    isThere: own !== undefined && still === undefined && own.state !== "accepted",
    isAccepted: own?.state === "accepted",
    explanation: still
      ? `${still.explanation} (${formatAmount(still.gross, still.currency)} ${still.currency})`
      : null,
    others: open.filter((row) => row.isNew && !isSame(row)).map((row) => row.explanation),
  };
}

async function readAgain(
  entityId: string,
  attempts: readonly Attempt[],
  context: RunnerContext,
): Promise<ReadBack> {
  const keys = [...new Set(attempts.map(({ orderKey }) => orderKey))];
  const [first] = attempts;
  if (!first) return { problems: new Map(), broken: [] };
  try {
    return await context.readBack(entityId, keys, makerOf(first));
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { problems: new Map(), broken: [error.message] };
  }
}

function problemOf(read: ReadBack, { orderKey }: Attempt): string | null {
  const [first] = [...read.broken, ...(read.problems.get(orderKey) ?? [])];
  return first === undefined ? null : withoutAddress(first, "it");
}

/** Has an attempt looked at again later; after the last time that counts it ends. */
async function wait(
  attempt: Attempt,
  { until, counts, why }: Readonly<{ until: Date | null; counts: boolean; why: string }>,
  { pool, now }: Pick<RunnerContext, "pool" | "now">,
  atLast: "reopened" | "failed",
): Promise<void> {
  const seconds = PATIENCE_SECONDS[attempt.tries];
  if (counts && seconds === undefined) {
    await endAttempt(pool, attempt, { state: atLast, outcome: why }, now());
    return;
  }
  const next = until ?? new Date(now().getTime() + (seconds ?? 60) * 1000);
  await inTransaction(pool, async (client) => {
    await client.query(
      `UPDATE resolution_attempt SET state = 'waiting', next_at = $3, tries = tries + $4::int, touched_at = $5
        WHERE order_key = $1 AND id = $2 AND ended_at IS NULL`,
      [attempt.orderKey, attempt.id, next, counts ? 1 : 0, now()],
    );
    await addStep(client, attempt, { kind: "waited", text: why, data: { until: next } }, now());
    if (attempt.undoesId === null) {
      const system =
        attempt.preview[attempt.written]?.system ?? attempt.preview.at(-1)?.system ?? "the other system";
      const today = await dayAt(client, attempt.entityId, now());
      await goOn(client, [exceptionOf(attempt)], onSystem(system, today));
    }
    await addResolveJob(client, attempt, next);
  });
}
