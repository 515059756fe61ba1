-- The same tax code, or the same item, may hold in several spans of days; no two of them share a day. Trusted, so that the owner may.
CREATE EXTENSION IF NOT EXISTS btree_gist;

ALTER TABLE "item_mapping" ADD COLUMN "valid_from" DATE;
ALTER TABLE "item_mapping" ADD COLUMN "valid_until" DATE;
ALTER TABLE "item_mapping" ADD CONSTRAINT item_mapping_validity CHECK (valid_from <= valid_until);

DROP INDEX "tax_mapping_entity_id_ship_to_channel_rate_tax_code_key";
CREATE UNIQUE INDEX "tax_mapping_entity_id_ship_to_channel_rate_tax_code_valid_f_key"
  ON "tax_mapping"("entity_id", "ship_to", "channel", "rate", "tax_code", "valid_from") NULLS NOT DISTINCT;
DROP INDEX "item_mapping_entity_id_erp_kind_erp_item_erp_variant_key";
CREATE UNIQUE INDEX "item_mapping_entity_id_erp_kind_erp_item_erp_variant_valid__key"
  ON "item_mapping"("entity_id", "erp_kind", "erp_item", "erp_variant", "valid_from") NULLS NOT DISTINCT;

-- Checked at the end of a transaction: a request may move several spans at once.
ALTER TABLE "tax_mapping" ADD CONSTRAINT tax_mapping_spans EXCLUDE USING gist (
  entity_id WITH =, ship_to WITH =, channel WITH =, rate WITH =, tax_code WITH =, daterange(valid_from, valid_until, '[]') WITH &&
) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE "item_mapping" ADD CONSTRAINT item_mapping_spans EXCLUDE USING gist (
  entity_id WITH =, erp_kind WITH =, erp_item WITH =, erp_variant WITH =, daterange(valid_from, valid_until, '[]') WITH &&
) DEFERRABLE INITIALLY DEFERRED;
