import type pg from "pg";
import { causes } from "@/lib/causes/registry";
import { Refusal } from "@/lib/domain/faults";
import { idOf } from "@/lib/domain/identity";
import { toJson } from "@/lib/domain/json";
import { exponentOf } from "@/lib/domain/money";
import { paceOf } from "./paces";
import { sealSecret } from "./secrets";

/** A legal entity as a person sets it up. What is left out keeps its value, or its default. */
export type EntitySetup = Readonly<{
  code: string;
  name: string | null;
  currency: string;
  timeZone: string;
  acceptProposals: boolean;
  sandbox: boolean;
  saleRecognition?: string;
  shippingRefund?: string;
  postingLagHours?: number;
}>;

/** One connection of an entity: settings anybody may see, and a secret nobody may. */
export type ConnectionSetup = Readonly<{
  kind: string;
  side: "scayle" | "erp";
  name: string;
  settings: Readonly<Record<string, unknown>>;
  secret: unknown;
  capabilities: unknown;
  /** shopKey/countryCode in lower case, with its name */
  shops: readonly Readonly<{ shop: string; name: string }>[];
  /** feed id after the entity, and what it reads */
  feeds: readonly Readonly<{ suffix: string; resource: string; shop: string | null }>[];
}>;

const CODE = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,31}$/;

/** Throws Refusal "invalid" for a code, currency or time zone that can't be one. */
export function checkEntity({ code, currency, timeZone }: EntitySetup): void {
  if (!CODE.test(code)) {
    throw new Refusal(
      "invalid",
      `"${code}" can't be an entity's code: up to 32 letters, digits, "-", "_", ".".`,
    );
  }
  if (!/^[A-Z]{3}$/.test(currency) || !Intl.supportedValuesOf("currency").includes(currency)) {
    throw new Refusal("invalid", `"${currency}" is no ISO 4217 currency code, like EUR.`);
  }
  exponentOf(currency);
  try {
    new Intl.DateTimeFormat("en", { timeZone });
  } catch {
    throw new Refusal("invalid", `"${timeZone}" is no IANA time zone, like Europe/Amsterdam.`);
  }
}

/** Identity of a connection. */
export const connectionIdOf = (entityId: string, kind: string, name: string): string =>
  idOf("connection", entityId, kind, name);

/**
 * Makes or updates an entity. A currency can't change under books that are kept in it; another time zone or policy
 * moves books, so everything is read and derived again.
 */
export async function writeEntity(client: pg.ClientBase, setup: EntitySetup, at: Date): Promise<void> {
  checkEntity(setup);
  const { rows } = await client.query<Before>(
    `SELECT currency, time_zone, sale_recognition, shipping_refund, EXISTS (SELECT FROM document WHERE entity_id = $1) AS booked FROM entity WHERE id = $1`,
    [setup.code],
  );
  const before = rows[0];
  if (before?.booked && before.currency !== setup.currency) {
    throw new Refusal(
      "conflict",
      `${setup.code} keeps its books in ${before.currency}; books in ${setup.currency} need an entity of their own.`,
    );
  }
  await client.query(
    `INSERT INTO entity (id, name, currency, time_zone, sale_recognition, shipping_refund, posting_lag_hours, accept_proposals, sandbox, second_person, created_at)
     VALUES ($1, coalesce($2, $1), $3, $4, coalesce($5, 'shipped'), coalesce($6, 'whole-order'), coalesce($7::int, 72), $8, $9, NOT $9, $10)
     ON CONFLICT (id) DO UPDATE SET name = coalesce($2, entity.name), currency = excluded.currency,
       time_zone = excluded.time_zone, sale_recognition = coalesce($5, entity.sale_recognition),
       shipping_refund = coalesce($6, entity.shipping_refund),
       posting_lag_hours = coalesce($7::int, entity.posting_lag_hours),
       accept_proposals = entity.accept_proposals OR excluded.accept_proposals, sandbox = excluded.sandbox, retired_at = NULL`,
    [
      setup.code,
      setup.name,
      setup.currency,
      setup.timeZone,
      setup.saleRecognition ?? null,
      setup.shippingRefund ?? null,
      setup.postingLagHours ?? null,
      setup.acceptProposals,
      setup.sandbox,
      at,
    ],
  );
  if (before && movesBooks(before, setup)) await readAllAgain(client, setup.code);
}

type Before = Readonly<{
  currency: string;
  time_zone: string;
  sale_recognition: string;
  shipping_refund: string;
  booked: boolean;
}>;

