import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Actor } from "@/lib/auth/actor";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { watchExceptions } from "./clock";
import { countViews, groupExceptions, listExceptions, totalExceptions } from "./data";
import { makeEntity, makeException, makeUser } from "./fixtures";
import { actOnExceptions } from "./mutations";
import { ageBuckets, type ExceptionGroup, ExceptionQuery, exceptionGroups, SaveView } from "./schema";
import { countSaved, findViews, removeView, saveView, viewQuery } from "./views";

const ENTITY = "QUEUE-EU";
const now = new Date("2026-11-05T09:00:00Z");
let database: TestDatabase;
let operator: Actor;
let auditor: Actor;
let stranger: Actor;

/** Days on both sides of each border between two ages, seen from 5 November 2026. */
const days = [
  ["ahead", "2026-11-20", "0-1"],
  ["today", "2026-11-05", "0-1"],
  ["1 day", "2026-11-04", "0-1"],
  ["2 days", "2026-11-03", "2-3"],
  ["3 days", "2026-11-02", "2-3"],
  ["4 days", "2026-11-01", "4-7"],
  ["7 days", "2026-10-29", "4-7"],
  ["8 days", "2026-10-28", "8-30"],
  ["30 days", "2026-10-06", "8-30"],
  ["31 days", "2026-10-05", "31-60"],
  ["60 days", "2026-09-06", "31-60"],
  ["61 days", "2026-09-05", "61-90"],
  ["90 days", "2026-08-07", "61-90"],
  ["91 days", "2026-08-06", "over-90"],
  ["years", "2023-01-01", "over-90"],
] as const;

beforeAll(async () => {
  database = await createTestDatabase();
  const pool = database.ownerPool;
  await makeEntity(pool, ENTITY);
  await makeEntity(pool, "QUEUE-UK");
  operator = await makeUser(pool, "operations", null);
  auditor = await makeUser(pool, "auditor", ENTITY);
  stranger = await makeUser(pool, "operations", "QUEUE-UK");
  await pool.query("INSERT INTO team_member (team_id, user_id) VALUES ('operations', $1)", [operator.id]);
  let at = 0;
  for (const [name, day] of days) {
    at++;
    await makeException(pool, {
      entityId: ENTITY,
      name,
      day,
      gross: BigInt(at * (at % 2 === 0 ? -100 : 100)),
      cause: at % 3 === 0 ? "cut-off" : "rounding",
      team: at % 4 === 0 ? "operations" : "finance",
      currency: at % 5 === 0 ? "GBP" : "EUR",
      ...(at % 2 === 0 && { shop: "ms/de" }),
      // 00:30 of 4 November in Berlin is still 3 November elsewhere.
      found: name === "today" ? "2026-11-03T23:30:00Z" : "2026-11-03T22:30:00Z",
    });
  }
});
afterAll(() => database.close());

const scope = () => ({ entityIds: [ENTITY], actorId: operator.id, today: "2026-11-05" });
const query = (asked: object = {}) => ExceptionQuery.parse(asked);
const names = async (asked: object) =>
  (await listExceptions(scope(), query(asked))).rows.map((row) => row.order).sort();

describe("ages", () => {
  it.each(ageBuckets.map(({ key }) => key))("of %s days are those of the business date", async (age) => {
    const expected = days.filter(([, , bucket]) => bucket === age).map(([name]) => name);
    expect(await names({ age })).toEqual([...expected].sort());
  });

  it("begin on the day on which it was found, where it has no document", async () => {
    await makeException(database.ownerPool, {
      entityId: "QUEUE-UK",
      name: "undated",
      found: "2026-11-02T12:00:00Z",
    });
    const { rows } = await listExceptions({ ...scope(), entityIds: ["QUEUE-UK"] }, query());
    expect(rows.map((row) => row.businessDay)).toEqual(["2026-11-02"]);
  });
});

describe("groups", () => {
  it.each(exceptionGroups)(
    "by %s are the filter's rows, each once, and expand to just their own",
    async (group) => {
      const groups = await groupExceptions(scope(), query(), group);
      expect(groups.length).toBeGreaterThan(1);
      for (const { key, totals } of groups) {
        expect(await totalExceptions(scope(), query({ [group]: key }))).toEqual(totals);
      }
      const whole = await totalExceptions(scope(), query());
      for (const { currency, count, gross } of whole) {
        const its = groups.flatMap(({ totals }) => totals.filter((total) => total.currency === currency));
        expect(its.reduce((sum, total) => sum + total.count, 0)).toBe(count);
        expect(its.reduce((sum, total) => sum + total.gross, 0n)).toBe(gross);
      }
    },
  );

  it("come with most exceptions first, ages from the youngest on", async () => {
    const keys = async (group: ExceptionGroup) =>
      (await groupExceptions(scope(), query(), group)).map(({ key }) => key);
    expect(await keys("cause")).toEqual(["rounding", "cut-off"]);
    expect(await keys("age")).toEqual(ageBuckets.map(({ key }) => key));
    expect(await keys("shop")).toEqual(["none", "ms/de"]);
  });
});

