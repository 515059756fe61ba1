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
