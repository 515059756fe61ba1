-- The queue found by channel, item, document and amount; sums of amounts whatever their sign; old ones due sooner.

-- Everything of an exception that is searched for words: what it is called, its shop and channel, why it is, and the items and
-- documents that its evidence names. Cut off, so that a summary posting of thousands of lines stays a row of a table.
CREATE FUNCTION exception_words(order_reference text, order_source_id text, document_number text, shop_id text, channel text,
  explanation text, evidence jsonb) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
SELECT left(coalesce(order_reference, '') || ' ' || coalesce(order_source_id, '') || ' ' || coalesce(document_number, '') || ' '
  || coalesce(shop_id, '') || ' ' || coalesce(channel, '') || ' ' || explanation
  || coalesce((SELECT string_agg(' ' || word, '') FROM (
       SELECT DISTINCT one #>> '{}' AS word FROM (
         SELECT jsonb_path_query(evidence, '$.lines[*].sku') AS one
         UNION ALL SELECT jsonb_path_query(evidence, '$.lines[*].label')
         UNION ALL SELECT jsonb_path_query(evidence, '$.documents[*].number')) named) words), ''), 8000)
$$;

-- `extent`: how much money it is about: the largest of its amounts, whatever its sign, as root causes and due dates have it.
-- `across`: it is worth something in other months than its own, or in another currency. Few are.
ALTER TABLE "exception"
  ADD COLUMN "words" TEXT NOT NULL GENERATED ALWAYS AS (
    exception_words(order_reference, order_source_id, document_number, shop_id, channel, explanation, evidence)) STORED,
  ADD COLUMN "extent" BIGINT NOT NULL GENERATED ALWAYS AS (greatest(abs(net), abs(tax), abs(gross))) STORED,
  ADD COLUMN "across" BOOLEAN NOT NULL GENERATED ALWAYS AS (
    jsonb_array_length(amounts) > 1 OR coalesce((amounts -> 0 ->> 'period') <> period::text, false)
    OR coalesce((amounts -> 0 ->> 'currency') <> currency::text, false)) STORED;

DROP INDEX exception_words;
CREATE INDEX exception_words ON "exception" USING gin (words gin_trgm_ops);

-- By amount, over all months and within one.
DROP INDEX exception_by_value;
CREATE INDEX exception_by_extent ON "exception" (entity_id, extent, id)
  WHERE state IN ('new', 'assigned', 'in-progress', 'waiting');
CREATE INDEX exception_of_month_by_extent ON "exception" (entity_id, period, extent, id)
  INCLUDE (across, cause, owner_team, shop_id, channel, assignee_id, root_cause_id, due, age_day, currency, net, tax, gross)
  WHERE state IN ('new', 'assigned', 'in-progress', 'waiting');
CREATE INDEX exception_of_root_cause_by_due ON "exception" (entity_id, root_cause_id, due, (-abs(gross)), id)
  WHERE state IN ('new', 'assigned', 'in-progress', 'waiting');

DROP INDEX exception_across_months;
CREATE INDEX exception_across_months ON "exception" USING gin (amounts jsonb_path_ops) WHERE across;
CREATE INDEX exception_across_own ON "exception" (entity_id, period) WHERE across;

-- What is counted where no sums are kept: everything that filters ask for is in the index itself.
DROP INDEX exception_tally;
CREATE INDEX exception_tally ON "exception" (entity_id, state, cause, owner_team)
  INCLUDE (currency, shop_id, channel, assignee_id, root_cause_id, due, age_day, escalated_at, first_seen_at, extent, net, tax, gross);

-- Sums by channel, and of amounts whatever their sign.
ALTER TABLE "exception_counted" ADD COLUMN "channel" TEXT;
ALTER TABLE "exception_cell" ADD COLUMN "channel" TEXT, ADD COLUMN "extent" BIGINT NOT NULL DEFAULT 0;
TRUNCATE "exception_counted", "exception_cell";
ALTER TABLE "exception_cell" ALTER COLUMN "extent" DROP DEFAULT;

CREATE OR REPLACE FUNCTION count_exceptions(keys uuid[]) RETURNS void LANGUAGE sql AS $$
WITH touched AS MATERIALIZED (SELECT DISTINCT unnest(keys) AS order_key),
now AS MATERIALIZED (
  SELECT e.order_key, e.id, e.entity_id, e.state, e.cause, e.owner_team, e.shop_id, e.assignee_id, e.root_cause_id, e.period,
         e.due, e.age_day, e.currency, e.net, e.tax, e.gross, e.amounts, e.channel
    FROM touched JOIN exception e USING (order_key)),
changed AS MATERIALIZED (
  SELECT n.* FROM now n LEFT JOIN exception_counted c ON c.order_key = n.order_key AND c.id = n.id
   WHERE c.id IS NULL OR (n.*) IS DISTINCT FROM (c.*)),
