import "server-only";
import { notFound } from "next/navigation";
import { pageEntities } from "@/lib/auth/session";
import { causes } from "@/lib/causes/registry";
import { appPool } from "@/lib/db/pool";
import { addMonths, dayIn } from "@/lib/domain/day";
import { openStates } from "@/lib/exceptions/machine";
import { loadAt } from "./at";
import { findPeriods } from "./data";
import {
  CARRIED_SHOWN,
  debtKeptSince,
  findCarried,
  findOpenDebt,
  findReturning,
  findTrendOfBooks,
  findTrendOfEnds,
  returningOf,
} from "./debt";
import { DebtQuery, Month } from "./schema";

/** How many months the trend and the causes that come back look at. */
const TREND_MONTHS = 12;
const RETURN_MONTHS = 6;

/**
 * What is left to act on in an entity: by age, owner and cause, over months, what comes back, and what is carried forward. As at
 * the moment that the address asks for, where it is kept; else as it is now, and `kept` says so.
 */
export async function loadDebt(asked: string, params: Record<string, string | string[] | undefined>) {
  const query = DebtQuery.parse(params);
  const { entities, entity } = await pageEntities("close.read", query.entity);
  const month = Month.safeParse(asked);
  if (!month.success || !entity) notFound();
  const period = month.data;
  const pool = appPool();
  const scope = entities.map((one) => one.id);
  const asOf = await loadAt(scope, entity.id, period, params);
  const keptSince = asOf && (await debtKeptSince(pool, entity.id));
  /** whether what was open then is kept */
  const kept = !asOf || keptSince === null || asOf.instant >= keptSince;
  const at = asOf && kept ? asOf.instant : null;
  const now = at ?? new Date();
  const back = (count: number) => Array.from({ length: count }, (_, at) => addMonths(period, at - count + 1));
  const months = back(TREND_MONTHS);
  const recent = back(RETURN_MONTHS);
  const [debt, trend, found, carried, periods] = await Promise.all([
    findOpenDebt(pool, entity.id, dayIn(now, entity.timeZone), at),
    query.trend === "ends"
      ? findTrendOfEnds(pool, entity.id, months, now)
      : findTrendOfBooks(pool, entity.id, months, at),
    findReturning(pool, entity.id, recent, at),
    findCarried(pool, entity.id, period, query.page, at),
    findPeriods(scope, entity.id, openStates),
  ]);
  return {
    entities,
    entity,
    period,
    periods: [...new Set([period, ...periods.map((row) => row.period)])].sort().reverse(),
    query,
    at: asOf,
    kept,
    keptSince,
    debt,
    trend,
    months,
    recent,
    returning: returningOf(found, recent),
    carried,
    pageSize: CARRIED_SHOWN,
    titles: Object.fromEntries(causes.map(({ code, title }) => [code, title])),
  } as const;
}
