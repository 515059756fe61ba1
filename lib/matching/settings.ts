import { Decimal } from "decimal.js";
import type pg from "pg";
import type { GroupSettings } from "@/lib/domain/group";
import { StoredPolicy } from "./rounding/stored";

/** An entity as a reconciliation needs it. */
export type EntityBooks = Readonly<{
  id: string;
  currency: string;
  timeZone: string;
  /** whether what is proposed counts at once: how the systems round, and tax codes where one person is enough for those */
  acceptProposals: boolean;
  /** whether a second person approves mappings */
  secondPerson: boolean;
  settings: GroupSettings;
}>;

/** Entities that are live, or the one asked for. */
export async function loadEntities(
  client: pg.PoolClient,
  entityId?: string,
): Promise<readonly EntityBooks[]> {
  const { rows } = await client.query(
    `SELECT id, currency, time_zone, accept_proposals, second_person, sale_recognition, shipping_refund, posting_lag_hours, none_tax_codes
       FROM entity WHERE retired_at IS NULL AND ($1::text IS NULL OR id = $1) ORDER BY id`,
    [entityId ?? null],
  );
  const books: EntityBooks[] = [];
  for (const row of rows) {
    books.push({
      id: row.id,
      currency: row.currency,
      timeZone: row.time_zone,
      acceptProposals: row.accept_proposals,
      secondPerson: row.second_person,
      settings: {
        recognition: {
          recognition: row.sale_recognition,
          timeZone: row.time_zone,
          shippingRefund: row.shipping_refund,
        },
        postingLagHours: row.posting_lag_hours,
        noneTaxCodes: new Set(row.none_tax_codes as string[]),
        taxRules: await loadTaxRules(client, row.id),
        rounding: await loadRounding(client, row.id),
      },
    });
  }
  return books;
}

async function loadTaxRules(client: pg.PoolClient, entityId: string): Promise<GroupSettings["taxRules"]> {
  const { rows } = await client.query(
    `SELECT ship_to, channel, rate, tax_code, valid_from, valid_until FROM tax_mapping
      WHERE entity_id = $1 AND confirmed_at IS NOT NULL ORDER BY ship_to, channel, rate, tax_code, valid_from NULLS FIRST`,
    [entityId],
  );
  return rows.map((row) => ({
    shipTo: row.ship_to,
    channel: row.channel,
    rate: new Decimal(row.rate),
    taxCode: row.tax_code,
    from: row.valid_from,
    until: row.valid_until,
  }));
}

async function loadRounding(client: pg.PoolClient, entityId: string): Promise<GroupSettings["rounding"]> {
  const { rows } = await client.query(
    `SELECT id, rounding, rounding_confirmed_at FROM connection
      WHERE entity_id = $1 AND rounding IS NOT NULL ORDER BY id`,
    [entityId],
  );
  return new Map(
    rows.map((row) => [
      row.id as string,
      { policy: StoredPolicy.parse(row.rounding), confirmed: row.rounding_confirmed_at !== null },
    ]),
  );
}

/** What a reconciliation's outcome depends on beside the data, as text: when it changes, every group is looked at again. */
export function settingsText({ settings }: EntityBooks): string {
  return JSON.stringify([
    settings.recognition,
    settings.postingLagHours,
    [...settings.noneTaxCodes].sort(),
    settings.taxRules.map((rule) => [
      ...[rule.shipTo, rule.channel, rule.rate.toString(), rule.taxCode],
      ...(rule.from || rule.until ? [rule.from, rule.until] : []),
    ]),
    [...settings.rounding].sort(([a], [b]) => (a < b ? -1 : 1)),
  ]);
}

/** As of when an entity's books speak: the oldest moment up to which one of its feeds has confirmed an answer. */
export async function asOfEntity(client: pg.PoolClient, entityId: string, now: Date): Promise<Date> {
  const { rows } = await client.query<{ as_of: Date | null }>({
    name: "as-of-entity",
    text: `SELECT min(feed.confirmed_until) AS as_of FROM feed JOIN connection ON connection.id = feed.connection_id
      WHERE feed.entity_id = $1 AND connection.retired_at IS NULL AND feed.resource IN ('orders', 'ledger-documents', 'file')`,
    values: [entityId],
  });
  return rows[0]?.as_of ?? now;
}
