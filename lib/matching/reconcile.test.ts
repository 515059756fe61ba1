import { Decimal } from "decimal.js";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { inTransaction } from "@/lib/db/pool";
import { createTestDatabase, emptyTables, type TestDatabase } from "@/lib/db/testing";
import type { BookDocument, BookLine } from "@/lib/domain/document";
import type { OrderItem, SalesOrder } from "@/lib/domain/order";
import type { StoreContext } from "@/lib/sync/store/context";
import { invoice, item, line, order, prepare, reading, unreadable } from "@/lib/sync/store/fixtures";
import { storeLedger } from "@/lib/sync/store/ledger";
import { storeOrders } from "@/lib/sync/store/orders";
import { type ReconcileContext, runReconciliation } from "./reconcile";
import { loadSummaries } from "./summary";
import { tallyDrift } from "./tally";

let database: TestDatabase;
let contexts: Readonly<{ orders: StoreContext; ledger: StoreContext }>;
const NOW = new Date("2026-12-20T08:00:00Z");
let runs = 0;
/** Each run is a moment after the one before. */
const later = () => new Date(NOW.getTime() + ++runs);

beforeAll(async () => {
  database = await createTestDatabase();
  contexts = await prepare(database.ownerPool);
  await database.ownerPool.query(
    `UPDATE connection SET rounding = '{"level":"document","mode":"half-up","basis":"gross","first":"tax"}', rounding_confirmed_at = now()
      WHERE side = 'erp'`,
  );
});
afterAll(() => database.close());

const TABLES =
  "line, document, document_version, sales_order, order_alias, source_record, failed_record, dirty_group, customer_data, pair, pair_line, tally, tally_event, invariant_breach, cause, exception, exception_event, period_summary, run, audit_event, tax_mapping";
const emptied = () =>
  emptyTables(database.ownerPool, [
    ...TABLES.split(", "),
    "fetch_control",
    "control_remainder",
    "source_count",
  ]);
beforeEach(async () => {
  await emptied();
});

type Arrival = Readonly<{ order: SalesOrder } | { document: BookDocument }>;

async function arrive(arrivals: readonly Arrival[]): Promise<void> {
  for (const one of arrivals) {
    await inTransaction(database.ownerPool, async (client) =>
      "order" in one
        ? storeOrders(client, contexts.orders, [reading(one.order)])
        : storeLedger(client, contexts.ledger, [reading(one.document)]),
    );
  }
}

const reconcile = (full = false, cut: ReconcileContext["cut"] = undefined) =>
  runReconciliation({ full }, { actorName: "Test", now: later, pool: database.ownerPool, cut });

const reconcileOnly = async (orderKeys: readonly string[]) =>
  runReconciliation(
    { entityId: await entityOf(), orderKeys },
    { actorName: "Test", now: later, pool: database.ownerPool },
  );

const keysOf = async (table: "sales_order" | "dirty_group"): Promise<readonly string[]> =>
  (await database.ownerPool.query(`SELECT order_key FROM ${table} ORDER BY order_key`)).rows.map(
    (row) => row.order_key,
  );

const entityOf = async () => (await database.ownerPool.query("SELECT id FROM entity")).rows[0].id as string;

type Totals = Readonly<Record<"net" | "tax" | "gross", string>>;
type Summary = Readonly<{
  scayle: Totals;
  erp: Totals;
  unexplained: Totals;
  causes: readonly Totals[];
  period: string;
  tiesOut: boolean;
  proofs: readonly Readonly<{ name: string; detail: string }>[];
}>;

const summaries = async () => (await loadSummaries(database.ownerPool, {})) as unknown as readonly Summary[];
// These tests change posted documents to make their point; that it was done is told by an exception of its own.
const states = async (): Promise<Record<string, unknown>[]> =>
  (
    await database.ownerPool.query(
      "SELECT cause, state, gross, amounts, assignee_id, owner_team, predecessor_id IS NOT NULL AS heir FROM exception WHERE cause <> 'posted-changed' ORDER BY cause, id",
    )
  ).rows;

