-- How far each order is in both systems: transitions that came (to measure how long they take), that wait, and what contradicts
-- itself. Rows of one order, written when its group is matched.
CREATE TABLE "status_step" (
    "order_key" UUID NOT NULL,
    -- a transition, a contradiction's key, or an axis
    "step" TEXT NOT NULL,
    -- done | waiting | contradictory | unknown
    "kind" TEXT NOT NULL,
    "entity_id" TEXT NOT NULL,
    "shop_id" TEXT,
    "since" TIMESTAMPTZ(3) NOT NULL,
    "until" TIMESTAMPTZ(3),
    "detail" JSONB NOT NULL DEFAULT '{}',

    CONSTRAINT "status_step_pkey" PRIMARY KEY ("order_key", "kind", "step"),
    CONSTRAINT status_step_until CHECK ((kind = 'done') = ("until" IS NOT NULL))
);
CREATE INDEX "status_step_entity_id_kind_step_until_idx" ON "status_step"("entity_id", "kind", "step", "until");
CREATE INDEX "status_step_waiting_idx" ON "status_step"("entity_id", "step", "since") WHERE kind <> 'done';

-- What transitions take in a shop, over the cases of the last days.
CREATE TABLE "status_normal" (
    "entity_id" TEXT NOT NULL,
    "shop_id" TEXT NOT NULL,
    "step" TEXT NOT NULL,
    "median_seconds" DOUBLE PRECISION NOT NULL,
    "p95_seconds" DOUBLE PRECISION NOT NULL,
    "cases" INTEGER NOT NULL,
    "measured_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "status_normal_pkey" PRIMARY KEY ("entity_id", "shop_id", "step")
);

DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'tieout_app') THEN
    GRANT SELECT ON "status_step", "status_normal" TO tieout_app;
  END IF;
END
$$;
