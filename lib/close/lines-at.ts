/*
 * The lines of the books as they were held at a moment, from the versions of documents that are kept: lines of documents that have
 * no later version are as they are; of the others the version that was the newest then is opened. Which item or charge an ERP's
 * line stands for is told by today's mapping, since mappings are not kept by date.
 */

/**
 * Common table expressions of the lines that counted in a month at a moment: `booked`, with the parameters $1 entity, $2 month
 * and `at` the moment. Gift cards are left out, as matching leaves them out.
 */
export const linesAt = (at: string): string => `
  moved AS MATERIALIZED (
    SELECT DISTINCT v.document_id FROM document_version v WHERE v.entity_id = $1 AND v.seen_at > ${at}::timestamptz),
  held AS MATERIALIZED (
    SELECT DISTINCT ON (v.document_id) v.order_key, v.document_id, v.reason, v.content
      FROM document_version v JOIN moved m ON m.document_id = v.document_id
     WHERE v.seen_at <= ${at}::timestamptz ORDER BY v.document_id, v.version DESC),
  booked AS (
    SELECT l.order_key, l.document_id, l.id, l.side, l.document_kind, l.kind, l.currency, l.day, l.sku, l.quantity, l.net, l.tax, l.gross,
           l.discount, l.tax_code, l.tax_rate, l.account, coalesce(l.description, l.sku, l.kind) AS label, d.number,
           coalesce(d.ship_to, o.ship_to)::text AS ship_to, o.channel_type, o.channel, o.reference
      FROM line l
      JOIN document d ON d.order_key = l.order_key AND d.id = l.document_id
      LEFT JOIN sales_order o ON o.order_key = l.order_key
     WHERE l.entity_id = $1 AND l.period = $2 AND l.in_books AND l.kind <> 'gift_card'
       AND NOT EXISTS (SELECT FROM moved m WHERE m.document_id = l.document_id)
    UNION ALL
    SELECT h.order_key, h.document_id, md5(h.document_id::text || '/' || x.place)::uuid, h.content ->> 'side', h.content ->> 'kind',
           coalesce(m.line_kind, x.value ->> 'kind'), h.content ->> 'currency', (x.value ->> 'day')::date,
           coalesce(m.sku, x.value ->> 'sku'), (x.value ->> 'quantity')::numeric, (x.value ->> 'net')::bigint, (x.value ->> 'tax')::bigint,
           (x.value ->> 'gross')::bigint, (x.value ->> 'discount')::bigint, x.value ->> 'taxCode', (x.value ->> 'taxRate')::numeric,
           CASE WHEN h.content ->> 'side' = 'erp' THEN x.value ->> 'account' END,
           coalesce(x.value ->> 'description', m.sku, x.value ->> 'sku', m.line_kind, x.value ->> 'kind'), h.content ->> 'number',
           coalesce(h.content ->> 'shipTo', o.ship_to::text), o.channel_type, o.channel, o.reference
      FROM held h
      CROSS JOIN LATERAL jsonb_array_elements(h.content -> 'lines') WITH ORDINALITY AS x(value, place)
      LEFT JOIN sales_order o ON o.order_key = h.order_key
      LEFT JOIN LATERAL (
        SELECT m.line_kind, m.sku FROM item_mapping m
         WHERE m.entity_id = $1 AND m.confirmed_at IS NOT NULL AND h.content ->> 'side' = 'erp'
           AND CASE WHEN x.value ->> 'kind' = 'item' AND x.value ->> 'sku' IS NOT NULL
                 THEN m.erp_kind = 'item' AND m.erp_item = x.value ->> 'sku' AND m.erp_variant = coalesce(x.value ->> 'variant', '')
                 ELSE m.erp_kind = 'account' AND m.erp_item = x.value ->> 'account' AND m.erp_variant = '' END
           AND (x.value ->> 'day')::date BETWEEN coalesce(m.valid_from, '-infinity') AND coalesce(m.valid_until, 'infinity')
         LIMIT 1) m ON true
     WHERE h.reason NOT IN ('gone', 'withdrawn') AND (h.content ->> 'posted')::boolean AND to_char((x.value ->> 'day')::date, 'YYYY-MM') = $2
       AND coalesce(m.line_kind, x.value ->> 'kind') <> 'gift_card')`;
