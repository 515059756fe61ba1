import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Reading } from "@/lib/connectors/contract";
import { inTransaction } from "@/lib/db/pool";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import type { BookDocument } from "@/lib/domain/document";
import { orderKeyOf, strayKeyOf } from "@/lib/domain/identity";
import type { OrderInvoice, SalesOrder } from "@/lib/domain/order";
import type { StoreContext, Stored } from "./context";
import { invoice, item, line, order, prepare, reading, unreadable } from "./fixtures";
import { storeInvoices } from "./invoices";
import { storeLedger } from "./ledger";
import { storeOrders } from "./orders";

let database: TestDatabase;
let contexts: Readonly<{ orders: StoreContext; ledger: StoreContext }>;

beforeAll(async () => {
  database = await createTestDatabase();
  contexts = await prepare(database.ownerPool);
});
afterAll(() => database.close());
beforeEach(async () => {
  for (const table of [
    "line",
    "document",
    "document_version",
    "sales_order",
    "order_alias",
    "source_record",
    "failed_record",
    "dirty_group",
    "customer_data",
  ]) {
    await database.ownerPool.query(`DELETE FROM ${table}`);
  }
});

const orders = (...readings: Reading<SalesOrder>[]): Promise<Stored> =>
  inTransaction(database.ownerPool, (client) => storeOrders(client, contexts.orders, readings));
const ledger = (...readings: Reading<BookDocument>[]): Promise<Stored> =>
  inTransaction(database.ownerPool, (client) => storeLedger(client, contexts.ledger, readings));
const rows = async (sql: string): Promise<Record<string, unknown>[]> =>
  (await database.ownerPool.query(sql)).rows;
const later = (minutes: number): Date => new Date(Date.parse("2026-10-06T12:00:00Z") + minutes * 60_000);
const keyOf = (id: string): string => orderKeyOf(contexts.orders.connectionId, id);

/** Everything that must be the same whatever the order of arrival. */
const state = async () => ({
  documents: await rows(
    "SELECT order_key, id, number, posted, order_known, content_hash, shop_id, channel, ship_to FROM document ORDER BY id",
  ),
  lines: await rows("SELECT order_key, id, item_key, gross, shop_id, channel FROM line ORDER BY id"),
});

describe("storing orders", () => {
  it("keeps the payload, the order, its names and its books", async () => {
    expect(await orders(reading(order()))).toMatchObject({ found: 1, stored: 1, unchanged: 0, failed: 0 });
    expect(await rows("SELECT alias FROM order_alias ORDER BY alias")).toEqual([
      { alias: "1001" },
      { alias: "de-1001" },
    ]);
    expect(await rows("SELECT side, number, version, shop_id FROM document")).toEqual([
      { side: "scayle", number: "DE-1001", version: 1, shop_id: "e1/ms/de" },
    ]);
    expect(await rows("SELECT gross, period, item_key, in_books FROM line")).toEqual([
      { gross: 11_900n, period: "2026-10", item_key: "SKU-1", in_books: true },
    ]);
    expect(await rows("SELECT count(*)::int AS count FROM source_record")).toEqual([{ count: 1 }]);
    expect(await rows("SELECT order_key FROM dirty_group")).toEqual([{ order_key: keyOf("1001") }]);
  });

  it("changes nothing the second time", async () => {
    await orders(reading(order()));
    await rows("DELETE FROM dirty_group");
    expect(await orders(reading(order()))).toMatchObject({ found: 1, stored: 0, unchanged: 1 });
    expect(await rows("SELECT count(*)::int AS count FROM document_version")).toEqual([{ count: 1 }]);
    expect(await rows("SELECT * FROM dirty_group")).toEqual([]);
  });

  it("never lets an older version replace a newer one", async () => {
    const older = order({ updatedAt: later(-60), items: [item({ gross: 1n, net: 1n, tax: 0n })] });
    await orders(reading(order({ updatedAt: later(0) })));
    expect(await orders(reading(older))).toMatchObject({ stored: 0, unchanged: 1 });
    expect(await rows("SELECT gross FROM line")).toEqual([{ gross: 11_900n }]);
    // The version was seen, and is kept.
    expect(await rows("SELECT count(*)::int AS count FROM source_record")).toEqual([{ count: 2 }]);
  });

  it("takes the newest of several versions in one page, whatever their order", async () => {
    const newer = order({ updatedAt: later(5), items: [item(), item({ id: "2", sku: "SKU-2" })] });
    await orders(reading(newer), reading(order({ updatedAt: later(0) })));
    expect(await rows("SELECT count(*)::int AS count FROM line")).toEqual([{ count: 2 }]);
  });

  it("takes out a document whose last line vanished, and says so in its versions", async () => {
    await orders(reading(order()));
    await orders(reading(order({ updatedAt: later(9), items: [item({ shippedAt: null })] })));
    expect(await rows("SELECT * FROM document")).toEqual([]);
    expect(await rows("SELECT * FROM line")).toEqual([]);
    await orders(reading(order({ updatedAt: later(10) })));
    expect(await rows("SELECT version, reason FROM document_version ORDER BY version")).toEqual([
      { version: 1, reason: "created" },
      { version: 2, reason: "gone" },
      { version: 3, reason: "created" },
    ]);
  });

  it("keeps what can't be read, goes on with the page, and heals when a later version can", async () => {
    const result = await orders(unreadable("7", later(0), "items[0].price.withTax: 12.9x"), reading(order()));
    expect(result).toMatchObject({ found: 2, stored: 1, failed: 1 });
    expect(await rows("SELECT source_id, reason, resolved_at, order_key FROM failed_record")).toEqual([
      {
        source_id: "7",
        reason: "items[0].price.withTax: 12.9x",
        resolved_at: null,
        order_key: keyOf("7"),
      },
    ]);
    await orders(reading(order({ id: "7", reference: "DE-7", updatedAt: later(1) })));
    expect(await rows("SELECT resolved_at FROM failed_record")).toEqual([
      { resolved_at: contexts.orders.at },
    ]);
    // An older, unreadable version that comes late does not break what was read since.
    await orders(unreadable("7", later(-9), "still"));
    expect(await rows("SELECT resolved_at, reason FROM failed_record")).toEqual([
      { resolved_at: contexts.orders.at, reason: "items[0].price.withTax: 12.9x" },
    ]);
  });

  it("stores texts that PostgreSQL has no place for", async () => {
    await orders(reading(order({ items: [item({ name: "a\u0000b\ud800c" })] })));
    expect(await rows("SELECT description FROM line")).toEqual([{ description: "a\ufffdb\ufffdc" }]);
  });

  it("splits personal data off into a row that stays erased once it was", async () => {
    const personal = { customerKey: "c1", data: { name: "Ada" } };
    await orders({ ...reading(order()), personal });
    await rows("UPDATE customer_data SET data = NULL, erased_at = now()");
    await orders({ ...reading(order({ updatedAt: later(3) })), personal });
    expect(await rows("SELECT data FROM customer_data")).toEqual([{ data: null }]);
  });
});

