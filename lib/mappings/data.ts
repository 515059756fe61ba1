import "server-only";
import { roles, roleTable } from "@/lib/auth/permissions";
import { appPool } from "@/lib/db/pool";
import { findPeople } from "@/lib/exceptions/one";
import type { Draft } from "@/lib/settings/change/schema";
import { Actual, Foreseen } from "./foreseen";
import { MappingChange, type MappingTable, type ReferencePart } from "./schema";

export const ROWS_A_PAGE = 50;

/** A page of rows, and how many there are in all. */
export type Page<Row> = Readonly<{ rows: readonly Row[]; total: number }>;

export type TaxMappingRow = Readonly<{
  id: string;
  shipTo: string;
  channel: string;
  /** a fraction without zeros at its end: "0.19" */
  rate: string;
  taxCode: string;
  /** null where a person has neither confirmed nor refused it */
  right: boolean | null;
  /** the first and the last business day on which that is so; null: without end */
  validFrom: string | null;
  validUntil: string | null;
  by: string | null;
  since: Date | null;
}>;

export type ItemMappingRow = Readonly<{
  id: string;
  erpKind: string;
  erpItem: string;
  erpVariant: string;
  lineKind: string;
  sku: string | null;
  /** the first and the last day of documents for which it holds; null: without end */
  validFrom: string | null;
  validUntil: string | null;
  by: string | null;
  since: Date | null;
}>;

export type ReferenceRow = Readonly<{
  id: string;
  connectionId: string;
  connection: string;
  part: ReferencePart;
  /** as it was typed; what it is known by is `referenceText` of it */
  text: string;
  /** the order that a whole reference is; null for what is left out of references */
  order: string | null;
  /** the first and the last day of documents for which it holds; null: without end */
  validFrom: string | null;
  validUntil: string | null;
  by: string;
  since: Date;
}>;

export type PaymentRow = Readonly<{
  id: string;
  connectionId: string;
  connection: string;
  shopId: string;
  paymentKey: string;
  erpCode: string;
  /** posted documents of orders that were paid so: with this code, and with another or none; null: not counted yet */
  agreeing: number | null;
  others: number | null;
  /** the other codes ("": none) with their documents, the most frequent first */
  otherCodes: readonly Readonly<{ code: string; documents: number }>[];
  /** orders whose documents bear another code, or none */
  examples: readonly string[];
  validFrom: string | null;
  validUntil: string | null;
  by: string;
  since: Date;
}>;

const like = (search: string): string => `%${search.replace(/[\\%_]/g, "\\$&")}%`;

const TAX_COLUMNS = `id, ship_to AS "shipTo", channel, trim_scale(rate)::text AS rate, tax_code AS "taxCode",
  CASE WHEN confirmed_at IS NOT NULL THEN true WHEN confirmed_by IS NOT NULL THEN false END AS right,
  valid_from AS "validFrom", valid_until AS "validUntil", confirmed_by AS by, confirmed_at AS since`;
const ITEM_COLUMNS = `id, erp_kind AS "erpKind", erp_item AS "erpItem", erp_variant AS "erpVariant", line_kind AS "lineKind", sku,
  valid_from AS "validFrom", valid_until AS "validUntil", confirmed_by AS by, confirmed_at AS since`;

async function pageOf<Row extends object>(
  select: string,
  values: readonly unknown[],
  page: number,
): Promise<Page<Row>> {
  const [rows, count] = await Promise.all([
    appPool().query<Row>(`${select} LIMIT ${ROWS_A_PAGE} OFFSET ${(page - 1) * ROWS_A_PAGE}`, [...values]),
    appPool().query<{ total: number }>(`SELECT count(*)::int AS total FROM (${select}) AS found`, [
      ...values,
    ]),
  ]);
  return { rows: rows.rows, total: count.rows[0]?.total ?? 0 };
}

/** The tax codes that somebody confirmed or refused, and those only proposed, as far as they hold a text. */
export const findTaxMappings = (
  entityId: string,
  search: string,
  page: number,
): Promise<Page<TaxMappingRow>> =>
  pageOf(
    `SELECT ${TAX_COLUMNS} FROM tax_mapping
      WHERE entity_id = $1 AND ($2 = '%%' OR ship_to ILIKE $2 OR channel ILIKE $2 OR tax_code ILIKE $2 OR confirmed_by ILIKE $2
        OR rate::text LIKE $2)
      ORDER BY ship_to, channel, rate DESC, tax_code, valid_from NULLS FIRST`,
    [entityId, like(search)],
    page,
  );

