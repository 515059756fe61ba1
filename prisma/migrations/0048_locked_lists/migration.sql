-- What is locked is read as a list too, a page at a time, month by month.
CREATE INDEX "locked_line_entity_id_month_side_day_idx" ON "locked_line" ("entity_id", "month", "side", "day", "order_key", "id");
CREATE INDEX "locked_document_entity_id_month_side_idx" ON "locked_document" ("entity_id", "month", "side", "posting_day", "number", "id");

/*
 * Digests a lock that was just copied, and keeps it; its figures are summed from its rows. Feeds go on storing while a month is
 * copied, table after table: what one of them changed of the copied groups meanwhile is marked as to be matched again, in the
 * transaction that changed it, and seen here. Then the copy is none. Raises TO409.
 */
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
END
$$;
