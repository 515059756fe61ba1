-- What every match changed in the totals that are kept (tally): the same sums, as they were added, never changed again.
-- Σ of a total's movements up to a moment is the total as it stood then. One row per group and total; those of a first
-- match of very many groups together have no order key of their own (all zeros).
CREATE TABLE "tally_event" (
    "order_key" UUID NOT NULL,
    "id" UUID NOT NULL,
    "entity_id" TEXT NOT NULL,
    "period" CHAR(7) NOT NULL,
    "currency" CHAR(3) NOT NULL,
    "kind" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "run_id" UUID,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "since" TIMESTAMPTZ(3),
    "why" TEXT NOT NULL,
    "count" BIGINT NOT NULL,
    "scayle_lines" BIGINT NOT NULL,
    "scayle_units" BIGINT NOT NULL,
    "scayle_unknown" BIGINT NOT NULL,
    "scayle_net" BIGINT NOT NULL,
    "scayle_tax" BIGINT NOT NULL,
    "scayle_gross" BIGINT NOT NULL,
    "erp_lines" BIGINT NOT NULL,
    "erp_unknown" BIGINT NOT NULL,
    "erp_net" BIGINT NOT NULL,
    "erp_tax" BIGINT NOT NULL,
    "erp_gross" BIGINT NOT NULL,
    "net" BIGINT NOT NULL,
    "tax" BIGINT NOT NULL,
    "gross" BIGINT NOT NULL,

    CONSTRAINT "tally_event_pkey" PRIMARY KEY ("order_key", "id"),
    CONSTRAINT "tally_event_kind" CHECK (kind IN ('pair', 'cause')),
    CONSTRAINT "tally_event_why" CHECK (why IN ('source', 'person', 'setting', 'time', 'other', 'before'))
);
CREATE INDEX "tally_event_entity_id_period_at_idx" ON "tally_event" (entity_id, period, at);

-- What was matched before movements were kept is one movement per total, of the moment of the newest totals shown.
INSERT INTO "tally_event"
SELECT '00000000-0000-0000-0000-000000000000', gen_random_uuid(), t.entity_id, t.period, t.currency, t.kind, t.key, NULL,
       coalesce((SELECT max(s.made_at) FROM period_summary s WHERE s.entity_id = t.entity_id AND s.period = t.period), now()),
       NULL, 'before', sum(count), sum(scayle_lines), sum(scayle_units), sum(scayle_unknown), sum(scayle_net), sum(scayle_tax),
       sum(scayle_gross), sum(erp_lines), sum(erp_unknown), sum(erp_net), sum(erp_tax), sum(erp_gross), sum(net), sum(tax), sum(gross)
  FROM "tally" t GROUP BY t.entity_id, t.period, t.currency, t.kind, t.key HAVING sum(count) <> 0;

-- Which figures of a month a person has seen: `figures_at` are those on the page now, `before_at` those of the visit before.
CREATE TABLE "close_visit" (
    "user_id" UUID NOT NULL,
    "entity_id" TEXT NOT NULL,
    "period" CHAR(7) NOT NULL,
    "seen_at" TIMESTAMPTZ(3) NOT NULL,
    "figures_at" TIMESTAMPTZ(3) NOT NULL,
    "before_seen_at" TIMESTAMPTZ(3),
    "before_at" TIMESTAMPTZ(3),

    CONSTRAINT "close_visit_pkey" PRIMARY KEY ("user_id", "entity_id", "period")
);

DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'tieout_app') THEN
    -- Movements are written where totals are, by the owner; nobody else adds to them, and nobody changes them.
    GRANT SELECT ON "tally_event" TO tieout_app;
    GRANT SELECT, INSERT, UPDATE ON "close_visit" TO tieout_app;
  END IF;
END
$$;
