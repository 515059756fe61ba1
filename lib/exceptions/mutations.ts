import "server-only";
import { randomUUID } from "node:crypto";
import type { PoolClient } from "pg";
import { type AuditContext, audited } from "@/lib/audit/record";
import { type Actor, assertMay } from "@/lib/auth/actor";
import { Refusal } from "@/lib/domain/faults";
import { toPlain } from "@/lib/domain/json";
import { countRootCauses } from "@/lib/matching/root-causes";
import { isStanding } from "@/lib/matching/standing-causes";
import { ACCEPTANCE, type Acted, actOn, type Chosen, type Doer, type PeopleAct, undoOperation } from "./acts";
import { conditionOf } from "./filter";
import { assertTeam, assignableRoles, changedMeanwhile, dayAt, type Held, hold, personWhoMay } from "./hold";
import { isOpen } from "./machine";
import { matchAgain } from "./match-again";
import { mentionedIn } from "./mentions";
import type { Assignment, Comment, ManyAct, OneAct, PeopleAction, Undo } from "./schema";

/** When it happens, and (in tests) in which database. */
export type ActContext = AuditContext & Readonly<{ now: Date }>;

/** One exception after an act, and the operation by which it can be taken back. */
export type OneOutcome = Readonly<{ id: string; orderKey: string; version: number; operationId: string }>;

/** How many exceptions an act may change at once. */
const MOST_AT_ONCE = 200_000;

/**
 * Gives an exception to a person, a team or nobody, and says so in its history and the audit trail.
 * Throws as `actOnException` does.
 */
export const assignException = (
  actor: Actor,
  { entityId, id, version, ...given }: Assignment,
  context: ActContext,
): Promise<OneOutcome> =>
  actOnException(actor, { entityId, id, version, act: { kind: "assign", ...given } }, context);

/**
 * Does something to one exception in the version that the person saw, and says so in its history and the audit trail.
 * Throws Refusal: "not-allowed"; "not-found"; "conflict" when it changed since it was seen, is finished, or what is asked
 * makes no sense in its state; "invalid" when the person may not work on that entity's exceptions, there is no such team, or
 * the day to wait for has passed.
 */
export async function actOnException(actor: Actor, input: OneAct, context: ActContext): Promise<OneOutcome> {
  const { entityId, id, version } = input;
  assertMay(actor, "exceptions.assign", entityId);
  const act = async (client: PoolClient) => {
    const held = await hold(client, entityId, id);
    assertPossible(held, input.act, actor);
    const { act: people, doer } = await prepared(client, actor, entityId, input.act, context);
    const chosen = {
      sql: "e.order_key = $1 AND e.id = $2 AND e.version = $3",
      params: [held.orderKey, id, version],
    };
    // The version that the person saw is part of the condition: two people cannot both win.
    const { operationId, acted } = await actOn(client, chosen, people, doer, {
      entityId,
      mayWork: assignableRoles,
    });
    const [done] = acted;
    if (!done) throw await changedMeanwhile(client, entityId, id);
    return {
      result: { id, orderKey: held.orderKey, version: done.version, operationId },
      change: {
        action: `exception.${input.act.kind}`,
        subject: `exception:${id}`,
        before: peopleOf(held),
        after: { ...peopleOf(await hold(client, entityId, id)), ...reasonOf(input.act) },
      },
    };
  };
  return audited(actor, entityId, act, context);
}

const peopleOf = ({
  assigneeId,
  assignee,
  ownerTeam,
  due,
  state,
  waitingOn,
  waitingUntil,
}: Held): Record<string, unknown> => ({
  assigneeId,
  assignee,
  ownerTeam,
  due,
  state,
  ...(state === "waiting" && { waitingOn, waitingUntil }),
});

const reasonOf = (act: PeopleAction): Record<string, unknown> =>
  "reason" in act && act.reason !== undefined ? { reason: act.reason } : {};

/** Says in words why an act makes no sense here. The statement that acts asks again, by its conditions. */
function assertPossible(held: Held, act: PeopleAction, actor: Actor): void {
  const no = (sentence: string): never => {
    throw new Refusal("conflict", sentence);
  };
  if (!isOpen(held.state)) no(`This exception is ${held.state}; there is nothing left to do with it.`);
  if (act.kind === "take-over" && held.assigneeId === actor.id) no("You have it already.");
  if (act.kind === "wake" && held.state !== "waiting") no("It does not wait.");
  if (act.kind === "pass-back" && held.assigneeId !== null && held.assigneeId !== actor.id)
    no(
      `${held.assignee ?? "Somebody else"} has it: only who has it passes it back. Take it over, or hand it over.`,
    );
  if (act.kind !== "start") return;
  if (held.assigneeId !== null && held.assigneeId !== actor.id)
    no(`${held.assignee ?? "Somebody else"} has it. Take it over before you start.`);
  if (held.state === "in-progress") no("You have started already.");
}

