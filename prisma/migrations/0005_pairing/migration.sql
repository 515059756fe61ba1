-- Which strategy put an ERP document into its group, and its reference under the rules of its connection.
ALTER TABLE "document" ADD COLUMN "placed_by" TEXT, ADD COLUMN "reference_form" TEXT;
CREATE INDEX document_reference_form ON "document" (connection_id, reference_form) WHERE reference_form IS NOT NULL;

UPDATE "document" AS d SET placed_by = CASE
    WHEN EXISTS (SELECT FROM order_alias a WHERE a.order_key = d.order_key AND a.alias = lower(btrim(d.reference)))
    THEN 'order-reference' ELSE 'original-document' END
 WHERE d.side = 'erp' AND d.order_known;

ALTER TABLE "pair" ADD COLUMN "strategy" TEXT NOT NULL DEFAULT 'item';

-- How references of a connection's documents are read where nothing bears them as they stand; null: as they stand only.
ALTER TABLE "connection" ADD COLUMN "reference_rules" JSONB,
  ADD COLUMN "reference_rules_at" TIMESTAMPTZ(3), ADD COLUMN "reference_rules_by" TEXT;

-- CreateTable
CREATE TABLE "alias_form" (
    "order_key" UUID NOT NULL,
    "connection_id" UUID NOT NULL,
    "form" TEXT NOT NULL,
    "entity_id" TEXT NOT NULL,

    CONSTRAINT "alias_form_pkey" PRIMARY KEY ("order_key", "connection_id", "form")
);

-- CreateTable
CREATE TABLE "placement_decision" (
    "id" UUID NOT NULL,
    "entity_id" TEXT NOT NULL,
    "connection_id" UUID NOT NULL,
    "document_kind" TEXT NOT NULL,
    "source_id" TEXT NOT NULL,
    "document_number" TEXT NOT NULL,
    "order_connection_id" UUID,
    "order_source_id" TEXT,
    "order_reference" TEXT,
    "note" TEXT,
    "made_at" TIMESTAMPTZ(3) NOT NULL,
    "made_by" TEXT NOT NULL,

    CONSTRAINT "placement_decision_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "hand_pair" (
    "order_key" UUID NOT NULL,
    "line_id" UUID NOT NULL,
    "pair_id" UUID NOT NULL,
    "entity_id" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "side" TEXT NOT NULL,
    "connection_id" UUID NOT NULL,
    "document_kind" TEXT NOT NULL,
    "source_id" TEXT NOT NULL,
    "source_line_id" TEXT NOT NULL,
    "document_number" TEXT NOT NULL,
    "item" TEXT NOT NULL,
    "made_at" TIMESTAMPTZ(3) NOT NULL,
    "made_by" TEXT NOT NULL,

    CONSTRAINT "hand_pair_pkey" PRIMARY KEY ("order_key", "line_id")
);

-- CreateTable
CREATE TABLE "group_member" (
    "order_key" UUID NOT NULL,
    "entity_id" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "day" DATE NOT NULL,
    "group_key" UUID NOT NULL,

    CONSTRAINT "group_member_pkey" PRIMARY KEY ("order_key", "kind", "day")
);

-- CreateIndex
CREATE INDEX "alias_form_connection_id_form_idx" ON "alias_form"("connection_id", "form");

-- CreateIndex
CREATE UNIQUE INDEX "placement_decision_connection_id_document_kind_source_id_key" ON "placement_decision"("connection_id", "document_kind", "source_id");

-- CreateIndex
CREATE INDEX "placement_decision_entity_id_made_at_idx" ON "placement_decision"("entity_id", "made_at" DESC);

-- CreateIndex
CREATE INDEX "hand_pair_entity_id_made_at_idx" ON "hand_pair"("entity_id", "made_at" DESC);

-- CreateIndex
CREATE INDEX "group_member_group_key_idx" ON "group_member"("group_key");

-- CreateIndex
CREATE INDEX "group_member_entity_id_idx" ON "group_member"("entity_id");

ALTER TABLE "placement_decision" ADD CONSTRAINT placement_decision_kind CHECK (document_kind IN ('sale', 'credit')),
  -- Linked to an order, by both its parts; or on its own, by neither.
  ADD CONSTRAINT placement_decision_order CHECK ((order_connection_id IS NULL) = (order_source_id IS NULL));
ALTER TABLE "hand_pair" ADD CONSTRAINT hand_pair_kind CHECK (kind IN ('together', 'apart')),
  ADD CONSTRAINT hand_pair_side CHECK (side IN ('scayle', 'erp'));
ALTER TABLE "group_member" ADD CONSTRAINT group_member_kind CHECK (kind IN ('sale', 'credit'));

-- A reference as a connection's rules read it: beginning and ending off, separators out, leading zeros off, in lower
-- case. The one place where that is done: for names of orders and for references of documents alike.
CREATE FUNCTION tieout_form(reference text, prefixes text, suffixes text, separators text, zeros boolean)
RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT nullif(CASE WHEN zeros THEN ltrim(bare, '0') ELSE bare END, '')
    FROM (SELECT translate(
      regexp_replace(regexp_replace(lower(btrim(reference)), prefixes, ''), suffixes, ''), separators, '') AS bare) AS b
$$;

DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'tieout_app') THEN
    GRANT SELECT ON "alias_form", "placement_decision", "hand_pair", "group_member" TO tieout_app;
  END IF;
END
$$;
