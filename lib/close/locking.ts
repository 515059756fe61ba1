import "server-only";
import { randomUUID } from "node:crypto";
import type pg from "pg";
import { audited } from "@/lib/audit/record";
import { type Actor, assertMay } from "@/lib/auth/actor";
import { appPool, lockInTransaction, whileLocked } from "@/lib/db/pool";
import { Refusal } from "@/lib/domain/faults";
import { aliasOf } from "@/lib/domain/identity";
import { asRefusal } from "./database-refusal";
import { findOpenWork, type OpenWork } from "./open-work";
import type { AskReopening, Decision, LockPeriod } from "./schema";
import type { CloseContext } from "./signing";
import { holdPeriod } from "./state";

/**
 * While nothing of the entity is stored or matched: the month's books stand still, and whatever comes waits.
 * Throws Refusal `conflict` while a reconciliation is at work.
 */
async function whileBooksRest<Result>(
  pool: pg.Pool,
  entityId: string,
  work: () => Promise<Result>,
  busy = `A reconciliation of ${entityId}, or the closing of a month of it, is at work; do it when that is done.`,
): Promise<Result> {
  try {
    const outcome = await whileLocked(pool, `reconcile:${entityId}`, work);
    if (outcome.locked) return outcome.result;
  } catch (error) {
    throw asRefusal(error);
  }
  throw new Refusal("conflict", busy);
}

/**
 * Closes a month: copies its documents' versions, lines, pairs, causes and totals into tables that nothing can change. The
 * database's own function checks the sign-offs and that the copy adds up to what was signed. The record keeps what was still open.
 *
 * @throws Refusal `not-allowed`; `not-found`; `conflict` where the month is not as it was looked at, is not signed whole, or moved
 */
export async function lockPeriod(
  actor: Actor,
  { entityId, month, version }: LockPeriod,
  { now, pool = appPool() }: CloseContext,
): Promise<Readonly<{ lockNo: number; lines: bigint; digest: string }>> {
  assertMay(actor, "close.lock", entityId);
  const lock = (open: OpenWork) => async (client: pg.PoolClient) => {
    await lockInTransaction(client, `books:${entityId}`);
    const held = await holdPeriod(client, entityId, month);
    if (held.state === "closed") throw new Refusal("conflict", "Somebody else has just closed the month.");
    if (held.version !== version)
      throw new Refusal("conflict", "The month is not as you looked at it any more. Look at it again.");
    const { rows } = await client.query<{ lockNo: number }>(
      `SELECT tieout_lock_period($1, $2, $3, $4, $5) AS "lockNo"`,
      [entityId, month, actor.id, actor.name, now],
    );
    const lockNo = rows[0]?.lockNo ?? 0;
    const { rows: kept } = await client.query<{ lines: bigint; digest: string; signOffs: readonly string[] }>(
      `SELECT lines, digest, sign_offs AS "signOffs" FROM locked_period WHERE entity_id = $1 AND month = $2 AND lock_no = $3`,
      [entityId, month, lockNo],
    );
    const [locked] = kept;
    if (!locked) throw new Error("the lock that was just made can't be read");
    return {
      result: { lockNo, lines: locked.lines, digest: locked.digest },
      change: {
        action: "period.lock",
        subject: `period:${entityId}/${month}`,
        before: { state: "open" },
        // What was open then can be asked of whoever closed it.
        after: { state: "closed", lockNo, ...locked, open },
      },
    };
  };
  return whileBooksRest(
    pool,
    entityId,
    async () => audited(actor, entityId, lock(await findOpenWork(pool, entityId, month, now)), { pool, now }),
    `Somebody is closing this month or another of ${entityId}, or it is being reconciled: look again in a moment.`,
  );
}

/**
 * Asks that a closed month is opened for some hours, or that one of its orders is locked anew as it is now. Somebody else decides.
 * Throws Refusal `not-allowed`; `not-found` for an order that nobody knows; `conflict` for an open month, or where it is asked already.
 */
