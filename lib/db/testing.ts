import { randomBytes } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import type pg from "pg";
import { db } from "@/lib/db/client";
import type { PrismaClient } from "@/lib/db/generated/client";
import { appPool, closePools, createPool, ownerPool } from "@/lib/db/pool";

export type TestDatabase = {
  ownerUrl: string;
  appUrl: string;
  ownerPool: pg.Pool;
  appPool: pg.Pool;
  db: PrismaClient;
  /** Drops the database. */
  close(): Promise<void>;
};

/**
 * A database of this test file's own, with every migration applied and both roles, on the test run's PostgreSQL. From
 * here on `ownerPool()`, `appPool()` and `db` mean it. One at a time: call it in `beforeAll`, `close` in `afterAll`.
 */
export async function createTestDatabase(): Promise<TestDatabase> {
  const server = { owner: serverUrl("TEST_DATABASE_URL"), app: serverUrl("TEST_DATABASE_APP_URL") };
  const name = `test_${randomBytes(8).toString("hex")}`;
  await onServer(server.owner, `CREATE DATABASE ${name} TEMPLATE ${TEMPLATE}`);
  const ownerUrl = withDatabase(server.owner, name);
  const appUrl = withDatabase(server.app, name);
  await closePools();
  process.env["DATABASE_URL"] = ownerUrl;
  process.env["DATABASE_APP_URL"] = appUrl;
  return {
    ownerUrl,
    appUrl,
    ownerPool: ownerPool(),
    appPool: appPool(),
    db,
    close: async () => {
      await closePools();
      await dropDatabase(server.owner, name);
    },
  };
}

/**
 * Empties tables of the public schema, by their names as SQL has them; those that are empty are left alone, since each takes
 * some milliseconds. Tables that refer to them must be among them.
 */
export async function emptyTables(pool: pg.Pool, tables: readonly string[]): Promise<void> {
  const { rows } = await pool.query<{ name: string }>(
    tables.map((name) => `SELECT '${name}' AS name WHERE EXISTS (SELECT FROM ${name})`).join(" UNION ALL "),
  );
  if (rows.length > 0) await pool.query(`TRUNCATE ${rows.map(({ name }) => name).join(", ")} CASCADE`);
}

const DROP_TRIES = 20;
const DROP_PAUSE_MS = 250;

/**
 * Drops a test's database. FORCE ends whoever is still in it, which fails with "permission denied to terminate process"
 * while an autovacuum worker is there: it runs as the superuser, whom the owner of tests may not end. A worker is done in
 * moments. One that is not leaves its database to the end of the run, which deletes the whole server: no test failed by it.
 */
async function dropDatabase(url: string, name: string): Promise<void> {
  for (let tries = 1; tries <= DROP_TRIES; tries += 1) {
    try {
      return await onServer(url, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    } catch (error) {
      if (!isForbidden(error)) throw error;
      await pause(DROP_PAUSE_MS);
    }
  }
}

/** insufficient_privilege */
const isForbidden = (error: unknown): boolean =>
  error instanceof Error && "code" in error && error.code === "42501";

/** The migrated database that test databases are copies of. */
export const TEMPLATE = "tieout_template";

/** The same server and user, another database. */
export function withDatabase(url: string, name: string): string {
  const changed = new URL(url);
  changed.pathname = `/${name}`;
  return changed.href;
}

/** Runs one statement that belongs to no database, such as CREATE DATABASE. */
export async function onServer(url: string, statement: string): Promise<void> {
  const pool = createPool(url, 1);
  try {
    await pool.query(statement);
  } finally {
    await pool.end();
  }
}

function serverUrl(name: string): string {
  const url = process.env[name];
  if (url === undefined) throw new Error(`${name} is not set: database tests run through vitest.config.ts.`);
  return url;
}
