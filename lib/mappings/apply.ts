import type pg from "pg";
import { Refusal } from "@/lib/domain/faults";
import { aliasOf, idOf } from "@/lib/domain/identity";
import { readReferencesAgain } from "@/lib/pairing/rules";
import {
  type AppliedChange,
  applyTaxCode,
  assertNoSharedDays,
  type By,
  itemSubject,
  makeRoom,
  validity,
  writeItem,
} from "@/lib/settings/change/apply";
import type { Move } from "@/lib/sync/store/placement";
import { type MappedItem, remapLines } from "@/lib/sync/store/remap";
import { type MappingChange, type ReferencePart, referenceText } from "./schema";

/** What a change did, and the action that the audit trail has of it. */
export type AppliedMapping = AppliedChange & Readonly<{ action: string }>;

/** What changes did: row by row, and the documents that references took elsewhere. */
export type AppliedMappings = Readonly<{ rows: readonly AppliedMapping[]; moves: readonly Move[] }>;

/**
 * Makes changes of mappings within the caller's transaction; the lines of all items that they name take their new meaning
 * in one go, and the references of each connection are read again once. The next reconciliation matches what they touch.
 *
 * @throws Refusal `invalid` for what can't hold, `not-found` for a row that is not there to be taken away, a connection, a
 *   shop or an order that the entity doesn't have
 */
export async function applyMappings(
  client: pg.ClientBase,
  entityId: string,
  changes: readonly MappingChange[],
  by: By,
): Promise<AppliedMappings> {
  const rows: AppliedMapping[] = [];
  const items: MappedItem[] = [];
  const names = new Map<string, string[]>();
  for (const change of changes) {
    if ("erpItem" in change) items.push(change);
    if (change.kind === "reference" || change.kind === "reference-gone") {
      const own = names.get(change.connectionId) ?? [];
      names.set(change.connectionId, change.part === "name" ? [...own, change.text] : own);
    }
    rows.push(await applyOne(client, entityId, change, by));
  }
  if (changes.some((one) => one.kind !== "second-person")) await assertNoSharedDays(client, entityId);
  if (items.length > 0) await remapLines(client, entityId, items, by.at);
  const moves: Move[] = [];
  for (const [connectionId, own] of names)
    moves.push(...(await readReferencesAgain(client, { entityId, connectionId }, own, by.at)));
  return { rows, moves };
}

async function applyOne(
  client: pg.ClientBase,
  entityId: string,
  change: MappingChange,
  by: By,
): Promise<AppliedMapping> {
  switch (change.kind) {
    case "tax-code":
      return { action: "settings.tax-code", ...(await applyTaxCode(client, entityId, change, by)) };
    case "item":
      return { action: "settings.item", ...(await writeItem(client, entityId, change, by)) };
    case "item-gone":
      return { action: "settings.item", ...(await removeItem(client, entityId, change)) };
    case "reference":
      return { action: "settings.reference", ...(await writeReference(client, entityId, change, by)) };
    case "reference-gone":
      return { action: "settings.reference", ...(await removeReference(client, entityId, change)) };
    case "payment":
      return { action: "settings.payment", ...(await writePayment(client, entityId, change, by)) };
    case "payment-gone":
      return { action: "settings.payment", ...(await removePayment(client, entityId, change)) };
    case "second-person": {
      const { rows } = await client.query<{ before: boolean }>(
        "SELECT second_person AS before FROM entity WHERE id = $1 FOR UPDATE",
        [entityId],
      );
      await client.query("UPDATE entity SET second_person = $2 WHERE id = $1", [entityId, change.needed]);
      return {
        action: "settings.second-person",
        subject: "second-person",
        before: rows[0]?.before ?? null,
        after: change.needed,
      };
    }
    default:
      throw new Error(`no such change: ${JSON.stringify(change satisfies never)}`);
  }
}

type Of<Kind extends MappingChange["kind"]> = Extract<MappingChange, { kind: Kind }>;

/** The name of an entity's ERP connection. Throws Refusal `not-found`. */
async function ledgerName(client: pg.ClientBase, entityId: string, connectionId: string): Promise<string> {
  const { rows } = await client.query<{ name: string }>(
    "SELECT name FROM connection WHERE id = $1 AND entity_id = $2 AND side = 'erp' AND retired_at IS NULL",
    [connectionId, entityId],
  );
  if (!rows[0]) throw new Refusal("not-found", "There is no such ERP connection in this entity.");
  return rows[0].name;
}

/** How the trail names what is said of references, or of one of them. */
export const referenceSubject = (connection: string, part: ReferencePart, text: string): string =>
  ["reference", connection, part, text].filter(Boolean).join(" ");

const REFERENCE_KEY = "entity_id = $1 AND connection_id = $2 AND part = $3 AND text = $4";

async function writeReference(
  client: pg.ClientBase,
  entityId: string,
  change: Of<"reference">,
  by: By,
): Promise<AppliedChange> {
  const { connectionId, part, order, validFrom, validUntil, replaces } = change;
  const text = referenceText(change);
  const name = await ledgerName(client, entityId, connectionId);
  if (order !== null) {
    const { rowCount } = await client.query(
      "SELECT FROM order_alias WHERE entity_id = $1 AND alias = $2 LIMIT 1",
      [entityId, aliasOf(order)],
    );
    if (!rowCount) throw new Refusal("not-found", `There is no order ${order} in this entity.`);
  }
  const key = [entityId, connectionId, part, text];
  const subject = referenceSubject(name, part, text);
  const before = await makeRoom(client, "reference_rule", REFERENCE_KEY, key, subject, {
    validFrom,
    validUntil,
    replaces,
  });
  await client.query(
    `INSERT INTO reference_rule (id, entity_id, connection_id, part, text, order_reference, confirmed_at, confirmed_by, valid_from, valid_until, written)
     VALUES ($5, $1, $2, $3, $4, $6, $7, $8, $9, $10, $11)`,
    [
      ...key,
      idOf("reference-rule", ...key, validFrom ?? ""),
      order,
      by.at,
      by.name,
      validFrom ?? null,
      validUntil ?? null,
      change.text,
    ],
  );
  const saying = (says: string | null, from?: string | null, until?: string | null) => ({
    ...(part === "name" ? { order: says } : { leftOut: true }),
    ...validity(from, until),
  });
  return {
    subject,
    before: before && saying(before["order_reference"] ?? null, before["valid_from"], before["valid_until"]),
    after: saying(order, validFrom, validUntil),
  };
}

