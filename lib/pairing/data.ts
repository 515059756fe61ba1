import "server-only";
import { appPool } from "@/lib/db/pool";
import { aliasOf } from "@/lib/domain/identity";
import type { Minor } from "@/lib/domain/money";
import { openStates } from "@/lib/exceptions/machine";

/** Orders that a search for one to link to shows. */
const HITS_MAX = 8;

/** Decisions that a page lists; what is older is found in its order, and in the audit trail. */
export const DECISIONS_SHOWN = 200;

/** Where a person put an ERP document. `order` is null where it is on its own. */
export type Decision = Readonly<{
  id: string;
  entityId: string;
  document: string;
  kind: string;
  order: string | null;
  /** the group that the document is in now; null when it is no longer there */
  orderKey: string | null;
  documentId: string | null;
  note: string | null;
  madeAt: Date;
  madeBy: string;
}>;

const DECISIONS = `
  SELECT p.id, p.entity_id AS "entityId", p.document_number AS document, p.document_kind AS kind,
    p.order_reference AS "order", d.order_key AS "orderKey", d.id AS "documentId", p.note, p.made_at AS "madeAt",
    p.made_by AS "madeBy"
  FROM placement_decision p LEFT JOIN document d ON d.connection_id = p.connection_id AND d.source_id = p.source_id
    AND d.kind = p.document_kind AND d.entity_id = p.entity_id`;

/** The newest decisions of people about where ERP documents belong. */
export async function findDecisions(entityIds: readonly string[]): Promise<readonly Decision[]> {
  const { rows } = await appPool().query<Decision>(
    `${DECISIONS} WHERE p.entity_id = ANY($1) ORDER BY p.made_at DESC, p.id LIMIT ${DECISIONS_SHOWN}`,
    [[...entityIds]],
  );
  return rows;
}

/** What people decided of the ERP document of a number; of several connections there may be several such. */
export async function findDecisionsOf(entityId: string, number: string): Promise<readonly Decision[]> {
  const { rows } = await appPool().query<Decision>(
    `${DECISIONS} WHERE p.entity_id = $1 AND p.document_number = $2 ORDER BY p.made_at DESC, p.id LIMIT ${DECISIONS_SHOWN}`,
    [entityId, number],
  );
  return rows;
}

/** A pair that a person made of lines, or ERP lines taken out of theirs. */
export type HandPairRow = Readonly<{
  id: string;
  entityId: string;
  orderKey: string;
  order: string | null;
  kind: string;
  lines: readonly string[];
  madeAt: Date;
  madeBy: string;
}>;

/** The newest pairs that people made of lines; of one group where its key is given. */
export async function findHandPairs(
  entityIds: readonly string[],
  orderKey: string | null,
): Promise<readonly HandPairRow[]> {
  const { rows } = await appPool().query<HandPairRow>(
    `SELECT h.pair_id AS id, h.entity_id AS "entityId", h.order_key AS "orderKey", o.reference AS "order", h.kind,
       array_agg(h.item || ' of ' || h.document_number ORDER BY h.side DESC, h.item) AS lines,
       min(h.made_at) AS "madeAt", min(h.made_by) AS "madeBy"
     FROM hand_pair h LEFT JOIN sales_order o ON o.order_key = h.order_key
     WHERE h.entity_id = ANY($1) AND ($2::uuid IS NULL OR h.order_key = $2)
     GROUP BY h.pair_id, h.entity_id, h.order_key, o.reference, h.kind
     ORDER BY min(h.made_at) DESC, h.pair_id LIMIT ${DECISIONS_SHOWN}`,
    [[...entityIds], orderKey],
  );
  return rows;
}

/** An ERP document that can be put elsewhere, with the decision that holds it where it is (if one does). */
export type Placeable = Readonly<{
  id: string;
  number: string;
  kind: string;
  orderKnown: boolean;
  currency: string;
  gross: Minor;
  decisionId: string | null;
}>;

/** The ERP documents of a group. */
export async function findPlaceable(
  entityIds: readonly string[],
  orderKey: string,
): Promise<readonly Placeable[]> {
  const { rows } = await appPool().query<Placeable>(
    `SELECT d.id, d.number, d.kind, d.order_known AS "orderKnown", d.currency, p.id AS "decisionId",
       coalesce((SELECT sum(l.gross) FROM line l WHERE l.order_key = d.order_key AND l.document_id = d.id), 0)::bigint AS gross
     FROM document d LEFT JOIN placement_decision p ON p.connection_id = d.connection_id AND p.source_id = d.source_id
       AND p.document_kind = d.kind
     WHERE d.order_key = $1 AND d.entity_id = ANY($2) AND d.side = 'erp' ORDER BY d.kind DESC, d.number, d.id`,
    [orderKey, [...entityIds]],
  );
  return rows;
}

/** An order that a document might be linked to. */
export type LinkTarget = Readonly<{
  orderKey: string;
  reference: string;
  status: string | null;
  placedAt: Date | null;
  /** why it is offered where nobody named it */
  hint: string | null;
}>;

