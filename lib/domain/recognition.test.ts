import { describe, expect, test } from "vitest";
import type { BookDocument, BookLine } from "./document";
import type { OrderFee, OrderInvoice, OrderItem, SalesOrder } from "./order";
import { booksOf, costBasis, type RecognitionPolicy } from "./recognition";

const BERLIN: RecognitionPolicy = {
  recognition: "shipped",
  timeZone: "Europe/Berlin",
  shippingRefund: "whole-order",
};
const at = (text: string) => new Date(`${text}Z`);
const SHIPPED = at("2026-10-12T10:00:00");
const RETURNED = at("2026-11-03T09:00:00");

const item = (id: string, changes: Partial<OrderItem> = {}): OrderItem => ({
  id,
  sku: `sku-${id}`,
  name: null,
  status: "shipped",
  packageId: "p1",
  net: 4202n,
  tax: 798n,
  gross: 5000n,
  taxRate: "0.19",
  shippedAt: SHIPPED,
  cancelledAt: null,
  returnedAt: null,
  updatedAt: null,
  ...changes,
});

const fee = (changes: Partial<OrderFee> = {}): OrderFee => ({
  key: "delivery_costs",
  category: "delivery",
  net: 412n,
  tax: 78n,
  gross: 490n,
  taxRate: "0.19",
  refundTriggered: null,
  ...changes,
});

const order = (items: readonly OrderItem[], changes: Partial<SalesOrder> = {}): SalesOrder => ({
  id: "1001",
  reference: "MS-1001",
  aliases: ["1001", "MS-1001"],
  publicKey: null,
  shop: "ms/de",
  channel: null,
  channelType: "shop",
  shipTo: "DE",
  currency: "EUR",
  status: null,
  orderStatus: "shipped",
  shippingStatus: null,
  billingStatus: null,
  createdAt: at("2026-10-10T08:00:00"),
  confirmedAt: at("2026-10-10T08:01:00"),
  invoicedAt: null,
  updatedAt: null,
  items,
  fees: [],
  packages: [],
  cost: { net: null, tax: null, gross: null, externalPrices: false },
  payments: [],
  vouchers: [],
  ...changes,
});

const note = (changes: Partial<OrderInvoice> = {}): OrderInvoice => ({
  id: "n1",
  type: "corrective_invoice",
  number: "CN-1",
  createdAt: at("2026-11-05T10:00:00"),
  ...changes,
});

const booked = (
  sales: SalesOrder,
  policy: Partial<RecognitionPolicy> = {},
  invoices: readonly OrderInvoice[] | null = null,
): readonly BookDocument[] => booksOf(sales, invoices, { ...BERLIN, ...policy });

const linesOf = (documents: readonly BookDocument[], kind: "sale" | "credit"): readonly BookLine[] =>
  documents.find((document) => document.kind === kind)?.lines ?? [];

const days = (documents: readonly BookDocument[], kind: "sale" | "credit") =>
  linesOf(documents, kind).map((line) => `${line.sourceLineId} ${line.day} ${line.gross}`);

const headerOf = (documents: readonly BookDocument[]) =>
  linesOf(documents, "sale").find((line) => line.kind === "header");

