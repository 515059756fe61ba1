import { countExceptions } from "@/lib/matching/exception-tally";
import "server-only";
import { randomUUID } from "node:crypto";
import type { PoolClient } from "pg";
import { audited } from "@/lib/audit/record";
import { type Actor, assertMay } from "@/lib/auth/actor";
import { causeOf } from "@/lib/causes/registry";
import { Refusal } from "@/lib/domain/faults";
import { countRootCauses } from "@/lib/matching/root-causes";
import { isStanding } from "@/lib/matching/standing-causes";
import { ACCEPTANCE, peoplesAsJson } from "./acts";
import { basisOf } from "./basis";
import { changedMeanwhile, hold } from "./hold";
import { whySecond, worthsOf } from "./limits";
import { isOpen, stateAfter } from "./machine";
import { matchAgain } from "./match-again";
import { type ActContext, addMoment } from "./mutations";
import type { AcceptAsIs, AcceptanceDecision } from "./schema";

/** Whether people may accept an exception as it is: its cause allows it, and somebody must still act. */
export const isAcceptable = (cause: string, state: string): boolean =>
  isOpen(state) && (causeOf(cause)?.acceptance ?? "never") !== "never";

/** `asked`: it is above the limit, and waits for a second person. */
export type Accepted = Readonly<{
  id: string;
  orderKey: string;
  version: number;
  outcome: "accepted" | "asked";
}>;

type About = Readonly<{
  orderKey: string;
  state: string;
  cause: string;
  version: number;
  assigneeId: string | null;
  currency: string;
  amounts: unknown;
  evidence: unknown;
  /** a hash of what it is about: the acceptance holds for as long as it stays; null: not known yet */
  basis: string | null;
}>;

/** The exception, which stays as it is until the transaction ends. Throws Refusal "not-found". */
async function holdAbout(client: PoolClient, entityId: string, id: string): Promise<About> {
  const { orderKey } = await hold(client, entityId, id);
  const { rows } = await client.query<Omit<About, "basis">>(
    `SELECT order_key AS "orderKey", state, cause, version, assignee_id AS "assigneeId", currency, amounts, evidence
       FROM exception WHERE order_key = $1 AND id = $2 FOR UPDATE`,
    [orderKey, id],
  );
  const [row] = rows;
  if (!row) throw new Refusal("not-found", "There is no such exception in this entity.");
  return { ...row, basis: basisOf(row) };
}

/**
 * Accepts an exception as it is, with a reason, in its history and the audit trail; above the entity's limit it asks a second
 * person to. It stays accepted for as long as it is about the same (its amounts, or what `basis` in its evidence names), and
 * is opened again by the reconciliation that finds it about something else. Its group is matched again: its lines go to the
 * bucket "accepted".
 * Throws Refusal: "not-allowed"; "not-found"; "conflict" when it changed since it was seen, is finished, or is asked for
 * already; "invalid" for a cause that is resolved by a proof and by nothing else.
 */
export async function acceptException(
  actor: Actor,
  input: AcceptAsIs,
  context: ActContext,
): Promise<Accepted> {
  const { entityId, id, version, reason } = input;
  assertMay(actor, "exceptions.accept", entityId);
  const accept = async (client: PoolClient) => {
    const about = await holdAbout(client, entityId, id);
    const basis = assertAcceptable(about);
    if (about.version !== version) throw await changedMeanwhile(client, entityId, id);
    const worths = worthsOf(about, isStanding(about.cause));
    const second = await whySecond(client, entityId, worths, actor.id);
    const given = { entityId, id, about, basis, reason, actor, now: context.now };
    if (second) await ask(client, given, second);
    else await keep(client, given);
    const outcome = second ? ("asked" as const) : ("accepted" as const);
    return {
      result: { id, orderKey: about.orderKey, version: version + 1, outcome },
      change: {
        action: second ? "exception.ask-acceptance" : "exception.accept",
        subject: `exception:${id}`,
        before: { state: about.state },
        after: { state: second ? about.state : "accepted", reason, basis, worths, ...(second && { second }) },
      },
    };
  };
  return audited(actor, entityId, accept, context);
}

