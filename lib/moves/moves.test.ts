import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Actor } from "@/lib/auth/actor";
import { findCarried, findMonthDebt, findOpenDebt, findTrendOfBooks } from "@/lib/close/debt";
import { findDifferencesAt } from "@/lib/close/differences";
import { findBookedLines, findBookedLinesAt } from "@/lib/close/lines";
import { bucketNames, Totals } from "@/lib/close/schema";
import { findByTax } from "@/lib/close/vat";
import { inTransaction } from "@/lib/db/pool";
import { createTestDatabase, emptyTables, type TestDatabase } from "@/lib/db/testing";
import { dayIn } from "@/lib/domain/day";
import type { BookDocument } from "@/lib/domain/document";
import { Refusal } from "@/lib/domain/faults";
import type { SalesOrder } from "@/lib/domain/order";
import { acceptException } from "@/lib/exceptions/acceptance";
import { movementInvariant } from "@/lib/matching/invariants/movements";
import { type ReconcileRequest, runReconciliation } from "@/lib/matching/reconcile";
import { tallyDrift } from "@/lib/matching/tally";
import { withdrawDocument } from "@/lib/sync/gone";
import type { StoreContext } from "@/lib/sync/store/context";
import { invoice, item, line, order, prepare, reading } from "@/lib/sync/store/fixtures";
import { storeLedger } from "@/lib/sync/store/ledger";
import { storeOrders } from "@/lib/sync/store/orders";
import { figureOf, findMoves, sumMoves } from "./data";
import { findMoment, findTotalsAt } from "./moments";
import { type MoveTotal, moveFigures, moveReasons } from "./schema";
import { findSpan } from "./span";
import { tellMoves } from "./told";
import { noteVisit } from "./visits";

const TABLES =
  "line document document_version sales_order order_alias source_record failed_record dirty_group customer_data pair pair_line tally tally_event invariant_breach cause exception exception_event exception_counted exception_cell exception_history acceptance period_summary run audit_event tax_mapping fetch_control control_remainder source_count close_visit".split(
    " ",
  );
let database: TestDatabase;
let contexts: Readonly<{ orders: StoreContext; ledger: StoreContext }>;
const START = Date.parse("2026-10-20T08:00:00Z");
let clock = START;
/** Each look at the clock is a moment after the one before. */
function now(): Date {
  clock += 1;
  return new Date(clock);
}
const ENTITY = "E1";
const EARLIER = "11111111-1111-1111-1111-111111111111";

beforeAll(async () => {
  database = await createTestDatabase();
  contexts = await prepare(database.ownerPool);
});
afterAll(() => database.close());
beforeEach(async () => {
  clock = START;
  await emptyTables(database.ownerPool, TABLES);
  await database.ownerPool.query("UPDATE entity SET posting_lag_hours = 72");
});

const finance: Actor = {
  id: "33333333-3333-3333-3333-333333333333",
  name: "Petra",
  email: "petra@example.com",
  grants: [{ role: "finance-preparer", entityId: null }],
  demo: false,
};

const arrive = (...records: readonly (SalesOrder | BookDocument)[]) =>
  inTransaction(database.ownerPool, async (client) => {
    const at = now();
    for (const one of records) {
      if ("items" in one) await storeOrders(client, { ...contexts.orders, at }, [reading(one)]);
      else await storeLedger(client, { ...contexts.ledger, at }, [reading(one)]);
    }
  });
const reconcile = (request: ReconcileRequest = {}, more: object = {}) =>
  runReconciliation(
    { entityId: ENTITY, ...request },
    { actorName: "Test", now, pool: database.ownerPool, ...more },
  );
const rows = async (sql: string, values: readonly unknown[] = []) =>
  (await database.ownerPool.query(sql, [...values])).rows;

