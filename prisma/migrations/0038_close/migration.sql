-- The month-end close: who signed which figures, and a closed month's books in tables that nothing can change.

ALTER TABLE "period"
  -- each opening of a month begins a round of signing
  ADD COLUMN "round" INTEGER NOT NULL DEFAULT 1,
  -- the number of its newest lock; 0: never closed
  ADD COLUMN "lock_no" INTEGER NOT NULL DEFAULT 0,
  ADD COLUMN "reopened_until" TIMESTAMPTZ(3),
  ADD COLUMN "soft_closed_at" TIMESTAMPTZ(3),
  ADD COLUMN "soft_closed_by" TEXT,
  ADD CONSTRAINT period_state CHECK (state IN ('open', 'closed'));

CREATE TABLE "close_policy" (
    "entity_id" TEXT NOT NULL,
    "reviewers" INTEGER NOT NULL DEFAULT 1,
    "materiality" BIGINT NOT NULL DEFAULT 0,
    "set_at" TIMESTAMPTZ(3) NOT NULL,
    "set_by_id" TEXT NOT NULL,
    "set_by" TEXT NOT NULL,

    CONSTRAINT "close_policy_pkey" PRIMARY KEY ("entity_id"),
    CONSTRAINT close_policy_reviewers CHECK (reviewers BETWEEN 1 AND 5),
    CONSTRAINT close_policy_materiality CHECK (materiality >= 0)
);

-- What somebody stated of a month's figures. Nothing of it changes; it can be suspended or taken back.
CREATE TABLE "period_sign_off" (
    "id" UUID NOT NULL,
    "entity_id" TEXT NOT NULL,
    "month" CHAR(7) NOT NULL,
    "round" INTEGER NOT NULL,
    "step" INTEGER NOT NULL,
    "signed_at" TIMESTAMPTZ(3) NOT NULL,
    "signed_by_id" TEXT NOT NULL,
    "signed_by" TEXT NOT NULL,
    "statement" TEXT NOT NULL,
    "figures" JSONB NOT NULL,
    "hash" TEXT NOT NULL,
    "as_of" TIMESTAMPTZ(3) NOT NULL,
    "remainder" BIGINT,
    "remainder_why" TEXT,
    "suspended_at" TIMESTAMPTZ(3),
    "withdrawn_at" TIMESTAMPTZ(3),
    "withdrawn_why" TEXT,

    CONSTRAINT "period_sign_off_pkey" PRIMARY KEY ("id"),
    CONSTRAINT period_sign_off_step CHECK (step >= 0),
    CONSTRAINT period_sign_off_remainder CHECK ((remainder IS NULL) = (remainder_why IS NULL))
);
CREATE INDEX "period_sign_off_entity_id_month_round_idx" ON "period_sign_off"("entity_id", "month", "round");
-- One person, one step: whoever prepared does not review, and nobody reviews twice.
CREATE UNIQUE INDEX period_sign_off_step_once ON "period_sign_off" (entity_id, month, round, step)
  WHERE suspended_at IS NULL AND withdrawn_at IS NULL;
CREATE UNIQUE INDEX period_sign_off_person_once ON "period_sign_off" (entity_id, month, round, signed_by_id)
  WHERE suspended_at IS NULL AND withdrawn_at IS NULL;

-- That somebody wants a closed month opened again, or one of its orders; somebody else decides.
CREATE TABLE "period_reopening" (
    "id" UUID NOT NULL,
    "entity_id" TEXT NOT NULL,
    "month" CHAR(7) NOT NULL,
    "lock_no" INTEGER NOT NULL,
    "order_key" UUID,
    "order_reference" TEXT,
    "reason" TEXT NOT NULL,
    "hours" INTEGER NOT NULL,
    "asked_at" TIMESTAMPTZ(3) NOT NULL,
    "asked_by_id" TEXT NOT NULL,
    "asked_by" TEXT NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'asked',
    "decided_at" TIMESTAMPTZ(3),
    "decided_by_id" TEXT,
    "decided_by" TEXT,
    "decided_why" TEXT,

    CONSTRAINT "period_reopening_pkey" PRIMARY KEY ("id"),
    CONSTRAINT period_reopening_state CHECK (state IN ('asked', 'approved', 'rejected')),
    CONSTRAINT period_reopening_decided CHECK ((state = 'asked') = (decided_at IS NULL)),
    CONSTRAINT period_reopening_two CHECK (decided_by_id <> asked_by_id),
    CONSTRAINT period_reopening_hours CHECK (hours BETWEEN 1 AND 720)
);
CREATE INDEX "period_reopening_entity_id_month_idx" ON "period_reopening"("entity_id", "month");
CREATE UNIQUE INDEX period_reopening_one ON "period_reopening" (entity_id, month, coalesce(order_key, '00000000-0000-0000-0000-000000000000'))
  WHERE state = 'asked';

