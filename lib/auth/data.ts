import type { Pool } from "pg";
import { appPool } from "@/lib/db/pool";
import { type Actor, entitiesOf } from "./actor";
import { isRole, type Permission, type Role } from "./permissions";

type UserRow = Readonly<{
  id: string;
  name: string;
  email: string;
  demo: boolean;
  grants: readonly { role: string; entityId: string | null }[];
}>;

const SELECT_USER = `
  SELECT u.id, u.name, u.email, u.demo,
         coalesce(jsonb_agg(jsonb_build_object('role', g.role, 'entityId', g.entity_id) ORDER BY g.role, g.entity_id)
                    FILTER (WHERE g.id IS NOT NULL), '[]') AS grants
    FROM "user" u LEFT JOIN "grant" g ON g.user_id = u.id
   WHERE u.disabled_at IS NULL`;

/** The actor behind a session, unless the user is gone, disabled, or every session was ended since. */
export async function findActor(
  userId: string,
  tokenVersion: number,
  pool: Pool = appPool(),
): Promise<Actor | null> {
  const { rows } = await pool.query<UserRow>(
    `${SELECT_USER} AND u.id::text = $1 AND u.token_version = $2 GROUP BY u.id`,
    [userId, tokenVersion],
  );
  return rows[0] ? toActor(rows[0]) : null;
}

/** A demo user as the sign-in page offers it. */
export type DemoUser = Readonly<{ email: string; name: string; roles: readonly Role[] }>;

/** The demo users that may still sign in; none once a real system is connected. */
export async function listDemoUsers(pool: Pool = appPool()): Promise<DemoUser[]> {
  const { rows } = await pool.query<UserRow>(`${SELECT_USER} AND u.demo GROUP BY u.id ORDER BY u.name`);
  return rows.map(toActor).map(({ email, name, grants }) => ({
    email,
    name,
    roles: [...new Set(grants.map((grant) => grant.role))],
  }));
}

/** An entity as switchers and headings name it. */
export type EntityName = Readonly<{ id: string; name: string; currency: string; timeZone: string }>;

/** The living entities that a permission of the actor covers, by code. */
export async function listEntities(
  actor: Actor,
  permission: Permission,
  pool: Pool = appPool(),
): Promise<EntityName[]> {
  const scope = entitiesOf(actor, permission);
  const { rows } = await pool.query<EntityName>(
    `SELECT id, name, currency, time_zone AS "timeZone" FROM entity
      WHERE retired_at IS NULL AND ($1::text[] IS NULL OR id = ANY($1)) ORDER BY id`,
    [scope === "all" ? null : scope],
  );
  return rows;
}

// A role the table of rights no longer knows gives no right.
const toActor = ({ grants, ...user }: UserRow): Actor => ({
  ...user,
  grants: grants.flatMap(({ role, entityId }) => (isRole(role) ? [{ role, entityId }] : [])),
});
