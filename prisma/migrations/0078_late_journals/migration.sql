-- That a journal was handed over as a file before a recall was approved is kept with it, and shown.
ALTER TABLE "journal"
  ADD COLUMN "former_exported_at" TIMESTAMPTZ(3),
  ADD COLUMN "former_exported_by" TEXT,
  ADD COLUMN "recalled_at" TIMESTAMPTZ(3),
  ADD COLUMN "recalled_by" TEXT;

-- Late arrivals of a closed month are corrected in the open month that they are proposed for: by a journal, or by the decision of two
-- people that nothing is booked for them, which is a journal without lines.
ALTER TABLE "journal_account" DROP CONSTRAINT journal_account_purpose,
  ADD CONSTRAINT journal_account_purpose CHECK (purpose IN ('rounding', 'accrual', 'write-off', 'late'));
ALTER TABLE "journal"
  -- the closed month whose late arrivals it stands for
  ADD COLUMN "late_of" CHAR(7),
  ADD COLUMN "books" BOOLEAN NOT NULL DEFAULT true,
  ADD CONSTRAINT journal_late CHECK ((purpose = 'late') = (late_of IS NOT NULL)),
  ADD CONSTRAINT journal_books CHECK (books OR (purpose = 'late' AND NOT "reverse" AND lines = '[]'::jsonb AND exported_at IS NULL));
CREATE INDEX "journal_late_of_idx" ON "journal"("entity_id", "late_of") WHERE late_of IS NOT NULL;

DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'tieout_app') THEN
    GRANT UPDATE (former_exported_at, former_exported_by, recalled_at, recalled_by) ON "journal" TO tieout_app;
  END IF;
END
$$;
