import { expect, it } from "vitest";
import type { ErpFact, OrderFacts, UnitFact } from "./facts";
import { judge } from "./judge";
import { factsOnceTold } from "./told";

const at = (day: string): Date => new Date(`2026-10-${day}T10:00:00Z`);
const unit = (id: string): UnitFact => ({
  ...{ id, sku: `SKU-${id}`, status: "delegated", packageId: null, delegatedAt: at("02"), shippedAt: null },
  ...{ cancelledAt: null, returnedAt: null, gross: 1000n },
});
const order = (changes: Partial<OrderFacts>): OrderFacts => ({
  ...{
    orderKey: "k",
    sourceId: "1",
    reference: "DE-1",
    publicKey: null,
    expectsKey: false,
    invoicesEnabled: true,
  },
  ...{
    status: "payment_reserved",
    orderStatus: "order_delegated",
    billingStatus: null,
    shippingStatus: null,
  },
  ...{ packageStates: [], placedAt: at("01"), confirmedAt: at("01"), invoicedAt: null },
  units: [unit("1"), unit("2")],
  erp: [],
  ...changes,
});
const invoice: ErpFact = {
  kind: "sale",
  number: "INV-1",
  reference: "E-1",
  originalNumber: null,
  status: "Open",
  day: at("03"),
  postedAt: at("03"),
  units: { "SKU-1": 1, "SKU-2": 1 },
};

const waiting = (facts: OrderFacts) => judge(facts).waiting.map((one) => one.transition);
const told = (facts: OrderFacts, transition: string): OrderFacts => {
  const wait = judge(facts).waiting.find((one) => one.transition === transition);
  if (!wait) throw new Error(`${transition} is not waited for: ${waiting(facts)}`);
  return factsOnceTold(facts, wait, at("09"));
};

it("of a shipment ends the wait for it, and SCAYLE's invoice is awaited next", () => {
  const facts = order({ erp: [invoice] });
  expect(waiting(facts)).toEqual(["tell-shipment"]);
  expect(waiting(told(facts, "tell-shipment"))).toEqual(["invoice"]);
});

it("of the ERP's number ends that wait alone", () => {
  const facts = order({ erp: [invoice], reference: "1", expectsKey: true });
  expect(waiting(facts)).toEqual(["tell-shipment", "reference"]);
  expect(waiting(told(facts, "reference"))).toEqual(["tell-shipment"]);
});

it("of a part leaves the rest waiting", () => {
  const facts = order({ erp: [{ ...invoice, units: { "SKU-1": 1 } }] });
  expect(waiting(facts)).toEqual(["tell-shipment", "ship"]);
  expect(waiting(told(facts, "tell-shipment"))).toEqual(["ship-rest"]);
});

it("of a return and of a cancellation ends each", () => {
  const shipped = order({
    orderStatus: "order_shipped",
    units: [{ ...unit("1"), status: "shipped", shippedAt: at("04") }],
    erp: [
      { ...invoice, units: { "SKU-1": 1 } },
      { ...invoice, kind: "credit", number: "CM-1", day: at("07"), units: { "SKU-1": 1 } },
    ],
  });
  expect(waiting(shipped)).toContain("tell-return");
  expect(waiting(told(shipped, "tell-return"))).not.toContain("tell-return");
});
