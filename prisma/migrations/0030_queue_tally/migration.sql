-- The queue over a million exceptions: totals and groups from sums that are kept, pages from any row on.

-- What the sums hold of each exception: what is taken off when it changes.
CREATE TABLE "exception_counted" (
    "order_key" UUID NOT NULL,
    "id" UUID NOT NULL,
    "entity_id" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "cause" TEXT NOT NULL,
    "owner_team" TEXT NOT NULL,
    "shop_id" TEXT,
    "assignee_id" UUID,
    "root_cause_id" UUID,
    "period" CHAR(7) NOT NULL,
    "due" DATE,
    "age_day" DATE NOT NULL,
    "currency" CHAR(3) NOT NULL,
    "net" BIGINT NOT NULL,
    "tax" BIGINT NOT NULL,
    "gross" BIGINT NOT NULL,
    "amounts" JSONB NOT NULL,

    CONSTRAINT "exception_counted_pkey" PRIMARY KEY ("order_key", "id")
);

-- Count and sums of exceptions that have all of a cube's columns in common; those that are not the cube's are null. Changes are
-- rows of their own, so that nobody waits for anybody; now and then rows of one place are added up into one.
CREATE TABLE "exception_cell" (
    "entity_id" TEXT NOT NULL,
    "cube" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "cause" TEXT,
    "owner_team" TEXT NOT NULL,
    "shop_id" TEXT,
    "assignee_id" UUID,
    "root_cause_id" UUID,
    "period" TEXT,
    "due" DATE,
    "age_day" DATE,
    "currency" CHAR(3) NOT NULL,
    "count" BIGINT NOT NULL,
    "net" BIGINT NOT NULL,
    "tax" BIGINT NOT NULL,
    "gross" BIGINT NOT NULL
);
CREATE INDEX exception_cell_of_cube ON "exception_cell" (entity_id, cube, period, state);

-- Brings the sums up to what the exceptions of some orders are now. One statement, so that it sees one moment: what another
-- transaction changes of them is in both tables or in none. Called in the transaction that changed them.
CREATE FUNCTION count_exceptions(keys uuid[]) RETURNS void LANGUAGE sql AS $$
WITH touched AS MATERIALIZED (SELECT DISTINCT unnest(keys) AS order_key),
now AS MATERIALIZED (
  SELECT e.order_key, e.id, e.entity_id, e.state, e.cause, e.owner_team, e.shop_id, e.assignee_id, e.root_cause_id, e.period,
         e.due, e.age_day, e.currency, e.net, e.tax, e.gross, e.amounts
    FROM touched JOIN exception e USING (order_key)),
changed AS MATERIALIZED (
  SELECT n.* FROM now n LEFT JOIN exception_counted c ON c.order_key = n.order_key AND c.id = n.id
   WHERE c.id IS NULL OR (n.*) IS DISTINCT FROM (c.*)),
signed AS MATERIALIZED (
  SELECT 1 AS sign, c.* FROM changed c
  UNION ALL
  SELECT -1, c.* FROM changed n JOIN exception_counted c ON c.order_key = n.order_key AND c.id = n.id),
cells AS (
  SELECT 'people' AS cube, entity_id, state, cause, owner_team, shop_id, assignee_id, NULL::uuid AS root_cause_id, NULL::text AS period,
         NULL::date AS due, NULL::date AS age_day, currency, sign, net, tax, gross FROM signed
  UNION ALL
  SELECT 'ages', entity_id, state, cause, owner_team, shop_id, assignee_id, NULL, NULL, NULL, age_day, currency, sign, net, tax, gross FROM signed
  UNION ALL
  SELECT 'dues', entity_id, state, cause, owner_team, shop_id, assignee_id, NULL, NULL, due, NULL, currency, sign, net, tax, gross FROM signed
  UNION ALL
  SELECT 'roots', entity_id, state, cause, owner_team, NULL, assignee_id, root_cause_id, NULL, NULL, NULL, currency, sign, net, tax, gross
    FROM signed
  UNION ALL
  -- In each of its months with what it is worth there, in its own currency; without parts, all of it in its own month.
  SELECT 'months', entity_id, state, cause, owner_team, shop_id, assignee_id, NULL, month.period, NULL, NULL, currency, sign,
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
  INSERT INTO exception_cell (cube, entity_id, state, cause, owner_team, shop_id, assignee_id, root_cause_id, period, due, age_day,
         currency, count, net, tax, gross)
  SELECT cube, entity_id, state, cause, owner_team, shop_id, assignee_id, root_cause_id, period, due, age_day, currency,
         sum(sign), sum(sign * net), sum(sign * tax), sum(sign * gross)
    FROM cells GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12
  HAVING sum(sign) <> 0 OR sum(sign * net) <> 0 OR sum(sign * tax) <> 0 OR sum(sign * gross) <> 0)
INSERT INTO exception_counted SELECT * FROM changed
ON CONFLICT (order_key, id) DO UPDATE SET entity_id = EXCLUDED.entity_id, state = EXCLUDED.state, cause = EXCLUDED.cause,
  owner_team = EXCLUDED.owner_team, shop_id = EXCLUDED.shop_id, assignee_id = EXCLUDED.assignee_id,
  root_cause_id = EXCLUDED.root_cause_id, period = EXCLUDED.period, due = EXCLUDED.due, age_day = EXCLUDED.age_day,
  currency = EXCLUDED.currency, net = EXCLUDED.net, tax = EXCLUDED.tax, gross = EXCLUDED.gross, amounts = EXCLUDED.amounts
$$;

-- What concerns months other than its own: few, and found by the index below.
DROP INDEX exception_of_months;
CREATE INDEX exception_across_months ON "exception" USING gin (amounts jsonb_path_ops)
  WHERE (jsonb_array_length(amounts) > 1 OR coalesce((amounts -> 0 ->> 'period') <> period::text, false));

-- The orders in which the list is read, from any row on: all columns run the same way, so that a row is a place in the index.
DROP INDEX exception_by_due;
CREATE INDEX exception_by_due ON "exception" (entity_id, due, (-abs(gross)), id, age_day, first_seen_at, escalated_at)
  WHERE state IN ('new', 'assigned', 'in-progress', 'waiting');
CREATE INDEX exception_of_month_by_due ON "exception" (entity_id, period, due, (-abs(gross)), id)
  WHERE state IN ('new', 'assigned', 'in-progress', 'waiting');
CREATE INDEX exception_of_cause_by_due ON "exception" (entity_id, cause, due, (-abs(gross)), id, age_day)
  WHERE state IN ('new', 'assigned', 'in-progress', 'waiting');
CREATE INDEX exception_by_order ON "exception" (entity_id, order_reference, id)
  WHERE state IN ('new', 'assigned', 'in-progress', 'waiting');
CREATE INDEX exception_by_document ON "exception" (entity_id, document_number, id)
  WHERE state IN ('new', 'assigned', 'in-progress', 'waiting');
CREATE INDEX exception_escalated ON "exception" (entity_id) WHERE escalated_at IS NOT NULL;
CREATE INDEX exception_of_state_by_due ON "exception" (entity_id, state, due, (-abs(gross)), id);

SELECT count_exceptions(ARRAY(SELECT DISTINCT order_key FROM exception));

DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'tieout_app') THEN
    GRANT SELECT, INSERT, UPDATE ON "exception_counted" TO tieout_app;
    GRANT SELECT, INSERT, DELETE ON "exception_cell" TO tieout_app;
  END IF;
END
$$;
