import type pg from "pg";

/** An order whose invoice list is to be fetched. */
export type DueInvoices = Readonly<{ orderKey: string; sourceId: string; shop: string }>;

/** A credit note that was missing may be made at any time, without the order changing: it is looked for again. */
const LOOK_AGAIN_MILLISECONDS = 60 * 60_000;

/**
 * Orders of a connection whose invoice list matters and isn't held as of their last change: something came back or is
 * being refunded, the ERP credited them, or a credit note was missing an hour ago. Not where SCAYLE makes no invoices.
 * The rate limit is per minute, so nothing else is asked for. `full`: also lists that we hold.
 */
export async function dueInvoices(
  pool: pg.Pool,
  connectionId: string,
  at: Date,
  full: boolean,
): Promise<readonly DueInvoices[]> {
  const { rows } = await pool.query<DueInvoices>(
    `SELECT o.order_key AS "orderKey", o.source_id AS "sourceId", o.content ->> 'shop' AS shop
       FROM sales_order o
      WHERE o.connection_id = $1 AND o.order_key IN (
          SELECT order_key FROM sales_order
           WHERE connection_id = $1 AND invoices_at IS NULL
             AND (content @? '$.items[*] ? (@.returnedAt != null || @.status == "returned" || @.status == "undeliverable")'
               OR billing_status ILIKE '%refund%')
          UNION SELECT d.order_key FROM document d JOIN sales_order s ON s.order_key = d.order_key
           WHERE d.side = 'erp' AND d.kind = 'credit' AND d.posted AND s.connection_id = $1
             AND (s.invoices_at IS NULL OR $3)
          UNION SELECT e.order_key FROM exception e JOIN sales_order s ON s.order_key = e.order_key
           WHERE e.cause = 'credit-note-failed' AND e.state <> 'resolved' AND s.connection_id = $1
             AND s.invoices_at < $2
          UNION SELECT order_key FROM sales_order WHERE $3 AND connection_id = $1 AND invoices IS NOT NULL)
        AND o.content ->> 'shop' IS NOT NULL
        AND NOT EXISTS (SELECT FROM channel c WHERE c.connection_id = o.connection_id AND c.key = o.channel
                         AND c.invoices_enabled = false)
      ORDER BY o.order_key`,
    [connectionId, new Date(at.getTime() - LOOK_AGAIN_MILLISECONDS), full],
  );
  return rows;
}
