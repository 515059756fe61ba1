import "server-only";
import type { ClientBase, Pool, PoolClient } from "pg";
import { audited } from "@/lib/audit/record";
import { type Actor, assertMay } from "@/lib/auth/actor";
import type { Day } from "@/lib/domain/day";
import { Refusal } from "@/lib/domain/faults";
import { RULE_FITS } from "@/lib/matching/acceptance-rules";
import { countExceptions } from "@/lib/matching/exception-tally";
import { countRootCauses } from "@/lib/matching/root-causes";
import { isStanding } from "@/lib/matching/standing-causes";
import { changedMeanwhile, dayAt, hold } from "./hold";
import { stateAfter } from "./machine";
import { matchAgain } from "./match-again";
import { type ActContext, addMoment } from "./mutations";
import type { OpenAgain } from "./schema";

/** Whether a rule that is in force on a day accepts an exception: whatever opens it, the next reconciliation accepts it again. */
export async function isRuled(
  client: ClientBase | Pool,
  { orderKey, id }: Readonly<{ orderKey: string; id: string }>,
  day: Day,
): Promise<boolean> {
  const { rowCount } = await client.query(
    `SELECT FROM exception e JOIN acceptance_rule r ON r.entity_id = e.entity_id AND ${RULE_FITS}
      WHERE e.order_key = $1 AND e.id = $2 AND r.state = 'active' AND r.expires_on >= $3 LIMIT 1`,
    [orderKey, id, day],
  );
  return (rowCount ?? 0) > 0;
}

/**
 * Opens an accepted exception again, with a reason, in its history and the audit trail: who may accept may. Its group is matched
 * again, and its lines go back to the bucket "open".
 * Throws Refusal: "not-allowed"; "not-found"; "conflict" when it changed since it was seen, is not accepted, or is accepted by a
 * rule that is in force.
 */
export async function reopenException(
  actor: Actor,
  input: OpenAgain,
  context: ActContext,
): Promise<Readonly<{ id: string; orderKey: string; version: number }>> {
  const { entityId, id, version, reason } = input;
  assertMay(actor, "exceptions.accept", entityId);
  const reopen = async (client: PoolClient) => {
    const held = await hold(client, entityId, id);
    const { orderKey } = held;
    if (held.state !== "accepted")
      throw new Refusal(
        "conflict",
        `This exception is ${held.state}, and not accepted: there is nothing to open again.`,
      );
    if (await isRuled(client, { orderKey, id }, await dayAt(client, entityId, context.now)))
      throw new Refusal("conflict", "A rule accepts it, and would again. End the rule to act on it.");
    const state = stateAfter(held.state, "reopen", held.assigneeId !== null);
    // The version that the person saw is part of the condition: two people cannot both win.
    const { rows } = await client.query<{ rootCauseId: string; version: number }>(
      `UPDATE exception SET state = $4, version = version + 1 WHERE order_key = $1 AND id = $2 AND version = $3
       RETURNING root_cause_id AS "rootCauseId", version`,
      [orderKey, id, version, state],
    );
    const [opened] = rows;
    if (!opened) throw await changedMeanwhile(client, entityId, id);
    await addMoment(client, orderKey, id, actor, "reopened", reason, context.now);
    await countRootCauses(client, entityId, [opened.rootCauseId], context.now);
    await countExceptions(client, [orderKey], context.now);
    if (!isStanding(held.cause)) await matchAgain(client, entityId, [orderKey], context.now);
    return {
      result: { id, orderKey, version: opened.version },
      change: {
        action: "exception.reopen",
        subject: `exception:${id}`,
        before: { state: held.state },
        after: { state, reason },
      },
    };
  };
  return audited(actor, entityId, reopen, context);
}
