-- What an order takes from stock, for as long as that is not long settled: counted against the ERP's snapshot, which may not
-- know the order yet.
CREATE TABLE "stock_claim" (
    "order_key" UUID NOT NULL,
    "id" UUID NOT NULL,
    "entity_id" TEXT NOT NULL,
    "connection_id" UUID NOT NULL,
    "item_key" TEXT NOT NULL,
    "reference" TEXT NOT NULL,
    "quantity" INTEGER NOT NULL,
    "placed_at" TIMESTAMPTZ(3),
    "confirmed_at" TIMESTAMPTZ(3),
    "left_at" TIMESTAMPTZ(3),
    "cancelled_at" TIMESTAMPTZ(3),

    CONSTRAINT "stock_claim_pkey" PRIMARY KEY ("order_key", "id"),
    CONSTRAINT stock_claim_quantity CHECK (quantity > 0)
);
CREATE INDEX stock_claim_item ON "stock_claim" (entity_id, item_key);
CREATE INDEX stock_claim_settled ON "stock_claim" (entity_id, coalesce(left_at, cancelled_at));

-- Orders that are here already: what has not left, and was not cancelled.
INSERT INTO "stock_claim" (order_key, id, entity_id, connection_id, item_key, reference, quantity, placed_at, confirmed_at)
SELECT o.order_key, gen_random_uuid(), o.entity_id, o.connection_id, i.item ->> 'sku', o.reference, count(*)::int, o.placed_at, o.confirmed_at
  FROM sales_order o JOIN connection c ON c.id = o.connection_id AND c.side = 'scayle',
       LATERAL jsonb_array_elements(o.content -> 'items') AS i(item)
 WHERE o.content ->> 'invoicedAt' IS NULL AND i.item ->> 'shippedAt' IS NULL AND i.item ->> 'cancelledAt' IS NULL AND coalesce(i.item ->> 'sku', '') <> ''
   AND NOT EXISTS (SELECT FROM jsonb_array_elements(o.content -> 'packages') AS p(parcel)
                    WHERE p.parcel ->> 'id' = i.item ->> 'packageId' AND p.parcel ->> 'shippedAt' IS NOT NULL)
 GROUP BY o.order_key, o.entity_id, o.connection_id, i.item ->> 'sku', o.reference, o.placed_at, o.confirmed_at;

-- How each item's stock stands on both sides, as it was reckoned last (lib/stock).
CREATE TABLE "stock_standing" (
    "entity_id" TEXT NOT NULL,
    "item_key" TEXT NOT NULL,
    "erp_item" TEXT,
    "name" TEXT,
    "on_hand" DECIMAL,
    "promised" DECIMAL NOT NULL,
    "promised_stated" BOOLEAN NOT NULL,
    "sellable" DECIMAL NOT NULL,
    "expected_low" DECIMAL,
    "expected_high" DECIMAL,
    "drift" DECIMAL NOT NULL,
    "at_risk" DECIMAL NOT NULL,
    "orders" INTEGER NOT NULL,
    "without_stock" BOOLEAN NOT NULL,
    "state" TEXT NOT NULL,
    "in_flight" JSONB NOT NULL,
    "explanation" TEXT NOT NULL,
    "erp_at" TIMESTAMPTZ(3),
    "scayle_at" TIMESTAMPTZ(3) NOT NULL,
    "orders_at" TIMESTAMPTZ(3),
    "judged_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "stock_standing_pkey" PRIMARY KEY ("entity_id", "item_key"),
    CONSTRAINT stock_standing_state CHECK (state IN ('agrees', 'in-flight', 'drifting', 'waiting', 'unknown'))
);
CREATE INDEX stock_standing_state ON "stock_standing" (entity_id, state, item_key);
CREATE INDEX stock_standing_risk ON "stock_standing" (entity_id, at_risk DESC, orders DESC, item_key) WHERE at_risk > 0;
CREATE INDEX stock_standing_found ON "stock_standing" USING gin (lower(item_key || ' ' || coalesce(name, '')) gin_trgm_ops);

DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'tieout_app') THEN
    GRANT SELECT, INSERT, UPDATE, DELETE ON "stock_claim", "stock_standing" TO tieout_app;
  END IF;
END
$$;
