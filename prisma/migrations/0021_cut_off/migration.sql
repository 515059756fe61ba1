-- The moment up to which the feeds of the financial lane must have been confirmed for a month to be complete: so many hours
-- after its end, by the entity, and where somebody said so by the month. Null: as long as the ERP normally takes to post.
ALTER TABLE "entity" ADD COLUMN "cut_off_hours" INTEGER;
ALTER TABLE "entity" ADD CONSTRAINT entity_cut_off_hours CHECK (cut_off_hours BETWEEN 0 AND 744);

CREATE TABLE "period_cut_off" (
    "entity_id" TEXT NOT NULL,
    "month" CHAR(7) NOT NULL,
    "hours" INTEGER NOT NULL,
    "reason" TEXT NOT NULL,
    "set_at" TIMESTAMPTZ(3) NOT NULL,
    "set_by" TEXT NOT NULL,

    CONSTRAINT "period_cut_off_pkey" PRIMARY KEY ("entity_id", "month"),
    CONSTRAINT period_cut_off_hours CHECK (hours BETWEEN 0 AND 744)
);

-- What a run's expected number of records comes from: held (as many as are held) or history (as its last readings found).
ALTER TABLE "run" ADD COLUMN "expected_from" TEXT;

DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'tieout_app') THEN
    GRANT SELECT, INSERT, DELETE ON "period_cut_off" TO tieout_app;
    GRANT UPDATE (hours, reason, set_at, set_by) ON "period_cut_off" TO tieout_app;
    GRANT UPDATE (cut_off_hours) ON "entity" TO tieout_app;
  END IF;
END
$$;