-- One closing of a month: who closed it on which sign-offs, what its figures are, and a digest over every row kept of it.
CREATE TABLE "locked_period" (
    "entity_id" TEXT NOT NULL,
    "month" CHAR(7) NOT NULL,
    "lock_no" INTEGER NOT NULL,
    -- the order that was opened alone; null: the whole month was closed
    "order_key" UUID,
    "locked_at" TIMESTAMPTZ(3) NOT NULL,
    "locked_by_id" TEXT NOT NULL,
    "locked_by" TEXT NOT NULL,
    "sign_offs" UUID[] NOT NULL,
    "reopening_id" UUID,
    "figures" JSONB NOT NULL,
    "as_of" TIMESTAMPTZ(3) NOT NULL,
    "documents" BIGINT NOT NULL,
    "lines" BIGINT NOT NULL,
    "pairs" BIGINT NOT NULL,
    "causes" BIGINT NOT NULL,
    "digest" TEXT NOT NULL,

    CONSTRAINT "locked_period_pkey" PRIMARY KEY ("entity_id", "month", "lock_no")
);

-- Which groups a lock holds: what a later lock holds of a group goes before.
CREATE TABLE "locked_group" (
    "order_key" UUID NOT NULL,
    "entity_id" TEXT NOT NULL,
    "month" CHAR(7) NOT NULL,
    "lock_no" INTEGER NOT NULL,

    CONSTRAINT "locked_group_pkey" PRIMARY KEY ("order_key", "entity_id", "month", "lock_no")
);
CREATE INDEX "locked_group_entity_id_month_lock_no_idx" ON "locked_group"("entity_id", "month", "lock_no");

CREATE TABLE "locked_document" (
    "order_key" UUID NOT NULL,
    "entity_id" TEXT NOT NULL,
    "month" CHAR(7) NOT NULL,
    "lock_no" INTEGER NOT NULL,
    "id" UUID NOT NULL,
    "version" INTEGER NOT NULL,
    "side" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "source_id" TEXT NOT NULL,
    "number" TEXT NOT NULL,
    "reference" TEXT,
    "currency" CHAR(3) NOT NULL,
    "posting_day" DATE,
    "content_hash" TEXT NOT NULL,

    CONSTRAINT "locked_document_pkey" PRIMARY KEY ("order_key", "entity_id", "month", "lock_no", "id")
);

CREATE TABLE "locked_line" (
    "order_key" UUID NOT NULL,
    "entity_id" TEXT NOT NULL,
    "month" CHAR(7) NOT NULL,
    "lock_no" INTEGER NOT NULL,
    "id" UUID NOT NULL,
    "document_id" UUID NOT NULL,
    "group_key" UUID,
    "pair_id" UUID,
    "bucket" TEXT,
    "side" TEXT NOT NULL,
    "document_kind" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "sku" TEXT,
    "item_key" TEXT NOT NULL,
    "quantity" DECIMAL(18,6) NOT NULL,
    "net" BIGINT,
    "tax" BIGINT,
    "gross" BIGINT NOT NULL,
    "tax_code" TEXT,
    "tax_rate" DECIMAL(8,6),
    "currency" CHAR(3) NOT NULL,
    "day" DATE NOT NULL,

    CONSTRAINT "locked_line_pkey" PRIMARY KEY ("order_key", "entity_id", "month", "lock_no", "id")
);

