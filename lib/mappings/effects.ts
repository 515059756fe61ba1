import type pg from "pg";
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

/** What posted documents bear where orders were paid as changes say, as the last run that looked at everything counted it. */
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
  return asked.map((change, index) => {
    const own = rows.filter((row) => row.place === index + 1);
    return {
      words: changeWords(change),
      agreeing: own.find((row) => row.code === change.erpCode)?.documents ?? 0,
      others: own
        .filter((row) => row.code !== change.erpCode)
        .map(({ code, documents }) => ({ code, documents })),
    };
  });
}
