import "server-only";
import { notFound } from "next/navigation";
import { pageEntities } from "@/lib/auth/session";
import { causeOf } from "@/lib/causes/registry";
import { appPool } from "@/lib/db/pool";
import { dayName } from "@/lib/domain/day";
import { openStates } from "@/lib/exceptions/machine";
import { findPeriods } from "./data";
import { DIFFERENCES_SHOWN, type DifferenceRow, findDifferences } from "./differences";
import { DifferencesQuery, Month } from "./schema";

/** What a step of a month's bridge is the sum of. */
export async function loadDifferences(asked: string, params: Record<string, string | string[] | undefined>) {
  const query = DifferencesQuery.parse(params);
  const { entities, entity } = await pageEntities("close.read", query.entity);
  const month = Month.safeParse(asked);
  if (!month.success || !entity) notFound();
  const currency = query.currency ?? entity.currency;
  const [found, periods] = await Promise.all([
    findDifferences(appPool(), {
      ...query,
      key: query.key,
      entityId: entity.id,
      month: month.data,
      currency,
    }),
    findPeriods(
      entities.map((one) => one.id),
      entity.id,
      openStates,
    ),
  ]);
  return {
    rows: found.rows.map((row) => ({ ...row, part: partOf(row, query.by) })),
    sum: found.sum,
    count: found.count,
    query,
    currency,
    entities,
    entity,
    period: month.data,
    periods: [...new Set([month.data, ...periods.map((row) => row.period)])].sort().reverse(),
    pageSize: DIFFERENCES_SHOWN,
  } as const;
}

/** What people call where a row stands in the bridge. */
function partOf({ part }: DifferenceRow, by: DifferencesQuery["by"]): string {
  if (by === "cause") return part === "unexplained" ? "Unexplained" : (causeOf(part)?.title ?? part);
  return by === "day" && /^\d/.test(part) ? dayName(part) : part;
}