/** Orders of an entity by any of their names: the one named exactly, else those whose names begin like it. */
export async function findTargets(entityId: string, text: string): Promise<readonly LinkTarget[]> {
  const name = aliasOf(text);
  const start = `${name.replace(/[\\%_]/g, (sign) => `\\${sign}`)}%`;
  const { rows } = await appPool().query<LinkTarget>(
    `SELECT DISTINCT o.order_key AS "orderKey", o.reference, coalesce(o.order_status, o.status) AS status,
       coalesce(o.placed_at, o.confirmed_at) AS "placedAt", NULL AS hint
     FROM order_alias a JOIN sales_order o ON o.order_key = a.order_key AND o.entity_id = a.entity_id
     WHERE a.entity_id = $1 AND (a.alias = $2 OR (a.alias LIKE $3
       AND NOT EXISTS (SELECT FROM order_alias x WHERE x.entity_id = $1 AND x.alias = $2)))
     ORDER BY o.reference, "orderKey" LIMIT ${HITS_MAX}`,
    [entityId, name, start],
  );
  return rows;
}

/** Orders that the ERP is missing a document of exactly this amount for: what a document on its own may belong to. */
export async function suggestTargets(
  entityId: string,
  document: Pick<Placeable, "kind" | "gross" | "currency">,
): Promise<readonly LinkTarget[]> {
  const { rows } = await appPool().query<LinkTarget>(
    `SELECT o.order_key AS "orderKey", o.reference, coalesce(o.order_status, o.status) AS status,
       coalesce(o.placed_at, o.confirmed_at) AS "placedAt", 'The ERP lacks a document of this amount for it' AS hint
     FROM exception e JOIN sales_order o ON o.order_key = e.order_key AND o.entity_id = e.entity_id
     WHERE e.entity_id = $1 AND e.cause = ANY($2) AND e.state = ANY($3) AND e.document_kind = $4 AND e.currency = $5
       AND e.gross = $6
     ORDER BY o.reference, "orderKey" LIMIT ${HITS_MAX}`,
    [
      entityId,
      ["sale-missing-in-erp", "credit-missing-in-erp"],
      [...openStates],
      document.kind,
      document.currency,
      document.gross,
    ],
  );
  return rows;
}

/** An ERP connection, and where its documents stand. */
export type LedgerRow = Readonly<{
  id: string;
  entityId: string;
  name: string;
  /** documents that are on their own */
  strays: number;
  /** documents that the mapping of references has placed */
  placed: number;
}>;

/** The ERP connections of entities, and what stands alone. */
export async function findLedgers(entityIds: readonly string[]): Promise<readonly LedgerRow[]> {
  const { rows } = await appPool().query<LedgerRow>(
    `SELECT c.id, c.entity_id AS "entityId", c.name,
       (SELECT count(*)::int FROM document d WHERE d.entity_id = c.entity_id AND d.connection_id = c.id
          AND d.side = 'erp' AND NOT d.order_known) AS strays,
       (SELECT count(*)::int FROM document d WHERE d.entity_id = c.entity_id AND d.connection_id = c.id
          AND d.placed_by IN ('normalised-reference', 'mapped-reference')) AS placed
     FROM connection c WHERE c.entity_id = ANY($1) AND c.side = 'erp' AND c.retired_at IS NULL
     ORDER BY c.entity_id, c.name`,
    [[...entityIds]],
  );
  return rows;
}

/** How many orders of a summary posting a page lists. */
export const COVERED_SHOWN = 200;

/** What a summary posting has to do with a group: it covers lines of this order, or it covers these orders. */
export type Coverage = Readonly<{
  summaries: readonly Readonly<{ orderKey: string; number: string; kind: string; day: string }>[];
  orders: readonly Readonly<{ orderKey: string; reference: string; currency: string; gross: Minor }>[];
  /** how many orders, also those that are not listed */
  count: number;
}>;

/** Summary postings that cover lines of an order, and orders that a summary posting covers. */
export async function findCoverage(entityIds: readonly string[], orderKey: string): Promise<Coverage> {
  const scope = [orderKey, [...entityIds]];
  const [summaries, orders] = await Promise.all([
    appPool().query<Coverage["summaries"][number]>(
      `SELECT m.group_key AS "orderKey", d.number, m.kind, m.day::text AS day FROM group_member m
         JOIN document d ON d.order_key = m.group_key AND d.side = 'erp'
        WHERE m.order_key = $1 AND m.entity_id = ANY($2) ORDER BY m.day, m.kind DESC`,
      scope,
    ),
    appPool().query<Coverage["orders"][number] & { count: number }>(
      `SELECT m.order_key AS "orderKey", o.reference, l.currency, sum(l.gross)::bigint AS gross,
         (count(*) OVER ())::int AS count
       FROM group_member m JOIN sales_order o ON o.order_key = m.order_key
         JOIN line l ON l.order_key = m.order_key AND l.document_kind = m.kind AND l.day = m.day AND l.side = 'scayle'
          AND l.in_books
       WHERE m.group_key = $1 AND m.entity_id = ANY($2)
       GROUP BY m.order_key, o.reference, l.currency ORDER BY o.reference, m.order_key LIMIT ${COVERED_SHOWN}`,
      scope,
    ),
  ]);
  return { summaries: summaries.rows, orders: orders.rows, count: orders.rows[0]?.count ?? 0 };
}