/** What the page shows of a month now, by currency: the stored totals of the run that spoke last about it. */
async function shown(period: string): Promise<ReadonlyMap<string, Totals>> {
  const newest = await rows(
    `SELECT totals, currency FROM period_summary WHERE entity_id = $1 AND period = $2 AND run_id = (
       SELECT run_id FROM period_summary WHERE entity_id = $1 AND period = $2 ORDER BY made_at DESC, run_id LIMIT 1)`,
    [ENTITY, period],
  );
  return new Map(newest.map((row) => [row.currency, Totals.parse(row.totals)]));
}

/** Every total that any of these totals shows. */
function totalsIn(all: readonly Totals[]): readonly MoveTotal[] {
  const causes = new Set(all.flatMap((one) => one.causes.map(({ cause }) => cause)));
  causes.delete("record-failed");
  return [
    ...(["scayle", "erp", "explained", "unexplained"] as const).map((name) => ({ name, key: null })),
    ...[...causes].map((key) => ({ name: "cause" as const, key })),
    ...bucketNames.flatMap((key) => [
      { name: "scayle-bucket" as const, key },
      { name: "erp-bucket" as const, key },
    ]),
  ];
}

const PERIODS = ["2026-09", "2026-10", "2026-11"];
const DAYS = ["2026-09-30", "2026-10-01", "2026-10-15", "2026-10-19", "2026-11-02"];
const cents = (gross: bigint) => {
  const tax = (gross * 19n + 59n) / 119n;
  return { gross, tax, net: gross - tax };
};

