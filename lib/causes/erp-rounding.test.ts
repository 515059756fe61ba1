import { Decimal } from "decimal.js";
import { describe, expect, it } from "vitest";
import type { RoundingPolicy } from "@/lib/domain/tax/policy";
import { isReproducedBy } from "./erp-rounding";
import { sampleLine } from "./samples";

const DOCUMENT: RoundingPolicy = { level: "document", mode: "half-up", basis: "net", first: "tax" };

/** Three lines of 0.33 net at 19 %, which together bear 0.19 of tax. */
const lines = (taxes: readonly bigint[], taxAllocated: boolean) =>
  taxes.map((tax, position) => ({
    ...sampleLine("erp", `l${position}`, "inv", "sale", { gross: 33n + tax, net: 33n, tax, position }),
    taxRate: new Decimal("0.19"),
    taxAllocated,
  }));

describe("taxes that a document states for several lines", () => {
  it("are reproduced by their sum, whichever line has the cent", () => {
    for (const taxes of [
      [7n, 6n, 6n],
      [6n, 7n, 6n],
      [6n, 6n, 7n],
    ])
      expect(isReproducedBy(lines(taxes, true), DOCUMENT)).toBe(true);
    // The same as the lines' own word is held against the order that they stand in.
    expect(isReproducedBy(lines([7n, 6n, 6n], false), DOCUMENT)).toBe(false);
    expect(isReproducedBy(lines([6n, 7n, 6n], false), DOCUMENT)).toBe(true);
  });

  it("are not reproduced by another sum, or with a cent where no rounding puts one", () => {
    expect(isReproducedBy(lines([6n, 6n, 6n], true), DOCUMENT)).toBe(false);
    expect(isReproducedBy(lines([8n, 6n, 5n], true), DOCUMENT)).toBe(false);
  });

  it("are reproduced per line where each line's rounded tax sums to them", () => {
    const perLine = { ...DOCUMENT, level: "line" } as const;
    expect(isReproducedBy(lines([6n, 6n, 6n], true), perLine)).toBe(true);
    expect(isReproducedBy(lines([7n, 6n, 5n], true), perLine)).toBe(true);
    expect(isReproducedBy(lines([7n, 6n, 5n], false), perLine)).toBe(false);
    expect(isReproducedBy(lines([7n, 6n, 6n], true), perLine)).toBe(false);
  });

  it("are reproduced once per order by everything together", () => {
    const perOrder = { ...DOCUMENT, level: "order" } as const;
    expect(isReproducedBy(lines([7n, 6n, 6n], true), perOrder)).toBe(true);
    expect(isReproducedBy(lines([6n, 6n, 6n], true), perOrder)).toBe(false);
  });
});

describe("taxes on prices that are not rounded before", () => {
  const priced = (price: string, net: bigint, tax: bigint, position: number) => ({
    ...sampleLine("erp", `l${position}`, "inv", "sale", { gross: net + tax, net, tax, position }),
    taxRate: new Decimal("0.19"),
    unitPrice: new Decimal(price),
    taxAllocated: true,
    taxedOnPrice: true,
  });
  const HALF_EVEN: RoundingPolicy = { ...DOCUMENT, mode: "half-even" };

  it("are reproduced from quantity × unit price, where the rounded amounts would give another cent", () => {
    // 3 × 4.1975 = 12.5925, shown as 12.60 by three lines of 4.20: 19 % is 2.392575 and not 2.394.
    const lines = [
      priced("4.1975", 420n, 80n, 0),
      priced("4.1975", 420n, 80n, 1),
      priced("4.1975", 420n, 79n, 2),
    ];
    expect(isReproducedBy(lines, HALF_EVEN)).toBe(true);
    // 3 × 4.1849 = 12.5547, shown as 12.54 (4.18 each): 19 % is 2.385393 = 2.39, and of 12.54 it is 2.3826 = 2.38.
    const below = (last: bigint) => [
      priced("4.1849", 418n, 80n, 0),
      priced("4.1849", 418n, 79n, 1),
      priced("4.1849", 418n, last, 2),
    ];
    expect(isReproducedBy(below(80n), HALF_EVEN)).toBe(true);
    expect(isReproducedBy(below(79n), HALF_EVEN)).toBe(false);
    const amounts = below(80n).map((line) => ({ ...line, taxedOnPrice: false }));
    expect(isReproducedBy(amounts, HALF_EVEN)).toBe(false);
  });

  it("are the amount's where a line states no price", () => {
    const unpriced = { ...priced("1", 100n, 19n, 0), unitPrice: null };
    expect(isReproducedBy([unpriced], HALF_EVEN)).toBe(true);
    expect(isReproducedBy([{ ...unpriced, tax: 20n, gross: 120n }], HALF_EVEN)).toBe(false);
  });
});
