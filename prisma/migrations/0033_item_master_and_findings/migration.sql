-- What the ERP's item master says of an item beside its stock.
ALTER TABLE "stock_item" ADD COLUMN "name" TEXT;
ALTER TABLE "stock_item" ADD COLUMN "gtin" TEXT;
ALTER TABLE "stock_item" ADD COLUMN "tax_code" TEXT;

-- Which tax codes the ERP posts where, counted by each run that looks at everything: proposals are read from here.
CREATE TABLE "tax_code_use" (
    "entity_id" TEXT NOT NULL,
    "ship_to" CHAR(2) NOT NULL,
    "rate" DECIMAL(6, 5) NOT NULL,
    "tax_code" TEXT NOT NULL,
    "master_code" TEXT NOT NULL,
    "lines" INTEGER NOT NULL,
    "examples" TEXT[] NOT NULL,

    CONSTRAINT "tax_code_use_pkey" PRIMARY KEY ("entity_id", "ship_to", "rate", "tax_code", "master_code")
);
-- Open exceptions that a mapping would cure: few among many.
CREATE INDEX exception_lacking ON "exception" (entity_id)
  WHERE evidence ? 'missing' AND state IN ('new', 'assigned', 'in-progress', 'waiting');

-- What tells the groups of a root cause from the others, counted by the run and read by its page; null: not counted yet.
ALTER TABLE "root_cause" ADD COLUMN "findings" JSONB;
ALTER TABLE "root_cause" ADD COLUMN "findings_at" TIMESTAMPTZ(3);
ALTER TABLE "root_cause" ADD COLUMN "findings_of" INTEGER;

DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'tieout_app') THEN
    GRANT SELECT ON "tax_code_use" TO tieout_app;
  END IF;
END
$$;
