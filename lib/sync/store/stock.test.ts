import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Reading } from "@/lib/connectors/contract";
import type { ItemStock, StockLevel } from "@/lib/connectors/stock";
import { inTransaction } from "@/lib/db/pool";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import type { StoreContext } from "./context";
import { prepare } from "./fixtures";
import { keepGoneItems, keepUnasked, nameItems, storeStock } from "./stock";

let database: TestDatabase;
let base: StoreContext;

beforeAll(async () => {
  database = await createTestDatabase();
  base = { ...(await prepare(database.ownerPool)).orders, feedId: "E1/scayle/stock" };
});
afterAll(() => database.close());
beforeEach(() =>
  rows("TRUNCATE stock_item, stock_level, stock_reading, source_record, failed_record, dirty_group"),
);

const rows = async (sql: string, values: unknown[] = []): Promise<Record<string, unknown>[]> =>
  (await database.ownerPool.query(sql, values)).rows;
const time = (clock: string): Date => new Date(`2026-11-02T${clock}:00Z`);
const level = (changes: Partial<StockLevel> = {}): StockLevel => ({
  warehouse: "central",
  merchant: "moda",
  measure: "sellable",
  quantity: "5",
  withoutStock: false,
  changedAt: null,
  ...changes,
});
function reading(answered: string, levels: readonly StockLevel[], itemKey = "SKU-1"): Reading<ItemStock> {
  return {
    sourceId: itemKey,
    reference: itemKey,
    modifiedAt: null,
    payload: { levels },
    personal: null,
    controls: [],
    result: { ok: true, value: { itemKey, answeredAt: time(answered), levels } },
  };
}
const unreadable = (itemKey = "SKU-1"): Reading<ItemStock> => ({
  ...reading("08:00", [], itemKey),
  result: { ok: false, reason: 'quantity: expected a number, found "many"', errorClass: "value" },
});
/** Stores at a time of ours. */
const store = (at: string, ...readings: readonly Reading<ItemStock>[]) =>
  inTransaction(database.ownerPool, (client) => storeStock(client, { ...base, at: time(at) }, readings));
const quantities = async (): Promise<readonly string[]> =>
  (
    await rows(
      "SELECT item_key || ' ' || warehouse || ' ' || trim_scale(quantity) AS is FROM stock_level ORDER BY 1",
    )
  ).map((row) => String(row["is"]));
const readings = async (): Promise<readonly unknown[]> =>
  (await rows("SELECT trim_scale(quantity)::text AS q FROM stock_reading ORDER BY answered_at, q")).map(
    (row) => row["q"],
  );

