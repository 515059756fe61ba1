-- What a system told of one order, and how often it was read again, are shown beside its exceptions.
CREATE INDEX "webhook_event_connection_id_source_id_received_at_idx" ON "webhook_event"("connection_id", "source_id", "received_at" DESC);
CREATE INDEX "resync_record_order_key_idx" ON "resync_record"("order_key");
