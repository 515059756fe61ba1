import { describe, expect, it } from "vitest";
import type { OrderContent } from "./schema";
import { type Booked, goodsOf, takenBackOf, truthOf, withoutTakenBack } from "./truth";

const at = (day: string) => new Date(`${day}T10:00:00Z`);
const item = (id: string, change: Partial<OrderContent["items"][number]> = {}) => ({
  id,
  sku: id,
  name: null,
  status: null,
  packageId: null,
  gross: 1000n,
  shippedAt: null,
  cancelledAt: null,
  returnedAt: null,
  ...change,
});
const order = (items: OrderContent["items"], packages: OrderContent["packages"] = []): OrderContent => ({
  items,
  packages,
  payments: [],
  fees: [],
  vouchers: [],
  confirmedAt: null,
  createdAt: null,
  invoicedAt: null,
});
const booked = (side: Booked["side"], kind: Booked["kind"], gross: bigint, number = "R-1"): Booked => ({
  side,
  kind,
  gross,
  currency: "EUR",
  documents: [{ number, day: "2026-10-12" }],
});

describe("where the goods stand", () => {
  it.each([
    [
      "all shipped",
      order([item("a", { shippedAt: at("2026-10-12") }), item("b", { shippedAt: at("2026-10-12") })]),
      "Both of the items were shipped on 12 Oct 2026.",
    ],
    [
      "one cancelled before",
      order([item("a", { shippedAt: at("2026-10-12") }), item("b", { cancelledAt: at("2026-10-11") })]),
      "1 of the 2 items was shipped on 12 Oct 2026. 1 of the 2 items was cancelled on 11 Oct 2026.",
    ],
    [
      "one came back",
      order([item("a", { shippedAt: at("2026-10-12"), returnedAt: at("2026-10-20") })]),
      "The item was shipped on 12 Oct 2026. It came back on 20 Oct 2026.",
    ],
    [
      "both had been delivered before one came back",
      order([
        item("a", { shippedAt: at("2026-10-12"), status: "returned", returnedAt: at("2026-10-20") }),
        item("b", { shippedAt: at("2026-10-12"), status: "delivered" }),
      ]),
      "Both of the items were shipped on 12 Oct 2026; both were delivered. 1 of them came back on 20 Oct 2026.",
    ],
    [
      "the package knows the day",
      order(
        [item("a", { packageId: "p" })],
        [{ id: "p", shippedAt: at("2026-10-12"), deliveryStatus: null, carrier: null, tracking: null }],
      ),
      "The item was shipped on 12 Oct 2026.",
    ],
    ["nothing moved", order([item("a")]), "The item has not been shipped yet."],
    [
      "some are delivered",
      order([
        ...["a", "b"].map((id) => item(id, { shippedAt: at("2026-10-12"), status: "delivered" })),
        item("c"),
        item("d", { status: "unavailable" }),
      ]),
      "2 of the 4 items were shipped on 12 Oct 2026; both were delivered. 1 of the 4 items was cancelled. 1 of the 4 items has not been shipped yet.",
    ],
  ])("says it when %s", (_, given, sentence) => {
    expect(truthOf(given, [], "Europe/Berlin").goods).toBe(sentence);
  });

  it("speaks of their items to the customer", () => {
    const six = order(["a", "b", "c", "d", "e", "f"].map((id) => item(id)));
    expect(goodsOf(six, "UTC", "your")).toBe("None of your 6 items has been shipped yet.");
    expect(goodsOf(six, "UTC")).toBe("None of the 6 items has been shipped yet.");
  });

  it("names the day in the entity's time zone", () => {
    const late = order([item("a", { shippedAt: new Date("2026-10-31T23:30:00Z") })]);
    expect(truthOf(late, [], "Europe/Berlin").goods).toContain("1 Nov 2026");
    expect(truthOf(late, [], "Europe/London").goods).toContain("31 Oct 2026");
  });
});

describe("where the money stands", () => {
  it("says when both come to the same", () => {
    const money = truthOf(
      null,
      [booked("scayle", "sale", 5990n), booked("erp", "sale", 5990n, "INV-7")],
      "UTC",
    ).money;
    expect(money).toBe(
      "SCAYLE counts 59.90 EUR sold; the ERP has posted 59.90 EUR sold in INV-7: both come to the same.",
    );
  });

  it("says what is missing, and what is too much", () => {
    const [sale, credit] = [booked("scayle", "sale", 5990n), booked("erp", "credit", -1000n, "CM-1")];
    expect(truthOf(null, [sale], "UTC").money).toContain(
      "posted nothing: 59.90 EUR of the sale is missing in the ERP.",
    );
    expect(truthOf(null, [sale, booked("erp", "sale", 11980n)], "UTC").money).toContain(
      "59.90 EUR of the sale is too much in the ERP",
    );
    expect(truthOf(null, [sale, booked("erp", "sale", 5990n, "INV-7"), credit], "UTC").money).toContain(
      "59.90 EUR sold in INV-7 and 10.00 EUR credited in CM-1: a credit of 10.00 EUR is missing in SCAYLE.",
    );
  });

  it("waits for no sale of what was cancelled", () => {
    const money = (items: OrderContent["items"]) =>
      truthOf(order(items), [booked("erp", "sale", 1000n)], "UTC").money;
    expect(money([item("a", { cancelledAt: at("2026-10-11") })])).toContain(
      "SCAYLE counts nothing sold, as all of it was cancelled; the ERP has posted 10.00 EUR sold",
    );
    expect(money([item("a")])).toContain("SCAYLE counts nothing sold yet");
  });

  it("says what the ERP took back itself, instead of that nothing was booked", () => {
    const documents = [
      { id: "d1", number: "PSI-1" },
      { id: "d2", number: "PSC-1" },
    ];
    const line = (documentId: string, gross: bigint) => ({
      ...{ documentId, gross, currency: "EUR", inBooks: true },
    });
    const back = takenBackOf(documents, [line("d1", 35270n), line("d2", -35270n)]);
    expect(truthOf(null, [], "UTC", back).money).toBe(
      "The ERP took back what it had booked: 352.70 EUR in PSI-1, PSC-1. Nothing else is booked in either system.",
    );
    expect(truthOf(null, [], "UTC", takenBackOf(documents, [])).money).toBe(
      "Neither system has booked anything.",
    );
  });

  it("never adds two currencies", () => {
    const pounds: Booked = { ...booked("erp", "sale", 100n), currency: "GBP" };
    expect(
      truthOf(null, [booked("scayle", "sale", 100n), pounds], "UTC").money.split("SCAYLE counts"),
    ).toHaveLength(3);
  });
});

describe("documents of the ERP that take each other back", () => {
  it("count for nothing that the customer is owed, and what is of both sides stays", () => {
    const line = (side: string, pairId: string | null) => ({ side, pairId });
    const buckets = new Map([
      ["reversed", "explained"],
      ["rounded", "explained"],
      ["surplus", "open"],
    ]);
    const both = [line("scayle", "rounded"), line("erp", "rounded")];
    const kept = [...both, line("erp", "surplus"), line("erp", null)];
    expect(withoutTakenBack([...kept, line("erp", "reversed"), line("erp", "reversed")], buckets)).toEqual(
      kept,
    );
  });
});
