import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { runInvariants } from "@/lib/matching/invariants/run";
import { runReconciliation } from "@/lib/matching/reconcile";
import { type Sandbox, startSandbox } from "@/lib/sandbox/server";
import { makeWorld } from "@/lib/sandbox/world";
import { connectSandbox } from "@/lib/settings/sandbox";
import { runSync } from "@/lib/sync/run";

process.env["TIEOUT_SECRET"] = "a secret of thirty-two characters or more";

let clock = Date.parse("2026-11-15T09:00:00Z");
let database: TestDatabase;
let sandbox: Sandbox;
const context = { actorName: "test", now: () => new Date(clock) };
const rows = async (sql: string, values: unknown[] = []): Promise<Record<string, unknown>[]> =>
  (await database.ownerPool.query(sql, values)).rows;

beforeAll(async () => {
  database = await createTestDatabase();
  const world = makeWorld({ seed: 3, orders: 400, anchor: "2026-10", faults: "planted" });
  sandbox = await startSandbox({ world, now: () => clock, port: 0, scayleLimit: 100_000 });
  await connectSandbox(sandbox.url, {
    pool: database.ownerPool,
    actor: { kind: "command-line", id: "test", name: "test" },
    at: new Date(clock),
  });
  await runSync({}, context);
  await runReconciliation({}, context);
});
afterAll(async () => {
  await sandbox.close();
  await database.close();
});

const broken = async (entity = "MODA-EU") =>
  (await runInvariants(database.ownerPool, entity, { scoped: false })).filter((one) => one.rows > 0);

describe("the books as they were read", () => {
  it("hold every invariant, at any time of the sandbox's world", async () => {
    expect(await broken()).toEqual([]);
    expect(await broken("MODA-UK")).toEqual([]);
    expect((await rows("SELECT count(*)::int AS kept FROM fetch_control"))[0]?.["kept"]).toBeGreaterThan(400);
    clock += 9 * 86_400_000;
    await runSync({}, context);
    await runReconciliation({}, context);
    expect(await broken()).toEqual([]);
  });
});
