import type pg from "pg";
import type { Month } from "@/lib/domain/day";
import type { Minor } from "@/lib/domain/money";
import { IS_OPEN } from "./debt";
import { TAX_CAUSES } from "./facts";
import { Totals } from "./schema";
import type { PeriodHeld } from "./state";

/** How the signing of a month stands: a month that was closed and is open again is reopened. */
export type MonthState =
  | "open"
  | "soft-closed"
  | "signed-in-part"
  | "signed"
  | "suspended"
  | "reopened"
  | "locked";

/** A month of an entity as the overview reads it: everything that its row is made of. */
export type MonthRead = Readonly<
  Pick<PeriodHeld, "state" | "round" | "lockNo" | "softClosedAt" | "reopenedUntil"> & {
    entityId: string;
    month: Month;
    /** how often it is signed and stands, and whether a sign-off of this round is suspended and not given again */
    signed: number;
    suspended: boolean;
    reviewers: number;
    materiality: Minor;
    /** a reopening that somebody else has to decide */
    asked: boolean;
    totals: readonly Totals[];
    asOf: Date | null;
    debt: readonly Readonly<{ currency: string; count: number; extent: Minor }>[];
    taxOpen: number;
  }
>;

type Row = Omit<MonthRead, "totals" | "debt"> & { totals: unknown; debt: readonly StoredDebt[] };
type StoredDebt = Readonly<{ currency: string; count: number; extent: string }>;

/** The months of entities from one on, newest first: state, newest totals, debt. One question, whatever their number. */
export async function findMonths(
  pool: pg.Pool,
  entityIds: readonly string[],
  from: Month,
): Promise<readonly MonthRead[]> {
  const { rows } = await pool.query<Row>(
    `WITH months AS (
       SELECT p.*, coalesce(c.reviewers, 1) AS reviewers, coalesce(c.materiality, 0)::bigint AS materiality
         FROM period p LEFT JOIN close_policy c ON c.entity_id = p.entity_id
        WHERE p.entity_id = ANY ($1) AND p.month >= $2),
     debts AS (
       SELECT e.entity_id, part.period, e.currency, count(*)::int AS count, sum(greatest(abs(e.net), abs(e.tax), abs(e.gross)))::bigint AS extent,
              count(*) FILTER (WHERE e.cause = ANY ($3))::int AS tax_open
         FROM exception e CROSS JOIN LATERAL (
                SELECT e.period::text AS period UNION SELECT one ->> 'period' FROM jsonb_array_elements(e.amounts) one
                 WHERE one ->> 'period' IS NOT NULL) part
        WHERE e.entity_id = ANY ($1) AND ${IS_OPEN} AND part.period >= $2 GROUP BY 1, 2, 3),
     owed AS (
       SELECT entity_id, period, sum(tax_open)::int AS tax_open,
              jsonb_agg(jsonb_build_object('currency', currency, 'count', count, 'extent', extent::text) ORDER BY currency) AS debt
         FROM debts GROUP BY 1, 2)
     SELECT m.entity_id AS "entityId", m.month, m.state, m.round, m.lock_no AS "lockNo", m.soft_closed_at AS "softClosedAt",
            m.reopened_until AS "reopenedUntil", m.reviewers, m.materiality,
            coalesce(s.signed, 0) AS signed, coalesce(s.suspended, false) AS suspended,
            EXISTS (SELECT FROM period_reopening r WHERE r.entity_id = m.entity_id AND r.month = m.month AND r.state = 'asked') AS asked,
            coalesce(t.totals, '[]') AS totals, t.as_of AS "asOf", coalesce(o.debt, '[]') AS debt, coalesce(o.tax_open, 0) AS "taxOpen"
       FROM months m
       LEFT JOIN LATERAL (
         SELECT count(*) FILTER (WHERE f.suspended_at IS NULL AND f.withdrawn_at IS NULL)::int AS signed,
                bool_or(f.suspended_at IS NOT NULL AND f.withdrawn_at IS NULL AND NOT EXISTS (
                  SELECT FROM period_sign_off g WHERE g.entity_id = f.entity_id AND g.month = f.month AND g.round = f.round AND g.step = f.step
                     AND g.signed_at > f.signed_at)) AS suspended
           FROM period_sign_off f WHERE f.entity_id = m.entity_id AND f.month = m.month AND f.round = m.round) s ON true
       LEFT JOIN LATERAL (
         SELECT jsonb_agg(y.totals ORDER BY y.currency) AS totals, min(y.as_of) AS as_of FROM period_summary y
          WHERE y.entity_id = m.entity_id AND y.period = m.month AND y.run_id = (
            SELECT n.run_id FROM period_summary n WHERE n.entity_id = m.entity_id AND n.period = m.month
             ORDER BY n.made_at DESC, n.run_id LIMIT 1)) t ON true
       LEFT JOIN owed o ON o.entity_id = m.entity_id AND o.period = m.month
      ORDER BY m.month DESC, m.entity_id`,
    [[...entityIds], from, TAX_CAUSES],
  );
  return rows.map((row) => ({
    ...row,
    totals: (row.totals as readonly unknown[]).map((one) => Totals.parse(one)),
    debt: row.debt.map((one) => ({ ...one, extent: BigInt(one.extent) })),
  }));
}

