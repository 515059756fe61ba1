import { describe, expect, it } from "vitest";
import { idOf } from "@/lib/domain/identity";
import { documentIdOf } from "@/lib/sync/store/documents";
import { invoice, item, line, order } from "@/lib/sync/store/fixtures";
import { NOW, personWith, testBooks } from "./fixtures";
import { pairByHand, placeDocument, undoPair, undoPlacement } from "./mutations";
import { previewPlace } from "./preview";

const { rows, come, again, keyOf, strayOf, contexts, pool } = testBooks();
const context = { now: () => NOW };
const documentId = (sourceId: string, kind = "sale") =>
  documentIdOf(contexts().ledger.connectionId, kind, sourceId);
const erpLine = (sourceId: string, lineId: string) => idOf("line", documentId(sourceId), lineId);
const scayleLine = (orderId: string, lineId: string) =>
  idOf("line", documentIdOf(contexts().orders.connectionId, "sale", orderId), lineId);
const placed = () =>
  rows("SELECT number, order_key, order_known, placed_by FROM document WHERE side = 'erp' ORDER BY number");
const open = () => rows("SELECT cause, state FROM exception WHERE state <> 'resolved' ORDER BY cause");
const buckets = () => rows("SELECT item_key, strategy, bucket FROM pair ORDER BY item_key");
const trail = () =>
  rows(
    "SELECT action, outcome, actor_name FROM audit_event WHERE action LIKE '%.%' AND action NOT LIKE 'run.%' ORDER BY seq",
  );

const operations = personWith("operations");
const mistyped = invoice({ reference: "ED-1010" });
const link = (overrides: object = {}) => ({
  entityId: "E1",
  orderKey: strayOf("guid-1"),
  documentId: documentId("guid-1"),
  toOrderKey: keyOf("1001"),
  ...overrides,
});