signed AS MATERIALIZED (
  SELECT 1 AS sign, c.* FROM changed c
  UNION ALL
  SELECT -1, c.* FROM changed n JOIN exception_counted c ON c.order_key = n.order_key AND c.id = n.id),
cells AS (
  SELECT 'people' AS cube, entity_id, state, cause, owner_team, shop_id, channel, assignee_id, NULL::uuid AS root_cause_id,
         NULL::text AS period, NULL::date AS due, NULL::date AS age_day, currency, sign, net, tax, gross FROM signed
  UNION ALL
  SELECT 'ages', entity_id, state, cause, owner_team, shop_id, channel, assignee_id, NULL, NULL, NULL, age_day, currency, sign, net, tax, gross
    FROM signed
  UNION ALL
  SELECT 'dues', entity_id, state, cause, owner_team, shop_id, channel, assignee_id, NULL, NULL, due, NULL, currency, sign, net, tax, gross
    FROM signed
  UNION ALL
  SELECT 'roots', entity_id, state, cause, owner_team, NULL, channel, assignee_id, root_cause_id, NULL, NULL, NULL, currency, sign, net, tax,
         gross FROM signed
  UNION ALL
  -- In each of its months with what it is worth there, in its own currency; without parts, all of it in its own month.
  SELECT 'months', entity_id, state, cause, owner_team, shop_id, channel, assignee_id, NULL, month.period, NULL, NULL, currency, sign,
         part.net, part.tax, part.gross
    FROM signed s
    CROSS JOIN LATERAL (
      SELECT s.period::text AS period UNION SELECT one ->> 'period' FROM jsonb_array_elements(s.amounts) one
       WHERE one ->> 'period' IS NOT NULL) month
    CROSS JOIN LATERAL (
      SELECT CASE WHEN jsonb_array_length(s.amounts) = 0 THEN s.net ELSE coalesce(sum((one ->> 'net')::bigint), 0)::bigint END AS net,
             CASE WHEN jsonb_array_length(s.amounts) = 0 THEN s.tax ELSE coalesce(sum((one ->> 'tax')::bigint), 0)::bigint END AS tax,
             CASE WHEN jsonb_array_length(s.amounts) = 0 THEN s.gross ELSE coalesce(sum((one ->> 'gross')::bigint), 0)::bigint END AS gross
        FROM jsonb_array_elements(s.amounts) one
       WHERE one ->> 'period' = month.period AND coalesce(one ->> 'currency', s.currency) = s.currency) part),
summed AS (
  INSERT INTO exception_cell (cube, entity_id, state, cause, owner_team, shop_id, channel, assignee_id, root_cause_id, period, due, age_day,
         currency, count, net, tax, gross, extent)
  SELECT cube, entity_id, state, cause, owner_team, shop_id, channel, assignee_id, root_cause_id, period, due, age_day, currency,
         sum(sign), sum(sign * net), sum(sign * tax), sum(sign * gross), sum(sign * greatest(abs(net), abs(tax), abs(gross)))
    FROM cells GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13
  HAVING sum(sign) <> 0 OR sum(sign * net) <> 0 OR sum(sign * tax) <> 0 OR sum(sign * gross) <> 0
      OR sum(sign * greatest(abs(net), abs(tax), abs(gross))) <> 0)
INSERT INTO exception_counted SELECT * FROM changed
ON CONFLICT (order_key, id) DO UPDATE SET entity_id = EXCLUDED.entity_id, state = EXCLUDED.state, cause = EXCLUDED.cause,
  owner_team = EXCLUDED.owner_team, shop_id = EXCLUDED.shop_id, channel = EXCLUDED.channel, assignee_id = EXCLUDED.assignee_id,
  root_cause_id = EXCLUDED.root_cause_id, period = EXCLUDED.period, due = EXCLUDED.due, age_day = EXCLUDED.age_day,
  currency = EXCLUDED.currency, net = EXCLUDED.net, tax = EXCLUDED.tax, gross = EXCLUDED.gross, amounts = EXCLUDED.amounts
$$;

SELECT count_exceptions(ARRAY(SELECT DISTINCT order_key FROM exception));

-- Documents of the ERP by the beginning of their number, however it is written, whatever the database's order of letters.
CREATE INDEX document_number_begins ON "document" (entity_id, upper(number) text_pattern_ops) WHERE side = 'erp';

-- How old by business date something may be when it is found before it is due one step sooner; null: that does not count. An
-- entity without a row has the default of lib/domain/due.
CREATE TABLE "due_age" (
    "entity_id" TEXT NOT NULL,
    "days" INTEGER,

    CONSTRAINT "due_age_pkey" PRIMARY KEY ("entity_id"),
    CONSTRAINT due_age_range CHECK (days BETWEEN 1 AND 3650)
);

DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'tieout_app') THEN
    GRANT SELECT, INSERT, UPDATE, DELETE ON "due_age" TO tieout_app;
  END IF;
END
$$;
