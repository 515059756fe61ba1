import { taxOf, taxTogether } from "@/lib/domain/tax/exact";
import type { StatedLine } from "@/lib/domain/tax/reproduce";
import type { PopulationDocument } from "./population";

/** Which of SCAYLE's calculators made the stated taxes of a shop's orders. */
export type HeaderCounts = Readonly<{
  /** only price calculator v1: rounded per product line, then summed */
  v1: number;
  /** only the legacy one: summed, then rounded once */
  legacy: number;
  both: number;
  neither: number;
  /** no total stated, an unknown tax or rate, or items that don't add up to the total's gross (returns, cancellations) */
  notComparable: number;
}>;

export const NO_HEADERS: HeaderCounts = { v1: 0, legacy: 0, both: 0, neither: 0, notComparable: 0 };

/**
 * Which calculator reproduces an order's stated tax from its own items and fees.
 * `first` is what SCAYLE rounds when it takes the net out of a gross amount.
 */
export function headerOf(order: PopulationDocument, first: "tax" | "net"): keyof HeaderCounts {
  const { cost, lines, gross } = order;
  if (!cost || !lines || cost.gross !== gross) return "notComparable";
  const rule = { mode: "half-up", basis: "gross", first } as const;
  const parts = productLines(lines, order.products);
  const stated = cost.gross - cost.net;
  const v1 = parts.reduce((sum, part) => sum + taxOf(part.base, part.rate, rule), 0n) === stated;
  const legacy = taxTogether(parts, rule) === stated;
  if (v1 && legacy) return "both";
  return v1 ? "v1" : legacy ? "legacy" : "neither";
}

/** Units of one product at one price and rate make a product line; each fee is one. */
export function productLines(
  lines: readonly StatedLine[],
  products: readonly string[],
): readonly StatedLine[] {
  const parts = new Map<string, StatedLine>();
  lines.forEach((line, index) => {
    const key = `${products[index]} ${line.base} ${line.rate.n}/${line.rate.d}`;
    const before = parts.get(key);
    parts.set(
      key,
      before
        ? {
            ...line,
            base: before.base + line.base,
            tax: before.tax + line.tax,
            units: before.units + line.units,
          }
        : line,
    );
  });
  return [...parts.values()];
}
