import "server-only";
import { appPool } from "@/lib/db/pool";
import type { Day } from "@/lib/domain/day";
import type { DocumentKind, Side } from "@/lib/domain/document";
import type { Minor } from "@/lib/domain/money";
import { OrderContent, OrderInvoices, type ResyncFilter, type ResyncState } from "./schema";

export type OrderHead = Readonly<{
  orderKey: string;
  entityId: string;
  entityName: string;
  timeZone: string;
  reference: string;
  sourceId: string;
  publicKey: string | null;
  shop: string | null;
  channel: string | null;
  channelType: string;
  shipTo: string | null;
  currency: string;
  status: string | null;
  orderStatus: string | null;
  shippingStatus: string | null;
  billingStatus: string | null;
  placedAt: Date | null;
  confirmedAt: Date | null;
  modifiedAt: Date | null;
  checkedAt: Date;
  content: OrderContent;
  invoices: OrderInvoices;
  invoicesAt: Date | null;
}>;

/** How many items of an order wait for each step of it that has not come, by the step. */
export async function findWaits(
  entityIds: readonly string[],
  orderKey: string,
): Promise<ReadonlyMap<string, number>> {
  const { rows } = await appPool().query<{ step: string; items: number }>(
    `SELECT step, jsonb_array_length(detail -> 'items') AS items FROM status_step
      WHERE order_key = $1 AND entity_id = ANY ($2) AND kind = 'waiting'`,
    [orderKey, [...entityIds]],
  );
  return new Map(rows.map(({ step, items }) => [step, items]));
}

/** The order as SCAYLE shows it, or null where only ERP documents (or nothing) are under this key. */
export async function findOrder(entityIds: readonly string[], orderKey: string): Promise<OrderHead | null> {
  const { rows } = await appPool().query<OrderHead & { content: unknown; invoices: unknown }>(
    `SELECT o.order_key AS "orderKey", o.entity_id AS "entityId", n.name AS "entityName",
       n.time_zone AS "timeZone", o.reference, o.source_id AS "sourceId", o.public_key AS "publicKey",
       s.name AS shop, o.channel, o.channel_type AS "channelType", o.ship_to AS "shipTo", o.currency, o.status,
       o.order_status AS "orderStatus", o.shipping_status AS "shippingStatus", o.billing_status AS "billingStatus",
       o.placed_at AS "placedAt", o.confirmed_at AS "confirmedAt", o.modified_at AS "modifiedAt",
       o.checked_at AS "checkedAt", o.content, o.invoices, o.invoices_at AS "invoicesAt"
     FROM sales_order o JOIN entity n ON n.id = o.entity_id LEFT JOIN shop s ON s.id = o.shop_id
     WHERE o.order_key = $1 AND o.entity_id = ANY($2)`,
    [orderKey, [...entityIds]],
  );
  const [row] = rows;
  if (!row) return null;
  return {
    ...row,
    content: OrderContent.parse(row.content ?? {}),
    invoices: OrderInvoices.parse(row.invoices),
  };
}

export type OrderDocument = Readonly<{
  id: string;
  entityId: string;
  side: Side;
  kind: DocumentKind;
  number: string;
  reference: string | null;
  originalNumber: string | null;
  status: string | null;
  posted: boolean;
  /** the strategy that put an ERP document here; null: none did, or it is SCAYLE's own */
  placedBy: string | null;
  currency: string;
  postingDay: Day | null;
  modifiedAt: Date | null;
  seenAt: Date;
  /** when it was last held against its source: read, or in an answer that named all that had changed and not it */
  comparedAt: Date;
  version: number;
}>;

