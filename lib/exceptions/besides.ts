import { Decimal } from "decimal.js";
import type { Minor } from "@/lib/domain/money";
import type { EvidenceLine } from "./schema";

export type ComparedField = "item" | "quantity" | "net" | "tax" | "gross" | "taxCode";

/** One side of a row. Amounts in minor units; null is unknown. */
export type EvidenceHalf = Readonly<{
  /** the items of its lines; null: of none */
  item: string | null;
  quantity: string | null;
  net: Minor | null;
  tax: Minor | null;
  gross: Minor | null;
  taxCode: string | null;
  taxRate: string | null;
  /** the tax of at least one line is its part of what its document states for several */
  taxAllocated?: boolean;
}>;

/** What both sides say of the same thing, the fields in which they differ, and the difference SCAYLE − ERP. */
export type Beside = Readonly<{
  key: string;
  label: string;
  sku: string | null;
  /** the one currency of both halves; null: the exception's own */
  currency: string | null;
  scayle: EvidenceHalf | null;
  erp: EvidenceHalf | null;
  differing: readonly ComparedField[];
  difference: Readonly<{ net: Minor | null; tax: Minor | null; gross: Minor | null }>;
  /** what of the difference this exception explains, where that is not all of it: the order's others explain the rest */
  part: Readonly<{ net: Minor | null; tax: Minor | null; gross: Minor | null }> | null;
}>;

/**
 * Puts the lines of an evidence beside each other: those of one pair and SKU, else those of one SKU or label; what is in
 * two currencies becomes a row in each, since nothing is ever summed or subtracted across currencies. `inPlaceOf` has the
 * ERP's items that are proved to stand in the place of a product: both are one row, whose items differ.
 */
export function besidesOf(
  lines: readonly EvidenceLine[],
  inPlaceOf: ReadonlyMap<string, string> = new Map(),
): readonly Beside[] {
  const groups = new Map<string, EvidenceLine[]>();
  const twoSided = pairsOfBothSides(lines);
  for (const line of lines) {
    const meant = line.side === "erp" && line.sku !== null ? inPlaceOf.get(line.sku) : undefined;
    const own = meant ?? line.sku ?? line.label ?? "";
    // What stands alone (a duplicate, a missing sale) is one pair of many items; an item in the place of another has none.
    const isOnItsOwn = line.pair === null || inPlaceOf.size > 0;
    const together =
      line.pair !== null && twoSided.has(line.pair)
        ? line.pair
        : isOnItsOwn
          ? own
          : `${line.pair} ${line.sku ?? ""}`;
    const key = line.currency === null ? together : `${together} ${line.currency}`;
    groups.set(key, [...(groups.get(key) ?? []), line]);
  }
  return [...groups].map(([key, group]) => {
    const scayle = halfOf(group.filter((line) => line.side === "scayle"));
    const erp = halfOf(group.filter((line) => line.side === "erp"));
    const difference = {
      net: apart(scayle, erp, "net"),
      tax: apart(scayle, erp, "tax"),
      gross: apart(scayle, erp, "gross"),
    };
    return {
      key,
      label: group.find((line) => line.label)?.label ?? group.find((line) => line.sku)?.sku ?? "Line",
      sku: group.find((line) => line.sku)?.sku ?? null,
      currency: group[0]?.currency ?? null,
      scayle,
      erp,
      differing: differing(scayle, erp),
      difference,
      part: partOf(group, lines, difference),
    };
  });
}

/** What an exception explains of a pair is kept with each of its lines; of a pair in two rows it can't be told for one of them. */
function partOf(
  group: readonly EvidenceLine[],
  lines: readonly EvidenceLine[],
  difference: Beside["difference"],
): Beside["part"] {
  const [first] = group;
  const part = first?.difference ?? null;
  if (!first || !part || first.pair === null) return null;
  if (lines.filter((line) => line.pair === first.pair).length !== group.length) return null;
  const isAll = (["net", "tax", "gross"] as const).every(
    (field) => difference[field] === null || difference[field] === part[field],
  );
  return isAll ? null : part;
}

