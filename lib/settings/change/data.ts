import "server-only";
import { appPool } from "@/lib/db/pool";

type TaxCodeRow = Readonly<{
  shipTo: string;
  channel: string;
  /** a fraction without zeros at its end: "0.19" */
  rate: string;
  taxCode: string;
  /** null where a person has neither confirmed nor refused it */
  right: boolean | null;
  by: string | null;
  validFrom: string | null;
  validUntil: string | null;
}>;

type ConnectionRow = Readonly<{
  id: string;
  name: string;
  policy: Readonly<{ level: string; mode: string; basis: string; first: string }> | null;
  confirmed: boolean;
  /** the currency of its documents that name none; null where none is set */
  localCurrency: string | null;
  /** whether it has documents that name no currency */
  leavesCurrencyOut: boolean;
}>;

type ItemRow = Readonly<{
  erpKind: string;
  erpItem: string;
  erpVariant: string;
  lineKind: string;
  sku: string | null;
}>;

/** How many item mappings are offered; others are typed in. */
const ITEMS_OFFERED = 200;

/** What is in force in an entity's books, as far as a change can be made of it. */
export async function findInForce(entityId: string) {
  const rowsOf = async <Row extends object>(sql: string): Promise<readonly Row[]> =>
    (await appPool().query<Row>(sql, [entityId])).rows;
  const [entities, taxCodes, shops, connections, items, itemCount, channels] = await Promise.all([
    rowsOf<{ hours: number; noneTaxCodes: readonly string[] }>(
      `SELECT posting_lag_hours AS hours, none_tax_codes AS "noneTaxCodes" FROM entity WHERE id = $1`,
    ),
    rowsOf<TaxCodeRow>(
      `SELECT ship_to AS "shipTo", channel, trim_scale(rate)::text AS rate, tax_code AS "taxCode",
         CASE WHEN confirmed_at IS NOT NULL THEN true WHEN confirmed_by IS NOT NULL THEN false END AS right,
         confirmed_by AS by, valid_from AS "validFrom", valid_until AS "validUntil"
       FROM tax_mapping WHERE entity_id = $1 ORDER BY ship_to, channel, rate DESC, tax_code, valid_from NULLS FIRST`,
    ),
    rowsOf<{ country: string }>(
      "SELECT DISTINCT upper(country_code) AS country FROM shop WHERE entity_id = $1",
    ),
    rowsOf<ConnectionRow>(
      `SELECT id, name, coalesce(rounding -> 'policy', rounding) AS policy, rounding_confirmed_at IS NOT NULL AS confirmed,
         settings ->> 'localCurrency' AS "localCurrency", kind = 'business-central' AS "leavesCurrencyOut"
       FROM connection WHERE entity_id = $1 AND retired_at IS NULL
       ORDER BY side, name`,
    ),
    rowsOf<ItemRow>(
      `SELECT erp_kind AS "erpKind", erp_item AS "erpItem", erp_variant AS "erpVariant", line_kind AS "lineKind", sku
       FROM item_mapping WHERE entity_id = $1 ORDER BY erp_kind, erp_item, erp_variant LIMIT ${ITEMS_OFFERED}`,
    ),
    rowsOf<{ count: number }>("SELECT count(*)::int AS count FROM item_mapping WHERE entity_id = $1"),
    rowsOf<Readonly<{ key: string; name: string }>>(
      `SELECT DISTINCT c.key, c.name FROM channel c JOIN connection k ON k.id = c.connection_id
        WHERE k.entity_id = $1 AND k.retired_at IS NULL ORDER BY c.name, c.key LIMIT 200`,
    ),
  ]);
  const [entity] = entities;
  const distinct = (values: readonly string[]) => [...new Set(values)].sort();
  return {
    postingLagHours: entity?.hours ?? 0,
    noneTaxCodes: entity?.noneTaxCodes ?? [],
    taxCodes,
    countries: distinct([...taxCodes.map((one) => one.shipTo), ...shops.map((one) => one.country)]),
    rates: distinct(taxCodes.map((one) => one.rate)).reverse(),
    codes: distinct(taxCodes.map((one) => one.taxCode)),
    channels,
    connections,
    items,
    itemCount: itemCount[0]?.count ?? 0,
  };
}

export type InForce = Awaited<ReturnType<typeof findInForce>>;

/** The newest reconciliation of an entity; null before the first. */
export async function findLatestReconciliation(entityId: string) {
  const { rows } = await appPool().query<{ id: string; state: string; error: string | null }>(
    `SELECT id, state, error FROM run WHERE kind = 'reconcile' AND entity_id = $1 ORDER BY started_at DESC LIMIT 1`,
    [entityId],
  );
  return rows[0] ?? null;
}
