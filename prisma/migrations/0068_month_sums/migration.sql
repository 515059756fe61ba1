-- What the lines of the books come to by all that the VAT and the accounts of a month tell apart, kept up as lines are written. Rows
-- of one place add up: changes are added as rows of their own, so that two who write do not wait for each other, and folded later.
CREATE TABLE "line_cell" (
    "entity_id" TEXT NOT NULL,
    "period" CHAR(7) NOT NULL,
    "currency" CHAR(3) NOT NULL,
    "side" TEXT NOT NULL,
    -- where the goods go
    "country" CHAR(2),
    "channel_type" TEXT,
    "channel" TEXT,
    "rate" DECIMAL(8,4),
    -- as the line has it
    "code" TEXT,
    "day" DATE NOT NULL,
    "kind" TEXT NOT NULL,
    "document_kind" TEXT NOT NULL,
    "account" TEXT,
    "lines" BIGINT NOT NULL,
    "unknown" BIGINT NOT NULL,
    "net" BIGINT NOT NULL,
    "tax" BIGINT NOT NULL,
    "gross" BIGINT NOT NULL,
    "discount" BIGINT NOT NULL
);
CREATE INDEX "line_cell_entity_id_period_idx" ON "line_cell"("entity_id", "period");

/*
 * The statement that adds lines to their cells. `lines` is what follows FROM: the lines are called l, and each counts as often as a
 * column `sign` says; the others are where they stand.
 */
CREATE FUNCTION tieout_line_cells(lines text, country text, channel_type text, channel text) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
  SELECT format($sql$
    INSERT INTO line_cell
    SELECT * FROM (
      SELECT l.entity_id, l.period, l.currency, l.side, %2$s AS country, %3$s AS channel_type, %4$s AS channel, round(l.tax_rate, 4) AS rate,
             l.tax_code, l.day, l.kind, l.document_kind, l.account, sum(sign) AS lines,
             coalesce(sum(sign) FILTER (WHERE l.net IS NULL OR l.tax IS NULL), 0) AS unknown, coalesce(sum(sign * l.net), 0) AS net,
             coalesce(sum(sign * l.tax), 0) AS tax, coalesce(sum(sign * l.gross), 0) AS gross, coalesce(sum(sign * l.discount), 0) AS discount
        FROM %1$s
       WHERE l.in_books
       GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13) c
     WHERE lines <> 0 OR unknown <> 0 OR net <> 0 OR tax <> 0 OR gross <> 0 OR discount <> 0 $sql$,
    lines, country, channel_type, channel)
$$;

/*
 * Lines come, go or change. Here and below: planned anew each time, since a file fills empty tables within one statement's life; and
 * documents and orders are looked up by their keys, however many lines there are.
 */
CREATE FUNCTION tieout_count_lines() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_nestloop = on AS $$
BEGIN
  EXECUTE tieout_line_cells(
    CASE TG_OP
      WHEN 'INSERT' THEN '(SELECT 1 AS sign, n.* FROM come n) l'
      WHEN 'DELETE' THEN '(SELECT -1 AS sign, w.* FROM gone w) l'
      ELSE '(SELECT -1 AS sign, w.* FROM gone w UNION ALL SELECT 1, n.* FROM come n) l'
    END || ' LEFT JOIN document d ON d.order_key = l.order_key AND d.id = l.document_id LEFT JOIN sales_order o ON o.order_key = l.order_key',
    'coalesce(d.ship_to, o.ship_to)', 'o.channel_type', 'o.channel');
  RETURN NULL;
END
$$;

/* Lines go where their document goes, else their order, and stand under the channel of their order: they move with these. */
CREATE FUNCTION tieout_count_lines_of_documents() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_nestloop = on AS $$
BEGIN
  EXECUTE tieout_line_cells(format(
    'moved d JOIN line l ON l.order_key = d.order_key AND l.document_id = d.id
       LEFT JOIN sales_order o ON o.order_key = l.order_key CROSS JOIN LATERAL (VALUES (d.ship_to, %s), (NULL, %s)) s(ship_to, sign)',
    CASE TG_OP WHEN 'INSERT' THEN 1 ELSE -1 END, CASE TG_OP WHEN 'INSERT' THEN -1 ELSE 1 END),
    'coalesce(s.ship_to, o.ship_to)', 'o.channel_type', 'o.channel');
  RETURN NULL;
END
$$;

CREATE FUNCTION tieout_count_lines_of_orders() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_nestloop = on AS $$
BEGIN
  EXECUTE tieout_line_cells(format(
    'moved o JOIN line l ON l.order_key = o.order_key LEFT JOIN document d ON d.order_key = l.order_key AND d.id = l.document_id
       CROSS JOIN LATERAL (VALUES (o.ship_to, o.channel_type, o.channel, %s), (NULL, NULL, NULL, %s)) s(ship_to, channel_type, channel, sign)',
    CASE TG_OP WHEN 'INSERT' THEN 1 ELSE -1 END, CASE TG_OP WHEN 'INSERT' THEN -1 ELSE 1 END),
    'coalesce(d.ship_to, s.ship_to)', 's.channel_type', 's.channel');
  RETURN NULL;
