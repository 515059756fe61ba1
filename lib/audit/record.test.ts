import { afterAll, beforeAll, expect, it } from "vitest";
import type { Actor } from "@/lib/auth/actor";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { Refusal } from "@/lib/domain/faults";
import { audited, recordRefusal } from "./record";
import { verifyChain } from "./verify";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

const mara: Actor = {
  id: "b7a6b1f0-0000-4000-8000-000000000001",
  name: "Mara K.",
  email: "mara@example.com",
  grants: [{ role: "administrator", entityId: null }],
  demo: false,
};

const noon = new Date("2026-11-23T12:00:00.000Z");

/** A change of something the app may write: an entity of the test's own. */
function name(entityId: string, after: unknown = { name: entityId }, chain = entityId) {
  return audited(
    mara,
    chain,
    async (client) => {
      await client.query(
        "INSERT INTO entity (id, name, currency, time_zone) VALUES ($1, $1, 'EUR', 'Europe/Berlin')",
        [entityId],
      );
      return { result: entityId, change: { action: "entity.name", subject: entityId, before: null, after } };
    },
    { now: noon },
  );
}

async function eventsOf(chain: string) {
  const { rows } = await database.ownerPool.query<{ seq: bigint; after: unknown; outcome: string; at: Date }>(
    "SELECT seq, after, outcome, at FROM audit_event WHERE chain = $1 ORDER BY seq",
    [chain],
  );
  return rows;
}

it("keeps a change together with its record, and the chain verifies", async () => {
  expect(await name("KEPT", { amount: 1234n, ratio: 0.1, when: noon, nothing: undefined })).toBe("KEPT");
  expect(await eventsOf("KEPT")).toEqual([
    { seq: 1n, after: { amount: "1234", ratio: 0.1, when: noon.toISOString() }, outcome: "done", at: noon },
  ]);
  expect(await verifyChain("KEPT")).toMatchObject({ intact: true, events: 1n });
});

it("keeps no record of a change that failed", async () => {
  await name("ONCE");
  await expect(name("ONCE")).rejects.toThrow(/duplicate key/);
  expect(await eventsOf("ONCE")).toHaveLength(1);
});

it("keeps no change whose record cannot be kept", async () => {
  await database.ownerPool.query(
    "ALTER TABLE audit_event ADD CONSTRAINT test_refuses CHECK (chain <> 'REFUSED-CHAIN')",
  );
  await expect(name("LOST", {}, "REFUSED-CHAIN")).rejects.toThrow(/test_refuses/);
  const { rowCount } = await database.ownerPool.query("SELECT FROM entity WHERE id = 'LOST'");
  expect(rowCount).toBe(0);
});

it("appends without gaps or forks when many write at once", async () => {
  const ids = Array.from({ length: 30 }, (_, index) => `BUSY-${index}`);
  await Promise.all(ids.map((id) => name(id, { id }, "BUSY")));
  const numbers = (await eventsOf("BUSY")).map(({ seq }) => seq);
  expect(numbers).toEqual(ids.map((_, index) => BigInt(index + 1)));
  expect(await verifyChain("BUSY")).toMatchObject({ intact: true, events: 30n });
});

it.each([
  ["a changed amount", `UPDATE audit_event SET after = '{"id":"other"}' WHERE chain = $1 AND seq = 2`, 2n],
  ["a changed person", "UPDATE audit_event SET actor_name = 'Somebody' WHERE chain = $1 AND seq = 3", 3n],
  ["a removed event", "DELETE FROM audit_event WHERE chain = $1 AND seq = 2", 2n],
  ["a moved time", "UPDATE audit_event SET at = at + interval '1 ms' WHERE chain = $1 AND seq = 1", 1n],
  ["a forged hash", "UPDATE audit_event SET prev_hash = repeat('f', 64) WHERE chain = $1 AND seq = 3", 3n],
])("finds %s", async (what, tampering, brokenAt) => {
  const chain = `TAMPERED ${what}`;
  for (const index of [1, 2, 3]) await name(`${what}-${index}`, { id: index }, chain);
  expect(await verifyChain(chain)).toMatchObject({ intact: true });
  await database.ownerPool.query(tampering, [chain]);
  expect(await verifyChain(chain)).toMatchObject({ intact: false, brokenAt });
});

it("verifies whatever text people write, and shows no secret", async () => {
  const odd = {
    text: "nul \u0000 half \ud800 end",
    "e\u0000": 1,
    deep: [{ accessToken: "abc", Password: "x" }],
  };
  await name("ODD", odd);
  expect(await verifyChain("ODD")).toMatchObject({ intact: true });
  const [event] = await eventsOf("ODD");
  expect(JSON.stringify(event?.after)).not.toMatch(/abc|"x"/);
});

it("records a refused act though the act itself was rolled back", async () => {
  const refused = audited(mara, "NO", async () => {
    throw new Refusal("not-allowed", "You may not.");
  });
  await expect(refused).rejects.toBeInstanceOf(Refusal);
  await recordRefusal(mara, "NO", { action: "a", subject: "s", code: "not-allowed", reason: "You may not." });
  expect(await eventsOf("NO")).toMatchObject([
    { seq: 1n, outcome: "refused", after: { code: "not-allowed" } },
  ]);
});

it.each([
  "UPDATE audit_event SET actor_name = 'x'",
  "DELETE FROM audit_event",
  "TRUNCATE audit_event",
  "ALTER TABLE audit_event DISABLE TRIGGER ALL",
])("does not let the app's role run %s", async (statement) => {
  await expect(database.appPool.query(statement)).rejects.toThrow(/permission denied|must be owner/);
});
