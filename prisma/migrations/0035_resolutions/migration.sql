-- Resolutions: what was sent to the other systems to put an exception right, and how far that came. An order's tables: no
-- foreign keys, no triggers. The app's role reads them; they are written where the other systems are spoken to, by the owner.
CREATE TABLE "resolution_attempt" (
    "order_key" UUID NOT NULL,
    "id" UUID NOT NULL,
    "entity_id" TEXT NOT NULL,
    "exception_id" UUID NOT NULL,
    "code" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "basis" TEXT NOT NULL,
    "plan" JSONB NOT NULL,
    "preview" JSONB NOT NULL,
    "currency" CHAR(3) NOT NULL,
    "worths" JSONB NOT NULL,
    "second" TEXT,
    "undoes_id" UUID,
    "made_at" TIMESTAMPTZ(3) NOT NULL,
    "made_by_id" TEXT NOT NULL,
    "made_by" TEXT NOT NULL,
    "edited_by_id" TEXT,
    "edited_by" TEXT,
    "decided_at" TIMESTAMPTZ(3),
    "decided_by_id" TEXT,
    "decided_by" TEXT,
    "decided_why" TEXT,
    "batch_id" UUID,
    "checked_at" TIMESTAMPTZ(3),
    "written" INTEGER NOT NULL DEFAULT 0,
    "tries" INTEGER NOT NULL DEFAULT 0,
    "next_at" TIMESTAMPTZ(3),
    "touched_at" TIMESTAMPTZ(3) NOT NULL,
    "ended_at" TIMESTAMPTZ(3),
    "outcome" TEXT,
    "before" JSONB,
    "after" JSONB,

    CONSTRAINT "resolution_attempt_pkey" PRIMARY KEY ("order_key", "id"),
    CONSTRAINT resolution_attempt_state CHECK (state IN ('asked', 'claimed', 'writing', 'reading-back', 'waiting', 'instructed',
      'proved', 'reopened', 'refused', 'failed', 'rejected', 'cancelled')),
    CONSTRAINT resolution_attempt_ended CHECK (
      (state IN ('asked', 'claimed', 'writing', 'reading-back', 'waiting', 'instructed')) = (ended_at IS NULL))
);
-- The claim: of one exception there is one attempt at work, whoever asks and however often.
CREATE UNIQUE INDEX "resolution_attempt_claim" ON "resolution_attempt"("order_key", "exception_id")
  WHERE ended_at IS NULL;
CREATE INDEX "resolution_attempt_order_key_exception_id_made_at_idx" ON "resolution_attempt"("order_key", "exception_id", "made_at" DESC);
CREATE INDEX "resolution_attempt_batch_id_state_idx" ON "resolution_attempt"("batch_id", "state");
CREATE INDEX "resolution_attempt_id_idx" ON "resolution_attempt"("id");
CREATE INDEX "resolution_attempt_at_work" ON "resolution_attempt"("entity_id", "state") WHERE ended_at IS NULL;

-- What was done of it, step by step, each kept before and after. Append-only.
CREATE TABLE "resolution_step" (
    "order_key" UUID NOT NULL,
    "id" UUID NOT NULL,
    "attempt_id" UUID NOT NULL,
    "seq" INTEGER NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "kind" TEXT NOT NULL,
    "write_index" INTEGER,
    "text" TEXT NOT NULL,
    "data" JSONB,

    CONSTRAINT "resolution_step_pkey" PRIMARY KEY ("order_key", "id"),
    CONSTRAINT resolution_step_seq UNIQUE ("order_key", "attempt_id", "seq")
);

-- Many exceptions that are put right by one resolution.
CREATE TABLE "resolution_batch" (
    "id" UUID NOT NULL,
    "entity_id" TEXT NOT NULL,
    "code" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "selection" JSONB NOT NULL,
    "count" INTEGER NOT NULL,
    "left_out" JSONB NOT NULL,
    "worths" JSONB NOT NULL,
    "second" TEXT,
    "made_at" TIMESTAMPTZ(3) NOT NULL,
    "made_by_id" TEXT NOT NULL,
    "made_by" TEXT NOT NULL,
    "decided_at" TIMESTAMPTZ(3),
    "decided_by_id" TEXT,
    "decided_by" TEXT,
    "decided_why" TEXT,
    "stop_asked_at" TIMESTAMPTZ(3),
    "stop_asked_by" TEXT,
    "ended_at" TIMESTAMPTZ(3),

    CONSTRAINT "resolution_batch_pkey" PRIMARY KEY ("id"),
    CONSTRAINT resolution_batch_state CHECK (state IN ('asked', 'running', 'stopped', 'done', 'rejected'))
);
CREATE INDEX "resolution_batch_entity_id_made_at_idx" ON "resolution_batch"("entity_id", "made_at" DESC);

-- Up to which amount (minor units) one person may send a resolution alone.
CREATE TABLE "resolution_limit" (
    "entity_id" TEXT NOT NULL,
    "code" TEXT NOT NULL,
    "currency" CHAR(3) NOT NULL,
    "minor" BIGINT NOT NULL,
    "set_at" TIMESTAMPTZ(3) NOT NULL,
    "set_by_id" TEXT NOT NULL,
    "set_by" TEXT NOT NULL,

    CONSTRAINT "resolution_limit_pkey" PRIMARY KEY ("entity_id", "code", "currency"),
    CONSTRAINT resolution_limit_minor CHECK (minor >= 0)
);

DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'tieout_app') THEN
    GRANT SELECT ON "resolution_attempt", "resolution_step", "resolution_batch", "resolution_limit" TO tieout_app;
  END IF;
END
$$;
