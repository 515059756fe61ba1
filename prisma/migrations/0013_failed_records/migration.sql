-- Of each record that failed: what sort of fault it is, how often it was tried again, and who owns it in the end.
ALTER TABLE "failed_record"
  ADD COLUMN "error_class" TEXT NOT NULL DEFAULT 'value',
  ADD COLUMN "attempts" INTEGER NOT NULL DEFAULT 0,
  ADD COLUMN "next_try_at" TIMESTAMPTZ(3),
  ADD COLUMN "owner_team" TEXT NOT NULL DEFAULT 'operations',
  ADD COLUMN "given_up_at" TIMESTAMPTZ(3),
  ADD COLUMN "given_up_by" TEXT,
  ADD COLUMN "given_up_why" TEXT,
  ADD CONSTRAINT failed_record_class CHECK (error_class IN ('value', 'missing-reference', 'connection', 'rate-limit',
    'permission', 'too-large', 'duplicate', 'schema')),
  ADD CONSTRAINT failed_record_given_up CHECK ((given_up_at IS NULL) = (given_up_why IS NULL));
CREATE INDEX failed_record_open ON "failed_record" (entity_id, error_class, last_seen_at DESC) WHERE resolved_at IS NULL;

DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'tieout_app') THEN
    GRANT UPDATE (next_try_at, owner_team, given_up_at, given_up_by, given_up_why) ON "failed_record" TO tieout_app;
  END IF;
END
$$;
