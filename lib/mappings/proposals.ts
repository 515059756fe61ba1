import "server-only";
import { appPool } from "@/lib/db/pool";
import { erpItemOf } from "@/lib/sync/store/remap";
import type { MappingChange } from "./schema";

/** A mapping that what is posted speaks for, with what speaks against it. */
export type Proposal = Readonly<{
  change: MappingChange;
  /** posted lines, or open exceptions, that say so, and what they are called */
  saying: number;
  /** what says otherwise, in words with how many; empty where nothing does */
  against: readonly Readonly<{ what: string; count: number }>[];
  /** orders to look at */
  examples: readonly string[];
}>;

const PROPOSALS_MOST = 50;

/**
 * Tax codes that posted lines have and nobody confirmed or refused: how many lines of goods to a country at a rate have the
 * code, and which others are posted there.
 */
export async function findTaxProposals(entityId: string): Promise<readonly Proposal[]> {
  const { rows } = await appPool().query<
    Readonly<{
      shipTo: string;
      channel: "*";
      rate: string;
      taxCode: string;
      saying: number;
      others: Readonly<Record<string, number>> | null;
      elsewhere: Readonly<Record<string, number>> | null;
      examples: readonly string[] | null;
    }>
  >(
    `WITH used AS MATERIALIZED (
       SELECT o.ship_to, round(l.tax_rate, 5) AS rate, l.tax_code, count(*)::int AS lines,
              (array_agg(DISTINCT o.reference) FILTER (WHERE o.reference IS NOT NULL))[1:3] AS examples
         FROM line l JOIN sales_order o USING (order_key)
        WHERE l.entity_id = $1 AND l.side = 'erp' AND l.kind = 'item' AND l.in_books AND o.ship_to IS NOT NULL
          AND l.tax_rate IS NOT NULL AND coalesce(l.tax_code, '') <> ''
        GROUP BY 1, 2, 3)
     SELECT m.ship_to AS "shipTo", m.channel, trim_scale(m.rate)::text AS rate, m.tax_code AS "taxCode", coalesce(u.lines, 0) AS saying,
            u.examples,
            (SELECT jsonb_object_agg(x.tax_code, x.lines) FROM used x
              WHERE x.ship_to = m.ship_to AND x.rate = m.rate AND x.tax_code <> m.tax_code) AS others,
            (SELECT jsonb_object_agg(x.ship_to || ' at ' || trim_scale(x.rate * 100) || ' %', x.lines) FROM used x
              WHERE x.tax_code = m.tax_code AND x.rate <> m.rate) AS elsewhere
       FROM tax_mapping m LEFT JOIN used u ON u.ship_to = m.ship_to AND u.rate = m.rate AND u.tax_code = m.tax_code
      WHERE m.entity_id = $1 AND m.confirmed_at IS NULL AND m.confirmed_by IS NULL
      ORDER BY saying DESC, 1, 3, 4 LIMIT ${PROPOSALS_MOST}`,
    [entityId],
  );
  return rows.map(({ shipTo, channel, rate, taxCode, saying, others, elsewhere, examples }) => ({
    change: { kind: "tax-code", shipTo, channel, rate, taxCode, right: true },
    saying,
    against: [
      ...counted(others, (code) => `${code} at the same place and rate`),
      ...counted(elsewhere, (place) => `the same code, ${place}`),
    ],
    examples: examples ?? [],
  }));
}

const counted = (
  counts: Readonly<Record<string, number>> | null,
  what: (name: string) => string,
): Proposal["against"] =>
  Object.entries(counts ?? {})
    .sort(([, a], [, b]) => b - a)
    .map(([name, count]) => ({ what: what(name), count }));

/**
 * ERP items that open exceptions show in the place of one of SCAYLE's products, as the causes proved it, and what else is
 * posted under the item: other products, or itself beside SCAYLE's product of the same name.
 */
export async function findItemProposals(entityId: string): Promise<readonly Proposal[]> {
  const { rows } = await appPool().query<
    Readonly<{
      orderKey: string;
      itemKey: string;
      sku: string;
      saying: number;
      others: Readonly<Record<string, number>> | null;
      itself: number;
      examples: readonly string[] | null;
    }>
  >(
    `WITH said AS MATERIALIZED (
       SELECT m ->> 'itemKey' AS item_key, m ->> 'sku' AS sku, count(DISTINCT e.order_key)::int AS orders,
              (array_agg(e.order_key ORDER BY e.order_key))[1] AS order_key,
              (array_agg(DISTINCT e.order_reference) FILTER (WHERE e.order_reference IS NOT NULL))[1:3] AS examples
         FROM exception e, jsonb_array_elements(e.evidence -> 'missing') AS m
        WHERE e.entity_id = $1 AND e.state NOT IN ('resolved', 'accepted', 'explained') AND e.evidence ? 'missing'
          AND m ->> 'kind' = 'item'
        GROUP BY 1, 2),
     asked AS MATERIALIZED (SELECT * FROM said ORDER BY orders DESC, item_key, sku LIMIT ${PROPOSALS_MOST}),
     own AS MATERIALIZED (
       SELECT l.item_key, count(*)::int AS lines FROM line l
        WHERE l.entity_id = $1 AND l.side = 'erp' AND l.in_books AND l.item_key IN (SELECT item_key FROM asked)
          AND EXISTS (SELECT FROM line s WHERE s.order_key = l.order_key AND s.side = 'scayle' AND s.item_key = l.item_key)
        GROUP BY 1)
     SELECT a.order_key AS "orderKey", a.item_key AS "itemKey", a.sku, a.orders AS saying, a.examples,
            (SELECT jsonb_object_agg(x.sku, x.orders) FROM said x WHERE x.item_key = a.item_key AND x.sku <> a.sku) AS others,
            coalesce((SELECT lines FROM own WHERE own.item_key = a.item_key), 0) AS itself
       FROM asked a ORDER BY a.orders DESC, a.item_key, a.sku`,
    [entityId],
  );
  const proposals = rows.map(async ({ orderKey, itemKey, sku, saying, others, itself, examples }) => {
    const item = await erpItemOf(appPool(), entityId, { orderKey, itemKey });
    if (!item) return null;
    const change: MappingChange = { kind: "item", ...item, lineKind: "item", sku };
    const against = [
      ...counted(others, (other) => `it stands in the place of ${other}`),
      ...(itself > 0
        ? [{ what: `the ERP posted it where SCAYLE sold ${itemKey} itself`, count: itself }]
        : []),
    ];
    return { change, saying, against, examples: examples ?? [] };
  });
  return (await Promise.all(proposals)).filter((one) => one !== null);
}
