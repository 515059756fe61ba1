-- What a fix did, beside what it was predicted to do: of resolutions of many, and of mappings.
ALTER TABLE "resolution_batch"
  ADD COLUMN "prediction_id" UUID,
  ADD COLUMN "before" JSONB,
  ADD COLUMN "actual" JSONB,
  ADD COLUMN "actual_at" TIMESTAMPTZ(3);

ALTER TABLE "mapping_request"
  ADD COLUMN "actual" JSONB,
  ADD COLUMN "actual_at" TIMESTAMPTZ(3);
