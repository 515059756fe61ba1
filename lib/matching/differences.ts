import type pg from "pg";

/*
 * Pairs that differ, each with where it stands in a bridge: kept as groups are matched, beside the pairs. What becomes of their sums
 * the database counts (difference_cell), in the same statement.
 */

// Of a pair with lines in several orders the lines are found by the group, of all others by their order.
const LINES_OF_PAIR = `
  SELECT l.side, l.day, l.tax_code FROM pair_line x JOIN line l ON l.order_key = x.order_key AND l.id = x.line_id
   WHERE x.order_key = p.order_key AND x.group_key = p.order_key AND x.pair_id = p.id AND l.period = p.period
  UNION ALL
  SELECT l.side, l.day, l.tax_code FROM pair_line x JOIN line l ON l.order_key = x.order_key AND l.id = x.line_id
   WHERE x.group_key = p.order_key AND x.group_key <> x.order_key AND x.pair_id = p.id AND l.period = p.period`;

/** What a difference is told by: columns of `difference`. */
const COLUMNS =
  "order_key, pair_id, entity_id, period, currency, shop, channel, code, payment, day, net, tax, gross";

/** The keys of how an order (o) was paid, with " + " between; "" where none is stated, "?" where no order is known. */
export const PAYMENT_KEY = `CASE WHEN o.order_key IS NULL THEN '?' ELSE coalesce((
  SELECT string_agg(DISTINCT one ->> 'key', ' + ') FROM jsonb_array_elements(o.content -> 'payments') one), '') END`;
/** The shop of an order (o); "" where none is known. */
export const SHOP_KEY = "coalesce(o.shop_id, '')";
/** The channel of an order (o), else its kind; "" where no order is known. */
export const CHANNEL_KEY =
  "coalesce(o.channel, CASE WHEN o.order_key IS NULL THEN '' ELSE o.channel_type END)";

/** The differences of an entity ($1) among some groups, as their pairs, lines and orders have them. Pairs that match never differ. */
export const differencesOf = (among: string): string => `
  SELECT p.order_key, p.id AS pair_id, p.entity_id, p.period, p.currency, ${SHOP_KEY} AS shop, ${CHANNEL_KEY} AS channel,
         coalesce(l.code, '') AS code, ${PAYMENT_KEY} AS payment, coalesce(l.day, '') AS day,
         coalesce(p.scayle_net - p.erp_net, 0) AS net, coalesce(p.scayle_tax - p.erp_tax, 0) AS tax, p.scayle_gross - p.erp_gross AS gross
    FROM pair p
    LEFT JOIN sales_order o ON o.order_key = p.order_key
    LEFT JOIN LATERAL (
      SELECT string_agg(DISTINCT coalesce(nullif(one.tax_code, ''), '-'), ' + ') FILTER (WHERE one.side = 'erp') AS code, min(one.day)::text AS day
        FROM (${LINES_OF_PAIR}) one) l ON true
   WHERE p.entity_id = $1 AND p.bucket IN ('explained', 'open', 'accepted', 'timing', 'failed') AND ${among}
     AND (p.scayle_net <> p.erp_net OR p.scayle_tax <> p.erp_tax OR p.scayle_gross <> p.erp_gross)`;

/** Keeps the differences of the groups in `scope`, whose earlier ones were cleared with their pairs. */
export async function keepDifferences(client: pg.PoolClient, entityId: string): Promise<void> {
  await client.query(
    `INSERT INTO difference (${COLUMNS}) ${differencesOf("p.order_key IN (SELECT order_key FROM scope)")}`,
    [entityId],
  );
}

/** The same for a few groups by their keys. */
export async function keepFewDifferences(
  client: pg.PoolClient,
  entityId: string,
  orderKeys: readonly string[],
): Promise<void> {
  await client.query({
    name: "few-differences",
    text: `INSERT INTO difference (${COLUMNS}) ${differencesOf("p.order_key = ANY ($2::uuid[])")}`,
    values: [entityId, orderKeys],
  });
}
