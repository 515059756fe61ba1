import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ensureDatabase } from "@/lib/db/embedded.mjs";
import { createPool } from "@/lib/db/pool";

let dataDir: string;
beforeEach(() => {
  dataDir = fs.mkdtempSync(path.join(os.tmpdir(), "tieout-embedded-"));
});
afterEach(() => fs.rmSync(dataDir, { recursive: true, force: true }));

const start = () => ensureDatabase({ dataDir, forTests: true });

async function ask<Row>(url: string, statement: string): Promise<Row[]> {
  const pool = createPool(url, 1);
  try {
    return (await pool.query(statement)).rows as Row[];
  } finally {
    await pool.end();
  }
}

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe("the embedded database", () => {
  it("is made with two roles, and keeps its passwords to its owner", async () => {
    const database = await start();
    expect(database).toMatchObject({ adopted: false, created: true });
    expect(await ask(database.appUrl, "SELECT current_user::text AS user")).toEqual([{ user: "tieout_app" }]);
    await expect(ask(database.appUrl, "CREATE TABLE mine (n int)")).rejects.toThrow("permission denied");
    expect(fs.statSync(path.join(dataDir, "database.json")).mode & 0o077).toBe(0);
    await database.stop();
    expect(lives(database.pid)).toBe(false);
  });

  it("is shared by those who use it, and stops with the last of them", async () => {
    const [first, second] = await Promise.all([start(), start()]);
    expect(second.pid).toBe(first.pid);
    await first.stop();
    await first.stop();
    expect(await ask(second.ownerUrl, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
    await second.stop();
    expect(lives(second.pid)).toBe(false);
  });

  it("comes back after its server was killed, with everything committed", async () => {
    const before = await start();
    await ask(before.ownerUrl, "CREATE TABLE kept AS SELECT 42 AS n");
    process.kill(before.pid, "SIGKILL");
    const after = await start();
    expect(after.created).toBe(false);
    expect(await ask(after.ownerUrl, "SELECT n FROM kept")).toEqual([{ n: 42 }]);
    await before.stop();
    await after.stop();
  });

  it("is not misled by a pid file whose number now belongs to a stranger", async () => {
    const before = await start();
    const pidFile = path.join(dataDir, "pg", "postmaster.pid");
    const said = fs.readFileSync(pidFile, "utf8");
    await before.stop();
    fs.writeFileSync(pidFile, said.replace(/^\d+/, String(process.pid)));
    const after = await start();
    expect(await ask(after.ownerUrl, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
    await after.stop();
  });

  it("is not held up by a lock or a lease whose process is gone", async () => {
    fs.writeFileSync(path.join(dataDir, "database.lock"), "999999999\n999999999@1@x");
    fs.mkdirSync(path.join(dataDir, "database-users"));
    fs.writeFileSync(path.join(dataDir, "database-users", "999999999-0"), "999999999@1@x");
    const database = await start();
    await database.stop();
    expect(lives(database.pid)).toBe(false);
  });
});
