-- Alerts: what somebody must know of without looking, each open once per subject; who gets which, and what was sent.

CREATE TABLE "alert" (
    "id" UUID NOT NULL,
    "entity_id" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "title" TEXT NOT NULL,
    "body" TEXT NOT NULL,
    "owner_team" TEXT NOT NULL,
    "first_action" TEXT NOT NULL,
    "href" TEXT NOT NULL,
    "opened_at" TIMESTAMPTZ(3) NOT NULL,
    -- since when it is below its closing bound, while it waits to close
    "calm_since" TIMESTAMPTZ(3),
    "acknowledged_at" TIMESTAMPTZ(3),
    "acknowledged_by_id" TEXT,
    "acknowledged_by" TEXT,
    "note" TEXT NOT NULL DEFAULT '',
    "closed_at" TIMESTAMPTZ(3),
    "closed_why" TEXT,

    CONSTRAINT "alert_pkey" PRIMARY KEY ("id"),
    CONSTRAINT alert_closed CHECK ((closed_at IS NULL) = (closed_why IS NULL)),
    CONSTRAINT alert_acknowledged CHECK ((acknowledged_at IS NULL) = (acknowledged_by IS NULL))
);
-- One open alert of a kind and subject, whoever finds it and however often.
CREATE UNIQUE INDEX alert_open ON "alert" (entity_id, kind, subject) WHERE closed_at IS NULL;
CREATE INDEX "alert_entity_id_closed_at_idx" ON "alert"("entity_id", "closed_at" DESC);

-- Bounds of a kind in an entity, and who gets it; without a row the kind's own hold.
CREATE TABLE "alert_rule" (
    "entity_id" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "enabled" BOOLEAN NOT NULL,
    "bounds" JSONB NOT NULL,
    -- owner | team:ID | role:ROLE
    "recipients" TEXT[] NOT NULL,
    "webhook" BOOLEAN NOT NULL,
    "reason" TEXT NOT NULL,
    "set_at" TIMESTAMPTZ(3) NOT NULL,
    "set_by" TEXT NOT NULL,

    CONSTRAINT "alert_rule_pkey" PRIMARY KEY ("entity_id", "kind")
);

-- The mail server and the webhook: one each. The secret is sealed, and the app's role writes it without reading it.
CREATE TABLE "alert_channel" (
    "id" TEXT NOT NULL,
    "enabled" BOOLEAN NOT NULL,
    "settings" JSONB NOT NULL,
    "secret" BYTEA,
    "set_at" TIMESTAMPTZ(3) NOT NULL,
    "set_by" TEXT NOT NULL,

    CONSTRAINT "alert_channel_pkey" PRIMARY KEY ("id"),
    CONSTRAINT alert_channel_id CHECK (id IN ('email', 'webhook'))
);

-- The outbox: written in the transaction that opens or closes an alert, sent by a job. Its id goes along with each attempt.
CREATE TABLE "alert_delivery" (
    "id" UUID NOT NULL,
    -- null: a test
    "alert_id" UUID,
    "entity_id" TEXT,
    "channel" TEXT NOT NULL,
    "event" TEXT NOT NULL,
    -- whom an e-mail goes to
    "user_id" UUID,
    "state" TEXT NOT NULL DEFAULT 'waiting',
    "tries" INTEGER NOT NULL DEFAULT 0,
    "next_at" TIMESTAMPTZ(3),
    -- what the last attempt said
    "outcome" TEXT,
    "made_at" TIMESTAMPTZ(3) NOT NULL,
    "ended_at" TIMESTAMPTZ(3),

    CONSTRAINT "alert_delivery_pkey" PRIMARY KEY ("id"),
    CONSTRAINT alert_delivery_channel CHECK (channel IN ('email', 'webhook') AND (channel = 'email') = (user_id IS NOT NULL)),
    CONSTRAINT alert_delivery_event CHECK (event IN ('opened', 'closed', 'test') AND (event = 'test') = (alert_id IS NULL)),
    CONSTRAINT alert_delivery_state CHECK (state IN ('waiting', 'sent', 'failed', 'dropped') AND (state = 'waiting') = (ended_at IS NULL))
);
CREATE INDEX "alert_delivery_alert_id_idx" ON "alert_delivery"("alert_id");
CREATE INDEX "alert_delivery_made_at_idx" ON "alert_delivery"("made_at" DESC);
CREATE INDEX alert_delivery_failed ON "alert_delivery" (made_at DESC) WHERE state = 'failed';

DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'tieout_app') THEN
    GRANT SELECT ON "alert", "alert_rule", "alert_delivery" TO tieout_app;
    GRANT UPDATE (acknowledged_at, acknowledged_by_id, acknowledged_by, note) ON "alert" TO tieout_app;
    GRANT INSERT, UPDATE ON "alert_rule" TO tieout_app;
    GRANT SELECT (id, enabled, settings, set_at, set_by), INSERT, UPDATE ON "alert_channel" TO tieout_app;
    GRANT INSERT ON "alert_delivery" TO tieout_app;
    GRANT UPDATE (state, tries, next_at, ended_at) ON "alert_delivery" TO tieout_app;
  END IF;
END
$$;
