-- Teams own causes; a team has a lead, to whom what is overdue is escalated, and members.
CREATE TABLE "team" (
    "id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "lead_id" UUID,

    CONSTRAINT "team_pkey" PRIMARY KEY ("id"),
    CONSTRAINT team_id_form CHECK (id ~ '^[a-z0-9][a-z0-9-]{0,31}$')
);
CREATE TABLE "team_member" (
    "team_id" TEXT NOT NULL,
    "user_id" UUID NOT NULL,

    CONSTRAINT "team_member_pkey" PRIMARY KEY ("team_id", "user_id")
);
CREATE INDEX "team_member_user_id_idx" ON "team_member"("user_id");
-- The teams that causes name as their owners.
INSERT INTO "team" (id, name) VALUES ('finance', 'Finance'), ('operations', 'Operations');

-- One row says who owns a cause in a shop, an entity or everywhere.
DELETE FROM "ownership_rule" o USING "ownership_rule" older
 WHERE older.id < o.id AND older.cause = o.cause AND older.entity_id IS NOT DISTINCT FROM o.entity_id AND older.shop_id IS NOT DISTINCT FROM o.shop_id;
CREATE UNIQUE INDEX "ownership_rule_cause_entity_id_shop_id_key" ON "ownership_rule"("cause", "entity_id", "shop_id") NULLS NOT DISTINCT;

-- How many working days an exception of at least so many major units may take; an entity without rows has the defaults.
CREATE TABLE "due_rule" (
    "entity_id" TEXT NOT NULL,
    "currency" TEXT NOT NULL DEFAULT '*',
    "from_major" BIGINT NOT NULL,
    "working_days" INTEGER NOT NULL,

    CONSTRAINT "due_rule_pkey" PRIMARY KEY ("entity_id", "currency", "from_major"),
    CONSTRAINT due_rule_range CHECK (from_major >= 0 AND working_days BETWEEN 1 AND 260)
);

-- Days that are holidays, or worked although they are one, of a country or of an entity.
CREATE TABLE "calendar_day" (
    "id" UUID NOT NULL,
    "entity_id" TEXT,
    "country" TEXT,
    "day" DATE NOT NULL,
    "working" BOOLEAN NOT NULL DEFAULT false,
    "name" TEXT NOT NULL,

    CONSTRAINT "calendar_day_pkey" PRIMARY KEY ("id"),
    CONSTRAINT calendar_day_of_one CHECK ((entity_id IS NULL) <> (country IS NULL))
);
CREATE UNIQUE INDEX "calendar_day_entity_id_country_day_key" ON "calendar_day"("entity_id", "country", "day") NULLS NOT DISTINCT;
-- The country whose holidays an entity keeps; null: what its time zone suggests; '-': weekends and its own days only.
ALTER TABLE "entity" ADD COLUMN "holiday_country" TEXT;

-- Whom it was taken from, on whom it waits until when, to whom it was escalated, and why it is due when it is due.
ALTER TABLE "exception" ADD COLUMN "previous_assignee_id" UUID;
ALTER TABLE "exception" ADD COLUMN "previous_team" TEXT;
ALTER TABLE "exception" ADD COLUMN "waiting_on" TEXT;
ALTER TABLE "exception" ADD COLUMN "waiting_until" DATE;
ALTER TABLE "exception" ADD COLUMN "escalated_at" TIMESTAMPTZ(3);
ALTER TABLE "exception" ADD COLUMN "escalated_to_id" UUID;
ALTER TABLE "exception" ADD COLUMN "due_why" TEXT;
ALTER TABLE "exception" ADD COLUMN "due_by_hand" BOOLEAN NOT NULL DEFAULT false;
-- Nothing could wait before: what says so has nobody it waits on.
UPDATE "exception" SET state = CASE WHEN assignee_id IS NULL THEN 'new' ELSE 'assigned' END WHERE state = 'waiting';
ALTER TABLE "exception" ADD CONSTRAINT exception_waits CHECK ((state = 'waiting') = (waiting_until IS NOT NULL));
CREATE INDEX exception_waiting ON "exception" (entity_id, waiting_until) WHERE state = 'waiting';
CREATE INDEX exception_overdue ON "exception" (entity_id, due)
  WHERE escalated_at IS NULL AND state IN ('new', 'assigned', 'in-progress', 'waiting');