/** What is asked for with its people, teams and days looked up. */
async function prepared(
  client: PoolClient,
  actor: Actor,
  entityId: string,
  act: PeopleAction,
  { now }: ActContext,
): Promise<Readonly<{ act: PeopleAct; doer: Doer }>> {
  const doer = { id: actor.id, name: actor.name, now, today: await dayAt(client, entityId, now) };
  if (act.kind === "assign" || act.kind === "hand-over") {
    await assertTeam(client, act.ownerTeam);
    const assignee = act.assigneeId === null ? null : await personWhoMay(client, entityId, act.assigneeId);
    return { doer, act: { ...act, assignee, team: act.ownerTeam } };
  }
  if (act.kind === "take-over" || act.kind === "start") await personWhoMay(client, entityId, actor.id);
  if (act.kind === "wait" && act.until <= doer.today)
    throw new Refusal("invalid", "Choose a day that is still to come.");
  return { doer, act };
}

/** What an act on many came to: how many were changed, and how many were left out since they had changed or can't be. */
export type ManyOutcome = Readonly<{ operationId: string | null; done: number; left: number }>;

/**
 * Does something to many exceptions of an entity in one statement: those chosen (each in the version that was seen), or all
 * that a filter means at this moment. One audit record with the count and what was chosen; each exception's history has its
 * own. Those that changed meanwhile or to which it can't be done are left out and counted.
 * Throws Refusal: "not-allowed"; "invalid" as `actOnException`, and for more than 200,000 exceptions at once.
 */
export async function actOnExceptions(
  actor: Actor,
  input: ManyAct,
  context: ActContext,
): Promise<ManyOutcome> {
  const { entityId, chosen } = input;
  assertMay(actor, "exceptions.assign", entityId);
  const act = async (client: PoolClient) => {
    const { act: people, doer } = await prepared(client, actor, entityId, input.act, context);
    const condition = conditionFor(entityId, chosen, doer);
    const asked = await countOf(client, condition);
    if (asked > MOST_AT_ONCE) {
      throw new Refusal(
        "invalid",
        `${asked.toLocaleString("en")} are too many at once: narrow the filter to at most ${MOST_AT_ONCE.toLocaleString("en")}.`,
      );
    }
    const { operationId, acted } = await actOn(client, condition, people, doer, {
      entityId,
      mayWork: assignableRoles,
    });
    const wanted = "ids" in chosen ? chosen.ids.length : asked;
    return {
      result: {
        operationId: acted.length > 0 ? operationId : null,
        done: acted.length,
        left: Math.max(0, wanted - acted.length),
      },
      change: {
        action: `exceptions.${input.act.kind}`,
        subject: `operation:${operationId}`,
        before: null,
        after: {
          count: acted.length,
          act: toPlain(input.act),
          chosen:
            "ids" in chosen ? { ids: chosen.ids.map((one) => one.id) } : { filter: toPlain(chosen.filter) },
        },
      },
    };
  };
  return audited(actor, entityId, act, context);
}

function conditionFor(entityId: string, chosen: ManyAct["chosen"], doer: Doer): Chosen {
  if ("ids" in chosen) {
    return {
      sql: "e.entity_id = $1 AND (e.id, e.version) IN (SELECT * FROM unnest($2::uuid[], $3::int[]))",
      params: [entityId, chosen.ids.map((one) => one.id), chosen.ids.map((one) => one.version)],
    };
  }
  const scope = { entityIds: [entityId], actorId: doer.id, today: doer.today };
  return conditionOf(scope, { ...chosen.filter, entity: entityId });
}

