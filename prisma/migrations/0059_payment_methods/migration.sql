-- What the ERP has for a way of paying: the code that its documents bear, by SCAYLE's payment key.
CREATE TABLE "payment_mapping" (
    "id" UUID NOT NULL,
    "entity_id" TEXT NOT NULL,
    "connection_id" UUID NOT NULL,
    "shop_id" TEXT NOT NULL DEFAULT '*',
    "payment_key" TEXT NOT NULL,
    "erp_code" TEXT NOT NULL,
    "valid_from" DATE,
    "valid_until" DATE,
    "confirmed_at" TIMESTAMPTZ(3) NOT NULL,
    "confirmed_by" TEXT NOT NULL,

    CONSTRAINT "payment_mapping_pkey" PRIMARY KEY ("id"),
    CONSTRAINT payment_mapping_validity CHECK (valid_from <= valid_until)
);
CREATE UNIQUE INDEX "payment_mapping_connection_id_shop_id_payment_key_valid_fro_key"
  ON "payment_mapping"("connection_id", "shop_id", "payment_key", "valid_from") NULLS NOT DISTINCT;
CREATE INDEX "payment_mapping_entity_id_idx" ON "payment_mapping"("entity_id");
ALTER TABLE "payment_mapping" ADD CONSTRAINT payment_mapping_spans EXCLUDE USING gist (
  connection_id WITH =, shop_id WITH =, payment_key WITH =, daterange(valid_from, valid_until, '[]') WITH &&
) DEFERRABLE INITIALLY DEFERRED;

-- How many posted documents of orders that were paid so bear which code ("": none): counted by each run that looks at everything.
CREATE TABLE "payment_use" (
    "entity_id" TEXT NOT NULL,
    "connection_id" UUID NOT NULL,
    "shop_id" TEXT NOT NULL,
    "payment_key" TEXT NOT NULL,
    "erp_code" TEXT NOT NULL,
    "documents" INTEGER NOT NULL,
    "examples" TEXT[],
    "counted_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "payment_use_pkey" PRIMARY KEY ("entity_id", "connection_id", "shop_id", "payment_key", "erp_code")
);

ALTER TABLE "document" ADD COLUMN "payment" TEXT;
-- The one way in which an order was paid, gift cards left out; null where there are several, or none.
ALTER TABLE "sales_order" ADD COLUMN "payment" TEXT;
UPDATE "sales_order" o SET payment = (
  SELECT min(one ->> 'key') FROM jsonb_array_elements(o.content -> 'payments') AS one
   WHERE NOT coalesce((one ->> 'giftCard')::boolean, false) HAVING count(DISTINCT one ->> 'key') = 1);

DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'tieout_app') THEN
    GRANT SELECT ON "payment_mapping", "payment_use" TO tieout_app;
  END IF;
END
$$;
