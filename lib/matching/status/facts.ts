import type pg from "pg";
import type { ErpFact, OrderFacts, UnitFact } from "@/lib/domain/status/facts";

type OrderRow = Readonly<{
  order_key: string;
  source_id: string;
  reference: string;
  public_key: string | null;
  shop_id: string | null;
  invoices_enabled: boolean | null;
  covered: boolean;
  status: string | null;
  order_status: string | null;
  billing_status: string | null;
  shipping_status: string | null;
  placed_at: Date | null;
  confirmed_at: Date | null;
  invoiced_at: string | null;
  items: readonly ItemJson[] | null;
  packages: readonly Readonly<{ id: string; shippedAt: string | null; state: string | null }>[] | null;
}>;

type ItemJson = Readonly<{
  id: string;
  sku: string;
  status: string | null;
  packageId: string | null;
  delegatedAt: string | null;
  shippedAt: string | null;
  cancelledAt: string | null;
  returnedAt: string | null;
  gross: string;
}>;

type DocumentRow = Readonly<{
  order_key: string;
  kind: ErpFact["kind"];
  number: string;
  reference: string | null;
  original_number: string | null;
  status: string | null;
  day: Date | null;
  posted_at: Date | null;
  units: Readonly<Record<string, number>> | null;
}>;

/** An order's facts, and the shop that it is of. */
export type HeldFacts = Readonly<{ facts: OrderFacts; shopId: string | null; isCovered: boolean }>;

/** Orders of an entity by their keys, as far as their state follows from what both systems say. Keys without an order are left out. */
export async function loadFacts(
  client: pg.ClientBase,
  entity: Readonly<{ id: string; timeZone: string }>,
  orderKeys: readonly string[],
  keyed: ReadonlySet<string>,
): Promise<readonly HeldFacts[]> {
  const { rows: orders } = await client.query<OrderRow>({
    name: "status-orders",
    text: ORDERS,
    values: [entity.id, orderKeys],
  });
  if (orders.length === 0) return [];
  const { rows: documents } = await client.query<DocumentRow>({
    name: "status-documents",
    text: DOCUMENTS,
    values: [entity.id, orders.map((one) => one.order_key), entity.timeZone],
  });
  const byOrder = new Map<string, ErpFact[]>();
  for (const row of documents) {
    const fact = erpFactOf(row);
    if (fact) byOrder.set(row.order_key, [...(byOrder.get(row.order_key) ?? []), fact]);
  }
  return orders.map((row) => ({
    facts: factsOf(row, byOrder.get(row.order_key) ?? [], keyed),
    shopId: row.shop_id,
    isCovered: row.covered,
  }));
}

/** So many of an entity's newest orders say whether the orders of its shops have reference keys. */
const NEWEST = 2000;

/** The shops whose orders have reference keys of their own: at least nine of ten of the newest. */
export async function keyedShops(client: pg.ClientBase, entityId: string): Promise<ReadonlySet<string>> {
  const { rows } = await client.query<{ shop_id: string }>({
    name: "status-keyed-shops",
    text: `SELECT shop_id FROM (SELECT shop_id, reference <> source_id AND reference IS DISTINCT FROM public_key AS keyed
              FROM sales_order WHERE entity_id = $1 ORDER BY placed_at DESC LIMIT ${NEWEST}) newest
            WHERE shop_id IS NOT NULL GROUP BY shop_id HAVING avg(keyed::int) >= 0.9`,
    values: [entityId],
  });
  return new Set(rows.map((row) => row.shop_id));
}

