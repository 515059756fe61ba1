-- What a ledger changed after it was posted is asked for at each reconciliation, and rare.
CREATE INDEX document_version_after_posting ON "document_version" (entity_id, order_key, document_id)
  WHERE reason IN ('posted-changed', 'withdrawn');
