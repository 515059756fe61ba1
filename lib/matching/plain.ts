import type pg from "pg";

/**
 * Finds the groups in `scope` whose sides agree in every item, period and figure, without leaving the database:
 * the temporary table `agreed`. What is special in any way (unknown amounts, lines without a tax code, headers,
 * gift cards, lines without items, no known order) is left to the explainers.
 */
export async function findAgreed(
  client: pg.PoolClient,
  entityId: string,
  noneTaxCodes: readonly string[],
): Promise<number> {
  const { rowCount } = await client.query(
    `CREATE TEMP TABLE agreed ON COMMIT DROP AS
     WITH shelf AS (
       SELECT l.order_key, l.document_kind, l.currency, l.period, l.item_key,
              count(*) FILTER (WHERE l.side = 'scayle') AS scayle_lines,
              count(*) FILTER (WHERE l.side = 'erp') AS erp_lines,
              sum(CASE l.side WHEN 'scayle' THEN l.quantity ELSE -l.quantity END) AS quantity,
              sum(CASE l.side WHEN 'scayle' THEN l.net ELSE -l.net END) AS net,
              sum(CASE l.side WHEN 'scayle' THEN l.tax ELSE -l.tax END) AS tax,
              sum(CASE l.side WHEN 'scayle' THEN l.gross ELSE -l.gross END) AS gross,
              bool_or(l.net IS NULL OR l.tax IS NULL OR l.granularity = 'document'
                      OR l.kind IN ('header', 'rounding', 'gift_card')) AS special,
              bool_or(l.side = 'erp' AND (l.tax_code IS NULL OR l.tax_code = '' OR l.tax_code = ANY ($2::text[]))) AS uncoded
         FROM line l JOIN scope USING (order_key)
        WHERE l.in_books AND l.entity_id = $1
        GROUP BY 1, 2, 3, 4, 5)
     SELECT order_key FROM shelf JOIN sales_order USING (order_key)
      WHERE order_key NOT IN (SELECT order_key FROM hand_pair WHERE entity_id = $1)
      GROUP BY order_key
     HAVING bool_and(NOT special AND NOT uncoded AND scayle_lines > 0 AND erp_lines > 0
                     AND (quantity = 0 OR shelf.item_key = 'charge') AND net = 0 AND tax = 0 AND gross = 0)`
      .replace("$2::text[]", literalArray(noneTaxCodes))
      .replaceAll("$1", literal(entityId)),
  );
  await client.query("ALTER TABLE agreed ADD PRIMARY KEY (order_key)");
  await client.query("ANALYZE agreed");
  return rowCount ?? 0;
}

// CREATE TABLE AS takes no parameters.
const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;
const literalArray = (texts: readonly string[]): string => `ARRAY[${texts.map(literal).join(", ")}]::text[]`;

/** Takes the outcome of earlier runs for the groups in `scope` away. */
export async function clearScope(client: pg.PoolClient): Promise<void> {
  for (const table of ["pair_line", "pair", "cause"]) {
    await client.query(`DELETE FROM ${table} USING scope WHERE ${table}.order_key = scope.order_key`);
  }
}

/** Writes the pairs of the groups in `agreed`, with their bucket. The ids are those of lib/causes/work `pairId`. */
export async function pairAgreed(client: pg.PoolClient): Promise<void> {
  await client.query(`
    INSERT INTO pair (order_key, id, entity_id, document_kind, kind, item_key, currency, period, bucket,
                      scayle_lines, scayle_quantity, scayle_net, scayle_tax, scayle_gross,
                      erp_lines, erp_quantity, erp_net, erp_tax, erp_gross)
    SELECT l.order_key, ${PAIR_ID}, min(l.entity_id), l.document_kind,
           CASE l.item_key WHEN 'charge' THEN 'charge' ELSE 'item' END, l.item_key, l.currency, l.period, 'matched',
           count(*) FILTER (WHERE l.side = 'scayle'), coalesce(sum(l.quantity) FILTER (WHERE l.side = 'scayle'), 0),
           sum(l.net) FILTER (WHERE l.side = 'scayle'), sum(l.tax) FILTER (WHERE l.side = 'scayle'),
           sum(l.gross) FILTER (WHERE l.side = 'scayle'),
           count(*) FILTER (WHERE l.side = 'erp'), coalesce(sum(l.quantity) FILTER (WHERE l.side = 'erp'), 0),
           sum(l.net) FILTER (WHERE l.side = 'erp'), sum(l.tax) FILTER (WHERE l.side = 'erp'),
           sum(l.gross) FILTER (WHERE l.side = 'erp')
      FROM line l JOIN agreed USING (order_key)
     WHERE l.in_books
     GROUP BY l.order_key, l.document_kind, l.currency, l.item_key, l.period`);
  await client.query(`
    INSERT INTO pair_line (order_key, line_id, pair_id)
    SELECT l.order_key, l.id, ${PAIR_ID} FROM line l JOIN agreed USING (order_key) WHERE l.in_books`);
}

const PAIR_ID =
  "tieout_id(concat_ws(chr(31), 'pair', l.order_key::text, l.document_kind, l.currency, l.item_key, l.period))";