/** The documents of both sides under one key, SCAYLE's first, by day and number. */
export async function findDocuments(
  entityIds: readonly string[],
  orderKey: string,
): Promise<readonly OrderDocument[]> {
  const { rows } = await appPool().query<OrderDocument>(
    `SELECT id, entity_id AS "entityId", side, kind, number, reference, original_number AS "originalNumber", status,
       posted, placed_by AS "placedBy", currency, posting_day AS "postingDay", modified_at AS "modifiedAt", seen_at AS "seenAt", version,
       greatest(seen_at, checked_at, (SELECT max(f.confirmed_until) FROM feed f WHERE f.connection_id = document.connection_id
          AND f.resource IN ('orders', 'ledger-documents') AND (f.shop_id IS NULL OR f.shop_id = document.shop_id))) AS "comparedAt"
     FROM document WHERE order_key = $1 AND entity_id = ANY($2)
     ORDER BY side DESC, kind DESC, posting_day NULLS LAST, number, id`,
    [orderKey, [...entityIds]],
  );
  return rows;
}

export type OrderLine = Readonly<{
  id: string;
  documentId: string;
  /** the pair it is in; null: not matched (a draft, or not reconciled yet) */
  pairId: string | null;
  side: Side;
  documentKind: DocumentKind;
  kind: string;
  sku: string | null;
  itemKey: string;
  description: string | null;
  /** decimal text */
  quantity: string;
  net: Minor | null;
  tax: Minor | null;
  gross: Minor;
  taxCode: string | null;
  taxRate: string | null;
  /** its part of a tax that the document states for several lines */
  taxAllocated?: boolean;
  currency: string;
  day: Day;
  inBooks: boolean;
}>;

/** Every line of both sides under one key, with the pair it is in. */
export async function findLines(
  entityIds: readonly string[],
  orderKey: string,
): Promise<readonly OrderLine[]> {
  const { rows } = await appPool().query<OrderLine>(
    `SELECT l.id, l.document_id AS "documentId", p.pair_id AS "pairId", l.side, l.document_kind AS "documentKind",
       l.kind, l.sku, l.item_key AS "itemKey", l.description, l.quantity::text AS quantity, l.net, l.tax, l.gross,
       l.tax_code AS "taxCode", l.tax_rate::text AS "taxRate", l.tax_allocated AS "taxAllocated", l.currency, l.day, l.in_books AS "inBooks"
     FROM line l LEFT JOIN pair_line p ON p.order_key = l.order_key AND p.line_id = l.id
     WHERE l.order_key = $1 AND l.entity_id = ANY($2)
     ORDER BY l.document_kind DESC, l.kind, l.item_key, l.side DESC, l.source_line_id`,
    [orderKey, [...entityIds]],
  );
  return rows;
}

/** The bucket of each pair that a line under one key is in. */
export async function findBuckets(
  entityIds: readonly string[],
  orderKey: string,
): Promise<ReadonlyMap<string, string>> {
  const { rows } = await appPool().query<{ id: string; bucket: string }>(
    `SELECT DISTINCT p.id, p.bucket FROM pair_line x JOIN pair p ON p.order_key = x.group_key AND p.id = x.pair_id
      WHERE x.order_key = $1 AND p.entity_id = ANY($2)`,
    [orderKey, [...entityIds]],
  );
  return new Map(rows.map((row) => [row.id, row.bucket]));
}

export type DocumentMoment = Readonly<{
  documentId: string;
  version: number;
  reason: string;
  seenAt: Date;
}>;

/** Every version that documents under one key have had. */
export async function findVersions(
  entityIds: readonly string[],
  orderKey: string,
): Promise<readonly DocumentMoment[]> {
  const { rows } = await appPool().query<DocumentMoment>(
    `SELECT document_id AS "documentId", version, reason, seen_at AS "seenAt" FROM document_version
     WHERE order_key = $1 AND entity_id = ANY($2) ORDER BY seen_at DESC, document_id, version DESC LIMIT 200`,
    [orderKey, [...entityIds]],
  );
  return rows;
}

export type ExceptionMoment = Readonly<{
  exceptionId: string;
  cause: string;
  at: Date;
  actorName: string;
  kind: string;
  text: string | null;
}>;

