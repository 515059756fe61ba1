import "server-only";
import { appPool } from "@/lib/db/pool";
import type { Month } from "@/lib/domain/day";
import { type ProofReport, prove } from "@/lib/matching/proof/proof";
import { Totals } from "./schema";

export type Summary = Readonly<{ totals: Totals; asOf: Date; madeAt: Date }>;

/** The newest totals of an entity's period, one per currency, of the run that spoke last about it. */
export async function findSummaries(
  entityIds: readonly string[],
  entityId: string,
  period: Month,
): Promise<readonly Summary[]> {
  const { rows } = await appPool().query<{ totals: unknown; asOf: Date; madeAt: Date }>(
    `SELECT s.totals, s.as_of AS "asOf", s.made_at AS "madeAt" FROM period_summary s
     WHERE s.entity_id = $2 AND s.entity_id = ANY($1) AND s.period = $3 AND s.run_id = (
       SELECT n.run_id FROM period_summary n WHERE n.entity_id = $2 AND n.period = $3
       ORDER BY n.made_at DESC, n.run_id LIMIT 1)
     ORDER BY s.currency`,
    [[...entityIds], entityId, period],
  );
  return rows.map((row) => ({ ...row, totals: Totals.parse(row.totals) }));
}

export type PeriodRow = Readonly<{
  period: Month;
  currency: string;
  scayle: bigint;
  erp: bigint;
  unexplained: bigint;
  tiesOut: boolean;
  asOf: Date;
  /** exceptions that somebody must still act on */
  open: number;
}>;

/** The months of an entity that were reconciled, newest first, one row per currency. */
export async function findPeriods(
  entityIds: readonly string[],
  entityId: string,
  openStates: readonly string[],
): Promise<readonly PeriodRow[]> {
  const { rows } = await appPool().query<PeriodRow>(
    `WITH newest AS (
       SELECT DISTINCT ON (period) period, run_id FROM period_summary
       WHERE entity_id = $2 AND entity_id = ANY($1) ORDER BY period, made_at DESC, run_id)
     SELECT s.period, s.currency, (s.totals->'scayle'->>'gross')::bigint AS scayle,
       (s.totals->'erp'->>'gross')::bigint AS erp, (s.totals->'unexplained'->>'gross')::bigint AS unexplained,
       s.ties_out AS "tiesOut", s.as_of AS "asOf",
       (SELECT count(*)::int FROM exception e WHERE e.entity_id = s.entity_id AND e.period = s.period
         AND e.currency = s.currency AND e.state = ANY($3)) AS open
     FROM period_summary s JOIN newest n ON n.run_id = s.run_id AND n.period = s.period
     WHERE s.entity_id = $2 ORDER BY s.period DESC, s.currency`,
    [[...entityIds], entityId, [...openStates]],
  );
  return rows;
}

/** How many exceptions of a period somebody must still act on. */
export async function countOpen(
  entityIds: readonly string[],
  entityId: string,
  period: Month,
  openStates: readonly string[],
): Promise<number> {
  const { rows } = await appPool().query<{ open: number }>(
    `SELECT count(*)::int AS open FROM exception
     WHERE entity_id = $2 AND entity_id = ANY($1) AND (period = $3 OR amounts @> $4::jsonb) AND state = ANY($5)`,
    [[...entityIds], entityId, period, JSON.stringify([{ period }]), [...openStates]],
  );
  return rows[0]?.open ?? 0;
}

export type LastRun = Readonly<{
  id: string;
  state: string;
  startedAt: Date;
  finishedAt: Date | null;
  actorName: string;
  error: string | null;
}>;

/** The newest run of a kind that touched the entity, finished or not. */
export async function findLastRun(
  entityIds: readonly string[],
  entityId: string,
  kind: "reconcile" | "sync" | "recount",
): Promise<LastRun | null> {
  const { rows } = await appPool().query<LastRun>(
    `SELECT id, state, started_at AS "startedAt", finished_at AS "finishedAt", actor_name AS "actorName", error
     FROM run WHERE kind = $3 AND (entity_id IS NULL OR (entity_id = $2 AND entity_id = ANY($1)))
     ORDER BY (state = 'running') DESC, started_at DESC LIMIT 1`,
    [[...entityIds], entityId, kind],
  );
  return rows[0] ?? null;
}

/** The proof of a period as the tables stand now; stored versions are opened where that is quick. */
export const proveNow = (entityId: string, period: Month): Promise<ProofReport> =>
  prove(appPool(), entityId, period, { deep: "when-small" });

/** Orders that changed since they were last reconciled. */
export async function countChanged(entityIds: readonly string[], entityId: string): Promise<number> {
  const { rows } = await appPool().query<{ changed: number }>(
    "SELECT count(*)::int AS changed FROM dirty_group WHERE entity_id = $2 AND entity_id = ANY($1)",
    [[...entityIds], entityId],
  );
  return rows[0]?.changed ?? 0;
}