describe("a document linked to an order by hand", () => {
  it("is matched with it at once, and stays there when it is read again and everything is matched again", async () => {
    await come(order(), mistyped);
    await again();
    expect(await open()).toMatchObject([
      { cause: "sale-missing-in-erp" },
      { cause: "sale-missing-in-scayle" },
    ]);
    expect(await placeDocument(operations, link(), context)).toEqual({
      orderKey: keyOf("1001"),
      matched: true,
    });
    const linked = [{ number: "INV-1", order_key: keyOf("1001"), order_known: true, placed_by: "by-hand" }];
    expect(await placed()).toEqual(linked);
    expect(await open()).toEqual([]);
    expect(
      await rows(
        "SELECT version, reason FROM document_version WHERE order_key = $1 AND content->>'side' = 'erp'",
        [keyOf("1001")],
      ),
    ).toEqual([{ version: 2, reason: "rekeyed" }]);
    await come(
      invoice({ reference: "ED-1010", status: "Paid", modifiedAt: new Date("2026-11-20T00:00:00Z") }),
    );
    await come(order({ updatedAt: new Date("2026-11-20T00:00:00Z"), status: "complete" }));
    await again(true);
    expect(await placed()).toEqual(linked);
    expect(await open()).toEqual([]);
  });

  it("is back where its reference says once that is undone; both acts are in the trail", async () => {
    await come(order(), mistyped);
    await placeDocument(operations, link({ note: "Typing error, see mail" }), context);
    const [decision] = await rows(
      "SELECT id, note, made_by, document_number, order_reference FROM placement_decision",
    );
    expect(decision).toMatchObject({
      note: "Typing error, see mail",
      made_by: "operations",
      order_reference: "DE-1001",
    });
    await undoPlacement(operations, { entityId: "E1", id: String(decision?.["id"]) }, context);
    expect(await placed()).toEqual([
      { number: "INV-1", order_key: strayOf("guid-1"), order_known: false, placed_by: null },
    ]);
    expect(await open()).toMatchObject([
      { cause: "sale-missing-in-erp" },
      { cause: "sale-missing-in-scayle" },
    ]);
    expect(await trail()).toEqual([
      { action: "document.link", outcome: "done", actor_name: "operations" },
      { action: "document.undo", outcome: "done", actor_name: "operations" },
    ]);
  });

  it("takes the credit along that says whom it credits", async () => {
    const memo = invoice({
      kind: "credit",
      sourceId: "guid-2",
      number: "CM-1",
      reference: null,
      originalNumber: "INV-1",
      lines: [line({ quantity: "-1", net: -10_000n, tax: -1_900n, gross: -11_900n })],
    });
    await come(order(), mistyped, memo);
    await placeDocument(operations, link(), context);
    expect(await placed()).toMatchObject([
      { number: "CM-1", order_key: keyOf("1001"), placed_by: "original-document" },
      { number: "INV-1", order_key: keyOf("1001"), placed_by: "by-hand" },
    ]);
  });

  it("can be taken out of an order that its reference names, and says so", async () => {
    await come(order(), invoice());
    await again();
    expect(await open()).toEqual([]);
    const out = {
      entityId: "E1",
      orderKey: keyOf("1001"),
      documentId: documentId("guid-1"),
      toOrderKey: null,
    };
    await placeDocument(personWith("finance-preparer"), out, context);
    await again(true);
    expect(await placed()).toMatchObject([
      { order_key: strayOf("guid-1"), order_known: false, placed_by: "by-hand" },
    ]);
    expect(await rows("SELECT explanation FROM exception WHERE cause = 'sale-missing-in-scayle'")).toEqual([
      { explanation: expect.stringContaining("was taken out of its order by hand") },
    ]);
  });

  it("is shown before it is done, without a trace", async () => {
    await come(order(), mistyped);
    await again();
    const preview = await previewPlace(operations, link(), context);
    expect(preview.gone.map((one) => one.title).sort()).toEqual([
      "Sale missing in SCAYLE",
      "Sale missing in the ERP",
    ]);
    expect(preview.made).toEqual([]);
    expect(await placed()).toMatchObject([{ order_known: false }]);
    expect(await rows("SELECT FROM placement_decision")).toEqual([]);
  });

  it("is refused to who may not, for what is not there, and where it is already", async () => {
    await come(order(), mistyped);
    for (const role of ["auditor", "finance-reviewer", "customer-service", "administrator"] as const) {
      await expect(placeDocument(personWith(role), link(), context)).rejects.toMatchObject({
        code: "not-allowed",
      });
    }
    const elsewhere = { ...operations, grants: [{ role: "operations" as const, entityId: "E2" }] };
    await expect(placeDocument(elsewhere, link(), context)).rejects.toMatchObject({ code: "not-allowed" });
    await expect(placeDocument(operations, link({ toOrderKey: keyOf("9") }), context)).rejects.toMatchObject({
      code: "not-found",
    });
    await expect(placeDocument(operations, link({ documentId: keyOf("9") }), context)).rejects.toMatchObject({
      code: "not-found",
    });
    await expect(placeDocument(operations, link({ toOrderKey: null }), context)).rejects.toMatchObject({
      code: "invalid",
    });
    expect(await rows("SELECT FROM placement_decision")).toEqual([]);
    expect(await trail()).toEqual([]);
  });
});

