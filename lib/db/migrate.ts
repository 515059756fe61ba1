import fs from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { PrismaPg } from "@prisma/adapter-pg";
import { bindMigrationAwareSqlAdapterFactory, DriverAdapterError } from "@prisma/driver-adapter-utils";
import type { MigrationList, SchemaEngine } from "@prisma/schema-engine-wasm/schema_engine_bg";
import * as engineModule from "@prisma/schema-engine-wasm/schema_engine_bg";
import { Logger, runMigrations } from "graphile-worker";
import pg from "pg";
import { prepareAppRole } from "@/lib/db/app-role";
import { createPool, lockInTransaction } from "@/lib/db/pool";

/** Which migrations were applied, and what is weaker than it should be, in words. */
export type MigrationReport = { applied: string[]; warnings: string[] };

/**
 * Brings a database to the newest migration of prisma/migrations with Prisma's own engine, so that
 * `prisma migrate deploy` elsewhere sees the same history. Prepares the app's role first. Doing it twice, or from two
 * processes at once, changes nothing more.
 *
 * @throws Error with the database's words when a migration fails
 */
export async function migrate(request: {
  ownerUrl: string;
  appUrl: string;
  projectRoot?: string;
}): Promise<MigrationReport> {
  const projectRoot = request.projectRoot ?? process.cwd();
  const lockPool = createPool(request.ownerUrl, 1);
  const lock = await lockPool.connect();
  try {
    await lock.query("BEGIN");
    await lockInTransaction(lock, "tieout migrate");
    const warnings = await prepareAppRole(request);
    const applied = await applyMigrations(request.ownerUrl, projectRoot);
    // The queue of jobs has a schema of its own, which its package looks after.
    await runMigrations({ connectionString: request.ownerUrl, maxPoolSize: 2, logger: SILENT });
    return { applied, warnings };
  } finally {
    await lock.query("ROLLBACK").finally(() => lock.release());
    await lockPool.end();
  }
}

const SILENT = new Logger(() => () => undefined);

async function applyMigrations(url: string, projectRoot: string): Promise<string[]> {
  const pool = createPool(url, 1);
  try {
    await forgetFailures(pool);
    const engine = await startEngine(pool);
    const { appliedMigrationNames } = await engine.applyMigrations({
      migrationsList: await readMigrations(path.join(projectRoot, "prisma", "migrations")),
      filters: { externalTables: [], externalEnums: [] },
    });
    return appliedMigrationNames;
  } catch (error) {
    throw new Error(wordsOf(error), { cause: error });
  } finally {
    await pool.end();
  }
}

/**
 * A script runs in one transaction, so one that failed left nothing behind: it may simply be tried again. Without
 * this the engine would wait for a person to say so.
 */
async function forgetFailures(pool: pg.Pool): Promise<void> {
  const { rows } = await pool.query("SELECT to_regclass('_prisma_migrations') IS NOT NULL AS exists");
  if (rows[0]?.exists !== true) return;
  await pool.query(
    "UPDATE _prisma_migrations SET rolled_back_at = now() WHERE finished_at IS NULL AND rolled_back_at IS NULL",
  );
}

/** The migration's name and the database's sentence, without the engine's own call stack. */
function wordsOf(error: unknown): string {
  const said = error instanceof Error ? error.message : String(error);
  const name = /migration_name="([^"]+)"/.exec(said)?.[1];
  const [sentence] = /ERROR: .*/.exec(said) ?? [said];
  return name === undefined
    ? `The migrations failed: ${sentence}`
    : `The migration ${name} failed: ${sentence}`;
}

async function startEngine(pool: pg.Pool): Promise<SchemaEngine> {
  loaded ??= loadEngine();
  await loaded;
  const adapter = bindMigrationAwareSqlAdapterFactory(wholeScripts(pool));
  return engineModule.SchemaEngine.new({ datamodels: undefined }, () => undefined, adapter);
}

// The engine's module holds one instance of its binary for the whole process.
let loaded: Promise<void> | undefined;

async function loadEngine(): Promise<void> {
  const module = createRequire(import.meta.url).resolve("@prisma/schema-engine-wasm/schema_engine_bg");
  const binary = await fs.readFile(path.join(path.dirname(module), "schema_engine_bg.wasm"));
  const { instance } = await WebAssembly.instantiate(binary, {
    "./schema_engine_bg.js": { ...engineModule },
  });
  const internals = engineModule as unknown as { __wbg_set_wasm(exports: WebAssembly.Exports): void };
  internals.__wbg_set_wasm(instance.exports);
  const start = instance.exports["__wbindgen_start"];
  if (typeof start === "function") start();
}

/**
 * Prisma's adapter cuts a script at every semicolon, which breaks function bodies: here a script is sent whole, as
 * the simple protocol allows.
 */
function wholeScripts(pool: pg.Pool): PrismaPg {
  const factory = new PrismaPg(pool);
  const connect = factory.connect.bind(factory);
  factory.connect = async () => {
    const connection = await connect();
    connection.executeScript = async (script: string) => {
      await pool.query(script).catch((error: unknown) => {
        throw error instanceof pg.DatabaseError ? new DriverAdapterError(translate(error)) : error;
      });
    };
    return connection;
  };
  return factory;
}

/** The form in which the engine expects the database's words. */
function translate(error: pg.DatabaseError) {
  return {
    kind: "postgres" as const,
    code: error.code ?? "N/A",
    severity: error.severity ?? "ERROR",
    message: error.message,
    detail: error.detail,
    column: error.column,
    hint: error.hint,
  };
}

async function readMigrations(baseDir: string): Promise<MigrationList> {
  const entries = await fs.readdir(baseDir, { withFileTypes: true });
  const names = entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
  const migrationDirectories = await Promise.all(
    names.map(async (name) => ({
      path: name,
      migrationFile: {
        path: "migration.sql",
        content: {
          tag: "ok" as const,
          value: await fs.readFile(path.join(baseDir, name, "migration.sql"), "utf8"),
        },
      },
    })),
  );
  const lockfile = await fs.readFile(path.join(baseDir, "migration_lock.toml"), "utf8").catch(() => null);
  return {
    baseDir,
    lockfile: { path: "migration_lock.toml", content: lockfile },
    shadowDbInitScript: "",
    migrationDirectories,
  };
}