-- What a person did to one exception or to many at once: what can be taken back.
CREATE TABLE "exception_operation" (
    "id" UUID NOT NULL,
    "entity_id" TEXT NOT NULL,
    "actor_id" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "kind" TEXT NOT NULL,
    "count" INTEGER NOT NULL,
    "undone_at" TIMESTAMPTZ(3),

    CONSTRAINT "exception_operation_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "exception_operation_actor_id_entity_id_at_idx" ON "exception_operation"("actor_id", "entity_id", "at" DESC);
ALTER TABLE "exception_event" ADD COLUMN "operation_id" UUID;
CREATE INDEX exception_event_of_operation ON "exception_event" (operation_id) WHERE operation_id IS NOT NULL;

-- Who is named in a comment.
CREATE TABLE "exception_mention" (
    "order_key" UUID NOT NULL,
    "id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "exception_id" UUID NOT NULL,
    "entity_id" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "exception_mention_pkey" PRIMARY KEY ("order_key", "id", "user_id")
);
CREATE INDEX "exception_mention_user_id_entity_id_idx" ON "exception_mention"("user_id", "entity_id");

-- Up to which amount one person may accept an exception alone; minor units. Without a row: lib/exceptions/limits.
CREATE TABLE "acceptance_limit" (
    "entity_id" TEXT NOT NULL,
    "currency" TEXT NOT NULL,
    "minor" BIGINT NOT NULL,
    "set_at" TIMESTAMPTZ(3) NOT NULL,
    "set_by_id" TEXT NOT NULL,
    "set_by" TEXT NOT NULL,

    CONSTRAINT "acceptance_limit_pkey" PRIMARY KEY ("entity_id", "currency"),
    CONSTRAINT acceptance_limit_positive CHECK (minor >= 0)
);

-- Above it somebody asks, and somebody else decides.
CREATE TABLE "acceptance_request" (
    "order_key" UUID NOT NULL,
    "id" UUID NOT NULL,
    "exception_id" UUID NOT NULL,
    "entity_id" TEXT NOT NULL,
    "basis" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "asked_at" TIMESTAMPTZ(3) NOT NULL,
    "asked_by_id" TEXT NOT NULL,
    "asked_by" TEXT NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'asked',
    "decided_at" TIMESTAMPTZ(3),
    "decided_by_id" TEXT,
    "decided_by" TEXT,
    "decided_why" TEXT,

    CONSTRAINT "acceptance_request_pkey" PRIMARY KEY ("order_key", "id"),
    CONSTRAINT acceptance_request_state CHECK (state IN ('asked', 'approved', 'rejected', 'replaced')),
    CONSTRAINT acceptance_request_two CHECK (state <> 'approved' OR decided_by_id <> asked_by_id)
);
CREATE UNIQUE INDEX acceptance_request_open ON "acceptance_request" (order_key, exception_id) WHERE state = 'asked';
CREATE INDEX "acceptance_request_entity_id_state_idx" ON "acceptance_request"("entity_id", "state");

-- Always accept such: a cause and what its exceptions share, up to an amount, until a day, approved by a second person.
CREATE TABLE "acceptance_rule" (
    "id" UUID NOT NULL,
    "entity_id" TEXT NOT NULL,
    "cause" TEXT NOT NULL,
    "shop_id" TEXT,
    "channel" TEXT,
    "tax_code" TEXT,
    "currency" TEXT NOT NULL,
    "max_minor" BIGINT NOT NULL,
    "expires_on" DATE NOT NULL,
    "reason" TEXT NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'asked',
    "foreseen" JSONB NOT NULL,
    "made_at" TIMESTAMPTZ(3) NOT NULL,
    "made_by_id" TEXT NOT NULL,
    "made_by" TEXT NOT NULL,
    "decided_at" TIMESTAMPTZ(3),
    "decided_by_id" TEXT,
    "decided_by" TEXT,
    "ended_at" TIMESTAMPTZ(3),
    "ended_by" TEXT,
    "ended_why" TEXT,

    CONSTRAINT "acceptance_rule_pkey" PRIMARY KEY ("id"),
    CONSTRAINT acceptance_rule_state CHECK (state IN ('asked', 'active', 'rejected', 'ended')),
    CONSTRAINT acceptance_rule_two CHECK (state NOT IN ('active') OR decided_by_id <> made_by_id),
    CONSTRAINT acceptance_rule_positive CHECK (max_minor >= 0)
);
CREATE INDEX "acceptance_rule_entity_id_state_idx" ON "acceptance_rule"("entity_id", "state");

ALTER TABLE "acceptance" ADD COLUMN "approved_by_id" TEXT;
ALTER TABLE "acceptance" ADD COLUMN "approved_by" TEXT;
ALTER TABLE "acceptance" ADD COLUMN "rule_id" UUID;
CREATE INDEX acceptance_by_rule ON "acceptance" (rule_id) WHERE rule_id IS NOT NULL;

DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'tieout_app') THEN
    GRANT SELECT, INSERT, UPDATE, DELETE ON "team", "team_member", "due_rule", "calendar_day" TO tieout_app;
    GRANT SELECT, INSERT ON "exception_operation", "exception_mention", "acceptance_request", "acceptance_rule", "acceptance_limit" TO tieout_app;
    GRANT UPDATE (undone_at) ON "exception_operation" TO tieout_app;
    GRANT UPDATE (minor, set_at, set_by_id, set_by) ON "acceptance_limit" TO tieout_app;
    GRANT UPDATE (state, decided_at, decided_by_id, decided_by, decided_why) ON "acceptance_request" TO tieout_app;
    GRANT UPDATE (state, decided_at, decided_by_id, decided_by, ended_at, ended_by, ended_why) ON "acceptance_rule" TO tieout_app;
    GRANT UPDATE (previous_assignee_id, previous_team, waiting_on, waiting_until, escalated_at, escalated_to_id, due_why, due_by_hand)
      ON "exception" TO tieout_app;
  END IF;
END
$$;
