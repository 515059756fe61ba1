import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { inTransaction } from "@/lib/db/pool";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { cellTables, foldCells } from "@/lib/matching/fold-cells";
import { runInvariants } from "@/lib/matching/invariants/run";
import { item, line } from "@/lib/sync/store/fixtures";
import { ENTITY, MONTH, makeBooks } from "./fixtures";
import { findBookedLines } from "./lines";
import { findByTax, findLockedByTax } from "./vat";

let database: TestDatabase;
let books: Awaited<ReturnType<typeof makeBooks>>;

beforeAll(async () => {
  database = await createTestDatabase();
  books = await makeBooks(database.ownerPool);
});
afterAll(() => database.close());

const rows = async (sql: string, values: readonly unknown[] = []) =>
  (await database.ownerPool.query(sql, [...values])).rows;
/** What does not hold of the sums that are kept, by name. */
const broken = async () =>
  (await runInvariants(database.ownerPool, ENTITY, { scoped: false })).flatMap((one) =>
    one.rows > 0 ? [one.name] : [],
  );

/** An order of two units, and what the ERP posted for it: a cent less of tax each. */
async function sellUnevenly(id: string, more: Parameters<typeof books.store>[0] = {}): Promise<void> {
  await books.store({
    id,
    reference: `DE-${id}`,
    items: [item({ id: `${id}-1` }), item({ id: `${id}-2`, sku: "SKU-2" })],
    payments: [{ key: "credit_card", amount: null, giftCard: false }],
    ...more,
  });
  const off = { net: 10_001n, tax: 1_899n };
  await books.post({
    sourceId: `i${id}`,
    number: `RE-${id}`,
    reference: `DE-${id}`,
    lines: [line({ ...off }), line({ ...off, sourceLineId: "2", sku: "SKU-2" })],
  });
}

const places = () =>
  rows(
    `SELECT side, country, channel, sum(lines)::int AS lines, sum(gross)::bigint AS gross FROM line_cell
      GROUP BY 1, 2, 3 HAVING sum(lines) <> 0 ORDER BY 1, 2, 3`,
  );