CREATE TABLE "locked_pair" (
    "order_key" UUID NOT NULL,
    "entity_id" TEXT NOT NULL,
    "month" CHAR(7) NOT NULL,
    "lock_no" INTEGER NOT NULL,
    "id" UUID NOT NULL,
    "document_kind" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "item_key" TEXT NOT NULL,
    "currency" CHAR(3) NOT NULL,
    "bucket" TEXT NOT NULL,
    "scayle_net" BIGINT NOT NULL,
    "scayle_tax" BIGINT NOT NULL,
    "scayle_gross" BIGINT NOT NULL,
    "erp_net" BIGINT NOT NULL,
    "erp_tax" BIGINT NOT NULL,
    "erp_gross" BIGINT NOT NULL,

    CONSTRAINT "locked_pair_pkey" PRIMARY KEY ("order_key", "entity_id", "month", "lock_no", "id")
);

CREATE TABLE "locked_cause" (
    "order_key" UUID NOT NULL,
    "entity_id" TEXT NOT NULL,
    "month" CHAR(7) NOT NULL,
    "lock_no" INTEGER NOT NULL,
    "id" UUID NOT NULL,
    "exception_id" UUID,
    "pair_id" UUID,
    "code" TEXT NOT NULL,
    "bucket" TEXT NOT NULL,
    "currency" CHAR(3) NOT NULL,
    "net" BIGINT NOT NULL,
    "tax" BIGINT NOT NULL,
    "gross" BIGINT NOT NULL,

    CONSTRAINT "locked_cause_pkey" PRIMARY KEY ("order_key", "entity_id", "month", "lock_no", "id")
);

-- The digest of the rows of a lock, table by table and first byte by first byte of the order key: one that breaks is found.
CREATE TABLE "locked_digest" (
    "entity_id" TEXT NOT NULL,
    "month" CHAR(7) NOT NULL,
    "lock_no" INTEGER NOT NULL,
    "source" TEXT NOT NULL,
    "part" INTEGER NOT NULL,
    "rows" BIGINT NOT NULL,
    "digest" TEXT NOT NULL,

    CONSTRAINT "locked_digest_pkey" PRIMARY KEY ("entity_id", "month", "lock_no", "source", "part")
);

/* Copies the rows of some groups (null: all that count in the month) into a lock. */
CREATE FUNCTION tieout_copy_locked(p_entity text, p_month text, p_lock int, p_keys uuid[]) RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  INSERT INTO locked_pair (order_key, entity_id, month, lock_no, id, document_kind, kind, item_key, currency, bucket,
      scayle_net, scayle_tax, scayle_gross, erp_net, erp_tax, erp_gross)
    SELECT order_key, entity_id, period, p_lock, id, document_kind, kind, item_key, currency, bucket,
           scayle_net, scayle_tax, scayle_gross, erp_net, erp_tax, erp_gross
      FROM pair WHERE entity_id = p_entity AND period = p_month AND (p_keys IS NULL OR order_key = ANY (p_keys));
  INSERT INTO locked_cause (order_key, entity_id, month, lock_no, id, exception_id, pair_id, code, bucket, currency, net, tax, gross)
    SELECT order_key, entity_id, period, p_lock, id, exception_id, pair_id, code, bucket, currency, net, tax, gross
      FROM cause WHERE entity_id = p_entity AND period = p_month AND (p_keys IS NULL OR order_key = ANY (p_keys));
  INSERT INTO locked_line (order_key, entity_id, month, lock_no, id, document_id, group_key, pair_id, bucket, side, document_kind,
      kind, sku, item_key, quantity, net, tax, gross, tax_code, tax_rate, currency, day)
    SELECT l.order_key, l.entity_id, l.period, p_lock, l.id, l.document_id, x.group_key, x.pair_id, p.bucket, l.side, l.document_kind,
           l.kind, l.sku, l.item_key, l.quantity, l.net, l.tax, l.gross, l.tax_code, l.tax_rate, l.currency, l.day
      FROM line l
      LEFT JOIN pair_line x ON x.order_key = l.order_key AND x.line_id = l.id
      LEFT JOIN pair p ON p.order_key = x.group_key AND p.id = x.pair_id AND p.period = l.period
     WHERE l.entity_id = p_entity AND l.period = p_month AND l.in_books AND (p_keys IS NULL OR l.order_key = ANY (p_keys));
  INSERT INTO locked_document (order_key, entity_id, month, lock_no, id, version, side, kind, source_id, number, reference, currency,
      posting_day, content_hash)
    SELECT d.order_key, d.entity_id, p_month, p_lock, d.id, d.version, d.side, d.kind, d.source_id, d.number, d.reference, d.currency,
           d.posting_day, d.content_hash
      FROM document d
     WHERE d.entity_id = p_entity AND EXISTS (SELECT FROM locked_line l WHERE l.order_key = d.order_key AND l.entity_id = p_entity
             AND l.month = p_month AND l.lock_no = p_lock AND l.document_id = d.id);
  INSERT INTO locked_group (order_key, entity_id, month, lock_no)
    SELECT order_key, p_entity, p_month, p_lock FROM (
      SELECT order_key FROM locked_pair WHERE entity_id = p_entity AND month = p_month AND lock_no = p_lock
      UNION SELECT order_key FROM locked_line WHERE entity_id = p_entity AND month = p_month AND lock_no = p_lock
      UNION SELECT unnest(p_keys)) k;
