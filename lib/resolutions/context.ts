import type pg from "pg";
import { explainGroup } from "@/lib/causes/explain";
import { compareText } from "@/lib/causes/work";
import { inTransaction } from "@/lib/db/pool";
import { dayIn } from "@/lib/domain/day";
import type { BookDocument } from "@/lib/domain/document";
import type { Group } from "@/lib/domain/group";
import { exceptionOf } from "@/lib/matching/findings";
import { loadGroups } from "@/lib/matching/groups";
import { documentFromJson } from "@/lib/matching/order-codec";
import { asOfEntity, type EntityBooks, loadEntities } from "@/lib/matching/settings";
import { driftsIn } from "@/lib/matching/status/one";
import { stockContextsIn } from "@/lib/stock/context";
import type { PaymentRule, PlanContext, ResolutionContext } from "./contract";

/** An exception that a resolution is planned for. */
export type Subject = Readonly<{ orderKey: string; id: string }>;

/**
 * What plans are made of, by the exception's id: their groups explained as the books stand. An exception that is not found
 * any more has none. Groups of several orders (a summary posting) have none either: what is posted for many is put right by hand.
 */
export async function contextsOf(
  pool: pg.Pool,
  entityId: string,
  subjects: readonly Subject[],
  now: Date,
): Promise<ReadonlyMap<string, PlanContext>> {
  return inTransaction(pool, (client) => contextsIn(client, entityId, subjects, now));
}

/** The same within the caller's transaction, as its books stand. */
export async function contextsIn(
  client: pg.PoolClient,
  entityId: string,
  subjects: readonly Subject[],
  now: Date,
): Promise<ReadonlyMap<string, PlanContext>> {
  const [entity] = await loadEntities(client, entityId);
  const contexts = new Map<string, PlanContext>();
  if (!entity || subjects.length === 0) return contexts;
  const shared = await sharedOf(client, entity, now);
  for (const [id, stock] of await stockContextsIn(client, entityId, subjects))
    contexts.set(id, { stock, store: shared.store, now, timeZone: shared.timeZone });
  const keys = [...new Set(subjects.map(({ orderKey }) => orderKey))];
  const wanted = new Set(subjects.map(({ id }) => id));
  const asOf = await asOfEntity(client, entityId, now);
  const groups = await loadGroups(client, entity, asOf, keys);
  const posted = await postedOf(client, entityId, keys);
  for (const group of groups) {
    if ((group.members ?? []).length > 0) continue;
    const outcome = explainGroup(group);
    for (const finding of outcome.findings) {
      if (!finding.cause.raises) continue;
      const { id } = exceptionOf(group, outcome, finding, "");
      if (!wanted.has(id)) continue;
      contexts.set(id, { ...shared, group: inOrder(group), finding, findings: outcome.findings, posted });
    }
  }
  const byKey = new Map(groups.map((group) => [group.orderKey, group]));
  for (const [id, { orderKey, drift, finding, told }] of await driftsIn(client, entity, subjects, asOf)) {
    const group = byKey.get(orderKey);
    if (group)
      contexts.set(id, { ...shared, group: inOrder(group), finding, findings: [], posted, drift, told });
  }
  return contexts;
}

/** However many are loaded together, one's lines are in one order: the same plan is the same request. */
const inOrder = (group: Group): Group => ({
  ...group,
  lines: [...group.lines].sort(
    (a, b) =>
      compareText(a.documentId, b.documentId) ||
      (a.position ?? 0) - (b.position ?? 0) ||
      compareText(a.id, b.id),
  ),
  documents: [...group.documents].sort((a, b) => compareText(a.id, b.id)),
});

type Shared = Omit<ResolutionContext, "group" | "finding" | "findings" | "posted">;

async function sharedOf(client: pg.PoolClient, entity: EntityBooks, now: Date): Promise<Shared> {
  const mappings = await client.query<{
    kind: string;
    item: string;
    variant: string;
    sku: string | null;
    lineKind: string;
  }>(
    `SELECT erp_kind AS kind, erp_item AS item, erp_variant AS variant, sku, line_kind AS "lineKind" FROM item_mapping
      WHERE entity_id = $1 AND confirmed_at IS NOT NULL ORDER BY erp_item, erp_variant`,
    [entity.id],
  );
  const items = new Map<string, { item: string; variant: string }[]>();
  const accounts = new Map<string, string[]>();
  for (const { kind, item, variant, sku, lineKind } of mappings.rows) {
    if (kind === "account") accounts.set(lineKind, [...(accounts.get(lineKind) ?? []), item]);
    else if (sku !== null) items.set(sku, [...(items.get(sku) ?? []), { item, variant }]);
  }
  const payments = await client.query<PaymentRule>(
    `SELECT connection_id AS "connectionId", shop_id AS shop, payment_key AS key, erp_code AS code, valid_from AS "from",
            valid_until AS until FROM payment_mapping WHERE entity_id = $1 ORDER BY payment_key, shop_id, valid_from NULLS FIRST`,
    [entity.id],
  );
  const connections = await client.query<{ id: string; side: string }>(
    "SELECT id, side FROM connection WHERE entity_id = $1 AND retired_at IS NULL",
    [entity.id],
  );
  const only = (side: string): string | null => {
    const [first, ...others] = connections.rows.filter((row) => row.side === side);
    return first && others.length === 0 ? first.id : null;
  };
  const closed = await client.query<{ month: string }>(
    "SELECT month FROM period WHERE entity_id = $1 AND state = 'closed'",
    [entity.id],
  );
  return {
    items,
    accounts,
    payments: payments.rows,
    erp: only("erp"),
    store: only("scayle"),
    today: dayIn(now, entity.timeZone),
    timeZone: entity.timeZone,
    closedMonths: new Set(closed.rows.map((row) => row.month)),
  };
}

/** ERP documents as they were read last, with the numbers that the ERP itself has. */
async function postedOf(
  client: pg.PoolClient,
  entityId: string,
  orderKeys: readonly string[],
): Promise<ReadonlyMap<string, BookDocument>> {
  const { rows } = await client.query<{ id: string; content: unknown }>(
    `SELECT d.id, v.content FROM document d JOIN document_version v
        ON v.order_key = d.order_key AND v.document_id = d.id AND v.version = d.version
      WHERE d.entity_id = $1 AND d.order_key = ANY($2::uuid[]) AND d.side = 'erp' AND d.posted`,
    [entityId, [...orderKeys]],
  );
  return new Map(rows.map((row) => [row.id, documentFromJson(row.content)]));
}