describe("filters of the views", () => {
  it("find what was found since yesterday began where the entity is", async () => {
    expect(await names({ since: "yesterday" })).toEqual(["today"]);
  });

  it("find what the person's teams own, and count as the list does", async () => {
    const views = await countViews(scope(), query());
    expect(views).toMatchObject({ act: 15, team: 3, fresh: 1, unassigned: 15 });
    expect(await names({ team: "mine" })).toHaveLength(views.team);
    expect(await names({ state: "waiting" })).toHaveLength(views.waiting);
  });

  it("sort by value, whichever its sign", async () => {
    const { rows } = await listExceptions(scope(), query({ sort: "-value" }));
    expect(rows.map((row) => row.gross).slice(0, 3)).toEqual([1500n, -1400n, 1300n]);
  });

  it("find each word anywhere, and signs as they are", async () => {
    expect(await names({ q: "ROUNDS 31" })).toEqual(["31 days"]);
    expect(await names({ q: "rounds nowhere" })).toEqual([]);
    expect(await names({ q: "_" })).toEqual([]);
  });

  it("mean the same rows to an act on all that match", async () => {
    const filter = query({ age: "31-60", team: "mine" });
    const { rows: found } = await listExceptions(scope(), filter);
    const outcome = await actOnExceptions(
      operator,
      { entityId: ENTITY, chosen: { filter }, act: { kind: "take-over" } },
      { now, pool: database.ownerPool },
    );
    expect(outcome.done).toBe(found.length);
    expect(await names({ assignee: "me" })).toEqual(found.map((row) => row.order).sort());
  });
});

describe("what waits", () => {
  const waitScope = () => ({ ...scope(), entityIds: ["QUEUE-WAIT"] });
  const asked = (filter: object = {}) => query({ entity: "QUEUE-WAIT", ...filter });
  const listed = async (filter: object = {}) =>
    (await listExceptions(waitScope(), asked(filter))).rows.map((row) => row.order).sort();
  const sum = async (filter: object = {}) =>
    (await totalExceptions(waitScope(), asked(filter))).reduce((all, { count }) => all + count, 0);
  beforeAll(async () => {
    const pool = database.ownerPool;
    await makeEntity(pool, "QUEUE-WAIT");
    for (const name of ["one", "two", "three", "four"])
      await makeException(pool, {
        entityId: "QUEUE-WAIT",
        name,
        cause: name === "four" ? "cut-off" : "rounding",
        due: "2026-11-01",
      });
    await actOnExceptions(
      operator,
      {
        entityId: "QUEUE-WAIT",
        chosen: { filter: asked({ cause: "rounding" }) },
        act: { kind: "wait", on: "the carrier", until: "2026-11-09" },
      },
      { now, pool },
    );
  });

  it("stands apart from what is to be acted on, in lists, sums, groups and views", async () => {
    expect(await listed()).toEqual(["four"]);
    expect(await listed({ due: "overdue" })).toEqual(["four"]);
    expect(await listed({ q: "rounds" })).toEqual(["four"]);
    expect(await listed({ state: "waiting" })).toEqual(["one", "three", "two"]);
    expect(await listed({ state: "open" })).toEqual(["four", "one", "three", "two"]);
    for (const filter of [{}, { due: "overdue" }, { q: "rounds" }, { period: "2026-10" }]) {
      expect(await sum(filter)).toBe(1);
      expect(await sum({ ...filter, state: "waiting" })).toBe(3);
      expect(await sum({ ...filter, state: "open" })).toBe(4);
    }
    expect((await groupExceptions(waitScope(), asked(), "cause")).map(({ key }) => key)).toEqual(["cut-off"]);
    expect((await groupExceptions(waitScope(), asked({ due: "overdue" }), "age")).length).toBe(1);
    const views = await countViews(waitScope(), asked());
    expect(views).toMatchObject({ act: 1, unassigned: 1, overdue: 1, waiting: 3 });
    const counts = await countSaved(waitScope(), "QUEUE-WAIT", [
      { id: "a", name: "all", query: "" },
      { id: "w", name: "waiting", query: "state=waiting" },
    ]);
    expect([counts.get("a"), counts.get("w")]).toEqual([1, 3]);
  });

  it("is found where somebody is asked something of it", async () => {
    await database.ownerPool.query(
      `INSERT INTO exception_mention (order_key, id, user_id, exception_id, entity_id, at)
       SELECT order_key, gen_random_uuid(), $1, id, entity_id, $2 FROM exception
        WHERE entity_id = 'QUEUE-WAIT' AND order_reference = 'one'`,
      [operator.id, now],
    );
    expect((await countViews(waitScope(), asked())).mentions).toBe(1);
    expect(await listed({ mention: "me", state: "open" })).toEqual(["one"]);
  });

  it("is not meant by an act on all that match", async () => {
    const outcome = await actOnExceptions(
      operator,
      { entityId: "QUEUE-WAIT", chosen: { filter: asked() }, act: { kind: "take-over" } },
      { now, pool: database.ownerPool },
    );
    expect(outcome.done).toBe(1);
    expect(await listed({ assignee: "me", state: "open" })).toEqual(["four"]);
  });

  it("comes back by itself on the day on which its waiting ends, not before", async () => {
    const pool = database.ownerPool;
    // Still the eighth in Berlin, then the ninth there and the eighth in London.
    await watchExceptions(pool, "QUEUE-WAIT", new Date("2026-11-08T22:30:00Z"));
    expect(await sum()).toBe(1);
    await watchExceptions(pool, "QUEUE-WAIT", new Date("2026-11-08T23:30:00Z"));
    expect(await listed()).toEqual(["four", "one", "three", "two"]);
    expect(await countViews(waitScope(), asked())).toMatchObject({ act: 4, waiting: 0 });
  });
});