describe("sums that are kept", () => {
  it("follow lines, documents and orders, whatever comes first and whatever becomes of them", async () => {
    await books.sell("1");
    await sellUnevenly("2");
    // The document is there before anybody knows its order, which then goes elsewhere, and then is sold elsewhere.
    await books.post({ sourceId: "i3", number: "RE-3", reference: "DE-3", lines: [line()] });
    expect(await broken()).toEqual(["one-bucket"]);
    await books.store({ id: "3", reference: "DE-3", items: [item({ id: "3-1" })], shipTo: "AT" });
    await books.reconcile();
    expect(await broken()).toEqual([]);
    await books.store({
      id: "3",
      reference: "DE-3",
      items: [item({ id: "3-1" })],
      shipTo: "FR",
      channel: "market",
      channelType: "marketplace",
    });
    expect((await places()).filter((row) => row.country === "AT")).toEqual([]);
    expect((await places()).filter((row) => row.country === "FR")).toMatchObject([
      { side: "erp", channel: "market", lines: 1 },
      { side: "scayle", channel: "market", lines: 1 },
    ]);
    await books.post({ sourceId: "i2", number: "RE-2", reference: "DE-1", lines: [line()] });
    await books.reconcile();
    expect(await broken()).toEqual([]);
    await books.post({ sourceId: "i2", number: "RE-2", reference: "DE-2", posted: false, lines: [line()] });
    await books.reconcile();
    expect(await broken()).toEqual([]);
    await sellUnevenly("4");
    await sellUnevenly("5", { shipTo: "AT" });
    await books.reconcile();
    expect(await broken()).toEqual([]);
  });

  it("are the same when their changes are added up, and fewer rows", async () => {
    const before = await findByTax(database.appPool, ENTITY, MONTH);
    const counted = async () => (await rows("SELECT count(*)::int AS count FROM line_cell"))[0]?.count;
    const many = await counted();
    for (const table of cellTables)
      await inTransaction(database.ownerPool, (client) => foldCells(client, table, ENTITY, 1));
    expect(await counted()).toBeLessThan(many);
    expect(await findByTax(database.appPool, ENTITY, MONTH)).toEqual(before);
    expect(await broken()).toEqual([]);
  });

  it("are what a list's own lines come to, of all and of each bucket", async () => {
    for (const side of ["scayle", "erp"] as const)
      for (const bucket of [undefined, "matched", "open", "explained", "excluded"] as const) {
        const asked = { entity: ENTITY, period: MONTH, side, bucket, currency: "EUR", page: 1 } as const;
        const found = await findBookedLines([ENTITY], asked);
        expect(found.lines).toHaveLength(found.count);
        expect(found.lines.every((one) => bucket === undefined || one.bucket === bucket)).toBe(true);
        expect(found.lines.reduce((all, one) => all + one.gross, 0n)).toBe(found.sums[0]?.gross ?? 0n);
      }
    // What changed since is counted by its lines, for no total has it yet.
    await books.post({ sourceId: "i9", number: "RE-9", reference: null, lines: [line({ gross: 11_900n })] });
    const all = {
      entity: ENTITY,
      period: MONTH,
      side: "erp",
      bucket: undefined,
      currency: "EUR",
      page: 1,
    } as const;
    const found = await findBookedLines([ENTITY], all);
    expect(found.lines).toHaveLength(found.count);
    await books.reconcile();
    expect((await findBookedLines([ENTITY], all)).sums).toEqual(found.sums);
  });

  it("of a lock are those of what is locked, and stay", async () => {
    const live = await findByTax(database.appPool, ENTITY, MONTH);
    await lockIt();
    expect(await findLockedByTax(database.appPool, ENTITY, MONTH)).toEqual(live);
    expect(await broken()).toEqual([]);
    await books.sell("late");
    await books.reconcile();
    expect(await findLockedByTax(database.appPool, ENTITY, MONTH)).toEqual(live);
    expect(await findByTax(database.appPool, ENTITY, MONTH)).not.toEqual(live);
    expect(await broken()).toEqual([]);
  });

  /** Locks the month by the owner's function, whatever it still has: what is locked is the matter here. */
  async function lockIt(): Promise<void> {
    await rows("SELECT tieout_copy_locked($1, $2, 1, NULL)", [ENTITY, MONTH]);
    await rows("SELECT tieout_seal($1, $2, 1, NULL, 'x', 'x', now(), '{}', NULL, now())", [ENTITY, MONTH]);
  }

  it.each([
    [
      "line-sums-kept",
      "UPDATE line_cell SET gross = gross + 1 WHERE ctid = (SELECT min(ctid) FROM line_cell)",
    ],
    ["line-sums-kept", "DELETE FROM line_cell WHERE ctid = (SELECT min(ctid) FROM line_cell)"],
    ["differences-kept", "DELETE FROM difference WHERE ctid = (SELECT min(ctid) FROM difference)"],
    [
      "difference-sums-kept",
      "UPDATE difference_cell SET tax = tax + 1 WHERE ctid = (SELECT min(ctid) FROM difference_cell)",
    ],
    ["locked-sums-kept", "UPDATE locked_sum SET gross = gross - 1 WHERE side = 'erp'"],
    [
      "locked-sums-kept",
      "UPDATE locked_cell SET lines = lines + 1 WHERE ctid = (SELECT min(ctid) FROM locked_cell)",
    ],
  ])("turn red: %s, where somebody breaks them", async (name, sql) => {
    await inTransaction(database.ownerPool, async (client) => {
      expect((await client.query(sql)).rowCount).toBeGreaterThan(0);
      const results = await runInvariants(client, ENTITY, { scoped: false });
      expect(results.filter((one) => one.rows > 0).map((one) => one.name)).toEqual([name]);
      await client.query("ROLLBACK; BEGIN");
    });
    expect(await broken()).toEqual([]);
  });
});