export async function askReopening(
  actor: Actor,
  { entityId, month, reason, hours, order }: AskReopening,
  context: CloseContext,
): Promise<Readonly<{ id: string }>> {
  assertMay(actor, "close.reopen", entityId);
  const ask = async (client: pg.PoolClient) => {
    const held = await holdPeriod(client, entityId, month);
    if (held.state !== "closed") throw new Refusal("conflict", "The month is not closed.");
    const found = order === "" ? null : await orderOf(client, entityId, order);
    const { rowCount: asked } = await client.query(
      `SELECT FROM period_reopening WHERE entity_id = $1 AND month = $2 AND state = 'asked' AND order_key IS NOT DISTINCT FROM $3`,
      [entityId, month, found?.orderKey ?? null],
    );
    if (asked) throw new Refusal("conflict", "It is asked for already; somebody else has to decide.");
    const id = randomUUID();
    await client.query(
      `INSERT INTO period_reopening (id, entity_id, month, lock_no, order_key, order_reference, reason, hours, asked_at, asked_by_id,
         asked_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
      [
        id,
        entityId,
        month,
        held.lockNo,
        found?.orderKey ?? null,
        found?.reference ?? null,
        reason,
        hours,
        context.now,
        actor.id,
        actor.name,
      ],
    );
    return {
      result: { id },
      change: {
        action: "period.ask-reopening",
        subject: `period:${entityId}/${month}`,
        before: null,
        after: { id, reason, hours, order: found?.reference ?? null },
      },
    };
  };
  return audited(actor, entityId, ask, context);
}

async function orderOf(
  client: pg.PoolClient,
  entityId: string,
  name: string,
): Promise<Readonly<{ orderKey: string; reference: string }>> {
  const { rows } = await client.query<{ orderKey: string; reference: string }>(
    `SELECT DISTINCT o.order_key AS "orderKey", o.reference FROM sales_order o
       LEFT JOIN order_alias a ON a.order_key = o.order_key
      WHERE o.entity_id = $1 AND (o.reference = $2 OR a.alias = $3) LIMIT 2`,
    [entityId, name, aliasOf(name)],
  );
  const [found, second] = rows;
  if (!found) throw new Refusal("not-found", `There is no order ${name} in ${entityId}.`);
  if (second) throw new Refusal("invalid", `Several orders are called ${name}: use another of its names.`);
  return found;
}

/**
 * Decides on a reopening that somebody else asked for. Throws Refusal `not-allowed` for who asked; `not-found`; `conflict` where it
 * is decided already, or the month or the order changed since.
 */
export async function decideReopening(
  actor: Actor,
  { entityId, id, approve, why }: Decision,
  { now, pool = appPool() }: CloseContext,
): Promise<Readonly<{ outcome: "rejected" | "reopened" | "order-locked-again" }>> {
  assertMay(actor, "close.review", entityId);
  const decide = async (client: pg.PoolClient) => {
    await lockInTransaction(client, `books:${entityId}`);
    const { rows: asked } = await client.query<{ month: string; askedBy: string; order: string | null }>(
      `SELECT month, asked_by AS "askedBy", order_reference AS "order" FROM period_reopening WHERE id = $1 AND entity_id = $2`,
      [id, entityId],
    );
    const [request] = asked;
    if (!request) throw new Refusal("not-found", "There is no such request in this entity.");
    const { rows } = await client.query<{ outcome: "rejected" | "reopened" | "order-locked-again" }>(
      "SELECT tieout_decide_reopening($1, $2, $3, $4, $5, $6) AS outcome",
      [id, approve, actor.id, actor.name, why, now],
    );
    const outcome = rows[0]?.outcome ?? "rejected";
    return {
      result: { outcome },
      change: {
        action: approve ? "period.reopen" : "period.reject-reopening",
        subject: `period:${entityId}/${request.month}`,
        before: null,
        after: {
          outcome,
          why,
          askedBy: request.askedBy,
          ...(request.order !== null && { order: request.order }),
        },
      },
    };
  };
  return whileBooksRest(pool, entityId, () => audited(actor, entityId, decide, { pool, now }));
}