describe("storing ERP documents", () => {
  it("puts a document under the order that its reference names, whatever its case", async () => {
    await orders(reading(order()));
    await ledger(reading(invoice({ reference: " de-1001 " })));
    expect(
      await rows("SELECT order_key, order_known, shop_id, ship_to FROM document WHERE side = 'erp'"),
    ).toEqual([{ order_key: keyOf("1001"), order_known: true, shop_id: "e1/ms/de", ship_to: "DE" }]);
  });

  it("comes to the same in whatever order records arrive", async () => {
    const credit = invoice({
      kind: "credit",
      sourceId: "guid-2",
      number: "CM-1",
      reference: null,
      originalNumber: "INV-1",
      lines: [line({ quantity: "-1", net: -10_000n, tax: -1_900n, gross: -11_900n })],
    });
    const steps = [
      () => orders(reading(order())),
      () => ledger(reading(invoice())),
      () => ledger(reading(credit)),
    ];
    const states: unknown[] = [];
    for (const turn of [
      [0, 1, 2],
      [0, 2, 1],
      [1, 0, 2],
      [1, 2, 0],
      [2, 0, 1],
      [2, 1, 0],
    ]) {
      for (const table of ["line", "document", "document_version", "sales_order", "order_alias"]) {
        await rows(`DELETE FROM ${table}`);
      }
      for (const step of turn) await steps[step]?.();
      states.push(await state());
    }
    for (const one of states) expect(one).toEqual(states[0]);
    expect(await rows("SELECT DISTINCT order_key FROM document")).toEqual([{ order_key: keyOf("1001") }]);
  });

  it("moves a document whose order arrives later: a new version under the order's key, both groups marked", async () => {
    await ledger(reading(invoice()));
    const stray = strayKeyOf(contexts.ledger.connectionId, "guid-1");
    expect(await rows("SELECT order_key, order_known FROM document")).toEqual([
      { order_key: stray, order_known: false },
    ]);
    await rows("DELETE FROM dirty_group");
    await orders(reading(order()));
    expect(
      await rows(
        "SELECT order_key, version, reason FROM document_version WHERE content ->> 'side' = 'erp' ORDER BY version",
      ),
    ).toEqual([
      { order_key: stray, version: 1, reason: "created" },
      { order_key: keyOf("1001"), version: 2, reason: "rekeyed" },
    ]);
    const marked = (await rows("SELECT order_key FROM dirty_group")).map((row) => row["order_key"]);
    expect(marked.sort()).toEqual([stray, keyOf("1001")].sort());
    // Read again as it was: nothing more happens.
    expect(await ledger(reading(invoice()))).toMatchObject({ stored: 0, unchanged: 1 });
  });

  it("leaves a reference that two orders go by to neither, but prefers the one that bears it now", async () => {
    await orders(
      reading(order({ publicKey: "shared" })),
      reading(order({ id: "2", reference: "X", publicKey: "shared" })),
    );
    await ledger(reading(invoice({ reference: "shared" })));
    expect(await rows("SELECT order_known FROM document WHERE side = 'erp'")).toEqual([
      { order_known: false },
    ]);
    await orders(reading(order({ id: "3", reference: "shared" })));
    expect(await rows("SELECT order_key FROM document WHERE side = 'erp'")).toEqual([
      { order_key: keyOf("3") },
    ]);
  });

  it("tells a posted document whose figures changed from one whose status did", async () => {
    await ledger(reading(invoice()));
    expect((await ledger(reading(invoice({ status: "Paid", modifiedAt: later(5) })))).changed).toEqual([]);
    const moved = invoice({
      status: "Paid",
      modifiedAt: later(6),
      lines: [line({ tax: 1_899n, net: 10_001n })],
    });
    expect((await ledger(reading(moved))).changed).toMatchObject([{ number: "INV-1", version: 3 }]);
    expect(await rows("SELECT reason FROM document_version ORDER BY version")).toEqual([
      { reason: "created" },
      { reason: "changed" },
      { reason: "posted-changed" },
    ]);
  });

  it("never lets an older version replace a newer one", async () => {
    await ledger(reading(invoice({ modifiedAt: later(5) })));
    await ledger(reading(invoice({ modifiedAt: later(1), lines: [line({ net: 0n, tax: 0n, gross: 0n })] })));
    expect(await rows("SELECT gross FROM line")).toEqual([{ gross: 11_900n }]);
  });

  it("says of a document that came again as it was when that was, in no new version", async () => {
    await ledger(reading(invoice()));
    expect(await rows("SELECT checked_at, version FROM document")).toEqual([
      { checked_at: null, version: 1 },
    ]);
    await ledger(reading(invoice()));
    expect(await rows("SELECT checked_at, version FROM document")).toEqual([
      { checked_at: expect.any(Date), version: 1 },
    ]);
  });

  it("reads items and accounts through the confirmed mapping only", async () => {
    await rows(`INSERT INTO item_mapping (id, entity_id, erp_kind, erp_item, erp_variant, sku, line_kind, confirmed_at)
      VALUES (gen_random_uuid(), 'E1', 'item', 'A', 'XL', 'SKU-A-XL', 'item', now()),
             (gen_random_uuid(), 'E1', 'item', 'B', '', 'SKU-B', 'item', NULL),
             (gen_random_uuid(), 'E1', 'account', '8400', '', NULL, 'shipping', now())`);
    const account = { kind: "fee", sku: null, account: "8400" } as const;
    await ledger(
      reading(
        invoice({
          lines: [
            line({ sourceLineId: "1", sku: "A", variant: "XL" }),
            line({ sourceLineId: "2", sku: "B" }),
            line({ sourceLineId: "3", sku: "C", variant: "S" }),
            line({ sourceLineId: "4", ...account }),
            line({ sourceLineId: "4", ...account }),
          ],
        }),
      ),
    );
    expect(await rows("SELECT source_line_id, kind, item_key FROM line ORDER BY source_line_id")).toEqual([
      { source_line_id: "1", kind: "item", item_key: "SKU-A-XL" },
      { source_line_id: "2", kind: "item", item_key: "B" },
      { source_line_id: "3", kind: "item", item_key: "C-S" },
      { source_line_id: "4", kind: "shipping", item_key: "charge" },
      { source_line_id: "4 #2", kind: "shipping", item_key: "charge" },
    ]);
    await rows("DELETE FROM item_mapping");
  });
});

describe("storing invoice lists", () => {
  it("keeps the list and derives the credit's number from it", async () => {
    const returned = item({ status: "returned", returnedAt: later(0) });
    await orders(reading(order({ items: [returned] })));
    const list: Reading<readonly OrderInvoice[]> = {
      sourceId: "1001",
      reference: null,
      modifiedAt: null,
      payload: [],
      personal: null,
      controls: [],
      result: {
        ok: true,
        value: [{ id: "9", type: "corrective_invoice", number: "CN-9", createdAt: later(0) }],
      },
    };
    const store = () =>
      inTransaction(database.ownerPool, (client) =>
        storeInvoices(client, contexts.orders, [{ orderKey: keyOf("1001"), reading: list }]),
      );
    expect(await store()).toMatchObject({ stored: 1, unchanged: 0 });
    expect(await store()).toMatchObject({ stored: 0, unchanged: 1 });
    expect(await rows("SELECT number FROM document WHERE kind = 'credit'")).toEqual([{ number: "CN-9" }]);
  });
});
