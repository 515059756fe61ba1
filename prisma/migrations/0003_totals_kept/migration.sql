-- A pair stands in one row per period, so that rows add up to a period's totals without looking at lines. Net and tax
-- are the sums of what is known; how many lines state none is counted beside them.
DELETE FROM "pair_line";
DELETE FROM "pair";
ALTER TABLE "pair" DROP CONSTRAINT "pair_pkey";
ALTER TABLE "pair" ADD CONSTRAINT "pair_pkey" PRIMARY KEY ("order_key", "id", "period");
ALTER TABLE "pair"
  ADD COLUMN "scayle_units" BIGINT NOT NULL,
  ADD COLUMN "scayle_unknown" INTEGER NOT NULL,
  ADD COLUMN "erp_unknown" INTEGER NOT NULL,
  ALTER COLUMN "scayle_net" SET NOT NULL,
  ALTER COLUMN "scayle_tax" SET NOT NULL,
  ALTER COLUMN "erp_net" SET NOT NULL,
  ALTER COLUMN "erp_tax" SET NOT NULL;

-- A line is used once: the primary key (order_key, line_id) holds that. `group_key` is the order key under which the
-- pair lives; another one than the line's only where one document covers several orders.
DROP INDEX "pair_line_order_key_pair_id_idx";
ALTER TABLE "pair_line" ADD COLUMN "group_key" UUID NOT NULL;
CREATE INDEX "pair_line_of_several_orders" ON "pair_line" (group_key, pair_id) WHERE group_key <> order_key;

-- Totals that are kept up as groups are matched: sums over pairs (key: bucket) and causes (key: code), and an
-- order-independent hash of the rows they sum. `part` keeps matchers that work side by side off each other's rows.
CREATE TABLE "tally" (
    "entity_id" TEXT NOT NULL,
    "period" CHAR(7) NOT NULL,
    "currency" CHAR(3) NOT NULL,
    "kind" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "part" SMALLINT NOT NULL,
    "count" BIGINT NOT NULL,
    "scayle_lines" BIGINT NOT NULL,
    "scayle_units" BIGINT NOT NULL,
    "scayle_unknown" BIGINT NOT NULL,
    "scayle_net" BIGINT NOT NULL,
    "scayle_tax" BIGINT NOT NULL,
    "scayle_gross" BIGINT NOT NULL,
    "erp_lines" BIGINT NOT NULL,
    "erp_unknown" BIGINT NOT NULL,
    "erp_net" BIGINT NOT NULL,
    "erp_tax" BIGINT NOT NULL,
    "erp_gross" BIGINT NOT NULL,
    "net" BIGINT NOT NULL,
    "tax" BIGINT NOT NULL,
    "gross" BIGINT NOT NULL,
    "hash" DECIMAL(40,0) NOT NULL,

    CONSTRAINT "tally_pkey" PRIMARY KEY ("entity_id", "period", "currency", "kind", "key", "part"),
    CONSTRAINT "tally_kind" CHECK (kind IN ('pair', 'cause'))
);

-- The evidence of what nobody has to act on is recomputed when somebody looks; of the rest it is kept.
ALTER TABLE "exception" ALTER COLUMN "evidence" DROP NOT NULL;

-- Every group is matched again by the next run: what pairs are made of has changed.
INSERT INTO "dirty_group" (order_key, entity_id, since)
  SELECT DISTINCT order_key, entity_id, now() FROM "line" ON CONFLICT DO NOTHING;

DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'tieout_app') THEN
    GRANT SELECT ON "tally" TO tieout_app;
  END IF;
END
$$;

-- What must hold of every group and doesn't, found when the group was last matched; empty in good order.
CREATE TABLE "invariant_breach" (
    "order_key" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "period" CHAR(7) NOT NULL,
    "detail" TEXT NOT NULL,
    "entity_id" TEXT NOT NULL,

    CONSTRAINT "invariant_breach_pkey" PRIMARY KEY ("order_key", "name", "period", "detail")
);
CREATE INDEX "invariant_breach_entity_id_period_idx" ON "invariant_breach" (entity_id, period);
DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'tieout_app') THEN
    GRANT SELECT ON "invariant_breach" TO tieout_app;
  END IF;
END
$$;