/** Numbers from 0 to 1 that look random and are the same for the same seed (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A little world whose records change at random: orders, documents of the ERP, settings, acceptances, time. */
function worldOf(seed: number) {
  const random = seeded(seed);
  const below = (count: number) => Math.floor(random() * count);
  const pick = <One>(from: readonly One[]): One => from[below(from.length)] as One;
  const documents = new Map<string, BookDocument>();
  let modified = Date.parse("2026-10-18T00:00:00Z");
  const later = () => {
    modified += 60_000;
    return new Date(modified);
  };

  const someOrder = (): SalesOrder => {
    const id = String(1000 + below(8));
    return order({
      id,
      reference: `R-${id}`,
      updatedAt: later(),
      currency: Number(id) % 4 === 0 ? "GBP" : "EUR",
      items: Array.from({ length: 1 + below(3) }, (_, turn) =>
        item({
          id: `${id}-${turn}`,
          sku: pick(["A", "B"]),
          ...cents(BigInt(100 * (1 + below(20)))),
          shippedAt: pick([null, ...DAYS.map((day) => new Date(`${day}T10:00:00Z`))]),
          returnedAt: pick([null, null, null, new Date("2026-10-19T10:00:00Z")]),
        }),
      ),
    });
  };
  const someDocument = (): BookDocument => {
    const id = String(1000 + below(8));
    const credit = below(5) === 0;
    const sourceId = `${credit ? "c" : "s"}-${id}`;
    const sign = credit ? -1n : 1n;
    const one = invoice({
      kind: credit ? "credit" : "sale",
      sourceId,
      number: `N-${sourceId}`,
      reference: `R-${id}`,
      currency: Number(id) % 4 === 0 ? "GBP" : "EUR",
      postingDay: pick(DAYS),
      posted: below(6) > 0,
      modifiedAt: later(),
      lines: Array.from({ length: 1 + below(2) }, (_, turn) =>
        line({
          sourceLineId: String(turn),
          sku: pick(["A", "B", "X"]),
          quantity: String(sign),
          ...cents(sign * BigInt(100 * (1 + below(20)))),
          taxCode: pick(["VAT19", "VAT19", null]),
        }),
      ).map((each) => ({ ...each, day: pick(DAYS) })),
    });
    documents.set(sourceId, one);
    return one;
  };

  const acts = {
    orders: () => arrive(...Array.from({ length: 1 + below(3) }, someOrder)),
    posting: () => arrive(...Array.from({ length: 1 + below(3) }, someDocument)),
    withdrawn: async () => {
      const one = pick([...documents.values()]);
      if (!one) return;
      documents.delete(one.sourceId);
      await inTransaction(database.ownerPool, (client) =>
        withdrawDocument(client, { ...contexts.ledger, at: now() }, one),
      );
    },
    setting: () =>
      rows("UPDATE entity SET posting_lag_hours = $1", [pick([24, 72, 240])]).then(() => undefined),
    mapping: () =>
      rows(
        `INSERT INTO tax_mapping (id, entity_id, ship_to, rate, tax_code, confirmed_at)
         SELECT gen_random_uuid(), 'E1', 'DE', 0.19, $1, now()
          WHERE NOT EXISTS (SELECT FROM tax_mapping WHERE entity_id = 'E1' AND tax_code = $1)`,
        [pick(["VAT19", "DE19"])],
      ).then(() => undefined),
    acceptance: async () => {
      const [one] = await rows(
        "SELECT id, version FROM exception WHERE state = 'new' ORDER BY md5(id::text || $1) LIMIT 1",
        [String(random())],
      );
      if (!one) return;
      try {
        await acceptException(
          finance,
          { entityId: ENTITY, reason: "It is as agreed with the shop.", id: one.id, version: one.version },
          { now: now(), pool: database.ownerPool },
        );
        reached.add("accepted");
      } catch (error) {
        // Not every cause may be accepted.
        if (!(error instanceof Refusal)) throw error;
      }
    },
    time: async () => {
      clock += 3_600_000 * (1 + below(60));
    },
  };
  const names = Object.keys(acts) as (keyof typeof acts)[];

  /** Matches what changed, in one of the ways that there are; now and then a run that dies on its way. */
  const match = async () => {
    const way = below(6);
    if (way === 0) {
      const keys = (await rows("SELECT order_key FROM dirty_group LIMIT 3")).map((row) => row.order_key);
      if (keys.length > 0) await reconcile({ orderKeys: keys });
    }
    if (way === 1) {
      const controller = new AbortController();
      const stopped = reconcile(
        { full: true },
        {
          signal: controller.signal,
          cut: { sliceGroups: 1, matchers: 1, batch: 1 },
          onProgress: () => controller.abort(),
        },
      );
      await stopped.catch(() => reached.add("stopped on its way"));
    }
    if (way === 2) return reconcile({ full: true }, { cut: { sliceGroups: 2, matchers: 2, batch: 1 } });
    return reconcile(way === 3 ? { period: "2026-10" } : {});
  };
  return {
    below,
    step: async () => {
      for (let count = 1 + below(3); count > 0; count -= 1) await acts[pick(names)]();
      await match();
    },
  };
}

/** What happened in any of the worlds, and why totals moved by it: that each of it is tried. */
const reached = new Set<string>();

type Shown = Readonly<{ at: Date; totals: ReadonlyMap<string, Totals>; rest: Rest }>;

