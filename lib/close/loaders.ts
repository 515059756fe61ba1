import "server-only";
import { notFound } from "next/navigation";
import { cache } from "react";
import { may } from "@/lib/auth/actor";
import { pageEntities } from "@/lib/auth/session";
import { causeOf } from "@/lib/causes/registry";
import { appPool } from "@/lib/db/pool";
import { dayIn } from "@/lib/domain/day";
import { openStates } from "@/lib/exceptions/machine";
import { findCutOff } from "@/lib/sync/data-cut-off";
import { loadAt } from "./at";
import { blockersOf, findOwners } from "./blockers";
import { type BridgeFigure, bridgeBy, bridgeOf } from "./bridge";
import { loadChecklist } from "./checklist";
import { countChanged, countOpen, findLastRun, findPeriods, findSummaries, proveNow } from "./data";
import { findMonthDebt } from "./debt";
import { type BridgePart, findSteps } from "./differences";
import { loadJournals } from "./journals-view";
import { findBookedLines, findBookedLinesAt, LINES_SHOWN } from "./lines";
import { findLockedFigures } from "./locks";
import { ownFirst } from "./own-first";
import { proofTitle, readinessOf } from "./readiness";
import { BridgeQuery, LinesQuery, Month, ProofQuery, type Totals } from "./schema";
import { sectionsOf } from "./sections";
import { loadSigning } from "./signing-view";
import { hasEnded } from "./state";
import { stripOf } from "./strip";

/** A period of an entity as the close page shows it. */
export const loadPeriod = cache(
  async (asked: string, params: Record<string, string | string[] | undefined>) => {
    const { of, by } = BridgeQuery.parse(params);
    const { actor, entities, entity } = await pageEntities("close.read", LinesQuery.parse(params).entity);
    const month = Month.safeParse(asked);
    if (!month.success) notFound();
    const period = month.data;
    if (!entity) return { entities, entity: null, period } as const;
    const entityIds = entities.map((one) => one.id);
    const now = new Date();
    const [locked, cutOff, summaries, periods, open, debt, changed, reconciliation, sync] = await Promise.all(
      [
        findLockedFigures(appPool(), entity.id, period),
        findCutOff(entity.id, period, now),
        findSummaries(entityIds, entity.id, period).then((all) =>
          ownFirst(all, entity.currency, ({ totals }) => totals.currency),
        ),
        findPeriods(entityIds, entity.id, openStates),
        countOpen(entityIds, entity.id, period, openStates),
        findMonthDebt(appPool(), entity.id, period, dayIn(now, entity.timeZone)),
        countChanged(entityIds, entity.id),
        findLastRun(entityIds, entity.id, "reconcile"),
        findLastRun(entityIds, entity.id, "sync"),
      ],
    );
    return {
      entities,
      entity,
      period,
      now,
      cutOff,
      readiness: readinessOf(
        summaries.map((summary) => summary.totals),
        open,
        hasEnded(period, entity, now),
      ),
      /** by what the bridges are */
      by,
      summaries: await Promise.all(
        summaries.map(async (summary) => ({
          ...summary,
          bridge: await bridgeOfMonth(summary.totals, of, by),
          strip: stripOf(
            summary.totals,
            hasEnded(period, entity, now),
            locked.get(summary.totals.currency) ?? null,
          ),
          proofs: summary.totals.proofs.map((proof) => ({ ...proof, title: proofTitle(proof.name) })),
        })),
      ),
      titles: Object.fromEntries(
        summaries.flatMap((summary) =>
          summary.totals.causes.map(({ cause }) => [cause, causeOf(cause)?.title ?? cause] as const),
        ),
      ),
      /** causes that are part of the bridge and raise no exception */
      quiet: summaries.flatMap((summary) =>
        summary.totals.causes.flatMap(({ cause }) => (causeOf(cause)?.raises === false ? [cause] : [])),
      ),
      periods,
      open,
      debt,
      changed,
      runs: { reconciliation, sync },
      may: {
        reconcile: may(actor, "reconcile.run", entity.id),
        sync: may(actor, "feeds.sync", entity.id),
        setCutOff: may(actor, "cut-off.set", entity.id),
      },
    } as const;
  },
);

/** The bridge of a month's totals; but by cause its steps are summed from the pairs that differ. */
const bridgeOfMonth = async (totals: Totals, of: BridgeFigure, by: BridgePart) =>
  by === "cause"
    ? bridgeOf(totals, of)
    : bridgeBy(
        totals,
        of,
        await findSteps(appPool(), {
          entityId: totals.entity,
          month: totals.period,
          currency: totals.currency,
          by,
          of,
        }),
      );

export type PeriodView = Extract<Awaited<ReturnType<typeof loadPeriod>>, { entity: object }>;

