import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { makeEntity, makeException } from "@/lib/exceptions/fixtures";
import { blockersOf, findOwners, type Owner } from "./blockers";
import {
  findCarried,
  findMonthDebt,
  findOpenDebt,
  findReturning,
  findTrendOfBooks,
  findTrendOfEnds,
  returningOf,
} from "./debt";
import { ENTITY, MONTH, makeBooks, person } from "./fixtures";
import { findLockedDocuments, findLockedLines } from "./locked";
import { findMonths, nextUpOf, stateOf } from "./overview";
import { totalsOf } from "./state";

let database: TestDatabase;
let books: Awaited<ReturnType<typeof makeBooks>>;
const petra = person("Petra", ["finance-preparer"]);
const rosa = person("Rosa", ["finance-reviewer"]);

beforeAll(async () => {
  database = await createTestDatabase();
  books = await makeBooks(database.ownerPool);
  await makeEntity(database.ownerPool, "E2");
  for (const id of ["1", "2"]) await books.sell(id);
  await books.reconcile();
});
afterAll(() => database.close());

const month = async () => {
  const [one] = await findMonths(database.appPool, [ENTITY], MONTH);
  if (!one) throw new Error("no month");
  return one;
};
const next = async (given: Partial<Parameters<typeof nextUpOf>[0]> = {}) =>
  nextUpOf({ ...(await month()), ended: true, late: 0, tasks: [], ...given });

describe("the overview of months", () => {
  it("says how the signing stands, and whose turn it is", async () => {
    expect(stateOf(await month())).toBe("open");
    expect(await next()).toMatchObject({ who: "A preparer of finance", what: "signs" });
    expect(await next({ ended: false })).toMatchObject({ who: "Nobody yet:" });
    expect(
      await next({
        tasks: [
          { title: "Payouts", owner: "Finance" },
          { title: "x", owner: "y" },
        ],
      }),
    ).toEqual({
      who: "Finance",
      what: "has “Payouts” left, and 1 more task is",
      at: "#checklist",
    });
    await books.sign(petra);
    expect(stateOf(await month())).toBe("signed-in-part");
    expect(await next()).toMatchObject({ who: "A reviewer of finance", what: "signs: 1 of 2 signed" });
    await books.sell("3");
    await books.reconcile();
    expect(stateOf(await month())).toBe("suspended");
    expect(await next()).toMatchObject({ what: "signs again: the figures moved" });
    await books.sign(petra);
    await books.sign(rosa);
    expect(stateOf(await month())).toBe("signed");
    expect(await next()).toMatchObject({ who: "A reviewer of finance", what: "closes the month" });
    await books.lock(rosa);
    expect(stateOf(await month())).toBe("locked");
    expect(await next()).toBeNull();
    expect(await next({ late: 2 })).toEqual({
      who: "Finance",
      what: "has 2 late arrivals, proposed for the next open month",
      at: "#late",
    });
  });

  it("shows nothing of entities that were not asked for", async () => {
    expect(await findMonths(database.appPool, ["E2"], "2020-01")).toEqual([]);
  });
});

describe("what is locked", () => {
  it("is listed line by line and document by document, with sums that are the locked totals, and found by words", async () => {
    const figures = (await database.ownerPool.query("SELECT figures FROM locked_period WHERE lock_no = 1"))
      .rows[0].figures.EUR;
    for (const side of ["scayle", "erp"] as const) {
      const lines = await findLockedLines(database.appPool, ENTITY, MONTH, { side, q: "", page: 1 });
      const documents = await findLockedDocuments(database.appPool, ENTITY, MONTH, { side, q: "", page: 1 });
      for (const { sums } of [lines, documents])
        expect(sums).toMatchObject([
          {
            net: BigInt(figures[side].net),
            tax: BigInt(figures[side].tax),
            gross: BigInt(figures[side].gross),
          },
        ]);
      expect(lines.rows).toHaveLength(3);
    }
    const found = await findLockedLines(database.appPool, ENTITY, MONTH, { side: "erp", q: "re-2", page: 1 });
    expect(found.rows.map((row) => row.document)).toEqual(["RE-2"]);
    expect(
      (await findLockedDocuments(database.appPool, ENTITY, MONTH, { side: "erp", q: "%", page: 1 })).rows,
    ).toEqual([]);
    expect(
      (await findLockedLines(database.appPool, ENTITY, MONTH, { side: "erp", q: "", page: 2 })).rows,
    ).toEqual([]);
  });

  it("stays as it was when the live books go on", async () => {
    await books.post({ sourceId: "i2", number: "RE-2X", reference: "DE-2", lines: [] });
    await books.reconcile();
    const found = await findLockedDocuments(database.appPool, ENTITY, MONTH, { side: "erp", q: "", page: 1 });
    expect(found.rows.map((row) => row.number)).toEqual(["RE-1", "RE-2", "RE-3"]);
  });
});

