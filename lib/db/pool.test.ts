import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { inTransaction, whileLocked } from "@/lib/db/pool";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

describe("what the pools read", () => {
  it("reads int8 as bigint, numeric and date as text, timestamptz as an instant", async () => {
    const { rows } = await database.ownerPool.query(`SELECT 9007199254740993::int8 AS big,
      0.1000::numeric AS exact, '2026-03-01'::date AS day, '2026-03-01T00:30:00+01:00'::timestamptz AS instant,
      ARRAY[1, NULL]::int8[] AS bigs, ARRAY[0.10]::numeric[] AS exacts, '{}'::int8[] AS none`);
    expect(rows).toEqual([
      {
        big: 9007199254740993n,
        exact: "0.1000",
        day: "2026-03-01",
        instant: new Date("2026-02-28T23:30:00Z"),
        bigs: [1n, null],
        exacts: ["0.10"],
        none: [],
      },
    ]);
  });

  it("sends bigints and arrays of them", async () => {
    const { rows } = await database.ownerPool.query("SELECT $1::int8 AS one, $2::int8[] AS many", [
      -9007199254740993n,
      [1n, 2n],
    ]);
    expect(rows).toEqual([{ one: -9007199254740993n, many: [1n, 2n] }]);
  });
});

describe("a transaction", () => {
  it("keeps everything or nothing", async () => {
    await database.ownerPool.query("CREATE TABLE scratch (n int)");
    const failing = inTransaction(database.ownerPool, async (client) => {
      await client.query("INSERT INTO scratch VALUES (1)");
      throw new Error("changed my mind");
    });
    await expect(failing).rejects.toThrow("changed my mind");
    await inTransaction(database.ownerPool, (client) => client.query("INSERT INTO scratch VALUES (2)"));
    const { rows } = await database.ownerPool.query("SELECT n FROM scratch");
    expect(rows).toEqual([{ n: 2 }]);
  });
});

describe("a named lock", () => {
  it("is held by one at a time, and given back even when the work fails", async () => {
    const outcome = await whileLocked(database.ownerPool, "feed one", () =>
      whileLocked(database.ownerPool, "feed one", async () => "twice"),
    );
    expect(outcome).toEqual({ locked: true, result: { locked: false } });
    const failing = whileLocked(database.ownerPool, "feed one", () => Promise.reject(new Error("broke")));
    await expect(failing).rejects.toThrow("broke");
    expect(await whileLocked(database.ownerPool, "feed one", async () => "free")).toEqual({
      locked: true,
      result: "free",
    });
  });

  it("whose connection is lost while nothing is asked of it ends no process, and is free again", async () => {
    const outcome = await whileLocked(database.ownerPool, "feed two", async () => {
      const { rows } = await database.ownerPool.query<{ ended: boolean }>(
        `SELECT pg_terminate_backend(l.pid, 5000) AS ended FROM pg_locks l JOIN pg_database d ON d.oid = l.database
          WHERE l.locktype = 'advisory' AND d.datname = current_database()`,
      );
      // The news of it must have come.
      await new Promise((resolve) => setTimeout(resolve, 50));
      return rows;
    });
    expect(outcome).toEqual({ locked: true, result: [{ ended: true }] });
    expect(await whileLocked(database.ownerPool, "feed two", async () => "free")).toEqual({
      locked: true,
      result: "free",
    });
  });
});
