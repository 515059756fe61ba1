import "server-only";
import { notFound } from "next/navigation";
import { pageEntities } from "@/lib/auth/session";
import { appPool } from "@/lib/db/pool";
import { openStates } from "@/lib/exceptions/machine";
import { loadAt } from "./at";
import { countChanged, findPeriods, findSummaries } from "./data";
import { findLockedTotals } from "./locks";
import { ownFirst } from "./own-first";
import { LinesQuery, Month } from "./schema";
import { addsUpTo, byTaxSince, findByTax, findLockedByTax } from "./vat";

/**
 * The VAT and the accounts of a month on both sides, currency by currency, checked against the totals of its tie-out: now, or as at
 * the moment that the address asks for.
 */
export async function loadVat(asked: string, params: Record<string, string | string[] | undefined>) {
  const { entities, entity } = await pageEntities("close.read", LinesQuery.parse(params).entity);
  const month = Month.safeParse(asked);
  if (!month.success || !entity) notFound();
  const scope = entities.map((one) => one.id);
  const at = await loadAt(scope, entity.id, month.data, params);
  const locked = at ? null : await findLockedTotals(appPool(), entity.id, month.data);
  const [live, held, summaries, periods, changed] = await Promise.all([
    findByTax(appPool(), entity.id, month.data, at?.instant ?? null),
    locked && findLockedByTax(appPool(), entity.id, month.data),
    at ? at.totals() : findSummaries(scope, entity.id, month.data),
    findPeriods(scope, entity.id, openStates),
    at ? 0 : countChanged(scope, entity.id),
  ]);
  const { vat, accounts } = held ?? live;
  const since = held && byTaxSince(live, held);
  const names = new Set([
    ...vat.map((row) => row.currency),
    ...summaries.map(({ totals }) => totals.currency),
    ...(since?.vat ?? []).map((row) => row.currency),
  ]);
  return {
    entities,
    entity,
    period: month.data,
    periods: [...new Set([month.data, ...periods.map((row) => row.period)])].sort().reverse(),
    at,
    /** since when the month is closed, whose locked lines these are; null: it is open, or looked at as at a date */
    lockedAt: locked?.lockedAt ?? null,
    asOf: locked?.lockedAt ?? summaries[0]?.asOf ?? null,
    changed,
    currencies: ownFirst([...names], entity.currency, (one) => one).map((currency) => {
      const totals = locked
        ? (locked.of.get(currency) ?? null)
        : (summaries.find((one) => one.totals.currency === currency)?.totals ?? null);
      const mine = vat.filter((row) => row.currency === currency);
      const classes = accounts.filter((row) => row.currency === currency);
      return {
        currency,
        vat: mine,
        accounts: classes,
        /** of a closed month what came since, live − locked; null: these are the live figures */
        since: since && {
          vat: since.vat.filter((row) => row.currency === currency),
          accounts: since.accounts.filter((row) => row.currency === currency),
        },
        /** null: the month was not reconciled yet */
        agrees: totals && { vat: addsUpTo(mine, totals), accounts: addsUpTo(classes, totals) },
      };
    }),
  } as const;
}