/** What ERP items and accounts stand for, as far as it holds a text. */
export const findItemMappings = (
  entityId: string,
  search: string,
  page: number,
): Promise<Page<ItemMappingRow>> =>
  pageOf(
    `SELECT ${ITEM_COLUMNS} FROM item_mapping
      WHERE entity_id = $1 AND ($2 = '%%' OR erp_item ILIKE $2 OR erp_variant ILIKE $2 OR sku ILIKE $2 OR line_kind ILIKE $2
        OR confirmed_by ILIKE $2)
      ORDER BY erp_kind, erp_item, erp_variant, valid_from NULLS FIRST`,
    [entityId, like(search)],
    page,
  );

const REFERENCES = `SELECT r.id, r.connection_id AS "connectionId", c.name AS connection, r.part, coalesce(r.written, r.text) AS text, r.order_reference AS "order",
    r.valid_from AS "validFrom", r.valid_until AS "validUntil", r.confirmed_by AS by, r.confirmed_at AS since
  FROM reference_rule r JOIN connection c ON c.id = r.connection_id
  WHERE r.entity_id = $1 AND c.retired_at IS NULL`;
const REFERENCE_ORDER = "ORDER BY c.name, r.part, r.text, r.valid_from NULLS FIRST, r.id";

/** How references are read, as far as it holds a text. */
export const findReferences = (entityId: string, search: string, page: number): Promise<Page<ReferenceRow>> =>
  pageOf(
    `${REFERENCES} AND ($2 = '%%' OR r.text ILIKE $2 OR r.order_reference ILIKE $2 OR r.part ILIKE $2 OR c.name ILIKE $2
       OR r.confirmed_by ILIKE $2) ${REFERENCE_ORDER}`,
    [entityId, like(search)],
    page,
  );

const PAYMENTS = `SELECT p.id, p.connection_id AS "connectionId", c.name AS connection, p.shop_id AS "shopId", p.payment_key AS "paymentKey",
    p.erp_code AS "erpCode", u.agreeing, u.others, coalesce(x.codes, '[]') AS "otherCodes", coalesce(u.examples, '{}') AS examples,
    p.valid_from AS "validFrom", p.valid_until AS "validUntil", p.confirmed_by AS by, p.confirmed_at AS since
  FROM payment_mapping p JOIN connection c ON c.id = p.connection_id LEFT JOIN shop s ON s.id = p.shop_id AND s.entity_id = p.entity_id, LATERAL (
    SELECT sum(documents) FILTER (WHERE erp_code = p.erp_code)::int AS agreeing,
           sum(documents) FILTER (WHERE erp_code <> p.erp_code)::int AS others,
           (array_agg(examples[1]) FILTER (WHERE erp_code <> p.erp_code AND cardinality(examples) > 0))[1:3] AS examples
      FROM payment_use u WHERE u.entity_id = p.entity_id AND u.connection_id = p.connection_id AND u.payment_key = p.payment_key
       AND (p.shop_id = '*' OR u.shop_id = p.shop_id)) AS u, LATERAL (
    SELECT jsonb_agg(jsonb_build_object('code', o.erp_code, 'documents', o.documents) ORDER BY o.documents DESC, o.erp_code) AS codes FROM (
      SELECT erp_code, sum(documents)::int AS documents FROM payment_use o
       WHERE o.entity_id = p.entity_id AND o.connection_id = p.connection_id AND o.payment_key = p.payment_key
         AND (p.shop_id = '*' OR o.shop_id = p.shop_id) AND o.erp_code <> p.erp_code GROUP BY 1) AS o) AS x
  WHERE p.entity_id = $1 AND c.retired_at IS NULL`;
const PAYMENT_ORDER = "ORDER BY c.name, p.payment_key, p.shop_id, p.valid_from NULLS FIRST, p.id";

/** What the ERP has for ways of paying, as far as it holds a text, with what its posted documents bear. */
export const findPayments = (entityId: string, search: string, page: number): Promise<Page<PaymentRow>> =>
  pageOf(
    `${PAYMENTS} AND ($2 = '%%' OR p.payment_key ILIKE $2 OR p.erp_code ILIKE $2 OR p.shop_id ILIKE $2 OR s.name ILIKE $2 OR c.name ILIKE $2
       OR p.confirmed_by ILIKE $2) ${PAYMENT_ORDER}`,
    [entityId, like(search)],
    page,
  );

