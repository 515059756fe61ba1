import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Actor } from "@/lib/auth/actor";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { makeEntity, makeException, makeUser } from "@/lib/exceptions/fixtures";
import { countOwnersWaitingFor, findRules } from "./data";
import { askForFile, askForRule, askToRemove, decideOwners } from "./requests";
import type { OwnersDecision, OwnersEffect } from "./schema";

let database: TestDatabase;
let admin: Actor;
let reviewer: Actor;
let reviewerOfOne: Actor;
const context = { now: new Date("2026-11-05T09:00:00Z") };
const SHOP = "e1/ms/de";

beforeAll(async () => {
  database = await createTestDatabase();
  const pool = database.ownerPool;
  await makeEntity(pool, "E1");
  await makeEntity(pool, "E2");
  const connection = "11111111-1111-1111-1111-111111111111";
  await pool.query(
    `INSERT INTO connection (id, entity_id, kind, side, name, settings) VALUES ($1, 'E1', 'scayle', 'scayle', 'S', '{}')`,
    [connection],
  );
  await pool.query(
    `INSERT INTO shop (id, entity_id, connection_id, shop_key, country_code, name) VALUES ($2, 'E1', $1, 'ms', 'de', 'DE')`,
    [connection, SHOP],
  );
  await pool.query("INSERT INTO team (id, name) VALUES ('tax', 'Tax')");
  admin = await makeUser(pool, "administrator", null);
  reviewer = await makeUser(pool, "finance-reviewer", null);
  reviewerOfOne = await makeUser(pool, "finance-reviewer", "E1");
});
afterAll(() => database.close());
beforeEach(async () => {
  await rows("TRUNCATE ownership_rule, ownership_request, exception, exception_event");
  await rows("UPDATE entity SET second_person = true");
});

const rows = async (sql: string, values: unknown[] = []) =>
  (await database.ownerPool.query(sql, values)).rows;
const place = (entityId: string | null = null, shopId: string | null = null) => ({
  cause: "rounding",
  entityId,
  shopId,
});
const ask = (team: string, of = place(), moveOpen = true) =>
  askForRule(admin, { ...of, team, moveOpen }, context);
const decide = (
  actor: Actor,
  { id }: Readonly<{ id: string }>,
  decision: OwnersDecision["decision"] = "approve",
  version = 1,
) => decideOwners(actor, { id, version, decision, why: "as agreed" }, context);
const foreseen = async ({ id }: Readonly<{ id: string }>): Promise<OwnersEffect> =>
  (await rows("SELECT foreseen FROM ownership_request WHERE id = $1", [id]))[0].foreseen;
const owners = async () =>
  Object.fromEntries(
    (await rows("SELECT order_reference AS name, owner_team AS team FROM exception")).map((row) => [
      row.name,
      row.team,
    ]),
  );

/** Exceptions that nobody has, that somebody has, gave away, or that another cause has, in places near and far. */
async function makeExceptions() {
  const pool = database.ownerPool;
  const make = (name: string, more: Partial<Parameters<typeof makeException>[1]> = {}) =>
    makeException(pool, { entityId: "E1", name, gross: -500n, ...more });
  await make("free");
  await make("free in pounds", { currency: "GBP", gross: 700n });
  await make("in the shop", { shop: SHOP });
  await make("elsewhere", { entityId: "E2" });
  await make("with them", { team: "operations" });
  await make("over", { state: "resolved" });
  await make("another cause", { cause: "price-wrong" });
  const [taken, given] = [await make("taken"), await make("given")];
  await rows("UPDATE exception SET assignee_id = $2, state = 'assigned' WHERE id = $1", [taken, reviewer.id]);
  await rows("UPDATE exception SET previous_team = 'tax' WHERE id = $1", [given]);
}

