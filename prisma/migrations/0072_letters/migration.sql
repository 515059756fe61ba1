-- E-mails about alerts that begin in one round are one letter to each person: what is told together is sent, tried again and ended together.

ALTER TABLE "alert_delivery" ADD COLUMN "letter_id" UUID;
CREATE INDEX alert_delivery_letter ON "alert_delivery" (letter_id) WHERE letter_id IS NOT NULL;
-- what waits for a person and is in no letter yet
CREATE INDEX alert_delivery_unlettered ON "alert_delivery" (user_id) WHERE state = 'waiting' AND letter_id IS NULL;

DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'tieout_app') THEN
    GRANT UPDATE (letter_id) ON "alert_delivery" TO tieout_app;
  END IF;
END
$$;
