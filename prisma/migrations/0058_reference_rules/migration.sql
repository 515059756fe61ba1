-- How references of an ERP connection's documents are read, row by row and from day to day, as the other mappings are.
CREATE TABLE "reference_rule" (
    "id" UUID NOT NULL,
    "entity_id" TEXT NOT NULL,
    "connection_id" UUID NOT NULL,
    "part" TEXT NOT NULL,
    "text" TEXT NOT NULL,
    "order_reference" TEXT,
    "valid_from" DATE,
    "valid_until" DATE,
    "confirmed_at" TIMESTAMPTZ(3) NOT NULL,
    "confirmed_by" TEXT NOT NULL,

    CONSTRAINT "reference_rule_pkey" PRIMARY KEY ("id"),
    CONSTRAINT reference_rule_part CHECK (part IN ('beginning', 'ending', 'separators', 'zeros', 'name')),
    -- A whole reference is an order's; a part of one is nobody's.
    CONSTRAINT reference_rule_order CHECK ((part = 'name') = (order_reference IS NOT NULL)),
    CONSTRAINT reference_rule_validity CHECK (valid_from <= valid_until)
);
CREATE UNIQUE INDEX "reference_rule_connection_id_part_text_valid_from_key"
  ON "reference_rule"("connection_id", "part", "text", "valid_from") NULLS NOT DISTINCT;
CREATE INDEX "reference_rule_entity_id_idx" ON "reference_rule"("entity_id");
ALTER TABLE "reference_rule" ADD CONSTRAINT reference_rule_spans EXCLUDE USING gist (
  connection_id WITH =, part WITH =, text WITH =, daterange(valid_from, valid_until, '[]') WITH &&
) DEFERRABLE INITIALLY DEFERRED;

INSERT INTO "reference_rule" (id, entity_id, connection_id, part, text, confirmed_at, confirmed_by)
SELECT gen_random_uuid(), c.entity_id, c.id, said.part, said.text, coalesce(c.reference_rules_at, now()), coalesce(c.reference_rules_by, 'Tieout')
  FROM connection c, LATERAL (
    SELECT 'beginning' AS part, lower(btrim(one)) AS text FROM jsonb_array_elements_text(c.reference_rules -> 'prefixes') AS one
    UNION SELECT 'ending', lower(btrim(one)) FROM jsonb_array_elements_text(c.reference_rules -> 'suffixes') AS one
    UNION SELECT 'separators', c.reference_rules ->> 'separators' WHERE c.reference_rules ->> 'separators' <> ''
    UNION SELECT 'zeros', '' WHERE (c.reference_rules ->> 'leadingZeros')::boolean) AS said
 WHERE c.reference_rules IS NOT NULL;

ALTER TABLE "connection" DROP COLUMN "reference_rules", DROP COLUMN "reference_rules_at", DROP COLUMN "reference_rules_by";

DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'tieout_app') THEN
    GRANT SELECT ON "reference_rule" TO tieout_app;
  END IF;
END
$$;
