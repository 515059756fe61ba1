import "server-only";
import { randomUUID } from "node:crypto";
import type { PoolClient } from "pg";
import { type AuditContext, audited } from "@/lib/audit/record";
import { type Actor, assertMay } from "@/lib/auth/actor";
import { roles, roleTable } from "@/lib/auth/permissions";
import { Refusal } from "@/lib/domain/faults";
import { countRootCauses } from "@/lib/matching/root-causes";
import { isAcceptable, stateAfterAssignment } from "./machine";
import type { AcceptAsIs, Assignment, Comment } from "./schema";

type Held = Readonly<{
  orderKey: string;
  rootCauseId: string;
  state: string;
  assigneeId: string | null;
  assignee: string | null;
  ownerTeam: string;
  due: string | null;
}>;

/** When it happens, and (in tests) in which database. */
export type ActContext = AuditContext & Readonly<{ now: Date }>;

/** The roles whose grants let a person work on exceptions. */
export const assignableRoles = roles.filter((role) =>
  roleTable[role].permissions.includes("exceptions.assign"),
);

/** The exception within its entity. Throws Refusal "not-found". */
async function hold(client: PoolClient, entityId: string, id: string): Promise<Held> {
  const { rows } = await client.query<Held>(
    `SELECT e.order_key AS "orderKey", e.root_cause_id AS "rootCauseId", e.state, e.assignee_id AS "assigneeId", u.name AS assignee,
       e.owner_team AS "ownerTeam", e.due::text AS due
     FROM exception e LEFT JOIN "user" u ON u.id = e.assignee_id WHERE e.id = $1 AND e.entity_id = $2`,
    [id, entityId],
  );
  const [row] = rows;
  if (!row) throw new Refusal("not-found", "There is no such exception in this entity.");
  return row;
}

/**
 * Gives an exception to a person, a team or nobody, and says so in its history and the audit trail.
 * Throws Refusal: "not-allowed"; "not-found"; "conflict" when it changed since it was seen or is finished; "invalid" when the
 * person may not work on that entity's exceptions.
 */
export async function assignException(
  actor: Actor,
  input: Assignment,
  context: ActContext,
): Promise<Readonly<{ id: string; orderKey: string; version: number }>> {
  const { entityId } = input;
  assertMay(actor, "exceptions.assign", entityId);
  const assign = async (client: PoolClient) => {
    const held = await hold(client, entityId, input.id);
    const state = stateAfterAssignment(held.state, input.assigneeId !== null);
    if (!state)
      throw new Refusal("conflict", `This exception is ${held.state}; there is nothing left to give away.`);
    const assignee =
      input.assigneeId === null ? null : await personWhoMay(client, entityId, input.assigneeId);
    const after = {
      assigneeId: assignee?.id ?? null,
      assignee: assignee?.name ?? null,
      ownerTeam: input.ownerTeam ?? held.ownerTeam,
      due: input.due === undefined ? held.due : input.due,
      state,
    };

    // The version that the person saw is part of the condition: two people cannot both win.
    const { rowCount } = await client.query(
      `UPDATE exception SET assignee_id = $4, owner_team = $5, due = $6::date, state = $7, version = version + 1
       WHERE order_key = $1 AND id = $2 AND version = $3`,
      [held.orderKey, input.id, input.version, after.assigneeId, after.ownerTeam, after.due, state],
    );
    if (rowCount !== 1) {
      throw new Refusal(
        "conflict",
        "Somebody changed this exception while you were looking at it. Reload to see how.",
      );
    }
    await addMoment(client, held.orderKey, input.id, actor, "assigned", wordsOf(held, after), context.now);
    return {
      result: { id: input.id, orderKey: held.orderKey, version: input.version + 1 },
      change: {
        action: "exception.assign",
        subject: `exception:${input.id}`,
        before: {
          assigneeId: held.assigneeId,
          assignee: held.assignee,
          ownerTeam: held.ownerTeam,
          due: held.due,
          state: held.state,
        },
        after,
      },
    };
  };
  return audited(actor, entityId, assign, context);
}

async function personWhoMay(
  client: PoolClient,
  entityId: string,
  id: string,
): Promise<Readonly<{ id: string; name: string }>> {
  const { rows } = await client.query<{ id: string; name: string }>(
    `SELECT u.id, u.name FROM "user" u WHERE u.id = $1 AND u.disabled_at IS NULL AND EXISTS (
       SELECT FROM "grant" g WHERE g.user_id = u.id AND g.role = ANY($2) AND (g.entity_id IS NULL OR g.entity_id = $3))`,
    [id, assignableRoles, entityId],
  );
  const [person] = rows;
  if (!person) throw new Refusal("invalid", "This person may not work on the exceptions of this entity.");
  return person;
}