END
$$;

/* The digests of a lock's rows as they stand: one per table and first byte of the order key. Made when it is locked; whoever
   doubts it makes them again. */
CREATE FUNCTION tieout_locked_digests(p_entity text, p_month text, p_lock int)
RETURNS TABLE (source text, part int, rows bigint, digest text)
LANGUAGE sql STABLE SET search_path = public, pg_temp SET datestyle = 'ISO, YMD' AS $$
  SELECT source, part, count(*), encode(sha256(string_agg(row_hash, NULL ORDER BY row_hash)), 'hex') FROM (
    SELECT 'document' AS source, get_byte(uuid_send(order_key), 0) AS part, sha256(convert_to(t::text, 'UTF8')) AS row_hash
      FROM locked_document t WHERE entity_id = p_entity AND month = p_month AND lock_no = p_lock
    UNION ALL SELECT 'line', get_byte(uuid_send(order_key), 0), sha256(convert_to(t::text, 'UTF8'))
      FROM locked_line t WHERE entity_id = p_entity AND month = p_month AND lock_no = p_lock
    UNION ALL SELECT 'pair', get_byte(uuid_send(order_key), 0), sha256(convert_to(t::text, 'UTF8'))
      FROM locked_pair t WHERE entity_id = p_entity AND month = p_month AND lock_no = p_lock
    UNION ALL SELECT 'cause', get_byte(uuid_send(order_key), 0), sha256(convert_to(t::text, 'UTF8'))
      FROM locked_cause t WHERE entity_id = p_entity AND month = p_month AND lock_no = p_lock
    UNION ALL SELECT 'group', get_byte(uuid_send(order_key), 0), sha256(convert_to(t::text, 'UTF8'))
      FROM locked_group t WHERE entity_id = p_entity AND month = p_month AND lock_no = p_lock) r
  GROUP BY source, part
$$;

/* The figures of a lock's rows, summed anew: per currency what each side has beyond what a rule excludes, and each cause. Of a
   group the newest lock up to this one counts. Integer texts, as the application writes money. */