/** What the other pages of a month show: now, or as at a moment. Codes are told by today's mapping, so SCAYLE's are left out. */
async function restOf(period: string, at: Date | null) {
  const pool = database.ownerPool;
  const today = dayIn(at ?? new Date(clock), "Europe/Berlin");
  const { vat, accounts } = await findByTax(pool, ENTITY, period, at);
  const sideOf = (side: "scayle" | "erp") => {
    const sums = new Map<string, readonly [number, number, bigint, bigint, bigint]>();
    for (const row of vat) {
      const key = [row.currency, row.country, row.rate, side === "erp" ? row.code : ""].join(" ");
      const [lines, unknown, net, tax, gross] = sums.get(key) ?? [0, 0, 0n, 0n, 0n];
      const one = row[side];
      const sum = [
        lines + one.lines,
        unknown + one.unknown,
        net + one.net,
        tax + one.tax,
        gross + one.gross,
      ] as const;
      if (sum[0] > 0) sums.set(key, sum);
    }
    return Object.fromEntries([...sums].sort(([a], [b]) => (a < b ? -1 : 1)));
  };
  const lines = async (side: "scayle" | "erp") => {
    const asked = { side, currency: undefined, page: 1, entity: ENTITY, period };
    const found = at
      ? await findBookedLinesAt(pool, { ...asked, at })
      : await findBookedLines([ENTITY], { ...asked, bucket: undefined });
    return {
      sums: found.sums,
      rows: found.lines
        .map((one) =>
          [one.orderKey, one.document, one.day, one.label, one.quantity, one.net, one.tax, one.gross].join(
            " ",
          ),
        )
        .sort(),
    };
  };
  const { rows: carried, count } = await findCarried(pool, ENTITY, period, 1, at);
  return {
    vat: { scayle: sideOf("scayle"), erp: sideOf("erp") },
    accounts,
    lines: { scayle: await lines("scayle"), erp: await lines("erp") },
    debt: await findOpenDebt(pool, ENTITY, today, at),
    month: await findMonthDebt(pool, ENTITY, period, today, at),
    trend: await findTrendOfBooks(pool, ENTITY, PERIODS, at),
    carried: carried.map(({ id, cause, currency, net, tax, gross, team, due }) =>
      [id, cause, currency, net, tax, gross, team, due].join(" "),
    ),
    count,
  };
}
type Rest = Awaited<ReturnType<typeof restOf>>;

/** That the lists behind the steps of a bridge sum to them as at a moment. */
async function expectListsToFoot(period: string, at: Date, totals: ReadonlyMap<string, Totals>) {
  for (const [currency, one] of totals) {
    const sum = async (by: "cause" | "shop", key?: string) =>
      (
        await findDifferencesAt(database.ownerPool, {
          ...{ entityId: ENTITY, month: period, currency, by, of: "gross", at, page: 1 },
          key,
          except: [],
        })
      )?.sum;
    const causes = one.causes.filter(({ cause }) => cause !== "record-failed");
    for (const { cause, gross } of causes) expect(await sum("cause", cause)).toBe(gross);
    expect(await sum("cause", "unexplained")).toBe(one.unexplained.gross);
    expect(await sum("shop")).toBe(one.scayle.gross - one.erp.gross);
  }
}

