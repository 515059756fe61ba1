-- What is locked is read as a list too, a page at a time, month by month.
CREATE INDEX "locked_line_entity_id_month_side_day_idx" ON "locked_line" ("entity_id", "month", "side", "day", "order_key", "id");
CREATE INDEX "locked_document_entity_id_month_side_idx" ON "locked_document" ("entity_id", "month", "side", "posting_day", "number", "id");
