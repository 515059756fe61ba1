import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Actor } from "@/lib/auth/actor";
import { inTransaction } from "@/lib/db/pool";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { foldExceptionCells, recountExceptions } from "@/lib/matching/exception-tally";
import { watchExceptions } from "./clock";
import { cubeOf } from "./cubes";
import { groupExceptions, listExceptions, totalExceptions, totalsWithin } from "./data";
import { conditionOf } from "./filter";
import { makeEntity, makeException, makeUser } from "./fixtures";
import { actOnExceptions, undoLast } from "./mutations";
import { placeText } from "./order";
import { countOf, ExceptionQuery, exceptionGroups, exceptionSorts, stateFilters } from "./schema";

const ENTITY = "TALLY-EU";
const now = new Date("2026-11-05T09:00:00Z");
const COUNT = 90;
let database: TestDatabase;
let operator: Actor;

beforeAll(async () => {
  database = await createTestDatabase();
  const pool = database.ownerPool;
  await makeEntity(pool, ENTITY);
  operator = await makeUser(pool, "operations", null);
  await pool.query("INSERT INTO team_member (team_id, user_id) VALUES ('operations', $1)", [operator.id]);
  for (let at = 0; at < COUNT; at++) {
    const gross = BigInt((at % 7) * (at % 2 === 0 ? -100 : 100));
    const day = `2026-0${1 + (at % 9)}-1${at % 3}`;
    await makeException(pool, {
      entityId: ENTITY,
      // Names that sort otherwise than numbers.
      name: `order ${at}`,
      day,
      period: day.slice(0, 7),
      gross,
      cause: at % 3 === 0 ? "cut-off" : "rounding",
      team: at % 4 === 0 ? "operations" : "finance",
      currency: at % 5 === 0 ? "GBP" : "EUR",
      state: at % 11 === 0 ? "explained" : at % 13 === 0 ? "resolved" : "new",
      ...(at % 2 === 0 && { shop: "ms/de" }),
      ...(at % 7 < 3 && { channel: at % 7 === 0 ? "market" : "own" }),
      ...(at % 6 !== 0 && { due: `2026-11-0${1 + (at % 8)}` }),
      // Of two months; one that names only another than its own; and one without parts.
      ...(at % 10 === 0 && {
        amounts: [
          { period: "2026-03", gross: 500n },
          { period: "2026-04", gross: gross - 500n },
        ],
      }),
      ...(at % 17 === 0 && { amounts: [{ period: "2026-04", gross }] }),
      ...(at % 19 === 0 && { amounts: [] }),
    });
  }
});
afterAll(() => database.close());

const scope = () => ({ entityIds: [ENTITY], actorId: operator.id, today: "2026-11-05" });
const query = (asked: object = {}) => ExceptionQuery.parse({ entity: ENTITY, ...asked });

/** Count and gross of a filter, from the exceptions themselves and by nothing that the product sums with. */
async function counted(asked: ExceptionQuery) {
  const { sql, params } = conditionOf(scope(), asked);
  const { rows } = await database.ownerPool.query<{
    currency: string;
    count: number;
    gross: bigint;
    extent: bigint;
  }>(
    // Net is zero here, and tax as much as gross: how much it is about is the gross without its sign.
    `SELECT currency, count(*)::int AS count, coalesce(sum(gross), 0)::bigint AS gross, coalesce(sum(abs(gross)), 0)::bigint AS extent
       FROM (SELECT e.currency, (
       SELECT CASE WHEN $1::text IS NULL OR jsonb_array_length(e.amounts) = 0 THEN e.gross
              ELSE (SELECT coalesce(sum((p ->> 'gross')::bigint), 0) FROM jsonb_array_elements(e.amounts) p WHERE p ->> 'period' = $1) END
     ) AS gross FROM exception e WHERE ${sql}) worth GROUP BY 1 ORDER BY 1`,
    [...params],
  );
  return rows;
}

const filters = [
  {},
  { cause: "cut-off" },
  { owner: "operations" },
  { team: "mine" },
  { shop: "ms/de" },
  { shop: "none" },
  { assignee: "me" },
  { assignee: "none" },
  { due: "overdue" },
  { age: "over-90" },
  { age: "61-90", cause: "rounding" },
  { period: "2026-03" },
  { period: "2026-04" },
  { period: "2026-04", shop: "ms/de", assignee: "none" },
  { channel: "market" },
  { channel: "none", cause: "rounding" },
  { channel: "own", period: "2026-04" },
  { channel: "own", age: "over-90" },
  { currency: "GBP" },
  { currency: "EUR", owner: "finance", period: "2026-03" },
  { due: "today" },
  { due: "week" },
  { dueFrom: "2026-11-02", dueTo: "2026-11-04" },
  { dueFrom: "2026-11-07", channel: "market" },
] as const;

