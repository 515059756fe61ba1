import "server-only";
import type { Month } from "@/lib/domain/day";
import { type FiguresMoment, findKeptSince, findMoment, instantOf } from "./moments";
import { type AskedMoment, type AskedSince, endOf } from "./schema";
import type { LastVisit } from "./visits";

/** Since when a total's change can be asked for. `key` is what the address says. */
export type Base = Readonly<{ key: string; words: string; since: Date | null; current: boolean }>;

/** Between which figures of a month changes are told. */
export type MovesSpan = Readonly<{
  /** the moment of the figures before; null: there were none */
  from: Date | null;
  /** the figures after; null: nothing was reconciled by then */
  to: FiguresMoment | null;
  base: Base;
  /** all that can be chosen, the current one included */
  bases: readonly Base[];
  /** movements are kept from this moment only, and what was asked for lies before it */
  keptSince: Date | null;
}>;

export type SpanAsked = Readonly<{
  entityIds: readonly string[];
  entityId: string;
  period: Month;
  since: AskedSince;
  at: AskedMoment | null;
  visit: LastVisit | null;
  /** when the month was signed last; null: it is not */
  signedAt: Date | null;
}>;

/**
 * Finds which figures a page compares: since the last visit, sign-off, any moment, or all there ever was. As at a moment
 * nothing that came after it can be chosen; where that was asked for, all there ever was is compared.
 */
export async function findSpan(asked: SpanAsked): Promise<MovesSpan> {
  const { entityIds, entityId, period } = asked;
  const end = asked.at && (await instantOf(entityId, asked.at));
  const isLater = (moment: Date | null) => end !== null && moment !== null && moment > end;
  const visit = asked.visit && isLater(asked.visit.seenAt) ? null : asked.visit;
  const signedAt = isLater(asked.signedAt) ? null : asked.signedAt;
  const moment = (one: AskedMoment | null) => findMoment(entityIds, entityId, period, one);
  const said =
    asked.since !== null && typeof asked.since !== "string" && isLater(await instantOf(entityId, asked.since))
      ? "start"
      : asked.since;
  const since = said ?? (visit ? "visit" : signedAt ? "sign-off" : "start");
  const named = typeof since === "string" ? since : null;
  const [to, keptSince, signed, other] = await Promise.all([
    moment(asked.at),
    findKeptSince(entityId, period),
    signedAt ? moment({ instant: signedAt }) : null,
    typeof since === "string" ? null : moment(since),
  ]);
  const chosen = (key: string) => key === named;
  const bases: Base[] = [
    ...(visit
      ? [{ key: "visit", words: "your last visit", since: visit.seenAt, current: chosen("visit") }]
      : []),
    ...(signedAt
      ? [{ key: "sign-off", words: "the last sign-off", since: signedAt, current: chosen("sign-off") }]
      : []),
    ...(typeof since === "string" ? [] : [momentBase(since)]),
    { key: "start", words: "the beginning", since: null, current: false },
  ];
  const base = bases.find((one) => one.current) ?? { ...START, current: true };
  const from =
    base.key === "visit"
      ? (visit?.figuresAt ?? null)
      : base.key === "sign-off"
        ? (signed?.at ?? null)
        : (other?.at ?? null);
  // Before that there are figures, and nothing that tells how they came to be.
  const late = keptSince !== null && from !== null && from < keptSince;
  const begin = late ? keptSince : from;
  return {
    from: begin && to && begin > to.at ? to.at : begin,
    to,
    base,
    bases: bases.map((one) => (one.key === base.key ? base : one)),
    keptSince: late ? keptSince : null,
  };
}

const START: Base = { key: "start", words: "the beginning", since: null, current: false };

function momentBase(since: AskedMoment): Base {
  if ("day" in since) {
    return { key: since.day, words: endOf(since.day), since: null, current: true };
  }
  const key = since.instant.toISOString();
  return { key, words: "a moment", since: since.instant, current: true };
}