CREATE FUNCTION tieout_locked_figures(p_entity text, p_month text, p_lock int) RETURNS jsonb
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
  WITH held AS (
    SELECT order_key, max(lock_no) AS lock_no FROM locked_group
     WHERE entity_id = p_entity AND month = p_month AND lock_no <= p_lock GROUP BY order_key),
  sides AS (
    SELECT p.currency, sum(scayle_net) AS sn, sum(scayle_tax) AS st, sum(scayle_gross) AS sg, sum(erp_net) AS en, sum(erp_tax) AS et,
           sum(erp_gross) AS eg
      FROM locked_pair p JOIN held h USING (order_key, lock_no)
     WHERE p.entity_id = p_entity AND p.month = p_month AND p.bucket <> 'excluded' GROUP BY 1),
  causes AS (
    SELECT currency, jsonb_object_agg(code, jsonb_build_object('net', net::text, 'tax', tax::text, 'gross', gross::text)) AS by_code FROM (
      SELECT c.currency, c.code, sum(c.net) AS net, sum(c.tax) AS tax, sum(c.gross) AS gross
        FROM locked_cause c JOIN held h USING (order_key, lock_no)
       WHERE c.entity_id = p_entity AND c.month = p_month GROUP BY 1, 2
      HAVING sum(c.net) <> 0 OR sum(c.tax) <> 0 OR sum(c.gross) <> 0) one GROUP BY 1)
  SELECT coalesce(jsonb_object_agg(s.currency, jsonb_build_object(
           'scayle', jsonb_build_object('net', sn::text, 'tax', st::text, 'gross', sg::text),
           'erp', jsonb_build_object('net', en::text, 'tax', et::text, 'gross', eg::text),
           'causes', coalesce(c.by_code, '{}'::jsonb))), '{}'::jsonb)
    FROM sides s LEFT JOIN causes c USING (currency)
$$;

/* Digests a lock that was just copied, and keeps it; its figures are summed from its rows. */
CREATE FUNCTION tieout_seal(p_entity text, p_month text, p_lock int, p_order uuid, p_by_id text, p_by text, p_at timestamptz,
  p_sign_offs uuid[], p_reopening uuid, p_as_of timestamptz) RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  INSERT INTO locked_digest (entity_id, month, lock_no, source, part, rows, digest)
    SELECT p_entity, p_month, p_lock, d.source, d.part, d.rows, d.digest FROM tieout_locked_digests(p_entity, p_month, p_lock) d;
  INSERT INTO locked_period (entity_id, month, lock_no, order_key, locked_at, locked_by_id, locked_by, sign_offs, reopening_id, figures,
      as_of, documents, lines, pairs, causes, digest)
    SELECT p_entity, p_month, p_lock, p_order, p_at, p_by_id, p_by, p_sign_offs, p_reopening,
           tieout_locked_figures(p_entity, p_month, p_lock), p_as_of,
           coalesce(sum(rows) FILTER (WHERE source = 'document'), 0), coalesce(sum(rows) FILTER (WHERE source = 'line'), 0),
           coalesce(sum(rows) FILTER (WHERE source = 'pair'), 0), coalesce(sum(rows) FILTER (WHERE source = 'cause'), 0),
           encode(sha256(convert_to(concat_ws('/', coalesce((SELECT digest FROM locked_period WHERE entity_id = p_entity
             AND month = p_month AND lock_no = p_lock - 1), ''), coalesce(string_agg(concat_ws(' ', source, part, rows, digest), '/'
             ORDER BY source, part), '')), 'UTF8')), 'hex')
      FROM locked_digest WHERE entity_id = p_entity AND month = p_month AND lock_no = p_lock;
END
$$;

/*
 * Closes a month. It looks for itself whether that may be: every step is signed, by as many people as steps, none suspended,
 * all over the same figures; nothing of the month waits to be matched; and what is copied adds up to what was signed.
 * Raises TO409 with a sentence for people.
 */
CREATE FUNCTION tieout_lock_period(p_entity text, p_month text, p_by_id text, p_by text, p_at timestamptz) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  held period%ROWTYPE;
  needed int;
  signed record;
  number int;
  copied jsonb;
  stated jsonb;
