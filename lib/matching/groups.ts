import type pg from "pg";
import type { Group, GroupDocument, HandPair } from "@/lib/domain/group";
import { aliasOf } from "@/lib/domain/identity";
import { membersOf } from "./members";
import { invoicesFromJson, orderFromJson } from "./order-codec";
import { readCoveredLines, readLines } from "./read-lines";
import type { EntityBooks } from "./settings";

/** Loads whole groups: the order as SCAYLE shows it, posted documents and lines of both sides. */
export async function loadGroups(
  client: pg.PoolClient,
  entity: EntityBooks,
  asOf: Date,
  orderKeys: readonly string[],
): Promise<readonly Group[]> {
  const orders = await byKey(client, "orders", ORDERS, [entity.id, orderKeys]);
  const documents = await byKey(client, "documents", DOCUMENTS, [entity.id, orderKeys]);
  const lines = await readLines(client, entity.id, orderKeys);
  const handPairs = await byKey(client, "hand-pairs", HAND_PAIRS, [entity.id, orderKeys]);
  const members = await membersOf(client, orderKeys);
  const several = [...members.keys()];
  const covered = await readCoveredLines(client, entity.id, several);
  const theirs =
    several.length > 0
      ? await byKey(client, "covered", COVERED_DOCUMENTS, [entity.id, several])
      : new Map<string, Row[]>();
  const failed = await failedNames(client, entity.id);
  return orderKeys.map((orderKey) => {
    const order = orders.get(orderKey)?.[0];
    return {
      orderKey,
      entityId: entity.id,
      order: order ? orderFromJson(order["content"]) : null,
      invoices: order ? invoicesFromJson(order["invoices"]) : null,
      invoicesEnabled: order?.["invoices_enabled"] !== false,
      unreadable: !order && isUnreadable(documents.get(orderKey) ?? [], failed),
      shopId: (order?.["shop_id"] as string | null | undefined) ?? members.get(orderKey)?.[0]?.shopId ?? null,
      documents: [...(documents.get(orderKey) ?? []), ...(theirs.get(orderKey) ?? [])].map(documentFrom),
      lines: [...(lines.get(orderKey) ?? []), ...(covered.get(orderKey) ?? [])],
      members: members.get(orderKey) ?? [],
      handPairs: (handPairs.get(orderKey) ?? []).map(handPairFrom),
      settings: entity.settings,
      asOf,
    };
  });
}

/** Names of orders whose newest record could not be read. */
async function failedNames(client: pg.PoolClient, entityId: string): Promise<ReadonlySet<string>> {
  const { rows } = await client.query<{ source_id: string; reference: string | null }>(
    "SELECT source_id, reference FROM failed_record WHERE entity_id = $1 AND resource = 'orders' AND resolved_at IS NULL",
    [entityId],
  );
  return new Set(
    rows.flatMap((row) => [row.source_id, ...(row.reference ? [row.reference] : [])]).map(aliasOf),
  );
}

const isUnreadable = (documents: readonly Row[], failed: ReadonlySet<string>): boolean =>
  documents.some((row) => typeof row["reference"] === "string" && failed.has(aliasOf(row["reference"])));

const ORDERS = `
  SELECT o.order_key, o.content, o.invoices, o.shop_id, c.invoices_enabled
    FROM sales_order o LEFT JOIN channel c ON c.connection_id = o.connection_id AND c.key = o.channel
   WHERE o.entity_id = $1 AND o.order_key = ANY ($2::uuid[])`;

const DOCUMENTS = `
  SELECT order_key, id, side, kind, connection_id, source_id, number, reference, original_number, status, currency,
         posting_day, modified_at, prices_include_tax, placed_by
    FROM document WHERE entity_id = $1 AND order_key = ANY ($2::uuid[]) AND posted
   ORDER BY order_key, id`;

const COVERED_DOCUMENTS = `
  SELECT DISTINCT ON (m.group_key, d.id) m.group_key AS order_key, d.id, d.side, d.kind, d.connection_id, d.source_id, d.number,
         d.reference, d.original_number, d.status, d.currency, d.posting_day, d.modified_at, d.prices_include_tax, d.placed_by
    FROM group_member m JOIN document d ON d.order_key = m.order_key AND d.kind = m.kind AND d.side = 'scayle'
   WHERE m.entity_id = $1 AND m.group_key = ANY ($2::uuid[]) AND d.posted ORDER BY m.group_key, d.id`;

const HAND_PAIRS = `
  SELECT order_key, pair_id, kind, array_agg(line_id::text ORDER BY line_id) AS lines FROM hand_pair
   WHERE entity_id = $1 AND order_key = ANY ($2::uuid[]) GROUP BY order_key, pair_id, kind ORDER BY order_key, pair_id`;

type Row = Record<string, unknown>;

/** Rows by order key. Statements have names: a run of one order after the other plans them once for a connection. */
async function byKey(
  client: pg.PoolClient,
  name: string,
  text: string,
  values: unknown[],
): Promise<Map<string, Row[]>> {
  const { rows } = await client.query<Row>({ name: `${name}-of-groups`, text, values });
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const key = String(row["order_key"]);
    const group = groups.get(key);
    if (group) group.push(row);
    else groups.set(key, [row]);
  }
  return groups;
}

function documentFrom(row: Row): GroupDocument {
  return {
    id: row["id"] as string,
    side: row["side"] as GroupDocument["side"],
    kind: row["kind"] as GroupDocument["kind"],
    connectionId: row["connection_id"] as string,
    sourceId: row["source_id"] as string,
    number: row["number"] as string,
    reference: row["reference"] as string | null,
    originalNumber: row["original_number"] as string | null,
    status: row["status"] as string | null,
    currency: row["currency"] as string,
    postingDay: row["posting_day"] as string | null,
    modifiedAt: row["modified_at"] as Date | null,
    pricesIncludeTax: row["prices_include_tax"] as boolean | null,
    placedBy: row["placed_by"] as string | null,
  };
}

const handPairFrom = (row: Row): HandPair => ({
  id: row["pair_id"] as string,
  kind: row["kind"] as HandPair["kind"],
  lineIds: row["lines"] as string[],
});
