-- What somebody wants changed of who owns which cause: it is previewed, and made when it is approved.
CREATE TABLE "ownership_request" (
    "id" UUID NOT NULL,
    "entity_id" TEXT,
    "state" TEXT NOT NULL DEFAULT 'asked',
    "version" INTEGER NOT NULL DEFAULT 1,
    "source" TEXT NOT NULL,
    "changes" JSONB NOT NULL,
    "move_open" BOOLEAN NOT NULL,
    "foreseen" JSONB NOT NULL,
    "foreseen_at" TIMESTAMPTZ(3) NOT NULL,
    "made_at" TIMESTAMPTZ(3) NOT NULL,
    "made_by_id" TEXT NOT NULL,
    "made_by" TEXT NOT NULL,
    "decided_at" TIMESTAMPTZ(3),
    "decided_by_id" TEXT,
    "decided_by" TEXT,
    "decided_why" TEXT,

    CONSTRAINT "ownership_request_pkey" PRIMARY KEY ("id"),
    CONSTRAINT ownership_request_state CHECK (state IN ('asked', 'made', 'rejected', 'withdrawn')),
    CONSTRAINT ownership_request_source CHECK (source IN ('change', 'removal', 'file')),
    CONSTRAINT ownership_request_decided CHECK ((state = 'asked') = (decided_at IS NULL))
);
CREATE INDEX "ownership_request_state_made_at_idx" ON "ownership_request"("state", "made_at" DESC);

DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'tieout_app') THEN
    GRANT SELECT, INSERT ON "ownership_request" TO tieout_app;
    -- Who asked for what stays as it was asked; what a preview says and what was decided comes later.
    GRANT UPDATE (state, version, changes, foreseen, foreseen_at, decided_at, decided_by_id, decided_by, decided_why)
      ON "ownership_request" TO tieout_app;
  END IF;
END
$$;
