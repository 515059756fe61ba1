import type pg from "pg";
import { businessCentralConnector } from "@/lib/connectors/registry";
import { Refusal } from "@/lib/domain/faults";
import { idOf } from "@/lib/domain/identity";
import { toJson } from "@/lib/domain/json";
import { policyInFull } from "@/lib/domain/tax/policy";
import { isSamePolicy } from "@/lib/matching/rounding/candidates";
import { StoredPolicy } from "@/lib/matching/rounding/stored";
import { choicesFor } from "@/lib/rounding/data";
import { type MappedItem, remapLines } from "@/lib/sync/store/remap";
import type { SettingsChange } from "./schema";

/** What a change replaced and what holds now, for the audit trail. */
export type AppliedChange = Readonly<{ subject: string; before: unknown; after: unknown }>;

/**
 * Makes a change within the caller's transaction, as confirmed by whoever makes it. What it touches is matched again by
 * the next reconciliation.
 *
 * @throws Refusal `not-found` for a connection that the entity doesn't have, `invalid` for what can't hold
 */
export async function applyChange(
  client: pg.ClientBase,
  entityId: string,
  change: SettingsChange,
  by: By,
): Promise<AppliedChange> {
  switch (change.kind) {
    case "tax-code":
      return applyTaxCode(client, entityId, change, by);
    case "rounding":
      return applyRounding(client, entityId, change, by);
    case "none-tax-codes":
      return applyToEntity(client, entityId, "none_tax_codes", [...new Set(change.taxCodes)].sort());
    case "posting-lag":
      return applyToEntity(client, entityId, "posting_lag_hours", change.hours);
    case "item": {
      const applied = await writeItem(client, entityId, change, by);
      await remapLines(client, entityId, [change], by.at);
      return applied;
    }
    case "local-currency":
      return applyLocalCurrency(client, entityId, change);
    default:
      throw new Error(`no such change: ${JSON.stringify(change satisfies never)}`);
  }
}

type Of<Kind extends SettingsChange["kind"]> = Extract<SettingsChange, { kind: Kind }>;
/** Who makes a change, as it is shown beside what holds, and when. */
export type By = Readonly<{ name: string; at: Date }>;

/** Keeps whether a tax code is right somewhere. Within the caller's transaction. */
export async function applyTaxCode(
  client: pg.ClientBase,
  entityId: string,
  { shipTo, channel, rate, taxCode, right, validFrom, validUntil }: Of<"tax-code">,
  by: By,
): Promise<AppliedChange> {
  if (validFrom !== undefined && validUntil !== undefined && validUntil < validFrom)
    throw new Refusal("invalid", `The last day on which ${taxCode} is right is before the first.`);
  const key = [entityId, shipTo, channel, rate, taxCode];
  const subject = `tax-code ${shipTo} ${channel} ${rate} ${taxCode}`;
  const { rows } = await client.query(
    `SELECT confirmed_at IS NOT NULL AS confirmed, valid_from, valid_until FROM tax_mapping
      WHERE entity_id = $1 AND ship_to = $2 AND channel = $3 AND rate = $4 AND tax_code = $5`,
    key,
  );
  const before = rows[0]
    ? { right: rows[0].confirmed, ...validity(rows[0].valid_from, rows[0].valid_until) }
    : null;
  // A no is kept with who said it: otherwise the next look at what is posted would propose the code again.
  await client.query(
    `INSERT INTO tax_mapping (id, entity_id, ship_to, channel, rate, treatment, tax_code, confirmed_at, confirmed_by, valid_from, valid_until)
     VALUES ($6, $1, $2, $3, $4, CASE WHEN $4::numeric = 0 THEN 'zero' ELSE 'standard' END, $5, $7, $8, $9, $10)
     ON CONFLICT (entity_id, ship_to, channel, rate, tax_code)
     DO UPDATE SET confirmed_at = excluded.confirmed_at, confirmed_by = excluded.confirmed_by,
                   valid_from = excluded.valid_from, valid_until = excluded.valid_until`,
    [
      ...key,
      idOf("tax-mapping", ...key),
      right ? by.at : null,
      by.name,
      validFrom ?? null,
      validUntil ?? null,
    ],
  );
  return { subject, before, after: { right, ...validity(validFrom, validUntil) } };
}

/** The days on which a mapping holds, as far as there are any ends. */
const validity = (from: string | null | undefined, until: string | null | undefined) => ({
  ...(from && { validFrom: from }),
  ...(until && { validUntil: until }),
});