/** What each side's line table says, summed here and not by the product. */
async function booked(side: string, period: string, amount: string): Promise<bigint> {
  const { rows } = await database.ownerPool.query(
    `SELECT coalesce(sum(${amount}), 0)::bigint AS total FROM line WHERE side = $1 AND period = $2 AND in_books`,
    [side, period],
  );
  return rows[0].total;
}

const taxIn = (gross: bigint): bigint =>
  BigInt(
    new Decimal(gross.toString()).times(19).div(119).toDecimalPlaces(0, Decimal.ROUND_HALF_UP).toFixed(0),
  );

const instants = [
  "2026-09-30T21:59:00Z",
  "2026-09-30T22:01:00Z",
  "2026-10-15T10:00:00Z",
  "2026-11-03T10:00:00Z",
];
const days = ["2026-09-30", "2026-10-01", "2026-10-15", "2026-11-03"];

const arbitraryItem = fc.record({
  sku: fc.constantFrom("A", "B"),
  cents: fc.bigInt({ min: 1n, max: 50_000n }),
  fate: fc.constantFrom("sold", "sold", "sold", "returned", "cancelled", "waiting"),
  at: fc.constantFrom(...instants),
  known: fc.constantFrom(true, true, true, false),
});
const arbitraryOrder = fc.array(arbitraryItem, { minLength: 1, maxLength: 4 });
const arbitraryDocument = fc.record({
  of: fc.integer({ min: 0, max: 6 }),
  kind: fc.constantFrom<"sale" | "credit">("sale", "sale", "credit"),
  day: fc.constantFrom(...days),
  posted: fc.constantFrom(true, true, true, false),
  lines: fc.array(
    fc.record({
      sku: fc.constantFrom("A", "B", "X"),
      cents: fc.bigInt({ min: 1n, max: 50_000n }),
      quantity: fc.integer({ min: 1, max: 3 }),
      coded: fc.boolean(),
      known: fc.constantFrom(true, true, true, false),
    }),
    { minLength: 1, maxLength: 3 },
  ),
});

function orderFrom(
  items: readonly Readonly<{ sku: string; cents: bigint; fate: string; at: string; known: boolean }>[],
  index: number,
): SalesOrder {
  const id = String(2000 + index);
  const units = items.map((one, turn): OrderItem => {
    const tax = taxIn(one.cents);
    const at = new Date(one.at);
    return item({
      id: `${id}-${turn}`,
      sku: one.sku,
      gross: one.cents,
      net: one.known ? one.cents - tax : null,
      tax: one.known ? tax : null,
      taxRate: one.known ? "0.19" : null,
      status: one.fate === "cancelled" ? "cancelled" : "shipped",
      shippedAt: one.fate === "sold" || one.fate === "returned" ? at : null,
      cancelledAt: one.fate === "cancelled" ? at : null,
      returnedAt: one.fate === "returned" ? new Date(at.getTime() + 86_400_000) : null,
    });
  });
  return order({ id, reference: `R-${id}`, items: units });
}

function documentFrom(
  one: Readonly<{
    of: number;
    kind: "sale" | "credit";
    day: string;
    posted: boolean;
    lines: readonly Readonly<{
      sku: string;
      cents: bigint;
      quantity: number;
      coded: boolean;
      known: boolean;
    }>[];
  }>,
  index: number,
): BookDocument {
  const sign = one.kind === "sale" ? 1n : -1n;
  const lines = one.lines.map((each, turn): BookLine => {
    const gross = each.cents * BigInt(each.quantity) * sign;
    const tax = each.known ? taxIn(gross) : null;
    return line({
      sourceLineId: String(turn),
      sku: each.sku,
      quantity: String(Number(sign) * each.quantity),
      unitPrice: new Decimal(each.cents.toString()).div(100).toFixed(2),
      gross,
      tax,
      net: tax === null ? null : gross - tax,
      taxCode: each.coded ? "VAT19" : null,
      day: one.day,
    });
  });
  return invoice({
    kind: one.kind,
    sourceId: `doc-${index}`,
    number: `N-${index}`,
    reference: `R-${2000 + one.of}`,
    posted: one.posted,
    status: one.posted ? "Open" : "Draft",
    postingDay: one.day,
    lines,
  });
}

