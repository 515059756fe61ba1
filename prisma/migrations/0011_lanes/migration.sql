-- Jobs, and two lanes: when a feed is due, what holds or slows it, and runs that can be stopped and gone on with.

ALTER TABLE "feed"
  ADD COLUMN "due_at" TIMESTAMPTZ(3),
  ADD COLUMN "overlap_seconds" INTEGER NOT NULL DEFAULT 600,
  ADD COLUMN "stretch" INTEGER NOT NULL DEFAULT 1,
  ADD COLUMN "stretch_reason" TEXT,
  ADD COLUMN "held_at" TIMESTAMPTZ(3),
  ADD COLUMN "held_reason" TEXT,
  ADD CONSTRAINT feed_interval CHECK (interval_seconds >= 60),
  ADD CONSTRAINT feed_overlap CHECK (overlap_seconds >= 0),
  ADD CONSTRAINT feed_stretch CHECK (stretch BETWEEN 1 AND 8);

ALTER TABLE "run"
  ADD COLUMN "expected" INTEGER,
  ADD COLUMN "position" JSONB,
  ADD COLUMN "stop_asked_at" TIMESTAMPTZ(3),
  ADD COLUMN "stop_asked_by" TEXT;

CREATE TABLE "job_failure" (
    "id" UUID NOT NULL,
    "job_id" BIGINT NOT NULL,
    "task" TEXT NOT NULL,
    "payload" JSONB NOT NULL,
    "entity_id" TEXT,
    "attempts" INTEGER NOT NULL,
    "error" TEXT NOT NULL,
    "failed_at" TIMESTAMPTZ(3) NOT NULL,
    "owner_team" TEXT NOT NULL DEFAULT 'operations',
    "settled_at" TIMESTAMPTZ(3),
    "settled_by" TEXT,
    "settled_how" TEXT,

    CONSTRAINT "job_failure_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "job_failure_settled_at_failed_at_idx" ON "job_failure"("settled_at", "failed_at" DESC);

-- The queue is the owner's; whoever may write what a job is about may add the job in the same transaction.
-- The queue's own schema is made after the migrations, so its names are looked up when this is called.
CREATE FUNCTION tieout_add_job(task text, payload json, queue text, run_at timestamptz, attempts int, key text, mode text,
                               priority int)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM graphile_worker.add_job(tieout_add_job.task, tieout_add_job.payload, tieout_add_job.queue, tieout_add_job.run_at,
    tieout_add_job.attempts, tieout_add_job.key, tieout_add_job.priority, NULL, tieout_add_job.mode);
END
$$;
REVOKE ALL ON FUNCTION tieout_add_job(text, json, text, timestamptz, int, text, text, int) FROM PUBLIC;

DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'tieout_app') THEN
    GRANT EXECUTE ON FUNCTION tieout_add_job(text, json, text, timestamptz, int, text, text, int) TO tieout_app;
    GRANT SELECT, UPDATE (settled_at, settled_by, settled_how) ON "job_failure" TO tieout_app;
  END IF;
END
$$;