describe("amounts", () => {
  const worth = async (asked: object) =>
    (await listExceptions({ ...scope(), entityIds: ["QUEUE-JP"] }, query(asked))).rows
      .map((row) => row.order)
      .sort();
  beforeAll(async () => {
    const pool = database.ownerPool;
    await makeEntity(pool, "QUEUE-JP");
    await pool.query("UPDATE entity SET currency = 'JPY' WHERE id = 'QUEUE-JP'");
    const make = (name: string, gross: bigint, currency: string) =>
      makeException(pool, { entityId: "QUEUE-JP", name, gross, currency });
    await make("yen 500", 500n, "JPY");
    await make("yen -501", -501n, "JPY");
    await make("euro 5.00", 500n, "EUR");
    await make("euro 500.00", 50_000n, "EUR");
    await make("dinar 0.500", 500n, "KWD");
  });

  it("are found whatever their sign, both bounds included", async () => {
    expect(await worth({ amountFrom: "500" })).toEqual(["yen -501", "yen 500"]);
    expect(await worth({ amountFrom: "500", amountTo: "500" })).toEqual(["yen 500"]);
  });

  it("are in the entity's currency, else in the one that is chosen, each with its own decimals", async () => {
    expect(await worth({ amountFrom: "5", amountTo: "5", currency: "EUR" })).toEqual(["euro 5.00"]);
    expect(await worth({ amountFrom: "0.5", currency: "KWD" })).toEqual(["dinar 0.500"]);
    // Between two amounts of a currency without decimals.
    expect(await worth({ amountFrom: "500.5" })).toEqual(["yen -501"]);
    expect(await worth({ amountTo: "500.5" })).toEqual(["yen 500"]);
  });

  it("are the same to an act on all that match, which looks the currency up itself", async () => {
    const outcome = await actOnExceptions(
      operator,
      {
        entityId: "QUEUE-JP",
        chosen: { filter: query({ amountFrom: "501" }) },
        act: { kind: "take-over" },
      },
      { now, pool: database.ownerPool },
    );
    expect(outcome.done).toBe(1);
  });

  it("that are none leave the list as it is", () => {
    for (const amountFrom of ["-5", "1e3", "5,00", "x", "1.23456"]) {
      expect(query({ amountFrom }).amountFrom).toBeUndefined();
    }
  });
});

describe("words", () => {
  const finds = async (q: string) =>
    (await listExceptions({ ...scope(), entityIds: ["QUEUE-WORDS"] }, query({ q }))).rows.map(
      (row) => row.order,
    );
  beforeAll(async () => {
    await makeEntity(database.ownerPool, "QUEUE-WORDS");
    await makeException(database.ownerPool, {
      entityId: "QUEUE-WORDS",
      name: "100777",
      shop: "ms/at",
      channel: "marketplace_x",
      evidence: {
        lines: [
          { sku: "SKU-CAP-BLK", label: "Black cap" },
          { sku: "SKU-TEE", label: null },
        ],
        documents: [{ number: "PS-INV103218" }],
      },
    });
    await makeException(database.ownerPool, { entityId: "QUEUE-WORDS", name: "100778" });
  });

  it.each([
    ["the order", "100777"],
    ["the channel", "marketplace"],
    ["the shop", "ms/at"],
    ["an item's SKU", "cap-blk"],
    ["an item's name", "black CAP"],
    ["a document of the evidence", "inv103218"],
    ["the explanation, with an item", "rounds sku-tee"],
  ])("are found in %s", async (_, q) => {
    expect(await finds(q)).toEqual(["100777"]);
  });

  it("are found in nothing else of the evidence", async () => {
    expect(await finds("documents")).toEqual([]);
  });
});