const arbitraryBooks = fc
  .tuple(
    fc.array(arbitraryOrder, { minLength: 1, maxLength: 5 }),
    fc.array(arbitraryDocument, { maxLength: 6 }),
  )
  .map(([orders, documents]): readonly Arrival[] => [
    ...orders.map((items, index) => ({ order: orderFrom(items, index) })),
    ...documents.map((one, index) => ({ document: documentFrom(one, index) })),
  ]);

describe("any pair of books", () => {
  it("gives SCAYLE − Σ causes = ERP exactly, whatever arrives first, and nothing new the second time", {
    timeout: 300_000,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(
        arbitraryBooks.chain((books) =>
          fc.tuple(fc.constant(books), fc.shuffledSubarray([...books], { minLength: books.length })),
        ),
        async ([books, shuffled]) => {
          await emptied();
          await arrive(books);
          const first = (await reconcile()).entities[0]?.outcome;
          const one = { states: await states(), summaries: await summaries() };
          for (const summary of one.summaries) {
            for (const amount of ["net", "tax", "gross"] as const) {
              const causes = [...summary.causes, summary.unexplained].reduce(
                (all, each) => all + BigInt(each[amount]),
                0n,
              );
              const scayle = await booked("scayle", summary.period, amount);
              const erp = await booked("erp", summary.period, amount);
              expect(scayle - causes).toBe(erp);
              expect([BigInt(summary.scayle[amount]), BigInt(summary.erp[amount])]).toEqual([scayle, erp]);
            }
          }
          expect((await reconcile()).entities[0]?.outcome).toBe(first);
          expect((await reconcile(true)).entities[0]?.outcome).toBe(first);
          expect(await states()).toEqual(one.states);
          const cut = { sliceGroups: 1, matchers: 3, batch: 1 };
          expect((await reconcile(true, cut)).entities[0]?.outcome).toBe(first);
          expect(await states()).toEqual(one.states);
          expect((await summaries()).map(({ causes }) => causes)).toEqual(
            one.summaries.map(({ causes }) => causes),
          );
          for (const key of await keysOf("sales_order")) {
            expect((await reconcileOnly([key])).entities[0]?.outcome).toBe(first);
          }
          expect(await states()).toEqual(one.states);
          expect(await tallyDrift(database.ownerPool, await entityOf())).toEqual([]);

          await emptied();
          await arrive(shuffled);
          expect((await reconcile()).entities[0]?.outcome).toBe(first);
          expect(await states()).toEqual(one.states);
          expect((await summaries()).map(({ causes, scayle, erp }) => ({ causes, scayle, erp }))).toEqual(
            one.summaries.map(({ causes, scayle, erp }) => ({ causes, scayle, erp })),
          );

          await emptied();
          for (const arrival of shuffled) {
            await arrive([arrival]);
            await reconcile();
          }
          expect((await reconcile()).entities[0]?.outcome).toBe(first);

          await emptied();
          await arrive(shuffled);
          for (const key of await keysOf("dirty_group")) await reconcileOnly([key]);
          expect((await reconcile()).entities[0]?.outcome).toBe(first);
          expect(await states()).toEqual(one.states);
        },
      ),
      { numRuns: 25 },
    );
  });
});

it("gives another outcome when one amount of either side is another", async () => {
  const outcomes = new Set<string | undefined>();
  for (const gross of [11_900n, 11_901n]) {
    for (const cents of [11_900n, 11_902n]) {
      await emptied();
      await arrive([
        { order: order({ items: [item({ gross, net: gross - 1_900n, tax: 1_900n })] }) },
        { document: invoice({ lines: [line({ gross: cents, net: cents - 1_900n, tax: 1_900n })] }) },
      ]);
      outcomes.add((await reconcile()).entities[0]?.outcome);
    }
  }
  expect(outcomes.size).toBe(4);
});

