import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Actor } from "@/lib/auth/actor";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { makeEntity, makeException, makeUser } from "@/lib/exceptions/fixtures";
import { waysOf } from "./ways";

const ENTITY = "WAYS-EU";
const now = new Date("2026-11-05T09:00:00Z");
let database: TestDatabase;
let operator: Actor;
let preparer: Actor;
const ids: Record<string, string> = {};

beforeAll(async () => {
  database = await createTestDatabase();
  const pool = database.ownerPool;
  await makeEntity(pool, ENTITY);
  operator = await makeUser(pool, "operations", ENTITY);
  preparer = await makeUser(pool, "finance-preparer", ENTITY);
  const make = async (name: string, cause: string, state = "new") => {
    ids[name] = await makeException(pool, { entityId: ENTITY, name, cause, state, shop: "ms/de" });
  };
  await make("sale 1", "sale-missing-in-erp");
  await make("sale 2", "sale-missing-in-erp");
  await make("over", "sale-missing-in-erp", "resolved");
  await make("timing", "cut-off");
});
afterAll(() => database.close());

const ways = async (selection: Parameters<typeof waysOf>[2], actor = operator) => {
  const found = await waysOf(actor, ENTITY, selection, { now, pool: database.appPool });
  return { ...found, counts: Object.fromEntries(found.ways.map(({ code, count }) => [code, count])) };
};

describe("ways to put exceptions right", () => {
  it("are every one that some of the open exceptions have, with how many", async () => {
    const all = { by: "exceptions" as const, ids: Object.values(ids) };
    const { open, counts, isMore } = await ways(all);
    expect(open).toBe(3);
    expect(isMore).toBe(false);
    expect(counts).toMatchObject({ "post-missing-sale": 2, "accept-timing": 1, resync: 3 });
    expect(counts["reverse-duplicate"]).toBeUndefined();
  });

  it("of a filter are those of the rows it means", async () => {
    const filter = { cause: "cut-off", shop: "ms/de" };
    expect((await ways({ by: "exceptions-matching", filter })).counts["accept-timing"]).toBe(1);
    const none = await ways({ by: "exceptions-matching", filter: { ...filter, amountFrom: "99" } });
    expect(none).toMatchObject({ open: 0, ways: [] });
  });

  it("of one lead to where they are made", async () => {
    const timing = { by: "exceptions" as const, ids: [ids["timing"] ?? ""] };
    const { ways: found } = await ways(timing, preparer);
    // Where somebody may not accept, nothing would be open there.
    expect((await ways(timing)).ways.map(({ code }) => code)).not.toContain("accept-timing");
    expect(found.find(({ code }) => code === "accept-timing")?.href).toBe(
      `/exceptions/${ids["timing"]}#accepting`,
    );
    // What has no place for this one is not offered.
    expect(found.every(({ kind, href }) => kind === "written" || href !== null)).toBe(true);
  });

  it("are not told of an entity whose exceptions somebody may not see", async () => {
    await expect(
      waysOf(operator, "OTHER", { by: "exceptions", ids: [] }, { now, pool: database.appPool }),
    ).rejects.toMatchObject({ code: "not-allowed" });
  });
});
