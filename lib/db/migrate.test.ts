import fs from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { migrate } from "@/lib/db/migrate";
import { createTestDatabase, onServer, type TestDatabase, withDatabase } from "@/lib/db/testing";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

describe("migrations", () => {
  it("apply once: a second time finds nothing to do", async () => {
    expect(await migrate(database)).toEqual({ applied: [], warnings: [] });
  });

  it("are known to Prisma's own history", async () => {
    const { rows } = await database.ownerPool.query(
      "SELECT migration_name FROM _prisma_migrations WHERE finished_at IS NOT NULL ORDER BY 1",
    );
    const folders = await fs.readdir("prisma/migrations", { withFileTypes: true });
    const names = folders.filter((folder) => folder.isDirectory()).map((folder) => folder.name);
    expect(rows.map((row) => row.migration_name)).toEqual(names.sort());
  });

  it("send function bodies whole, and say in the database's words why one fails, and go on once it is mended", async () => {
    const root = await projectWith({
      "0001_body":
        "CREATE FUNCTION twice(n int) RETURNS int LANGUAGE plpgsql AS $$ BEGIN n := n * 2; RETURN n; END $$;\nSELECT twice(2);",
      "0002_broken": "CREATE TABLE broken (n nonsense);",
    });
    const name = "migrate_scratch";
    await onServer(database.ownerUrl, `CREATE DATABASE ${name}`);
    const urls = {
      ownerUrl: withDatabase(database.ownerUrl, name),
      appUrl: withDatabase(database.appUrl, name),
    };
    await expect(migrate({ ...urls, projectRoot: root })).rejects.toThrow(
      'The migration 0002_broken failed: ERROR: type "nonsense" does not exist',
    );
    await fs.writeFile(
      path.join(root, "prisma/migrations/0002_broken/migration.sql"),
      "CREATE TABLE mended (n int);",
    );
    expect(await migrate({ ...urls, projectRoot: root })).toMatchObject({ applied: ["0002_broken"] });
    await onServer(database.ownerUrl, `DROP DATABASE ${name} WITH (FORCE)`);
    await fs.rm(root, { recursive: true });
  });

  it("say that one address only is weaker", async () => {
    const { warnings } = await migrate({ ownerUrl: database.ownerUrl, appUrl: database.ownerUrl });
    expect(warnings).toEqual([expect.stringContaining("DATABASE_APP_URL is not set")]);
  });
});

describe("the app's role", () => {
  it("reads, through Prisma too", async () => {
    expect(await database.db.entity.count()).toBe(0);
  });

  it("cannot change what is append-only, or any table's shape", async () => {
    for (const statement of [
      "UPDATE audit_event SET action = 'x'",
      "DELETE FROM audit_event",
      "TRUNCATE audit_event",
      "ALTER TABLE audit_event DISABLE TRIGGER ALL",
      "DELETE FROM line",
      "CREATE TABLE mine (n int)",
    ]) {
      await expect(database.appPool.query(statement), statement).rejects.toThrow(
        /permission denied|must be owner/,
      );
    }
  });
});

/** A project folder with these migrations. */
async function projectWith(migrations: Record<string, string>): Promise<string> {
  const root = await fs.mkdtemp(path.join(os.tmpdir(), "tieout-migrations-"));
  for (const [name, sql] of Object.entries(migrations)) {
    const folder = path.join(root, "prisma", "migrations", name);
    await fs.mkdir(folder, { recursive: true });
    await fs.writeFile(path.join(folder, "migration.sql"), sql);
  }
  return root;
}
