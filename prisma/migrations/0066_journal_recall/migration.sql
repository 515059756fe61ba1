-- That a journal that was handed over as a file was not taken into the ERP after all: somebody says so, somebody else approves it,
-- and it can be posted or handed over again.
ALTER TABLE "journal"
  ADD COLUMN "recall_at" TIMESTAMPTZ(3),
  ADD COLUMN "recall_by_id" TEXT,
  ADD COLUMN "recall_by" TEXT,
  ADD COLUMN "recall_why" TEXT,
  ADD CONSTRAINT journal_recall CHECK (recall_at IS NULL OR (exported_at IS NOT NULL AND recall_by_id IS NOT NULL));

DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'tieout_app') THEN
    GRANT UPDATE (recall_at, recall_by_id, recall_by, recall_why) ON "journal" TO tieout_app;
  END IF;
END
$$;

-- Closing a month ends its soft close: reopened, it is not about to be closed.
CREATE FUNCTION tieout_end_soft_close() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  NEW.soft_closed_at := NULL;
  NEW.soft_closed_by := NULL;
  RETURN NEW;
END
$$;
CREATE TRIGGER period_end_soft_close BEFORE UPDATE OF state ON "period" FOR EACH ROW
  WHEN (NEW.state = 'closed' AND OLD.state <> 'closed') EXECUTE FUNCTION tieout_end_soft_close();
UPDATE "period" p SET soft_closed_at = NULL, soft_closed_by = NULL
 WHERE soft_closed_at IS NOT NULL AND (state = 'closed' OR soft_closed_at < (
   SELECT max(locked_at) FROM locked_period l WHERE l.entity_id = p.entity_id AND l.month = p.month));