describe("due days", () => {
  it("are found by today, by the week that it is, and by a range", async () => {
    // 5 November 2026 is a Thursday.
    const week = ["2026-11-01", "2026-11-02", "2026-11-05", "2026-11-08", "2026-11-09"];
    await makeEntity(database.ownerPool, "QUEUE-DUE");
    for (const due of week)
      await makeException(database.ownerPool, { entityId: "QUEUE-DUE", name: due, due });
    const dues = async (asked: object) =>
      (await listExceptions({ ...scope(), entityIds: ["QUEUE-DUE"] }, query(asked))).rows.map(
        (row) => row.due,
      );
    expect(await dues({ due: "today" })).toEqual(["2026-11-05"]);
    expect(await dues({ due: "week" })).toEqual(["2026-11-02", "2026-11-05", "2026-11-08"]);
    expect(await dues({ due: "overdue" })).toEqual(["2026-11-01", "2026-11-02"]);
    expect(await dues({ dueFrom: "2026-11-05", dueTo: "2026-11-08" })).toEqual(["2026-11-05", "2026-11-08"]);
  });
});

describe("a person's views", () => {
  const save = (actor: Actor, name: string, address: Record<string, string>) =>
    saveView(actor, SaveView.parse({ entityId: ENTITY, name, query: address }), {
      now,
      pool: database.ownerPool,
    });

  it("keep what narrows, groups and sorts, and nothing else", () => {
    expect(
      viewQuery({
        selected: "x",
        page: "3",
        entity: "OTHER",
        sort: "-value",
        group: "age",
        cause: "rounding",
        state: "?",
      }),
    ).toBe("cause=rounding&group=age&sort=-value");
  });

  it("are kept by name, replaced by the same name, forgotten, and in the audit trail", async () => {
    await save(auditor, "Old ones", { age: "over-90" });
    const second = await save(auditor, "Old ones", { age: "61-90" });
    expect(await findViews(auditor.id, ENTITY)).toMatchObject([{ name: "Old ones", query: "age=61-90" }]);
    expect(await findViews(operator.id, ENTITY)).toEqual([]);
    const context = { now, pool: database.ownerPool };
    await expect(removeView(operator, { entityId: ENTITY, id: second.id }, context)).rejects.toMatchObject({
      code: "not-found",
    });
    await removeView(auditor, { entityId: ENTITY, id: second.id }, context);
    expect(await findViews(auditor.id, ENTITY)).toEqual([]);
    const { rows } = await database.ownerPool.query(
      "SELECT action FROM audit_event WHERE subject = $1 ORDER BY seq",
      [`view:${second.id}`],
    );
    expect(rows.map((row) => row.action)).toEqual(["view.save", "view.save", "view.forget"]);
  });

  it("are refused to whoever may not see that entity's queue", async () => {
    await expect(save(stranger, "Theirs", {})).rejects.toMatchObject({ code: "not-allowed" });
    expect(await findViews(stranger.id, ENTITY)).toEqual([]);
  });

  it("keep every filter there is, and count what they hold", async () => {
    const kept = { channel: "market", amountFrom: "2.50", currency: "EUR", due: "week", dueTo: "2026-11-30" };
    expect(Object.fromEntries(new URLSearchParams(viewQuery(kept)))).toEqual(kept);
    const views = [
      { id: "a", name: "a", query: "cause=rounding" },
      { id: "b", name: "b", query: "amountFrom=9&state=all" },
    ];
    const counts = await countSaved(scope(), ENTITY, views);
    expect(counts.get("a")).toBe(await names({ cause: "rounding" }).then((found) => found.length));
    expect(counts.get("b")).toBe(
      await names({ amountFrom: "9", state: "all" }).then((found) => found.length),
    );
  });

  it("are at most thirty", async () => {
    for (let at = 0; at < 30; at++) await save(operator, `View ${at}`, {});
    await expect(save(operator, "One more", {})).rejects.toMatchObject({ code: "conflict" });
    await save(operator, "View 3", { age: "0-1" });
    expect(await findViews(operator.id, ENTITY)).toHaveLength(30);
  });
});