type Assigned = Readonly<{ assignee: string | null; ownerTeam: string; due: string | null }>;

/** What an assignment changed, in words for the history. */
function wordsOf(before: Assigned, after: Assigned): string {
  const parts: string[] = [];
  if (before.assignee !== after.assignee) {
    parts.push(
      after.assignee ? `Given to ${after.assignee}.` : `Taken off ${before.assignee ?? "its assignee"}.`,
    );
  }
  if (before.ownerTeam !== after.ownerTeam)
    parts.push(`Owner is now ${after.ownerTeam}, was ${before.ownerTeam}.`);
  if (before.due !== after.due) parts.push(after.due ? `Due ${after.due}.` : "No due date any more.");
  return parts.join(" ") || "Confirmed as it was.";
}

/**
 * Accepts an exception as it is, with a reason, in its history and the audit trail. It stays accepted for as long as it is
 * about the same (what `basis` in its evidence names), and is opened again by the reconciliation that finds it about
 * something else. Throws Refusal: "not-allowed"; "not-found"; "conflict" when it changed since it was seen or is finished;
 * "invalid" for a cause that is resolved by a proof and by nothing else.
 */
export async function acceptException(
  actor: Actor,
  input: AcceptAsIs,
  context: ActContext,
): Promise<Readonly<{ id: string; orderKey: string; version: number }>> {
  const { entityId, id, version, reason } = input;
  assertMay(actor, "exceptions.accept", entityId);
  const accept = async (client: PoolClient) => {
    const held = await hold(client, entityId, id);
    const { rows } = await client.query<{ cause: string; basis: string | null }>(
      "SELECT cause, evidence ->> 'basis' AS basis FROM exception WHERE order_key = $1 AND id = $2",
      [held.orderKey, id],
    );
    const [about] = rows;
    if (!about || !isAcceptable(about.cause, "new"))
      throw new Refusal(
        "invalid",
        "An exception of this cause is resolved by a proof; it can't be accepted.",
      );
    if (!isAcceptable(about.cause, held.state))
      throw new Refusal("conflict", `This exception is ${held.state}; there is nothing left to accept.`);
    if (about.basis === null)
      throw new Refusal(
        "conflict",
        "Reconcile first: what it is about has not been looked at by this version.",
      );
    const { rowCount } = await client.query(
      `UPDATE exception SET state = 'accepted', version = version + 1
        WHERE order_key = $1 AND id = $2 AND version = $3`,
      [held.orderKey, id, version],
    );
    if (rowCount !== 1) {
      throw new Refusal(
        "conflict",
        "Somebody changed this exception while you were looking at it. Reload to see how.",
      );
    }
    await client.query(
      `INSERT INTO acceptance (order_key, id, exception_id, entity_id, basis, reason, accepted_at, accepted_by_id, accepted_by)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
      [held.orderKey, randomUUID(), id, entityId, about.basis, reason, context.now, actor.id, actor.name],
    );
    await countRootCauses(client, entityId, [held.rootCauseId], context.now);
    await addMoment(client, held.orderKey, id, actor, "accepted", reason, context.now);
    return {
      result: { id, orderKey: held.orderKey, version: version + 1 },
      change: {
        action: "exception.accept",
        subject: `exception:${id}`,
        before: { state: held.state },
        after: { state: "accepted", reason, basis: about.basis },
      },
    };
  };
  return audited(actor, entityId, accept, context);
}

/**
 * Adds a comment to the history of an exception. Finished ones can be commented too: the auditor does.
 * Throws Refusal: "not-allowed", "not-found".
 */
export async function commentOnException(
  actor: Actor,
  input: Comment,
  context: ActContext,
): Promise<Readonly<{ id: string; orderKey: string }>> {
  const { entityId } = input;
  assertMay(actor, "exceptions.comment", entityId);
  const comment = async (client: PoolClient) => {
    const held = await hold(client, entityId, input.id);
    await addMoment(client, held.orderKey, input.id, actor, "commented", input.text, context.now);
    return {
      result: { id: input.id, orderKey: held.orderKey },
      change: {
        action: "exception.comment",
        subject: `exception:${input.id}`,
        before: null,
        after: { text: input.text, state: held.state },
      },
    };
  };
  return audited(actor, entityId, comment, context);
}

async function addMoment(
  client: PoolClient,
  orderKey: string,
  exceptionId: string,
  actor: Actor,
  kind: string,
  text: string,
  now: Date,
): Promise<void> {
  await client.query(
    `INSERT INTO exception_event (order_key, id, exception_id, at, actor_name, actor_id, kind, text)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [orderKey, randomUUID(), exceptionId, now, actor.name, actor.id, kind, text],
  );
}