describe("a month of which nothing is left", () => {
  it("is shown as empty, and not with what it had", async () => {
    const day = "2026-09-10";
    await books.store({ id: "s", reference: "DE-s", items: [] });
    await books.post({
      sourceId: "is",
      number: "RE-s",
      reference: "none",
      postingDay: day,
      lines: [lineOn(day)],
    });
    await books.reconcile();
    const shown = () => totalsOf(database.appPool, ENTITY, "2026-09");
    expect((await shown()).totals).toMatchObject([{ erp: { lines: 1, gross: 119n } }]);
    await books.post({ sourceId: "is", number: "RE-s", reference: "none", postingDay: day, lines: [] });
    await books.reconcile();
    expect((await shown()).totals).toMatchObject([
      { erp: { lines: 0, gross: 0n }, causes: [], tiesOut: true },
    ]);
    const count = async () =>
      (await database.ownerPool.query("SELECT count(*) FROM period_summary WHERE period = '2026-09'")).rows[0]
        .count;
    const before = await count();
    await books.sell("4");
    await books.reconcile();
    expect(await count()).toBe(before);
  });
});

const lineOn = (day: string) => ({
  sourceLineId: "1",
  kind: "item" as const,
  granularity: "item" as const,
  sku: "SKU-9",
  variant: null,
  account: null,
  quantity: "1",
  unitPrice: "1.19",
  discount: 0n,
  net: 100n,
  tax: 19n,
  gross: 119n,
  taxCode: "VAT19",
  taxRate: "0.19",
  day,
  at: null,
  shipment: null,
  description: null,
});

describe("reconciliation debt", () => {
  const pool = () => database.appPool;
  const make = (name: string, values: Partial<Parameters<typeof makeException>[1]>) =>
    makeException(database.ownerPool, { entityId: "E2", name, ...values });

  beforeAll(async () => {
    await make("a", {
      cause: "price-wrong",
      gross: -500n,
      period: "2026-08",
      day: "2026-08-15",
      found: "2026-08-16T08:00:00Z",
    });
    await make("b", {
      cause: "price-wrong",
      gross: 300n,
      period: "2026-09",
      day: "2026-09-15",
      found: "2026-09-16T08:00:00Z",
    });
    await make("c", {
      cause: "price-wrong",
      gross: 100n,
      period: "2026-10",
      day: "2026-10-30",
      found: "2026-10-30T08:00:00Z",
    });
    await make("d", {
      cause: "quantity-wrong",
      gross: 70n,
      period: "2026-09",
      day: "2026-09-02",
      team: "operations",
      found: "2026-09-02T08:00:00Z",
      state: "resolved",
    });
    await database.ownerPool.query(
      "UPDATE exception SET resolved_at = '2026-10-10T08:00:00Z' WHERE entity_id = 'E2' AND state = 'resolved'",
    );
    await database.ownerPool.query(
      "SELECT count_exceptions(ARRAY(SELECT order_key FROM exception WHERE entity_id = 'E2'))",
    );
  });

  it("is counted by age, owner and cause, each exception without its sign", async () => {
    const debt = await findOpenDebt(pool(), "E2", "2026-11-01");
    const by = (name: string) =>
      debt.filter((row) => row.by === name).map((row) => [row.key, row.count, row.extent]);
    expect(by("cause")).toEqual([["price-wrong", 3, 900n]]);
    expect(by("owner")).toEqual([["finance", 3, 900n]]);
    expect(by("age")).toEqual([
      ["61-90", 1, 500n],
      ["31-60", 1, 300n],
      ["2-3", 1, 100n],
    ]);
  });

  it("is of one month what the overview says of it, by the same age", async () => {
    expect(await findMonthDebt(pool(), "E2", "2026-09", "2026-11-01")).toEqual([
      { key: "31-60", currency: "EUR", count: 1, extent: 300n },
    ]);
    expect(await findMonthDebt(pool(), "E2", "2026-07", "2026-11-01")).toEqual([]);
  });

  it("has a trend by the months of the books, and by what was open at each month's end", async () => {
    const months = ["2026-08", "2026-09", "2026-10", "2026-11"];
    expect(
      (await findTrendOfBooks(pool(), "E2", months)).map((row) => [row.month, row.cause, row.extent]),
    ).toEqual([
      ["2026-08", "price-wrong", 500n],
      ["2026-09", "price-wrong", 300n],
      ["2026-10", "price-wrong", 100n],
    ]);
    const ends = await findTrendOfEnds(pool(), "E2", months, new Date("2026-11-04T08:00:00Z"));
    expect(ends.map((row) => [row.month, row.cause, row.count, row.extent])).toEqual([
      ["2026-08", "price-wrong", 1, 500n],
      ["2026-09", "price-wrong", 2, 800n],
      ["2026-09", "quantity-wrong", 1, 70n],
      ["2026-10", "price-wrong", 3, 900n],
    ]);
  });

  it("says which cause comes back, and what earlier months carry with its history", async () => {
    const months = ["2026-08", "2026-09", "2026-10"];
    expect(returningOf(await findReturning(pool(), "E2", months), months)).toEqual([
      { cause: "price-wrong", counts: [1, 1, 1], streak: 3 },
      { cause: "quantity-wrong", counts: [0, 1, 0], streak: 0 },
    ]);
    const [first] = (await findCarried(pool(), "E2", "2026-10", 1)).rows;
    await database.ownerPool.query(
      `INSERT INTO exception_event (order_key, id, exception_id, at, actor_name, kind, text)
       SELECT $1, gen_random_uuid(), $2, '2026-09-01T08:00:00Z'::timestamptz + n * interval '1 day', 'Mara', 'commented', 'Asked ' || n
         FROM generate_series(1, 7) n`,
      [first?.orderKey, first?.id],
    );
    const carried = await findCarried(pool(), "E2", "2026-10", 1);
    expect(carried.count).toBe(2);
    expect(carried.rows.map((row) => [row.month, row.gross, row.events])).toEqual([
      ["2026-08", -500n, 7],
      ["2026-09", 300n, 0],
    ]);
    expect(carried.rows[0]?.moments.map((moment) => moment.text)).toEqual([
      "Asked 7",
      "Asked 6",
      "Asked 5",
      "Asked 4",
      "Asked 3",
    ]);
    expect((await findCarried(pool(), "E2", "2026-10", 2)).rows).toEqual([]);
  });

  it("names who has what is in the way", async () => {
    expect(await findOwners(pool(), "E2", "2026-10")).toEqual([
      { cause: "price-wrong", name: "Finance", count: 1 },
    ]);
  });
});

