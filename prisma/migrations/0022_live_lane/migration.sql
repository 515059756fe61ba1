-- The live lane's own feeds: status (the orders that just changed) and stock (what each system says that there is of an item).

-- The items whose stock a connection is asked for, and when it was answered last.
CREATE TABLE "stock_item" (
    "connection_id" UUID NOT NULL,
    "item_key" TEXT NOT NULL,
    "entity_id" TEXT NOT NULL,
    "named_at" TIMESTAMPTZ(3),
    "checked_at" TIMESTAMPTZ(3),
    "answered_at" TIMESTAMPTZ(3),
    "gone_at" TIMESTAMPTZ(3),

    CONSTRAINT "stock_item_pkey" PRIMARY KEY ("connection_id", "item_key")
);

-- What is true now, as far as we were told.
CREATE TABLE "stock_level" (
    "connection_id" UUID NOT NULL,
    "item_key" TEXT NOT NULL,
    "warehouse" TEXT NOT NULL,
    "merchant" TEXT NOT NULL,
    "measure" TEXT NOT NULL,
    "entity_id" TEXT NOT NULL,
    "quantity" DECIMAL(65,30) NOT NULL,
    "without_stock" BOOLEAN,
    "changed_at" TIMESTAMPTZ(3),
    "answered_at" TIMESTAMPTZ(3) NOT NULL,
    "seen_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "stock_level_pkey" PRIMARY KEY ("connection_id", "item_key", "warehouse", "merchant", "measure"),
    CONSTRAINT stock_level_measure CHECK (measure IN ('sellable', 'on-hand', 'reserved'))
);
CREATE INDEX "stock_level_connection_id_seen_at_idx" ON "stock_level"("connection_id", "seen_at" DESC);

-- Every reading that said something else than the one before it. Append-only.
CREATE TABLE "stock_reading" (
    "id" UUID NOT NULL,
    "connection_id" UUID NOT NULL,
    "item_key" TEXT NOT NULL,
    "warehouse" TEXT NOT NULL,
    "merchant" TEXT NOT NULL,
    "measure" TEXT NOT NULL,
    "entity_id" TEXT NOT NULL,
    "quantity" DECIMAL(65,30) NOT NULL,
    "without_stock" BOOLEAN,
    "changed_at" TIMESTAMPTZ(3),
    "answered_at" TIMESTAMPTZ(3) NOT NULL,
    "seen_at" TIMESTAMPTZ(3) NOT NULL,
    "source_record_id" UUID NOT NULL,
    "run_id" UUID NOT NULL,

    CONSTRAINT "stock_reading_pkey" PRIMARY KEY ("id"),
    CONSTRAINT stock_reading_measure CHECK (measure IN ('sellable', 'on-hand', 'reserved'))
);
CREATE INDEX "stock_reading_connection_id_item_key_answered_at_idx" ON "stock_reading"("connection_id", "item_key", "answered_at" DESC);
CREATE INDEX "stock_reading_connection_id_seen_at_idx" ON "stock_reading"("connection_id", "seen_at" DESC);

-- What an event is about: an order, or the stock of an item (whose id and key are then in source_id and reference).
ALTER TABLE "webhook_event" ADD COLUMN "subject" TEXT NOT NULL DEFAULT 'order';
ALTER TABLE "webhook_event" ADD CONSTRAINT webhook_event_subject CHECK (subject IN ('order', 'stock'));
DROP INDEX webhook_event_waiting;
CREATE INDEX webhook_event_waiting ON "webhook_event" (connection_id, subject, source_id) WHERE state = 'waiting';

-- The live lane runs every few minutes: the newest runs are found without looking at all there ever were.
CREATE INDEX "run_started_at_idx" ON "run"("started_at" DESC);
CREATE INDEX "run_entity_id_started_at_idx" ON "run"("entity_id", "started_at" DESC);

-- Connections that there are get the feeds that new ones are made with.
INSERT INTO "feed" (id, connection_id, entity_id, resource, shop_id, lane, interval_seconds, overlap_seconds, promise_seconds)
SELECT replace(id, '/scayle/orders/', '/scayle/status/'), connection_id, entity_id, 'status', shop_id, 'live', 120, 120, 900
  FROM "feed" WHERE resource = 'orders' AND id LIKE '%/scayle/orders/%'
    ON CONFLICT DO NOTHING;
INSERT INTO "feed" (id, connection_id, entity_id, resource, lane, interval_seconds, overlap_seconds, promise_seconds)
SELECT entity_id || '/' || kind || '/stock', id, entity_id, 'stock', 'live', 300, 0, 3600
  FROM "connection" WHERE kind IN ('scayle', 'business-central')
    ON CONFLICT DO NOTHING;
INSERT INTO "stock_item" (connection_id, item_key, entity_id, named_at)
SELECT o.connection_id, i.item ->> 'sku', o.entity_id, max(o.checked_at)
  FROM "sales_order" o JOIN "connection" c ON c.id = o.connection_id AND c.kind = 'scayle'
  CROSS JOIN LATERAL jsonb_array_elements(o.content -> 'items') AS i(item)
 WHERE coalesce(i.item ->> 'sku', '') <> '' GROUP BY 1, 2, 3;

DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'tieout_app') THEN
    GRANT SELECT ON "stock_item", "stock_level", "stock_reading" TO tieout_app;
  END IF;
END
$$;