it("holds a code that is right for one channel alone against that channel, also where nothing else differs", async () => {
  const right = (channel: string, code: string) =>
    database.ownerPool.query(
      `INSERT INTO tax_mapping (id, entity_id, ship_to, channel, rate, tax_code, confirmed_at)
       VALUES (gen_random_uuid(), 'E1', 'DE', $1, 0.19, $2, now())`,
      [channel, code],
    );
  await right("key:shop_de", "VAT19");
  await arrive([{ order: order() }, { document: invoice() }]);
  await reconcile();
  expect(await states()).toEqual([]);
  // For another channel it says nothing of this one: where its place has a code of its own, this one is wrong there.
  await database.ownerPool.query("UPDATE tax_mapping SET channel = 'key:bazaar'");
  await right("*", "VAT19-OWN");
  await reconcile();
  expect(await states()).toMatchObject([{ cause: "tax-code-wrong", gross: 0n }]);
});

it("says that a code is wrong also where every amount agrees", async () => {
  await database.ownerPool.query(
    `INSERT INTO tax_mapping (id, entity_id, ship_to, rate, tax_code, confirmed_at)
     VALUES (gen_random_uuid(), 'E1', 'DE', 0.19, 'VAT19', now())`,
  );
  await arrive([{ order: order() }, { document: invoice() }]);
  await reconcile();
  expect(await states()).toEqual([]);
  const posted = invoice({
    modifiedAt: new Date("2026-10-09T00:00:00Z"),
    lines: [line({ taxCode: "VAT19-EXPORT" })],
  });
  await arrive([{ document: posted }]);
  await reconcile();
  expect(await states()).toMatchObject([{ cause: "tax-code-wrong", state: "new", gross: 0n }]);
});

it("shows where the totals that are kept are not those of the rows", async () => {
  await arrive([{ order: order() }, { document: invoice() }]);
  await reconcile();
  const { ownerPool } = database;
  await inTransaction(ownerPool, async (client) => {
    expect(await tallyDrift(client, await entityOf())).toEqual([]);
    await client.query("UPDATE pair SET erp_gross = erp_gross + 1");
    expect(await tallyDrift(client, await entityOf())).toEqual(["2026-10 EUR pair matched"]);
    await client.query("ROLLBACK; BEGIN");
  });
});

it("says which month has a line in no bucket, until the group is matched again", async () => {
  await arrive([{ order: order() }, { document: invoice() }]);
  await database.ownerPool.query(
    `CREATE FUNCTION lose() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
     CREATE TRIGGER lose BEFORE INSERT ON pair_line FOR EACH ROW EXECUTE FUNCTION lose()`,
  );
  try {
    await reconcile();
  } finally {
    await database.ownerPool.query("DROP TRIGGER lose ON pair_line; DROP FUNCTION lose");
  }
  const proof = async () =>
    (await summaries()).map((one) => [
      one.tiesOut,
      one.proofs.find(({ name }) => name === "one-bucket")?.detail,
    ]);
  expect(await proof()).toEqual([[false, expect.stringContaining("2 lines are in no bucket")]]);
  await reconcile();
  expect(await proof()).toEqual([[false, expect.stringContaining("2 lines are in no bucket")]]);
  await reconcile(true);
  expect(await proof()).toEqual([[true, "every line of both sides is in exactly one bucket"]]);
});

