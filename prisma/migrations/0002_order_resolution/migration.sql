-- When an order arrives, the ERP documents that name it (or credit one that does) are found by these, not by a scan.
CREATE INDEX document_erp_reference ON "document" (entity_id, lower(btrim(reference))) WHERE side = 'erp';
CREATE INDEX document_erp_original ON "document" (entity_id, original_number) WHERE side = 'erp' AND original_number IS NOT NULL;

-- Orders whose invoice list is to be fetched: what came back or is being refunded, and was not asked for since.
CREATE INDEX sales_order_invoices_due ON "sales_order" (connection_id)
  WHERE invoices_at IS NULL
    AND (content @? '$.items[*] ? (@.returnedAt != null || @.status == "returned" || @.status == "undeliverable")'
      OR billing_status ILIKE '%refund%');