describe("the movements of a month's totals", () => {
  const STEPS = 12;
  it.each(Array.from({ length: 10 }, (_, index) => index + 1))(
    "sum to the change between any two moments, and to what the page showed (seed %i)",
    { timeout: 240_000 },
    async (seed) => {
      const world = worldOf(seed);
      const history = new Map<string, Shown[]>(PERIODS.map((period) => [period, []]));
      for (let step = 0; step < STEPS; step += 1) {
        await world.step();
        for (const period of PERIODS) {
          const rest = await restOf(period, null);
          history.get(period)?.push({ at: now(), totals: await shown(period), rest });
          expect(await restOf(period, new Date(clock))).toEqual(rest);
        }
      }
      for (const { why } of await rows("SELECT DISTINCT why FROM tally_event")) reached.add(why);
      expect(await tallyDrift(database.ownerPool, ENTITY)).toEqual([]);
      expect(
        await rows(
          movementInvariant.sql(() => "true"),
          [ENTITY],
        ),
      ).toEqual([]);

      for (const period of PERIODS) {
        const seen = history.get(period) ?? [];
        const all = seen.flatMap(({ totals }) => [...totals.values()]);
        const currencies = [...new Set(all.map(({ currency }) => currency))];
        const moments = await Promise.all(
          seen.map(({ at }) => findMoment([ENTITY], ENTITY, period, { instant: at })),
        );
        for (const [end, { totals: after, at, rest }] of seen.entries()) {
          expect(await restOf(period, at)).toEqual(rest);
          const to = moments[end]?.at;
          if (to) await expectListsToFoot(period, to, after);
          if (!to) {
            expect(after.size).toBe(0);
            continue;
          }
          const stored = await findTotalsAt(ENTITY, period, to);
          expect(new Map(stored.map(({ totals }) => [totals.currency, totals]))).toEqual(after);
          for (let begin = -1; begin < end; begin += 1) {
            const from = begin < 0 ? null : (moments[begin]?.at ?? null);
            const before = begin < 0 ? new Map<string, Totals>() : (seen[begin]?.totals ?? new Map());
            const moved = await sumMoves({ entityId: ENTITY, period, from, to });
            const wrong: string[] = [];
            for (const currency of currencies) {
              for (const total of totalsIn(all)) {
                for (const of of moveFigures) {
                  const change =
                    figureOf(after.get(currency), total, of) - figureOf(before.get(currency), total, of);
                  const said = figureOf(moved.get(currency), total, of);
                  if (said !== change)
                    wrong.push(`${currency} ${total.name} ${total.key} ${of}: ${said}, not ${change}`);
                }
              }
            }
            expect(wrong).toEqual([]);
          }
          // The lists themselves, page by page, of one beginning.
          const begin = world.below(end + 1) - 1;
          const from = begin < 0 ? null : (moments[begin]?.at ?? null);
          const before = begin < 0 ? new Map<string, Totals>() : (seen[begin]?.totals ?? new Map());
          for (const currency of currencies) {
            // A third of the totals each time: over all moments and worlds each of them has its turn.
            for (const total of totalsIn(all).filter(() => world.below(3) === 0)) {
              const of = moveFigures[world.below(moveFigures.length)] ?? "gross";
              const change =
                figureOf(after.get(currency), total, of) - figureOf(before.get(currency), total, of);
              expect(await listed({ period, from, to, currency, total, of })).toBe(change);
            }
          }
        }
      }
    },
  );

  it("were moved in every way that there is", () => {
    expect([...reached].sort()).toEqual([
      "accepted",
      "person",
      "setting",
      "source",
      "stopped on its way",
      "time",
    ]);
  });
});

/** The sum of a whole list, held against its sums by reason. */
async function listed(
  asked: Readonly<{
    period: string;
    from: Date | null;
    to: Date;
    currency: string;
    total: MoveTotal;
    of: (typeof moveFigures)[number];
  }>,
): Promise<bigint> {
  const all = { entityId: ENTITY, why: undefined, sort: "at" as const, ...asked };
  const { moves, sums } = await findMoves({ ...all, page: 1 });
  const found = [...moves];
  for (let page = 2; found.length < sums.reduce((count, one) => count + one.count, 0); page += 1) {
    found.push(...(await findMoves({ ...all, page })).moves);
  }
  for (const why of moveReasons) {
    const mine = found.filter((one) => one.why === why);
    const sum = sums.find((one) => one.why === why);
    expect([mine.length, mine.reduce((so, one) => so + one.amount, 0n)]).toEqual([
      sum?.count ?? 0,
      sum?.amount ?? 0n,
    ]);
  }
  const told = await tellMoves(ENTITY, found);
  expect(told.every((one) => one.why !== "source" || one.happenings.length > 0)).toBe(true);
  return found.reduce((sum, one) => sum + one.amount, 0n);
}

