import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { inTransaction } from "@/lib/db/pool";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { verifyPassword } from "./password";
import { addUser, type NewUser } from "./users";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
  await database.ownerPool.query(
    "INSERT INTO entity (id, name, currency, time_zone) VALUES ('E', 'One', 'EUR', 'Europe/Berlin')",
  );
});
afterAll(() => database.close());

const add = (changes: Partial<NewUser> = {}) =>
  inTransaction(database.ownerPool, (client) =>
    addUser(client, {
      email: " Ada.Lovelace@Example.com ",
      name: null,
      role: "auditor",
      entityId: null,
      password: null,
      demo: false,
      at: new Date("2026-11-02T08:00:00Z"),
      ...changes,
    }),
  );
const hashOf = async (email: string): Promise<string> =>
  (await database.ownerPool.query(`SELECT password_hash FROM "user" WHERE email = $1`, [email])).rows[0]
    ?.password_hash;

describe("adding a user", () => {
  it("makes one with a password that is told once", async () => {
    const added = await add();
    expect(added).toMatchObject({ email: "ada.lovelace@example.com", created: true, role: "auditor" });
    expect(added.password).toMatch(/^(?:[a-z2-9]{5}-){3}[a-z2-9]{5}$/);
    expect(await verifyPassword(added.password ?? "", await hashOf(added.email))).toBe(true);
  });

  it("gives one that there is another role, and keeps the password", async () => {
    const before = await hashOf("ada.lovelace@example.com");
    expect(await add({ role: "operations", entityId: "E" })).toMatchObject({
      created: false,
      password: null,
    });
    expect(await hashOf("ada.lovelace@example.com")).toBe(before);
    await expect(add()).rejects.toThrow(/already auditor of all entities/);
  });

  it("refuses an address that is none, a short password, an unknown entity", async () => {
    await expect(add({ email: "ada" })).rejects.toThrow(/no e-mail address/);
    await expect(add({ email: "b@example.com", password: "short" })).rejects.toThrow(/at least 10/);
    await expect(add({ email: "b@example.com", entityId: "X" })).rejects.toThrow(/no entity X/);
  });
});
