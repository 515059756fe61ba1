import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Actor } from "@/lib/auth/actor";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { countViews, listExceptions, totalExceptions } from "./data";
import { makeEntity, makeException, makeUser } from "./fixtures";
import { assignableRoles } from "./hold";
import { assignException, commentOnException } from "./mutations";
import { findException, findMoments, findPeople } from "./one";
import { ExceptionQuery } from "./schema";

const now = new Date("2026-11-05T09:00:00Z");
let database: TestDatabase;
let preparer: Actor;
let operator: Actor;
let auditor: Actor;
const ids: Record<string, string> = {};

beforeAll(async () => {
  database = await createTestDatabase();
  const pool = database.ownerPool;
  await makeEntity(pool, "MODA-EU");
  await makeEntity(pool, "MODA-UK");
  preparer = await makeUser(pool, "finance-preparer", "MODA-EU");
  operator = await makeUser(pool, "operations", null);
  auditor = await makeUser(pool, "auditor", null);
  const make = async (given: Parameters<typeof makeException>[1]) => {
    ids[given.name] = await makeException(pool, given);
  };
  await make({ entityId: "MODA-EU", name: "a", gross: 1000n, due: "2026-11-01" });
  await make({ entityId: "MODA-EU", name: "b", gross: -300n, due: "2026-11-10", team: "operations" });
  await make({
    entityId: "MODA-EU",
    name: "c",
    cause: "cut-off",
    gross: 0n,
    amounts: [
      { period: "2026-10", gross: 500n },
      { period: "2026-11", gross: -500n },
    ],
  });
  await make({ entityId: "MODA-EU", name: "d", state: "explained", gross: 7n });
  await make({ entityId: "MODA-UK", name: "e", gross: 99n });
});
afterAll(() => database.close());

const scope = (entityIds = ["MODA-EU"]) => ({ entityIds, actorId: preparer.id, today: "2026-11-05" });
const query = (asked: object = {}) => ExceptionQuery.parse(asked);
const names = async (asked: object, entityIds?: string[]) =>
  (await listExceptions(scope(entityIds), query(asked))).rows.map((row) => row.order);

describe("the list of exceptions", () => {
  it("shows what somebody must act on, the most urgent first", async () => {
    expect(await names({})).toEqual(["a", "b", "c"]);
    expect(await names({ state: "all" })).toHaveLength(4);
  });

  it("never leaves the scope, whatever entity is asked for", async () => {
    expect(await names({ entity: "MODA-UK" })).toEqual([]);
    expect(await names({ entity: "MODA-UK" }, ["MODA-EU", "MODA-UK"])).toEqual(["e"]);
  });

  it("counts an exception of two periods in each with that period's amount", async () => {
    const { rows } = await listExceptions(scope(), query({ period: "2026-11" }));
    expect(rows.map((row) => [row.order, row.gross])).toEqual([["c", -500n]]);
    expect(await totalExceptions(scope(), query({ period: "2026-10" }))).toEqual([
      { currency: "EUR", count: 3, net: 0n, tax: 1200n, gross: 1200n, extent: 1800n },
    ]);
  });

  it("sorts by amount both ways and finds text, wildcards taken as they are", async () => {
    expect(await names({ sort: "-gross" })).toEqual(["a", "c", "b"]);
    expect(await names({ sort: "gross" })).toEqual(["b", "c", "a"]);
    expect(await names({ q: "rounds once", state: "all" })).toHaveLength(4);
    expect(await names({ q: "%" })).toEqual([]);
  });

  it("counts its views", async () => {
    expect(await countViews(scope(), query({ cause: "rounding", q: "nothing" }))).toMatchObject({
      act: 3,
      overdue: 1,
      explained: 1,
      mine: 0,
      team: 0,
      fresh: 0,
    });
  });

  it("opens any exception that exists, though its id is a hash and no uuid of a known version", () => {
    const selected = "b9b1efbb-c97b-7392-27d3-fc7f42b92121";
    expect(query({ selected }).selected).toBe(selected);
  });

  it("takes a broken address for its default", () => {
    expect(query({ state: "?", sort: "drop table", period: "soon" })).toMatchObject({
      state: "act",
      sort: "due",
      period: undefined,
    });
  });
});

describe("assigning", () => {
  const assign = (actor: Actor, name: string, change: object = {}) =>
    assignException(
      actor,
      { entityId: "MODA-EU", id: ids[name] ?? "", version: 0, assigneeId: operator.id, ...change },
      { now },
    );

  it("gives the exception away, and says so in its history and the audit trail", async () => {
    await assign(preparer, "a", { ownerTeam: "operations" });
    const held = await findException(["MODA-EU"], ids["a"] ?? "");
    expect(held).toMatchObject({
      state: "assigned",
      assigneeId: operator.id,
      ownerTeam: "operations",
      version: 1,
    });
    const moments = held ? await findMoments(held) : [];
    expect(moments.map((moment) => moment.text)).toEqual([
      "Given to operations. Owner is now operations, was finance.",
    ]);
    const { rows } = await database.ownerPool.query(
      "SELECT action, actor_id FROM audit_event WHERE subject = $1",
      [`exception:${ids["a"]}`],
    );
    expect(rows).toEqual([{ action: "exception.assign", actor_id: preparer.id }]);
  });

  it("tells the second of two people that the first was quicker", async () => {
    await assign(preparer, "b");
    // Who, what and when, at the entity's place; nothing of the second is done.
    await expect(assign(operator, "b")).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringMatching(
        new RegExp(
          `^${preparer.name} changed this exception while you were looking at it: assigned it, \\d+ \\w{3} \\d{4}, \\d\\d:\\d\\d \\(Europe/Berlin\\)\\. Given to `,
        ),
      ),
    });
  });

  it.each([
    ["an auditor", () => assign(auditor, "c"), "not-allowed"],
    ["somebody of another entity's", () => assign(preparer, "e", { entityId: "MODA-UK" }), "not-allowed"],
    ["an exception of another entity", () => assign(preparer, "e"), "not-found"],
    [
      "to somebody who may not work on it",
      () => assign(preparer, "c", { assigneeId: auditor.id }),
      "invalid",
    ],
    ["what is finished", () => assign(preparer, "d"), "conflict"],
  ])("refuses %s, and changes nothing", async (_, act, code) => {
    const before = await database.ownerPool.query("SELECT count(*) FROM exception_event");
    await expect(act()).rejects.toMatchObject({ code });
    expect((await database.ownerPool.query("SELECT count(*) FROM exception_event")).rows).toEqual(
      before.rows,
    );
  });

  it("offers only people who may work on that entity's exceptions", async () => {
    const people = await findPeople("MODA-UK", assignableRoles);
    expect(people.map((person) => person.id)).toEqual([operator.id]);
  });
});

describe("commenting", () => {
  it("is open to the auditor, on finished exceptions too", async () => {
    await commentOnException(
      auditor,
      { entityId: "MODA-EU", id: ids["d"] ?? "", text: "Re-performed." },
      { now },
    );
    const held = await findException(["MODA-EU"], ids["d"] ?? "");
    expect(held && (await findMoments(held))[0]).toMatchObject({ kind: "commented", text: "Re-performed." });
  });
});