/** How the orders of an entity are paid and what its posted documents bear, as counted last: what a row can be made of. */
export async function findPaymentChoices(entityId: string) {
  const { rows } = await appPool().query<{ keys: string[]; codes: string[]; countedAt: Date | null }>(
    `SELECT coalesce(array_agg(DISTINCT payment_key), '{}') AS keys,
            coalesce(array_agg(DISTINCT erp_code) FILTER (WHERE erp_code <> ''), '{}') AS codes, max(counted_at) AS "countedAt"
       FROM payment_use WHERE entity_id = $1`,
    [entityId],
  );
  return rows[0] ?? { keys: [], codes: [], countedAt: null };
}

/** The shops of an entity, for rows that are for one of them. */
export async function findShops(
  entityId: string,
): Promise<readonly Readonly<{ id: string; name: string }>[]> {
  const { rows } = await appPool().query<{ id: string; name: string }>(
    "SELECT id, name FROM shop WHERE entity_id = $1 ORDER BY name, id",
    [entityId],
  );
  return rows;
}

/** How many rows each table of mappings has. */
export async function countMappings(
  entityIds: readonly string[],
): Promise<readonly Readonly<{ entityId: string; table: MappingTable; rows: number }>[]> {
  const counting = (table: MappingTable, name: string, where = "") =>
    `SELECT entity_id AS "entityId", '${table}' AS table, count(*)::int AS rows FROM ${name} WHERE entity_id = ANY($1) ${where} GROUP BY 1`;
  const { rows } = await appPool().query<{ entityId: string; table: MappingTable; rows: number }>(
    [
      counting("tax-codes", "tax_mapping", "AND (confirmed_at IS NOT NULL OR confirmed_by IS NOT NULL)"),
      counting("items", "item_mapping"),
      counting("references", "reference_rule"),
      counting("payments", "payment_mapping"),
    ].join(" UNION ALL "),
    [[...entityIds]],
  );
  return rows;
}

/** All rows of a table, as a file has them; tax codes that are only proposed are no mapping yet. */
export async function findForFile(entityId: string, table: MappingTable): Promise<readonly Draft[]> {
  if (table === "references") {
    const { rows } = await appPool().query<ReferenceRow>(`${REFERENCES} ${REFERENCE_ORDER}`, [entityId]);
    return rows.map(({ connection, part, text, order, validFrom, validUntil }) => ({
      connection,
      part,
      text,
      order: order ?? "",
      holds: "yes",
      validFrom: validFrom ?? "",
      validUntil: validUntil ?? "",
    }));
  }
  if (table === "payments") {
    const { rows } = await appPool().query<PaymentRow>(`${PAYMENTS} ${PAYMENT_ORDER}`, [entityId]);
    return rows.map(({ connection, shopId, paymentKey, erpCode, validFrom, validUntil }) => ({
      connection,
      shopId,
      paymentKey,
      erpCode,
      holds: "yes",
      validFrom: validFrom ?? "",
      validUntil: validUntil ?? "",
    }));
  }
  if (table === "items") {
    const { rows } = await appPool().query<ItemMappingRow>(
      `SELECT ${ITEM_COLUMNS} FROM item_mapping WHERE entity_id = $1 ORDER BY erp_kind, erp_item, erp_variant, valid_from NULLS FIRST`,
      [entityId],
    );
    return rows.map(({ erpKind, erpItem, erpVariant, lineKind, sku, validFrom, validUntil }) => ({
      erpKind,
      erpItem,
      erpVariant,
      lineKind,
      sku: sku ?? "",
      validFrom: validFrom ?? "",
      validUntil: validUntil ?? "",
    }));
  }
  const { rows } = await appPool().query<TaxMappingRow>(
    `SELECT ${TAX_COLUMNS} FROM tax_mapping WHERE entity_id = $1 AND (confirmed_at IS NOT NULL OR confirmed_by IS NOT NULL)
      ORDER BY ship_to, channel, rate DESC, tax_code, valid_from NULLS FIRST`,
    [entityId],
  );
  return rows.map(({ shipTo, channel, rate, taxCode, right, validFrom, validUntil }) => ({
    shipTo,
    channel,
    rate,
    taxCode,
    right: right ? "yes" : "no",
    validFrom: validFrom ?? "",
    validUntil: validUntil ?? "",
  }));
}

export type MappingEvent = Readonly<{
  id: string;
  at: Date;
  actorName: string;
  before: unknown;
  after: unknown;
  /** the request that made it, where one did: who asked and why, who approved and what they said */
  requestId: string | null;
  askedBy: string | null;
  reason: string | null;
  approvedBy: string | null;
  remark: string | null;
}>;

