-- The G/L account that the ERP names on a line, so that a month can be shown by account. Item lines of most ERPs name none: they
-- are posted by the item's posting group.
ALTER TABLE "line" ADD COLUMN "account" TEXT;

UPDATE "line" l SET account = said.account
  FROM (
    SELECT d.order_key, d.id AS document_id, (one.place - 1)::int AS position, one.line ->> 'account' AS account
      FROM document d
      JOIN document_version v ON v.order_key = d.order_key AND v.document_id = d.id AND v.version = d.version
      CROSS JOIN LATERAL jsonb_array_elements(v.content -> 'lines') WITH ORDINALITY AS one(line, place)
     WHERE d.side = 'erp' AND one.line ->> 'account' IS NOT NULL) said
 WHERE l.order_key = said.order_key AND l.document_id = said.document_id AND l.position = said.position;
