import "server-only";
import { notFound } from "next/navigation";
import { pageEntities } from "@/lib/auth/session";
import { causeOf } from "@/lib/causes/registry";
import { appPool } from "@/lib/db/pool";
import { openStates } from "@/lib/exceptions/machine";
import { loadAt } from "./at";
import { findPeriods } from "./data";
import { findLockedDocuments, findLockedLines, LOCKED_SHOWN, lockAt } from "./locked";
import { findLockedCauses, findLockedPairs } from "./locked-causes";
import { findTotalsOfLock } from "./locks";
import { ownFirst } from "./own-first";
import { LockedQuery, Month } from "./schema";
import { loadSigning } from "./signing-view";

/** What a closed month holds, a page at a time, and what came to it since; as at a moment: what was locked by then. */
export async function loadLocked(asked: string, params: Record<string, string | string[] | undefined>) {
  const query = LockedQuery.parse(params);
  const { entities, entity } = await pageEntities("close.read", query.entity);
  const month = Month.safeParse(asked);
  if (!month.success || !entity) notFound();
  const pool = appPool();
  const scope = entities.map((one) => one.id);
  const at = await loadAt(scope, entity.id, month.data, params);
  const lockNo = at ? await lockAt(pool, entity.id, month.data, at.instant) : undefined;
  const [signing, periods, lines, documents, causes, pairs, totals] = await Promise.all([
    loadSigning(entity.id, month.data),
    findPeriods(scope, entity.id, openStates),
    query.of === "lines" ? findLockedLines(pool, entity.id, month.data, query, lockNo) : null,
    query.of === "documents" ? findLockedDocuments(pool, entity.id, month.data, query, lockNo) : null,
    query.of === "causes" ? findLockedCauses(pool, entity.id, month.data, query, lockNo) : null,
    query.of === "pairs" ? findLockedPairs(pool, entity.id, month.data, query, lockNo) : null,
    query.of === "causes" ? findTotalsOfLock(pool, entity.id, month.data, lockNo) : null,
  ]);
  const sums = (lines ?? documents)?.sums ?? [];
  return {
    entities,
    entity,
    period: month.data,
    periods: [...new Set([month.data, ...periods.map((row) => row.period)])].sort().reverse(),
    query,
    /** null: nothing of the month was reconciled */
    signing,
    at,
    /** whether it was closed at all, by the moment that is looked at */
    isLocked: lockNo === undefined ? (signing?.locks.length ?? 0) > 0 : lockNo > 0,
    lockNo: lockNo ?? null,
    lines: lines?.rows ?? null,
    documents: documents?.rows ?? null,
    causes: causes?.rows.map((row) => ({ ...row, title: titleOf(row.code) })) ?? null,
    pairs: pairs?.rows ?? null,
    /** the bridge of the lock, by currency */
    bridges: ownFirst([...(totals ?? [])], entity.currency, ([currency]) => currency).map(
      ([currency, of]) => ({
        currency,
        ...of,
        sums: (causes?.sums ?? []).filter((one) => one.currency === currency),
      }),
    ),
    titles: Object.fromEntries((causes?.sums ?? []).map(({ code }) => [code, titleOf(code)])),
    sums,
    count: causes?.count ?? pairs?.count ?? sums.reduce((all, one) => all + one.count, 0),
    pageSize: LOCKED_SHOWN,
  } as const;
}

const titleOf = (code: string): string =>
  code === "unexplained" ? "Unexplained" : (causeOf(code)?.title ?? code);
