import "server-only";
import { notFound } from "next/navigation";
import { pageEntities } from "@/lib/auth/session";
import { causeOf } from "@/lib/causes/registry";
import { appPool } from "@/lib/db/pool";
import { dayName } from "@/lib/domain/day";
import { openStates } from "@/lib/exceptions/machine";
import { loadAt } from "./at";
import { findPeriods } from "./data";
import { DIFFERENCES_SHOWN, findDifferences, findDifferencesAt, isPartKept } from "./differences";
import { DifferencesQuery, Month } from "./schema";

/** What a step of a month's bridge is the sum of: now pair by pair, or as at a moment order by order. */
export async function loadDifferences(asked: string, params: Record<string, string | string[] | undefined>) {
  const query = DifferencesQuery.parse(params);
  const { entities, entity } = await pageEntities("close.read", query.entity);
  const month = Month.safeParse(asked);
  if (!month.success || !entity) notFound();
  const currency = query.currency ?? entity.currency;
  const scope = entities.map((one) => one.id);
  const at = await loadAt(scope, entity.id, month.data, params);
  const which = { ...query, key: query.key, entityId: entity.id, month: month.data, currency };
  const periods = await findPeriods(scope, entity.id, openStates);
  const common = {
    query,
    currency,
    entities,
    entity,
    period: month.data,
    periods: [...new Set([month.data, ...periods.map((row) => row.period)])].sort().reverse(),
    pageSize: DIFFERENCES_SHOWN,
  } as const;
  if (at === null) {
    const found = await findDifferences(appPool(), which);
    return {
      ...common,
      at,
      rows: found.rows.map((row) => ({ ...row, part: partName(row.part, query.by) })),
      sum: found.sum,
      count: found.count,
    } as const;
  }
  const found =
    at.moment && isPartKept(query.by)
      ? await findDifferencesAt(appPool(), { ...which, by: query.by, at: at.moment.at })
      : null;
  return {
    ...common,
    at,
    /** null: it is not kept by date */
    found: found && {
      ...found,
      rows: found.rows.map((row) => ({ ...row, part: partName(row.part, query.by) })),
    },
  } as const;
}

/** What people call where a row stands in the bridge. */
function partName(part: string, by: DifferencesQuery["by"]): string {
  if (by === "cause") return part === "unexplained" ? "Unexplained" : (causeOf(part)?.title ?? part);
  return by === "day" && /^\d/.test(part) ? dayName(part) : part;
}
