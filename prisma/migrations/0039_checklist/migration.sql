-- The checklist of a month's close: templates per entity, what people did of them in a month, and their evidence.

CREATE TABLE "close_template" (
    "entity_id" TEXT NOT NULL,
    "id" UUID NOT NULL,
    "position" INTEGER NOT NULL,
    "title" TEXT NOT NULL,
    "what" TEXT NOT NULL DEFAULT '',
    -- the fact that completes it by itself; null: a person does
    "rule" TEXT,
    "owner_team" TEXT NOT NULL DEFAULT 'finance',
    "owner_id" UUID,
    -- who looks at it once it is done; null: nobody has to
    "reviewer_id" UUID,
    "needs_review" BOOLEAN NOT NULL DEFAULT false,
    -- the working day by which it is due: 1 is the first after the month's end, -1 the month's last
    "due_day" INTEGER NOT NULL,
    "after" UUID[] NOT NULL DEFAULT '{}',
    "retired_at" TIMESTAMPTZ(3),
    "set_at" TIMESTAMPTZ(3) NOT NULL,
    "set_by" TEXT NOT NULL,

    CONSTRAINT "close_template_pkey" PRIMARY KEY ("entity_id", "id"),
    CONSTRAINT close_template_due CHECK (due_day BETWEEN -10 AND 20 AND due_day <> 0),
    CONSTRAINT close_template_rule CHECK (rule IS NULL OR NOT needs_review)
);

CREATE TABLE "close_task" (
    "entity_id" TEXT NOT NULL,
    "month" CHAR(7) NOT NULL,
    "template_id" UUID NOT NULL,
    "done_at" TIMESTAMPTZ(3),
    "done_by_id" TEXT,
    "done_by" TEXT,
    "note" TEXT NOT NULL DEFAULT '',
    "reviewed_at" TIMESTAMPTZ(3),
    "reviewed_by_id" TEXT,
    "reviewed_by" TEXT,

    CONSTRAINT "close_task_pkey" PRIMARY KEY ("entity_id", "month", "template_id"),
    CONSTRAINT close_task_order CHECK (reviewed_at IS NULL OR done_at IS NOT NULL),
    CONSTRAINT close_task_two CHECK (reviewed_by_id <> done_by_id)
);

CREATE TABLE "close_evidence" (
    "id" UUID NOT NULL,
    "entity_id" TEXT NOT NULL,
    "month" CHAR(7) NOT NULL,
    "template_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    -- a link, or a file with its content and hash
    "url" TEXT,
    "media_type" TEXT,
    "sha256" TEXT,
    "content" BYTEA,
    "added_at" TIMESTAMPTZ(3) NOT NULL,
    "added_by_id" TEXT NOT NULL,
    "added_by" TEXT NOT NULL,
    "removed_at" TIMESTAMPTZ(3),
    "removed_by" TEXT,

    CONSTRAINT "close_evidence_pkey" PRIMARY KEY ("id"),
    CONSTRAINT close_evidence_kind CHECK ((url IS NULL) <> (content IS NULL) AND (content IS NULL) = (sha256 IS NULL))
);
CREATE INDEX "close_evidence_entity_id_month_idx" ON "close_evidence"("entity_id", "month");

DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'tieout_app') THEN
    GRANT SELECT, INSERT, UPDATE ON "close_template", "close_task" TO tieout_app;
    -- Evidence is added and taken off the list; what it was stays.
    GRANT SELECT, INSERT ON "close_evidence" TO tieout_app;
    GRANT UPDATE (removed_at, removed_by) ON "close_evidence" TO tieout_app;
  END IF;
END
$$;
