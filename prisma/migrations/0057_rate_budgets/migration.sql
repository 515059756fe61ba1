-- What sources stated last of their rate limits, by connection and by the source's own name for the limit.
CREATE TABLE "rate_budget" (
    "connection_id" UUID NOT NULL,
    "scope" TEXT NOT NULL,
    "limit" INTEGER,
    "remaining" INTEGER NOT NULL,
    -- when it is renewed, as it was stated
    "reset_at" TIMESTAMPTZ(3) NOT NULL,
    "stated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "rate_budget_pkey" PRIMARY KEY ("connection_id", "scope")
);

DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'tieout_app') THEN
    GRANT SELECT ON "rate_budget" TO tieout_app;
  END IF;
END
$$;
