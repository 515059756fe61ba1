import type pg from "pg";
import { aliasOf } from "@/lib/domain/identity";
import type { Placement, Strategy } from "./contract";

export const orderReference: Strategy = {
  code: "order-reference",
  name: "Order reference",
  meaning: "The document's reference is the reference, id or public key of exactly one order.",
  level: "document",
  async place({ client, entityId, documents }) {
    const orders = await ordersByReference(
      client,
      entityId,
      documents.flatMap((one) => one.reference ?? []),
    );
    return new Map(
      documents.flatMap((one): [string, Placement][] => {
        const orderKey = one.reference === null ? undefined : orders.get(aliasOf(one.reference));
        return orderKey ? [[one.id, { orderKey, orderKnown: true, placedBy: orderReference.code }]] : [];
      }),
    );
  },
};

/**
 * The order behind each alias that names exactly one. An order's current reference goes before other names: a shop's
 * reference may look like another order's id.
 */
async function ordersByReference(
  client: pg.ClientBase,
  entityId: string,
  references: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const aliases = [...new Set(references.map(aliasOf))].filter((alias) => alias !== "");
  if (aliases.length === 0) return new Map();
  const { rows } = await client.query<{ alias: string; order_key: string; reference: string | null }>(
    `SELECT a.alias, a.order_key, o.reference FROM order_alias a
       LEFT JOIN sales_order o ON o.order_key = a.order_key
      WHERE a.entity_id = $1 AND a.alias = ANY($2)`,
    [entityId, aliases],
  );
  return onlyBearers(
    rows.map((row) => ({
      name: row.alias,
      orderKey: row.order_key,
      bears: row.reference !== null && aliasOf(row.reference) === row.alias,
    })),
  );
}

/** The order behind each name that means exactly one: the only one that bears it now, else the only one that ever did. */
export function onlyBearers(
  rows: readonly Readonly<{ name: string; orderKey: string; bears: boolean }>[],
): ReadonlyMap<string, string> {
  const bearers = new Map<string, Set<string>>();
  const known = new Map<string, Set<string>>();
  for (const { name, orderKey, bears } of rows) {
    known.set(name, (known.get(name) ?? new Set()).add(orderKey));
    if (bears) bearers.set(name, (bearers.get(name) ?? new Set()).add(orderKey));
  }
  const found = new Map<string, string>();
  for (const [name, keys] of known) {
    const [only, ...others] = bearers.get(name) ?? keys;
    if (only !== undefined && others.length === 0) found.set(name, only);
  }
  return found;
}