describe("lines paired by hand", () => {
  const other = invoice({ lines: [line({ sku: "OLD-9", sourceLineId: "10000" })] });
  const lines = () => ({
    entityId: "E1",
    orderKey: keyOf("1001"),
    kind: "together" as const,
    lineIds: [erpLine("guid-1", "10000"), scayleLine("1001", "1")],
  });

  it("are one pair although their items differ, after every run, until it is undone", async () => {
    await come(order(), other);
    await again();
    const unpaired = await buckets();
    expect(unpaired).toMatchObject([{ strategy: "item" }]);
    expect(await open()).toMatchObject([{ cause: "item-wrong" }]);
    await pairByHand(operations, lines(), context);
    const paired = [{ item_key: "SKU-1", strategy: "by-hand", bucket: expect.any(String) }];
    expect(await buckets()).toEqual(paired);
    expect(await open()).toEqual([]);
    await come(invoice({ ...other, status: "Paid", modifiedAt: new Date("2026-11-20T00:00:00Z") }));
    await again(true);
    expect(await buckets()).toEqual(paired);
    const [pair] = await rows("SELECT DISTINCT pair_id FROM hand_pair");
    await undoPair(
      operations,
      { entityId: "E1", orderKey: keyOf("1001"), pairId: String(pair?.["pair_id"]) },
      context,
    );
    expect(await buckets()).toEqual(unpaired);
    expect((await trail()).map((one) => one["action"])).toEqual(["lines.pair", "lines.undo"]);
  });

  it("can be taken apart although their items agree", async () => {
    await come(order(), invoice());
    await again();
    expect(await buckets()).toHaveLength(1);
    await pairByHand(
      operations,
      { ...lines(), kind: "apart", lineIds: [erpLine("guid-1", "10000")] },
      context,
    );
    await again(true);
    expect((await buckets()).map((one) => one["item_key"])).toEqual(["SKU-1", "apart 10000"]);
  });

  it("are refused where they are no pair, are in one already, or somebody may not", async () => {
    await come(order({ items: [item(), item({ id: "2" })] }), other);
    const refused = async (lineIds: readonly string[], code: string, actor = operations) =>
      expect(pairByHand(actor, { ...lines(), lineIds: [...lineIds] }, context)).rejects.toMatchObject({
        code,
      });
    await refused([erpLine("guid-1", "10000")], "invalid");
    await refused([erpLine("guid-1", "7"), scayleLine("1001", "1")], "not-found");
    await refused(lines().lineIds, "not-allowed", personWith("auditor"));
    await pairByHand(operations, lines(), context);
    await refused([erpLine("guid-1", "10000"), scayleLine("1001", "2")], "conflict");
  });
});

describe("aggregated units", () => {
  it("pair: one ERP line of several units, one order in several invoices, several credits in one memo", async () => {
    const day = (text: string) => new Date(`${text}T12:00:00Z`);
    const units = ["1", "2", "3", "4"].map((id) =>
      item({
        id,
        shippedAt: day(id === "4" ? "2026-10-12" : "2026-10-05"),
        ...(Number(id) <= 2 && { status: "returned", returnedAt: day(`2026-10-1${id}`) }),
      }),
    );
    const posted = (quantity: bigint) => ({
      quantity: quantity.toString(),
      net: 10_000n * quantity,
      tax: 1_900n * quantity,
      gross: 11_900n * quantity,
    });
    await come(
      order({ items: units }),
      invoice({ lines: [line(posted(3n))] }),
      invoice({
        sourceId: "guid-2",
        number: "INV-2",
        postingDay: "2026-10-12",
        lines: [line({ ...posted(1n), day: "2026-10-12" })],
      }),
      invoice({
        kind: "credit",
        sourceId: "guid-3",
        number: "CM-1",
        reference: null,
        originalNumber: "INV-1",
        postingDay: "2026-10-12",
        lines: [line({ ...posted(-2n), day: "2026-10-12" })],
      }),
    );
    await again();
    expect(
      await rows(
        "SELECT document_kind, bucket, scayle_lines, erp_lines FROM pair ORDER BY document_kind DESC",
      ),
    ).toEqual([
      { document_kind: "sale", bucket: "matched", scayle_lines: 4, erp_lines: 2 },
      { document_kind: "credit", bucket: "matched", scayle_lines: 2, erp_lines: 1 },
    ]);
    expect(await open()).toEqual([]);
  });
});

it("uses a line once: the database refuses a second use", async () => {
  await come(order(), invoice());
  await again();
  await expect(
    pool().query(
      "INSERT INTO pair_line SELECT * FROM (SELECT DISTINCT ON (order_key) * FROM pair_line) AS used",
    ),
  ).rejects.toThrow(/duplicate key value violates unique constraint "pair_line_pkey"/);
});