BEGIN
  SELECT * INTO held FROM period WHERE entity_id = p_entity AND month = p_month FOR UPDATE;
  IF NOT FOUND THEN RAISE EXCEPTION 'Nothing of this month has been reconciled.' USING ERRCODE = 'TO409'; END IF;
  IF held.state = 'closed' THEN RAISE EXCEPTION 'The month is closed already.' USING ERRCODE = 'TO409'; END IF;
  SELECT 1 + coalesce((SELECT reviewers FROM close_policy WHERE entity_id = p_entity), 1) INTO needed;
  SELECT count(*)::int AS steps, count(DISTINCT signed_by_id)::int AS people, count(DISTINCT hash)::int AS hashes,
         array_agg(id ORDER BY step) AS ids, max(as_of) AS as_of, min(figures::text) AS figures
    INTO signed FROM period_sign_off
   WHERE entity_id = p_entity AND month = p_month AND round = held.round AND suspended_at IS NULL AND withdrawn_at IS NULL;
  IF signed.steps < needed THEN
    RAISE EXCEPTION 'It is signed % of % times.', signed.steps, needed USING ERRCODE = 'TO409';
  END IF;
  IF signed.people < signed.steps OR signed.hashes > 1 THEN
    RAISE EXCEPTION 'The sign-offs are not of different people over the same figures.' USING ERRCODE = 'TO409';
  END IF;
  IF EXISTS (SELECT FROM dirty_group g WHERE g.entity_id = p_entity AND (
       EXISTS (SELECT FROM line l WHERE l.order_key = g.order_key AND l.entity_id = p_entity AND l.period = p_month)
       OR EXISTS (SELECT FROM pair p WHERE p.order_key = g.order_key AND p.entity_id = p_entity AND p.period = p_month))) THEN
    RAISE EXCEPTION 'Orders of this month changed since it was last reconciled: reconcile, look, and sign again where its figures moved.'
      USING ERRCODE = 'TO409';
  END IF;
  number := held.lock_no + 1;
  PERFORM tieout_copy_locked(p_entity, p_month, number, NULL);
  copied := tieout_locked_figures(p_entity, p_month, number);
  SELECT coalesce(jsonb_object_agg(f.key, jsonb_build_object('scayle', f.value -> 'scayle', 'erp', f.value -> 'erp', 'causes', f.value -> 'causes')
           ), '{}'::jsonb) INTO stated FROM jsonb_each(signed.figures::jsonb) f;
  IF copied IS DISTINCT FROM stated THEN
    RAISE EXCEPTION 'What would be locked does not add up to what was signed: its figures moved. Reconcile, and sign again.'
      USING ERRCODE = 'TO409', DETAIL = concat('locked ', copied, ' signed ', stated);
  END IF;
  PERFORM tieout_seal(p_entity, p_month, number, NULL, p_by_id, p_by, p_at, signed.ids, NULL, signed.as_of);
  UPDATE period SET state = 'closed', lock_no = number, reopened_until = NULL, version = version + 1
   WHERE entity_id = p_entity AND month = p_month;
  RETURN number;
END
$$;

/*
 * Decides on a reopening. Never by who asked. A whole month opens for the hours that were asked for, and its signing begins
 * anew; of one order what the month has of it now is locked in place of what it had, and the month stays closed.
 */
CREATE FUNCTION tieout_decide_reopening(p_id uuid, p_approve boolean, p_by_id text, p_by text, p_why text, p_at timestamptz) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  asked period_reopening%ROWTYPE;
  held period%ROWTYPE;
  keys uuid[];
BEGIN
  SELECT * INTO asked FROM period_reopening WHERE id = p_id FOR UPDATE;
  IF NOT FOUND THEN RAISE EXCEPTION 'There is no such request.' USING ERRCODE = 'TO404'; END IF;
  IF asked.state <> 'asked' THEN RAISE EXCEPTION 'It has been % already by %.', asked.state, asked.decided_by USING ERRCODE = 'TO409'; END IF;
  IF asked.asked_by_id = p_by_id THEN
    RAISE EXCEPTION 'You asked for it yourself: somebody else has to decide.' USING ERRCODE = 'TO403';
  END IF;
  UPDATE period_reopening SET state = CASE WHEN p_approve THEN 'approved' ELSE 'rejected' END, decided_at = p_at, decided_by_id = p_by_id,
    decided_by = p_by, decided_why = p_why WHERE id = p_id;
  IF NOT p_approve THEN RETURN 'rejected'; END IF;
  SELECT * INTO held FROM period WHERE entity_id = asked.entity_id AND month = asked.month FOR UPDATE;
  IF held.state <> 'closed' OR held.lock_no <> asked.lock_no THEN
    RAISE EXCEPTION 'The month was opened or closed again since that was asked.' USING ERRCODE = 'TO409';
  END IF;
  IF asked.order_key IS NULL THEN
    UPDATE period SET state = 'open', round = round + 1, reopened_until = p_at + make_interval(hours => asked.hours), version = version + 1
     WHERE entity_id = asked.entity_id AND month = asked.month;
    RETURN 'reopened';
  END IF;
  IF EXISTS (SELECT FROM dirty_group WHERE order_key = asked.order_key) THEN
    RAISE EXCEPTION 'The order changed since it was last reconciled: reconcile first.' USING ERRCODE = 'TO409';
  END IF;
  -- Groups of several orders go together.
  SELECT array_agg(DISTINCT k) INTO keys FROM (
    SELECT asked.order_key AS k UNION SELECT group_key FROM pair_line WHERE order_key = asked.order_key
    UNION SELECT order_key FROM pair_line WHERE group_key = asked.order_key) one;
  PERFORM tieout_copy_locked(asked.entity_id, asked.month, held.lock_no + 1, keys);
  PERFORM tieout_seal(asked.entity_id, asked.month, held.lock_no + 1, asked.order_key, p_by_id, p_by, p_at, '{}', p_id,
    (SELECT max(s.as_of) FROM period_summary s WHERE s.entity_id = asked.entity_id AND s.period = asked.month));
  UPDATE period SET lock_no = lock_no + 1, version = version + 1 WHERE entity_id = asked.entity_id AND month = asked.month;
  RETURN 'order-locked-again';
