import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { findActor, listDemoUsers, listEntities } from "./data";
import { hashPassword } from "./password";
import { signInWith } from "./sign-in";

let database: TestDatabase;
let hash: string;
beforeAll(async () => {
  database = await createTestDatabase();
  hash = await hashPassword("correct horse");
});
afterAll(() => database.close());

const noon = new Date("2026-11-23T12:00:00.000Z");
const minutesLater = (minutes: number) => new Date(noon.getTime() + minutes * 60_000);

async function user({ email = `${randomUUID()}@example.com`, demo = false } = {}) {
  const id = randomUUID();
  await database.ownerPool.query(
    `INSERT INTO "user" (id, email, name, password_hash, demo) VALUES ($1, $2, 'Ada', $3, $4)`,
    [id, email, hash, demo],
  );
  return { id, email };
}

const attempt = (email: string, password: string, now = noon) => signInWith(email, password, { now });

it("signs in with the right password, in whatever case the e-mail is typed, and says so in the trail", async () => {
  const { id, email } = await user();
  expect(await attempt(` ${email.toUpperCase()} `, "correct horse")).toMatchObject({ id, tokenVersion: 0 });
  const { rows } = await database.ownerPool.query(
    "SELECT action, outcome FROM audit_event WHERE actor_id = $1",
    [id],
  );
  expect(rows).toEqual([{ action: "sign-in", outcome: "done" }]);
});

it("refuses a wrong password and an unknown e-mail alike", async () => {
  const { email } = await user();
  expect(await attempt(email, "wrong horse")).toBeNull();
  expect(await attempt("nobody@example.com", "correct horse")).toBeNull();
});

it("rests after five wrong passwords, even for the right one, and wakes after 15 minutes", async () => {
  const { email } = await user();
  for (const guess of ["1", "2", "3", "4", "5"]) expect(await attempt(email, guess)).toBeNull();
  expect(await attempt(email, "correct horse", minutesLater(14))).toBeNull();
  expect(await attempt(email, "correct horse", minutesLater(15))).not.toBeNull();
});

it("counts guesses that come at once one by one", async () => {
  const { email } = await user();
  await Promise.all(["1", "2", "3", "4", "5", "6", "7", "8"].map((guess) => attempt(email, guess)));
  expect(await attempt(email, "correct horse", minutesLater(1))).toBeNull();
});

it("forgets wrong passwords after a right one", async () => {
  const { email } = await user();
  for (const guess of ["1", "2", "3", "4"]) await attempt(email, guess);
  expect(await attempt(email, "correct horse")).not.toBeNull();
  for (const guess of ["1", "2", "3", "4"]) await attempt(email, guess);
  expect(await attempt(email, "correct horse")).not.toBeNull();
});

it("knows an actor only while the user is enabled and the session's generation is the present one", async () => {
  const { id, email } = await user();
  await database.ownerPool.query(
    `INSERT INTO "grant" (id, user_id, role, entity_id) VALUES ($1, $3, 'operations', 'X'), ($2, $3, 'retired-role', NULL)`,
    [randomUUID(), randomUUID(), id],
  );
  expect(await findActor(id, 0)).toMatchObject({ email, grants: [{ role: "operations", entityId: "X" }] });
  expect(await findActor("no-uuid", 0)).toBeNull();
  await database.ownerPool.query(`UPDATE "user" SET token_version = 1 WHERE id = $1`, [id]);
  expect(await findActor(id, 0)).toBeNull();
  expect(await findActor(id, 1)).not.toBeNull();
  await database.ownerPool.query(`UPDATE "user" SET disabled_at = now() WHERE id = $1`, [id]);
  expect(await findActor(id, 1)).toBeNull();
  expect(await attempt(email, "correct horse")).toBeNull();
});

it("lists demo users until they are disabled", async () => {
  const { id, email } = await user({ demo: true });
  expect(await listDemoUsers()).toContainEqual({ email, name: "Ada", roles: [] });
  await database.ownerPool.query(`UPDATE "user" SET disabled_at = now() WHERE id = $1`, [id]);
  expect(await listDemoUsers()).toEqual([]);
});

it("lists the living entities that a right covers", async () => {
  await database.ownerPool.query(
    `INSERT INTO entity (id, name, currency, time_zone, retired_at)
     VALUES ('A', 'A', 'EUR', 'UTC', NULL), ('B', 'B', 'GBP', 'UTC', NULL), ('OLD', 'Old', 'EUR', 'UTC', now())`,
  );
  const actorOf = (entityId: string | null) => ({
    ...{ id: "1", name: "N", email: "n@x", demo: false },
    grants: [{ role: "auditor" as const, entityId }],
  });
  expect((await listEntities(actorOf(null), "close.read")).map(({ id }) => id)).toEqual(["A", "B"]);
  expect((await listEntities(actorOf("B"), "close.read")).map(({ id }) => id)).toEqual(["B"]);
  expect(await listEntities(actorOf("B"), "users.manage")).toEqual([]);
});
