-- What can't be told anew yet stays as it was judged last, and says up to when SCAYLE's orders have to be known first.
ALTER TABLE "stock_standing" ADD COLUMN "awaits_orders_until" TIMESTAMPTZ(3);

-- A stamp ahead of the time is no moment at which stock changed; and of invoice lists that are held, the newest invoice is known.
UPDATE "feed" SET watermark = NULL WHERE resource = 'stock' AND watermark > now();
UPDATE "feed" f SET watermark = made.at
  FROM (SELECT o.connection_id, max((i ->> 'createdAt')::timestamptz) AS at
          FROM sales_order o, jsonb_array_elements(CASE jsonb_typeof(o.invoices) WHEN 'array' THEN o.invoices ELSE '[]' END) i
         WHERE (i ->> 'createdAt')::timestamptz <= now() GROUP BY 1) made
 WHERE f.resource = 'invoices' AND f.watermark IS NULL AND f.connection_id = made.connection_id;