describe("when an item is sold", () => {
  test("on the day it shipped", () => {
    expect(days(booked(order([item("a")])), "sale")).toEqual(["a 2026-10-12 5000"]);
  });

  test("on the day its package shipped, where the item has no date of its own", () => {
    const sales = order([item("a", { shippedAt: null })], {
      packages: [
        {
          id: "p0",
          shippedAt: at("2026-10-01T00:00:00"),
          deliveryStatus: null,
          carrier: null,
          tracking: null,
        },
        {
          id: "p1",
          shippedAt: at("2026-10-15T10:00:00"),
          deliveryStatus: null,
          carrier: null,
          tracking: null,
        },
      ],
      invoicedAt: at("2026-10-20T10:00:00"),
    });
    expect(days(booked(sales), "sale")).toEqual(["a 2026-10-15 5000"]);
  });

  test("on the day the order was invoiced, where neither has a date", () => {
    const sales = order([item("a", { shippedAt: null })], { invoicedAt: at("2026-10-20T10:00:00") });
    expect(days(booked(sales), "sale")).toEqual(["a 2026-10-20 5000"]);
  });

  test("not at all, where nothing says that it left", () => {
    expect(booked(order([item("a", { shippedAt: null })]))).toEqual([]);
  });

  test.each([
    ["shipped", "a 2026-10-12 5000"],
    ["invoiced", "a 2026-10-20 5000"],
    ["confirmed", "a 2026-10-10 5000"],
  ] as const)("by the entity's policy: %s", (recognition, expected) => {
    const sales = order([item("a")], { invoicedAt: at("2026-10-20T10:00:00") });
    expect(days(booked(sales, { recognition }), "sale")).toEqual([expected]);
  });

  test("under the policy `invoiced` a parcel that left without an invoice is not sold yet", () => {
    expect(booked(order([item("a")]), { recognition: "invoiced" })).toEqual([]);
  });

  test.each([
    ["Europe/Berlin", "2026-11-01"],
    ["Europe/London", "2026-10-31"],
  ])("an hour before midnight UTC at the month's end is a day of its zone: %s", (timeZone, day) => {
    const [line] = linesOf(
      booked(order([item("a", { shippedAt: at("2026-10-31T23:30:00") })]), { timeZone }),
      "sale",
    );
    expect(line?.day).toBe(day);
  });

  test("each parcel on its own day, and fees with the first", () => {
    const sales = order([item("late", { shippedAt: at("2026-11-02T10:00:00") }), item("early")], {
      fees: [fee()],
    });
    expect(days(booked(sales), "sale")).toEqual([
      "late 2026-11-02 5000",
      "early 2026-10-12 5000",
      "fee-0-delivery_costs 2026-10-12 490",
    ]);
  });

  test("a fee is shipping where its category says so, else a fee", () => {
    const fees = [fee(), fee({ key: "gift_wrap", category: "service" })];
    const kinds = linesOf(booked(order([item("a")], { fees })), "sale").map((line) => line.kind);
    expect(kinds).toEqual(["item", "shipping", "fee"]);
  });

  test("unknown net and tax stay unknown", () => {
    const [line] = linesOf(booked(order([item("a", { net: null, tax: null, taxRate: null })])), "sale");
    expect(line).toMatchObject({ net: null, tax: null, gross: 5000n, taxRate: null });
  });
});

describe("what was cancelled", () => {
  test("before it shipped is not sold", () => {
    const cancelled = item("b", {
      shippedAt: null,
      status: "cancelled",
      cancelledAt: at("2026-10-11T00:00:00"),
    });
    const documents = booked(order([item("a"), cancelled]));
    expect(days(documents, "sale")).toEqual(["a 2026-10-12 5000"]);
    expect(documents).toHaveLength(1);
  });

  test("without a date, and never shipped, is not sold although the order was invoiced", () => {
    const cancelled = item("b", { shippedAt: null, status: "unavailable" });
    const sales = order([item("a"), cancelled], { invoicedAt: at("2026-10-20T10:00:00") });
    expect(days(booked(sales), "sale")).toEqual(["a 2026-10-12 5000"]);
  });

  test("after it was invoiced, in an order whose parcels have dates and it has none, is not sold", () => {
    const cancelled = item("b", { shippedAt: null, packageId: null, cancelledAt: at("2026-10-25T00:00:00") });
    const sales = order([item("a"), cancelled], { invoicedAt: at("2026-10-20T10:00:00") });
    expect(days(booked(sales), "sale")).toEqual(["a 2026-10-12 5000"]);
  });

  test.each(["invoiced", "confirmed"] as const)(
    "after it was sold under the policy `%s` is sold and credited, whether other items shipped or not",
    (recognition) => {
      const cancelled = item("b", {
        shippedAt: null,
        packageId: null,
        cancelledAt: at("2026-10-25T00:00:00"),
      });
      const sales = order([item("a"), cancelled], { invoicedAt: at("2026-10-20T10:00:00") });
      expect(days(booked(sales, { recognition }), "credit")).toEqual(["b 2026-10-25 -5000"]);
    },
  );

  test("after it shipped is a credit on the day it was cancelled", () => {
    const documents = booked(order([item("a"), item("b", { cancelledAt: at("2026-11-02T10:00:00") })]));
    expect(days(documents, "sale")).toHaveLength(2);
    expect(days(documents, "credit")).toEqual(["b 2026-11-02 -5000"]);
  });
});

