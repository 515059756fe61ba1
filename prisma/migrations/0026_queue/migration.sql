-- The day from which the age of an exception is counted: its business date, else the day on which it was found.
ALTER TABLE "exception" ADD COLUMN "age_day" DATE NOT NULL
  GENERATED ALWAYS AS (coalesce(business_day, (first_seen_at AT TIME ZONE 'UTC')::date)) STORED;

-- Totals, counts of views and groups are read from this index alone.
CREATE INDEX exception_tally ON "exception" (entity_id, state, cause, owner_team)
  INCLUDE (currency, shop_id, assignee_id, due, age_day, escalated_at, first_seen_at, net, tax, gross);
-- The orders in which the list is read, from any place on. What stands behind the id is only compared: it leaves out rows
-- of other ages without a look at them.
CREATE INDEX exception_by_due ON "exception" (entity_id, due, abs(gross) DESC, id, age_day, first_seen_at, escalated_at)
  WHERE state IN ('new', 'assigned', 'in-progress', 'waiting');
CREATE INDEX exception_by_value ON "exception" (entity_id, abs(gross), id)
  WHERE state IN ('new', 'assigned', 'in-progress', 'waiting');
CREATE INDEX exception_by_gross ON "exception" (entity_id, gross, id)
  WHERE state IN ('new', 'assigned', 'in-progress', 'waiting');
CREATE INDEX exception_by_age ON "exception" (entity_id, age_day, id)
  WHERE state IN ('new', 'assigned', 'in-progress', 'waiting');
CREATE INDEX exception_by_found ON "exception" (entity_id, first_seen_at);
CREATE INDEX exception_of_assignee ON "exception" (assignee_id, entity_id) WHERE assignee_id IS NOT NULL;
CREATE INDEX exception_of_months ON "exception" USING gin (amounts jsonb_path_ops);

-- Words in an exception's order, document and explanation, found wherever they stand in it.
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE INDEX exception_words ON "exception" USING gin (
  (coalesce(order_reference, '') || ' ' || coalesce(order_source_id, '') || ' ' || coalesce(document_number, '') || ' ' || explanation)
  gin_trgm_ops);

-- What a person filters the queue of an entity by, under a name of theirs.
CREATE TABLE "saved_view" (
    "id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "entity_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "query" TEXT NOT NULL,
    "saved_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "saved_view_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "saved_view_user_id_entity_id_name_key" ON "saved_view"("user_id", "entity_id", "name");

DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'tieout_app') THEN
    GRANT SELECT, INSERT, UPDATE, DELETE ON "saved_view" TO tieout_app;
  END IF;
END
$$;
