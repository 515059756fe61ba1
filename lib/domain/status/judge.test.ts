import { describe, expect, it } from "vitest";
import type { ErpFact, OrderFacts, UnitFact } from "./facts";
import { judge } from "./judge";

/* Orders and documents written down by hand, as people tell of them; nothing of the sandbox. */

const at = (day: number, hour = 10): Date => new Date(Date.UTC(2026, 9, day, hour));

const unit = (id: string, change: Partial<UnitFact> = {}): UnitFact => ({
  ...{ id, sku: "TEE", status: "delegated", packageId: null, gross: 1000n },
  ...{ delegatedAt: at(1, 11), shippedAt: null, cancelledAt: null, returnedAt: null },
  ...change,
});
const shipped = (id: string, day: number, change: Partial<UnitFact> = {}): UnitFact =>
  unit(id, { status: "shipped", shippedAt: at(day), ...change });

const invoice = (number: string, day: number, units: number, change: Partial<ErpFact> = {}): ErpFact => ({
  ...{ kind: "sale", number, reference: "DE-1", originalNumber: null, status: "Open" },
  ...{ day: at(day, 0), postedAt: at(day, 12), units: { TEE: units } },
  ...change,
});
const memo = (number: string, day: number, units: number, change: Partial<ErpFact> = {}): ErpFact =>
  invoice(number, day, units, { kind: "credit", ...change });

const order = (change: Partial<OrderFacts> = {}): OrderFacts => ({
  ...{ orderKey: "k", sourceId: "7", reference: "DE-1", publicKey: "P7" },
  ...{ expectsKey: true, invoicesEnabled: true, status: null, packageStates: [] },
  ...{ orderStatus: "order_delegated", billingStatus: null, shippingStatus: null },
  ...{ placedAt: at(1, 9), confirmedAt: at(1), invoicedAt: null, units: [unit("1"), unit("2")], erp: [] },
  ...change,
});

const waits = (change: Partial<OrderFacts>) =>
  judge(order(change)).waiting.map(({ transition, items, documents }) =>
    [transition, ...items, ...documents].join(" "),
  );

