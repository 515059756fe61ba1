import type pg from "pg";
import { dayIn, type Month } from "@/lib/domain/day";
import { Refusal } from "@/lib/domain/faults";
import type { Minor } from "@/lib/domain/money";
import { Totals } from "./schema";

/** A month of an entity as its signing stands. */
export type PeriodHeld = Readonly<{
  state: "open" | "closed";
  version: number;
  round: number;
  lockNo: number;
  reopenedUntil: Date | null;
  softClosedAt: Date | null;
  softClosedBy: string | null;
}>;

const PERIOD = `SELECT state, version, round, lock_no AS "lockNo", reopened_until AS "reopenedUntil",
  soft_closed_at AS "softClosedAt", soft_closed_by AS "softClosedBy" FROM period WHERE entity_id = $1 AND month = $2`;

/** The month as it stands; null where nothing of it was reconciled. */
export async function findPeriod(pool: pg.Pool, entityId: string, month: Month): Promise<PeriodHeld | null> {
  return (await pool.query<PeriodHeld>(PERIOD, [entityId, month])).rows[0] ?? null;
}

/** The month, which nobody else changes until the transaction ends. Throws Refusal "not-found". */
export async function holdPeriod(client: pg.PoolClient, entityId: string, month: Month): Promise<PeriodHeld> {
  const { rows } = await client.query<PeriodHeld>(`${PERIOD} FOR UPDATE`, [entityId, month]);
  const [held] = rows;
  if (!held) throw new Refusal("not-found", "Nothing of this month has been reconciled yet.");
  return held;
}

/** How the months of an entity are signed; `materiality` in minor units of its currency. */
export type ClosePolicy = Readonly<{
  reviewers: number;
  materiality: Minor;
  currency: string;
  timeZone: string;
  setBy: string | null;
}>;

/** Whether a month is over where the entity keeps its books: before that nobody signs it. */
export const hasEnded = (month: Month, { timeZone }: Pick<ClosePolicy, "timeZone">, now: Date): boolean =>
  dayIn(now, timeZone).slice(0, 7) > month;

/** The entity's policy, or what holds where nobody set one: one reviewer, and no remainder. Throws Refusal "not-found". */
export async function policyOf(client: pg.ClientBase | pg.Pool, entityId: string): Promise<ClosePolicy> {
  const { rows } = await client.query<ClosePolicy>(
    `SELECT coalesce(p.reviewers, 1) AS reviewers, coalesce(p.materiality, 0) AS materiality, e.currency, e.time_zone AS "timeZone", p.set_by AS "setBy"
       FROM entity e LEFT JOIN close_policy p ON p.entity_id = e.id WHERE e.id = $1`,
    [entityId],
  );
  const [policy] = rows;
  if (!policy) throw new Refusal("not-found", `There is no entity ${entityId}.`);
  return policy;
}

/** What somebody stated of a month's figures. */
export type SignOff = Readonly<{
  id: string;
  round: number;
  /** 0: the preparer; 1 and on: reviewers */
  step: number;
  signedAt: Date;
  signedById: string;
  signedBy: string;
  statement: string;
  hash: string;
  asOf: Date;
  remainder: Minor | null;
  remainderWhy: string | null;
  suspendedAt: Date | null;
  withdrawnAt: Date | null;
  withdrawnWhy: string | null;
}>;

/** All sign-offs of a month, those of earlier rounds too, oldest first. */
export async function findSignOffs(
  client: pg.ClientBase | pg.Pool,
  entityId: string,
  month: Month,
): Promise<readonly SignOff[]> {
  const { rows } = await client.query<SignOff>(
    `SELECT id, round, step, signed_at AS "signedAt", signed_by_id AS "signedById", signed_by AS "signedBy", statement, hash,
            as_of AS "asOf", remainder, remainder_why AS "remainderWhy", suspended_at AS "suspendedAt",
            withdrawn_at AS "withdrawnAt", withdrawn_why AS "withdrawnWhy"
       FROM period_sign_off WHERE entity_id = $1 AND month = $2 ORDER BY signed_at, step`,
    [entityId, month],
  );
  return rows;
}

/** Whether a sign-off counts: neither suspended nor taken back. */
export const holds = ({ suspendedAt, withdrawnAt }: SignOff): boolean =>
  suspendedAt === null && withdrawnAt === null;

/** The newest totals of a month, one per currency, and as of when they speak. */
export async function totalsOf(
  client: pg.ClientBase | pg.Pool,
  entityId: string,
  month: Month,
): Promise<Readonly<{ totals: readonly Totals[]; asOf: Date | null }>> {
  const { rows } = await client.query<{ totals: unknown; asOf: Date }>(
    `SELECT s.totals, s.as_of AS "asOf" FROM period_summary s
      WHERE s.entity_id = $1 AND s.period = $2 AND s.run_id = (
        SELECT n.run_id FROM period_summary n WHERE n.entity_id = $1 AND n.period = $2 ORDER BY n.made_at DESC, n.run_id LIMIT 1)
      ORDER BY s.currency`,
    [entityId, month],
  );
  return { totals: rows.map((row) => Totals.parse(row.totals)), asOf: rows[0]?.asOf ?? null };
}

/** Whether orders that count in the month changed since they were last matched. */
export async function isMoving(
  client: pg.ClientBase | pg.Pool,
  entityId: string,
  month: Month,
): Promise<boolean> {
  const { rows } = await client.query<{ moving: boolean }>(
    `SELECT EXISTS (SELECT FROM dirty_group g WHERE g.entity_id = $1 AND (
        EXISTS (SELECT FROM line l WHERE l.order_key = g.order_key AND l.entity_id = $1 AND l.period = $2)
        OR EXISTS (SELECT FROM pair p WHERE p.order_key = g.order_key AND p.entity_id = $1 AND p.period = $2))) AS moving`,
    [entityId, month],
  );
  return rows[0]?.moving ?? false;
}
