-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "public";

-- CreateTable
CREATE TABLE "entity" (
    "id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "currency" CHAR(3) NOT NULL,
    "time_zone" TEXT NOT NULL,
    "sale_recognition" TEXT NOT NULL DEFAULT 'shipped',
    "shipping_refund" TEXT NOT NULL DEFAULT 'whole-order',
    "posting_lag_hours" INTEGER NOT NULL DEFAULT 72,
    "none_tax_codes" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "accept_proposals" BOOLEAN NOT NULL DEFAULT false,
    "sandbox" BOOLEAN NOT NULL DEFAULT false,
    "retired_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "entity_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "connection" (
    "id" UUID NOT NULL,
    "entity_id" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "side" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "settings" JSONB NOT NULL,
    "secret" BYTEA,
    "capabilities" JSONB NOT NULL DEFAULT '{}',
    "rounding" JSONB,
    "rounding_confirmed_at" TIMESTAMPTZ(3),
    "retired_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "connection_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "shop" (
    "id" TEXT NOT NULL,
    "entity_id" TEXT NOT NULL,
    "connection_id" UUID NOT NULL,
    "shop_key" TEXT NOT NULL,
    "country_code" TEXT NOT NULL,
    "name" TEXT NOT NULL,

    CONSTRAINT "shop_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "channel" (
    "connection_id" UUID NOT NULL,
    "key" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "type" TEXT NOT NULL,
    "invoices_enabled" BOOLEAN,

    CONSTRAINT "channel_pkey" PRIMARY KEY ("connection_id","key")
);

-- CreateTable
CREATE TABLE "period" (
    "entity_id" TEXT NOT NULL,
    "month" CHAR(7) NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'open',
    "version" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "period_pkey" PRIMARY KEY ("entity_id","month")
);

-- CreateTable
CREATE TABLE "tax_mapping" (
    "id" UUID NOT NULL,
    "entity_id" TEXT NOT NULL,
    "ship_to" CHAR(2) NOT NULL,
    "channel" TEXT NOT NULL DEFAULT '*',
    "rate" DECIMAL(6,5) NOT NULL,
    "treatment" TEXT NOT NULL DEFAULT 'standard',
    "tax_code" TEXT NOT NULL,
    "proposed_from" TEXT,
    "confirmed_at" TIMESTAMPTZ(3),
    "confirmed_by" TEXT,

    CONSTRAINT "tax_mapping_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "item_mapping" (
    "id" UUID NOT NULL,
    "entity_id" TEXT NOT NULL,
    "erp_kind" TEXT NOT NULL DEFAULT 'item',
    "erp_item" TEXT NOT NULL,
    "erp_variant" TEXT NOT NULL DEFAULT '',
    "sku" TEXT,
    "line_kind" TEXT NOT NULL DEFAULT 'item',
    "confirmed_at" TIMESTAMPTZ(3),
    "confirmed_by" TEXT,

    CONSTRAINT "item_mapping_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "ownership_rule" (
    "id" UUID NOT NULL,
    "entity_id" TEXT,
    "shop_id" TEXT,
    "cause" TEXT NOT NULL,
    "team" TEXT NOT NULL,

    CONSTRAINT "ownership_rule_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "feed" (
    "id" TEXT NOT NULL,
    "connection_id" UUID NOT NULL,
    "entity_id" TEXT NOT NULL,
    "resource" TEXT NOT NULL,
    "shop_id" TEXT,
    "lane" TEXT NOT NULL DEFAULT 'financial',
    "interval_seconds" INTEGER NOT NULL DEFAULT 900,
    "promise_seconds" INTEGER NOT NULL DEFAULT 3600,
    "watermark" TIMESTAMPTZ(3),
    "confirmed_until" TIMESTAMPTZ(3),
    "position" JSONB,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "feed_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "run" (
    "id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "entity_id" TEXT,
    "feed_id" TEXT,
    "period" CHAR(7),
    "scope" JSONB NOT NULL DEFAULT '{}',
    "state" TEXT NOT NULL,
    "started_at" TIMESTAMPTZ(3) NOT NULL,
    "finished_at" TIMESTAMPTZ(3),
    "as_of" TIMESTAMPTZ(3),
    "found" INTEGER NOT NULL DEFAULT 0,
    "stored" INTEGER NOT NULL DEFAULT 0,
    "unchanged" INTEGER NOT NULL DEFAULT 0,
    "failed" INTEGER NOT NULL DEFAULT 0,
    "error" TEXT,
    "outcome" TEXT,
    "actor_name" TEXT NOT NULL,

    CONSTRAINT "run_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "source_record" (
    "id" UUID NOT NULL,
    "connection_id" UUID NOT NULL,
    "resource" TEXT NOT NULL,
    "source_id" TEXT NOT NULL,
    "modified_at" TIMESTAMPTZ(3),
    "content_hash" TEXT NOT NULL,
    "payload" JSONB NOT NULL,
    "customer_key" TEXT,
    "run_id" UUID,
    "seen_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "source_record_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "customer_data" (
    "connection_id" UUID NOT NULL,
    "customer_key" TEXT NOT NULL,
    "data" JSONB,
    "erased_at" TIMESTAMPTZ(3),

    CONSTRAINT "customer_data_pkey" PRIMARY KEY ("connection_id","customer_key")
);

-- CreateTable
CREATE TABLE "imported_file" (
    "id" UUID NOT NULL,
    "connection_id" UUID NOT NULL,
    "sha256" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "profile" TEXT NOT NULL,
    "rows" INTEGER NOT NULL,
    "documents" INTEGER NOT NULL,
    "imported_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "imported_file_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "period_summary" (
    "run_id" UUID NOT NULL,
    "entity_id" TEXT NOT NULL,
    "period" CHAR(7) NOT NULL,
    "currency" CHAR(3) NOT NULL,
    "as_of" TIMESTAMPTZ(3) NOT NULL,
    "made_at" TIMESTAMPTZ(3) NOT NULL,
    "ties_out" BOOLEAN NOT NULL,
    "totals" JSONB NOT NULL,

    CONSTRAINT "period_summary_pkey" PRIMARY KEY ("run_id","entity_id","period","currency")
);

-- CreateTable
CREATE TABLE "dirty_group" (
    "order_key" UUID NOT NULL,
    "entity_id" TEXT NOT NULL,
    "since" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "dirty_group_pkey" PRIMARY KEY ("order_key")
);

-- CreateTable
CREATE TABLE "sales_order" (
    "order_key" UUID NOT NULL,
    "entity_id" TEXT NOT NULL,
    "connection_id" UUID NOT NULL,
    "source_id" TEXT NOT NULL,
    "reference" TEXT NOT NULL,
    "public_key" TEXT,
    "shop_id" TEXT,
    "channel" TEXT,
    "channel_type" TEXT NOT NULL DEFAULT 'shop',
    "ship_to" CHAR(2),
    "currency" CHAR(3) NOT NULL,
    "status" TEXT,
    "order_status" TEXT,
    "shipping_status" TEXT,
    "billing_status" TEXT,
    "placed_at" TIMESTAMPTZ(3),
    "confirmed_at" TIMESTAMPTZ(3),
    "modified_at" TIMESTAMPTZ(3),
    "content" JSONB NOT NULL,
    "invoices" JSONB,
    "invoices_at" TIMESTAMPTZ(3),
    "customer_key" TEXT,
    "source_record_id" UUID,
    "checked_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "sales_order_pkey" PRIMARY KEY ("order_key")
);

-- CreateTable
CREATE TABLE "order_alias" (
    "order_key" UUID NOT NULL,
    "entity_id" TEXT NOT NULL,
    "alias" TEXT NOT NULL,

    CONSTRAINT "order_alias_pkey" PRIMARY KEY ("order_key","alias")
);

-- CreateTable
CREATE TABLE "document" (
    "order_key" UUID NOT NULL,
    "id" UUID NOT NULL,
    "entity_id" TEXT NOT NULL,
    "connection_id" UUID NOT NULL,
    "side" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "source_id" TEXT NOT NULL,
    "number" TEXT NOT NULL,
    "reference" TEXT,
    "original_number" TEXT,
    "status" TEXT,
    "posted" BOOLEAN NOT NULL,
    "order_known" BOOLEAN NOT NULL,
    "currency" CHAR(3) NOT NULL,
    "shop_id" TEXT,
    "channel" TEXT,
    "ship_to" CHAR(2),
    "posting_day" DATE,
    "modified_at" TIMESTAMPTZ(3),
    "stated_net" BIGINT,
    "stated_tax" BIGINT,
    "stated_gross" BIGINT,
    "prices_include_tax" BOOLEAN,
    "version" INTEGER NOT NULL,
    "content_hash" TEXT NOT NULL,
    "source_record_id" UUID,
    "seen_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "document_pkey" PRIMARY KEY ("order_key","id")
);

-- CreateTable
CREATE TABLE "document_version" (
    "order_key" UUID NOT NULL,
    "document_id" UUID NOT NULL,
    "version" INTEGER NOT NULL,
    "entity_id" TEXT NOT NULL,
    "content_hash" TEXT NOT NULL,
    "content" JSONB NOT NULL,
    "reason" TEXT NOT NULL,
    "run_id" UUID,
    "seen_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "document_version_pkey" PRIMARY KEY ("order_key","document_id","version")
);

-- CreateTable
CREATE TABLE "line" (
    "order_key" UUID NOT NULL,
    "id" UUID NOT NULL,
    "document_id" UUID NOT NULL,
    "entity_id" TEXT NOT NULL,
    "side" TEXT NOT NULL,
    "document_kind" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "granularity" TEXT NOT NULL,
    "source_line_id" TEXT NOT NULL,
    "sku" TEXT,
    "item_key" TEXT NOT NULL,
    "quantity" DECIMAL(18,6) NOT NULL,
    "unit_price" DECIMAL(18,6),
    "discount" BIGINT,
    "net" BIGINT,
    "tax" BIGINT,
    "gross" BIGINT NOT NULL,
    "tax_code" TEXT,
    "tax_rate" DECIMAL(8,6),
    "currency" CHAR(3) NOT NULL,
    "day" DATE NOT NULL,
    "period" CHAR(7) NOT NULL,
    "at" TIMESTAMPTZ(3),
    "shipment" TEXT,
    "description" TEXT,
    "shop_id" TEXT,
    "channel" TEXT,
    "in_books" BOOLEAN NOT NULL,

    CONSTRAINT "line_pkey" PRIMARY KEY ("order_key","id")
);

-- CreateTable
CREATE TABLE "pair" (
    "order_key" UUID NOT NULL,
    "id" UUID NOT NULL,
    "entity_id" TEXT NOT NULL,
    "document_kind" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "item_key" TEXT NOT NULL,
    "currency" CHAR(3) NOT NULL,
    "period" CHAR(7) NOT NULL,
    "bucket" TEXT NOT NULL,
    "scayle_lines" INTEGER NOT NULL,
    "scayle_quantity" DECIMAL(18,6) NOT NULL,
    "scayle_net" BIGINT,
    "scayle_tax" BIGINT,
    "scayle_gross" BIGINT NOT NULL,
    "erp_lines" INTEGER NOT NULL,
    "erp_quantity" DECIMAL(18,6) NOT NULL,
    "erp_net" BIGINT,
    "erp_tax" BIGINT,
    "erp_gross" BIGINT NOT NULL,

    CONSTRAINT "pair_pkey" PRIMARY KEY ("order_key","id")
);

-- CreateTable
CREATE TABLE "pair_line" (
    "order_key" UUID NOT NULL,
    "line_id" UUID NOT NULL,
    "pair_id" UUID NOT NULL,

    CONSTRAINT "pair_line_pkey" PRIMARY KEY ("order_key","line_id")
);

-- CreateTable
CREATE TABLE "cause" (
    "order_key" UUID NOT NULL,
    "id" UUID NOT NULL,
    "exception_id" UUID,
    "pair_id" UUID,
    "entity_id" TEXT NOT NULL,
    "code" TEXT NOT NULL,
    "bucket" TEXT NOT NULL,
    "document_kind" TEXT NOT NULL,
    "period" CHAR(7) NOT NULL,
    "currency" CHAR(3) NOT NULL,
    "net" BIGINT NOT NULL,
    "tax" BIGINT NOT NULL,
    "gross" BIGINT NOT NULL,
    "shop_id" TEXT,
    "channel" TEXT,

    CONSTRAINT "cause_pkey" PRIMARY KEY ("order_key","id")
);

-- CreateTable
CREATE TABLE "exception" (
    "order_key" UUID NOT NULL,
    "id" UUID NOT NULL,
    "subject_key" UUID NOT NULL,
    "entity_id" TEXT NOT NULL,
    "cause" TEXT NOT NULL,
    "order_reference" TEXT,
    "order_source_id" TEXT,
    "document_number" TEXT,
    "document_kind" TEXT NOT NULL,
    "source_line" TEXT NOT NULL DEFAULT '',
    "shop_id" TEXT,
    "channel" TEXT,
    "signature" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "bucket" TEXT NOT NULL,
    "severity" TEXT NOT NULL,
    "owner_team" TEXT NOT NULL,
    "assignee_id" UUID,
    "due" DATE,
    "currency" CHAR(3) NOT NULL,
    "period" CHAR(7) NOT NULL,
    "net" BIGINT NOT NULL,
    "tax" BIGINT NOT NULL,
    "gross" BIGINT NOT NULL,
    "amounts" JSONB NOT NULL,
    "explanation" TEXT NOT NULL,
    "evidence" JSONB NOT NULL,
    "resolution" TEXT NOT NULL,
    "first_seen_at" TIMESTAMPTZ(3) NOT NULL,
    "last_seen_at" TIMESTAMPTZ(3) NOT NULL,
    "resolved_at" TIMESTAMPTZ(3),
    "last_run_id" UUID,
    "predecessor_id" UUID,
    "version" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "exception_pkey" PRIMARY KEY ("order_key","id")
);

-- CreateTable
CREATE TABLE "exception_event" (
    "order_key" UUID NOT NULL,
    "id" UUID NOT NULL,
    "exception_id" UUID NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "actor_name" TEXT NOT NULL,
    "actor_id" TEXT,
    "kind" TEXT NOT NULL,
    "text" TEXT,
    "data" JSONB,

    CONSTRAINT "exception_event_pkey" PRIMARY KEY ("order_key","id")
);

-- CreateTable
CREATE TABLE "failed_record" (
    "order_key" UUID NOT NULL,
    "id" UUID NOT NULL,
    "entity_id" TEXT NOT NULL,
    "connection_id" UUID NOT NULL,
    "feed_id" TEXT NOT NULL,
    "resource" TEXT NOT NULL,
    "source_id" TEXT NOT NULL,
    "reference" TEXT,
    "reason" TEXT NOT NULL,
    "payload" JSONB NOT NULL,
    "first_seen_at" TIMESTAMPTZ(3) NOT NULL,
    "last_seen_at" TIMESTAMPTZ(3) NOT NULL,
    "resolved_at" TIMESTAMPTZ(3),

    CONSTRAINT "failed_record_pkey" PRIMARY KEY ("order_key","id")
);

-- CreateTable
CREATE TABLE "user" (
    "id" UUID NOT NULL,
    "email" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "password_hash" TEXT NOT NULL,
    "token_version" INTEGER NOT NULL DEFAULT 0,
    "demo" BOOLEAN NOT NULL DEFAULT false,
    "failed_sign_ins" INTEGER NOT NULL DEFAULT 0,
    "locked_until" TIMESTAMPTZ(3),
    "disabled_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "user_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "grant" (
    "id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "role" TEXT NOT NULL,
    "entity_id" TEXT,

    CONSTRAINT "grant_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "audit_event" (
    "chain" TEXT NOT NULL,
    "seq" BIGINT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "actor_kind" TEXT NOT NULL,
    "actor_id" TEXT NOT NULL,
    "actor_name" TEXT NOT NULL,
    "action" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "outcome" TEXT NOT NULL DEFAULT 'done',
    "before" JSONB,
    "after" JSONB,
    "prev_hash" TEXT NOT NULL,
    "hash" TEXT NOT NULL,

    CONSTRAINT "audit_event_pkey" PRIMARY KEY ("chain","seq")
);

-- CreateIndex
CREATE UNIQUE INDEX "connection_entity_id_kind_name_key" ON "connection"("entity_id", "kind", "name");

-- CreateIndex
CREATE UNIQUE INDEX "shop_connection_id_shop_key_country_code_key" ON "shop"("connection_id", "shop_key", "country_code");

-- CreateIndex
CREATE UNIQUE INDEX "tax_mapping_entity_id_ship_to_channel_rate_tax_code_key" ON "tax_mapping"("entity_id", "ship_to", "channel", "rate", "tax_code");

-- CreateIndex
CREATE UNIQUE INDEX "item_mapping_entity_id_erp_kind_erp_item_erp_variant_key" ON "item_mapping"("entity_id", "erp_kind", "erp_item", "erp_variant");

-- CreateIndex
CREATE INDEX "feed_entity_id_idx" ON "feed"("entity_id");

-- CreateIndex
CREATE INDEX "run_kind_started_at_idx" ON "run"("kind", "started_at" DESC);

-- CreateIndex
CREATE INDEX "run_feed_id_started_at_idx" ON "run"("feed_id", "started_at" DESC);

-- CreateIndex
CREATE INDEX "source_record_connection_id_resource_source_id_seen_at_idx" ON "source_record"("connection_id", "resource", "source_id", "seen_at" DESC);

-- CreateIndex
CREATE UNIQUE INDEX "imported_file_connection_id_sha256_profile_key" ON "imported_file"("connection_id", "sha256", "profile");

-- CreateIndex
CREATE INDEX "period_summary_entity_id_period_made_at_idx" ON "period_summary"("entity_id", "period", "made_at" DESC);

-- CreateIndex
CREATE INDEX "dirty_group_entity_id_idx" ON "dirty_group"("entity_id");

-- CreateIndex
CREATE INDEX "sales_order_entity_id_reference_idx" ON "sales_order"("entity_id", "reference");

-- CreateIndex
CREATE INDEX "sales_order_entity_id_placed_at_idx" ON "sales_order"("entity_id", "placed_at" DESC);

-- CreateIndex
CREATE INDEX "order_alias_entity_id_alias_idx" ON "order_alias"("entity_id", "alias");

-- CreateIndex
CREATE INDEX "document_entity_id_side_number_idx" ON "document"("entity_id", "side", "number");

-- CreateIndex
CREATE INDEX "document_connection_id_source_id_idx" ON "document"("connection_id", "source_id");

-- CreateIndex
CREATE INDEX "line_order_key_document_id_idx" ON "line"("order_key", "document_id");

-- CreateIndex
CREATE INDEX "line_entity_id_period_side_idx" ON "line"("entity_id", "period", "side");

-- CreateIndex
CREATE INDEX "pair_entity_id_period_bucket_idx" ON "pair"("entity_id", "period", "bucket");

-- CreateIndex
CREATE INDEX "pair_line_order_key_pair_id_idx" ON "pair_line"("order_key", "pair_id");

-- CreateIndex
CREATE INDEX "cause_entity_id_period_code_idx" ON "cause"("entity_id", "period", "code");

-- CreateIndex
CREATE INDEX "cause_order_key_exception_id_idx" ON "cause"("order_key", "exception_id");

-- CreateIndex
CREATE INDEX "exception_entity_id_state_cause_idx" ON "exception"("entity_id", "state", "cause");

-- CreateIndex
CREATE INDEX "exception_entity_id_period_idx" ON "exception"("entity_id", "period");

-- CreateIndex
CREATE INDEX "exception_order_key_subject_key_idx" ON "exception"("order_key", "subject_key");

-- CreateIndex
CREATE INDEX "exception_id_idx" ON "exception"("id");

-- CreateIndex
CREATE INDEX "exception_event_order_key_exception_id_at_idx" ON "exception_event"("order_key", "exception_id", "at");

-- CreateIndex
CREATE INDEX "failed_record_entity_id_resolved_at_idx" ON "failed_record"("entity_id", "resolved_at");

-- CreateIndex
CREATE UNIQUE INDEX "user_email_key" ON "user"("email");

-- CreateIndex
CREATE INDEX "audit_event_subject_idx" ON "audit_event"("subject");

-- CreateIndex
CREATE INDEX "audit_event_at_idx" ON "audit_event"("at");

-- AddForeignKey
ALTER TABLE "connection" ADD CONSTRAINT "connection_entity_id_fkey" FOREIGN KEY ("entity_id") REFERENCES "entity"("id") ON DELETE RESTRICT ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "shop" ADD CONSTRAINT "shop_entity_id_fkey" FOREIGN KEY ("entity_id") REFERENCES "entity"("id") ON DELETE RESTRICT ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "shop" ADD CONSTRAINT "shop_connection_id_fkey" FOREIGN KEY ("connection_id") REFERENCES "connection"("id") ON DELETE RESTRICT ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "period" ADD CONSTRAINT "period_entity_id_fkey" FOREIGN KEY ("entity_id") REFERENCES "entity"("id") ON DELETE RESTRICT ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "feed" ADD CONSTRAINT "feed_connection_id_fkey" FOREIGN KEY ("connection_id") REFERENCES "connection"("id") ON DELETE RESTRICT ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "grant" ADD CONSTRAINT "grant_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "user"("id") ON DELETE RESTRICT ON UPDATE NO ACTION;

-- What follows Prisma's schema language cannot say.

-- Ids of order tables derive from natural keys; the same text gives the same id here and in lib/domain/identity.
CREATE FUNCTION tieout_id(natural_key text) RETURNS uuid LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT encode(substring(sha256(convert_to(natural_key, 'UTF8')) FROM 1 FOR 16), 'hex')::uuid
$$;

ALTER TABLE "connection" ADD CONSTRAINT connection_side CHECK (side IN ('scayle', 'erp'));
ALTER TABLE "document" ADD CONSTRAINT document_side CHECK (side IN ('scayle', 'erp')),
  ADD CONSTRAINT document_kind CHECK (kind IN ('sale', 'credit'));
ALTER TABLE "line" ADD CONSTRAINT line_side CHECK (side IN ('scayle', 'erp')),
  ADD CONSTRAINT line_document_kind CHECK (document_kind IN ('sale', 'credit')),
  ADD CONSTRAINT line_period CHECK (period ~ '^\d{4}-(0[1-9]|1[0-2])$'),
  -- Known amounts foot: unknown is null, never zero.
  ADD CONSTRAINT line_foots CHECK (net IS NULL OR tax IS NULL OR net + tax = gross);
ALTER TABLE "pair" ADD CONSTRAINT pair_bucket
  CHECK (bucket IN ('matched', 'explained', 'open', 'accepted', 'timing', 'excluded', 'failed'));
ALTER TABLE "audit_event" ADD CONSTRAINT audit_outcome CHECK (outcome IN ('done', 'refused'));

-- The app's role owns nothing. It reads all, keeps settings, and adds to what is append-only; order tables and
-- raw payloads are written by jobs, which run as the owner. Without the role (one DATABASE_URL only) nothing is granted.
DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'tieout_app') THEN
    GRANT USAGE ON SCHEMA public TO tieout_app;
    GRANT SELECT ON ALL TABLES IN SCHEMA public TO tieout_app;
    GRANT INSERT, UPDATE, DELETE ON "entity", "connection", "shop", "channel", "period", "tax_mapping", "item_mapping",
      "ownership_rule", "user", "grant", "feed", "run", "dirty_group", "customer_data" TO tieout_app;
    GRANT INSERT ON "audit_event", "exception_event", "imported_file" TO tieout_app;
    GRANT UPDATE (state, assignee_id, owner_team, due, version) ON "exception" TO tieout_app;
  END IF;
END
$$;