END
$$;

/* A document or an order that says otherwise than before: rare, and so row by row. */
CREATE FUNCTION tieout_move_lines() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp SET enable_seqscan = off AS $$
BEGIN
  IF TG_TABLE_NAME = 'document' THEN
    EXECUTE tieout_line_cells(
      '(SELECT * FROM line WHERE order_key = $1 AND document_id = $2) l LEFT JOIN sales_order o ON o.order_key = l.order_key
         CROSS JOIN (VALUES ($3, -1), ($4, 1)) s(ship_to, sign)',
      'coalesce(s.ship_to, o.ship_to)', 'o.channel_type', 'o.channel')
    USING NEW.order_key, NEW.id, OLD.ship_to, NEW.ship_to;
  ELSE
    EXECUTE tieout_line_cells(
      '(SELECT * FROM line WHERE order_key = $1) l LEFT JOIN document d ON d.order_key = l.order_key AND d.id = l.document_id
         CROSS JOIN (VALUES ($2, $3, $4, -1), ($5, $6, $7, 1)) s(ship_to, channel_type, channel, sign)',
      'coalesce(d.ship_to, s.ship_to)', 's.channel_type', 's.channel')
    USING NEW.order_key, OLD.ship_to, OLD.channel_type, OLD.channel, NEW.ship_to, NEW.channel_type, NEW.channel;
  END IF;
  RETURN NULL;
END
$$;

CREATE FUNCTION tieout_no_lines() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  DELETE FROM line_cell;
  RETURN NULL;
END
$$;

CREATE TRIGGER line_cells_come AFTER INSERT ON "line" REFERENCING NEW TABLE AS come
  FOR EACH STATEMENT EXECUTE FUNCTION tieout_count_lines();
CREATE TRIGGER line_cells_go AFTER DELETE ON "line" REFERENCING OLD TABLE AS gone
  FOR EACH STATEMENT EXECUTE FUNCTION tieout_count_lines();
CREATE TRIGGER line_cells_change AFTER UPDATE ON "line" REFERENCING OLD TABLE AS gone NEW TABLE AS come
  FOR EACH STATEMENT EXECUTE FUNCTION tieout_count_lines();
CREATE TRIGGER line_cells_none AFTER TRUNCATE ON "line" FOR EACH STATEMENT EXECUTE FUNCTION tieout_no_lines();
CREATE TRIGGER document_cells_come AFTER INSERT ON "document" REFERENCING NEW TABLE AS moved
  FOR EACH STATEMENT EXECUTE FUNCTION tieout_count_lines_of_documents();
CREATE TRIGGER document_cells_go AFTER DELETE ON "document" REFERENCING OLD TABLE AS moved
  FOR EACH STATEMENT EXECUTE FUNCTION tieout_count_lines_of_documents();
CREATE TRIGGER document_cells_move AFTER UPDATE OF ship_to ON "document"
  FOR EACH ROW WHEN (OLD.ship_to IS DISTINCT FROM NEW.ship_to) EXECUTE FUNCTION tieout_move_lines();
CREATE TRIGGER order_cells_come AFTER INSERT ON "sales_order" REFERENCING NEW TABLE AS moved
  FOR EACH STATEMENT EXECUTE FUNCTION tieout_count_lines_of_orders();
CREATE TRIGGER order_cells_go AFTER DELETE ON "sales_order" REFERENCING OLD TABLE AS moved
  FOR EACH STATEMENT EXECUTE FUNCTION tieout_count_lines_of_orders();
CREATE TRIGGER order_cells_move AFTER UPDATE OF ship_to, channel_type, channel ON "sales_order"
  FOR EACH ROW WHEN ((OLD.ship_to, OLD.channel_type, OLD.channel) IS DISTINCT FROM (NEW.ship_to, NEW.channel_type, NEW.channel))
  EXECUTE FUNCTION tieout_move_lines();

DO $$
BEGIN
  EXECUTE tieout_line_cells(
    '(SELECT 1 AS sign, n.* FROM line n) l LEFT JOIN document d ON d.order_key = l.order_key AND d.id = l.document_id
       LEFT JOIN sales_order o ON o.order_key = l.order_key',
    'coalesce(d.ship_to, o.ship_to)', 'o.channel_type', 'o.channel');
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'tieout_app') THEN
    GRANT SELECT ON "line_cell" TO tieout_app;
  END IF;
END
$$;

-- A month's lines are listed in this order: a page of them is read off the index.
DROP INDEX "line_entity_id_period_side_idx";
CREATE INDEX "line_entity_id_period_side_day_order_key_id_idx" ON "line"("entity_id", "period", "side", "day", "order_key", "id");

/*
 * As before (0061), planned for what it meets: rows that were copied a moment ago, in the same transaction, and of which nothing is
 * known yet. Taken for a handful, they were looked through once for each of them; hashed, a million takes seconds.
 */
