-- How an entity's stock is compared: which warehouses are its own, which of them takes a difference of the ERP's one figure,
-- from which event on an order takes its pieces, and within which time SCAYLE is told what moved in the ERP.
CREATE TABLE "stock_policy" (
    "entity_id" TEXT NOT NULL,
    "warehouses" TEXT[] NOT NULL,
    "main_warehouse" TEXT,
    "moves_on" TEXT NOT NULL,
    "told_within_minutes" INTEGER NOT NULL,
    "reason" TEXT NOT NULL,
    "set_at" TIMESTAMPTZ(3) NOT NULL,
    "set_by" TEXT NOT NULL,
    "judged_until" TIMESTAMPTZ(3),

    CONSTRAINT "stock_policy_pkey" PRIMARY KEY ("entity_id"),
    CONSTRAINT stock_policy_trigger CHECK (moves_on IN ('order-confirmed', 'order-pending') AND moves_on NOT LIKE 'basket%'),
    CONSTRAINT stock_policy_time CHECK (told_within_minutes BETWEEN 0 AND 1440)
);

DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'tieout_app') THEN
    GRANT SELECT, INSERT, UPDATE ON "stock_policy" TO tieout_app;
  END IF;
END
$$;

CREATE INDEX webhook_event_type ON "webhook_event" (entity_id, received_at DESC) WHERE type LIKE 'basket%';