END
$$;

/* Closes again, on their last locks, the months of an entity whose time to stay open is over; what was signed meanwhile is
   withdrawn. */
CREATE FUNCTION tieout_end_reopenings(p_entity text, p_at timestamptz) RETURNS SETOF text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  RETURN QUERY
  WITH over AS (
    UPDATE period p SET state = 'closed', reopened_until = NULL, version = p.version + 1
     WHERE p.entity_id = p_entity AND p.state = 'open' AND p.lock_no > 0 AND p.reopened_until <= p_at RETURNING p.month, p.round),
  withdrawn AS (
    UPDATE period_sign_off s SET withdrawn_at = p_at, withdrawn_why = 'The time for which the month was reopened is over.'
      FROM over o WHERE s.entity_id = p_entity AND s.month = o.month AND s.round = o.round AND s.withdrawn_at IS NULL)
  SELECT o.month::text FROM over o ORDER BY 1;
END
$$;

REVOKE ALL ON FUNCTION tieout_copy_locked(text, text, int, uuid[]) FROM PUBLIC;
REVOKE ALL ON FUNCTION tieout_seal(text, text, int, uuid, text, text, timestamptz, uuid[], uuid, timestamptz) FROM PUBLIC;
REVOKE ALL ON FUNCTION tieout_lock_period(text, text, text, text, timestamptz) FROM PUBLIC;
REVOKE ALL ON FUNCTION tieout_decide_reopening(uuid, boolean, text, text, text, timestamptz) FROM PUBLIC;
REVOKE ALL ON FUNCTION tieout_end_reopenings(text, timestamptz) FROM PUBLIC;

DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'tieout_app') THEN
    -- A month's state is changed by the functions above and by nothing else; a soft close only warns.
    REVOKE INSERT, UPDATE, DELETE ON "period" FROM tieout_app;
    GRANT UPDATE (soft_closed_at, soft_closed_by, version) ON "period" TO tieout_app;
    GRANT SELECT, INSERT ON "close_policy", "period_sign_off", "period_reopening" TO tieout_app;
    GRANT UPDATE (reviewers, materiality, set_at, set_by_id, set_by) ON "close_policy" TO tieout_app;
    GRANT UPDATE (suspended_at, withdrawn_at, withdrawn_why) ON "period_sign_off" TO tieout_app;
    -- What is locked is read, and nothing else.
    GRANT SELECT ON "locked_period", "locked_group", "locked_document", "locked_line", "locked_pair", "locked_cause", "locked_digest"
      TO tieout_app;
    GRANT EXECUTE ON FUNCTION tieout_lock_period(text, text, text, text, timestamptz) TO tieout_app;
    GRANT EXECUTE ON FUNCTION tieout_decide_reopening(uuid, boolean, text, text, text, timestamptz) TO tieout_app;
    GRANT EXECUTE ON FUNCTION tieout_end_reopenings(text, timestamptz) TO tieout_app;
  END IF;
END
$$;
