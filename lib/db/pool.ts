import pg from "pg";
import { databaseUrls } from "@/lib/env";

const INT8 = 20;
const DATE = 1082;
const INT8_ARRAY = 1016;
const DATE_ARRAY = 1182;
const NUMERIC_ARRAY = 1231;

// Money is bigint and days are text "YYYY-MM-DD"; numeric stays text. The driver's own choices lose digits and zones.
const parsers = new Map<number, (text: string) => unknown>([
  [INT8, BigInt],
  [DATE, (text) => text],
  [INT8_ARRAY, arrayOf(BigInt)],
  [DATE_ARRAY, arrayOf((text) => text)],
  [NUMERIC_ARRAY, arrayOf((text) => text)],
]);

const types: pg.CustomTypesConfig = {
  getTypeParser: (id, format) =>
    (format === "binary" ? undefined : parsers.get(id)) ?? pg.types.getTypeParser(id, format),
};

// On globalThis, so that a reload in development and the parts of a bundle share one pool.
const shared = globalThis as typeof globalThis & { tieoutPools?: Map<string, pg.Pool> };

/** The owner's pool: migrations, jobs, and all writing of order tables. */
export const ownerPool = (): pg.Pool => sharedPool("owner");

/** The app's pool: a role that owns nothing and can only add to what is append-only. */
export const appPool = (): pg.Pool => sharedPool("app");

/**
 * A pool for claims alone: whoever holds one needs connections of the others to work, and must not wait for itself.
 */
export const claimPool = (): pg.Pool => sharedPool("claims");

/** Ends the shared pools; the next use opens new ones. For the end of a command or a test. */
export async function closePools(): Promise<void> {
  const pools = [...(shared.tieoutPools?.values() ?? [])];
  shared.tieoutPools?.clear();
  await Promise.all(pools.map((pool) => pool.end()));
}

/** A pool of connections that reads int8 as bigint, numeric and date as text, timestamptz as Date. */
export function createPool(connectionString: string, connectionsMax = 10): pg.Pool {
  const pool = new pg.Pool({
    connectionString,
    max: connectionsMax,
    types,
    application_name: "tieout",
    // A command ends when its work is done, not when the last idle connection does.
    allowExitOnIdle: true,
  });
  // Without a listener a connection that breaks while nothing is asked of it ends the process, be it idle or held for a
  // lock; its next use reports the failure.
  pool.on("error", () => undefined);
  pool.on("connect", (client) => void client.on("error", () => undefined));
  return pool;
}

/**
 * Runs `work` in one transaction: commits what it did, or nothing when it throws.
 *
 * @throws whatever `work` throws, after rolling back
 */
export async function inTransaction<Result>(
  pool: pg.Pool,
  work: (client: pg.PoolClient) => Promise<Result>,
): Promise<Result> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query("BEGIN");
    const result = await work(client);
    await client.query("COMMIT");
    return result;
  } catch (error) {
    await client.query("ROLLBACK").catch((fault: Error) => {
      broken = fault;
    });
    throw error;
  } finally {
    client.release(broken);
  }
}

/** Waits for the named lock and holds it until the client's transaction ends. */
export async function lockInTransaction(client: pg.ClientBase, name: string): Promise<void> {
  await client.query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", [name]);
}

/** Runs `work` while holding the named lock, across transactions. Waits for it, also for those who hold it in a transaction. */
export async function whileHolding<Result>(
  pool: pg.Pool,
  name: string,
  work: () => Promise<Result>,
): Promise<Result> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query("SELECT pg_advisory_lock(hashtextextended($1, 0))", [name]);
    try {
      return await work();
    } finally {
      broken = await unlock(client, name);
    }
  } finally {
    client.release(broken);
  }
}

/** Gives a session's lock back; answers the fault where that failed: dropping the connection gives it back too. */
const unlock = (client: pg.PoolClient, name: string): Promise<Error | undefined> =>
  client.query("SELECT pg_advisory_unlock(hashtextextended($1, 0))", [name]).then(
    () => undefined,
    (fault: Error) => fault,
  );

/**
 * Runs `work` while holding the named lock, across transactions. Waits for whoever holds it as long as it is told, or not at all.
 *
 * @returns `{ locked: false }` when somebody else holds it still
 */
export async function whileLocked<Result>(
  pool: pg.Pool,
  name: string,
  work: () => Promise<Result>,
  patienceMs = 0,
): Promise<{ locked: true; result: Result } | { locked: false }> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    const locked = patienceMs > 0 ? await lockWithin(client, name, patienceMs) : await tryLock(client, name);
    if (!locked) return { locked: false };
    try {
      return { locked: true, result: await work() };
    } finally {
      broken = await unlock(client, name);
    }
  } finally {
    client.release(broken);
  }
}

async function tryLock(client: pg.PoolClient, name: string): Promise<boolean> {
  const { rows } = await client.query<{ locked: boolean }>(
    "SELECT pg_try_advisory_lock(hashtextextended($1, 0)) AS locked",
    [name],
  );
  return rows[0]?.locked === true;
}

/** PostgreSQL's code for a lock that was not to be had in time. */
const LOCK_NOT_AVAILABLE = "55P03";

async function lockWithin(client: pg.PoolClient, name: string, patienceMs: number): Promise<boolean> {
  await client.query("SELECT set_config('lock_timeout', $1, false)", [String(patienceMs)]);
  try {
    await client.query("SELECT pg_advisory_lock(hashtextextended($1, 0))", [name]);
    return true;
  } catch (error) {
    if (error instanceof pg.DatabaseError && error.code === LOCK_NOT_AVAILABLE) return false;
    throw error;
  } finally {
    await client.query("RESET lock_timeout");
  }
}

/**
 * Runs `work` while holding those of the named locks that are free, across transactions; it is told which. Does not wait;
 * with none free `work` is not run and the answer is null.
 */
export async function whileLockedSome<Result>(
  pool: pg.Pool,
  names: readonly string[],
  work: (free: ReadonlySet<string>) => Promise<Result>,
): Promise<Result | null> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    const { rows } = await client.query<{ name: string; locked: boolean }>(
      "SELECT name, pg_try_advisory_lock(hashtextextended(name, 0)) AS locked FROM unnest($1::text[]) AS name",
      [[...new Set(names)]],
    );
    const free = rows.filter((row) => row.locked).map((row) => row.name);
    if (free.length === 0) return null;
    try {
      return await work(new Set(free));
    } finally {
      for (const name of free) broken = (await unlock(client, name)) ?? broken;
    }
  } finally {
    client.release(broken);
  }
}

function sharedPool(role: "owner" | "app" | "claims"): pg.Pool {
  shared.tieoutPools ??= new Map();
  const existing = shared.tieoutPools.get(role);
  if (existing !== undefined) return existing;
  const pool = createPool(databaseUrls()[role === "claims" ? "app" : role]);
  shared.tieoutPools.set(role, pool);
  return pool;
}

/** Reads a one-dimensional array as PostgreSQL writes it, for elements that need no quotes: {1,2,NULL}. */
function arrayOf(parse: (text: string) => unknown) {
  return (text: string) =>
    text === "{}"
      ? []
      : text
          .slice(1, -1)
          .split(",")
          .map((element) => (element === "NULL" ? null : parse(element)));
}
