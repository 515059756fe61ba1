import "server-only";
import { notFound } from "next/navigation";
import { cache } from "react";
import { pageEntities } from "@/lib/auth/session";
import { causeOf } from "@/lib/causes/registry";
import { bridgeOf } from "@/lib/close/bridge";
import { findPeriods } from "@/lib/close/data";
import { debtKeptSince, findMonthDebt } from "@/lib/close/debt";
import { ownFirst } from "@/lib/close/own-first";
import { proofTitle } from "@/lib/close/readiness";
import { BridgeQuery, Month, type Totals } from "@/lib/close/schema";
import { hasEnded } from "@/lib/close/state";
import { stripOf } from "@/lib/close/strip";
import { appPool } from "@/lib/db/pool";
import { dayIn } from "@/lib/domain/day";
import { openStates } from "@/lib/exceptions/machine";
import type { Figures } from "@/lib/matching/summary";
import { figureOf, findMoves, MOVES_SHOWN, sumMoves } from "./data";
import { findKeptSince, findMoment, findSignedAt, findTotalsAt, instantOf } from "./moments";
import { momentText, momentWords, pastOf } from "./past";
import {
  CloseQuery,
  type MoveFigure,
  type MoveTotal,
  momentFrom,
  moveFigures,
  sinceFrom,
  totalText,
  WhyQuery,
} from "./schema";
import { findSpan } from "./span";
import { tellMoves } from "./told";
import { firstMoved, totalsShown } from "./totals";
import { findLastVisit, noteVisit } from "./visits";

type Asked = Record<string, string | string[] | undefined>;

async function monthOf(asked: string, entityAsked: string | undefined) {
  const { actor, entities, entity } = await pageEntities("close.read", entityAsked);
  const month = Month.safeParse(asked);
  if (!month.success || !entity) notFound();
  return { actor, entities, entity, entityIds: entities.map((one) => one.id), period: month.data };
}

/** What is asked for, with a moment that has come: its text in the query is that of the moment that is shown. */
function past<Query extends CloseQuery>(query: Query, timeZone: string) {
  const asked = momentFrom(query.at);
  if (asked === null) return { at: null, query, instead: null };
  const { moment, instead } = pastOf(asked, new Date(), timeZone);
  return { at: moment, query: { ...query, at: momentText(moment) }, instead };
}

/** What of a total changed: its figure before, by how much it moved, and whether that leads to the figure now. */
export type Change = Readonly<{ before: bigint; moved: bigint; after: bigint; agrees: boolean }>;

function changeOf(
  before: Totals | undefined,
  moved: Figures | undefined,
  after: Totals | undefined,
  total: MoveTotal,
  of: MoveFigure,
): Change {
  const [from, by, to] = [before, moved, after].map((one) => figureOf(one, total, of));
  const change = { before: from ?? 0n, moved: by ?? 0n, after: to ?? 0n };
  return { ...change, agrees: change.before + change.moved === change.after };
}

/**
 * What the totals of a month moved by since the reader's last visit, its last sign-off, or any moment, for the close page; and
 * notes the visit, unless the page is looked at as at a date. Null where the reader sees no such month.
 */
export const loadMoved = cache(async (asked: string, params: Asked) => {
  const parsed = CloseQuery.parse(params);
  const { actor, entity, entityIds, period } = await monthOf(asked, parsed.entity);
  const { at, query } = past(parsed, entity.timeZone);
  const newest = await findMoment(entityIds, entity.id, period, null);
  const visit =
    at === null && newest
      ? await noteVisit({
          userId: actor.id,
          entityId: entity.id,
          period,
          figuresAt: newest.at,
          now: new Date(),
        })
      : await findLastVisit(actor.id, entity.id, period);
  const span = await findSpan({
    entityIds,
    entityId: entity.id,
    period,
    since: sinceFrom(query.since),
    at,
    visit,
    signedAt: await findSignedAt(entity.id, period),
  });
  const [before, after, moved] = await Promise.all([
    findTotalsAt(entity.id, period, span.from),
    findTotalsAt(entity.id, period, span.to?.at ?? null),
    span.to ? sumMoves({ entityId: entity.id, period, from: span.from, to: span.to.at }) : new Map(),
  ]);
  const totalsOf = (all: typeof before, currency: string) =>
    all.find(({ totals }) => totals.currency === currency)?.totals;
  const currencies = ownFirst(
    [...new Set([...before, ...after].map(({ totals }) => totals.currency).concat([...moved.keys()]))],
    entity.currency,
    (one) => one,
  );
  return {
    ...span,
    entityId: entity.id,
    timeZone: entity.timeZone,
    period,
    query,
    currencies: currencies.map((currency) => ({
      currency,
      /** the gross change of a total, and the address of what made it */
      of: (total: MoveTotal) => ({
        ...changeOf(
          totalsOf(before, currency),
          moved.get(currency),
          totalsOf(after, currency),
          total,
          "gross",
        ),
        href: whyHref({ entityId: entity.id, period, currency, total, query, base: span.base.key }),
      }),
    })),
  } as const;
});

