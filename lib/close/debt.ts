import type pg from "pg";
import type { Day, Month } from "@/lib/domain/day";
import type { Minor } from "@/lib/domain/money";
import { openStates } from "@/lib/exceptions/machine";
import { ageBuckets } from "@/lib/exceptions/schema";

// The sentence of the partial indexes: only as it stands here does the planner see that it is the same.
/** That somebody must still act on an exception, which the question calls e. */
export const IS_OPEN = `e.state IN (${openStates.map((state) => `'${state}'`).join(", ")})`;

/** How many exceptions and how much: of each the largest of net, tax and gross without its sign, in minor units. */
type Debt = Readonly<{ currency: string; count: number; extent: Minor }>;

const EXTENT = "greatest(abs(e.net), abs(e.tax), abs(e.gross))";

/** What is open of an entity, once by age, once by owner, once by cause. */
export type DebtRow = Debt &
  Readonly<{
    by: "age" | "owner" | "cause";
    /** of `ageBuckets`, a cause's code, or a team */
    key: string;
    /** who has it, where it is told apart by owner; null: nobody yet */
    assigneeId: string | null;
    assignee: string | null;
    /** the team as people call it */
    team: string | null;
  }>;

/** What is open of an age, of `ageBuckets`. */
export type AgeRow = Debt & Readonly<{ key: string }>;

const AGE = `CASE ${ageBuckets
  .map(({ key, to }) => (to === null ? `ELSE '${key}'` : `WHEN $2::date - e.age_day <= ${to} THEN '${key}'`))
  .join(" ")} END`;

/**
 * What was open: now, or at a moment (a parameter, as $3) as it is kept. $1 is the entity. The rows are called e, and have what is
 * summed here of an exception.
 */
const openOf = (at: string | null): string =>
  at === null
    ? `exception e WHERE e.entity_id = $1 AND ${IS_OPEN}`
    : `(SELECT DISTINCT ON (h.order_key, h.exception_id) h.*, h.exception_id AS id FROM exception_history h
         WHERE h.entity_id = $1 AND h.at <= ${at}::timestamptz ORDER BY h.order_key, h.exception_id, h.at DESC) e
       WHERE e.open`;

/** From when on it is kept what was open; null: from the beginning. */
export async function debtKeptSince(pool: pg.Pool, entityId: string): Promise<Date | null> {
  const { rows } = await pool.query<{ at: Date }>(
    "SELECT at FROM exception_history_since WHERE entity_id = $1",
    [entityId],
  );
  return rows[0]?.at ?? null;
}

/** What people must still act on in an entity, of all months, as of a day: by age, by owner and by cause. `at`: as it was then. */
export async function findOpenDebt(
  pool: pg.Pool,
  entityId: string,
  today: Day,
  at: Date | null = null,
): Promise<readonly DebtRow[]> {
  const { rows } = await pool.query<DebtRow>(
    `WITH open AS MATERIALIZED (
       SELECT ${AGE} AS age, e.owner_team, e.assignee_id, e.cause, e.currency, ${EXTENT} AS extent
         FROM ${openOf(at && "$3")}),
     summed AS (
       SELECT CASE WHEN GROUPING(age) = 0 THEN 'age' WHEN GROUPING(owner_team) = 0 THEN 'owner' ELSE 'cause' END AS by,
              coalesce(age, owner_team, cause) AS key, assignee_id, currency, count(*)::int AS count, sum(extent)::bigint AS extent
         FROM open GROUP BY GROUPING SETS ((age, currency), (owner_team, assignee_id, currency), (cause, currency)))
     SELECT s.by, s.key, s.assignee_id AS "assigneeId", u.name AS assignee, t.name AS team, s.currency, s.count, s.extent
       FROM summed s LEFT JOIN "user" u ON u.id = s.assignee_id LEFT JOIN team t ON s.by = 'owner' AND t.id = s.key
      ORDER BY s.by, s.extent DESC, s.key, u.name NULLS FIRST, s.currency`,
    [entityId, today, ...(at ? [at] : [])],
  );
  return rows;
}

