import type pg from "pg";
import { textLiteral } from "@/lib/db/copy-out";
import { ONE_CHANNEL } from "@/lib/domain/group";
import { NOT_COVERED } from "./members";

/**
 * Lays the lines of the groups in `scope` beside each other, without leaving the database: the temporary table `shelf`
 * has one row per group, kind of document, currency, period and item, with both sides' sums and whether they agree.
 * Rows are what pairs are made of; their ids are those of lib/causes/work `pairId`.
 */
export async function fillShelf(
  client: pg.PoolClient,
  entityId: string,
  noneTaxCodes: readonly string[],
): Promise<void> {
  await client.query(
    `CREATE TEMP TABLE shelf ON COMMIT DROP AS
     SELECT order_key, document_kind, currency, period, item_key,
            ${side("scayle")}, ${side("erp")},
            coalesce(sum(CASE WHEN kind = 'item' THEN greatest(1, abs(quantity)) ELSE 1 END)
                     FILTER (WHERE side = 'scayle'), 0)::bigint AS scayle_units,
            bool_or(net IS NULL OR tax IS NULL OR granularity = 'document' OR kind IN ('header', 'rounding', 'gift_card')
                    OR (side = 'erp' AND (tax_code IS NULL OR tax_code = '' OR tax_code = ANY (${literalArray(noneTaxCodes)}))))
              AS special
       FROM line JOIN scope USING (order_key)
      WHERE in_books AND entity_id = ${textLiteral(entityId)} AND ${NOT_COVERED}
      GROUP BY order_key, document_kind, currency, period, item_key`,
  );
  await client.query("ANALYZE shelf (order_key)");
}

const side = (name: string): string => `
  count(*) FILTER (WHERE side = '${name}')::int AS ${name}_lines,
  count(*) FILTER (WHERE side = '${name}' AND (net IS NULL OR tax IS NULL))::int AS ${name}_unknown,
  coalesce(sum(quantity) FILTER (WHERE side = '${name}'), 0) AS ${name}_quantity,
  coalesce(sum(net) FILTER (WHERE side = '${name}'), 0)::bigint AS ${name}_net,
  coalesce(sum(tax) FILTER (WHERE side = '${name}'), 0)::bigint AS ${name}_tax,
  coalesce(sum(gross) FILTER (WHERE side = '${name}'), 0)::bigint AS ${name}_gross`;

// CREATE TABLE AS takes no parameters.
const literalArray = (texts: readonly string[]): string =>
  `ARRAY[${texts.map(textLiteral).join(", ")}]::text[]`;

// Where the mapping says anything of a place, what it doesn't name there is looked at, whether the amounts agree or not.
const MISCODED = `
  SELECT l.order_key FROM line l JOIN scope USING (order_key) JOIN sales_order o USING (order_key)
   WHERE l.side = 'erp' AND l.in_books AND o.ship_to IN (SELECT ship_to FROM right_code)
     AND NOT EXISTS (SELECT FROM right_code r WHERE r.ship_to = o.ship_to AND r.channel IN (o.channel_type, '${ONE_CHANNEL}' || o.channel)
                        AND r.rate = round(l.tax_rate, 3) AND r.tax_code = l.tax_code
                        AND l.day BETWEEN r.valid_from AND r.valid_until)`;

/**
 * Finds the groups whose sides agree in every item, period and figure: the temporary table `plain`, which holds the
 * groups whose pairs are their shelf's rows. What is special in any way (unknown amounts, lines without a tax code,
 * headers, gift cards, lines without items or with a code that the mapping doesn't
 * have there, pairs made by hand, no known order) is left to the explainers. Returns how many agree.
 */