/** Filters of which no sums are kept. */
const others = [
  { amountFrom: "3" },
  { amountFrom: "2", amountTo: "4.00" },
  { amountTo: "1", currency: "GBP" },
  { amountFrom: "2", period: "2026-04" },
  { amountFrom: "5", period: "2026-03" },
  { period: "2026-04", age: "over-90" },
  { due: "overdue", age: "31-60" },
  { q: "order 1" },
  { q: "market", period: "2026-04" },
] as const;

async function expectExact() {
  for (const filter of filters) {
    for (const state of stateFilters) {
      const asked = query({ ...filter, state });
      expect(cubeOf(asked), JSON.stringify(filter)).not.toBeNull();
      const totals = await totalExceptions(scope(), asked);
      const said = totals.map(({ currency, count, gross, extent }) => ({ currency, count, gross, extent }));
      expect(said, JSON.stringify({ ...filter, state })).toEqual(await counted(asked));
    }
  }
  for (const group of exceptionGroups) {
    for (const { key, totals } of await groupExceptions(scope(), query(), group)) {
      expect(await counted(query({ [group]: key }))).toEqual(
        totals.map(({ currency, count, gross, extent }) => ({ currency, count, gross, extent })),
      );
    }
  }
}

describe("sums that are kept", () => {
  it("are those of the exceptions, in every filter, state and group that they answer", expectExact);

  it("follow what people, the calendar and undo do, and are the same once added up", async () => {
    const pool = database.ownerPool;
    const act = (filter: object, what: Parameters<typeof actOnExceptions>[1]["act"]) =>
      actOnExceptions(
        operator,
        { entityId: ENTITY, chosen: { filter: query(filter) }, act: what },
        { now, pool },
      );
    await act({ shop: "ms/de" }, { kind: "take-over" });
    await act({ cause: "rounding", shop: "none" }, { kind: "wait", on: "the shop", until: "2026-11-06" });
    await expectExact();
    await undoLast(operator, { entityId: ENTITY }, { now, pool });
    await act(
      { period: "2026-04" },
      {
        kind: "hand-over",
        assigneeId: null,
        ownerTeam: "finance",
        reason: "Theirs.",
      },
    );
    await act({ shop: "none" }, { kind: "wait", on: "the shop", until: "2026-11-06" });
    await watchExceptions(pool, ENTITY, new Date("2026-11-07T09:00:00Z"));
    await expectExact();
    const cells = () => pool.query("SELECT FROM exception_cell WHERE entity_id = $1", [ENTITY]);
    for (let at = 0; at < 8; at++) await act({}, at % 2 === 0 ? { kind: "take-over" } : { kind: "start" });
    const before = (await cells()).rowCount ?? 0;
    await inTransaction(pool, (client) => foldExceptionCells(client, ENTITY, 1));
    expect((await cells()).rowCount).toBeLessThan(before);
    await expectExact();
  });

  it("are put right where somebody changed exceptions without counting", async () => {
    const pool = database.ownerPool;
    await pool.query("UPDATE exception SET state = 'resolved' WHERE entity_id = $1 AND shop_id = 'ms/de'", [
      ENTITY,
    ]);
    await expect(expectExact()).rejects.toThrow();
    await inTransaction(pool, (client) => recountExceptions(client, ENTITY));
    await expectExact();
  });

  it("are counted by every file that writes exceptions", () => {
    const files = readdirSync("lib", { recursive: true, encoding: "utf8" })
      .filter((file) => /\.tsx?$/.test(file) && !/\.test\.ts$|generated|testing/.test(file))
      .map((file) => join("lib", file));
    const writers = files.filter((file) =>
      /(UPDATE|INSERT INTO) exception\b(?!_)|insertJson\(\s*\w+,\s*"exception"/.test(
        readFileSync(file, "utf8"),
      ),
    );
    expect(writers.length).toBeGreaterThan(5);
    expect(
      writers.filter((file) => !/countExceptions|count_exceptions/.test(readFileSync(file, "utf8"))),
    ).toEqual([]);
  });
});

describe("what no sums are kept of", () => {
  it("is counted exactly, grouped to the same sums, and listed row by row", async () => {
    for (const filter of others) {
      for (const state of ["open", "all"] as const) {
        const asked = query({ ...filter, state });
        expect(cubeOf(asked), JSON.stringify(filter)).toBeNull();
        const expected = await counted(asked);
        const totals = await totalExceptions(scope(), asked);
        const said = totals.map(({ currency, count, gross, extent }) => ({ currency, count, gross, extent }));
        expect(said, JSON.stringify({ ...filter, state })).toEqual(expected);
        const { rows } = await listExceptions(scope(), asked, 1000);
        expect(rows.length, JSON.stringify({ ...filter, state })).toBe(countOf(totals));
        expect(rows.filter((row) => row.currency === "EUR").reduce((sum, row) => sum + row.gross, 0n)).toBe(
          expected.find(({ currency }) => currency === "EUR")?.gross ?? 0n,
        );
        for (const group of exceptionGroups) {
          const groups = await groupExceptions(scope(), asked, group);
          expect(groups.reduce((sum, one) => sum + countOf(one.totals), 0)).toBe(countOf(totals));
        }
      }
    }
  });

  it("is grouped exactly where a bound leaves out few, or most", async () => {
    await database.ownerPool.query("ANALYZE exception");
    for (const filter of [
      { amountFrom: "1" },
      { amountFrom: "1", currency: "GBP" },
      { amountFrom: "5.005" },
      { amountTo: "5" },
      { amountTo: "0.00", cause: "rounding" },
      { due: "overdue" },
      { due: "overdue", owner: "finance", amountFrom: "1" },
    ] as const) {
      for (const group of exceptionGroups) {
        const asked = query({ ...filter, state: "all" });
        const groups = await groupExceptions(scope(), asked, group);
        for (const { key, totals } of groups) {
          expect(
            totals.map(({ currency, count, gross, extent }) => ({ currency, count, gross, extent })),
            JSON.stringify({ filter, group, key }),
          ).toEqual(await counted({ ...asked, [group]: key }));
        }
        expect(groups.reduce((sum, one) => sum + countOf(one.totals), 0)).toBe(
          countOf(await totalExceptions(scope(), asked)),
        );
      }
    }
  });

  it("is said to be more where it is more than is counted at once", async () => {
    const whole = countOf(await totalExceptions(scope(), query({ q: "order" })));
    expect(whole).toBeGreaterThan(10);
    const some = await totalsWithin(scope(), query({ q: "order" }), 10);
    expect(some.isWhole).toBe(false);
    expect(countOf(some.totals)).toBe(11);
    expect((await totalsWithin(scope(), query({ q: "order" }), whole)).isWhole).toBe(true);
    // Sums that are kept are whole however many they are of.
    expect((await totalsWithin(scope(), query(), 10)).isWhole).toBe(true);
  });
});

describe("pages", () => {
  const walks = exceptionSorts.flatMap((sort) => [sort, `-${sort}`] as const);
  it.each(walks)("by %s show every row once, in order, whatever their size", async (sort) => {
    for (const filter of [{ state: "all" }, { state: "open" }, { state: "all", period: "2026-04" }]) {
      const seen: string[] = [];
      let after: string | undefined;
      do {
        const page = await listExceptions(scope(), query({ ...filter, sort, after }), 7);
        seen.push(...page.rows.map((row) => row.id));
        after = page.next ?? undefined;
      } while (after !== undefined);
      const whole = await listExceptions(scope(), query({ ...filter, sort }), 1000);
      expect(seen).toEqual(whole.rows.map((row) => row.id));
      const total = await totalExceptions(scope(), query(filter));
      expect(new Set(seen).size).toBe(total.reduce((sum, { count }) => sum + count, 0));
    }
  });

  it("put what has no due date last, in both directions", async () => {
    for (const sort of ["due", "-due"]) {
      const { rows } = await listExceptions(scope(), query({ state: "all", sort }), 1000);
      const dues = rows.map((row) => row.due);
      const known = dues.filter((due) => due !== null);
      expect(dues.slice(known.length).every((due) => due === null)).toBe(true);
      const sorted = [...known].sort();
      expect(known).toEqual(sort === "due" ? sorted : sorted.reverse());
    }
  });

  it("begin at the first row where the place is none of this order", async () => {
    const first = await listExceptions(scope(), query({ state: "all" }), 5);
    for (const after of ["?", placeText(["x"]), placeText(["2026-99-99", "1", "no id"])]) {
      expect(await listExceptions(scope(), query({ state: "all", after }), 5)).toEqual(first);
    }
  });
});
