-- Pairs that differ in an amount, each with where it stands when a bridge is by shop, channel, tax code, payment method or day:
-- written as groups are matched, so that no bridge has to look at what agrees, nor for lines and orders.
CREATE TABLE "difference" (
    "order_key" UUID NOT NULL,
    "pair_id" UUID NOT NULL,
    "entity_id" TEXT NOT NULL,
    "period" CHAR(7) NOT NULL,
    "currency" CHAR(3) NOT NULL,
    -- "": no order is known
    "shop" TEXT NOT NULL,
    "channel" TEXT NOT NULL,
    -- the ERP's codes of its lines, "-" for none, with " + " between; "": no line of the ERP
    "code" TEXT NOT NULL,
    -- the keys of how its order was paid, with " + " between; "": none is stated; "?": no order is known
    "payment" TEXT NOT NULL,
    -- the first day of its lines; "": it has none
    "day" TEXT NOT NULL,
    -- SCAYLE − ERP
    "net" BIGINT NOT NULL,
    "tax" BIGINT NOT NULL,
    "gross" BIGINT NOT NULL,

    CONSTRAINT "difference_pkey" PRIMARY KEY ("order_key", "pair_id", "period")
);
CREATE INDEX "difference_entity_id_period_currency_idx" ON "difference"("entity_id", "period", "currency");

-- Their sums, by each of these: changes are added as rows of their own, and folded later.
CREATE TABLE "difference_cell" (
    "entity_id" TEXT NOT NULL,
    "period" CHAR(7) NOT NULL,
    "currency" CHAR(3) NOT NULL,
    -- shop | channel | code | payment | day
    "by" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    -- of an amount, how many pairs differ in it
    "nets" BIGINT NOT NULL,
    "net" BIGINT NOT NULL,
    "taxes" BIGINT NOT NULL,
    "tax" BIGINT NOT NULL,
    "grosses" BIGINT NOT NULL,
    "gross" BIGINT NOT NULL
);
CREATE INDEX "difference_cell_entity_id_period_currency_by_idx" ON "difference_cell"("entity_id", "period", "currency", "by");

CREATE FUNCTION tieout_count_differences() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  sign int := CASE TG_OP WHEN 'INSERT' THEN 1 ELSE -1 END;
BEGIN
  INSERT INTO difference_cell
  SELECT d.entity_id, d.period, d.currency, p.by, p.key, sign * count(*) FILTER (WHERE d.net <> 0), sign * sum(d.net),
         sign * count(*) FILTER (WHERE d.tax <> 0), sign * sum(d.tax), sign * count(*) FILTER (WHERE d.gross <> 0), sign * sum(d.gross)
    FROM moved d
    CROSS JOIN LATERAL (VALUES ('shop', d.shop), ('channel', d.channel), ('code', d.code), ('payment', d.payment), ('day', d.day)) p(by, key)
   GROUP BY 1, 2, 3, 4, 5;
  RETURN NULL;
END
$$;
CREATE TRIGGER difference_cells_come AFTER INSERT ON "difference" REFERENCING NEW TABLE AS moved
  FOR EACH STATEMENT EXECUTE FUNCTION tieout_count_differences();
CREATE TRIGGER difference_cells_go AFTER DELETE ON "difference" REFERENCING OLD TABLE AS moved
  FOR EACH STATEMENT EXECUTE FUNCTION tieout_count_differences();

-- Without pairs there are no differences.
CREATE FUNCTION tieout_no_differences() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  DELETE FROM difference;
  RETURN NULL;
END
$$;
CREATE TRIGGER differences_none AFTER TRUNCATE ON "pair" FOR EACH STATEMENT EXECUTE FUNCTION tieout_no_differences();

INSERT INTO difference
SELECT p.order_key, p.id, p.entity_id, p.period, p.currency, coalesce(o.shop_id, ''),
       coalesce(o.channel, CASE WHEN o.order_key IS NULL THEN '' ELSE o.channel_type END), coalesce(l.code, ''),
       CASE WHEN o.order_key IS NULL THEN '?' ELSE coalesce(w.keys, '') END, coalesce(l.day, ''),
       coalesce(p.scayle_net - p.erp_net, 0), coalesce(p.scayle_tax - p.erp_tax, 0), p.scayle_gross - p.erp_gross
  FROM pair p
  LEFT JOIN sales_order o ON o.order_key = p.order_key
  LEFT JOIN LATERAL (
    SELECT string_agg(DISTINCT coalesce(nullif(n.tax_code, ''), '-'), ' + ') FILTER (WHERE n.side = 'erp') AS code, min(n.day)::text AS day
      FROM (
        SELECT l.side, l.day, l.tax_code FROM pair_line x JOIN line l ON l.order_key = x.order_key AND l.id = x.line_id
         WHERE x.order_key = p.order_key AND x.group_key = p.order_key AND x.pair_id = p.id AND l.period = p.period
        UNION ALL
        SELECT l.side, l.day, l.tax_code FROM pair_line x JOIN line l ON l.order_key = x.order_key AND l.id = x.line_id
         WHERE x.group_key = p.order_key AND x.group_key <> x.order_key AND x.pair_id = p.id AND l.period = p.period) n) l ON true
  LEFT JOIN LATERAL (
    SELECT string_agg(DISTINCT one ->> 'key', ' + ') AS keys FROM jsonb_array_elements(o.content -> 'payments') one) w ON true
 WHERE p.bucket IN ('explained', 'open', 'accepted', 'timing', 'failed')
   AND (p.scayle_net <> p.erp_net OR p.scayle_tax <> p.erp_tax OR p.scayle_gross <> p.erp_gross);

DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'tieout_app') THEN
    GRANT SELECT ON "difference", "difference_cell" TO tieout_app;
  END IF;
END
$$;
