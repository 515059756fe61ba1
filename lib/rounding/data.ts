import "server-only";
import type { Pool } from "pg";
import { appPool } from "@/lib/db/pool";
import type { Month } from "@/lib/domain/day";
import { hashOf } from "@/lib/domain/identity";
import type { RoundingPolicy } from "@/lib/domain/tax/policy";
import { candidatesFor, isSamePolicy } from "@/lib/matching/rounding/candidates";
import type { Evidence } from "@/lib/matching/rounding/infer";
import { type MadeCents, roundingMade } from "@/lib/matching/rounding/made";
import { forecastResidue, type Residue } from "@/lib/matching/rounding/residue";
import { evidenceFromJson, StoredPolicy } from "@/lib/matching/rounding/stored";

/** How one connection rounds: what is in force or proposed, by whom, and what its documents say. */
export type ConnectionRounding = Readonly<{
  id: string;
  side: "scayle" | "erp";
  kind: string;
  name: string;
  policy: RoundingPolicy | null;
  /** null: a proposal; it proves nothing yet */
  confirmedAt: Date | null;
  confirmedBy: string | null;
  evidence: Evidence | null;
  evidenceAt: Date | null;
  /** changes whenever policy or confirmation do */
  seen: string;
}>;

type Row = Readonly<{
  id: string;
  side: "scayle" | "erp";
  kind: string;
  name: string;
  rounding: unknown;
  confirmed_at: Date | null;
  confirmed_by: string | null;
  evidence: unknown;
  evidence_at: Date | null;
}>;

/** What stands of a connection's rounding, as a short text: a confirmation names the one that was seen. */
export const seenOf = (rounding: unknown, confirmedAt: Date | null): string =>
  hashOf(JSON.stringify([rounding, confirmedAt]));

/** The connections in use of an entity, SCAYLE's first. */
export async function findRounding(
  entityId: string,
  pool: Pool = appPool(),
): Promise<readonly ConnectionRounding[]> {
  const { rows } = await pool.query<Row>(
    `SELECT id, side, kind, name, rounding, rounding_confirmed_at AS confirmed_at, rounding_confirmed_by AS confirmed_by,
            rounding_evidence AS evidence, rounding_evidence_at AS evidence_at
       FROM connection WHERE entity_id = $1 AND retired_at IS NULL ORDER BY side DESC, name, id`,
    [entityId],
  );
  return rows.map((row) => ({
    id: row.id,
    side: row.side,
    kind: row.kind,
    name: row.name,
    policy: row.rounding === null ? null : StoredPolicy.parse(row.rounding),
    confirmedAt: row.confirmed_at,
    confirmedBy: row.confirmed_by,
    evidence: row.evidence === null ? null : evidenceFromJson(row.evidence),
    evidenceAt: row.evidence_at,
    seen: seenOf(row.rounding, row.confirmed_at),
  }));
}

/** The policies that a person may choose for a kind of connection: the candidates, and what is in force. */
export function choicesFor(kind: string, inForce: RoundingPolicy | null): readonly RoundingPolicy[] {
  const candidates = candidatesFor(kind);
  if (!inForce || candidates.some((one) => isSamePolicy(one, inForce))) return candidates;
  return [inForce, ...candidates];
}

/** Months of an entity that have books, the newest first. */
export async function findMonths(entityId: string, pool: Pool = appPool()): Promise<readonly Month[]> {
  const { rows } = await pool.query<{ month: Month }>(
    "SELECT month FROM period WHERE entity_id = $1 ORDER BY month DESC",
    [entityId],
  );
  return rows.map((row) => row.month);
}

/** A month's rounding: the cents that were made, and what each setting would leave of them. */
export type MonthRounding = Readonly<{ made: readonly MadeCents[]; residues: readonly Residue[] }>;

/** Computed from the month's lines and causes as they stand. */
export async function findMonthRounding(
  entityId: string,
  period: Month,
  connections: readonly ConnectionRounding[],
  pool: Pool = appPool(),
): Promise<MonthRounding> {
  const policies = new Map(
    connections.flatMap(({ id, policy }): [string, RoundingPolicy][] => (policy ? [[id, policy]] : [])),
  );
  return {
    made: await roundingMade(pool, entityId, period),
    residues: await forecastResidue(pool, entityId, period, policies),
  };
}