export type Moved = Awaited<ReturnType<typeof loadMoved>>;
export type MovedCurrency = Moved["currencies"][number];

/** The address of what made a total move. */
function whyHref(
  of: Readonly<{
    entityId: string;
    period: string;
    currency: string;
    total: MoveTotal;
    query: CloseQuery;
    base: string;
  }>,
): string {
  const params = new URLSearchParams({
    entity: of.entityId,
    currency: of.currency,
    total: totalText(of.total),
    since: of.base,
    ...(of.query.at && { at: of.query.at }),
  });
  return `/close/${of.period}/why?${params}`;
}

/** A month's figures as at a moment: the sums of its movements up to then, held against what the page showed then. */
export const loadAsAt = cache(async (asked: string, params: Asked) => {
  const parsed = CloseQuery.parse(params);
  const { of } = BridgeQuery.parse(params);
  const { entities, entity, entityIds, period } = await monthOf(asked, parsed.entity);
  const { at, query, instead } = past(parsed, entity.timeZone);
  const [moment, keptSince, periods] = await Promise.all([
    findMoment(entityIds, entity.id, period, at),
    findKeptSince(entity.id, period),
    findPeriods(entityIds, entity.id, openStates),
  ]);
  const kept = moment !== null && (keptSince === null || moment.at >= keptSince);
  const instant = at && (await instantOf(entity.id, at));
  const debtSince = await debtKeptSince(appPool(), entity.id);
  const [debt, stored, sums] = await Promise.all([
    instant && (debtSince === null || instant >= debtSince)
      ? findMonthDebt(appPool(), entity.id, period, dayIn(instant, entity.timeZone), instant)
      : null,
    findTotalsAt(entity.id, period, moment?.at ?? null),
    moment && kept ? sumMoves({ entityId: entity.id, period, from: null, to: moment.at }) : new Map(),
  ]);
  const summaries = ownFirst(stored, entity.currency, ({ totals }) => totals.currency).map(
    ({ totals, asOf }) => {
      const summed = kept ? withFigures(totals, sums.get(totals.currency)) : totals;
      return {
        totals: summed,
        asOf,
        /** whether the sums of the movements are what was shown */
        agrees: sameFigures(summed, totals),
        bridge: bridgeOf(summed, of),
        strip: stripOf(summed, hasEnded(period, entity, new Date())),
        proofs: totals.proofs.map((proof) => ({ ...proof, title: proofTitle(proof.name) })),
      };
    },
  );
  return {
    entities,
    entity,
    period,
    query,
    /** a sentence where another moment was asked for than can be shown */
    instead,
    /** "the end of 12 Nov 2026" */
    words: at && momentWords(at, entity.timeZone),
    moment,
    kept,
    /** null: it is not kept by that date */
    debt,
    summaries,
    titles: titlesOf(summaries.map(({ totals }) => totals)),
    periods: [...new Set([period, ...periods.map((row) => row.period)])].sort().reverse(),
  } as const;
});

const NOTHING = { net: 0n, tax: 0n, gross: 0n };

/** Totals with the figures that movements come to; what could not be read is no total, and stays. */
function withFigures(totals: Totals, figures: Figures | undefined): Totals {
  const unread = totals.causes.filter(({ cause }) => cause === "record-failed");
  const none = { ...NOTHING, lines: 0, unknownTaxLines: 0 };
  return {
    ...totals,
    scayle: figures?.scayle ?? none,
    erp: figures?.erp ?? none,
    unexplained: figures?.unexplained ?? { ...NOTHING, count: 0 },
    causes: [...(figures?.causes ?? []), ...unread].sort((a, b) => (a.cause < b.cause ? -1 : 1)),
    buckets: figures?.buckets ?? { scayle: {}, erp: {} },
  };
}

