-- A month as at a date: which documents changed since, and what was held of them then.
CREATE INDEX document_version_seen ON "document_version" USING brin (seen_at) WITH (pages_per_range = 16);
CREATE INDEX document_version_of_document ON "document_version" (document_id);

-- What people had to act on, kept each time it became something else: open or not, whose, of which month, how much. Only what was
-- ever open is here. Nothing of it is changed by the app: the functions below write it with their owner's rights.
CREATE TABLE "exception_history" (
    "order_key" UUID NOT NULL,
    "exception_id" UUID NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "entity_id" TEXT NOT NULL,
    "open" BOOLEAN NOT NULL,
    "cause" TEXT NOT NULL,
    "owner_team" TEXT NOT NULL,
    "assignee_id" UUID,
    "due" DATE,
    "age_day" DATE NOT NULL,
    "period" CHAR(7) NOT NULL,
    "currency" CHAR(3) NOT NULL,
    "net" BIGINT NOT NULL,
    "tax" BIGINT NOT NULL,
    "gross" BIGINT NOT NULL,
    "amounts" JSONB NOT NULL,

    CONSTRAINT "exception_history_pkey" PRIMARY KEY ("order_key", "exception_id", "at")
);
CREATE INDEX "exception_history_entity_id_at_idx" ON "exception_history"("entity_id", "at");

-- From when on that is kept, of entities that had exceptions before it was.
CREATE TABLE "exception_history_since" (
    "entity_id" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "exception_history_since_pkey" PRIMARY KEY ("entity_id")
);

/*
 * Keeps what became of the exceptions of some orders at a moment, against what was counted of them last: to be called before they
 * are counted again. Twice at one moment is once, as it was last.
 */
CREATE FUNCTION keep_exceptions(keys uuid[], moment timestamptz) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
WITH touched AS MATERIALIZED (SELECT DISTINCT unnest(keys) AS order_key),
now AS MATERIALIZED (
  SELECT e.order_key, e.id, e.entity_id, e.state IN ('new', 'assigned', 'in-progress', 'waiting') AS open, e.cause, e.owner_team, e.assignee_id,
         e.due, e.age_day, e.period, e.currency, e.net, e.tax, e.gross, e.amounts
    FROM touched JOIN exception e USING (order_key))
INSERT INTO exception_history (order_key, exception_id, at, entity_id, open, cause, owner_team, assignee_id, due, age_day, period, currency,
       net, tax, gross, amounts)
SELECT n.order_key, n.id, moment, n.entity_id, n.open, n.cause, n.owner_team, n.assignee_id, n.due, n.age_day, n.period, n.currency,
       n.net, n.tax, n.gross, n.amounts
  FROM now n LEFT JOIN exception_counted c ON c.order_key = n.order_key AND c.id = n.id
 WHERE (n.open OR c.state IN ('new', 'assigned', 'in-progress', 'waiting'))
   AND (n.open, n.cause, n.owner_team, n.assignee_id, n.due, n.age_day, n.period, n.currency, n.net, n.tax, n.gross, n.amounts)
       IS DISTINCT FROM
       (c.state IN ('new', 'assigned', 'in-progress', 'waiting'), c.cause, c.owner_team, c.assignee_id, c.due, c.age_day, c.period,
        c.currency, c.net, c.tax, c.gross, c.amounts)
ON CONFLICT (order_key, exception_id, at) DO UPDATE SET open = EXCLUDED.open, cause = EXCLUDED.cause, owner_team = EXCLUDED.owner_team,
  assignee_id = EXCLUDED.assignee_id, due = EXCLUDED.due, age_day = EXCLUDED.age_day, period = EXCLUDED.period,
  currency = EXCLUDED.currency, net = EXCLUDED.net, tax = EXCLUDED.tax, gross = EXCLUDED.gross, amounts = EXCLUDED.amounts
$$;

INSERT INTO exception_history_since (entity_id, at) SELECT DISTINCT entity_id, now() FROM exception;
INSERT INTO exception_history (order_key, exception_id, at, entity_id, open, cause, owner_team, assignee_id, due, age_day, period, currency,
       net, tax, gross, amounts)
SELECT order_key, id, now(), entity_id, true, cause, owner_team, assignee_id, due, age_day, period, currency, net, tax, gross, amounts
  FROM exception WHERE state IN ('new', 'assigned', 'in-progress', 'waiting');

REVOKE ALL ON FUNCTION keep_exceptions(uuid[], timestamptz) FROM PUBLIC;
DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'tieout_app') THEN
    GRANT SELECT ON "exception_history", "exception_history_since" TO tieout_app;
    GRANT EXECUTE ON FUNCTION keep_exceptions(uuid[], timestamptz) TO tieout_app;
  END IF;
END
$$;