describe("what people did", () => {
  it("stays on an exception while its amounts change, and goes to the cause that takes its place", async () => {
    await arrive([
      { order: order() },
      {
        document: invoice({
          lines: [line({ unitPrice: "129.00", gross: 12_900n, tax: 2_060n, net: 10_840n })],
        }),
      },
    ]);
    await reconcile();
    expect(await states()).toMatchObject([{ cause: "price-wrong", state: "new", gross: -1000n }]);
    const person = "33333333-3333-3333-3333-333333333333";
    await database.ownerPool.query(
      "UPDATE exception SET assignee_id = $1, state = 'assigned', owner_team = 'operations'",
      [person],
    );
    const odd = { sku: "SKU-1", unitPrice: "129.00", gross: 12_000n, tax: 1_916n, net: 10_084n };
    await arrive([
      { document: invoice({ modifiedAt: new Date("2026-10-08T00:00:00Z"), lines: [line(odd)] }) },
    ]);
    await reconcile();
    expect(await states()).toMatchObject([
      { cause: "price-wrong", state: "resolved" },
      {
        cause: "unexplained",
        state: "assigned",
        gross: -100n,
        assignee_id: person,
        owner_team: "operations",
        heir: true,
      },
    ]);
  });

  it("resolves an exception when the figures agree, and opens it again when they don't", async () => {
    await arrive([{ order: order() }]);
    await reconcile();
    expect(await states()).toMatchObject([{ cause: "sale-missing-in-erp", state: "new" }]);
    await arrive([{ document: invoice() }]);
    await reconcile();
    expect(await states()).toMatchObject([{ cause: "sale-missing-in-erp", state: "resolved" }]);
    const draft = invoice({ posted: false, status: "Draft", modifiedAt: new Date("2026-10-09T00:00:00Z") });
    await arrive([{ document: draft }]);
    await reconcile();
    expect(await states()).toMatchObject([{ cause: "sale-missing-in-erp", state: "new" }]);
  });

  it("keeps an acceptance while the amounts are those that were accepted, and reopens it otherwise", async () => {
    await arrive([{ order: order() }]);
    await reconcile();
    await database.ownerPool.query("UPDATE exception SET state = 'accepted'");
    await reconcile(true);
    expect(await states()).toMatchObject([{ state: "accepted" }]);
    const { rows } = await database.ownerPool.query("SELECT bucket FROM pair");
    expect(rows).toEqual([{ bucket: "accepted" }]);
    await arrive([
      { order: order({ updatedAt: new Date("2026-10-07T00:00:00Z"), items: [item(), item({ id: "2" })] }) },
    ]);
    await reconcile();
    expect(await states()).toMatchObject([{ state: "new", gross: 23_800n }]);
  });
});

it("raises what could not be read, keeps the month from tying out, and clears it once it can", async () => {
  const at = new Date("2026-10-06T00:00:00Z");
  await inTransaction(database.ownerPool, (client) =>
    storeOrders(client, contexts.orders, [unreadable("1001", at, "items[0].price.withTax: 12.9x")]),
  );
  await reconcile();
  expect(await states()).toMatchObject([{ cause: "record-failed", state: "new" }]);
  expect(await summaries()).toMatchObject([
    { tiesOut: false, causes: [{ cause: "record-failed", count: 1 }] },
  ]);
  await arrive([{ order: order({ updatedAt: new Date("2026-10-07T00:00:00Z") }) }, { document: invoice() }]);
  await reconcile();
  expect(await states()).toMatchObject([{ cause: "record-failed", state: "resolved" }]);
});

it("blames no ERP document for an order that could not be read, whichever came first", async () => {
  await arrive([{ document: invoice() }]);
  await reconcile();
  expect(await states()).toMatchObject([{ cause: "sale-missing-in-scayle", state: "new" }]);
  const at = new Date("2026-10-06T00:00:00Z");
  await inTransaction(database.ownerPool, (client) =>
    storeOrders(client, contexts.orders, [unreadable("1001", at, "items[0].price.withTax: 12.9x")]),
  );
  await reconcile();
  expect(await states()).toMatchObject([
    { cause: "record-failed", state: "new" },
    { cause: "sale-missing-in-scayle", state: "resolved" },
  ]);
});

it("leaves no trace of a run that was stopped, and says so", async () => {
  await arrive([{ order: order() }]);
  const controller = new AbortController();
  controller.abort();
  await expect(
    runReconciliation(
      {},
      { actorName: "Test", now: () => NOW, pool: database.ownerPool, signal: controller.signal },
    ),
  ).rejects.toThrow();
  expect(await states()).toEqual([]);
  const { rows } = await database.ownerPool.query("SELECT state FROM run");
  expect(rows).toEqual([{ state: "stopped" }]);
});
