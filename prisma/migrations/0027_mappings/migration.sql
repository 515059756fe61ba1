-- Mappings are changed by two people: one asks, another approves. What is asked for is kept with its effect as it was previewed.
ALTER TABLE "entity" ADD COLUMN "second_person" BOOLEAN NOT NULL DEFAULT true;
-- The sandbox can be tried by one person; a person can turn it on there too.
UPDATE "entity" SET second_person = false WHERE sandbox;

-- A tax code is right on the business days from one to another; null: without end.
ALTER TABLE "tax_mapping" ADD COLUMN "valid_from" DATE;
ALTER TABLE "tax_mapping" ADD COLUMN "valid_until" DATE;
ALTER TABLE "tax_mapping" ADD CONSTRAINT tax_mapping_validity CHECK (valid_from <= valid_until);

CREATE TABLE "mapping_request" (
    "id" UUID NOT NULL,
    "entity_id" TEXT NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'asked',
    "version" INTEGER NOT NULL DEFAULT 1,
    "source" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "changes" JSONB NOT NULL,
    "again" JSONB,
    "foreseen" JSONB,
    "basis" TEXT,
    "foreseen_at" TIMESTAMPTZ(3) NOT NULL,
    "made_at" TIMESTAMPTZ(3) NOT NULL,
    "made_by_id" TEXT NOT NULL,
    "made_by" TEXT NOT NULL,
    "edited_at" TIMESTAMPTZ(3),
    "edited_by_id" TEXT,
    "edited_by" TEXT,
    "decided_at" TIMESTAMPTZ(3),
    "decided_by_id" TEXT,
    "decided_by" TEXT,
    "decided_why" TEXT,
    "run_id" UUID,

    CONSTRAINT "mapping_request_pkey" PRIMARY KEY ("id"),
    CONSTRAINT mapping_request_state CHECK (state IN ('asked', 'made', 'rejected', 'withdrawn')),
    CONSTRAINT mapping_request_decided CHECK ((state = 'asked') = (decided_at IS NULL))
);
CREATE INDEX "mapping_request_entity_id_made_at_idx" ON "mapping_request"("entity_id", "made_at" DESC);
CREATE INDEX "mapping_request_entity_id_state_idx" ON "mapping_request"("entity_id", "state");

DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'tieout_app') THEN
    -- Requests are made and decided where mappings are written, by the owner; pages read them.
    GRANT SELECT ON "mapping_request" TO tieout_app;
  END IF;
END
$$;
