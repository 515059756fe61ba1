import type pg from "pg";
import { toPlain } from "@/lib/domain/json";
import { StoredFigures } from "./stored";

/**
 * What an order is worth on both sides by month, its documents, and what its months come to, as the books stand: taken
 * before something is sent and after it was read back. Minor units, signed.
 */
export async function figuresOf(
  client: pg.Pool | pg.ClientBase,
  { entityId, orderKey, exceptionId }: Readonly<{ entityId: string; orderKey: string; exceptionId: string }>,
  at: Date,
): Promise<StoredFigures> {
  const order = await client.query(
    `SELECT period, currency,
       json_build_object('lines', (count(*) FILTER (WHERE side = 'scayle'))::int, 'net', coalesce(sum(net) FILTER (WHERE side = 'scayle'), 0)::text,
         'tax', coalesce(sum(tax) FILTER (WHERE side = 'scayle'), 0)::text, 'gross', coalesce(sum(gross) FILTER (WHERE side = 'scayle'), 0)::text) AS scayle,
       json_build_object('lines', (count(*) FILTER (WHERE side = 'erp'))::int, 'net', coalesce(sum(net) FILTER (WHERE side = 'erp'), 0)::text,
         'tax', coalesce(sum(tax) FILTER (WHERE side = 'erp'), 0)::text, 'gross', coalesce(sum(gross) FILTER (WHERE side = 'erp'), 0)::text) AS erp
       FROM line WHERE entity_id = $1 AND order_key = $2 AND in_books GROUP BY period, currency ORDER BY period, currency`,
    [entityId, orderKey],
  );
  const periods = [...new Set(order.rows.map((row) => String(row.period)))];
  const months = await client.query(
    `WITH newest AS (SELECT DISTINCT ON (period) period, run_id FROM period_summary
        WHERE entity_id = $1 AND period = ANY($2::text[]) ORDER BY period, made_at DESC, run_id)
     SELECT s.period, s.currency, s.totals -> 'scayle' ->> 'gross' AS scayle, s.totals -> 'erp' ->> 'gross' AS erp,
       ((s.totals -> 'scayle' ->> 'gross')::bigint - (s.totals -> 'erp' ->> 'gross')::bigint)::text AS difference,
       ((s.totals -> 'scayle' ->> 'net')::bigint - (s.totals -> 'erp' ->> 'net')::bigint)::text AS net,
       ((s.totals -> 'scayle' ->> 'tax')::bigint - (s.totals -> 'erp' ->> 'tax')::bigint)::text AS tax
       FROM period_summary s JOIN newest n ON n.period = s.period AND n.run_id = s.run_id WHERE s.entity_id = $1
      ORDER BY s.period, s.currency`,
    [entityId, periods],
  );
  const exception = await client.query(
    `SELECT net::text, tax::text, gross::text, explanation FROM exception
      WHERE order_key = $1 AND id = $2 AND state NOT IN ('resolved', 'explained')`,
    [orderKey, exceptionId],
  );
  const documents = await client.query(
    `SELECT side, kind, number, status, coalesce(gross, 0)::text AS gross FROM document
      WHERE entity_id = $1 AND order_key = $2 AND posted ORDER BY side DESC, posting_day, number`,
    [entityId, orderKey],
  );
  return StoredFigures.parse(
    toPlain({
      at,
      exception: exception.rows[0] ?? null,
      order: order.rows,
      months: months.rows,
      documents: documents.rows,
    }),
  );
}
