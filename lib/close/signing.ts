import "server-only";
import { randomUUID } from "node:crypto";
import type pg from "pg";
import { audited } from "@/lib/audit/record";
import { type Actor, assertMay } from "@/lib/auth/actor";
import { monthName } from "@/lib/domain/day";
import { Refusal } from "@/lib/domain/faults";
import { toJson } from "@/lib/domain/json";
import { formatAmount, parseAmount } from "@/lib/domain/money";
import { hashOfFigures, signedFiguresOf } from "@/lib/matching/signed-figures";
import { lastEditOf } from "./last-editor";
import { type Signable, signable, unexplainedOf } from "./remainder";
import type { SetClosePolicy, SignPeriod, SoftClose, WithdrawSignOff } from "./schema";
import {
  findSignOffs,
  hasEnded,
  holdPeriod,
  holds,
  isMoving,
  policyOf,
  type SignOff,
  totalsOf,
} from "./state";

export type CloseContext = Readonly<{ now: Date; pool?: pg.Pool }>;

/** What came of a signature: which step it was, and how many there are. */
export type Signed = Readonly<{ id: string; step: number; steps: number }>;

/**
 * Signs the figures of a month: first its preparer, then each reviewer, never the same person twice, and no reviewer who last
 * edited what is signed, whatever their roles. The statement and the figures are kept with their hash.
 *
 * @throws Refusal `not-allowed`; `not-found`; `conflict` for a closed month, figures other than those that were looked at,
 *   orders that wait to be matched, or a month that is signed whole; `invalid` where it does not tie out and no remainder
 *   below materiality is stated
 */
export async function signPeriod(actor: Actor, input: SignPeriod, context: CloseContext): Promise<Signed> {
  const { entityId, month, note } = input;
  assertMay(actor, "close.read", entityId);
  const sign = async (client: pg.PoolClient) => {
    const held = await holdPeriod(client, entityId, month);
    if (held.state === "closed") throw new Refusal("conflict", "The month is closed: it was signed before.");
    const policy = await policyOf(client, entityId);
    if (!hasEnded(month, policy, context.now)) throw new Refusal("conflict", "The month has not ended yet.");
    const standing = (await findSignOffs(client, entityId, month)).filter(
      (one) => one.round === held.round && holds(one),
    );
    const step = standing.length;
    assertMay(actor, step === 0 ? "close.prepare" : "close.review", entityId);
    if (step > policy.reviewers) throw new Refusal("conflict", "The month is signed whole already.");
    await assertAnother(client, actor, { entityId, month, step }, standing);
    if (await isMoving(client, entityId, month))
      throw new Refusal(
        "conflict",
        "Orders of this month changed since it was last reconciled. Reconcile, look at the figures, then sign.",
      );
    const { totals, asOf } = await totalsOf(client, entityId, month);
    const figures = signedFiguresOf(totals);
    const hash = hashOfFigures(figures);
    if (asOf === null || hash !== input.hash || standing.some((one) => one.hash !== hash))
      throw new Refusal("conflict", "The figures are others than those you looked at. Look at them again.");
    const unexplained = await unexplainedOf(client, entityId, month, policy.currency);
    const may = signable(totals, { ...policy, unexplained });
    const remainder = statedRemainder(may, input, standing);
    const statement = [
      statementOf(
        step,
        entityId,
        month,
        remainder && formatAmount(remainder.minor, policy.currency),
        policy.currency,
      ),
      note,
    ]
      .filter((one) => one !== "")
      .join(" ");
    const id = randomUUID();
    await client.query(
      `INSERT INTO period_sign_off (id, entity_id, month, round, step, signed_at, signed_by_id, signed_by, statement, figures, hash,
         as_of, remainder, remainder_why) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10::jsonb, $11, $12, $13, $14)`,
      [
        id,
        entityId,
        month,
        held.round,
        step,
        context.now,
        actor.id,
        actor.name,
        statement,
        toJson(figures),
        hash,
        asOf,
        remainder?.minor ?? null,
        remainder?.why ?? null,
      ],
    );
    await touch(client, entityId, month);
    return {
      result: { id, step, steps: policy.reviewers + 1 },
      change: {
        action: step === 0 ? "period.prepare" : "period.review",
        subject: `period:${entityId}/${month}`,
        before: { signed: step },
        after: {
          signed: step + 1,
          statement,
          hash,
          asOf,
          ...(remainder && {
            remainder: amountText(remainder.minor, policy.currency),
            remainderWhy: remainder.why,
          }),
        },
      },
    };
  };
  return audited(actor, entityId, sign, context);
}

/** Ends the act where the actor signed already, or would review what they last edited. */
async function assertAnother(
  client: pg.PoolClient,
  actor: Actor,
  { entityId, month, step }: Readonly<{ entityId: string; month: string; step: number }>,
  standing: readonly SignOff[],
): Promise<void> {
  const own = standing.find((one) => one.signedById === actor.id);
  if (own)
    throw new Refusal(
      "not-allowed",
      own.step === 0
        ? "You prepared this month: somebody else has to review it."
        : "You reviewed this month already: somebody else has to.",
    );
  if (step === 0) return;
  const edit = await lastEditOf(client, entityId, month);
  if (edit?.actorId === actor.id)
    throw new Refusal(
      "not-allowed",
      `You were the last to edit what is signed (${edit.action}): somebody else has to review it.`,
    );
}

type Remainder = Readonly<{ minor: bigint; why: string }>;

