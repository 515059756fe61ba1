-- What is to be acted on is three of the four open states: what waits stands apart. Where rows are counted from an index alone, the
-- index has to say which state they are in; of what is due ahead, too, since that is taken off sums that are kept.
DROP INDEX exception_of_month_by_extent;
CREATE INDEX exception_of_month_by_extent ON "exception" (entity_id, period, extent, id)
  INCLUDE (across, state, cause, owner_team, shop_id, channel, assignee_id, root_cause_id, due, age_day, currency, net, tax, gross)
  WHERE state IN ('new', 'assigned', 'in-progress', 'waiting');
DROP INDEX exception_by_due;
CREATE INDEX exception_by_due ON "exception" (entity_id, due, (-abs(gross)), id, age_day, first_seen_at, escalated_at, state)
  INCLUDE (cause, owner_team, shop_id, channel, assignee_id, root_cause_id, currency, net, tax, gross, extent)
  WHERE state IN ('new', 'assigned', 'in-progress', 'waiting');

-- Sums by age alone: most questions by age ask for nothing else, and those with cause, owner and shop are many.
ALTER TABLE "exception_cell" ALTER COLUMN "owner_team" DROP NOT NULL;

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
  SELECT 'days', entity_id, state, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, age_day, currency, sign, net, tax, gross FROM signed
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

-- What is counted already is in the sums by age and all else.
INSERT INTO "exception_cell" (cube, entity_id, state, age_day, currency, count, net, tax, gross, extent)
SELECT 'days', entity_id, state, age_day, currency, sum(count), sum(net), sum(tax), sum(gross), sum(extent)
  FROM "exception_cell" WHERE cube = 'ages' GROUP BY 2, 3, 4, 5
HAVING sum(count) <> 0 OR sum(net) <> 0 OR sum(tax) <> 0 OR sum(gross) <> 0 OR sum(extent) <> 0;