async function countOf(client: PoolClient, { sql, params }: Chosen): Promise<number> {
  const { rows } = await client.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM exception e WHERE ${sql}`,
    [...params],
  );
  return rows[0]?.count ?? 0;
}

/** What of an operation was taken back: `left` are exceptions to which something has happened since. */
export type UndoOutcome = Readonly<{ kind: string; done: number; left: number }>;

/**
 * Takes back what the actor did last in an entity (or the named operation of theirs): who has it, until when it waits, by
 * when it is due, its state, and what they accepted alone. Only for exceptions to which nothing has happened since. What two
 * people decided and comments are not taken back: they have their own ways.
 * Throws Refusal: "not-allowed"; "not-found" where there is nothing of theirs to take back; "conflict" where all changed since.
 */
export async function undoLast(actor: Actor, input: Undo, context: ActContext): Promise<UndoOutcome> {
  const { entityId } = input;
  assertMay(actor, "exceptions.assign", entityId);
  const undo = async (client: PoolClient) => {
    const { rows } = await client.query<{ id: string; kind: string; count: number }>(
      `SELECT id, kind, count FROM exception_operation
        WHERE actor_id = $1 AND entity_id = $2 AND undone_at IS NULL AND ($3::uuid IS NULL OR id = $3)
        ORDER BY at DESC, id LIMIT 1 FOR UPDATE`,
      [actor.id, entityId, input.operationId ?? null],
    );
    const [last] = rows;
    if (!last) throw new Refusal("not-found", "There is nothing of yours to take back.");
    if (last.kind === ACCEPTANCE) assertMay(actor, "exceptions.accept", entityId);
    const today = await dayAt(client, entityId, context.now);
    const undone = await undoOperation(client, last.id, {
      id: actor.id,
      name: actor.name,
      now: context.now,
      today,
    });
    if (undone.length === 0) {
      throw new Refusal("conflict", "Something has happened to it since: it can't be taken back any more.");
    }
    if (last.kind === ACCEPTANCE) await actedOnAgain(client, entityId, undone, context.now);
    return {
      result: { kind: last.kind, done: undone.length, left: last.count - undone.length },
      change: {
        action: "exception.undo",
        subject: subjectOf(last.id, undone),
        before: { operation: last.id, kind: last.kind, count: last.count },
        after: { count: undone.length },
      },
    };
  };
  return audited(actor, entityId, undo, context);
}

/** What was accepted counts again for its root cause, and the lines of its group go back to the bucket "open". */
async function actedOnAgain(
  client: PoolClient,
  entityId: string,
  undone: readonly Acted[],
  now: Date,
): Promise<void> {
  const { rows } = await client.query<{ cause: string; orderKey: string; rootCauseId: string }>(
    `SELECT cause, order_key AS "orderKey", root_cause_id AS "rootCauseId" FROM exception
      WHERE (order_key, id) IN (SELECT * FROM unnest($1::uuid[], $2::uuid[]))`,
    [undone.map((one) => one.orderKey), undone.map((one) => one.id)],
  );
  await countRootCauses(
    client,
    entityId,
    rows.map((row) => row.rootCauseId),
    now,
  );
  const ofPairs = rows.filter((row) => !isStanding(row.cause)).map((row) => row.orderKey);
  if (ofPairs.length > 0) await matchAgain(client, entityId, ofPairs, now);
}

const subjectOf = (operationId: string, acted: readonly Acted[]): string =>
  acted.length === 1 && acted[0] ? `exception:${acted[0].id}` : `operation:${operationId}`;

/**
 * Adds a comment to the history of an exception, and keeps whom it names (@Name); `unknown` are the @words that name nobody. Finished ones can be commented too: the
 * auditor does. Throws Refusal: "not-allowed", "not-found".
 */
export async function commentOnException(
  actor: Actor,
  input: Comment,
  context: ActContext,
): Promise<
  Readonly<{ id: string; orderKey: string; mentioned: readonly string[]; unknown: readonly string[] }>
> {
  const { entityId } = input;
  assertMay(actor, "exceptions.comment", entityId);
  const comment = async (client: PoolClient) => {
    const held = await hold(client, entityId, input.id);
    const { named, unknown } = await mentionedIn(client, entityId, input.text);
    const eventId = await addMoment(
      client,
      held.orderKey,
      input.id,
      actor,
      "commented",
      input.text,
      context.now,
    );
    await client.query(
      `INSERT INTO exception_mention (order_key, id, user_id, exception_id, entity_id, at)
       SELECT $1, $2, person, $4, $5, $6 FROM unnest($3::uuid[]) AS person`,
      [held.orderKey, eventId, named.map((one) => one.id), input.id, entityId, context.now],
    );
    const mentioned = named.map((one) => one.name);
    return {
      result: { id: input.id, orderKey: held.orderKey, mentioned, unknown },
      change: {
        action: "exception.comment",
        subject: `exception:${input.id}`,
        before: null,
        after: { text: input.text, state: held.state, ...(mentioned.length > 0 && { mentioned }) },
      },
    };
  };
  return audited(actor, entityId, comment, context);
}

/** Adds to the history of an exception what a person did. */
export async function addMoment(
  client: PoolClient,
  orderKey: string,
  exceptionId: string,
  actor: Pick<Actor, "id" | "name">,
  kind: string,
  text: string,
  now: Date,
  /** by which it can be taken back, and what was so before */
  more?: Readonly<{ operationId: string; data: object }>,
): Promise<string> {
  const id = randomUUID();
  await client.query(
    `INSERT INTO exception_event (order_key, id, exception_id, at, actor_name, actor_id, kind, text, operation_id, data)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, coalesce($10::jsonb, '{}'))`,
    [
      orderKey,
      id,
      exceptionId,
      now,
      actor.name,
      actor.id,
      kind,
      text,
      more?.operationId ?? null,
      more === undefined ? null : JSON.stringify(more.data),
    ],
  );
  return id;
}
