import type pg from "pg";
import { businessCentralConnector } from "@/lib/connectors/registry";
import { daysWords } from "@/lib/domain/day";
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
    case "tax-code": {
      const applied = await applyTaxCode(client, entityId, change, by);
      await assertNoSharedDays(client, entityId);
      return applied;
    }
    case "rounding":
      return applyRounding(client, entityId, change, by);
    case "none-tax-codes":
      return applyToEntity(client, entityId, "none_tax_codes", [...new Set(change.taxCodes)].sort());
    case "posting-lag":
      return applyToEntity(client, entityId, "posting_lag_hours", change.hours);
    case "item": {
      const applied = await writeItem(client, entityId, change, by);
      await assertNoSharedDays(client, entityId);
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

/** Keeps whether a tax code is right somewhere. Within the caller's transaction, which asks `assertNoSharedDays` at its end. */
export async function applyTaxCode(
  client: pg.ClientBase,
  entityId: string,
  { shipTo, channel, rate, taxCode, right, validFrom, validUntil, replaces }: Of<"tax-code">,
  by: By,
): Promise<AppliedChange> {
  const key = [entityId, shipTo, channel, rate, taxCode];
  // What is only proposed is no statement of anybody: this one takes its place.
  await client.query(
    `DELETE FROM tax_mapping WHERE ${TAX_KEY} AND confirmed_at IS NULL AND confirmed_by IS NULL`,
    key,
  );
  const span = { validFrom, validUntil, replaces };
  const before = await makeRoom(client, "tax_mapping", TAX_KEY, key, taxCode, span);
  // A no is kept with who said it: otherwise the next look at what is posted would propose the code again.
  await client.query(
    `INSERT INTO tax_mapping (id, entity_id, ship_to, channel, rate, treatment, tax_code, confirmed_at, confirmed_by, valid_from, valid_until)
     VALUES ($6, $1, $2, $3, $4, CASE WHEN $4::numeric = 0 THEN 'zero' ELSE 'standard' END, $5, $7, $8, $9, $10)`,
    [
      ...key,
      idOf("tax-mapping-span", ...key, validFrom ?? ""),
      right ? by.at : null,
      by.name,
      validFrom ?? null,
      validUntil ?? null,
    ],
  );
  return {
    subject: `tax-code ${shipTo} ${channel} ${rate} ${taxCode}`,
    before: before && {
      right: before["confirmed_at"] !== null,
      ...validity(before["valid_from"], before["valid_until"]),
    },
    after: { right, ...validity(validFrom, validUntil) },
  };
}

const TAX_KEY = "entity_id = $1 AND ship_to = $2 AND channel = $3 AND rate = $4 AND tax_code = $5";
const ITEM_KEY = "entity_id = $1 AND erp_kind = $2 AND erp_item = $3 AND erp_variant = $4";

/** The tables of mappings whose rows hold from day to day. */
type SpannedTable = "tax_mapping" | "item_mapping" | "reference_rule" | "payment_mapping";

/**
 * Takes away the row that a statement takes the place of, and returns it: the one that it names, else the one of the same
 * first day. Throws Refusal "invalid" for a span that ends before it begins, `not-found` for a row to replace that is not there.
 */
export async function makeRoom(
  client: pg.ClientBase,
  table: SpannedTable,
  where: string,
  key: readonly string[],
  name: string,
  { validFrom, validUntil, replaces }: Pick<Of<"tax-code">, "validFrom" | "validUntil" | "replaces">,
): Promise<Readonly<Record<string, string | null>> | null> {
  if (validFrom !== undefined && validUntil !== undefined && validUntil < validFrom)
    throw new Refusal("invalid", `The last day on which ${name} holds is before the first.`);
  const start = replaces === "beginning" ? null : (replaces ?? validFrom ?? null);
  const at = `$${key.length + 1}::date`;
  const take = (from: string | null) =>
    client.query(
      `DELETE FROM ${table} WHERE ${where} AND valid_from IS NOT DISTINCT FROM ${at} RETURNING *`,
      [...key, from],
    );
  const { rows } = await take(start);
  if (rows[0] || replaces === undefined || start === (validFrom ?? null)) return rows[0] ?? null;
  // The same statement twice: what it replaced is gone, and it stands there itself.
  const again = (await take(validFrom ?? null)).rows[0];
  if (!again)
    throw new Refusal("not-found", `There is no such row of ${name} any more to change. Look again.`);
  return again;
}

/**
 * That no two rows of one tax code, item, reference or way of paying share a day: asked after all changes that belong together were made.
 * The database holds it too. Throws Refusal "invalid" naming the two.
 */
export async function assertNoSharedDays(client: pg.ClientBase, entityId: string): Promise<void> {
  const { rows } = await client.query<Readonly<{ name: string; spans: readonly (string | null)[] }>>(
    `SELECT * FROM (
       SELECT a.tax_code || ' for ' || a.ship_to || ' at ' || trim_scale(a.rate * 100) || ' %' AS name,
              ARRAY[a.valid_from, a.valid_until, b.valid_from, b.valid_until]::text[] AS spans
         FROM tax_mapping a JOIN tax_mapping b USING (entity_id, ship_to, channel, rate, tax_code)
        WHERE a.entity_id = $1 AND a.id < b.id
          AND daterange(a.valid_from, a.valid_until, '[]') && daterange(b.valid_from, b.valid_until, '[]')
       UNION ALL
       SELECT concat_ws(' ', 'the ERP’s', a.erp_kind, a.erp_item, nullif(a.erp_variant, '')),
              ARRAY[a.valid_from, a.valid_until, b.valid_from, b.valid_until]::text[]
         FROM item_mapping a JOIN item_mapping b USING (entity_id, erp_kind, erp_item, erp_variant)
        WHERE a.entity_id = $1 AND a.id < b.id
          AND daterange(a.valid_from, a.valid_until, '[]') && daterange(b.valid_from, b.valid_until, '[]')
       UNION ALL
       SELECT concat_ws(' ', 'the reference’s', part, nullif(text, '')),
              ARRAY[a.valid_from, a.valid_until, b.valid_from, b.valid_until]::text[]
         FROM reference_rule a JOIN reference_rule b USING (entity_id, connection_id, part, text)
        WHERE a.entity_id = $1 AND a.id < b.id
          AND daterange(a.valid_from, a.valid_until, '[]') && daterange(b.valid_from, b.valid_until, '[]')
       UNION ALL
       SELECT 'payment by ' || payment_key, ARRAY[a.valid_from, a.valid_until, b.valid_from, b.valid_until]::text[]
         FROM payment_mapping a JOIN payment_mapping b USING (entity_id, connection_id, shop_id, payment_key)
        WHERE a.entity_id = $1 AND a.id < b.id
          AND daterange(a.valid_from, a.valid_until, '[]') && daterange(b.valid_from, b.valid_until, '[]')) AS shared
      LIMIT 1`,
    [entityId],
  );
  if (!rows[0]) return;
  const [fromA, untilA, fromB, untilB] = rows[0].spans;
  const [one, other] = [spanWords(fromA, untilA), spanWords(fromB, untilB)];
  throw new Refusal(
    "invalid",
    `Two rows of ${rows[0].name} share days: one holds ${one}, the other ${other}. Change the row that there is, or choose other days.`,
  );
}

const spanWords = (from: string | null | undefined, until: string | null | undefined): string =>
  daysWords(from, until).slice(2) || "always";

/** The days on which a mapping holds, as far as there are any ends. */
export const validity = (from: string | null | undefined, until: string | null | undefined) => ({
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
 * Keeps what an ERP item or account stands for; its lines take that meaning by `remapLines` alone, and
 * whoever writes it asks `assertNoSharedDays` at the end. Throws Refusal "invalid"
 * for an item without a SKU, or a charge with one.
 */
export async function writeItem(
  client: pg.ClientBase,
  entityId: string,
  { erpKind, erpItem, erpVariant, lineKind, sku, validFrom, validUntil, replaces }: Of<"item">,
  by: By,
): Promise<AppliedChange> {
  if ((lineKind === "item") !== (sku !== null)) {
    throw new Refusal("invalid", "An item stands for a SKU; a charge, a gift card or a rounding for none.");
  }
  const key = [entityId, erpKind, erpItem, erpVariant];
  const subject = itemSubject({ erpKind, erpItem, erpVariant });
  const span = { validFrom, validUntil, replaces };
  const before = await makeRoom(client, "item_mapping", ITEM_KEY, key, subject, span);
  await client.query(
    `INSERT INTO item_mapping (id, entity_id, erp_kind, erp_item, erp_variant, sku, line_kind, confirmed_at, confirmed_by, valid_from, valid_until)
     VALUES ($5, $1, $2, $3, $4, $6, $7, $8, $9, $10, $11)`,
    [
      ...key,
      idOf("item-mapping-span", ...key, validFrom ?? ""),
      sku,
      lineKind,
      by.at,
      by.name,
      validFrom ?? null,
      validUntil ?? null,
    ],
  );
  return {
    subject,
    before: before && {
      sku: before["sku"],
      lineKind: before["line_kind"],
      ...validity(before["valid_from"], before["valid_until"]),
    },
    after: { sku, lineKind, ...validity(validFrom, validUntil) },
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