/** The state of a month in one word. */
export function stateOf(
  month: Pick<MonthRead, "state" | "lockNo" | "signed" | "suspended" | "reviewers" | "softClosedAt">,
): MonthState {
  if (month.state === "closed") return "locked";
  if (month.suspended) return "suspended";
  if (month.signed > month.reviewers) return "signed";
  if (month.signed > 0) return "signed-in-part";
  if (month.lockNo > 0) return "reopened";
  return month.softClosedAt ? "soft-closed" : "open";
}

/** Whose turn it is, and what for: in words for people, with the part of the month's page where it is done. */
export type NextUp = Readonly<{ who: string; what: string; at: string }>;

/** Who is next in a month, by what stands in its way first. Null where nobody has anything to do. */
export function nextUpOf(
  month: Pick<
    MonthRead,
    "state" | "lockNo" | "signed" | "suspended" | "reviewers" | "softClosedAt" | "totals" | "asked"
  > &
    Readonly<{
      ended: boolean;
      /** orders that came to the month after it was closed */
      late: number;
      /** tasks of the checklist that are not complete, in their order */
      tasks: readonly Readonly<{ title: string; owner: string }>[];
    }>,
): NextUp | null {
  if (month.state === "closed") {
    if (month.asked)
      return {
        who: "A reviewer of finance",
        what: "decides on the reopening that was asked for",
        at: "#closed",
      };
    if (month.late === 0) return null;
    const arrivals = month.late === 1 ? "1 late arrival" : `${month.late.toLocaleString("en")} late arrivals`;
    return { who: "Finance", what: `has ${arrivals}, proposed for the next open month`, at: "#late" };
  }
  if (month.totals.length === 0) return { who: "Whoever may reconcile", what: "does so first", at: "" };
  if (month.totals.some((one) => one.causes.some(({ cause }) => cause === "record-failed")))
    return { who: "Operations", what: "has records that could not be read", at: "#readiness" };
  if (month.totals.some((one) => !one.tiesOut))
    return {
      who: "Finance",
      what: "has differences that nothing explains, or a proof that fails",
      at: "#readiness",
    };
  if (!month.ended) return { who: "Nobody yet:", what: "the month has not ended", at: "" };
  if (month.signed > month.reviewers)
    return { who: "A reviewer of finance", what: "closes the month", at: "#sign-off" };
  if (month.signed > 0)
    return {
      who: "A reviewer of finance",
      what: `signs: ${month.signed} of ${month.reviewers + 1} signed`,
      at: "#sign-off",
    };
  const [task, ...more] = month.tasks;
  if (task)
    return {
      who: task.owner,
      what: `has “${task.title}” left${more.length === 0 ? "" : `, and ${more.length} more ${more.length === 1 ? "task is" : "tasks are"}`}`,
      at: "#checklist",
    };
  return {
    who: "A preparer of finance",
    what: month.suspended ? "signs again: the figures moved" : "signs",
    at: "#sign-off",
  };
}
