import type { Decimal } from "decimal.js";
import type { Group, GroupDocument, GroupLine } from "@/lib/domain/group";
import { exponentOf, type Minor } from "@/lib/domain/money";
import { taxOf, taxTogether } from "@/lib/domain/tax/exact";
import { lineTax, type RoundingPolicy } from "@/lib/domain/tax/policy";
import { isSameRate, type Rate } from "@/lib/domain/tax/rate";
import { baseOf, policyFor } from "./corrections";
import { exactRate, microOf, wholeUnits } from "./numbers";

/** Whether an ERP document, as posted, is what the ERP's policy makes of its lines: every line, to the minor unit. */
export function erpReproduced(
  group: Pick<Group, "lines">,
  document: GroupDocument,
  policy: RoundingPolicy,
): boolean {
  return isReproducedBy(
    group.lines.filter((line) => line.documentId === document.id),
    policyFor(document, policy),
  );
}

/**
 * The same for bare lines. Per line and unit: every line by itself. Once per document and rate: the lines of a rate, in
 * their order in the document, each take what is due up to and including themselves (the running remainder of ERPs).
 * Where the order of the lines is not known, the policy determines the tax of the rate and no line's: then that sum has
 * to agree, and no line may be a whole minor unit away from its share, which no order of the lines could make.
 * The same where the document states no line's tax and its own was given out to them: then only its sums are its word.
 */
export function isReproducedBy(lines: readonly GroupLine[], policy: RoundingPolicy): boolean {
  if (lines.some((line) => line.tax === null || line.taxRate === null)) return false;
  if (lines.some((line) => line.taxAllocated)) return isStatedAsWhole(lines, policy);
  if (policy.level === "line" || policy.level === "unit")
    return lines.every((line) => isOwnTax(line, policy));
  const ordered = inDocumentOrder(lines);
  if (policy.level === "order") return ordered !== null && isRunningTogether(ordered, policy);
  for (const { rate, mine } of byRate(ordered ?? lines)) {
    if (!(ordered || mine.length === 1 ? isRunning(mine, rate, policy) : isSumOfShares(mine, rate, policy)))
      return false;
  }
  return true;
}

/** Lines by their place in the document; null where a place is not known. */
function inDocumentOrder(lines: readonly GroupLine[]): readonly GroupLine[] | null {
  if (lines.some((line) => line.position === undefined || line.position === null)) return null;
  return [...lines].sort((a, b) => (a.position ?? 0) - (b.position ?? 0));
}

type SameRate = { rate: Rate; mine: GroupLine[] };

function byRate(lines: readonly GroupLine[]): readonly SameRate[] {
  const groups: SameRate[] = [];
  for (const line of lines) {
    const rate = exactRate(line.taxRate);
    const group = groups.find((one) => one.rate === rate || one.rate.n * rate.d === rate.n * one.rate.d);
    if (group) group.mine.push(line);
    else groups.push({ rate, mine: [line] });
  }
  return groups;
}

/** A document that states its taxes and no line's: each rate's sum is what the policy makes of the rate's lines. */
function isStatedAsWhole(lines: readonly GroupLine[], policy: RoundingPolicy): boolean {
  const parts = taxables(lines, policy);
  const stated = (some: readonly Taxable[]): Minor => some.reduce((sum, { tax }) => sum + tax, 0n);
  if (policy.level === "order") return taxTogether(parts, policy) === stated(parts);
  const rates: Taxable[][] = [];
  for (const part of parts) {
    const same = rates.find(([first]) => first && isSameRate(first.rate, part.rate));
    if (same) same.push(part);
    else rates.push([part]);
  }
  return rates.every((same) =>
    policy.level === "document"
      ? taxTogether(same, policy) === stated(same) && same.every((part) => isShare(part, policy))
      : same.reduce((sum, { base, rate, units }) => sum + lineTax(base, rate, units, policy), 0n) ===
        stated(same),
  );
}

type Taxable = Readonly<{ base: bigint; rate: Rate; units: number; tax: Minor }>;

/** Quantities and unit prices have six decimals at most. */
const SIX = 6;
const SCALE = 10n ** BigInt(2 * SIX);

/**
 * What of each line is taxed. Where the source taxes the price before it is rounded, bases are parts of a minor unit: then
 * all bases, and the rates' denominators, are larger by one factor, and whole numbers give the exact tax all the same.
 */
function taxables(lines: readonly GroupLine[], policy: RoundingPolicy): readonly Taxable[] {
  const isExact = policy.basis === "net" && lines.some((line) => line.taxedOnPrice);
  return lines.map((line) => {
    const { n, d } = exactRate(line.taxRate);
    const units = wholeUnits(microOf(line.quantity)) ?? 1;
    const tax = line.tax ?? 0n;
    const base = baseOf(line, policy);
    if (!isExact) return { base, rate: { n, d }, units, tax };
    const exact = line.taxedOnPrice ? exactPrice(line) : null;
    return { base: exact ?? base * SCALE, rate: { n, d: d * SCALE }, units, tax };
  });
}

/** Quantity × unit price, unrounded, in minor units × SCALE; null where the line states no price. */
function exactPrice(line: GroupLine): bigint | null {
  if (line.unitPrice === null) return null;
  const digits = (value: Decimal): bigint => BigInt(value.toFixed(SIX).replace(".", ""));
  return digits(line.quantity) * digits(line.unitPrice) * 10n ** BigInt(exponentOf(line.currency));
}

/** Less than a whole minor unit away from its own tax. */
function isShare({ base, rate, tax }: Taxable, policy: RoundingPolicy): boolean {
  const over = policy.basis === "net" ? rate.d : rate.d + rate.n;
  const away = tax * over - base * rate.n;
  return away < over && away > -over;
}

function isOwnTax(line: GroupLine, policy: RoundingPolicy): boolean {
  const count = wholeUnits(microOf(line.quantity)) ?? 1;
  return lineTax(baseOf(line, policy), exactRate(line.taxRate), count, policy) === line.tax;
}

function isRunning(lines: readonly GroupLine[], rate: Rate, policy: RoundingPolicy): boolean {
  let base: Minor = 0n;
  let given: Minor = 0n;
  for (const line of lines) {
    base += baseOf(line, policy);
    given += line.tax ?? 0n;
    if (taxOf(base, rate, policy) !== given) return false;
  }
  return true;
}

/** Everything in one sum, whatever the rate: rounded once per document. */
function isRunningTogether(lines: readonly GroupLine[], policy: RoundingPolicy): boolean {
  const parts: { base: Minor; rate: Rate }[] = [];
  let given: Minor = 0n;
  return lines.every((line) => {
    parts.push({ base: baseOf(line, policy), rate: exactRate(line.taxRate) });
    given += line.tax ?? 0n;
    return taxTogether(parts, policy) === given;
  });
}

function isSumOfShares(lines: readonly GroupLine[], rate: Rate, policy: RoundingPolicy): boolean {
  const over = policy.basis === "net" ? rate.d : rate.d + rate.n;
  let base: Minor = 0n;
  let given: Minor = 0n;
  for (const line of lines) {
    const own = baseOf(line, policy);
    const tax = line.tax ?? 0n;
    base += own;
    given += tax;
    const away = tax * over - own * rate.n;
    if (away >= over || away <= -over) return false;
  }
  return taxOf(base, rate, policy) === given;
}