/** What happened to the exceptions under one key, newest first. */
export async function findExceptionMoments(
  entityIds: readonly string[],
  orderKey: string,
): Promise<readonly ExceptionMoment[]> {
  const { rows } = await appPool().query<ExceptionMoment>(
    `SELECT v.exception_id AS "exceptionId", e.cause, v.at, v.actor_name AS "actorName", v.kind, v.text
     FROM exception_event v JOIN exception e ON e.order_key = v.order_key AND e.id = v.exception_id
     WHERE v.order_key = $1 AND e.entity_id = ANY($2) ORDER BY v.at DESC, v.id LIMIT 200`,
    [orderKey, [...entityIds]],
  );
  return rows;
}

export type UnreadRecord = Readonly<{
  id: string;
  entityId: string;
  name: string;
  resource: string;
  reason: string;
  lastSeenAt: Date;
}>;

/** What was received of an order and could not be read, and still can't. */
export async function findUnread(
  entityIds: readonly string[],
  orderKey: string,
): Promise<readonly UnreadRecord[]> {
  const { rows } = await appPool().query<UnreadRecord>(
    `SELECT id, entity_id AS "entityId", coalesce(reference, source_id) AS name, resource, reason,
       last_seen_at AS "lastSeenAt"
     FROM failed_record WHERE order_key = $1 AND entity_id = ANY($2) AND resolved_at IS NULL ORDER BY last_seen_at DESC, id`,
    [orderKey, [...entityIds]],
  );
  return rows;
}

export type ResyncRun = Readonly<{
  id: string;
  entityId: string;
  state: string;
  startedAt: Date;
  finishedAt: Date | null;
  found: number;
  expected: number;
  error: string | null;
  actorName: string;
  stopAskedAt: Date | null;
}>;

/** A run within the scope that reads many orders again. */
export async function findResync(entityIds: readonly string[], id: string): Promise<ResyncRun | null> {
  const { rows } = await appPool().query<ResyncRun>(
    `SELECT id, entity_id AS "entityId", state, started_at AS "startedAt", finished_at AS "finishedAt", found,
       coalesce(expected, 0) AS expected, error, actor_name AS "actorName", stop_asked_at AS "stopAskedAt"
     FROM run WHERE id = $2 AND kind = 'resync' AND entity_id = ANY($1)`,
    [[...entityIds], id],
  );
  return rows[0] ?? null;
}

export type ResyncedOrder = Readonly<{
  orderKey: string;
  name: string | null;
  state: ResyncState;
  changes: readonly string[];
  reason: string | null;
  movedTo: string | null;
}>;

/** One page of the orders of such a run, those that need somebody first, and how many there are in each state. */
export async function findResyncedOrders(
  runId: string,
  { state, page }: ResyncFilter,
  pageSize: number,
): Promise<Readonly<{ orders: readonly ResyncedOrder[]; counts: Readonly<Record<ResyncState, number>> }>> {
  const [orders, states] = await Promise.all([
    appPool().query<ResyncedOrder>(
      `SELECT order_key AS "orderKey", name, state, changes, reason, moved_to AS "movedTo" FROM resync_record
        WHERE run_id = $1 AND ($2::text IS NULL OR state = $2)
        ORDER BY array_position(ARRAY['failed', 'changed', 'solved', 'unchanged', 'waiting'], state), name, order_key
        LIMIT $3 OFFSET $4`,
      [runId, state ?? null, pageSize, (page - 1) * pageSize],
    ),
    appPool().query<{ state: ResyncState; count: number }>(
      "SELECT state, count(*)::int AS count FROM resync_record WHERE run_id = $1 GROUP BY state",
      [runId],
    ),
  ]);
  const counts = { waiting: 0, unchanged: 0, changed: 0, solved: 0, failed: 0 };
  for (const row of states.rows) counts[row.state] = row.count;
  return { orders: orders.rows, counts };
}
