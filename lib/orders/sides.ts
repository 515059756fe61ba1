import { Decimal } from "decimal.js";
import type { DocumentKind, Side } from "@/lib/domain/document";
import type { Minor } from "@/lib/domain/money";
import { upperFirst } from "@/lib/domain/words";
import type { OrderLine } from "./data";
import { feeName } from "./settlement";

/** One side of a row: its lines together. Amounts in minor units; null is unknown, or that there is no line. */
export type Half = Readonly<{
  lines: number;
  quantity: string;
  net: Minor | null;
  tax: Minor | null;
  gross: Minor;
  taxCodes: readonly string[];
  /** the tax of at least one line is its part of what its document states for several */
  taxAllocated: boolean;
}>;

/** What belongs together on both sides, and its difference SCAYLE − ERP. */
export type SideRow = Readonly<{
  key: string;
  documentKind: DocumentKind;
  label: string;
  sku: string | null;
  currency: string;
  scayle: Half | null;
  erp: Half | null;
  difference: Minor;
  /** The same in tax; null where a side's is unknown. */
  taxDifference: Minor | null;
  /** null: not in the books, or not reconciled yet */
  bucket: string | null;
  inBooks: boolean;
}>;

type Line = Pick<
  OrderLine,
  | "id"
  | "pairId"
  | "side"
  | "documentKind"
  | "kind"
  | "sku"
  | "itemKey"
  | "description"
  | "quantity"
  | "net"
  | "tax"
  | "gross"
  | "taxCode"
  | "taxAllocated"
  | "currency"
  | "inBooks"
>;

/**
 * Puts the lines of an order beside each other: those of one pair in one row; what has no pair yet by what it would
 * pair by. No line is left out, and none is counted twice.
 */
export function sidesOf(lines: readonly Line[], buckets: ReadonlyMap<string, string>): readonly SideRow[] {
  const groups = new Map<string, Line[]>();
  const sides = new Map<string, Set<string>>();
  for (const { pairId, side } of lines) {
    if (pairId !== null) sides.set(pairId, (sides.get(pairId) ?? new Set()).add(side));
  }
  const twoSided = new Set([...sides].filter(([, both]) => both.size > 1).map(([pairId]) => pairId));
  for (const line of lines) {
    const own = [line.documentKind, line.itemKey, line.currency, line.inBooks ? "booked" : "draft"].join("|");
    // What stands alone (a duplicate, a missing sale) is one pair of many items.
    const key =
      line.pairId === null ? own : twoSided.has(line.pairId) ? line.pairId : `${line.pairId}|${own}`;
    const group = groups.get(key);
    if (group) group.push(line);
    else groups.set(key, [line]);
  }
  return [...groups].flatMap(([key, group]) => rowOf(key, group, buckets));
}

function rowOf(key: string, group: readonly Line[], buckets: ReadonlyMap<string, string>): SideRow[] {
  const [first] = group;
  if (!first) return [];
  const scayle = halfOf(group, "scayle");
  const erp = halfOf(group, "erp");
  return [
    {
      key,
      documentKind: first.documentKind,
      ...namesOf(group),
      currency: first.currency,
      scayle,
      erp,
      difference: (scayle?.gross ?? 0n) - (erp?.gross ?? 0n),
      taxDifference: minus(scayle ? scayle.tax : 0n, erp ? erp.tax : 0n),
      bucket: first.pairId === null ? null : (buckets.get(first.pairId) ?? null),
      inBooks: first.inBooks,
    },
  ];
}

/** What the lines are called; of two items that are one pair (an item is wrong, or a person paired them) both. */
function namesOf(group: readonly Line[]): Pick<SideRow, "label" | "sku"> {
  const [one, other] = (["scayle", "erp"] as const).map((side) => group.filter((line) => line.side === side));
  const skus = [one, other].map((lines) => lines?.find((line) => line.sku)?.sku ?? null);
  const [own, theirs] = skus;
  if (one && other && own && theirs && own !== theirs)
    return { label: `${labelOf(one)} ↔ ${labelOf(other)}`, sku: `${own} ↔ ${theirs}` };
  return { label: labelOf(group), sku: own ?? theirs ?? null };
}

function labelOf(group: readonly Line[]): string {
  const described = group.find((line) => line.description)?.description;
  const [first] = group;
  // A fee is called the same wherever the order shows it.
  if (described) return first?.kind === "item" ? described : upperFirst(feeName(described));
  if (!first) return "";
  return first.sku ?? words[first.kind] ?? first.itemKey;
}

const words: Readonly<Record<string, string>> = {
  item: "Item",
  shipping: "Shipping",
  fee: "Fee",
  gift_card: "Gift card",
  discount: "Discount",
  rounding: "Rounding",
  header: "Order total beyond its lines",
};

function halfOf(group: readonly Line[], side: Side): Half | null {
  const lines = group.filter((line) => line.side === side);
  if (lines.length === 0) return null;
  return {
    lines: lines.length,
    quantity: lines.reduce((sum, line) => sum.plus(line.quantity), new Decimal(0)).toFixed(),
    net: sumOf(lines.map((line) => line.net)),
    tax: sumOf(lines.map((line) => line.tax)),
    gross: lines.reduce((sum, line) => sum + line.gross, 0n),
    taxCodes: [...new Set(lines.flatMap((line) => (line.taxCode ? [line.taxCode] : [])))].sort(),
    taxAllocated: lines.some((line) => line.taxAllocated === true),
  };
}

const minus = (one: Minor | null, other: Minor | null): Minor | null =>
  one === null || other === null ? null : one - other;

/** One unknown makes the sum unknown: unknown is not zero. */
const sumOf = (amounts: readonly (Minor | null)[]): Minor | null =>
  amounts.reduce<Minor | null>((sum, one) => (sum === null || one === null ? null : sum + one), 0n);
