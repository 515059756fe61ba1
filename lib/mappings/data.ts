import "server-only";
import { roles, roleTable } from "@/lib/auth/permissions";
import { appPool } from "@/lib/db/pool";
import { findPeople } from "@/lib/exceptions/one";
import type { Draft } from "@/lib/settings/change/schema";
import { Actual, Foreseen } from "./foreseen";
import { MappingChange } from "./schema";

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

/** All rows of a table, as a file has them; tax codes that are only proposed are no mapping yet. */
export async function findForFile(entityId: string, table: "items" | "tax-codes"): Promise<readonly Draft[]> {
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
}>;

/** What the audit trail has of one row, newest first. `subject` as changes of it are named there. */
export async function findRowHistory(entityId: string, subject: string): Promise<readonly MappingEvent[]> {
  const { rows } = await appPool().query<MappingEvent>(
    `SELECT seq::text AS id, at, actor_name AS "actorName", before, after FROM audit_event
      WHERE subject = $2 AND chain = $1 AND outcome = 'done' AND action IN ('settings.tax-code', 'settings.item')
      ORDER BY seq DESC LIMIT 50`,
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
  foreseen_at AS "foreseenAt", actual, actual_at AS "actualAt", again IS NOT NULL AS retries, made_at AS "madeAt", made_by_id AS "madeById", made_by AS "madeBy",
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

/** Who may approve changes of mappings but one person: their names, or the roles where nobody holds one. */
export async function approversOf(entityId: string, but: string | null): Promise<string> {
  const able = roles.filter((role) => roleTable[role].permissions.includes("mappings.approve"));
  const people = (await findPeople(entityId, able)).filter((one) => one.id !== but);
  if (people.length > 0) return people.map((one) => one.name).join(", ");
  return `nobody yet: it takes somebody with the role ${able.map((role) => roleTable[role].title).join(" or ")}`;
}