describe("what came back", () => {
  test("is a credit on the day it was returned, with every sign turned", () => {
    const [, credit] = booked(order([item("a", { status: "returned", returnedAt: RETURNED }), item("b")]));
    expect(credit?.lines).toHaveLength(1);
    expect(credit?.lines[0]).toMatchObject({
      sourceLineId: "a",
      quantity: "-1",
      net: -4202n,
      tax: -798n,
      gross: -5000n,
      day: "2026-11-03",
    });
  });

  test("without a date takes that of the first credit note", () => {
    const sales = order([item("a", { status: "returned" }), item("b")]);
    const invoices = [
      note({ id: "n2", createdAt: at("2026-11-09T10:00:00") }),
      note(),
      note({ id: "i1", type: "invoice", createdAt: at("2026-10-12T12:00:00") }),
    ];
    expect(days(booked(sales, {}, invoices), "credit")).toEqual(["a 2026-11-05 -5000"]);
  });

  test("without any date takes that of its last change", () => {
    const sales = order([item("a", { status: "returned", updatedAt: at("2026-11-07T10:00:00") }), item("b")]);
    expect(days(booked(sales), "credit")).toEqual(["a 2026-11-07 -5000"]);
  });

  test("includes parcels that could not be delivered", () => {
    const sales = order([
      item("a", { status: "undeliverable", updatedAt: at("2026-10-29T10:00:00") }),
      item("b"),
    ]);
    expect(days(booked(sales), "sale")).toHaveLength(2);
    expect(days(booked(sales), "credit")).toEqual(["a 2026-10-29 -5000"]);
  });

  test("goes by the number of its credit notes, and by the order's where there are none", () => {
    const sales = order([item("a", { status: "returned", returnedAt: RETURNED })]);
    const invoices = [
      note(),
      note({ id: "n2", number: null }),
      note({ id: "r", type: "return_cost_corrective_invoice" }),
    ];
    expect(booked(sales, {}, invoices).map((document) => document.number)).toEqual(["MS-1001", "CN-1, n2"]);
    expect(booked(sales).map((document) => document.number)).toEqual(["MS-1001", "MS-1001"]);
  });
});

describe("shipping", () => {
  const back = (id: string) => item(id, { status: "returned", returnedAt: RETURNED });

  test("is refunded where the whole order was withdrawn and the policy says it is", () => {
    const sales = order([back("a"), back("b")], { fees: [fee()] });
    expect(days(booked(sales), "credit")).toEqual([
      "a 2026-11-03 -5000",
      "b 2026-11-03 -5000",
      "fee-0-delivery_costs 2026-11-03 -490",
    ]);
    expect(days(booked(sales, { shippingRefund: "never" }), "credit")).toHaveLength(2);
  });

  test("an item cancelled before it shipped does not stand in the way of the whole order's withdrawal", () => {
    const cancelled = item("b", { shippedAt: null, cancelledAt: at("2026-10-11T00:00:00") });
    const credit = linesOf(booked(order([back("a"), cancelled], { fees: [fee()] })), "credit");
    expect(credit.map((line) => line.kind)).toEqual(["item", "shipping"]);
  });

  test("is not refunded while a part of the order is kept, unless an event said so", () => {
    const kept = order([back("a"), item("b")], { fees: [fee()] });
    expect(days(booked(kept), "credit")).toHaveLength(1);
    const told = order([back("a"), item("b")], { fees: [fee({ refundTriggered: true })] });
    expect(days(booked(told, { shippingRefund: "never" }), "credit")).toContain(
      "fee-0-delivery_costs 2026-11-03 -490",
    );
  });

  test("only shipping follows the policy: other fees stay", () => {
    const sales = order([back("a")], { fees: [fee({ key: "gift_wrap", category: "service" })] });
    expect(days(booked(sales), "credit")).toEqual(["a 2026-11-03 -5000"]);
  });

  test("a return fee is a charge on the credit, and no part of the sale", () => {
    const sales = order([back("a")], {
      fees: [fee(), fee({ key: "return_fee", category: "return", gross: 300n })],
    });
    const documents = booked(sales);
    expect(days(documents, "sale")).toEqual(["a 2026-10-12 5000", "fee-0-delivery_costs 2026-10-12 490"]);
    expect(days(documents, "credit")).toEqual([
      "a 2026-11-03 -5000",
      "fee-0-delivery_costs 2026-11-03 -490",
      "fee-1-return_fee 2026-11-03 300",
    ]);
  });

  test("no two lines of a document share an id", () => {
    const fees = [fee(), fee(), fee({ key: "return_fee", category: "return" })];
    for (const { lines } of booked(order([back("a"), back("b")], { fees }))) {
      expect(new Set(lines.map((line) => line.sourceLineId)).size).toBe(lines.length);
    }
  });
});

