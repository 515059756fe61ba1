import "server-only";
import { appPool } from "@/lib/db/pool";
import { type Counted, checks } from "@/lib/manual/registry";

/** How the orders placed since a moment go from SCAYLE into the ERP: how many of them have come to each step. */
export type OrderFlow = Readonly<{
  placed: number;
  cancelled: number;
  /** of those that were not cancelled: */
  confirmed: number;
  /** passed on to the merchant, as SCAYLE calls it delegated */
  passedOn: number;
  shipped: number;
  posted: number;
  /** posted, and nothing to act on */
  agree: number;
  /** posted, with exceptions that somebody must act on */
  differing: number;
  /** SCAYLE's states of those that are neither cancelled nor confirmed */
  unconfirmedStates: readonly string[];
}>;

/** Of how many days the flow is shown beside today's: today's orders alone have hardly left. */
export const FLOW_DAYS = 7;

/** Counts the orders of an entity step by step: of its today, and of the last seven days. */
export async function findOrderFlow(
  entityId: string,
  now: Date,
): Promise<Readonly<{ today: OrderFlow; week: OrderFlow }>> {
  const { rows } = await appPool().query<OrderFlow & Readonly<{ span: "today" | "week" }>>(
    `WITH span AS (
       SELECT 'week' AS span, $2::timestamptz - make_interval(days => ${FLOW_DAYS}) AS since
       UNION ALL
       SELECT 'today', date_trunc('day', $2::timestamptz AT TIME ZONE e.time_zone) AT TIME ZONE e.time_zone FROM entity e WHERE e.id = $1),
     flow AS (
       SELECT o.order_key, o.placed_at, o.confirmed_at, coalesce(o.order_status, o.status, '') AS state,
              coalesce(o.order_status, o.status, '') ~ 'cancel' AS cancelled,
              EXISTS (SELECT FROM jsonb_array_elements(o.content -> 'items') i WHERE i ->> 'delegatedAt' IS NOT NULL) AS passed_on,
              EXISTS (SELECT FROM document d WHERE d.order_key = o.order_key AND d.side = 'scayle' AND d.kind = 'sale') AS shipped,
              EXISTS (SELECT FROM document d WHERE d.order_key = o.order_key AND d.side = 'erp' AND d.kind = 'sale' AND d.posted) AS posted,
              EXISTS (SELECT FROM exception e WHERE e.order_key = o.order_key AND e.state IN ('new', 'assigned', 'in-progress', 'waiting')) AS open
         FROM sales_order o WHERE o.entity_id = $1 AND o.placed_at >= (SELECT min(since) FROM span) AND o.placed_at <= $2)
     SELECT s.span, count(f.order_key)::int AS placed,
            count(*) FILTER (WHERE cancelled)::int AS cancelled,
            count(*) FILTER (WHERE NOT cancelled AND confirmed_at IS NOT NULL)::int AS confirmed,
            count(*) FILTER (WHERE NOT cancelled AND (passed_on OR shipped))::int AS "passedOn",
            count(*) FILTER (WHERE NOT cancelled AND shipped)::int AS shipped,
            count(*) FILTER (WHERE NOT cancelled AND posted)::int AS posted,
            count(*) FILTER (WHERE NOT cancelled AND posted AND NOT open)::int AS agree,
            count(*) FILTER (WHERE NOT cancelled AND posted AND open)::int AS differing,
            coalesce(array_agg(DISTINCT state ORDER BY state) FILTER (WHERE NOT cancelled AND confirmed_at IS NULL AND state <> ''), '{}')
              AS "unconfirmedStates"
       FROM span s LEFT JOIN flow f ON f.placed_at >= s.since GROUP BY s.span`,
    [entityId, now],
  );
  const of = (span: "today" | "week"): OrderFlow => {
    const row = rows.find((one) => one.span === span);
    return row ? { ...row } : NONE;
  };
  return { today: of("today"), week: of("week") };
}

const NONE: OrderFlow = {
  ...{ placed: 0, cancelled: 0, confirmed: 0, passedOn: 0, shipped: 0, posted: 0, agree: 0, differing: 0 },
  unconfirmedStates: [],
};

/** How much of something there is that should not be; `isIdle`: nothing came that it could be said of. */
export type DailyCheck = Readonly<{ key: Counted; count: number; isIdle: boolean }>;

/** How much of each there is that should not be (lib/manual/registry): a check is done where there is none. */
export async function findDailyChecks(
  entityId: string,
  now: Date,
  today: string,
): Promise<readonly DailyCheck[]> {
  const { rows } = await appPool().query<Record<Counted | "came", number>>(
    `SELECT
       (SELECT count(*)::int FROM alert WHERE entity_id = $1 AND owner_team = 'operations' AND closed_at IS NULL
          AND acknowledged_at IS NULL) AS alerts,
       (SELECT count(*)::int FROM feed f JOIN connection c ON c.id = f.connection_id
         WHERE f.entity_id = $1 AND c.retired_at IS NULL AND f.resource IN ('orders', 'ledger-documents', 'invoices', 'status', 'stock')
           AND (f.held_at IS NOT NULL OR coalesce(f.confirmed_until, f.created_at) < $2::timestamptz - make_interval(secs => f.promise_seconds))) AS feeds,
       (SELECT count(*)::int FROM failed_record WHERE entity_id = $1 AND resolved_at IS NULL) AS failed,
       (SELECT count(*)::int FROM job_failure WHERE entity_id = $1 AND settled_at IS NULL) AS jobs,
       (SELECT count(*)::int FROM webhook_event WHERE entity_id = $1 AND state = 'failed' AND received_at >= $2::timestamptz - interval '1 day') AS webhooks,
       (SELECT count(*)::int FROM webhook_event WHERE entity_id = $1 AND received_at >= $2::timestamptz - interval '1 day') AS came,
       (SELECT count(*)::int FROM exception WHERE entity_id = $1 AND owner_team = 'operations'
          AND state IN ('new', 'assigned', 'in-progress', 'waiting') AND due < $3::date) AS overdue,
       (SELECT count(*)::int FROM exception WHERE entity_id = $1 AND owner_team = 'operations' AND state = 'new' AND assignee_id IS NULL
          AND first_seen_at < $2::timestamptz - interval '1 day') AS unassigned,
       (SELECT count(*)::int FROM stock_standing WHERE entity_id = $1 AND at_risk > 0) AS oversell,
       (SELECT count(*)::int FROM stock_standing WHERE entity_id = $1 AND state = 'drifting') AS drift`,
    [entityId, now, today],
  );
  const row = rows[0];
  return checks.flatMap(({ ticks }) =>
    ticks
      ? [
          {
            key: ticks.by,
            count: row?.[ticks.by] ?? 0,
            isIdle: ticks.by === "webhooks" && (row?.came ?? 0) === 0,
          },
        ]
      : [],
  );
}