/**
 * How the closing of a month stands: who signed, what is locked, what came late, its checklist and its corrections; and what is
 * left until it is closed, in order.
 */
export async function loadClosing({
  entity,
  period,
  readiness,
  cutOff,
  summaries,
}: Pick<PeriodView, "entity" | "period" | "readiness" | "cutOff" | "summaries">) {
  const [signing, checklist, journals, owners] = await Promise.all([
    loadSigning(entity.id, period),
    loadChecklist(entity.id, period),
    loadJournals(entity.id, period),
    findOwners(appPool(), entity.id, period),
  ]);
  const of = `entity=${encodeURIComponent(entity.id)}`;
  const blockers = blockersOf({
    address: `/close/${period}?${of}`,
    hrefOf: (cause) => `/exceptions?${of}&period=${period}&cause=${cause}&state=all`,
    proofHref: `/close/${period}/proof?${of}`,
    feedsHref: `/feeds?${of}`,
    readiness,
    owners,
    feedsBehind: cutOff?.feeds.filter((feed) => feed.state === "behind").length ?? 0,
    signing,
    checklist,
  });
  const currencies = summaries.map(({ totals }) => totals.currency);
  const sections = sectionsOf({ blockers, signing, checklist, journals, currencies });
  return { signing, checklist, journals, blockers, sections } as const;
}

/** The tie-out of one month for the head of a page; nothing for somebody who may see no totals. */
export const loadStrips = cache(async (entityId: string, period: string) => {
  const { actor, entities } = await pageEntities("exceptions.read", undefined);
  const entity = entities.find(({ id }) => id === entityId);
  const entityIds = entities.filter(({ id }) => may(actor, "close.read", id)).map(({ id }) => id);
  const [locked, summaries, periods] = await Promise.all([
    findLockedFigures(appPool(), entityId, period),
    findSummaries(entityIds, entityId, period),
    findPeriods(entityIds, entityId, openStates),
  ]);
  return {
    strips: summaries.map((summary) =>
      stripOf(
        summary.totals,
        entity ? hasEnded(period, entity, new Date()) : true,
        locked.get(summary.totals.currency) ?? null,
      ),
    ),
    asOf: summaries[0]?.asOf ?? null,
    periods: [...new Set(periods.map((row) => row.period))],
  };
});

/** The lines of one side of a period, one bucket or all: what a figure of the tie-out is the sum of. */
export const loadLines = cache(
  async (asked: string, params: Record<string, string | string[] | undefined>) => {
    const query = LinesQuery.parse(params);
    const { actor, entities, entity } = await pageEntities("close.read", query.entity);
    const month = Month.safeParse(asked);
    if (!month.success || !entity) notFound();
    const scope = entities.map((one) => one.id);
    const at = await loadAt(scope, entity.id, month.data, params);
    const of = { ...query, entity: entity.id, period: month.data };
    const [found, periods] = await Promise.all([
      at ? findBookedLinesAt(appPool(), { ...of, at: at.instant }) : findBookedLines(scope, of),
      findPeriods(scope, entity.id, openStates),
    ]);
    return {
      ...found,
      at,
      periods: [...new Set([month.data, ...periods.map((row) => row.period)])],
      query,
      entities,
      entity,
      period: month.data,
      pageSize: LINES_SHOWN,
      mayResync: may(actor, "record.resync", entity.id),
    };
  },
);

/** The nothing-lost proof of a period, and the days of the feed that is asked for (else of the first that fails). */
export const loadProof = cache(
  async (asked: string, params: Record<string, string | string[] | undefined>) => {
    const query = ProofQuery.parse(params);
    const { actor, entities, entity } = await pageEntities("close.read", query.entity);
    const month = Month.safeParse(asked);
    if (!month.success || !entity) notFound();
    const scope = entities.map((one) => one.id);
    const [report, periods, recount] = await Promise.all([
      proveNow(entity.id, month.data),
      findPeriods(scope, entity.id, openStates),
      findLastRun(scope, entity.id, "recount"),
    ]);
    const shown =
      report.feeds.find(
        (row) =>
          row.feed === query.feed &&
          row.kind === query.kind &&
          row.currency === (query.currency ?? row.currency),
      ) ??
      report.feeds.find((row) => row.state === "fails") ??
      report.feeds[0] ??
      null;
    return {
      report,
      shown,
      days: report.days.filter(
        (row) => row.feed === shown?.feed && row.kind === shown.kind && row.currency === shown.currency,
      ),
      recount,
      mayRecount: may(actor, "feeds.sync", entity.id),
      mayResync: may(actor, "record.resync", entity.id),
      periods: [...new Set([month.data, ...periods.map((row) => row.period)])],
      entities,
      entity,
      period: month.data,
    };
  },
);