describe("why a total moved", () => {
  const why = async (total: MoveTotal, from: Date | null, currency = "EUR") => {
    const moment = await findMoment([ENTITY], ENTITY, "2026-10", null);
    const asked = { entityId: ENTITY, period: "2026-10", from, to: moment?.at ?? now(), currency, total };
    const { moves } = await findMoves({ ...asked, of: "gross", why: undefined, sort: "amount", page: 1 });
    return { told: await tellMoves(ENTITY, moves), to: asked.to };
  };
  const SCAYLE = { name: "scayle", key: null } as const;
  const ERP = { name: "erp", key: null } as const;

  it("is told by the version that came from its source, an act, a setting, or time", async () => {
    // Young enough to be on its way.
    const shippedAt = new Date(clock - 3_600_000);
    await arrive(order({ items: [item({ shippedAt })] }));
    await reconcile();
    const first = await why(SCAYLE, null);
    expect(first.told).toMatchObject([{ why: "source", amount: 11_900n, subject: "order DE-1001" }]);
    expect(first.told[0]?.happenings[0]?.text).toMatch(/^SCAYLE sale .*was read for the first time/);

    // Time: three days later it is no longer on its way.
    clock += 96 * 3_600_000;
    await reconcile();
    const timing = await why({ name: "scayle-bucket", key: "timing" }, first.to);
    expect(timing.told).toMatchObject([{ why: "time", amount: -11_900n }]);
    expect((await why(SCAYLE, first.to)).told).toEqual([]);

    // The ERP posts it.
    await arrive(invoice({ lines: [line({ ...cents(11_800n), unitPrice: "118.00" })], modifiedAt: now() }));
    await reconcile();
    const posted = await why(ERP, timing.to);
    expect(posted.told).toMatchObject([{ why: "source", amount: 11_800n }]);
    expect(posted.told[0]?.happenings.map(({ text }) => text)).toEqual([
      "ERP sale INV-1 was read for the first time (version 1)",
    ]);

    // Somebody accepts what is left of it.
    const found = await rows(
      "SELECT id, version FROM exception WHERE state = 'new' AND cause = 'price-wrong'",
    );
    expect(found).toHaveLength(1);
    for (const one of found) {
      await acceptException(
        finance,
        { entityId: ENTITY, reason: "It is as agreed.", id: one.id, version: one.version },
        { now: now(), pool: database.ownerPool },
      );
    }
    await reconcile();
    const accepted = await why({ name: "erp-bucket", key: "accepted" }, posted.to);
    expect(accepted.told).toMatchObject([{ why: "person", amount: 11_800n }]);
    expect(accepted.told[0]?.happenings[0]).toMatchObject({ by: "Petra" });

    // And it is corrected at its source.
    await arrive(invoice({ modifiedAt: now() }));
    await reconcile();
    const corrected = await why(ERP, accepted.to);
    expect(corrected.told).toMatchObject([{ why: "source", amount: 100n }]);
    expect(corrected.told[0]?.happenings[0]?.text).toBe(
      "ERP sale INV-1 changed after it was posted (version 2)",
    );
  });

  it("is told by the setting where every order is matched by another one", async () => {
    await arrive(order({ items: [item({ shippedAt: new Date(clock - 3_600_000) })] }));
    await reconcile();
    const { to } = await why(SCAYLE, null);
    await rows("UPDATE entity SET posting_lag_hours = 0");
    await reconcile();
    const { told } = await why({ name: "scayle-bucket", key: "timing" }, to);
    expect(told).toMatchObject([{ why: "setting", amount: -11_900n }]);
  });

  it("is one entry for very many orders that are matched for the first time", async () => {
    const many = Array.from({ length: 2001 }, (_, index) =>
      order({ id: `m${index}`, reference: `M-${index}`, items: [item({ id: `m${index}-1` })] }),
    );
    await inTransaction(database.ownerPool, (client) =>
      storeOrders(
        client,
        contexts.orders,
        many.map((one) => reading(one)),
      ),
    );
    await reconcile();
    const { told } = await why(SCAYLE, null);
    expect(told).toMatchObject([{ why: "source", orderKey: null, amount: 11_900n * 2001n, happenings: [] }]);
    expect(
      await rows(
        movementInvariant.sql(() => "true"),
        [ENTITY],
      ),
    ).toEqual([]);
  });

  it("is refused to be written by the app", async () => {
    for (const statement of [
      "INSERT INTO tally_event SELECT * FROM tally_event",
      "UPDATE tally_event SET gross = 0",
      "DELETE FROM tally_event",
      "TRUNCATE tally_event",
    ]) {
      await expect(database.appPool.query(statement)).rejects.toThrow(/permission denied/);
    }
  });

  it("begins with what was there where movements were not kept before, and says so", async () => {
    await arrive(order());
    await reconcile();
    await rows("DELETE FROM tally_event");
    const migration = await readFile("prisma/migrations/0040_movements/migration.sql", "utf8");
    const opening = migration.match(/INSERT INTO "tally_event"[^;]*;/)?.[0] ?? "";
    await rows(opening);
    expect(
      await rows(
        movementInvariant.sql(() => "true"),
        [ENTITY],
      ),
    ).toEqual([]);
    const earlier = await why(SCAYLE, null);
    expect(earlier.told).toMatchObject([{ why: "before", orderKey: null, amount: 11_900n, happenings: [] }]);
    await arrive(order({ updatedAt: now(), items: [item({ ...cents(12_000n) })] }));
    await reconcile();
    expect((await why(SCAYLE, earlier.to)).told).toMatchObject([{ why: "source", amount: 100n }]);
    const asked = { entityIds: [ENTITY], entityId: ENTITY, period: "2026-10", at: null, visit: null };
    const span = await findSpan({ ...asked, since: { instant: now() }, signedAt: null });
    expect(span).toMatchObject({ from: span.to?.at, keptSince: null });
    // As at a moment nothing after it can be compared: neither a sign-off nor another day.
    const before = new Date(clock);
    const later = { ...asked, at: { instant: before }, signedAt: now() };
    for (const since of ["sign-off", null, { instant: now() }, { day: "2026-10-25" }] as const) {
      const early = await findSpan({ ...later, since });
      expect(early).toMatchObject({ from: null, base: { key: "start", current: true } });
      expect(early.bases.map((one) => one.key)).toEqual(["start"]);
    }
    expect((await findSpan({ ...later, signedAt: before, since: null })).bases.map((one) => one.key)).toEqual(
      ["sign-off", "start"],
    );
    // Figures of before it was kept: changes are counted from then on.
    await rows(
      "INSERT INTO run (id, kind, entity_id, state, started_at, finished_at, actor_name) VALUES ($1, 'reconcile', 'E1', 'done', $2, $2, 'Test')",
      [EARLIER, new Date(0)],
    );
    await rows(
      `INSERT INTO period_summary SELECT $1, entity_id, period, currency, as_of, $2, ties_out, totals FROM period_summary LIMIT 1`,
      [EARLIER, new Date(0)],
    );
    expect(await findSpan({ ...asked, since: { instant: new Date(1000) }, signedAt: null })).toMatchObject({
      from: earlier.to,
      keptSince: earlier.to,
    });
  });

  it("shows in the proof where a movement is missing", async () => {
    await arrive(order());
    await reconcile();
    await rows("DELETE FROM tally_event WHERE kind = 'pair'");
    expect(
      await rows(
        movementInvariant.sql(() => "true"),
        [ENTITY],
      ),
    ).toMatchObject([{ period: "2026-10" }]);
  });
});

it("keeps what somebody saw at their last visit until they come back after a while", async () => {
  const visit = (minute: number, figure: number) =>
    noteVisit({
      userId: finance.id,
      entityId: ENTITY,
      period: "2026-10",
      figuresAt: new Date(figure),
      now: new Date(minute * 60_000),
    });
  expect(await visit(0, 1)).toBeNull();
  expect(await visit(20, 2)).toBeNull();
  expect(await visit(60, 3)).toEqual({ seenAt: new Date(20 * 60_000), figuresAt: new Date(2) });
  expect(await visit(75, 4)).toEqual({ seenAt: new Date(20 * 60_000), figuresAt: new Date(2) });
  expect(await visit(200, 5)).toEqual({ seenAt: new Date(75 * 60_000), figuresAt: new Date(4) });
});
