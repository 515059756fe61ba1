import "server-only";
import type { PoolClient } from "pg";
import { type AuditContext, audited } from "@/lib/audit/record";
import { type Actor, assertMay } from "@/lib/auth/actor";
import { Refusal } from "@/lib/domain/faults";
import { toJson } from "@/lib/domain/json";
import { policyInFull } from "@/lib/domain/tax/policy";
import { isSamePolicy } from "@/lib/matching/rounding/candidates";
import { inferRounding } from "@/lib/matching/rounding/infer";
import { proposalFrom, storeEvidence } from "@/lib/matching/rounding/propose";
import { StoredPolicy } from "@/lib/matching/rounding/stored";
import { choicesFor, seenOf } from "./data";
import type { Inspection, RoundingChoice } from "./schema";

/** When it happens, and (in tests) in which database. */
export type ActContext = AuditContext & Readonly<{ now: Date }>;

type Held = Readonly<{
  kind: string;
  name: string;
  rounding: unknown;
  rounding_confirmed_at: Date | null;
  rounding_confirmed_by: string | null;
}>;

/** The connection within its entity, held until the transaction ends. Throws Refusal "not-found". */
async function hold(client: PoolClient, entityId: string, id: string): Promise<Held> {
  const { rows } = await client.query<Held>(
    `SELECT kind, name, rounding, rounding_confirmed_at, rounding_confirmed_by FROM connection
      WHERE id = $1 AND entity_id = $2 AND retired_at IS NULL FOR UPDATE`,
    [id, entityId],
  );
  const [row] = rows;
  if (!row) throw new Refusal("not-found", "There is no such connection in this entity.");
  return row;
}

const policyOf = (held: Held) => (held.rounding === null ? null : StoredPolicy.parse(held.rounding));

/**
 * Says how a connection rounds: confirms what was proposed, or sets another policy. The next reconciliation uses it on
 * every group. Throws Refusal: "not-allowed"; "not-found"; "conflict" when it changed since it was seen; "invalid" for a
 * policy that this kind of system can't have.
 */
export async function confirmRounding(
  actor: Actor,
  input: RoundingChoice,
  context: ActContext,
): Promise<Readonly<{ id: string; words: string }>> {
  const { entityId, id, policy } = input;
  assertMay(actor, "rounding.confirm", entityId);
  const confirm = async (client: PoolClient) => {
    const held = await hold(client, entityId, id);
    if (seenOf(held.rounding, held.rounding_confirmed_at) !== input.seen) {
      throw new Refusal("conflict", "This changed while you were looking at it. Look at what stands now.");
    }
    const before = policyOf(held);
    if (!choicesFor(held.kind, before).some((one) => isSamePolicy(one, policy))) {
      throw new Refusal("invalid", `${held.name} can't round ${policyInFull(policy)}.`);
    }
    await client.query(
      "UPDATE connection SET rounding = $2::jsonb, rounding_confirmed_at = $3, rounding_confirmed_by = $4 WHERE id = $1",
      [id, toJson(policy), context.now, actor.name],
    );
    return {
      result: { id, words: policyInFull(policy) },
      change: {
        action: "rounding.confirm",
        subject: `connection:${id}`,
        before: {
          policy: before,
          confirmedAt: held.rounding_confirmed_at,
          confirmedBy: held.rounding_confirmed_by,
        },
        after: { policy, confirmedAt: context.now, confirmedBy: actor.name },
      },
    };
  };
  return audited(actor, entityId, confirm, context);
}

/**
 * Holds every candidate against all posted documents of a connection once more, and proposes the best where nothing is
 * confirmed. Throws Refusal: "not-allowed", "not-found".
 */
export async function inspectRounding(
  actor: Actor,
  { entityId, id }: Inspection,
  context: ActContext,
): Promise<Readonly<{ documents: number }>> {
  assertMay(actor, "rounding.confirm", entityId);
  const inspect = async (client: PoolClient) => {
    const held = await hold(client, entityId, id);
    const isConfirmed = held.rounding_confirmed_at !== null;
    const evidence = await inferRounding(
      client,
      { id, entityId, kind: held.kind },
      isConfirmed ? policyOf(held) : null,
    );
    await storeEvidence(client, id, evidence, context.now);
    const proposal = proposalFrom(evidence);
    if (!isConfirmed && proposal)
      await client.query("UPDATE connection SET rounding = $2::jsonb WHERE id = $1", [id, toJson(proposal)]);
    const { documents, unknown } = evidence;
    return {
      result: { documents },
      change: {
        action: "rounding.inspect",
        subject: `connection:${id}`,
        before: null,
        after: { documents, unknown, best: evidence.candidates[0]?.policy ?? null, proposal },
      },
    };
  };
  return audited(actor, entityId, inspect, context);
}