describe("what is left until a month is closed", () => {
  const owners: readonly Owner[] = [
    { cause: "unexplained", name: "Mara", count: 2 },
    { cause: "unexplained", name: "Finance", count: 1 },
  ];
  const given = (
    values: Partial<Parameters<typeof blockersOf>[0]> = {},
  ): Parameters<typeof blockersOf>[0] => ({
    address: "/close/2026-10?entity=E1",
    hrefOf: (cause) => `/exceptions?cause=${cause}`,
    proofHref: "/proof",
    feedsHref: "/feeds",
    readiness: {
      state: "blocked",
      sentence: "",
      blocks: [
        { text: "1.00 EUR unexplained on 3 subjects", cause: "unexplained" },
        { text: "Nothing lost: no", cause: null },
        { text: "2 records could not be read", cause: "record-failed" },
      ],
    },
    owners,
    feedsBehind: 1,
    signing: null,
    checklist: { tasks: [] },
    ...values,
  });

  it("is in order, each with who has it and where it is done", () => {
    expect(blockersOf(given()).map(({ text, owner, href }) => [text, owner, href])).toEqual([
      ["1 feed is not confirmed up to the cut-off", "Operations", "/feeds"],
      ["2 records could not be read", "Operations", "/exceptions?cause=record-failed"],
      ["Nothing lost: no", "Finance", "/proof"],
      ["1.00 EUR unexplained on 3 subjects", "Mara (2), Finance (1)", "/exceptions?cause=unexplained"],
    ]);
  });

  it("is nothing once the month is closed, and the signatures before", async () => {
    const period = { ...(await books.period()), state: "open" as const };
    const signing = {
      period,
      policy: { reviewers: 2, materiality: 0n, currency: "EUR", timeZone: "Europe/Berlin", setBy: null },
      standing: [],
      signOffs: [],
      signable: { kind: "ties-out" as const },
      moving: false,
      ended: true,
    };
    const ready = { state: "ties-out" as const, sentence: "", blocks: [] };
    const texts = (values: Partial<Parameters<typeof blockersOf>[0]>) =>
      blockersOf(given({ readiness: ready, feedsBehind: 0, signing, ...values })).map((one) => one.text);
    expect(texts({})).toEqual(["The preparer signs", "2 reviewers sign", "The month is closed"]);
    expect(texts({ signing: { ...signing, period: { ...period, state: "closed" } } })).toEqual([]);
    expect(texts({ signing: { ...signing, moving: true, ended: false } }).slice(0, 2)).toEqual([
      "The month has not ended yet",
      "Orders of this month changed since it was last reconciled",
    ]);
  });
});
