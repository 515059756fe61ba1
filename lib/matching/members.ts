import type pg from "pg";
import type { GroupMember } from "@/lib/domain/group";

/*
 * Groups of several orders: a summary posting, and the lines of the orders that it covers. The lines stay where their
 * order is; their pairs live under the posting's key.
 */

/** Condition on `line`: it is not covered by a summary posting. */
export const NOT_COVERED = `NOT EXISTS (SELECT FROM group_member m WHERE m.order_key = line.order_key
  AND m.kind = line.document_kind AND m.day = line.day AND line.side = 'scayle')`;

/** Keys that a group of several orders is concerned with: its own and those of its orders. */
export const CONCERNED = `SELECT order_key FROM group_member WHERE entity_id = $1
  UNION SELECT group_key FROM group_member WHERE entity_id = $1`;

/** Whether an entity has groups of several orders. */
export async function hasMembers(client: pg.ClientBase, entityId: string): Promise<boolean> {
  const { rows } = await client.query("SELECT FROM group_member WHERE entity_id = $1 LIMIT 1", [entityId]);
  return rows.length > 0;
}

/** Whether one of some groups is part of a group of several orders, or has an ERP document that could be one's. */
export async function mayConcernSummaries(
  client: pg.ClientBase,
  entityId: string,
  orderKeys: readonly string[],
): Promise<boolean> {
  const { rows } = await client.query({
    name: "summaries-concerned",
    text: `SELECT FROM group_member WHERE entity_id = $1 AND (order_key = ANY ($2::uuid[]) OR group_key = ANY ($2::uuid[]))
     UNION ALL
     SELECT FROM document WHERE entity_id = $1 AND order_key = ANY ($2::uuid[]) AND side = 'erp' AND NOT order_known LIMIT 1`,
    values: [entityId, orderKeys],
  });
  return rows.length > 0;
}

/**
 * Adds to `scope` the groups of several orders that orders in it belong to: what is covered is explained there.
 * Their orders need not come along, since what else these have is explained apart.
 */
export async function expandScope(client: pg.ClientBase): Promise<number> {
  const { rowCount } = await client.query(
    `INSERT INTO scope SELECT DISTINCT m.group_key FROM group_member m JOIN scope USING (order_key)
     ON CONFLICT DO NOTHING`,
  );
  return rowCount ?? 0;
}

/** The orders of groups, by group key. */
export async function membersOf(
  client: pg.ClientBase,
  groupKeys: readonly string[],
): Promise<ReadonlyMap<string, readonly GroupMember[]>> {
  const { rows } = await client.query<GroupMember & { groupKey: string }>({
    name: "members-of-groups",
    text: `SELECT DISTINCT m.group_key AS "groupKey", m.order_key AS "orderKey", o.reference, o.shop_id AS "shopId"
       FROM group_member m JOIN sales_order o ON o.order_key = m.order_key
      WHERE m.group_key = ANY ($1::uuid[]) ORDER BY o.reference, m.order_key`,
    values: [groupKeys],
  });
  const members = new Map<string, GroupMember[]>();
  for (const { groupKey, ...member } of rows) {
    const group = members.get(groupKey) ?? [];
    group.push(member);
    members.set(groupKey, group);
  }
  return members;
}
