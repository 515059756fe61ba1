import "server-only";
import { notFound } from "next/navigation";
import { pageEntities } from "@/lib/auth/session";
import { appPool } from "@/lib/db/pool";
import { openStates } from "@/lib/exceptions/machine";
import { findPeriods } from "./data";
import { findLockedDocuments, findLockedLines, LOCKED_SHOWN } from "./locked";
import { LockedQuery, Month } from "./schema";
import { loadSigning } from "./signing-view";

/** What a closed month holds, a page at a time, and what came to it since. */
export async function loadLocked(asked: string, params: Record<string, string | string[] | undefined>) {
  const query = LockedQuery.parse(params);
  const { entities, entity } = await pageEntities("close.read", query.entity);
  const month = Month.safeParse(asked);
  if (!month.success || !entity) notFound();
  const pool = appPool();
  const [signing, periods, lines, documents] = await Promise.all([
    loadSigning(entity.id, month.data),
    findPeriods(
      entities.map((one) => one.id),
      entity.id,
      openStates,
    ),
    query.of === "lines" ? findLockedLines(pool, entity.id, month.data, query) : null,
    query.of === "documents" ? findLockedDocuments(pool, entity.id, month.data, query) : null,
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
    isLocked: (signing?.locks.length ?? 0) > 0,
    lines: lines?.rows ?? null,
    documents: documents?.rows ?? null,
    sums,
    count: sums.reduce((all, one) => all + one.count, 0),
    pageSize: LOCKED_SHOWN,
  } as const;
}
