-- Journals that are posted where the ERP takes them: approved → claimed → sent, step by step → read back → proved.
ALTER TABLE "journal" ADD COLUMN "reverse" BOOLEAN NOT NULL DEFAULT false;
UPDATE "journal" SET "reverse" = true WHERE purpose = 'accrual' AND reverses IS NULL;
ALTER TABLE "journal" ADD CONSTRAINT journal_accruals_reverse CHECK (purpose <> 'accrual' OR "reverse" OR reverses IS NOT NULL);

CREATE TABLE "journal_posting" (
    "journal_id" UUID NOT NULL,
    -- one after the other: what was refused can be asked for again
    "attempt" INTEGER NOT NULL,
    "entity_id" TEXT NOT NULL,
    "connection_id" UUID NOT NULL,
    -- queued | sending | posted | differs | refused
    "state" TEXT NOT NULL DEFAULT 'queued',
    -- what is sent, as it was shown
    "requests" JSONB NOT NULL,
    "asked_at" TIMESTAMPTZ(3) NOT NULL,
    "asked_by_id" TEXT NOT NULL,
    "asked_by" TEXT NOT NULL,
    "tries" INTEGER NOT NULL DEFAULT 0,
    "next_at" TIMESTAMPTZ(3),
    "ended_at" TIMESTAMPTZ(3),
    -- the number under which the ERP has it, and in a sentence how it ended
    "document" TEXT,
    "outcome" TEXT,
    -- the lines as they were read in its ledger
    "read_back" JSONB,

    CONSTRAINT "journal_posting_pkey" PRIMARY KEY ("journal_id", "attempt"),
    CONSTRAINT journal_posting_state CHECK (state IN ('queued', 'sending', 'posted', 'differs', 'refused')),
    CONSTRAINT journal_posting_ended CHECK ((state IN ('posted', 'differs', 'refused')) = (ended_at IS NOT NULL))
);
-- A journal is posted once, whoever presses what how often.
CREATE UNIQUE INDEX journal_posting_once ON "journal_posting" (journal_id) WHERE state <> 'refused';
CREATE INDEX "journal_posting_entity_id_idx" ON "journal_posting"("entity_id");

CREATE TABLE "journal_posting_step" (
    "journal_id" UUID NOT NULL,
    "attempt" INTEGER NOT NULL,
    "seq" INTEGER NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    -- looked | sent | answered | rejected | lost | done
    "kind" TEXT NOT NULL,
    "text" TEXT NOT NULL,
    "place" TEXT,

    CONSTRAINT "journal_posting_step_pkey" PRIMARY KEY ("journal_id", "attempt", "seq")
);

DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'tieout_app') THEN
    GRANT SELECT ON "journal_posting", "journal_posting_step" TO tieout_app;
  END IF;
END
$$;