const movesBooks = (before: Before, setup: EntitySetup): boolean =>
  before.time_zone !== setup.timeZone ||
  before.sale_recognition !== (setup.saleRecognition ?? before.sale_recognition) ||
  before.shipping_refund !== (setup.shippingRefund ?? before.shipping_refund);

/** Lets the next sync read everything, and derive books from what it finds although it is what we hold. */
async function readAllAgain(client: pg.ClientBase, entityId: string): Promise<void> {
  await client.query("UPDATE feed SET watermark = NULL WHERE entity_id = $1", [entityId]);
  await client.query("UPDATE sales_order SET source_record_id = NULL WHERE entity_id = $1", [entityId]);
}

/**
 * Makes or updates a connection with its shops and feeds. Where it points elsewhere than before, its feeds begin anew;
 * feeds of shops that are no longer named end.
 */
export async function writeConnection(
  client: pg.ClientBase,
  entityId: string,
  setup: ConnectionSetup,
  at: Date,
): Promise<string> {
  const id = connectionIdOf(entityId, setup.kind, setup.name);
  await client.query(
    `INSERT INTO connection (id, entity_id, kind, side, name, settings, secret, capabilities, created_at)
     VALUES ($1, $2, $3, $4, $5, $6::jsonb, $7, $8::jsonb, $9)
     ON CONFLICT (id) DO UPDATE SET settings = excluded.settings, secret = excluded.secret,
       capabilities = excluded.capabilities, retired_at = NULL`,
    [
      id,
      entityId,
      setup.kind,
      setup.side,
      setup.name,
      toJson(setup.settings),
      setup.secret === null ? null : sealSecret(id, setup.secret),
      toJson(setup.capabilities),
      at,
    ],
  );
  for (const { shop, name } of setup.shops) {
    const [shopKey = shop, countryCode = ""] = shop.split("/");
    await client.query(
      `INSERT INTO shop (id, entity_id, connection_id, shop_key, country_code, name) VALUES ($1, $2, $3, $4, $5, $6)
       ON CONFLICT (id) DO UPDATE SET name = excluded.name`,
      [`${entityId}/${shop}`.toLowerCase(), entityId, id, shopKey, countryCode, name],
    );
  }
  const feedIds = setup.feeds.map((feed) => `${entityId}/${feed.suffix}`);
  await client.query("DELETE FROM feed WHERE connection_id = $1 AND NOT id = ANY($2)", [id, feedIds]);
  for (const feed of setup.feeds) {
    const pace = paceOf(feed.resource);
    await client.query(
      `INSERT INTO feed (id, connection_id, entity_id, resource, shop_id, created_at, lane, interval_seconds, overlap_seconds, promise_seconds)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
       ON CONFLICT (id) DO UPDATE SET shop_id = excluded.shop_id`,
      [
        `${entityId}/${feed.suffix}`,
        id,
        entityId,
        feed.resource,
        feed.shop === null ? null : `${entityId}/${feed.shop}`.toLowerCase(),
        at,
        pace.lane,
        pace.interval,
        pace.overlap,
        pace.promise,
      ],
    );
  }
  return id;
}

/**
 * Lets the feeds of a connection begin anew: it points at other data than before. Its stock is that of the new source alone;
 * what was read stays among the readings.
 */
export async function restartFeeds(client: pg.ClientBase, connectionId: string): Promise<void> {
  await client.query(
    "UPDATE feed SET watermark = NULL, confirmed_until = NULL, position = NULL WHERE connection_id = $1",
    [connectionId],
  );
  await client.query("DELETE FROM stock_level WHERE connection_id = $1", [connectionId]);
  await client.query(
    "UPDATE stock_item SET checked_at = NULL, answered_at = NULL, gone_at = NULL WHERE connection_id = $1",
    [connectionId],
  );
}

/** Rows for who owns which cause, as the causes themselves say; rows that there are stay as they are. */
export async function writeOwnershipDefaults(client: pg.ClientBase): Promise<void> {
  const owned = causes.filter((cause) => cause.raises);
  await client.query(
    `INSERT INTO ownership_rule (id, cause, team)
     SELECT d.id, d.cause, d.team FROM unnest($1::uuid[], $2::text[], $3::text[]) AS d(id, cause, team)
      WHERE NOT EXISTS (SELECT FROM ownership_rule o WHERE o.cause = d.cause AND o.entity_id IS NULL AND o.shop_id IS NULL)
     ON CONFLICT (id) DO NOTHING`,
    [
      owned.map((cause) => idOf("ownership", "*", cause.code)),
      owned.map((cause) => cause.code),
      owned.map((cause) => cause.defaultOwner),
    ],
  );
}