CREATE OR REPLACE FUNCTION tieout_locked_sums(p_entity text, p_month text, p_lock int) RETURNS SETOF locked_sum
LANGUAGE sql STABLE SET search_path = public, pg_temp SET enable_nestloop = off SET enable_mergejoin = off AS $$
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

-- What the lines of a lock come to by all that VAT and accounts tell apart (as line_cell has it of the books), summed once, when it
-- is made. An account and a discount are no part of a locked line: they are kept here as the line had them then.
CREATE TABLE "locked_cell" (
    "entity_id" TEXT NOT NULL,
    "month" CHAR(7) NOT NULL,
    "lock_no" INTEGER NOT NULL,
    "currency" CHAR(3) NOT NULL,
    "side" TEXT NOT NULL,
    "country" CHAR(2),
    "channel_type" TEXT,
    "channel" TEXT,
    "rate" DECIMAL(8,4),
    "code" TEXT,
    "day" DATE NOT NULL,
    "kind" TEXT NOT NULL,
    "document_kind" TEXT NOT NULL,
    "account" TEXT,
    "lines" BIGINT NOT NULL,
    "unknown" BIGINT NOT NULL,
    "net" BIGINT NOT NULL,
    "tax" BIGINT NOT NULL,
    "gross" BIGINT NOT NULL,
    "discount" BIGINT NOT NULL
);
CREATE INDEX "locked_cell_entity_id_month_lock_no_idx" ON "locked_cell"("entity_id", "month", "lock_no");

-- Of a group the newest lock that holds it counts, up to the one asked for. Where goods go is read from the version that was locked.
CREATE FUNCTION tieout_locked_cells(p_entity text, p_month text, p_lock int) RETURNS SETOF locked_cell
LANGUAGE sql STABLE SET search_path = public, pg_temp SET enable_nestloop = off SET enable_mergejoin = off AS $$
  WITH held AS MATERIALIZED (
    SELECT order_key, max(lock_no) AS lock_no FROM locked_group
     WHERE entity_id = p_entity AND month = p_month AND lock_no <= p_lock GROUP BY 1),
  placed AS MATERIALIZED (
    SELECT k.order_key, k.lock_no, k.id,
           coalesce(CASE WHEN d.version = k.version THEN d.ship_to ELSE (
             SELECT v.content ->> 'shipTo' FROM document_version v
              WHERE v.order_key = k.order_key AND v.document_id = k.id AND v.version = k.version) END, o.ship_to) AS country, o.channel_type, o.channel
      FROM locked_document k
      JOIN held h ON h.order_key = k.order_key AND h.lock_no = k.lock_no
      LEFT JOIN document d ON d.order_key = k.order_key AND d.id = k.id
      LEFT JOIN sales_order o ON o.order_key = k.order_key
     WHERE k.entity_id = p_entity AND k.month = p_month)
  SELECT p_entity, p_month::char(7), p_lock, l.currency, l.side, k.country::char(2), k.channel_type, k.channel,
         round(l.tax_rate, 4)::decimal(8, 4), l.tax_code, l.day, l.kind, l.document_kind, n.account, count(*),
         count(*) FILTER (WHERE l.net IS NULL OR l.tax IS NULL), coalesce(sum(l.net), 0)::bigint, coalesce(sum(l.tax), 0)::bigint,
         coalesce(sum(l.gross), 0)::bigint, coalesce(sum(n.discount), 0)::bigint
    FROM locked_line l
    JOIN placed k ON k.order_key = l.order_key AND k.lock_no = l.lock_no AND k.id = l.document_id
    LEFT JOIN line n ON n.order_key = l.order_key AND n.id = l.id
   WHERE l.entity_id = p_entity AND l.month = p_month AND l.bucket IS DISTINCT FROM 'excluded'
   GROUP BY 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14
$$;

INSERT INTO locked_cell
SELECT c.* FROM locked_period p CROSS JOIN LATERAL tieout_locked_cells(p.entity_id, p.month, p.lock_no) c;

/* As before, and keeps what the lock's lines come to for the VAT and the accounts; and counts what was copied, before it is read. */
CREATE OR REPLACE FUNCTION tieout_seal(p_entity text, p_month text, p_lock int, p_order uuid, p_by_id text, p_by text, p_at timestamptz,
  p_sign_offs uuid[], p_reopening uuid, p_as_of timestamptz) RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  -- A whole month was copied a moment ago: what follows, and whoever looks at it next, is planned for what is there now.
  IF p_order IS NULL THEN
    ANALYZE locked_group, locked_document, locked_line, locked_pair, locked_cause;
  END IF;
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
  INSERT INTO locked_cell SELECT * FROM tieout_locked_cells(p_entity, p_month, p_lock);
END
$$;

DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'tieout_app') THEN
    GRANT SELECT ON "locked_cell" TO tieout_app;
  END IF;
END
$$;
