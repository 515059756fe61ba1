-- What other systems tell us: kept as it came (without personal data), once each, with what followed from it.
CREATE TABLE "webhook_endpoint" (
    "id" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "connection_id" UUID NOT NULL,
    "entity_id" TEXT NOT NULL,
    "secret" BYTEA NOT NULL,
    "rotated_at" TIMESTAMPTZ(3) NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "created_by" TEXT NOT NULL,
    "retired_at" TIMESTAMPTZ(3),

    CONSTRAINT "webhook_endpoint_pkey" PRIMARY KEY ("id"),
    CONSTRAINT webhook_endpoint_kind CHECK (kind IN ('scayle', 'standard'))
);
CREATE INDEX "webhook_endpoint_connection_id_idx" ON "webhook_endpoint"("connection_id");

CREATE TABLE "webhook_event" (
    "id" UUID NOT NULL,
    "endpoint_id" TEXT NOT NULL,
    "connection_id" UUID NOT NULL,
    "entity_id" TEXT NOT NULL,
    "event_key" TEXT NOT NULL,
    "body_hash" TEXT NOT NULL,
    "type" TEXT NOT NULL,
    "stated_type" TEXT NOT NULL,
    "occurred_at" TIMESTAMPTZ(3),
    "received_at" TIMESTAMPTZ(3) NOT NULL,
    "source_id" TEXT,
    "reference" TEXT,
    "body" JSONB NOT NULL,
    "state" TEXT NOT NULL,
    "outcome" TEXT,
    "done_at" TIMESTAMPTZ(3),
    "deliveries" INTEGER NOT NULL DEFAULT 1,

    CONSTRAINT "webhook_event_pkey" PRIMARY KEY ("id"),
    CONSTRAINT webhook_event_state CHECK (state IN ('waiting', 'done', 'kept', 'refused', 'failed'))
);
CREATE UNIQUE INDEX "webhook_event_endpoint_id_event_key_key" ON "webhook_event"("endpoint_id", "event_key");
CREATE UNIQUE INDEX "webhook_event_endpoint_id_body_hash_key" ON "webhook_event"("endpoint_id", "body_hash");
CREATE INDEX "webhook_event_entity_id_received_at_idx" ON "webhook_event"("entity_id", "received_at" DESC);
CREATE INDEX webhook_event_waiting ON "webhook_event" (connection_id, source_id) WHERE state = 'waiting';

DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'tieout_app') THEN
    GRANT SELECT, INSERT ON "webhook_event", "webhook_endpoint" TO tieout_app;
    GRANT UPDATE (deliveries) ON "webhook_event" TO tieout_app;
    GRANT UPDATE (secret, rotated_at, retired_at) ON "webhook_endpoint" TO tieout_app;
  END IF;
END
$$;
