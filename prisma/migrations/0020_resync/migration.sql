-- Many orders read again in one run: which, and what came of each. A run's working list, not an order table; no foreign key.
CREATE TABLE "resync_record" (
    "run_id" UUID NOT NULL,
    "order_key" UUID NOT NULL,
    "entity_id" TEXT NOT NULL,
    "name" TEXT,
    "state" TEXT NOT NULL DEFAULT 'waiting',
    "changes" JSONB NOT NULL DEFAULT '[]',
    "reason" TEXT,
    "moved_to" UUID,
    "done_at" TIMESTAMPTZ(3),

    CONSTRAINT "resync_record_pkey" PRIMARY KEY ("run_id", "order_key"),
    CONSTRAINT resync_record_state CHECK (state IN ('waiting', 'unchanged', 'changed', 'solved', 'failed'))
);
CREATE INDEX "resync_record_run_id_state_name_idx" ON "resync_record"("run_id", "state", "name");

-- An order that its source no longer has is no record that fails to be read: since when it is known to be gone.
ALTER TABLE "failed_record" ADD COLUMN "gone_at" TIMESTAMPTZ(3);

-- What a person accepted of an exception, and why. It holds as long as the exception is about the same: its basis.
CREATE TABLE "acceptance" (
    "order_key" UUID NOT NULL,
    "id" UUID NOT NULL,
    "exception_id" UUID NOT NULL,
    "entity_id" TEXT NOT NULL,
    "basis" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "accepted_at" TIMESTAMPTZ(3) NOT NULL,
    "accepted_by_id" TEXT NOT NULL,
    "accepted_by" TEXT NOT NULL,

    CONSTRAINT "acceptance_pkey" PRIMARY KEY ("order_key", "id")
);
CREATE INDEX "acceptance_order_key_exception_id_accepted_at_idx" ON "acceptance"("order_key", "exception_id", "accepted_at" DESC);

DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'tieout_app') THEN
    GRANT SELECT, INSERT ON "resync_record", "acceptance" TO tieout_app;
  END IF;
END
$$;
