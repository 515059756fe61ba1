import "server-only";
import type pg from "pg";
import type { Month } from "@/lib/domain/day";
import { findCutOff } from "@/lib/sync/data-cut-off";
import { IS_OPEN } from "./debt";
import { type Facts, TAX_CAUSES } from "./facts";
import { findLateLeft } from "./late-left";
import { policyOf, totalsOf } from "./state";

/** What is still open of a month: by currency, each exception without its sign; and how many of it are about tax. */
async function debtOf(
  pool: pg.Pool,
  entityId: string,
  month: Month,
): Promise<Readonly<{ debt: Facts["debt"]; taxOpen: number }>> {
  const { rows } = await pool.query<{ currency: string; extent: bigint; count: number; tax: number }>(
    `SELECT currency, coalesce(sum(greatest(abs(net), abs(tax), abs(gross))), 0)::bigint AS extent, count(*)::int AS count,
            count(*) FILTER (WHERE cause = ANY ($4))::int AS tax
       FROM exception e WHERE entity_id = $1 AND ${IS_OPEN} AND (period = $2 OR amounts @> $3::jsonb) GROUP BY 1 ORDER BY 1`,
    [entityId, month, JSON.stringify([{ period: month }]), TAX_CAUSES],
  );
  return {
    debt: rows.map(({ currency, extent, count }) => ({ currency, extent, count })),
    taxOpen: rows.reduce((all, row) => all + row.tax, 0),
  };
}

/** What the automatic tasks of a month are judged by, as it is now. Throws Refusal "not-found" for an entity that nobody knows. */
export async function findFacts(pool: pg.Pool, entityId: string, month: Month, now: Date): Promise<Facts> {
  const [{ totals }, cutOff, { debt, taxOpen }, policy, late] = await Promise.all([
    totalsOf(pool, entityId, month),
    findCutOff(entityId, month, now),
    debtOf(pool, entityId, month),
    policyOf(pool, entityId),
    findLateLeft(pool, entityId, month),
  ]);
  return {
    totals,
    cutOff,
    debt,
    taxOpen,
    materiality: policy.materiality,
    currency: policy.currency,
    late,
  };
}