describe("an order", () => {
  it("that is open or not paid yet is waited for by nobody, however long", () => {
    for (const orderStatus of ["order_open", "order_pended", "order_created"])
      expect(
        waits({
          orderStatus,
          confirmedAt: null,
          units: [unit("1", { delegatedAt: null, status: "available" })],
        }),
      ).toEqual([]);
  });

  it("that is confirmed waits to be passed on, and then to leave", () => {
    const fresh = unit("1", { delegatedAt: null, status: "available" });
    expect(waits({ orderStatus: "order_confirmed", units: [fresh] })).toEqual(["delegate 1"]);
    expect(waits({})).toEqual(["ship 1 2"]);
    expect(waits({ orderStatus: "order_shipped", units: [shipped("1", 3), unit("2")] })).toEqual([
      "ship-rest 2",
      "post 1",
    ]);
  });

  it("of which a piece was cancelled waits for the others alone", () => {
    expect(waits({ units: [unit("1"), unit("2", { cancelledAt: at(2), status: "cancelled" })] })).toEqual([
      "ship 1",
    ]);
  });

  it.each(["order_cancelled", "order_aborted"])("that is %s waits for nothing", (orderStatus) => {
    expect(waits({ orderStatus })).toEqual([]);
  });

  it("that is invoiced is final: what had not left never does", () => {
    expect(
      waits({
        orderStatus: "order_invoiced",
        invoicedAt: at(20),
        units: [shipped("1", 3), unit("2")],
        erp: [invoice("SI-1", 3, 1)],
      }),
    ).toEqual([]);
  });

  it("that the ERP invoiced and SCAYLE did not ship waits for SCAYLE to be told, and for nothing of the warehouse", () => {
    expect(waits({ erp: [invoice("SI-1", 4, 2)] })).toEqual(["tell-shipment 1 2 SI-1"]);
    expect(waits({ erp: [invoice("SI-1", 4, 1)] })).toEqual(["tell-shipment 1 SI-1", "ship 2"]);
    const half = [shipped("1", 3), unit("2")];
    expect(waits({ orderStatus: "order_shipped", units: half, erp: [invoice("SI-1", 3, 1)] })).toEqual([
      "ship-rest 2",
    ]);
  });

  it("that the ERP invoiced and took back waits to be cancelled in SCAYLE", () => {
    const taken = [
      invoice("SI-1", 4, 2, { status: "Canceled" }),
      memo("CM-1", 6, 2, { originalNumber: "SI-1", status: "Corrective" }),
    ];
    const [wait] = judge(order({ erp: taken })).waiting;
    expect(wait).toMatchObject({ transition: "tell-cancellation", items: ["1", "2"], day: at(6, 0) });
    // Not where it was invoiced anew: then it is to leave after all.
    expect(waits({ erp: [...taken, invoice("SI-2", 6, 2)] })).toEqual(["tell-shipment 1 2 SI-2"]);
    // An ERP without such states: a memo over what never left can be no return.
    expect(
      waits({ erp: [invoice("SI-1", 4, 2), memo("CM-1", 6, 2, { originalNumber: "SI-1", status: "Open" })] }),
    ).toEqual(["tell-cancellation 1 2 SI-1"]);
  });

  it("whose goods the ERP credited and SCAYLE still has as sold waits for its return to be told", () => {
    const sold = {
      orderStatus: "order_invoiced",
      invoicedAt: at(3),
      units: [shipped("1", 3), shipped("2", 3)],
    };
    const erp = [invoice("SI-1", 3, 2), memo("CM-1", 12, 1, { originalNumber: "SI-1" })];
    expect(waits({ ...sold, erp })).toEqual(["tell-return 1 CM-1"]);
    const back = [shipped("1", 3, { returnedAt: at(12), status: "returned" }), shipped("2", 3)];
    expect(waits({ ...sold, units: back, erp })).toEqual([]);
    expect(waits({ ...sold, units: back, erp: [invoice("SI-1", 3, 2)] })).toEqual(["post-credit 1"]);
  });

  it("whose invoice the ERP credited and posted anew, or credited as the second of two, is told of no return", () => {
    const sold = {
      orderStatus: "order_invoiced",
      invoicedAt: at(3),
      units: [shipped("1", 3), shipped("2", 3)],
    };
    const anew = [
      invoice("SI-1", 3, 2),
      memo("CM-1", 12, 2, { originalNumber: "SI-1" }),
      invoice("SI-2", 12, 2),
    ];
    expect(waits({ ...sold, erp: anew })).toEqual([]);
    expect(waits({ ...sold, erp: [...anew, memo("CM-2", 13, 1, { originalNumber: "SI-2" })] })).toEqual([
      "tell-return 1 CM-1 CM-2",
    ]);
    const back = [shipped("1", 3, { returnedAt: at(12), status: "returned" }), shipped("2", 3)];
    expect(waits({ ...sold, units: back, erp: [...anew, memo("CM-2", 13, 1)] })).toEqual([]);
  });

  it("of other items than the ERP's documents name is told nothing of them", () => {
    expect(waits({ erp: [invoice("SI-1", 4, 2, { units: { MUG: 2 } })] })).toEqual(["ship 1 2"]);
  });

  it("without a reference key is told the ERP's number, where its shop has such keys", () => {
    const sold = {
      ...{ reference: "P7", orderStatus: "order_invoiced", invoicedAt: at(3) },
      ...{ units: [shipped("1", 3)], erp: [invoice("SI-1", 3, 1, { reference: "P7" })] },
    };
    expect(judge(order(sold)).waiting).toMatchObject([{ transition: "reference", key: "SI-1" }]);
    const named = { ...sold, erp: [invoice("SI-1", 3, 1, { reference: "SO-900" })] };
    expect(judge(order(named)).waiting).toMatchObject([{ transition: "reference", key: "SO-900" }]);
    expect(waits({ ...sold, expectsKey: false })).toEqual([]);
    expect(waits({ ...sold, reference: "DE-1" })).toEqual([]);
  });

  it("that has left waits for SCAYLE's invoice, where SCAYLE makes one", () => {
    const left = { orderStatus: "order_shipped", units: [shipped("1", 3)], erp: [invoice("SI-1", 3, 1)] };
    expect(waits(left)).toEqual(["invoice 1"]);
    expect(waits({ ...left, orderStatus: "order_invoice_error" })).toEqual(["invoice 1"]);
    expect(waits({ ...left, invoicesEnabled: false })).toEqual([]);
    expect(waits({ ...left, invoicedAt: at(3, 11) })).toEqual([]);
  });

  it("of a tenant that gives its items no times is judged by its own state", () => {
    const timeless = [
      unit("1", { delegatedAt: null, status: "available" }),
      unit("2", { delegatedAt: null, status: "available" }),
    ];
    expect(
      waits({
        orderStatus: "order_invoiced",
        invoicedAt: at(4),
        units: timeless,
        erp: [invoice("SI-1", 4, 2)],
      }),
    ).toEqual([]);
    expect(waits({ orderStatus: "order_delegated", units: timeless })).toEqual(["ship 1 2"]);
  });
});