/** What people must still act on in one month of an entity, by age as of a day: measured as `findOpenDebt` does. `at`: as it was then. */
export async function findMonthDebt(
  pool: pg.Pool,
  entityId: string,
  month: Month,
  today: Day,
  at: Date | null = null,
): Promise<readonly AgeRow[]> {
  const { rows } = await pool.query<AgeRow>(
    `SELECT ${AGE} AS key, e.currency, count(*)::int AS count, sum(${EXTENT})::bigint AS extent
       FROM ${openOf(at && "$5")} AND (e.period = $3 OR e.amounts @> $4::jsonb)
      GROUP BY 1, 2 ORDER BY min($2::date - e.age_day), e.currency`,
    [entityId, today, month, JSON.stringify([{ period: month }]), ...(at ? [at] : [])],
  );
  return rows;
}

/** What was or is open of a month, by cause. */
export type TrendRow = Debt & Readonly<{ month: Month; cause: string }>;

/** What is open now (or was `at` a moment) of the books of each month, by cause. */
export async function findTrendOfBooks(
  pool: pg.Pool,
  entityId: string,
  months: readonly Month[],
  at: Date | null = null,
): Promise<readonly TrendRow[]> {
  const { rows } = await pool.query<TrendRow>(
    `SELECT e.period AS month, e.cause, e.currency, count(*)::int AS count, sum(${EXTENT})::bigint AS extent
       FROM ${openOf(at && "$3")} AND e.period = ANY ($2)
      GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`,
    [entityId, [...months], ...(at ? [at] : [])],
  );
  return rows;
}

/**
 * What was open when each month had ended where the entity keeps its books, by cause: from the day on which it was found to the
 * day on which it ended for good, with what it is worth today. Months that have not ended are left out.
 */
export async function findTrendOfEnds(
  pool: pg.Pool,
  entityId: string,
  months: readonly Month[],
  now: Date,
): Promise<readonly TrendRow[]> {
  const { rows } = await pool.query<TrendRow>(
    `WITH ends AS (
       SELECT m AS month, ((to_date(m, 'YYYY-MM') + interval '1 month')::timestamp AT TIME ZONE n.time_zone) AS at
         FROM unnest($2::text[]) m, entity n WHERE n.id = $1),
     lives AS MATERIALIZED (
       SELECT e.cause, e.currency, ${EXTENT} AS extent, e.first_seen_at AS since,
              CASE WHEN ${IS_OPEN} THEN NULL ELSE coalesce(e.resolved_at, (
                SELECT max(a.accepted_at) FROM acceptance a WHERE a.order_key = e.order_key AND a.exception_id = e.id), e.last_seen_at) END AS until
         FROM exception e WHERE e.entity_id = $1 AND (e.bucket <> 'explained' OR ${IS_OPEN}))
     SELECT d.month, l.cause, l.currency, count(*)::int AS count, sum(l.extent)::bigint AS extent
       FROM ends d JOIN lives l ON l.since < d.at AND (l.until IS NULL OR l.until >= d.at)
      WHERE d.at <= $3 GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`,
    [entityId, [...months], now],
  );
  return rows;
}

/** How often a cause was found in the books of a month, whatever became of it. */
export type CauseCount = Readonly<{ cause: string; month: Month; count: number }>;

/**
 * How often each cause was found in the books of some months, from the sums that are kept; `at` a moment: of what had been found
 * by then, in the months in which it stands today.
 */
export async function findReturning(
  pool: pg.Pool,
  entityId: string,
  months: readonly Month[],
  at: Date | null = null,
): Promise<readonly CauseCount[]> {
  if (at) {
    const { rows } = await pool.query<CauseCount>(
      `SELECT e.cause, part.period AS month, count(*)::int AS count
         FROM exception e CROSS JOIN LATERAL (
                SELECT e.period::text AS period UNION SELECT one ->> 'period' FROM jsonb_array_elements(e.amounts) one
                 WHERE one ->> 'period' IS NOT NULL) part
        WHERE e.entity_id = $1 AND part.period = ANY ($2) AND e.first_seen_at <= $3 GROUP BY 1, 2 ORDER BY 1, 2`,
      [entityId, [...months], at],
    );
    return rows;
  }
  const { rows } = await pool.query<CauseCount>(
    `SELECT cause, period AS month, sum(count)::int AS count FROM exception_cell
      WHERE entity_id = $1 AND cube = 'months' AND period = ANY ($2) GROUP BY 1, 2 HAVING sum(count) > 0 ORDER BY 1, 2`,
    [entityId, [...months]],
  );
  return rows;
}

