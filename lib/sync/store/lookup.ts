import type pg from "pg";
import { compactOf, termsOfPersonal } from "@/lib/domain/lookup";
import type { OrderInvoice } from "@/lib/domain/order";
import { insertRows } from "./rows";

/** An order as it was read, with what of it is personal. */
export type Named = Readonly<{
  orderKey: string;
  /** null: nothing personal came with it */
  personal: Readonly<{ customerKey: string; data: unknown }> | null;
  /** the parcels' numbers that are not personal at their source */
  parcels: readonly string[];
}>;

type Place = Readonly<{ entityId: string; connectionId: string }>;

/**
 * Keeps what orders are found by besides their names: parcels' numbers, and of their customers names, addresses and
 * telephone numbers. Of customers who were erased nothing is kept again. What an order was found by once stays.
 */
export async function keepTerms(
  client: pg.ClientBase,
  { entityId, connectionId }: Place,
  orders: readonly Named[],
): Promise<void> {
  const erased = await erasedOf(
    client,
    connectionId,
    orders.flatMap((one) => (one.personal ? [one.personal.customerKey] : [])),
  );
  const live = orders.filter((one) => !erased.has(one.personal?.customerKey ?? ""));
  const read = live.map((one) => ({ ...one, terms: termsOfPersonal(one.personal?.data) }));
  await keepOrderTerms(
    client,
    entityId,
    read.flatMap(({ orderKey, parcels, terms }) =>
      [...parcels, ...terms.tracking].map((stated) => ({ orderKey, kind: "tracking" as const, stated })),
    ),
  );
  const rows = new Map<string, Readonly<Record<string, unknown>>>();
  for (const { personal, terms } of read) {
    for (const { kind, term } of terms.customer) {
      const row = { connection_id: connectionId, customer_key: personal?.customerKey, kind, term };
      rows.set(Object.values(row).join("\u001f"), row);
    }
  }
  // Whoever writes the same rows writes them in the same order: nobody waits for each other.
  await insertRows(
    client,
    "customer_term",
    "connection_id uuid, customer_key text, kind text, term text",
    [...rows].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row),
    "ON CONFLICT DO NOTHING",
  );
  await client.query(
    `INSERT INTO customer_word (word) SELECT w.word FROM unnest($1::text[]) AS w(word)
      WHERE NOT EXISTS (SELECT FROM customer_word k WHERE k.word = w.word) ORDER BY 1 ON CONFLICT DO NOTHING`,
    [[...new Set(read.flatMap(({ terms }) => terms.words))]],
  );
}

/** Keeps the numbers of invoices and credit notes that SCAYLE lists of orders. */
export const keepInvoiceNumbers = (
  client: pg.ClientBase,
  entityId: string,
  lists: readonly Readonly<{ orderKey: string; invoices: readonly OrderInvoice[] }>[],
): Promise<void> =>
  keepOrderTerms(
    client,
    entityId,
    lists.flatMap(({ orderKey, invoices }) =>
      invoices.flatMap(({ number }) =>
        number ? [{ orderKey, kind: "invoice" as const, stated: number }] : [],
      ),
    ),
  );

async function keepOrderTerms(
  client: pg.ClientBase,
  entityId: string,
  stated: readonly Readonly<{ orderKey: string; kind: "tracking" | "invoice"; stated: string }>[],
): Promise<void> {
  const rows = stated
    .map((one) => ({
      order_key: one.orderKey,
      kind: one.kind,
      term: compactOf(one.stated),
      entity_id: entityId,
      stated: one.stated,
    }))
    .filter((row) => row.term !== "");
  await insertRows(
    client,
    "order_term",
    "order_key uuid, kind text, term text, entity_id text, stated text",
    rows,
    "ON CONFLICT DO NOTHING",
  );
}

async function erasedOf(
  client: pg.ClientBase,
  connectionId: string,
  customerKeys: readonly string[],
): Promise<ReadonlySet<string>> {
  if (customerKeys.length === 0) return new Set();
  const { rows } = await client.query<{ key: string }>(
    `SELECT customer_key AS key FROM customer_data
      WHERE connection_id = $1 AND customer_key = ANY($2) AND erased_at IS NOT NULL`,
    [connectionId, [...new Set(customerKeys)]],
  );
  return new Set(rows.map((row) => row.key));
}

/**
 * Erases what identifies customers of a connection: their data, all that they are found by, and their parcels' numbers. The
 * orders, their lines and their documents stay: the books need them, and name nobody. A customer who is not known yet stays
 * erased when their orders come. Returns the orders that were theirs.
 */
export async function eraseCustomers(
  client: pg.ClientBase,
  connectionId: string,
  customerKeys: readonly string[],
  at: Date,
): Promise<readonly string[]> {
  const keys = [...new Set(customerKeys)].sort();
  await client.query(
    `INSERT INTO customer_data (connection_id, customer_key, data, erased_at) SELECT $1, key, NULL, $3 FROM unnest($2::text[]) AS key
     ON CONFLICT (connection_id, customer_key) DO UPDATE SET data = NULL, erased_at = coalesce(customer_data.erased_at, excluded.erased_at)`,
    [connectionId, keys, at],
  );
  const { rows } = await client.query<{ key: string }>(
    "SELECT order_key AS key FROM sales_order WHERE connection_id = $1 AND customer_key = ANY($2)",
    [connectionId, keys],
  );
  const orderKeys = rows.map((row) => row.key);
  await client.query("DELETE FROM order_term WHERE order_key = ANY($1::uuid[]) AND kind = 'tracking'", [
    orderKeys,
  ]);
  const { rows: gone } = await client.query<{ term: string }>(
    `DELETE FROM customer_term WHERE connection_id = $1 AND customer_key = ANY($2) RETURNING term`,
    [connectionId, keys],
  );
  // A word that nobody else is called by goes too.
  await client.query(
    `DELETE FROM customer_word w WHERE w.word = ANY($1)
        AND NOT EXISTS (SELECT FROM customer_term t WHERE t.kind = 'name' AND t.term = w.word)`,
    [[...new Set(gone.map((row) => row.term))]],
  );
  return orderKeys;
}