/** What the audit trail has of one row, newest first. `subject` as changes of it are named there. */
export async function findRowHistory(entityId: string, subject: string): Promise<readonly MappingEvent[]> {
  const { rows } = await appPool().query<MappingEvent>(
    // What a request did is of the very moment and by the very person that decided it.
    `SELECT a.seq::text AS id, a.at, a.actor_name AS "actorName", a.before, a.after, r.id AS "requestId", r.made_by AS "askedBy",
            nullif(r.reason, '') AS reason, r.decided_by AS "approvedBy", nullif(r.decided_why, '') AS remark
       FROM audit_event a LEFT JOIN LATERAL (
         SELECT * FROM mapping_request r WHERE r.entity_id = a.chain AND r.state = 'made' AND r.decided_at = a.at AND r.decided_by = a.actor_name
          ORDER BY r.id LIMIT 1) AS r ON true
      WHERE a.subject = $2 AND a.chain = $1 AND a.outcome = 'done'
        AND a.action IN ('settings.tax-code', 'settings.item', 'settings.reference', 'settings.payment')
      ORDER BY a.seq DESC LIMIT 50`,
    [entityId, subject],
  );
  return rows;
}

type StoredRequest = Readonly<{
  id: string;
  state: "asked" | "made" | "rejected" | "withdrawn";
  version: number;
  source: string;
  reason: string;
  changes: unknown;
  rows: number;
  foreseen: unknown;
  foreseenAt: Date;
  /** whether it moves figures, so that its effect on all orders was previewed */
  movesFigures: boolean;
  actual: unknown;
  actualAt: Date | null;
  retries: boolean;
  madeAt: Date;
  madeById: string;
  madeBy: string;
  editedAt: Date | null;
  editedById: string | null;
  editedBy: string | null;
  decidedAt: Date | null;
  decidedBy: string | null;
  decidedWhy: string | null;
  runId: string | null;
}>;

export type RequestRow = Omit<StoredRequest, "changes" | "foreseen" | "actual"> &
  Readonly<{ changes: readonly MappingChange[]; foreseen: Foreseen | null; actual: Actual | null }>;

const REQUEST = `SELECT id, state, version, source, reason, changes, jsonb_array_length(changes) AS rows, foreseen,
  foreseen_at AS "foreseenAt", basis IS NOT NULL AS "movesFigures", actual, actual_at AS "actualAt", again IS NOT NULL AS retries, made_at AS "madeAt", made_by_id AS "madeById", made_by AS "madeBy",
  edited_at AS "editedAt", edited_by_id AS "editedById", edited_by AS "editedBy", decided_at AS "decidedAt",
  decided_by AS "decidedBy", decided_why AS "decidedWhy", run_id AS "runId" FROM mapping_request`;

const readRequest = (row: StoredRequest): RequestRow => ({
  ...row,
  changes: MappingChange.array().parse(row.changes),
  foreseen: row.foreseen === null ? null : Foreseen.parse(row.foreseen),
  actual: row.actual === null ? null : Actual.parse(row.actual),
});

/** Requests of an entity, those that wait first. */
export async function findRequests(entityId: string, page: number): Promise<Page<RequestRow>> {
  const found = await pageOf<StoredRequest>(
    `${REQUEST} WHERE entity_id = $1 ORDER BY (state = 'asked') DESC, made_at DESC, id`,
    [entityId],
    page,
  );
  return { rows: found.rows.map(readRequest), total: found.total };
}

/** One request; null where the entity has none such. */
export async function findRequest(entityId: string, id: string): Promise<RequestRow | null> {
  const { rows } = await appPool().query<StoredRequest>(`${REQUEST} WHERE entity_id = $1 AND id = $2`, [
    entityId,
    id,
  ]);
  return rows[0] ? readRequest(rows[0]) : null;
}

/** How many requests of an entity wait for a decision. */
export async function countWaiting(entityId: string): Promise<number> {
  const { rows } = await appPool().query<{ count: number }>(
    "SELECT count(*)::int AS count FROM mapping_request WHERE entity_id = $1 AND state = 'asked'",
    [entityId],
  );
  return rows[0]?.count ?? 0;
}

/**
 * Who may approve changes of mappings (of an entity, or what concerns all: null) but some people, by their ids (those who asked for
 * one and edited it last): their names, or the roles where nobody is left who holds one.
 */
export async function approversOf(entityId: string | null, but: readonly (string | null)[]): Promise<string> {
  const able = roles.filter((role) => roleTable[role].permissions.includes("mappings.approve"));
  const people = (await findPeople(entityId, able)).filter((one) => !but.includes(one.id));
  if (people.length > 0) return people.map((one) => one.name).join(", ");
  return `nobody yet: it takes somebody with the role ${able.map((role) => roleTable[role].title).join(" or ")}`;
}
