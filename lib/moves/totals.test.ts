import { describe, expect, it } from "vitest";
import type { Figures } from "@/lib/matching/summary";
import { firstMoved } from "./totals";

const none = { net: 0n, tax: 0n, gross: 0n };
const figures = (values: Partial<Figures>): Figures =>
  ({
    scayle: { ...none, lines: 0, unknownTaxLines: 0 },
    erp: { ...none, lines: 0, unknownTaxLines: 0 },
    unexplained: { ...none, count: 0 },
    causes: [],
    buckets: { scayle: {}, erp: {} },
    ...values,
  }) as Figures;

describe("what moved, where no total is named", () => {
  const erp = figures({ erp: { net: 100n, tax: 19n, gross: 119n, lines: 1, unknownTaxLines: 0 } });
  it("is the first that did, in the first currency in which one did", () => {
    const moved = new Map([
      ["EUR", figures({})],
      ["GBP", erp],
    ]);
    expect(firstMoved(moved, ["EUR", "GBP"], undefined)).toEqual({
      currency: "GBP",
      total: { name: "erp", key: null },
      of: "gross",
    });
    expect(firstMoved(moved, ["EUR", "GBP"], "EUR")).toBeNull();
    expect(firstMoved(new Map(), ["EUR"], undefined)).toBeNull();
  });
  it("is found by its net or tax where its gross stayed", () => {
    const tax = figures({ scayle: { net: -5n, tax: 5n, gross: 0n, lines: 0, unknownTaxLines: 0 } });
    expect(firstMoved(new Map([["EUR", tax]]), ["EUR"], undefined)).toMatchObject({ of: "net" });
  });
});
