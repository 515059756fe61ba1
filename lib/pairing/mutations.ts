import "server-only";
import type { Pool, PoolClient } from "pg";
import type { AuditActor } from "@/lib/audit/event";
import { appendAudit, personOf } from "@/lib/audit/record";
import { type Actor, assertMay } from "@/lib/auth/actor";
import { inTransaction, lockInTransaction, ownerPool } from "@/lib/db/pool";
import { Refusal } from "@/lib/domain/faults";
import { runReconciliation } from "@/lib/matching/reconcile";
import { pairLines, undoHandPair } from "./hand-pairs";
import { type Decided, type Decider, decidePlace, undoPlace } from "./placement";
import type { DecisionUndo, DocumentPlace, LinePairing, LinePairingUndo } from "./schema";

/** When it happens, and (in tests) in which database. */
export type ActContext = Readonly<{ now: () => Date; pool?: Pool }>;

/** Who acts: a person in the trail, or somebody at the command line. */
export type Who = Readonly<{ name: string; audit: AuditActor }>;

/** What came of a decision: where the document or the lines are now, and whether they have been matched again yet. */
export type Outcome = Readonly<{ orderKey: string; matched: boolean }>;

/**
 * Puts an ERP document with an order, or on its own, and matches both groups again at once.
 * Throws Refusal: "not-allowed", "not-found", "invalid".
 */
export async function placeDocument(
  actor: Actor,
  input: DocumentPlace,
  context: ActContext,
): Promise<Outcome> {
  assertMay(actor, "pairing.decide", input.entityId);
  return decide(whoIs(actor), input.entityId, (client, who) => decidePlace(client, input, who), context);
}

/** Takes back what was decided of a document. Throws Refusal: "not-allowed", "not-found". */
export async function undoPlacement(
  actor: Actor,
  input: DecisionUndo,
  context: ActContext,
): Promise<Outcome> {
  assertMay(actor, "pairing.decide", input.entityId);
  return decide(whoIs(actor), input.entityId, (client, who) => undoPlace(client, input, who), context);
}

/**
 * Pairs lines by hand, or takes ERP lines out of their pair, and matches the group again at once.
 * Throws Refusal: "not-allowed", "not-found", "conflict", "invalid".
 */
export async function pairByHand(actor: Actor, input: LinePairing, context: ActContext): Promise<Outcome> {
  assertMay(actor, "pairing.decide", input.entityId);
  return decide(whoIs(actor), input.entityId, (client, who) => pairLines(client, input, who), context);
}

/** Takes a pair made by hand back. Throws Refusal: "not-allowed", "not-found". */
export async function undoPair(actor: Actor, input: LinePairingUndo, context: ActContext): Promise<Outcome> {
  assertMay(actor, "pairing.decide", input.entityId);
  return decide(whoIs(actor), input.entityId, (client, who) => undoHandPair(client, input, who), context);
}

const whoIs = (actor: Actor): Who => ({ name: actor.name, audit: personOf(actor) });

/** Runs a decision with its audit record in one transaction, then matches the groups it touched. */
export async function decide(
  who: Who,
  entityId: string,
  work: (client: PoolClient, who: Decider) => Promise<Decided>,
  context: ActContext,
): Promise<Outcome> {
  const { orderKeys, orderKey } = await booked(who, entityId, work, context);
  return { orderKey, matched: await matchAgain(who, entityId, orderKeys, context) };
}

type Told = Readonly<{ change: Decided["change"] }>;

// Order tables are the owner's to write; the act, its effect on the books and its record are kept or lost together.
async function booked<Result extends Told>(
  who: Who,
  entityId: string,
  work: (client: PoolClient, who: Decider) => Promise<Result>,
  { now, pool = ownerPool() }: ActContext,
): Promise<Result> {
  const at = now();
  return inTransaction(pool, async (client) => {
    await lockInTransaction(client, `books:${entityId}`);
    const result = await work(client, { name: who.name, at });
    await appendAudit(client, { ...result.change, chain: entityId, at, actor: who.audit, outcome: "done" });
    return result;
  });
}

/** False while another reconciliation is at work: what was decided holds, and the next one takes it up. */
async function matchAgain(
  who: Who,
  entityId: string,
  orderKeys: readonly string[],
  { now, pool = ownerPool() }: ActContext,
): Promise<boolean> {
  try {
    await runReconciliation({ entityId, orderKeys }, { actorName: who.name, actor: who.audit, now, pool });
    return true;
  } catch (error) {
    if (error instanceof Refusal && error.code === "conflict") return false;
    throw error;
  }
}
