-- An event without a key that is delivered again once it was settled waits once more.
DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'tieout_app') THEN
    GRANT UPDATE (deliveries, state, outcome, done_at) ON "webhook_event" TO tieout_app;
  END IF;
END
$$;
