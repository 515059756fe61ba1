import { Decimal } from "decimal.js";
import type pg from "pg";
import { idOf } from "@/lib/domain/identity";
import { type Confirmation, proposeRounding } from "./rounding/propose";

/**
 * Proposes how each connection of an entity rounds, on both sides, and which tax codes are right where, from what it has posted.
 * What a person confirmed, or said no to, is left alone. With `confirm` the proposals of either count at once (accepted in advance).
 * Returns in words what is new.
 */
export async function makeProposals(
  client: pg.PoolClient,
  entityId: string,
  at: Date,
  confirm: Readonly<{ rounding: Confirmation | null; taxCodes: Confirmation | null }>,
): Promise<readonly string[]> {
  const rounding = await proposeRounding(client, entityId, at, confirm.rounding);
  const codes = await proposeTaxCodes(client, entityId, confirm.taxCodes);
  await countPayments(client, entityId, at);
  return [...rounding, ...codes];
}

type Posted = Readonly<{ ship_to: string; rate: string; tax_code: string; used: number; master: boolean }>;

async function proposeTaxCodes(
  client: pg.PoolClient,
  entityId: string,
  confirm: Confirmation | null,
): Promise<readonly string[]> {
  await countTaxCodes(client, entityId);
  // A code that only the item master has is one to look at: it is never taken in advance.
  const { rows } = await client.query<Posted>(
    `WITH shared AS (SELECT *, sum(lines) OVER (PARTITION BY ship_to, rate) AS place FROM tax_code_use WHERE entity_id = $1),
     said AS (
       SELECT ship_to, rate, tax_code, sum(lines)::int AS used, max(place) AS place, false AS master FROM shared
        WHERE tax_code <> '' GROUP BY 1, 2, 3
       UNION ALL
       SELECT ship_to, rate, master_code, sum(lines)::int, max(place), true FROM shared u
        WHERE tax_code = '' AND master_code <> ''
          AND NOT EXISTS (SELECT FROM shared p WHERE p.ship_to = u.ship_to AND p.rate = u.rate AND p.tax_code = u.master_code)
        GROUP BY 1, 2, 3)
     SELECT ship_to, rate, tax_code, used, master FROM said s
      WHERE used * 100 >= place
        AND NOT EXISTS (SELECT FROM tax_mapping m WHERE m.entity_id = $1 AND m.ship_to = s.ship_to
                          AND m.rate = s.rate AND m.tax_code = s.tax_code
                          AND (m.confirmed_at IS NOT NULL OR m.confirmed_by IS NOT NULL OR NOT $2 OR s.master))
      ORDER BY 1, 2, 3`,
    [entityId, confirm !== null],
  );
  for (const row of rows) {
    const taken = row.master ? null : confirm;
    await client.query(
      `INSERT INTO tax_mapping (id, entity_id, ship_to, channel, rate, treatment, tax_code, proposed_from, confirmed_at, confirmed_by)
       VALUES ($1, $2, $3, '*', $4, CASE WHEN $4::numeric = 0 THEN 'zero' ELSE 'standard' END, $5, $6, $7, $8)
       ON CONFLICT (entity_id, ship_to, channel, rate, tax_code, valid_from)
       DO UPDATE SET proposed_from = excluded.proposed_from, confirmed_at = excluded.confirmed_at, confirmed_by = excluded.confirmed_by`,
      [
        idOf("tax-mapping", entityId, row.ship_to, "*", row.rate, row.tax_code),
        entityId,
        row.ship_to,
        row.rate,
        row.tax_code,
        row.master ? "item master" : `${row.used} posted lines`,
        taken?.at ?? null,
        taken?.by ?? null,
      ],
    );
  }
  return rows.map(
    (row) =>
      `${row.ship_to} at ${new Decimal(row.rate).times(100).toFixed()} %: ${row.tax_code} (${row.used} lines${row.master ? " without a code, by the item master" : ""})`,
  );
}

// A line without a code is posted untaxed, as a rule: the rate that it should have is SCAYLE's of the same item.
const RATE = `CASE WHEN coalesce(l.tax_code, '') <> '' THEN l.tax_rate ELSE (SELECT max(s.tax_rate) FROM line s
  WHERE s.order_key = l.order_key AND s.side = 'scayle' AND s.kind = 'item' AND s.item_key = l.item_key) END`;

/**
 * Counts which tax codes the ERP posts where, and what its item master says of those items. An item that is mapped to a SKU, or
 * that several ERP connections tell differently, has no word of the master.
 */
async function countTaxCodes(client: pg.PoolClient, entityId: string): Promise<void> {
  await client.query("DELETE FROM tax_code_use WHERE entity_id = $1", [entityId]);
  await client.query(
    `WITH master AS MATERIALIZED (
       SELECT i.item_key, min(i.tax_code) AS code FROM stock_item i JOIN connection c ON c.id = i.connection_id
        WHERE i.entity_id = $1 AND c.side = 'erp' AND c.retired_at IS NULL AND i.tax_code <> ''
        GROUP BY 1 HAVING count(DISTINCT i.tax_code) = 1)
     INSERT INTO tax_code_use (entity_id, ship_to, rate, tax_code, master_code, lines, examples)
     SELECT $1, o.ship_to, round(${RATE}, 5),
            CASE WHEN l.tax_code = ANY (e.none_tax_codes) THEN '' ELSE coalesce(l.tax_code, '') END,
            coalesce(m.code, ''), count(*), array_remove(ARRAY[min(o.reference), nullif(max(o.reference), min(o.reference))], NULL)
       FROM line l JOIN sales_order o USING (order_key) JOIN entity e ON e.id = l.entity_id LEFT JOIN master m ON m.item_key = l.item_key
      WHERE l.entity_id = $1 AND l.side = 'erp' AND l.kind = 'item' AND l.in_books AND o.ship_to IS NOT NULL AND ${RATE} IS NOT NULL
      GROUP BY 2, 3, 4, 5`,
    [entityId],
  );
}

/**
 * Counts which codes the posted documents of each ERP bear where their order was paid in one way. An ERP that states no code on
 * any document has none to be compared.
 */
async function countPayments(client: pg.PoolClient, entityId: string, at: Date): Promise<void> {
  await client.query("DELETE FROM payment_use WHERE entity_id = $1", [entityId]);
  await client.query(
    `INSERT INTO payment_use (entity_id, connection_id, shop_id, payment_key, erp_code, documents, examples, counted_at)
     SELECT $1, d.connection_id, coalesce(o.shop_id, ''), o.payment, coalesce(d.payment, ''), count(*),
            array_remove(ARRAY[min(o.reference), nullif(max(o.reference), min(o.reference))], NULL), $2
       FROM document d JOIN sales_order o USING (order_key)
      WHERE d.entity_id = $1 AND d.side = 'erp' AND d.posted AND d.order_known AND o.payment IS NOT NULL
        AND d.connection_id IN (SELECT x.connection_id FROM document x WHERE x.entity_id = $1 AND x.payment IS NOT NULL)
      GROUP BY 2, 3, 4, 5`,
    [entityId, at],
  );
}