describe("what SCAYLE states beyond its items and fees", () => {
  const cost = (net: bigint | null, gross: bigint | null) => ({
    cost: { net, tax: net === null || gross === null ? null : gross - net, gross, externalPrices: false },
  });
  const returned = item("b", { status: "returned", returnedAt: RETURNED });

  test("nothing, where its total is theirs", () => {
    expect(headerOf(booked(order([item("a")], { fees: [fee()], ...cost(4614n, 5490n) })))).toBeUndefined();
  });

  test("a line of its own with the difference, on the day of the first item sold", () => {
    const sales = order([item("a")], cost(4250n, 5057n));
    expect(headerOf(booked(sales))).toMatchObject({
      net: 48n,
      tax: 9n,
      gross: 57n,
      quantity: "1",
      day: "2026-10-12",
    });
  });

  test("a cent of tax moved to net by the other calculator", () => {
    expect(headerOf(booked(order([item("a")], cost(4203n, 5000n))))).toMatchObject({
      net: 1n,
      tax: -1n,
      gross: 0n,
    });
  });

  test("tax that was not calculated again after a cancellation", () => {
    const cancelled = item("b", { shippedAt: null, cancelledAt: at("2026-10-11T00:00:00") });
    // The gross was lowered to what is left, the tax is still that of both items.
    const sales = order([item("a"), cancelled], cost(3404n, 5000n));
    expect(headerOf(booked(sales))).toMatchObject({ net: -798n, tax: 798n, gross: 0n });
  });

  test("a whole total that is stale is shown as it is stated", () => {
    const cancelled = item("b", { shippedAt: null, cancelledAt: at("2026-10-11T00:00:00") });
    expect(headerOf(booked(order([item("a"), cancelled], cost(8404n, 10000n))))).toMatchObject({
      gross: 5000n,
    });
  });

  test.each([
    ["counts what came back", 8404n, 10000n],
    ["counts it no more", 4202n, 5000n],
  ])("the reading of the cost that agrees in gross holds: it %s", (_name, net, gross) => {
    expect(headerOf(booked(order([item("a"), returned], cost(net, gross))))).toBeUndefined();
  });

  test("where no reading agrees, items that were not cancelled and all fees are what the total is held against", () => {
    const sales = order([item("a"), returned], { fees: [fee()], ...cost(9000n, 11000n) });
    expect(headerOf(booked(sales))).toMatchObject({ gross: 11000n - 10490n });
    expect(costBasis(sales, null, BERLIN)).toHaveLength(3);
  });

  test("a refunded fee that the cost no longer holds is no difference", () => {
    const whole = order([returned], { fees: [fee()], ...cost(0n, 0n) });
    expect(headerOf(booked(whole))).toBeUndefined();
    expect(costBasis(whole, null, BERLIN)).toEqual([]);
  });

  test("an unknown net is not compared; an unknown total is no line", () => {
    expect(headerOf(booked(order([item("a")], cost(null, 5000n))))).toBeUndefined();
    expect(headerOf(booked(order([item("a")], cost(null, 5010n))))).toMatchObject({
      net: null,
      tax: null,
      gross: 10n,
    });
    const external = order([item("a", { net: null, tax: null })], cost(4202n, 5001n));
    expect(headerOf(booked(external))).toMatchObject({ net: null, gross: 1n });
    expect(headerOf(booked(order([item("a")], cost(4202n, null))))).toBeUndefined();
  });
});