/** Sums of differences, SCAYLE − ERP; null where one of them is unknown. */
export type Running = Readonly<{ net: Minor | null; tax: Minor | null; gross: Minor | null }>;

/**
 * What the differences come to, in each currency: down to each row (`down`, in the order of the rows, each in its own
 * currency) and all together. Where both sides agree it is 0.
 */
export function runningOf(
  rows: readonly Beside[],
  currency: string,
): Readonly<{ down: readonly Running[]; totals: readonly (Running & Readonly<{ currency: string }>)[] }> {
  const totals = new Map<string, Running>();
  const add = (one: Minor | null, other: Minor | null) =>
    one === null || other === null ? null : one + other;
  const down = rows.map(({ difference, currency: own }) => {
    const before = totals.get(own ?? currency) ?? { net: 0n, tax: 0n, gross: 0n };
    const after = {
      net: add(before.net, difference.net),
      tax: add(before.tax, difference.tax),
      gross: add(before.gross, difference.gross),
    };
    totals.set(own ?? currency, after);
    return after;
  });
  return { down, totals: [...totals].map(([code, total]) => ({ currency: code, ...total })) };
}

function pairsOfBothSides(lines: readonly EvidenceLine[]): ReadonlySet<string> {
  const sides = (pair: string) =>
    new Set(lines.filter((line) => line.pair === pair).map((line) => line.side));
  return new Set(
    lines.flatMap((line) => (line.pair !== null && sides(line.pair).size > 1 ? [line.pair] : [])),
  );
}

function halfOf(lines: readonly EvidenceLine[]): EvidenceHalf | null {
  if (lines.length === 0) return null;
  const words = (values: readonly (string | null)[]) =>
    [...new Set(values.flatMap((value) => value ?? []))].sort().join(", ") || null;
  const sum = (values: readonly (Minor | null)[]) =>
    values.reduce<Minor | null>((so, one) => (so === null || one === null ? null : so + one), 0n);
  return {
    item: words(lines.map((line) => line.sku)),
    quantity: lines.some((line) => line.quantity === null)
      ? null
      : lines.reduce((so, line) => so.plus(line.quantity ?? 0), new Decimal(0)).toFixed(),
    net: sum(lines.map((line) => line.net)),
    tax: sum(lines.map((line) => line.tax)),
    gross: sum(lines.map((line) => line.gross)),
    taxCode: words(lines.map((line) => line.taxCode)),
    taxRate: words(lines.map((line) => line.taxRate)),
    ...(lines.some((line) => line.taxAllocated) && { taxAllocated: true }),
  };
}

/** SCAYLE − ERP, where a side without a line counts as nothing and an unknown amount makes the difference unknown. */
function apart(
  scayle: EvidenceHalf | null,
  erp: EvidenceHalf | null,
  field: "net" | "tax" | "gross",
): Minor | null {
  const [left, right] = [scayle ? scayle[field] : 0n, erp ? erp[field] : 0n];
  return left === null || right === null ? null : left - right;
}

function differing(scayle: EvidenceHalf | null, erp: EvidenceHalf | null): readonly ComparedField[] {
  const fields = (["item", "quantity", "net", "tax", "gross"] as const).filter((field) => {
    if (!scayle || !erp) return field !== "item";
    return scayle[field] !== null && erp[field] !== null && scayle[field] !== erp[field];
  });
  // SCAYLE has rates, no tax codes: an ERP line without one, or one that is taxed at another rate, is worth a mark.
  const isTaxedOtherwise =
    scayle?.taxRate != null && erp?.taxRate != null && !isSameRates(scayle.taxRate, erp.taxRate);
  return erp && (erp.taxCode === null || isTaxedOtherwise) ? [...fields, "taxCode"] : fields;
}

/** Whether two lists of rates ("0.07, 0.19") have the same rates. */
function isSameRates(left: string, right: string): boolean {
  const ratesOf = (text: string) =>
    [...new Set(text.split(", ").map((rate) => new Decimal(rate).toString()))].sort().join(" ");
  return ratesOf(left) === ratesOf(right);
}
