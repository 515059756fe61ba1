-- Journals that are posted where the ERP takes them: approved → claimed → sent, step by step → read back → proved.
ALTER TABLE "journal" ADD COLUMN "reverse" BOOLEAN NOT NULL DEFAULT false;
UPDATE "journal" SET "reverse" = true WHERE purpose = 'accrual' AND reverses IS NULL;
ALTER TABLE "journal" ADD CONSTRAINT journal_accruals_reverse CHECK (purpose <> 'accrual' OR "reverse" OR reverses IS NOT NULL);

CREATE TABLE "journal_posting" (
    "journal_id" UUID NOT NULL,
    -- one after the other: what was refused can be asked for again
    "attempt" INTEGER NOT NULL,
    "entity_id" TEXT NOT NULL,
    "connection_id" UUID NOT NULL,
    -- queued | sending | posted | differs | refused
    "state" TEXT NOT NULL DEFAULT 'queued',
    -- what is sent, as it was shown
    "requests" JSONB NOT NULL,
    "asked_at" TIMESTAMPTZ(3) NOT NULL,
    "asked_by_id" TEXT NOT NULL,
    "asked_by" TEXT NOT NULL,
    "tries" INTEGER NOT NULL DEFAULT 0,
    "next_at" TIMESTAMPTZ(3),
    "ended_at" TIMESTAMPTZ(3),
    -- the number under which the ERP has it, and in a sentence how it ended
    "document" TEXT,
    "outcome" TEXT,
    -- the lines as they were read in its ledger
    "read_back" JSONB,

    CONSTRAINT "journal_posting_pkey" PRIMARY KEY ("journal_id", "attempt"),
    CONSTRAINT journal_posting_state CHECK (state IN ('queued', 'sending', 'posted', 'differs', 'refused')),
    CONSTRAINT journal_posting_ended CHECK ((state IN ('posted', 'differs', 'refused')) = (ended_at IS NOT NULL))
);
-- A journal is posted once, whoever presses what how often.
CREATE UNIQUE INDEX journal_posting_once ON "journal_posting" (journal_id) WHERE state <> 'refused';
CREATE INDEX "journal_posting_entity_id_idx" ON "journal_posting"("entity_id");

CREATE TABLE "journal_posting_step" (
    "journal_id" UUID NOT NULL,
    "attempt" INTEGER NOT NULL,
    "seq" INTEGER NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    -- looked | sent | answered | rejected | lost | done
    "kind" TEXT NOT NULL,
    "text" TEXT NOT NULL,
    "place" TEXT,

    CONSTRAINT "journal_posting_step_pkey" PRIMARY KEY ("journal_id", "attempt", "seq")
);

DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'tieout_app') THEN
    GRANT SELECT ON "journal_posting", "journal_posting_step" TO tieout_app;
  END IF;
END
$$;

-- What all lines and all documents of a side come to under a lock: a lock never changes, so it is summed once, when it is made.
CREATE TABLE "locked_sum" (
    "entity_id" TEXT NOT NULL,
    "month" CHAR(7) NOT NULL,
    "lock_no" INTEGER NOT NULL,
    -- lines | documents
    "of" TEXT NOT NULL,
    "side" TEXT NOT NULL,
    "currency" CHAR(3) NOT NULL,
    "count" BIGINT NOT NULL,
    "net" BIGINT,
    "tax" BIGINT,
    "gross" BIGINT NOT NULL,

    CONSTRAINT "locked_sum_pkey" PRIMARY KEY ("entity_id", "month", "lock_no", "of", "side", "currency")
);

-- Of a group the newest lock that holds it counts, up to the one asked for.
CREATE FUNCTION tieout_locked_sums(p_entity text, p_month text, p_lock int) RETURNS SETOF locked_sum
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
  WITH held AS MATERIALIZED (
    SELECT order_key, max(lock_no) AS lock_no FROM locked_group
     WHERE entity_id = p_entity AND month = p_month AND lock_no <= p_lock GROUP BY 1),
  counted AS MATERIALIZED (
    SELECT l.order_key, l.lock_no, l.document_id, l.side, l.currency, count(*) AS lines, sum(l.net) AS net, sum(l.tax) AS tax, sum(l.gross) AS gross
      FROM locked_line l JOIN held h USING (order_key, lock_no)
     WHERE l.entity_id = p_entity AND l.month = p_month AND l.bucket IS DISTINCT FROM 'excluded' GROUP BY 1, 2, 3, 4, 5)
  SELECT p_entity, p_month::char(7), p_lock, 'lines', side, currency, sum(lines)::bigint, sum(net)::bigint, sum(tax)::bigint, sum(gross)::bigint
    FROM counted GROUP BY side, currency
  UNION ALL
  SELECT p_entity, p_month::char(7), p_lock, 'documents', d.side, d.currency, count(*), sum(c.net)::bigint, sum(c.tax)::bigint,
         coalesce(sum(c.gross), 0)::bigint
    FROM locked_document d JOIN held h USING (order_key, lock_no)
    LEFT JOIN counted c ON c.order_key = d.order_key AND c.lock_no = d.lock_no AND c.document_id = d.id
   WHERE d.entity_id = p_entity AND d.month = p_month GROUP BY d.side, d.currency
$$;

INSERT INTO locked_sum
SELECT s.* FROM locked_period p CROSS JOIN LATERAL tieout_locked_sums(p.entity_id, p.month, p.lock_no) s;

/* As before, and keeps what the lock's lines and documents come to. */
CREATE OR REPLACE FUNCTION tieout_seal(p_entity text, p_month text, p_lock int, p_order uuid, p_by_id text, p_by text, p_at timestamptz,
  p_sign_offs uuid[], p_reopening uuid, p_as_of timestamptz) RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT FROM dirty_group g JOIN locked_group k ON k.order_key = g.order_key
              WHERE g.entity_id = p_entity AND k.entity_id = p_entity AND k.month = p_month AND k.lock_no = p_lock) THEN
    RAISE EXCEPTION 'Orders of this month changed while it was being closed: reconcile, look, and sign again where its figures moved.'
      USING ERRCODE = 'TO409';
  END IF;
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
  INSERT INTO locked_sum SELECT * FROM tieout_locked_sums(p_entity, p_month, p_lock);
END
$$;

DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'tieout_app') THEN
    GRANT SELECT ON "locked_sum" TO tieout_app;
  END IF;
END
$$;
