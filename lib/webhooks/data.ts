import "server-only";
import { appPool } from "@/lib/db/pool";

export type WebhookRow = Readonly<{
  id: string;
  endpoint: string;
  type: string;
  statedType: string;
  receivedAt: Date;
  occurredAt: Date | null;
  /** order | stock: what it is about */
  subject: string;
  /** the order that it names, by its reference where we hold it; or the item whose stock it speaks of */
  about: string | null;
  orderKey: string | null;
  state: string;
  outcome: string | null;
  deliveries: number;
  /** the event as it came, without personal data */
  body: unknown;
}>;

export type WebhookPage = Readonly<{
  rows: readonly WebhookRow[];
  total: number;
  /** how many there are in each state */
  counts: ReadonlyMap<string, number>;
  endpoints: readonly Readonly<{ id: string; kind: string; connection: string; lastAt: Date | null }>[];
}>;

/** Events of an entity, newest first, and the endpoints that they came by. */
export async function findWebhooks(
  entityId: string,
  asked: Readonly<{ state: string | null; page: number; pageSize: number }>,
): Promise<WebhookPage> {
  const pool = appPool();
  const [rows, counts, endpoints] = await Promise.all([
    pool.query<WebhookRow>(
      `SELECT w.id, w.endpoint_id AS endpoint, w.type, w.stated_type AS "statedType", w.received_at AS "receivedAt",
              w.occurred_at AS "occurredAt", w.subject, coalesce(o.reference, w.reference, w.source_id,
                -- A basket is of no order: its items say what it is about.
                CASE WHEN w.type LIKE 'basket%' THEN (SELECT string_agg(item, ', ') FROM (
                  SELECT DISTINCT v #>> '{}' AS item FROM jsonb_path_query(w.body::jsonb, '$.**.variant.referenceKey') AS v
                   ORDER BY 1 LIMIT 5) AS items) END) AS about,
              o.order_key AS "orderKey", w.state, w.outcome, w.deliveries, w.body
         FROM (SELECT * FROM webhook_event WHERE entity_id = $1 AND ($2::text IS NULL OR state = $2)
                ORDER BY received_at DESC, id LIMIT $3 OFFSET $4) w
         LEFT JOIN sales_order o ON w.subject = 'order' AND o.connection_id = w.connection_id AND o.source_id = w.source_id
        ORDER BY w.received_at DESC, w.id`,
      [entityId, asked.state, asked.pageSize, (asked.page - 1) * asked.pageSize],
    ),
    pool.query<{ state: string; count: number }>(
      "SELECT state, count(*)::int AS count FROM webhook_event WHERE entity_id = $1 GROUP BY state",
      [entityId],
    ),
    pool.query<WebhookPage["endpoints"][number]>(
      `SELECT e.id, e.kind, c.name AS connection,
              (SELECT max(w.received_at) FROM webhook_event w WHERE w.endpoint_id = e.id) AS "lastAt"
         FROM webhook_endpoint e JOIN connection c ON c.id = e.connection_id
        WHERE e.entity_id = $1 AND e.retired_at IS NULL AND c.retired_at IS NULL ORDER BY e.created_at, e.id`,
      [entityId],
    ),
  ]);
  const byState = new Map(counts.rows.map((row) => [row.state, row.count]));
  const total =
    asked.state === null
      ? [...byState.values()].reduce((sum, one) => sum + one, 0)
      : (byState.get(asked.state) ?? 0);
  return { rows: rows.rows, total, counts: byState, endpoints: endpoints.rows };
}