describe("a change of who owns what", () => {
  it("does what its preview says: who goes where, and who stays since a person or a nearer row decides", async () => {
    await makeExceptions();
    await decide(reviewer, await ask("finance", place("E1", SHOP), false));
    const asked = await ask("operations");
    expect(await foreseen(asked)).toEqual({
      moves: [
        { from: "finance", to: "operations", currency: "EUR", count: 2, extent: "1000" },
        { from: "finance", to: "operations", currency: "GBP", count: 1, extent: "700" },
      ],
      held: 2,
      nearer: 1,
      same: 1,
    });
    const before = await owners();
    expect(await decide(reviewer, asked)).toEqual({ state: "made", moved: 3 });
    expect(await owners()).toEqual({
      ...before,
      free: "operations",
      "free in pounds": "operations",
      elsewhere: "operations",
    });
    expect(
      (await rows("SELECT action, after FROM audit_event WHERE chain = '*' ORDER BY seq DESC LIMIT 2")).map(
        (row) => [row.action, row.after.moved],
      ),
    ).toEqual([
      ["ownership-request.approve", 3],
      ["ownership.set", 3],
    ]);
    expect(await rows("SELECT count(*)::int AS count FROM exception_event")).toEqual([{ count: 3 }]);
  });

  it("gives what is open to the next less specific row when one goes, and to the cause's own team at last", async () => {
    await makeExceptions();
    await decide(reviewer, await ask("tax"));
    await decide(reviewer, await ask("operations", place("E1")));
    const rowOf = async (entityId: string | null) =>
      (await findRules(["E1"])).find((one) => one.entityId === entityId)?.id ?? "";
    const first = await askToRemove(admin, { id: await rowOf("E1") }, context);
    expect((await foreseen(first)).moves.map(({ from, to, count }) => [from, to, count])).toEqual([
      ["operations", "tax", 3],
      ["operations", "tax", 1],
    ]);
    expect(await decide(reviewer, first)).toEqual({ state: "made", moved: 4 });
    expect((await owners())["with them"]).toBe("tax");
    const last = await askToRemove(admin, { id: await rowOf(null) }, context);
    const { moves } = await foreseen(last);
    expect(new Set(moves.map(({ from, to }) => `${from} ${to}`))).toEqual(new Set(["tax finance"]));
    expect(await decide(reviewer, last)).toEqual({
      state: "made",
      moved: moves.reduce((sum, move) => sum + move.count, 0),
    });
    expect(await findRules(["E1", "E2"])).toEqual([]);
  });

  it("leaves what is open where it is unless it is asked for, and takes a file's rows together", async () => {
    await makeExceptions();
    const before = await owners();
    const still = await ask("operations", place(), false);
    expect((await foreseen(still)).moves).not.toEqual([]);
    expect(await decide(reviewer, still)).toEqual({ state: "made", moved: 0 });
    expect(await owners()).toEqual(before);
    const text = `cause,entity,shop,team\nrounding,,,tax\nrounding,E1,${SHOP},operations\n`;
    const file = await askForFile(admin, { text, moveOpen: true }, context);
    expect(
      (await foreseen(file)).moves.map(({ from, to, currency, count }) => [from, to, currency, count]),
    ).toEqual([
      ["finance", "operations", "EUR", 1],
      ["finance", "tax", "EUR", 2],
      ["finance", "tax", "GBP", 1],
      ["operations", "tax", "EUR", 1],
    ]);
    expect(await decide(reviewer, file)).toEqual({ state: "made", moved: 5 });
    expect(await owners()).toMatchObject({ "in the shop": "operations", free: "tax", given: "finance" });
  });

  it("is approved by somebody else only, by who may approve where it counts, and once", async () => {
    const asked = await ask("operations");
    await expect(decide(admin, asked)).rejects.toMatchObject({ code: "not-allowed" });
    await expect(decide(reviewerOfOne, asked)).rejects.toMatchObject({ code: "not-allowed" });
    expect(await findRules(["E1"])).toEqual([]);
    expect(
      await Promise.all(
        [admin, reviewer, reviewerOfOne].map((one) =>
          countOwnersWaitingFor(one, ["E1", "E2"], database.ownerPool),
        ),
      ),
    ).toEqual([0, 1, 0]);
    await decide(reviewer, asked);
    await expect(decide(reviewer, asked)).rejects.toMatchObject({ code: "conflict" });
    const own = await ask("finance", place("E1"));
    await decide(reviewerOfOne, own);
    expect((await findRules(["E1"])).map((one) => one.team).sort()).toEqual(["finance", "operations"]);
  });

  it("is one person's where the entity says so; what concerns all, where every entity does", async () => {
    await rows("UPDATE entity SET second_person = false WHERE id = 'E1'");
    await decide(admin, await ask("operations", place("E1")));
    const all = await ask("operations");
    await expect(decide(admin, all)).rejects.toMatchObject({ code: "not-allowed" });
    await rows("UPDATE entity SET second_person = false");
    expect(await countOwnersWaitingFor(admin, ["E1", "E2"], database.ownerPool)).toBe(1);
    expect(await decide(admin, all)).toMatchObject({ state: "made" });
  });

  it("is refused and previewed again where rows or exceptions have changed since", async () => {
    await makeExceptions();
    const asked = await ask("operations");
    await decide(reviewer, await ask("tax", place(), false));
    await expect(decide(reviewer, asked)).rejects.toMatchObject({ code: "conflict" });
    expect((await findRules([])).map((one) => one.team)).toEqual(["tax"]);
    await expect(decide(reviewer, asked)).rejects.toThrow(/not what you looked at/);
    await makeException(database.ownerPool, { entityId: "E2", name: "found since" });
    await expect(decide(reviewer, asked, "approve", 2)).rejects.toMatchObject({ code: "conflict" });
    expect(await decide(reviewer, asked, "approve", 3)).toEqual({ state: "made", moved: 5 });
    expect((await owners())["found since"]).toBe("operations");
    expect(
      await rows(
        "SELECT count(*)::int AS count FROM audit_event WHERE action = 'ownership-request.preview' AND subject = $1",
        [`ownership-request:${asked.id}`],
      ),
    ).toEqual([{ count: 2 }]);
  });

  it("is rejected by others and withdrawn by who asked, and changes nothing then", async () => {
    const [one, other] = [await ask("operations"), await ask("tax")];
    await expect(decide(admin, one, "reject")).resolves.toMatchObject({ state: "rejected" });
    await expect(decide(reviewer, other, "withdraw")).rejects.toMatchObject({ code: "not-allowed" });
    expect(await decide(admin, other, "withdraw")).toMatchObject({ state: "withdrawn" });
    expect(await findRules(["E1"])).toEqual([]);
    await expect(askToRemove(admin, { id: one.id }, context)).rejects.toMatchObject({ code: "not-found" });
    await decide(reviewer, await ask("operations"));
    await expect(ask("operations")).rejects.toMatchObject({ code: "conflict" });
  });
});
