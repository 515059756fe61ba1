import "server-only";
import { notFound } from "next/navigation";
import { cache } from "react";
import { may } from "@/lib/auth/actor";
import { pageEntities } from "@/lib/auth/session";
import { causes } from "@/lib/causes/registry";
import { appPool } from "@/lib/db/pool";
import { hashOfFigures, signedFiguresOf } from "@/lib/matching/signed-figures";
import { lastEditOf } from "./last-editor";
import { findLate, monthsCarriedInto, nextOpenMonth } from "./late";
import { findLocks, relockedSince } from "./locks";
import { ownFirst } from "./own-first";
import { type Signable, signable, unexplainedOf } from "./remainder";
import {
  type ClosePolicy,
  findPeriod,
  findSignOffs,
  hasEnded,
  holds,
  isMoving,
  type PeriodHeld,
  policyOf,
  type SignOff,
  totalsOf,
} from "./state";

/** That somebody wants a closed month, or one of its orders, opened. */
export type Reopening = Readonly<{
  id: string;
  order: string | null;
  reason: string;
  hours: number;
  askedAt: Date;
  askedById: string;
  askedBy: string;
  state: "asked" | "approved" | "rejected";
  decidedAt: Date | null;
  decidedBy: string | null;
  decidedWhy: string | null;
}>;

/** Whether the person may do something now; if not, why. */
export type Chance = Readonly<{ ok: true }> | Readonly<{ ok: false; why: string }>;

const findReopenings = async (entityId: string, month: string): Promise<readonly Reopening[]> =>
  (
    await appPool().query<Reopening>(
      `SELECT id, order_reference AS "order", reason, hours, asked_at AS "askedAt", asked_by_id AS "askedById", asked_by AS "askedBy",
              state, decided_at AS "decidedAt", decided_by AS "decidedBy", decided_why AS "decidedWhy"
         FROM period_reopening WHERE entity_id = $1 AND month = $2 ORDER BY asked_at DESC`,
      [entityId, month],
    )
  ).rows;

/** How the signing of a month stands, and what the reader may do about it; null where nothing of it was reconciled. */
export const loadSigning = cache(async (entityId: string, month: string) => {
  const { actor, entity } = await pageEntities("close.read", entityId);
  if (!entity || entity.id !== entityId) notFound();
  const pool = appPool();
  const period = await findPeriod(pool, entityId, month);
  if (!period) return null;
  const [policy, signOffs, { totals, asOf }, moving, locks, reopenings, carriedFrom] = await Promise.all([
    policyOf(pool, entityId),
    findSignOffs(pool, entityId, month),
    totalsOf(pool, entityId, month),
    isMoving(pool, entityId, month),
    findLocks(pool, entityId, month),
    findReopenings(entityId, month),
    monthsCarriedInto(pool, entityId, month),
  ]);
  const [unexplained, lastEdit] = await Promise.all([
    unexplainedOf(pool, entityId, month, policy.currency),
    lastEditOf(pool, entityId, month),
  ]);
  const state = signable(totals, { ...policy, unexplained });
  const standing = signOffs.filter((one) => one.round === period.round && holds(one));
  const isAllowed = (permission: Parameters<typeof may>[1]) => may(actor, permission, entityId);
  const late = locks.length > 0 ? await findLate(pool, entityId, month) : null;
  const ended = hasEnded(month, policy, new Date());
  return {
    entityId,
    month,
    period,
    policy,
    signOffs,
    standing,
    hash: hashOfFigures(signedFiguresOf(totals)),
    asOf,
    totals: ownFirst(totals, policy.currency, (one) => one.currency),
    signable: state,
    moving,
    /** whether the month is over where the entity keeps its books */
    ended,
    locks,
    /** single orders of a closed month that were locked anew after it was signed */
    relocked: period.state === "closed" ? relockedSince(locks) : [],
    /** whether the month was signed, moved, and was not signed again */
    suspended:
      period.state === "open" &&
      standing.length === 0 &&
      signOffs.some(
        (one) => one.round === period.round && one.suspendedAt !== null && one.withdrawnAt === null,
      ),
    reopenings,
    late,
    next: await nextOpenMonth(pool, entityId, month),
    carried: await Promise.all(
      carriedFrom.map(async (from) => ({ from, ...(await findLate(pool, entityId, from, 0)) })),
    ),
    /** names of causes by code */
    titles: Object.fromEntries(causes.map(({ code, title }) => [code, title])),
    me: actor.id,
    may: {
      sign: chanceToSign(
        {
          period,
          policy,
          standing,
          state,
          moving,
          ended,
          lastEditor: lastEdit?.actorId,
          actorId: actor.id,
        },
        isAllowed,
      ),
      lock: isAllowed("close.lock"),
      reopen: isAllowed("close.reopen"),
      decide: isAllowed("close.review"),
      softClose: isAllowed("close.prepare"),
      setPolicy: isAllowed("close.policy"),
    },
  } as const;
});

export type SigningView = NonNullable<Awaited<ReturnType<typeof loadSigning>>>;

type Stand = Readonly<{
  period: PeriodHeld;
  policy: ClosePolicy;
  standing: readonly SignOff[];
  state: Signable;
  moving: boolean;
  ended: boolean;
  lastEditor: string | undefined;
  actorId: string;
}>;

/** The same questions that signing asks, so that the page says beforehand what would be refused. */
function chanceToSign(
  { period, policy, standing, state, moving, ended, lastEditor, actorId }: Stand,
  isAllowed: (permission: "close.prepare" | "close.review") => boolean,
): Chance {
  const step = standing.length;
  const no = (why: string): Chance => ({ ok: false, why });
  if (period.state === "closed") return no("The month is closed.");
  if (step > policy.reviewers) return no("The month is signed whole.");
  if (!ended) return no("The month has not ended yet.");
  if (!isAllowed(step === 0 ? "close.prepare" : "close.review"))
    return no(
      step === 0 ? "A preparer or reviewer of finance signs next." : "A reviewer of finance signs next.",
    );
  if (standing.some((one) => one.signedById === actorId))
    return no("You signed already: somebody else signs next.");
  if (step > 0 && lastEditor === actorId)
    return no("You were the last to edit what is signed: somebody else reviews it.");
  if (moving) return no("Orders of this month changed since it was last reconciled: reconcile first.");
  return state.kind === "no" ? no(state.why) : { ok: true };
}
