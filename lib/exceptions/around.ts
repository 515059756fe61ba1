import "server-only";
import { appPool } from "@/lib/db/pool";

/** Something that a system told or that was read of an exception's order: newest first, beside what people did. */
export type SourceMoment = Readonly<{
  id: string;
  at: Date;
  /** event: a system told it · order, document: a version of it was read · resync: a person had all of it read again */
  kind: "event" | "order" | "document" | "resync";
  where: string;
  /** the event's name, what became of the document, or the state the resync ended in */
  what: string;
  /** the document's number, or what followed */
  text: string | null;
  /** the sort of run that read it (sync, sweep, backfill …), and in whose name; null: not kept */
  run: string | null;
  by: string | null;
}>;

type Keyed = Readonly<{ entityId: string; orderKey: string }>;

const MOST = 60;

/** What the systems told of an order, and when which version of it and of its ERP documents was read, newest first. */
export async function findSourceMoments({ entityId, orderKey }: Keyed): Promise<readonly SourceMoment[]> {
  const { rows } = await appPool().query<SourceMoment>(
    `WITH head AS (SELECT connection_id, source_id FROM sales_order WHERE order_key = $1 AND entity_id = $2)
     SELECT * FROM (
       (SELECT w.id::text, w.received_at AS at, 'event' AS kind, c.name AS "where", coalesce(nullif(w.type, ''), w.stated_type) AS what,
               w.outcome AS text, NULL AS run, NULL AS by
          FROM head h JOIN webhook_event w ON w.connection_id = h.connection_id AND w.source_id = h.source_id AND w.subject = 'order'
          JOIN connection c ON c.id = w.connection_id ORDER BY w.received_at DESC LIMIT ${MOST})
       UNION ALL
       (SELECT s.id::text, s.seen_at, 'order', c.name, s.resource, NULL, r.kind, r.actor_name
          FROM head h JOIN source_record s ON s.connection_id = h.connection_id AND s.resource IN ('orders', 'invoices') AND s.source_id = h.source_id
          JOIN connection c ON c.id = s.connection_id LEFT JOIN run r ON r.id = s.run_id ORDER BY s.seen_at DESC LIMIT ${MOST})
       UNION ALL
       (SELECT v.document_id || '-' || v.version, v.seen_at, 'document', c.name, v.reason,
               CASE d.kind WHEN 'credit' THEN 'Credit ' ELSE 'Sale ' END || d.number, r.kind, r.actor_name
          FROM document_version v JOIN document d ON d.order_key = v.order_key AND d.id = v.document_id AND d.side = 'erp'
          JOIN connection c ON c.id = d.connection_id LEFT JOIN run r ON r.id = v.run_id
         WHERE v.order_key = $1 AND v.entity_id = $2 ORDER BY v.seen_at DESC LIMIT ${MOST})
       UNION ALL
       (SELECT x.run_id || '-' || x.order_key, coalesce(x.done_at, r.started_at), 'resync', 'Tieout', x.state, x.reason, r.kind, r.actor_name
          FROM resync_record x JOIN run r ON r.id = x.run_id WHERE x.order_key = $1 AND x.entity_id = $2
         ORDER BY 2 DESC LIMIT ${MOST})) AS found ORDER BY at DESC, id LIMIT ${MOST}`,
    [orderKey, entityId],
  );
  return rows;
}

/** A payload as it was received, without personal data: that is kept apart when it is received, for every role. */
export type KeptPayload = Readonly<{
  id: string;
  system: string;
  /** orders, invoices, ledger-documents …; what could not be read: its own */
  resource: string;
  /** the document's number, or the record's id at its source */
  name: string;
  receivedAt: Date;
  /** why it could not be read; null: it was */
  reason: string | null;
  payload: unknown;
}>;

/**
 * The newest payloads behind an exception: the order and its invoice list as SCAYLE sent them, the ERP's documents, and
 * what could not be read.
 */
export async function findPayloads({ entityId, orderKey }: Keyed): Promise<readonly KeptPayload[]> {
  const { rows } = await appPool().query<KeptPayload>(
    `WITH head AS (SELECT connection_id, source_id, reference FROM sales_order WHERE order_key = $1 AND entity_id = $2)
     SELECT * FROM (
       SELECT * FROM (
         SELECT DISTINCT ON (s.resource) s.id::text, c.name AS system, s.resource, h.reference AS name, s.seen_at AS "receivedAt", NULL AS reason, s.payload
           FROM head h JOIN source_record s ON s.connection_id = h.connection_id AND s.resource IN ('orders', 'invoices') AND s.source_id = h.source_id
           JOIN connection c ON c.id = s.connection_id ORDER BY s.resource, s.seen_at DESC) AS of_order
       UNION ALL
       SELECT s.id::text, c.name, s.resource, d.number, s.seen_at, NULL, s.payload
         FROM document d JOIN source_record s ON s.id = d.source_record_id JOIN connection c ON c.id = d.connection_id
        WHERE d.order_key = $1 AND d.entity_id = $2 AND d.side = 'erp'
       UNION ALL
       SELECT x.id::text, c.name, x.resource, coalesce(x.reference, x.source_id), x.last_seen_at, x.reason, x.payload
         FROM failed_record x JOIN connection c ON c.id = x.connection_id
        WHERE x.order_key = $1 AND x.entity_id = $2 AND x.resolved_at IS NULL) AS kept
      ORDER BY resource DESC, "receivedAt", id LIMIT 40`,
    [orderKey, entityId],
  );
  return rows;
}