function assertAcceptable(about: About): string {
  if ((causeOf(about.cause)?.acceptance ?? "never") === "never")
    throw new Refusal("invalid", "An exception of this cause is resolved by a proof; it can't be accepted.");
  if (!isOpen(about.state))
    throw new Refusal("conflict", `This exception is ${about.state}; there is nothing left to accept.`);
  if (about.basis === null)
    throw new Refusal(
      "conflict",
      "Reconcile first: what it is about has not been looked at by this version.",
    );
  return about.basis;
}

type Given = Readonly<{
  entityId: string;
  id: string;
  about: About;
  basis: string;
  reason: string;
  /** who accepts it, or asks for it */
  actor: Pick<Actor, "id" | "name">;
  now: Date;
}>;

async function ask(
  client: PoolClient,
  { entityId, id, about, basis, reason, actor, now }: Given,
  second: string,
): Promise<void> {
  const { orderKey } = about;
  const { rows } = await client.query<{ basis: string; askedBy: string }>(
    `SELECT basis, asked_by AS "askedBy" FROM acceptance_request
      WHERE order_key = $1 AND exception_id = $2 AND state = 'asked' FOR UPDATE`,
    [orderKey, id],
  );
  const [waiting] = rows;
  if (waiting?.basis === basis)
    throw new Refusal(
      "conflict",
      `${waiting.askedBy} has asked for it already; somebody else has to decide.`,
    );
  // What was asked of other figures is not decided any more.
  await client.query(
    `UPDATE acceptance_request SET state = 'replaced', decided_at = $3
      WHERE order_key = $1 AND exception_id = $2 AND state = 'asked'`,
    [orderKey, id, now],
  );
  await client.query(
    `INSERT INTO acceptance_request (order_key, id, exception_id, entity_id, basis, reason, asked_at, asked_by_id, asked_by)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [orderKey, randomUUID(), id, entityId, basis, reason, now, actor.id, actor.name],
  );
  await client.query("UPDATE exception SET version = version + 1 WHERE order_key = $1 AND id = $2", [
    orderKey,
    id,
  ]);
  await addMoment(client, orderKey, id, actor, "acceptance-asked", `${reason} ${second}`, now);
}

/** Keeps that it is accepted. `approver`: the second person, who acts. */
async function keep(
  client: PoolClient,
  { entityId, id, about, basis, reason, actor, now }: Given,
  approver?: Readonly<{ actor: Actor; why: string }>,
): Promise<void> {
  const { orderKey } = about;
  const state = stateAfter(about.state, "accept", about.assigneeId !== null);
  const { rows: causes } = await client.query<{ id: string; version: number; before: object }>(
    `UPDATE exception e SET state = $3, waiting_on = NULL, waiting_until = NULL, version = e.version + 1
       FROM (SELECT o.order_key, o.id, ${peoplesAsJson("o")} AS before FROM exception o
              WHERE o.order_key = $1 AND o.id = $2) o
      WHERE e.order_key = o.order_key AND e.id = o.id RETURNING e.root_cause_id AS id, e.version, o.before`,
    [orderKey, id, state],
  );
  await countRootCauses(
    client,
    entityId,
    causes.map((cause) => cause.id),
    now,
  );
  await countExceptions(client, [orderKey], now);
  await client.query(
    `INSERT INTO acceptance (order_key, id, exception_id, entity_id, basis, reason, accepted_at, accepted_by_id, accepted_by,
       approved_by_id, approved_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
    [
      orderKey,
      randomUUID(),
      id,
      entityId,
      basis,
      reason,
      now,
      actor.id,
      actor.name,
      approver?.actor.id ?? null,
      approver?.actor.name ?? null,
    ],
  );
  const text = approver ? `Asked for by ${actor.name}: ${reason} ${approver.why}`.trim() : reason;
  // What one person accepted alone they can take back at once; what two decided is opened again with a reason.
  const [{ version, before } = {}] = causes;
  const more = approver
    ? undefined
    : { operationId: await addOperation(client, { entityId, actor, now }), data: { version, before } };
  await addMoment(client, orderKey, id, approver?.actor ?? actor, "accepted", text, now, more);
  if (!isStanding(about.cause)) await matchAgain(client, entityId, [orderKey], now);
}

/** An acceptance as something that its person can take back. */
async function addOperation(
  client: PoolClient,
  { entityId, actor, now }: Pick<Given, "entityId" | "actor" | "now">,
): Promise<string> {
  const operationId = randomUUID();
  await client.query(
    "INSERT INTO exception_operation (id, entity_id, actor_id, at, kind, count) VALUES ($1, $2, $3, $4, $5, 1)",
    [operationId, entityId, actor.id, now, ACCEPTANCE],
  );
  return operationId;
}

/**
 * Approves or rejects what somebody else wants accepted. Nobody decides what they asked for themselves, whatever their roles.
 * Throws Refusal: "not-allowed"; "not-found"; "conflict" when it is decided already, finished, or its figures are others than
 * those that were asked about.
 */
export async function decideAcceptance(
  actor: Actor,
  input: AcceptanceDecision,
  context: ActContext,
): Promise<Readonly<{ id: string; orderKey: string; approved: boolean }>> {
  const { entityId, id, requestId, approve, why } = input;
  assertMay(actor, "exceptions.approve", entityId);
  const decide = async (client: PoolClient) => {
    const about = await holdAbout(client, entityId, id);
    const request = await holdRequest(client, about.orderKey, id, requestId);
    if (request.makers.includes(actor.id))
      throw new Refusal("not-allowed", "You asked for it yourself: somebody else has to decide.");
    if (approve) {
      const basis = assertAcceptable(about);
      if (request.basis !== basis)
        throw new Refusal(
          "conflict",
          "Its figures have changed since it was asked for. It has to be asked for again.",
        );
      const { reason, askedById, askedBy } = request;
      const asker = { id: askedById, name: askedBy };
      await keep(
        client,
        { entityId, id, about, basis, reason, actor: asker, now: context.now },
        { actor, why },
      );
    } else {
      await client.query("UPDATE exception SET version = version + 1 WHERE order_key = $1 AND id = $2", [
        about.orderKey,
        id,
      ]);
      await addMoment(client, about.orderKey, id, actor, "acceptance-rejected", why, context.now);
    }
    await client.query(
      `UPDATE acceptance_request SET state = $3, decided_at = $4, decided_by_id = $5, decided_by = $6, decided_why = $7
        WHERE order_key = $1 AND id = $2`,
      [
        about.orderKey,
        requestId,
        approve ? "approved" : "rejected",
        context.now,
        actor.id,
        actor.name,
        why || null,
      ],
    );
    return {
      result: { id, orderKey: about.orderKey, approved: approve },
      change: {
        action: approve ? "exception.approve-acceptance" : "exception.reject-acceptance",
        subject: `exception:${id}`,
        before: { state: about.state, askedBy: request.askedBy, reason: request.reason },
        after: { state: approve ? "accepted" : about.state, why, basis: request.basis },
      },
    };
  };
  return audited(actor, entityId, decide, context);
}

type Request = Readonly<{
  basis: string;
  reason: string;
  askedById: string;
  askedBy: string;
  /** everybody who has asked for this exception's acceptance */
  makers: readonly string[];
}>;

async function holdRequest(
  client: PoolClient,
  orderKey: string,
  exceptionId: string,
  requestId: string,
): Promise<Request> {
  const { rows } = await client.query<Request & { state: string; decidedBy: string | null }>(
    `SELECT basis, reason, state, asked_by_id AS "askedById", asked_by AS "askedBy", decided_by AS "decidedBy",
            ARRAY(SELECT DISTINCT o.asked_by_id FROM acceptance_request o
                   WHERE o.order_key = r.order_key AND o.exception_id = r.exception_id) AS makers
       FROM acceptance_request r WHERE order_key = $1 AND id = $2 AND exception_id = $3 FOR UPDATE`,
    [orderKey, requestId, exceptionId],
  );
  const [request] = rows;
  if (!request) throw new Refusal("not-found", "There is no such request.");
  if (request.state !== "asked")
    throw new Refusal(
      "conflict",
      `It has been ${request.state} already${request.decidedBy ? ` by ${request.decidedBy}` : ""}.`,
    );
  return request;
}
