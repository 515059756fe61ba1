-- What somebody who has a customer on the line asks finance or operations about an order; an exception stands for it until
-- it is answered.
CREATE TABLE "order_question" (
    "order_key" UUID NOT NULL,
    "id" UUID NOT NULL,
    "entity_id" TEXT NOT NULL,
    "team" TEXT NOT NULL,
    "note" TEXT NOT NULL,
    "asked_at" TIMESTAMPTZ(3) NOT NULL,
    "asked_by_id" TEXT NOT NULL,
    "asked_by" TEXT NOT NULL,
    "answer" TEXT,
    "answered_at" TIMESTAMPTZ(3),
    "answered_by_id" TEXT,
    "answered_by" TEXT,

    CONSTRAINT "order_question_pkey" PRIMARY KEY ("order_key", "id"),
    CONSTRAINT order_question_answered CHECK ((answer IS NULL) = (answered_at IS NULL))
);
CREATE INDEX "order_question_entity_id_asked_at_idx" ON "order_question"("entity_id", "asked_at" DESC);
CREATE INDEX order_question_open ON "order_question" (entity_id) WHERE answered_at IS NULL;

DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'tieout_app') THEN
    GRANT SELECT ON "order_question" TO tieout_app;
  END IF;
END
$$;