describe("stock", () => {
  it("is kept per item, warehouse and merchant, with the source's time; the same again changes nothing", async () => {
    const said = reading("08:00", [level(), level({ warehouse: "store", quantity: "0.5" })]);
    expect(await store("08:01", said)).toMatchObject({ found: 1, stored: 1, unchanged: 0, orderKeys: [] });
    expect(await store("08:02", said)).toMatchObject({ found: 1, stored: 0, unchanged: 1 });
    expect(await quantities()).toEqual(["SKU-1 central 5", "SKU-1 store 0.5"]);
    expect(await readings()).toEqual(["0.5", "5"]);
    expect(await rows("SELECT answered_at, checked_at FROM stock_item")).toEqual([
      { answered_at: time("08:00"), checked_at: time("08:02") },
    ]);
    expect(await rows("SELECT DISTINCT answered_at, seen_at FROM stock_level")).toEqual([
      { answered_at: time("08:00"), seen_at: time("08:01") },
    ]);
  });

  it("keeps every change among the readings, and the newest as what is true", async () => {
    await store("08:01", reading("08:00", [level()]));
    await store("08:06", reading("08:05", [level({ quantity: "3" })]));
    await store("08:11", reading("08:10", [level()]));
    expect(await quantities()).toEqual(["SKU-1 central 5"]);
    expect(await readings()).toEqual(["5", "3", "5"]);
  });

  it("of an older answer that comes late is kept as a reading and replaces nothing, however often it comes", async () => {
    await store("08:11", reading("08:10", [level({ quantity: "3" })]));
    await store("08:12", reading("08:05", [level({ quantity: "9" }), level({ warehouse: "closed" })]));
    await store("08:13", reading("08:05", [level({ quantity: "9" }), level({ warehouse: "closed" })]));
    expect(await quantities()).toEqual(["SKU-1 central 3"]);
    expect(await readings()).toEqual(["5", "9", "3"]);
    expect(await rows("SELECT answered_at FROM stock_item")).toEqual([{ answered_at: time("08:10") }]);
  });

  it("whatever the order in which answers come, ends the same", async () => {
    const answers = ["08:00", "08:05", "08:10"].map((at, index) =>
      reading(at, [level({ quantity: String(index) })]),
    );
    for (const order of [
      [0, 1, 2],
      [2, 1, 0],
      [1, 2, 0],
      [2, 0, 1],
    ]) {
      await rows("TRUNCATE stock_item, stock_level, stock_reading");
      for (const index of order) await store("09:00", ...answers.slice(index, index + 1));
      expect(await quantities()).toEqual(["SKU-1 central 2"]);
    }
  });

  it("that the source itself dates before ours replaces nothing: an answer may come from a copy that is behind", async () => {
    await store("08:01", reading("08:00", [level({ quantity: "3", changedAt: time("07:50") })]));
    await store("08:06", reading("08:05", [level({ quantity: "9", changedAt: time("07:40") })]));
    expect(await quantities()).toEqual(["SKU-1 central 3"]);
    await store("08:11", reading("08:10", [level({ quantity: "2", changedAt: time("07:50") })]));
    expect(await quantities()).toEqual(["SKU-1 central 2"]);
  });

  it("of a source whose clock runs ahead does not keep out what it says later", async () => {
    await store("08:01", reading("09:30", [level()]));
    expect(await rows("SELECT answered_at FROM stock_item")).toEqual([{ answered_at: time("08:01") }]);
    await store("08:06", reading("08:05", [level({ quantity: "3" })]));
    expect(await quantities()).toEqual(["SKU-1 central 3"]);
  });

  it("that the newest answer no longer speaks of is no longer known", async () => {
    await store("08:01", reading("08:00", [level(), level({ warehouse: "store" })]));
    await store("08:06", reading("08:05", [level()]));
    expect(await quantities()).toEqual(["SKU-1 central 5"]);
    expect(await readings()).toHaveLength(2);
    const context = { ...base, at: time("08:10") };
    await inTransaction(database.ownerPool, (client) => keepGoneItems(client, context, ["SKU-1"]));
    expect(await quantities()).toEqual([]);
    expect(await rows("SELECT gone_at FROM stock_item")).toEqual([{ gone_at: time("08:10") }]);
    await store("08:16", reading("08:15", [level()]));
    expect(await quantities()).toEqual(["SKU-1 central 5"]);
    expect(await rows("SELECT gone_at FROM stock_item")).toEqual([{ gone_at: null }]);
  });

  it("that can't be read, or asked for, is kept as failed with what is held left alone, and heals", async () => {
    await store("08:01", reading("08:00", [level()]), reading("08:00", [level()], "SKU-2"));
    expect(await store("08:06", unreadable())).toMatchObject({ found: 1, failed: 1, stored: 0 });
    await inTransaction(database.ownerPool, (client) =>
      keepUnasked(client, { ...base, at: time("08:06") }, [
        { itemKey: "SKU-2", reason: "The source answers 500.", errorClass: "connection" },
      ]),
    );
    const open = () =>
      rows("SELECT source_id, resource, feed_id FROM failed_record WHERE resolved_at IS NULL ORDER BY 1");
    expect(await open()).toEqual([
      { source_id: "SKU-1", resource: "stock", feed_id: "E1/scayle/stock" },
      { source_id: "SKU-2", resource: "stock", feed_id: "E1/scayle/stock" },
    ]);
    expect(await quantities()).toEqual(["SKU-1 central 5", "SKU-2 central 5"]);
    const healed = await store("08:11", reading("08:10", [level()]), reading("08:10", [level()], "SKU-2"));
    expect(healed.orderKeys).toHaveLength(2);
    expect(await open()).toEqual([]);
  });

  it("names each item once, with the newest time that it was named", async () => {
    const name = (at: string, ...keys: readonly string[]) =>
      inTransaction(database.ownerPool, (client) => nameItems(client, { ...base, at: time(at) }, keys));
    await name("08:00", "SKU-2", "SKU-1", "", "SKU-2");
    await name("08:05", "SKU-1");
    await name("08:03", "SKU-1");
    expect(await rows("SELECT item_key, named_at FROM stock_item ORDER BY 1")).toEqual([
      { item_key: "SKU-1", named_at: time("08:05") },
      { item_key: "SKU-2", named_at: time("08:00") },
    ]);
  });
});
