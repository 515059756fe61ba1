-- Exceptions of one cause and signature are one root cause: what makes them so is made by the database, so that no writer can
-- forget it. md5 for speed; the same as quickIdOf(entity, cause, signature).
ALTER TABLE "exception" ADD COLUMN "business_day" DATE;
ALTER TABLE "exception" ADD COLUMN "root_cause_id" UUID
  GENERATED ALWAYS AS (md5(entity_id || chr(31) || cause || chr(31) || signature)::uuid) STORED;
UPDATE "exception" AS e SET business_day = found.day
  FROM (SELECT c.order_key, c.exception_id, coalesce(min(l.day) FILTER (WHERE l.side = 'scayle'), min(l.day)) AS day
          FROM "cause" c
          JOIN "pair_line" p ON p.group_key = c.order_key AND p.pair_id = c.pair_id
          JOIN "line" l ON l.order_key = p.order_key AND l.id = p.line_id
         WHERE c.exception_id IS NOT NULL GROUP BY 1, 2) AS found
 WHERE e.order_key = found.order_key AND e.id = found.exception_id;
-- What is open of a root cause is counted and listed from the index alone.
CREATE INDEX exception_open_of_root_cause ON "exception" (entity_id, root_cause_id)
  INCLUDE (currency, net, tax, gross, business_day, first_seen_at)
  WHERE state IN ('new', 'assigned', 'in-progress', 'waiting');
CREATE INDEX "exception_last_run_id_idx" ON "exception"("last_run_id");

CREATE TABLE "root_cause" (
    "entity_id" TEXT NOT NULL,
    "id" UUID NOT NULL,
    "cause" TEXT NOT NULL,
    "signature" TEXT NOT NULL,
    "open_count" INTEGER NOT NULL,
    "first_day" DATE NOT NULL,
    "last_day" DATE NOT NULL,
    "found_at" TIMESTAMPTZ(3) NOT NULL,
    "counted_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "root_cause_pkey" PRIMARY KEY ("entity_id", "id")
);
CREATE TABLE "root_cause_amount" (
    "entity_id" TEXT NOT NULL,
    "root_cause_id" UUID NOT NULL,
    "currency" CHAR(3) NOT NULL,
    "count" INTEGER NOT NULL,
    "net" BIGINT NOT NULL,
    "tax" BIGINT NOT NULL,
    "gross" BIGINT NOT NULL,
    "extent" BIGINT NOT NULL,
    "weight" DECIMAL(40, 0) NOT NULL,
    "weight_days" DECIMAL(40, 0) NOT NULL,

    CONSTRAINT "root_cause_amount_pkey" PRIMARY KEY ("entity_id", "root_cause_id", "currency")
);
CREATE TABLE "root_cause_touch" (
    "id" BIGSERIAL NOT NULL,
    "entity_id" TEXT NOT NULL,
    "root_cause_id" UUID NOT NULL,

    CONSTRAINT "root_cause_touch_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "root_cause_touch_entity_id_idx" ON "root_cause_touch"("entity_id");
CREATE TABLE "root_cause_prediction" (
    "id" UUID NOT NULL,
    "entity_id" TEXT NOT NULL,
    "root_cause_id" UUID NOT NULL,
    "state" TEXT NOT NULL,
    "asked_at" TIMESTAMPTZ(3) NOT NULL,
    "asked_by_id" TEXT NOT NULL,
    "asked_by" TEXT NOT NULL,
    "done" INTEGER NOT NULL DEFAULT 0,
    "total" INTEGER NOT NULL DEFAULT 0,
    "finished_at" TIMESTAMPTZ(3),
    "run_id" UUID,
    "open_count" INTEGER NOT NULL DEFAULT 0,
    "lines" INTEGER NOT NULL DEFAULT 0,
    "effect" JSONB,
    "error" TEXT,

    CONSTRAINT "root_cause_prediction_pkey" PRIMARY KEY ("id"),
    CONSTRAINT root_cause_prediction_state CHECK (state IN ('waiting', 'running', 'done', 'failed'))
);
CREATE INDEX "root_cause_prediction_entity_id_root_cause_id_asked_at_idx"
  ON "root_cause_prediction"("entity_id", "root_cause_id", "asked_at" DESC);

-- The exceptions that are open already are counted as a run would count them.
INSERT INTO "root_cause" (entity_id, id, cause, signature, open_count, first_day, last_day, found_at, counted_at)
SELECT entity_id, root_cause_id, min(cause), min(signature), count(*),
       min(coalesce(business_day, first_seen_at::date)), max(coalesce(business_day, first_seen_at::date)),
       min(first_seen_at), max(last_seen_at)
  FROM "exception" WHERE state IN ('new', 'assigned', 'in-progress', 'waiting') GROUP BY 1, 2;
INSERT INTO "root_cause_amount" (entity_id, root_cause_id, currency, count, net, tax, gross, extent, weight, weight_days)
SELECT entity_id, root_cause_id, currency, count(*), sum(net), sum(tax), sum(gross),
       sum(greatest(abs(net), abs(tax), abs(gross))), sum(greatest(abs(net), abs(tax), abs(gross), 1)),
       sum(greatest(abs(net), abs(tax), abs(gross), 1) * (coalesce(business_day, first_seen_at::date) - DATE '1970-01-01'))
  FROM "exception" WHERE state IN ('new', 'assigned', 'in-progress', 'waiting') GROUP BY 1, 2, 3;

DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'tieout_app') THEN
    -- A person who accepts an exception has its root cause counted in the same transaction.
    GRANT SELECT, INSERT, UPDATE, DELETE ON "root_cause", "root_cause_amount" TO tieout_app;
    GRANT SELECT, INSERT ON "root_cause_prediction" TO tieout_app;
    GRANT SELECT, INSERT ON "root_cause_touch" TO tieout_app;
    GRANT USAGE ON SEQUENCE "root_cause_touch_id_seq" TO tieout_app;
  END IF;
END
$$;