const sameFigures = (one: Totals, other: Totals): boolean =>
  totalsShown([one, other]).every((total) =>
    moveFigures.every((of) => figureOf(one, total, of) === figureOf(other, total, of)),
  );

const titlesOf = (all: readonly Totals[]) =>
  Object.fromEntries(
    all.flatMap(({ causes }) => causes.map(({ cause }) => [cause, causeOf(cause)?.title ?? cause] as const)),
  );

/** Why a total moved: its figure before and after, and a page of what made the difference. */
export const loadWhy = cache(async (asked: string, params: Asked) => {
  const parsed = WhyQuery.parse(params);
  const { actor, entities, entity, entityIds, period } = await monthOf(asked, parsed.entity);
  const { at, query: given } = past(parsed, entity.timeZone);
  const span = await findSpan({
    entityIds,
    entityId: entity.id,
    period,
    since: sinceFrom(given.since),
    at,
    visit: await findLastVisit(actor.id, entity.id, period),
    signedAt: await findSignedAt(entity.id, period),
  });
  const [before, after, periods] = await Promise.all([
    findTotalsAt(entity.id, period, span.from),
    findTotalsAt(entity.id, period, span.to?.at ?? null),
    findPeriods(entityIds, entity.id, openStates),
  ]);
  const currencies = ownFirst(
    [...new Set([...before, ...after].map(({ totals }) => totals.currency))],
    entity.currency,
    (one) => one,
  );
  const sums: ReadonlyMap<string, Figures> = span.to
    ? await sumMoves({ entityId: entity.id, period, from: span.from, to: span.to.at })
    : new Map();
  const first = params["total"] === undefined ? firstMoved(sums, currencies, parsed.currency) : null;
  const query = first
    ? { ...given, total: first.total, of: params["of"] === undefined ? first.of : given.of }
    : given;
  const currency =
    first?.currency ?? currencies.find((one) => one === query.currency) ?? currencies[0] ?? entity.currency;
  const of = (all: typeof before) =>
    figureOf(all.find(({ totals }) => totals.currency === currency)?.totals, query.total, query.of);
  const found = span.to
    ? await findMoves({
        entityId: entity.id,
        period,
        from: span.from,
        to: span.to.at,
        currency,
        total: query.total,
        of: query.of,
        why: query.why,
        sort: query.sort,
        page: query.page,
      })
    : { moves: [], sums: [] };
  const moved = found.sums.reduce((sum, one) => sum + one.amount, 0n);
  return {
    ...span,
    entities,
    entity,
    period,
    periods: [...new Set([period, ...periods.map((row) => row.period)])].sort().reverse(),
    query,
    currency,
    currencies,
    /** by how much each total moved that did, of the figure that is shown; the one that is shown among them in any case */
    totals: totalsOfMoves(sums.get(currency), query.total, query.of),
    moves: await tellMoves(entity.id, found.moves),
    sums: found.sums,
    change: { before: of(before), moved, after: of(after), agrees: of(before) + moved === of(after) },
    pageSize: MOVES_SHOWN,
    /** a cause's title; null for other totals */
    cause: query.total.name === "cause" ? (causeOf(query.total.key)?.title ?? query.total.key) : null,
  } as const;
});

/** The totals that moved, the four of the tie-out always. */
function totalsOfMoves(moved: Figures | undefined, shown: MoveTotal, of: MoveFigure) {
  const main = (["scayle", "explained", "unexplained", "erp"] as const).map(
    (name): MoveTotal => ({ name, key: null }),
  );
  const causes = (moved?.causes ?? []).map(({ cause }): MoveTotal => ({ name: "cause", key: cause }));
  const all = [...main, ...causes.filter((one) => figureOf(moved, one, of) !== 0n)];
  const isShown = (one: MoveTotal) => totalText(one) === totalText(shown);
  return [...all, ...(all.some(isShown) ? [] : [shown])].map((total) => ({
    total,
    moved: figureOf(moved, total, of),
    current: isShown(total),
    cause: total.name === "cause" ? (causeOf(total.key)?.title ?? total.key) : null,
  }));
}

export type WhyView = Awaited<ReturnType<typeof loadWhy>>;
