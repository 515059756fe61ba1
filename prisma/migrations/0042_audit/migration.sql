-- An actor's name can be taken out of the trail without breaking its chain: new events are hashed over a seal of the name, and
-- who keeps the name is kept apart. Events of before have the name in their hash, and keep it.
ALTER TABLE "audit_event" ADD COLUMN "name_seal" TEXT;
CREATE INDEX "audit_event_actor_id_idx" ON "audit_event"("actor_id");

CREATE TABLE "audit_actor" (
    "actor_id" TEXT NOT NULL,
    -- with the name it makes the seal; gone once the name is
    "salt" TEXT,
    "pseudonym" TEXT,
    "pseudonymised_at" TIMESTAMPTZ(3),

    CONSTRAINT "audit_actor_pkey" PRIMARY KEY ("actor_id"),
    CONSTRAINT audit_actor_one CHECK ((salt IS NULL) = (pseudonym IS NOT NULL))
);

-- That a chain was recomputed, and what came of it.
CREATE TABLE "audit_check" (
    "chain" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "by" TEXT NOT NULL,
    "intact" BOOLEAN NOT NULL,
    "events" BIGINT NOT NULL,
    "head" TEXT,
    "broken_at" BIGINT,
    "why" TEXT,

    CONSTRAINT "audit_check_pkey" PRIMARY KEY ("chain", "at")
);

DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'tieout_app') THEN
    GRANT SELECT, INSERT ON "audit_actor", "audit_check" TO tieout_app;
  END IF;
END
$$;
