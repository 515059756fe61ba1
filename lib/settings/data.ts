import "server-only";
import { appPool } from "@/lib/db/pool";

export type EntityRow = Readonly<{
  id: string;
  name: string;
  currency: string;
  timeZone: string;
  saleRecognition: string;
  shippingRefund: string;
  postingLagHours: number;
  sandbox: boolean;
}>;

export type ConnectionRow = Readonly<{
  id: string;
  entityId: string;
  kind: string;
  side: string;
  name: string;
  /** the policy's JSON, or null where none is known */
  rounding: unknown;
  roundingConfirmedAt: Date | null;
  feeds: number;
}>;

export type ShopRow = Readonly<{
  id: string;
  entityId: string;
  shopKey: string;
  countryCode: string;
  name: string;
}>;

export type UserRow = Readonly<{
  id: string;
  name: string;
  email: string;
  demo: boolean;
  disabled: boolean;
  grants: readonly Readonly<{ role: string; entityId: string | null }>[];
}>;

/** The settings of the entities in the scope, without any secret. */
export async function findSettings(entityIds: readonly string[]) {
  const scope = [[...entityIds]];
  const rowsOf = async <Row extends object>(sql: string): Promise<readonly Row[]> =>
    (await appPool().query<Row>(sql, scope)).rows;
  const [entities, connections, shops, users] = await Promise.all([
    rowsOf<EntityRow>(
      `SELECT id, name, currency, time_zone AS "timeZone", sale_recognition AS "saleRecognition",
         shipping_refund AS "shippingRefund", posting_lag_hours AS "postingLagHours", sandbox
       FROM entity WHERE id = ANY($1) ORDER BY id`,
    ),
    rowsOf<ConnectionRow>(
      `SELECT c.id, c.entity_id AS "entityId", c.kind, c.side, c.name, c.rounding,
         c.rounding_confirmed_at AS "roundingConfirmedAt",
         (SELECT count(*)::int FROM feed f WHERE f.connection_id = c.id) AS feeds
       FROM connection c WHERE c.entity_id = ANY($1) AND c.retired_at IS NULL ORDER BY c.entity_id, c.side DESC, c.name`,
    ),
    rowsOf<ShopRow>(
      `SELECT id, entity_id AS "entityId", shop_key AS "shopKey", country_code AS "countryCode", name
       FROM shop WHERE entity_id = ANY($1) ORDER BY id`,
    ),
    rowsOf<UserRow>(
      `SELECT u.id, u.name, u.email, u.demo, u.disabled_at IS NOT NULL AS disabled,
         jsonb_agg(jsonb_build_object('role', g.role, 'entityId', g.entity_id) ORDER BY g.role, g.entity_id) AS grants
       FROM "user" u JOIN "grant" g ON g.user_id = u.id
       WHERE g.entity_id IS NULL OR g.entity_id = ANY($1) GROUP BY u.id ORDER BY u.name, u.id`,
    ),
  ]);
  return { entities, connections, shops, users };
}
