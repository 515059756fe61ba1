import type pg from "pg";
import { createPool } from "@/lib/db/pool";

/** The role that migrations grant rights to. It holds the rights; the app's user is it, or is a member of it. */
const APP_ROLE = "tieout_app";

/**
 * Makes sure that the app's role exists before migrations grant to it, and that the app's user has its rights.
 *
 * @returns what is weaker than it should be, in words; empty when all is well
 */
export async function prepareAppRole(request: { ownerUrl: string; appUrl: string }): Promise<string[]> {
  const owner = new URL(request.ownerUrl);
  const app = new URL(request.appUrl);
  const appUser = decodeURIComponent(app.username);
  const pool = createPool(request.ownerUrl, 1);
  try {
    const missing = !(await roleExists(pool, APP_ROLE));
    if (missing && !(await tried(pool, createRole(app)))) {
      return [
        `The role ${APP_ROLE} does not exist and ${owner.username} may not create it: the app runs as the owner, and nothing in the database keeps it from changing what must not change. Let an administrator run: CREATE ROLE ${APP_ROLE} NOLOGIN`,
      ];
    }
    if (owner.username === app.username) {
      return [
        "The app uses the owner's address (DATABASE_APP_URL is not set): nothing in the database keeps it from changing what must not change.",
      ];
    }
    if (appUser === APP_ROLE) return [];
    return (await isMember(pool, appUser)) || (await tried(pool, `GRANT ${APP_ROLE} TO ${quoted(appUser)}`))
      ? []
      : [
          `${appUser} is not a member of ${APP_ROLE}. Let an administrator run: GRANT ${APP_ROLE} TO ${quoted(appUser)}`,
        ];
  } finally {
    await pool.end();
  }
}

function createRole(app: URL): string {
  const isAppUser = decodeURIComponent(app.username) === APP_ROLE && app.password !== "";
  if (!isAppUser) return `CREATE ROLE ${APP_ROLE} NOLOGIN`;
  return `CREATE ROLE ${APP_ROLE} LOGIN PASSWORD '${decodeURIComponent(app.password).replaceAll("'", "''")}'`;
}

const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`;

async function roleExists(pool: pg.Pool, name: string): Promise<boolean> {
  const { rowCount } = await pool.query("SELECT FROM pg_roles WHERE rolname = $1", [name]);
  return rowCount === 1;
}

async function isMember(pool: pg.Pool, user: string): Promise<boolean> {
  const { rows } = await pool.query<{ member: boolean }>(
    "SELECT pg_has_role(oid, $2, 'USAGE') AS member FROM pg_roles WHERE rolname = $1",
    [user, APP_ROLE],
  );
  return rows[0]?.member === true;
}

/** Runs a statement that needs a right the owner may lack. */
async function tried(pool: pg.Pool, statement: string): Promise<boolean> {
  try {
    await pool.query(statement);
    return true;
  } catch (error) {
    const INSUFFICIENT_PRIVILEGE = "42501";
    const DUPLICATE = "42710";
    const code = (error as { code?: string }).code;
    if (code === DUPLICATE) return true;
    if (code === INSUFFICIENT_PRIVILEGE) return false;
    throw error;
  }
}
