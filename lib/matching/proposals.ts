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
  return [...rounding, ...codes];
}

async function proposeTaxCodes(
  client: pg.PoolClient,
  entityId: string,
  confirm: Confirmation | null,
): Promise<readonly string[]> {
  const { rows } = await client.query<{ ship_to: string; rate: string; tax_code: string; used: bigint }>(
    `WITH used AS (
       SELECT o.ship_to, round(l.tax_rate, 5) AS rate, l.tax_code, count(*) AS used
         FROM line l JOIN sales_order o USING (order_key) JOIN entity e ON e.id = l.entity_id
        WHERE l.entity_id = $1 AND l.side = 'erp' AND l.kind = 'item' AND l.in_books AND o.ship_to IS NOT NULL
          AND l.tax_rate IS NOT NULL AND coalesce(l.tax_code, '') <> '' AND NOT l.tax_code = ANY (e.none_tax_codes)
        GROUP BY 1, 2, 3),
     shared AS (SELECT *, sum(used) OVER (PARTITION BY ship_to, rate) AS place FROM used)
     SELECT ship_to, rate, tax_code, used FROM shared s
      WHERE used * 100 >= place
        AND NOT EXISTS (SELECT FROM tax_mapping m WHERE m.entity_id = $1 AND m.ship_to = s.ship_to
                          AND m.rate = s.rate AND m.tax_code = s.tax_code AND (m.confirmed_at IS NOT NULL OR m.confirmed_by IS NOT NULL OR NOT $2))
      ORDER BY 1, 2, 3`,
    [entityId, confirm !== null],
  );
  for (const row of rows) {
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
        `${row.used} posted lines`,
        confirm?.at ?? null,
        confirm?.by ?? null,
      ],
    );
  }
  return rows.map(
    (row) =>
      `${row.ship_to} at ${new Decimal(row.rate).times(100).toFixed()} %: ${row.tax_code} (${row.used} lines)`,
  );
}
