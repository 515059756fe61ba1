import "server-only";
import { appPool } from "@/lib/db/pool";

/** How the orders that were placed since a moment go from SCAYLE into the ERP: how many have come to each step. */
export type OrderFlow = Readonly<{
  placed: number;
  cancelled: number;
  /** of those that were not cancelled: */
  confirmed: number;
  shipped: number;
  posted: number;
  /** posted, and nothing to act on */
  agree: number;
  /** confirmed and not shipped for longer than nineteen of twenty orders take */
  stuckBeforeShipping: number;
  /** shipped, and the ERP should have them: their exceptions are open */
  stuckBeforePosting: number;
  /** posted, with exceptions that somebody must act on */
  differing: number;
  /** how long nineteen of the last twenty orders (of up to 5,000) took from confirmation to shipping, in hours; null: too few */
  shippingHours: number | null;
}>;

/** So many orders at least must have been shipped before anything is said of how long that takes. */
const ENOUGH = 20;

/** Counts the orders of an entity that were placed since a moment, step by step. */
export async function findOrderFlow(entityId: string, since: Date, now: Date): Promise<OrderFlow> {
  const { rows: lags } = await appPool().query<{ hours: number | null; count: number }>(
    `SELECT count(*)::int AS count, (percentile_cont(0.95) WITHIN GROUP (ORDER BY extract(epoch FROM s.at - o.confirmed_at)) / 3600)::float AS hours
       FROM (SELECT order_key, confirmed_at FROM sales_order
              WHERE entity_id = $1 AND placed_at < $2 AND confirmed_at IS NOT NULL ORDER BY placed_at DESC LIMIT 5000) o
       JOIN LATERAL (SELECT min(l.at) AS at FROM line l WHERE l.order_key = o.order_key AND l.side = 'scayle' AND l.document_kind = 'sale') s
         ON s.at >= o.confirmed_at`,
    [entityId, now],
  );
  const lag = lags[0];
  const shippingHours = lag && lag.count >= ENOUGH ? lag.hours : null;
  const { rows } = await appPool().query<Omit<OrderFlow, "shippingHours">>(
    `WITH flow AS (
       SELECT o.confirmed_at,
              coalesce(o.order_status, o.status, '') ~ 'cancel' AS cancelled,
              EXISTS (SELECT FROM document d WHERE d.order_key = o.order_key AND d.side = 'scayle' AND d.kind = 'sale') AS shipped,
              EXISTS (SELECT FROM document d WHERE d.order_key = o.order_key AND d.side = 'erp' AND d.kind = 'sale' AND d.posted) AS posted,
              EXISTS (SELECT FROM exception e WHERE e.order_key = o.order_key AND e.state IN ('new', 'assigned', 'in-progress', 'waiting')
                 AND e.cause = 'sale-missing-in-erp') AS missing,
              EXISTS (SELECT FROM exception e WHERE e.order_key = o.order_key AND e.state IN ('new', 'assigned', 'in-progress', 'waiting')) AS open
         FROM sales_order o WHERE o.entity_id = $1 AND o.placed_at >= $2)
     SELECT count(*)::int AS placed,
            count(*) FILTER (WHERE cancelled)::int AS cancelled,
            count(*) FILTER (WHERE NOT cancelled AND confirmed_at IS NOT NULL)::int AS confirmed,
            count(*) FILTER (WHERE NOT cancelled AND shipped)::int AS shipped,
            count(*) FILTER (WHERE NOT cancelled AND posted)::int AS posted,
            count(*) FILTER (WHERE NOT cancelled AND posted AND NOT open)::int AS agree,
            count(*) FILTER (WHERE NOT cancelled AND NOT shipped AND $4::float IS NOT NULL
              AND confirmed_at < $3::timestamptz - make_interval(secs => $4::float * 3600))::int AS "stuckBeforeShipping",
            count(*) FILTER (WHERE missing)::int AS "stuckBeforePosting",
            count(*) FILTER (WHERE posted AND open AND NOT missing)::int AS differing
       FROM flow`,
    [entityId, since, now, shippingHours],
  );
  const [row] = rows;
  if (!row) throw new Error("a count answers one row");
  return { ...row, shippingHours };
}

/** What operations checks each day, as the facts are at this moment. */
export type DailyCheck = Readonly<{
  key: "feeds" | "failed" | "jobs" | "webhooks" | "overdue" | "unassigned";
  count: number;
}>;

/** How much of each there is that should not be: a check is done where there is none. */
export async function findDailyChecks(
  entityId: string,
  now: Date,
  today: string,
): Promise<readonly DailyCheck[]> {
  const { rows } = await appPool().query<Record<DailyCheck["key"], number>>(
    `SELECT
       (SELECT count(*)::int FROM feed f JOIN connection c ON c.id = f.connection_id
         WHERE f.entity_id = $1 AND c.retired_at IS NULL AND f.resource IN ('orders', 'ledger-documents', 'invoices', 'status', 'stock')
           AND (f.held_at IS NOT NULL OR coalesce(f.confirmed_until, f.created_at) < $2::timestamptz - make_interval(secs => f.promise_seconds))) AS feeds,
       (SELECT count(*)::int FROM failed_record WHERE entity_id = $1 AND resolved_at IS NULL) AS failed,
       (SELECT count(*)::int FROM job_failure WHERE entity_id = $1 AND settled_at IS NULL) AS jobs,
       (SELECT count(*)::int FROM webhook_event WHERE entity_id = $1 AND state = 'failed' AND received_at >= $2::timestamptz - interval '1 day') AS webhooks,
       (SELECT count(*)::int FROM exception WHERE entity_id = $1 AND owner_team = 'operations'
          AND state IN ('new', 'assigned', 'in-progress', 'waiting') AND due < $3::date) AS overdue,
       (SELECT count(*)::int FROM exception WHERE entity_id = $1 AND owner_team = 'operations' AND state = 'new' AND assignee_id IS NULL
          AND first_seen_at < $2::timestamptz - interval '1 day') AS unassigned`,
    [entityId, now, today],
  );
  const row = rows[0];
  const keys = ["feeds", "failed", "jobs", "webhooks", "overdue", "unassigned"] as const;
  return keys.map((key) => ({ key, count: row?.[key] ?? 0 }));
}
