import type pg from "pg";
import { nearestOf } from "@/lib/settings/change/unknown-codes";
import type { Move } from "@/lib/sync/store/placement";
import type { Foreseen } from "./foreseen";
import type { MappingChange } from "./schema";
import { changeWords } from "./words";

/** How many documents a preview names. */
const EXAMPLES = 10;

/** Where documents stand after references were read anew, within the transaction that did it; undefined where none were. */
export async function referencesEffect(
  client: pg.ClientBase,
  changes: readonly MappingChange[],
  moves: readonly Move[],
): Promise<Foreseen["references"]> {
  const connections = changes.flatMap((one) =>
    one.kind === "reference" || one.kind === "reference-gone" ? [one.connectionId] : [],
  );
  if (connections.length === 0) return undefined;
  const { rows } = await client.query<{ ambiguous: number }>(
    `SELECT count(*)::int AS ambiguous FROM document d WHERE d.connection_id = ANY($1::uuid[]) AND d.side = 'erp' AND NOT d.order_known
        AND d.reference_form IS NOT NULL
        AND EXISTS (SELECT FROM alias_form a WHERE a.connection_id = d.connection_id AND a.form = d.reference_form)`,
    [[...new Set(connections)]],
  );
  const shown = moves.slice(0, EXAMPLES);
  const names = await client.query<{ orderKey: string; reference: string }>(
    `SELECT order_key AS "orderKey", reference FROM sales_order WHERE order_key = ANY($1::uuid[])`,
    [shown.flatMap((move) => [move.from, move.to.orderKey])],
  );
  const nameOf = new Map(names.rows.map((row) => [row.orderKey, row.reference]));
  const count = (isCounted: (move: Move) => boolean): number => moves.filter(isCounted).length;
  return {
    won: count((move) => !move.known && move.to.orderKnown),
    lost: count((move) => move.known && !move.to.orderKnown),
    elsewhere: count((move) => move.known && move.to.orderKnown),
    ambiguous: rows[0]?.ambiguous ?? 0,
    examples: shown.map((move) => ({
      number: move.number,
      order: nameOf.get(move.to.orderKey) ?? null,
      before: nameOf.get(move.from) ?? null,
    })),
  };
}

/**
 * What posted documents bear where orders were paid as changes say, on all posting days, as the last run that looked at everything
 * counted it; with the keys and codes that may be mistyped.
 */
export async function paymentsEffect(
  client: pg.ClientBase | pg.Pool,
  entityId: string,
  changes: readonly MappingChange[],
): Promise<Foreseen["payments"]> {
  const asked = changes.flatMap((one) => (one.kind === "payment" ? [one] : []));
  if (asked.length === 0) return undefined;
  const { rows } = await client.query<{ place: number; code: string; documents: number }>(
    `SELECT a.place::int, u.erp_code AS code, sum(u.documents)::int AS documents
       FROM unnest($2::uuid[], $3::text[], $4::text[]) WITH ORDINALITY AS a(connection_id, shop_id, payment_key, place)
       JOIN payment_use u ON u.entity_id = $1 AND u.connection_id = a.connection_id AND u.payment_key = a.payment_key
        AND (a.shop_id = '*' OR u.shop_id = a.shop_id)
      GROUP BY 1, 2 ORDER BY 1, 3 DESC, 2`,
    [
      entityId,
      asked.map((one) => one.connectionId),
      asked.map((one) => one.shopId),
      asked.map((one) => one.paymentKey),
    ],
  );
  const keys = await keysOf(
    client,
    entityId,
    asked.map((one) => one.paymentKey),
  );
  const codes = await codesOf(client, entityId);
  return asked.map((change, index) => {
    const { paymentKey, erpCode, connectionId } = change;
    const known = codes.filter((one) => one.connectionId === connectionId).map((one) => one.code);
    const own = rows.filter((row) => row.place === index + 1);
    return {
      words: changeWords(change),
      agreeing: own.find((row) => row.code === change.erpCode)?.documents ?? 0,
      others: own
        .filter((row) => row.code !== change.erpCode)
        .map(({ code, documents }) => ({ code, documents })),
      ...(!keys.includes(paymentKey) && {
        unknownKey: { key: paymentKey, nearest: nearestOf(paymentKey, keys) },
      }),
      // An ERP that states no code at all has none to be compared.
      ...(known.length > 0 &&
        !known.includes(erpCode) && { unknownCode: { code: erpCode, nearest: nearestOf(erpCode, known) } }),
    };
  });
}

/** The ways in which orders of an entity were paid: as they were counted last, and those asked for that an order has since. */
async function keysOf(
  client: pg.ClientBase | pg.Pool,
  entityId: string,
  asked: readonly string[],
): Promise<readonly string[]> {
  const { rows } = await client.query<{ key: string }>(
    `SELECT payment_key AS key FROM payment_use WHERE entity_id = $1
     UNION SELECT key FROM unnest($2::text[]) AS key WHERE EXISTS (SELECT FROM sales_order WHERE entity_id = $1 AND payment = key)
     ORDER BY 1`,
    [entityId, asked],
  );
  if (asked.every((one) => rows.some(({ key }) => key === one))) return rows.map((row) => row.key);
  const { rows: all } = await client.query<{ key: string }>(
    "SELECT DISTINCT payment AS key FROM sales_order WHERE entity_id = $1 AND payment IS NOT NULL ORDER BY 1",
    [entityId],
  );
  return all.map((row) => row.key);
}

/** The codes that each ERP's posted documents bear, or that a row has already. */
async function codesOf(
  client: pg.ClientBase | pg.Pool,
  entityId: string,
): Promise<readonly Readonly<{ connectionId: string; code: string }>[]> {
  const { rows } = await client.query<{ connectionId: string; code: string }>(
    `SELECT connection_id AS "connectionId", erp_code AS code FROM payment_use WHERE entity_id = $1 AND erp_code <> ''
     UNION SELECT connection_id, erp_code FROM payment_mapping WHERE entity_id = $1 ORDER BY 2`,
    [entityId],
  );
  return rows;
}
