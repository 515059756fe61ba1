-- The business date of an exception: the oldest day of the documents and lines that it is about, else the day on which it
-- was found. Ages are counted from it. Days in evidence are ISO text, whatever the session's date style.
CREATE FUNCTION exception_business_day(evidence jsonb, first_seen timestamptz) RETURNS date
  LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT coalesce(
    (SELECT min(left(day #>> '{}', 10))::date
       FROM (SELECT jsonb_path_query(evidence, '$.documents[*].postingDay') UNION ALL
             SELECT jsonb_path_query(evidence, '$.lines[*].day')) AS said(day)
      WHERE day #>> '{}' ~ '^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])'),
    (first_seen AT TIME ZONE 'UTC')::date)
$$;
ALTER TABLE "exception" ADD COLUMN "business_day" DATE NOT NULL
  GENERATED ALWAYS AS (exception_business_day(evidence, first_seen_at)) STORED;

-- Totals, counts of views and groups are read from this index alone.
CREATE INDEX exception_tally ON "exception" (entity_id, state, cause, owner_team)
  INCLUDE (currency, shop_id, assignee_id, due, business_day, escalated_at, first_seen_at, net, tax, gross);
-- The orders in which the list is read, from any place on. What stands behind the id is only compared: it leaves out rows
-- of other ages without a look at them.
CREATE INDEX exception_by_due ON "exception" (entity_id, due, abs(gross) DESC, id, business_day, first_seen_at, escalated_at)
  WHERE state IN ('new', 'assigned', 'in-progress', 'waiting');
CREATE INDEX exception_by_value ON "exception" (entity_id, abs(gross), id)
  WHERE state IN ('new', 'assigned', 'in-progress', 'waiting');
CREATE INDEX exception_by_gross ON "exception" (entity_id, gross, id)
  WHERE state IN ('new', 'assigned', 'in-progress', 'waiting');
CREATE INDEX exception_by_age ON "exception" (entity_id, business_day, id)
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