async function removeReference(
  client: pg.ClientBase,
  entityId: string,
  change: Of<"reference-gone">,
): Promise<AppliedChange> {
  const { connectionId, part, begins } = change;
  const text = referenceText(change);
  const subject = referenceSubject(await ledgerName(client, entityId, connectionId), part, text);
  const { rows } = await client.query<{ order: string | null }>(
    `DELETE FROM reference_rule WHERE ${REFERENCE_KEY} AND ($5 OR valid_from IS NOT DISTINCT FROM $6::date)
     RETURNING order_reference AS "order", valid_from AS "validFrom", valid_until AS "validUntil"`,
    [entityId, connectionId, part, text, begins === undefined, firstDay(begins)],
  );
  return gone(
    subject,
    rows.map(({ order, ...days }) => ({ ...(part === "name" ? { order } : { leftOut: true }), ...days })),
  );
}

/** How the trail names a way of paying. */
export const paymentSubject = (connection: string, shopId: string, paymentKey: string): string =>
  ["payment", connection, shopId, paymentKey].join(" ");

const PAYMENT_KEY = "entity_id = $1 AND connection_id = $2 AND shop_id = $3 AND payment_key = $4";

async function writePayment(
  client: pg.ClientBase,
  entityId: string,
  { connectionId, shopId, paymentKey, erpCode, validFrom, validUntil, replaces }: Of<"payment">,
  by: By,
): Promise<AppliedChange> {
  const name = await ledgerName(client, entityId, connectionId);
  if (shopId !== "*") {
    const shop = await client.query("SELECT FROM shop WHERE id = $1 AND entity_id = $2", [shopId, entityId]);
    if (!shop.rowCount) throw new Refusal("not-found", `There is no shop ${shopId} in this entity.`);
  }
  const key = [entityId, connectionId, shopId, paymentKey];
  const subject = paymentSubject(name, shopId, paymentKey);
  const before = await makeRoom(client, "payment_mapping", PAYMENT_KEY, key, subject, {
    validFrom,
    validUntil,
    replaces,
  });
  await client.query(
    `INSERT INTO payment_mapping (id, entity_id, connection_id, shop_id, payment_key, erp_code, confirmed_at, confirmed_by, valid_from, valid_until)
     VALUES ($5, $1, $2, $3, $4, $6, $7, $8, $9, $10)`,
    [
      ...key,
      idOf("payment-mapping", ...key, validFrom ?? ""),
      erpCode,
      by.at,
      by.name,
      validFrom ?? null,
      validUntil ?? null,
    ],
  );
  return {
    subject,
    before: before && {
      code: before["erp_code"],
      ...validity(before["valid_from"], before["valid_until"]),
    },
    after: { code: erpCode, ...validity(validFrom, validUntil) },
  };
}

async function removePayment(
  client: pg.ClientBase,
  entityId: string,
  { connectionId, shopId, paymentKey, begins }: Of<"payment-gone">,
): Promise<AppliedChange> {
  const subject = paymentSubject(await ledgerName(client, entityId, connectionId), shopId, paymentKey);
  const { rows } = await client.query<{ code: string }>(
    `DELETE FROM payment_mapping WHERE ${PAYMENT_KEY} AND ($5 OR valid_from IS NOT DISTINCT FROM $6::date)
     RETURNING erp_code AS code, valid_from AS "validFrom", valid_until AS "validUntil"`,
    [entityId, connectionId, shopId, paymentKey, begins === undefined, firstDay(begins)],
  );
  return gone(subject, rows);
}

const firstDay = (begins: string | undefined): string | null =>
  begins === undefined || begins === "beginning" ? null : begins;

function gone(subject: string, rows: readonly object[]): AppliedChange {
  if (!rows[0]) throw new Refusal("not-found", `There is no row of ${subject} to take away.`);
  return { subject, before: rows.length === 1 ? rows[0] : rows, after: null };
}

async function removeItem(
  client: pg.ClientBase,
  entityId: string,
  item: Extract<MappingChange, { kind: "item-gone" }>,
): Promise<AppliedChange> {
  const { rows } = await client.query<{ sku: string | null; lineKind: string }>(
    `DELETE FROM item_mapping WHERE entity_id = $1 AND erp_kind = $2 AND erp_item = $3 AND erp_variant = $4
        AND ($5 OR valid_from IS NOT DISTINCT FROM $6::date)
     RETURNING sku, line_kind AS "lineKind", valid_from AS "validFrom", valid_until AS "validUntil"`,
    [entityId, item.erpKind, item.erpItem, item.erpVariant, item.begins === undefined, firstDay(item.begins)],
  );
  const subject = itemSubject(item);
  if (!rows[0]) throw new Refusal("not-found", `There is no mapping of ${subject} to take away.`);
  return { subject, before: rows.length === 1 ? rows[0] : rows, after: null };
}
