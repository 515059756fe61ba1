import { afterAll, beforeAll, expect, it } from "vitest";
import type { Actor } from "@/lib/auth/actor";
import { inTransaction } from "@/lib/db/pool";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { Refusal } from "@/lib/domain/faults";
import { checkChains, findCheck } from "./checks";
import { readAllOf } from "./data";
import { auditLine } from "./export";
import { pseudonymise } from "./pseudonymise";
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

it("takes a name out without breaking a chain, and finds a name that was changed", async () => {
  await database.ownerPool.query(
    `INSERT INTO "user" (id, email, name, password_hash) VALUES ($1, $2, $3, '-')`,
    [mara.id, mara.email, mara.name],
  );
  await name("BEFORE-1", { id: 1 }, "FORGET");
  const { rows: clean } = await database.ownerPool.query("SELECT * FROM audit_event WHERE chain = 'FORGET'");
  await database.ownerPool.query("UPDATE audit_event SET actor_name = 'Nobody' WHERE chain = 'FORGET'");
  expect(await verifyChain("FORGET")).toMatchObject({ intact: false, brokenAt: 1n });
  await database.ownerPool.query("UPDATE audit_event SET actor_name = $1 WHERE chain = 'FORGET'", [
    mara.name,
  ]);
  const done = await inTransaction(database.ownerPool, (client) => pseudonymise(client, mara.email, noon));
  expect(done.events).toBeGreaterThan(0);
  const { rows } = await database.ownerPool.query(
    "SELECT actor_name, hash FROM audit_event WHERE chain = 'FORGET'",
  );
  expect(rows).toEqual([{ actor_name: done.pseudonym, hash: clean[0].hash }]);
  expect(await verifyChain("FORGET")).toMatchObject({ intact: true });
  const left = await database.ownerPool.query(
    `SELECT FROM audit_event WHERE actor_name = $1 AND name_seal IS NOT NULL UNION ALL SELECT FROM "user" WHERE name = $1 OR email = $2`,
    [mara.name, mara.email],
  );
  expect(left.rowCount).toBe(0);
  // Whoever is gone acts no more under the old name.
  await expect(name("AFTER", { id: 2 }, "FORGET")).rejects.toThrow(/taken out of the trail/);
  await expect(
    inTransaction(database.ownerPool, (client) => pseudonymise(client, mara.email, noon)),
  ).rejects.toThrow(/no user/);
});

it("recomputes every chain, and keeps what came of it", async () => {
  const states = await checkChains(database.ownerPool, noon);
  expect(states.length).toBeGreaterThan(3);
  expect(await findCheck(database.appPool, "BUSY")).toMatchObject({
    by: "Calendar",
    state: { intact: true, events: 30n },
  });
  expect((await findCheck(database.appPool, "TAMPERED a removed event"))?.state).toMatchObject({
    intact: false,
  });
});

it("exports what a filter means, oldest first and no cell a formula", async () => {
  const filter = {
    chain: "BUSY",
    timeZone: "UTC",
    outcome: null,
    from: null,
    until: null,
    about: null,
    search: "",
  };
  const lines: string[] = [];
  for await (const batch of readAllOf(filter, database.appPool))
    lines.push(...batch.map((one) => auditLine("csv", one)));
  expect(lines).toHaveLength(31);
  expect(lines[0]).toMatch(/^1,2026-11-23T12:00:00.000Z,person,Mara K\.|Person/);
  const none = { ...filter, until: "2026-11-22" };
  expect((await readAllOf(none, database.appPool).next()).done).toBe(true);
  const about = { ...filter, about: "entity" };
  expect((await readAllOf(about, database.appPool).next()).value).toHaveLength(30);
});