/** What is left unexplained, as it is stated: the preparer says why, reviewers sign the same. */
function statedRemainder(
  may: Signable,
  { remainderWhy }: SignPeriod,
  standing: readonly SignOff[],
): Remainder | null {
  if (may.kind === "ties-out") return null;
  if (may.kind === "no") throw new Refusal("invalid", may.why);
  const why = standing[0]?.remainderWhy ?? remainderWhy;
  if (why === "")
    throw new Refusal(
      "invalid",
      "Say why what is unexplained may stay so: it is signed as a stated remainder.",
    );
  return { minor: may.minor, why };
}

function statementOf(
  step: number,
  entityId: string,
  month: string,
  remainder: string | null,
  currency: string,
): string {
  const did = step === 0 ? "prepared" : "reviewed";
  const state =
    remainder === null
      ? "they tie out"
      : `they tie out but for ${remainder} ${currency} that are unexplained and below materiality`;
  return `I ${did} the figures of ${entityId} for ${monthName(month)}, and ${state}.`;
}

/** Whoever looks at the month sees that it changed. */
const touch = (client: pg.PoolClient, entityId: string, month: string) =>
  client.query("UPDATE period SET version = version + 1 WHERE entity_id = $1 AND month = $2", [
    entityId,
    month,
  ]);

/**
 * Takes a sign-off of one's own back, and with it those that were given after it.
 * Throws Refusal `not-allowed` for another's; `not-found`; `conflict` for a closed month or one that does not stand any more.
 */
export async function withdrawSignOff(
  actor: Actor,
  { entityId, month, id, why }: WithdrawSignOff,
  context: CloseContext,
): Promise<void> {
  assertMay(actor, "close.read", entityId);
  const withdraw = async (client: pg.PoolClient) => {
    const held = await holdPeriod(client, entityId, month);
    const all = await findSignOffs(client, entityId, month);
    const own = all.find((one) => one.id === id);
    if (!own) throw new Refusal("not-found", "There is no such sign-off.");
    if (own.signedById !== actor.id) throw new Refusal("not-allowed", "Only who signed takes it back.");
    if (held.state === "closed")
      throw new Refusal("conflict", "The month is closed: it has to be reopened first.");
    if (!holds(own)) throw new Refusal("conflict", "It does not stand any more.");
    const gone = all.filter((one) => one.round === own.round && one.step >= own.step && holds(one));
    await client.query(
      "UPDATE period_sign_off SET withdrawn_at = $2, withdrawn_why = $3 WHERE id = ANY ($1::uuid[])",
      [gone.map((one) => one.id), context.now, why],
    );
    await touch(client, entityId, month);
    return {
      result: undefined,
      change: {
        action: "period.withdraw",
        subject: `period:${entityId}/${month}`,
        before: { signed: gone.map((one) => one.signedBy) },
        after: { signed: [], why },
      },
    };
  };
  await audited(actor, entityId, withdraw, context);
}

/**
 * Sets how the months of an entity are signed. What is signed already stays; the next lock asks for what holds then.
 * Throws Refusal `not-allowed`; `not-found`; `invalid` for an amount that is none.
 */
export async function setClosePolicy(
  actor: Actor,
  input: SetClosePolicy,
  context: CloseContext,
): Promise<void> {
  const { entityId, reviewers } = input;
  assertMay(actor, "close.policy", entityId);
  const set = async (client: pg.PoolClient) => {
    const before = await policyOf(client, entityId);
    const materiality = amountOf(input.materiality, before.currency);
    await client.query(
      `INSERT INTO close_policy (entity_id, reviewers, materiality, set_at, set_by_id, set_by) VALUES ($1, $2, $3, $4, $5, $6)
       ON CONFLICT (entity_id) DO UPDATE SET reviewers = excluded.reviewers, materiality = excluded.materiality,
         set_at = excluded.set_at, set_by_id = excluded.set_by_id, set_by = excluded.set_by`,
      [entityId, reviewers, materiality, context.now, actor.id, actor.name],
    );
    return {
      result: undefined,
      change: {
        action: "close-policy.set",
        subject: `entity:${entityId}`,
        before: { reviewers: before.reviewers, materiality: amountText(before.materiality, before.currency) },
        after: { reviewers, materiality: amountText(materiality, before.currency) },
      },
    };
  };
  await audited(actor, entityId, set, context);
}

/** An amount for people who read the trail: "50.00 EUR". */
const amountText = (minor: bigint, currency: string): string =>
  `${formatAmount(minor, currency)} ${currency}`;

function amountOf(text: string, currency: string): bigint {
  try {
    const amount = parseAmount(text, currency);
    if (amount >= 0n) return amount;
  } catch {
    // Said below.
  }
  throw new Refusal("invalid", `“${text}” is no amount in ${currency}, like 12.50 or 0.`);
}

/** Warns people that the month is about to be closed, or gives that up. Throws Refusal `not-allowed`; `not-found`; `conflict` for a closed month. */
export async function softClose(
  actor: Actor,
  { entityId, month, on }: SoftClose,
  context: CloseContext,
): Promise<void> {
  assertMay(actor, "close.prepare", entityId);
  const close = async (client: pg.PoolClient) => {
    const held = await holdPeriod(client, entityId, month);
    if (held.state === "closed") throw new Refusal("conflict", "The month is closed.");
    await client.query(
      `UPDATE period SET soft_closed_at = $3, soft_closed_by = $4, version = version + 1 WHERE entity_id = $1 AND month = $2`,
      [entityId, month, on ? context.now : null, on ? actor.name : null],
    );
    return {
      result: undefined,
      change: {
        action: "period.soft-close",
        subject: `period:${entityId}/${month}`,
        before: { softClosed: held.softClosedAt !== null },
        after: { softClosed: on },
      },
    };
  };
  await audited(actor, entityId, close, context);
}
