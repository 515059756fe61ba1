import { describe, expect, it } from "vitest";
import { OrderContent } from "./schema";
import { feeName, leftWords, settlementOf } from "./settlement";

const DAY = "2026-10-12T10:00:00Z";
const item = (id: string, gross: string, more: object = {}) => ({ id, gross, shippedAt: DAY, ...more });
const orderOf = (order: object) => OrderContent.parse(order);
const line = (documentKind: "sale" | "credit", kind: string, gross: bigint, description = "") => ({
  ...{ side: "scayle" as const, documentKind, kind, gross, description, currency: "EUR", inBooks: true },
});
const sumOf = (parts: readonly Readonly<{ amount: bigint }>[]) =>
  parts.reduce((sum, one) => sum + one.amount, 0n);

describe("what was paid, given back and is left", () => {
  it("names the fee that was not given back", () => {
    const order = orderOf({
      items: [item("a", "8985", { returnedAt: DAY })],
      payments: [{ key: "paypal", amount: "9575" }],
      fees: [
        { key: "base_shipping_service_cost", category: "delivery", gross: "390" },
        { key: "base_payment_service_cost", category: "payment", gross: "200" },
      ],
    });
    const settlement = settlementOf(order, "EUR", [
      line("sale", "item", 8985n),
      line("sale", "shipping", 390n, "base shipping service cost"),
      line("sale", "fee", 200n, "base payment service cost"),
      line("credit", "item", -8985n),
      line("credit", "shipping", -390n, "base shipping service cost"),
    ]);
    expect(settlement.charged).toEqual([
      { label: "1 item", amount: 8985n },
      { label: "shipping fee", amount: 390n },
      { label: "payment fee", amount: 200n },
    ]);
    expect(settlement.refunded).toBe(9375n);
    expect(leftWords(settlement, "EUR")).toBe("95.75 − 93.75 = 2.00 EUR: payment fee.");
  });

  it("calls a fee the same wherever it stands", () => {
    expect(feeName("base_shipping_service_cost")).toBe("shipping fee");
    expect(feeName("base shipping service cost")).toBe("shipping fee");
    expect(feeName("Versandkosten")).toBe("Versandkosten");
  });

  it("names what was cancelled, and adds up", () => {
    const order = orderOf({
      items: [
        item("a", "15990"),
        item("b", "15990", { returnedAt: DAY }),
        item("c", "1270", { shippedAt: null, cancelledAt: DAY }),
      ],
      payments: [{ key: "card", amount: "33250" }],
    });
    const settlement = settlementOf(order, "EUR", [
      line("sale", "item", 15_990n),
      line("sale", "item", 15_990n),
      line("credit", "item", -15_990n),
    ]);
    expect(sumOf(settlement.left)).toBe(settlement.paid - settlement.refunded);
    expect(leftWords(settlement, "EUR")).toBe(
      "332.50 − 159.90 = 172.60 EUR: 159.90 for 1 item kept, 12.70 for 1 item cancelled before shipping. SCAYLE does not say whether what was cancelled was charged.",
    );
  });

  it("says what its figures don't explain, and nothing of an order that stays as it was", () => {
    const order = orderOf({ items: [item("a", "1000")], payments: [{ key: "card", amount: "1100" }] });
    const settlement = settlementOf(order, "EUR", [line("sale", "item", 1000n)]);
    expect(settlement.left).toEqual([
      { label: "1 item kept", amount: 1000n },
      { label: "not explained by SCAYLE’s figures", amount: 100n },
    ]);
    expect(leftWords(settlement, "EUR")).toBeNull();
  });
});