describe("what is not known", () => {
  it("is kept, named, and judged by nothing", () => {
    const strange = order({
      ...{ status: "on_the_moon", orderStatus: "order_teleported", billingStatus: "billing_bartered" },
      ...{ shippingStatus: null, packageStates: ["lost_in_space"] },
      units: [unit("1", { status: "folded", delegatedAt: null })],
    });
    const judged = judge(strange);
    expect(judged.waiting).toEqual([]);
    expect(judged.contradictions).toEqual([]);
    expect(judged.unknown.map(({ axis, code }) => `${axis} ${code}`)).toEqual([
      "status on_the_moon",
      "order order_teleported",
      "billing billing_bartered",
      "item folded",
      "package lost_in_space",
    ]);
  });

  it("or not there at all says nothing", () => {
    const empty = order({ orderStatus: null, units: [], confirmedAt: null, placedAt: null });
    expect(judge(empty)).toEqual({ done: [], waiting: [], contradictions: [], unknown: [] });
  });
});

describe("what contradicts itself", () => {
  it.each([
    ["order_cancelled", "billing_completed", null, "cancelled-and-paid"],
    ["order_cancelled", null, "shipping_delivered", "cancelled-and-delivered"],
    ["order_invoiced", "billing_payment_cancelled", null, "invoiced-and-payment-cancelled"],
    ["order_invoiced", null, "shipping_cancelled", "invoiced-and-never-shipped"],
    ["order_pended", null, "shipping_returned", "open-and-delivered"],
  ])("%s with %s and %s is %s", (orderStatus, billingStatus, shippingStatus, key) => {
    const { contradictions } = judge(
      order({ orderStatus, billingStatus, shippingStatus, units: [], confirmedAt: null }),
    );
    expect(contradictions.map((one) => one.key)).toEqual([key]);
  });

  it("is an order that is cancelled while its items are out, and not one whose items came back", () => {
    const of = (units: readonly UnitFact[]) =>
      judge(order({ orderStatus: "order_cancelled", units })).contradictions.map((one) => one.key);
    expect(of([shipped("1", 3)])).toEqual(["cancelled-with-items-out"]);
    expect(of([shipped("1", 3, { returnedAt: at(9), status: "returned" })])).toEqual([]);
    expect(of([unit("1", { cancelledAt: at(2), status: "cancelled" })])).toEqual([]);
  });

  it("is not a refund of an order that was invoiced, nor a part that came back", () => {
    const { contradictions } = judge(
      order({
        ...{ orderStatus: "order_invoiced", billingStatus: "billing_partially_refunded" },
        ...{ shippingStatus: "shipping_partially_returned", status: "invoice_completed", invoicedAt: at(3) },
        units: [shipped("1", 3), shipped("2", 3, { returnedAt: at(9), status: "returned" })],
      }),
    );
    expect(contradictions).toEqual([]);
  });
});

describe("what came", () => {
  const took = (facts: OrderFacts) =>
    Object.fromEntries(
      judge(facts).done.map(({ transition, from, until }) => [
        transition,
        (until.getTime() - from.getTime()) / 3_600_000,
      ]),
    );

  it("is measured from when it was due, in hours", () => {
    expect(
      took(
        order({
          ...{ orderStatus: "order_invoiced", invoicedAt: at(5, 12) },
          units: [shipped("1", 3), shipped("2", 5, { returnedAt: at(9), status: "returned" })],
          erp: [invoice("SI-1", 3, 2), memo("CM-1", 9, 1)],
        }),
      ),
    ).toEqual({
      delegate: 1,
      ship: 47,
      "ship-rest": 48,
      invoice: 2,
      post: 2,
      "tell-shipment": 10,
      "tell-return": 10,
      "post-credit": 2,
    });
  });

  it("took no time where it came before it was due", () => {
    expect(took(order({ units: [shipped("1", 3)], erp: [invoice("SI-1", 6, 1)] }))["tell-shipment"]).toBe(0);
  });
});
