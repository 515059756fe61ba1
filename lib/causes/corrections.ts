import { Decimal } from "decimal.js";
import { type GroupDocument, type GroupLine, quantityOf } from "@/lib/domain/group";
import { exponentOf, type Minor } from "@/lib/domain/money";
import { allocate } from "@/lib/domain/tax/allocation";
import {
  decimalOf,
  exactTax,
  type RoundingPolicy,
  roundedTax,
  roundMinor,
  taxByPolicy,
} from "@/lib/domain/tax/policy";

/** Policy that is used to recompute where nobody has said how the ERP rounds; rounding is never claimed with it. */
const FALLBACK: RoundingPolicy = { level: "line", mode: "half-up", basis: "gross", first: "tax" };

/** The policy with the basis that the document itself states. */
export function policyFor(document: GroupDocument, policy: RoundingPolicy | undefined): RoundingPolicy {
  const chosen = policy ?? FALLBACK;
  if (document.pricesIncludeTax === null) return chosen;
  return { ...chosen, basis: document.pricesIncludeTax ? "gross" : "net" };
}

/** What a line's price states: gross where prices include tax, else net. */
export const baseOf = (line: GroupLine, policy: RoundingPolicy): Minor =>
  policy.basis === "gross" ? line.gross : (line.net ?? line.gross);

/** ERP quantity × its own unit price − its discount, in minor units; null when the line doesn't state a price. */
export function priced(line: GroupLine, quantity: Decimal = line.quantity): Minor | null {
  if (line.unitPrice === null) return null;
  const amount = quantity.times(line.unitPrice).times(new Decimal(10).pow(exponentOf(line.currency)));
  const discount = (line.discount ?? 0n) * (quantity.isNegative() ? -1n : 1n);
  return roundMinor(amount, "half-up") - discount;
}

/** Whether ERP quantity × its own unit price gives its line. */
export const isPricedByItself = (line: GroupLine, policy: RoundingPolicy): boolean =>
  priced(line) === baseOf(line, policy);

/**
 * Whether ERP lines with net prices carry SCAYLE's price: SCAYLE's gross per unit without its tax, at the precision of
 * the ERP's own unit price. Cents between their sums are then rounding, not price.
 */
export function isSameNetPrice(
  scayle: readonly GroupLine[],
  erp: readonly GroupLine[],
  policy: RoundingPolicy,
): boolean {
  const unit = scayle[0];
  if (policy.basis !== "net" || !unit || scayle.some((one) => one.gross !== unit.gross)) return false;
  if (!quantityOf(scayle).eq(quantityOf(erp))) return false;
  const gross = decimalOf(unit.gross)
    .abs()
    .div(unit.quantity.abs())
    .div(new Decimal(10).pow(exponentOf(unit.currency)));
  return erp.every((line) => {
    const rate = unit.taxRate ?? line.taxRate;
    if (!rate || line.unitPrice === null || !isPricedByItself(line, policy) || (line.discount ?? 0n) !== 0n)
      return false;
    const decimals = Math.max(exponentOf(line.currency), line.unitPrice.decimalPlaces());
    return gross.div(rate.plus(1)).toDecimalPlaces(decimals, Decimal.ROUND_HALF_UP).eq(line.unitPrice);
  });
}

/**
 * ERP lines as they would stand with changed bases or rates, taxed again by the ERP's own policy.
 * Lines that are not changed keep their tax; what the document's tax moves by is carried by the changed ones.
 * Amounts in minor units, signed.
 */
export function retaxed(
  documentLines: readonly GroupLine[],
  changed: readonly Readonly<{ line: GroupLine; base: Minor; rate: Decimal | null }>[],
  policy: RoundingPolicy,
): readonly GroupLine[] {
  const changes = new Map(changed.map((change) => [change.line.id, change]));
  const kept = documentLines.filter((line) => !changes.has(line.id));
  const rates = [...new Set(changed.map((change) => (change.rate ?? new Decimal(0)).toString()))].sort();
  return rates.flatMap((rateText) => {
    const rate = new Decimal(rateText);
    const mine = changed.filter((change) => (change.rate ?? new Decimal(0)).eq(rate));
    const taxes = taxesFor(
      mine,
      kept.filter((line) => line.taxRate?.eq(rate) === true),
      rate,
      policy,
    );
    return mine.map((change, index) => withBase(change.line, change.base, rate, taxes[index] ?? 0n, policy));
  });
}

function taxesFor(
  changed: readonly Readonly<{ line: GroupLine; base: Minor }>[],
  kept: readonly GroupLine[],
  rate: Decimal,
  policy: RoundingPolicy,
): readonly Minor[] {
  if (policy.level === "line" || policy.level === "unit") {
    return changed.map(({ line, base }) => {
      const one = { base, rate, units: line.quantity.abs().toNumber() };
      return [...taxByPolicy([one], policy).values()][0] ?? roundedTax(base, rate, policy);
    });
  }
  const parts = [
    ...changed.map(({ base }) => ({ base, rate, units: 1 })),
    ...kept.map((line) => ({ base: baseOf(line, policy), rate, units: 1 })),
  ];
  const target = [...taxByPolicy(parts, policy).values()].reduce((total, tax) => total + tax, 0n);
  const rest = target - kept.reduce((total, line) => total + (line.tax ?? 0n), 0n);
  return allocate(
    rest,
    changed.map(({ base }) => exactTax(base, rate, policy.basis)),
  );
}

function withBase(
  line: GroupLine,
  base: Minor,
  rate: Decimal,
  tax: Minor,
  policy: RoundingPolicy,
): GroupLine {
  return policy.basis === "gross"
    ? { ...line, gross: base, tax, net: base - tax, taxRate: rate }
    : { ...line, net: base, tax, gross: base + tax, taxRate: rate };
}
