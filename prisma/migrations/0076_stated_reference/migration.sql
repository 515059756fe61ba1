-- An ERP document without a known order is looked for by the reference that it states: the order's own names don't find it.
-- Those with a known order are found by that one's names, so that this index is short.
CREATE INDEX document_stated_compact ON "document" (lookup_compact(reference) text_pattern_ops)
  WHERE side = 'erp' AND NOT order_known;
CREATE INDEX document_stated_bare ON "document" (lookup_bare(btrim(reference)))
  WHERE side = 'erp' AND NOT order_known AND lookup_bare(btrim(reference)) IS NOT NULL;