const ORDERS = `
  SELECT o.order_key, o.source_id, o.reference, o.public_key, o.shop_id, c.invoices_enabled, o.status, o.order_status, o.billing_status,
         o.shipping_status, o.placed_at, o.confirmed_at, o.content ->> 'invoicedAt' AS invoiced_at,
         EXISTS (SELECT FROM group_member m WHERE m.order_key = o.order_key) AS covered,
         (SELECT json_agg(i) FROM jsonb_to_recordset(o.content -> 'items') AS i(id text, sku text, status text, "packageId" text,
            "delegatedAt" text, "shippedAt" text, "cancelledAt" text, "returnedAt" text, gross text)) AS items,
         (SELECT json_agg(json_build_object('id', p.id, 'shippedAt', p."shippedAt", 'state', p."deliveryStatus"))
            FROM jsonb_to_recordset(o.content -> 'packages') AS p(id text, "shippedAt" text, "deliveryStatus" text)) AS packages
    FROM sales_order o LEFT JOIN channel c ON c.connection_id = o.connection_id AND c.key = o.channel
   WHERE o.entity_id = $1 AND o.order_key = ANY ($2::uuid[])`;

// The last change of a document that is still open as it was first read is its posting; a payment would be another.
const DOCUMENTS = `
  SELECT d.order_key, d.kind, d.number, d.reference, d.original_number, d.status,
         d.posting_day::timestamp AT TIME ZONE $3 AS day,
         CASE WHEN v.content ->> 'status' ~* '^(open|posted)$'
              THEN least(v.seen_at, (v.content ->> 'modifiedAt')::timestamptz) END AS posted_at,
         (SELECT json_object_agg(u.item_key, u.units) FROM (
            SELECT l.item_key, floor(abs(sum(l.quantity)))::int AS units FROM line l
             WHERE l.order_key = d.order_key AND l.document_id = d.id AND l.kind = 'item' AND l.granularity = 'item' GROUP BY l.item_key) u) AS units
    FROM document d LEFT JOIN document_version v ON v.order_key = d.order_key AND v.document_id = d.id AND v.version = 1
   WHERE d.entity_id = $1 AND d.order_key = ANY ($2::uuid[]) AND d.side = 'erp' AND d.posted ORDER BY d.order_key, d.number, d.id`;

const instant = (text: string | null): Date | null => (text === null ? null : new Date(text));

function factsOf(row: OrderRow, erp: readonly ErpFact[], keyed: ReadonlySet<string>): OrderFacts {
  const packages = row.packages ?? [];
  const leftWith = new Map(packages.map((one) => [one.id, instant(one.shippedAt)]));
  return {
    orderKey: row.order_key,
    sourceId: row.source_id,
    reference: row.reference,
    publicKey: row.public_key,
    expectsKey: row.shop_id !== null && keyed.has(row.shop_id),
    invoicesEnabled: row.invoices_enabled !== false,
    status: row.status,
    orderStatus: row.order_status,
    billingStatus: row.billing_status,
    shippingStatus: row.shipping_status,
    packageStates: packages.flatMap((one) => (one.state === null ? [] : [one.state])),
    placedAt: row.placed_at,
    confirmedAt: row.confirmed_at,
    invoicedAt: instant(row.invoiced_at),
    units: (row.items ?? []).map((item) => unitOf(item, leftWith)),
    erp,
  };
}

const unitOf = (item: ItemJson, leftWith: ReadonlyMap<string, Date | null>): UnitFact => ({
  id: item.id,
  sku: item.sku,
  status: item.status,
  packageId: item.packageId,
  delegatedAt: instant(item.delegatedAt),
  shippedAt:
    instant(item.shippedAt) ?? (item.packageId === null ? null : (leftWith.get(item.packageId) ?? null)),
  cancelledAt: instant(item.cancelledAt),
  returnedAt: instant(item.returnedAt),
  gross: BigInt(item.gross),
});

/** A document without a posting day says nothing of when. */
function erpFactOf(row: DocumentRow): ErpFact | null {
  if (row.day === null) return null;
  return {
    kind: row.kind,
    number: row.number,
    reference: row.reference,
    originalNumber: row.original_number,
    status: row.status,
    day: row.day,
    postedAt: row.posted_at,
    units: row.units ?? {},
  };
}