export async function findAgreed(client: pg.PoolClient, entityId: string): Promise<number> {
  // The codes that the confirmed mapping has for a place, channel and rate, compared as SCAYLE rounds rates.
  await client.query(
    `CREATE TEMP TABLE right_code ON COMMIT DROP AS
     SELECT DISTINCT ship_to, c.channel, round(rate, 3) AS rate, tax_code,
            coalesce(valid_from, '-infinity') AS valid_from, coalesce(valid_until, 'infinity') AS valid_until
       FROM tax_mapping m JOIN LATERAL (
              SELECT kind AS channel FROM (VALUES ('shop'), ('marketplace'), ('in_store')) AS k(kind) WHERE m.channel IN ('*', kind)
              UNION ALL SELECT m.channel WHERE m.channel LIKE '${ONE_CHANNEL}%') c ON true
      WHERE entity_id = ${textLiteral(entityId)} AND confirmed_at IS NOT NULL`,
  );
  const { rowCount } = await client.query(
    `CREATE TEMP TABLE plain ON COMMIT DROP AS
     SELECT order_key FROM shelf JOIN sales_order USING (order_key)
      WHERE order_key NOT IN (SELECT order_key FROM hand_pair JOIN scope USING (order_key))
        AND order_key NOT IN (${MISCODED})
      GROUP BY order_key
     HAVING bool_and(NOT special AND scayle_lines > 0 AND erp_lines > 0
                     AND (scayle_quantity = erp_quantity OR item_key = 'charge')
                     AND scayle_net = erp_net AND scayle_tax = erp_tax AND scayle_gross = erp_gross)`,
  );
  await client.query("ALTER TABLE plain ADD PRIMARY KEY (order_key)");
  // Without knowing how few they are, the planner would read every exception there is.
  await client.query("ANALYZE plain");
  await client.query("CREATE TEMP TABLE settled (order_key uuid, pair_id uuid, bucket text) ON COMMIT DROP");
  return rowCount ?? 0;
}

/** Adds explained groups whose pairs are their shelf's rows, with the buckets of those pairs that are not `matched`. */
export async function addPlain(
  client: pg.PoolClient,
  orderKeys: readonly string[],
  settled: readonly Readonly<{ orderKey: string; pairId: string; bucket: string }>[],
): Promise<void> {
  if (orderKeys.length === 0) return;
  await client.query("INSERT INTO plain SELECT unnest($1::uuid[])", [orderKeys]);
  await client.query("INSERT INTO settled SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[])", [
    settled.map((one) => one.orderKey),
    settled.map((one) => one.pairId),
    settled.map((one) => one.bucket),
  ]);
}

/** Takes the outcome of earlier runs for the groups in `scope` away. */
export async function clearScope(client: pg.PoolClient): Promise<void> {
  for (const table of ["pair", "cause", "difference"]) {
    await client.query(`DELETE FROM ${table} USING scope WHERE ${table}.order_key = scope.order_key`);
  }
  // A line is cleared with the group that its pair lives in, which need not be its order's.
  await client.query(
    `DELETE FROM pair_line USING scope
      WHERE pair_line.order_key = scope.order_key AND pair_line.group_key = pair_line.order_key`,
  );
  await client.query(
    `DELETE FROM pair_line USING scope
      WHERE pair_line.group_key = scope.order_key AND pair_line.group_key <> pair_line.order_key`,
  );
}

/** Writes the pairs of the groups in `plain`, each with its bucket, and which lines are in them. */
export async function pairPlain(client: pg.PoolClient, entityId: string): Promise<void> {
  // Without knowing how few they are, the planner would read every line there is.
  await client.query("ANALYZE plain; ANALYZE settled");
  await client.query(
    `INSERT INTO pair (order_key, id, entity_id, document_kind, kind, item_key, currency, period, bucket,
                       scayle_lines, scayle_quantity, scayle_net, scayle_tax, scayle_gross,
                       erp_lines, erp_quantity, erp_net, erp_tax, erp_gross, scayle_units, scayle_unknown, erp_unknown)
     SELECT s.order_key, s.id, $1, s.document_kind,
            CASE WHEN s.item_key IN ('charge', 'header', 'document') THEN s.item_key ELSE 'item' END,
            s.item_key, s.currency, s.period, coalesce(b.bucket, 'matched'),
            s.scayle_lines, s.scayle_quantity, s.scayle_net, s.scayle_tax, s.scayle_gross,
            s.erp_lines, s.erp_quantity, s.erp_net, s.erp_tax, s.erp_gross, s.scayle_units, s.scayle_unknown, s.erp_unknown
       FROM (SELECT *, ${PAIR_ID} AS id FROM shelf JOIN plain USING (order_key)) s
       LEFT JOIN settled b ON b.order_key = s.order_key AND b.pair_id = s.id
      ORDER BY s.order_key`,
    [entityId],
  );
  await client.query(
    `INSERT INTO pair_line (order_key, line_id, pair_id, group_key)
     SELECT order_key, id, ${PAIR_ID}, order_key FROM line JOIN plain USING (order_key)
      WHERE in_books AND entity_id = $1 AND ${NOT_COVERED} ORDER BY order_key`,
    [entityId],
  );
}

const PAIR_ID = "md5(concat_ws(chr(31), order_key::text, document_kind, currency, item_key, period))::uuid";
