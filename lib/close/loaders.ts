import "server-only";
import { notFound } from "next/navigation";
import { cache } from "react";
import { may } from "@/lib/auth/actor";
import { pageEntities } from "@/lib/auth/session";
import { causeOf } from "@/lib/causes/registry";
import { addMonths, dayIn, monthOf } from "@/lib/domain/day";
import { openStates } from "@/lib/exceptions/machine";
import { bridgeOf, explainedOf } from "./bridge";
import { countChanged, countOpen, findDebt, findLastRun, findPeriods, findSummaries } from "./data";
import { readinessOf } from "./readiness";
import { Month } from "./schema";

/** A period of an entity as the close page shows it. */
export const loadPeriod = cache(async (asked: string, askedEntity: string | undefined) => {
  const { actor, entities, entity } = await pageEntities("close.read", askedEntity);
  const month = Month.safeParse(asked);
  if (!month.success) notFound();
  const period = month.data;
  if (!entity) return { entities, entity: null, period } as const;
  const entityIds = entities.map((one) => one.id);
  const now = new Date();
  const [summaries, periods, open, debt, changed, reconciliation, sync] = await Promise.all([
    findSummaries(entityIds, entity.id, period),
    findPeriods(entityIds, entity.id, openStates),
    countOpen(entityIds, entity.id, period, openStates),
    findDebt(entityIds, entity.id, period, openStates, now),
    countChanged(entityIds, entity.id),
    findLastRun(entityIds, entity.id, "reconcile"),
    findLastRun(entityIds, entity.id, "sync"),
  ]);
  return {
    entities,
    entity,
    period,
    now,
    readiness: readinessOf(
      summaries.map((summary) => summary.totals),
      open,
    ),
    summaries: summaries.map((summary) => ({
      ...summary,
      bridge: bridgeOf(summary.totals),
      explained: explainedOf(summary.totals),
    })),
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
    },
  } as const;
});

export type PeriodView = Extract<Awaited<ReturnType<typeof loadPeriod>>, { entity: object }>;

/** The month before the present one in a time zone: the one that is being closed. */
export const lastMonth = (now: Date, timeZone: string): string =>
  addMonths(monthOf(dayIn(now, timeZone)), -1);