/** What happened to an exception. */
export type Moment = Readonly<{ at: string; kind: string; who: string; text: string | null }>;

/** An exception of an earlier month that is still open, with what happened to it last. */
export type Carried = Readonly<{
  id: string;
  orderKey: string;
  order: string | null;
  /** what it is about where that is no order, and what it comes to where that is no amount */
  about: string | null;
  matter: string | null;
  document: string | null;
  cause: string;
  month: Month;
  currency: string;
  net: Minor;
  tax: Minor;
  gross: Minor;
  team: string;
  assignee: string | null;
  due: Day | null;
  firstSeenAt: Date;
  /** newest first, at most five */
  moments: readonly Moment[];
  /** of how many */
  events: number;
}>;

/** How many carried-forward exceptions a page shows. */
export const CARRIED_SHOWN = 25;

/** What earlier months carry into a month: still open (or `at` a moment), the largest first; and how many there are. */
export async function findCarried(
  pool: pg.Pool,
  entityId: string,
  month: Month,
  page: number,
  at: Date | null = null,
): Promise<Readonly<{ rows: readonly Carried[]; count: number }>> {
  const [rows, counts] = await Promise.all([
    pool.query<Carried>(
      `SELECT c.id, c.order_key AS "orderKey", n.order_reference AS "order", n.about, n.matter, n.document_number AS document, c.cause, c.period AS month,
              c.currency, c.net, c.tax, c.gross, coalesce(t.name, c.owner_team) AS team, u.name AS assignee, c.due,
              n.first_seen_at AS "firstSeenAt", coalesce(h.moments, '[]') AS moments, coalesce(h.events, 0) AS events
         FROM (
           SELECT * FROM ${openOf(at && "$4")} AND e.period < $2
            ORDER BY ${EXTENT} DESC, e.id LIMIT ${CARRIED_SHOWN} OFFSET $3) c
         JOIN exception n ON n.order_key = c.order_key AND n.id = c.id
         LEFT JOIN team t ON t.id = c.owner_team LEFT JOIN "user" u ON u.id = c.assignee_id
         LEFT JOIN LATERAL (
           SELECT jsonb_agg(jsonb_build_object('at', v.at, 'kind', v.kind, 'who', v.actor_name, 'text', v.text) ORDER BY v.at DESC, v.id) AS moments,
                  max(v.events)::int AS events
             FROM (
               SELECT v.*, count(*) OVER () AS events FROM exception_event v
                WHERE v.order_key = c.order_key AND v.exception_id = c.id ${at ? "AND v.at <= $4" : ""}
                ORDER BY v.at DESC, v.id LIMIT 5) v) h ON true
        ORDER BY greatest(abs(c.net), abs(c.tax), abs(c.gross)) DESC, c.id`,
      [entityId, month, (page - 1) * CARRIED_SHOWN, ...(at ? [at] : [])],
    ),
    pool.query<{ count: number }>(
      `SELECT count(*)::int AS count FROM ${openOf(at && "$3")} AND e.period < $2`,
      [entityId, month, ...(at ? [at] : [])],
    ),
  ]);
  return { rows: rows.rows, count: counts.rows[0]?.count ?? 0 };
}

/** A cause that is found month after month. */
export type Returning = Readonly<{
  cause: string;
  /** by month, in the order of the months asked for */
  counts: readonly number[];
  /** how many of the last months in a row it was found in */
  streak: number;
}>;

/**
 * Which causes come back: those found in most of the months, the longest unbroken run first. `months` oldest first; a cause
 * comes back where it was found in at least two of them in a row, up to the newest.
 */
export function returningOf(found: readonly CauseCount[], months: readonly Month[]): readonly Returning[] {
  const causes = [...new Set(found.map((one) => one.cause))];
  const rows = causes.map((cause) => {
    const counts = months.map(
      (month) => found.find((one) => one.cause === cause && one.month === month)?.count ?? 0,
    );
    const gap = [...counts].reverse().indexOf(0);
    return { cause, counts, streak: gap < 0 ? counts.length : gap };
  });
  const all = ({ counts }: Returning) => counts.reduce((sum, one) => sum + one, 0);
  return rows.sort((a, b) => b.streak - a.streak || all(b) - all(a) || (a.cause < b.cause ? -1 : 1));
}