async function applyRounding(
  client: pg.ClientBase,
  entityId: string,
  { connectionId, policy }: Of<"rounding">,
  by: By,
): Promise<AppliedChange> {
  const { rows } = await client.query<{ kind: string; name: string; rounding: unknown }>(
    "SELECT kind, name, rounding FROM connection WHERE id = $1 AND entity_id = $2 AND retired_at IS NULL FOR UPDATE",
    [connectionId, entityId],
  );
  const [connection] = rows;
  if (!connection) throw new Refusal("not-found", `${entityId} has no such connection.`);
  const before = connection.rounding === null ? null : StoredPolicy.parse(connection.rounding);
  if (!choicesFor(connection.kind, before).some((one) => isSamePolicy(one, policy))) {
    throw new Refusal("invalid", `${connection.name} can't round ${policyInFull(policy)}.`);
  }
  await client.query(
    "UPDATE connection SET rounding = $2::jsonb, rounding_confirmed_at = $3, rounding_confirmed_by = $4 WHERE id = $1",
    [connectionId, toJson(policy), by.at, by.name],
  );
  return { subject: `rounding ${connection.name}`, before, after: policy };
}

async function applyToEntity(
  client: pg.ClientBase,
  entityId: string,
  column: "none_tax_codes" | "posting_lag_hours",
  value: unknown,
): Promise<AppliedChange> {
  const { rows } = await client.query<{ before: unknown }>(
    `SELECT ${column} AS before FROM entity WHERE id = $1 FOR UPDATE`,
    [entityId],
  );
  if (!rows[0]) throw new Refusal("not-found", `There is no entity ${entityId}.`);
  await client.query(`UPDATE entity SET ${column} = $2 WHERE id = $1`, [entityId, value]);
  return { subject: column.replaceAll("_", "-"), before: rows[0].before, after: value };
}

/**
 * Keeps what an ERP item or account stands for; its lines take that meaning by `remapLines` alone. Throws Refusal "invalid"
 * for an item without a SKU, or a charge with one.
 */
export async function writeItem(
  client: pg.ClientBase,
  entityId: string,
  { erpKind, erpItem, erpVariant, lineKind, sku }: Of<"item">,
  by: By,
): Promise<AppliedChange> {
  if ((lineKind === "item") !== (sku !== null)) {
    throw new Refusal("invalid", "An item stands for a SKU; a charge, a gift card or a rounding for none.");
  }
  const key = [entityId, erpKind, erpItem, erpVariant];
  const { rows } = await client.query<{ sku: string | null; line_kind: string }>(
    `SELECT sku, line_kind FROM item_mapping
      WHERE entity_id = $1 AND erp_kind = $2 AND erp_item = $3 AND erp_variant = $4`,
    key,
  );
  await client.query(
    `INSERT INTO item_mapping (id, entity_id, erp_kind, erp_item, erp_variant, sku, line_kind, confirmed_at, confirmed_by)
     VALUES ($5, $1, $2, $3, $4, $6, $7, $8, $9)
     ON CONFLICT (entity_id, erp_kind, erp_item, erp_variant)
     DO UPDATE SET sku = excluded.sku, line_kind = excluded.line_kind, confirmed_at = excluded.confirmed_at,
                   confirmed_by = excluded.confirmed_by`,
    [...key, idOf("item-mapping", ...key), sku, lineKind, by.at, by.name],
  );
  return {
    subject: itemSubject({ erpKind, erpItem, erpVariant }),
    before: rows[0] ? { sku: rows[0].sku, lineKind: rows[0].line_kind } : null,
    after: { sku, lineKind },
  };
}

/** How the trail names an ERP item or account. */
export const itemSubject = ({ erpKind, erpItem, erpVariant }: MappedItem): string =>
  [erpKind, erpItem, erpVariant].filter(Boolean).join(" ");

/** What was read with one currency is not read again with another: the currency is given once. */
async function applyLocalCurrency(
  client: pg.ClientBase,
  entityId: string,
  { connectionId, currency }: Of<"local-currency">,
): Promise<AppliedChange> {
  const { rows } = await client.query<{ kind: string; name: string; before: string | null }>(
    `SELECT kind, name, settings ->> 'localCurrency' AS before FROM connection
      WHERE id = $1 AND entity_id = $2 AND retired_at IS NULL FOR UPDATE`,
    [connectionId, entityId],
  );
  const [connection] = rows;
  if (!connection) throw new Refusal("not-found", `${entityId} has no such connection.`);
  const { name, before } = connection;
  if (connection.kind !== businessCentralConnector.kind) {
    throw new Refusal("invalid", `Every document of ${name} names its currency.`);
  }
  if (before !== null && before !== currency) {
    throw new Refusal(
      "conflict",
      `Documents of ${name} that name no currency are read as ${before} already.`,
    );
  }
  if (!Intl.supportedValuesOf("currency").includes(currency)) {
    throw new Refusal("invalid", `There is no currency ${currency}.`);
  }
  await client.query(
    "UPDATE connection SET settings = settings || jsonb_build_object('localCurrency', $2::text) WHERE id = $1",
    [connectionId, currency],
  );
  return { subject: `local-currency ${name}`, before, after: currency };
}
