import type { Minor } from "../money";
import type { Rate } from "./rate";
import { divideRounded, type RoundingMode } from "./rounding";

/** How tax comes out of an amount: whether the amount has it inside, and which of net and tax is rounded. */
export type TaxRule = Readonly<{ mode: RoundingMode; basis: "gross" | "net"; first: "tax" | "net" }>;

/**
 * Tax of one amount in whole minor units, rounded by itself.
 *   basis net                  tax = round(base × rate)
 *   basis gross, tax first     tax = round(base × rate / (1 + rate)), net is the rest
 *   basis gross, net first     net = round(base / (1 + rate)), tax is the rest (SCAYLE)
 */
export function taxOf(base: Minor, rate: Rate, rule: TaxRule): Minor {
  if (rule.basis === "net") return divideRounded(base * rate.n, rate.d, rule.mode);
  if (rule.first === "tax") return divideRounded(base * rate.n, rate.d + rate.n, rule.mode);
  return base - divideRounded(base * rate.d, rate.d + rate.n, rule.mode);
}

/**
 * Tax of several amounts, summed unrounded and rounded once. Amounts of one rate need one division;
 * of several rates, one common denominator.
 */
export function taxTogether(parts: readonly Readonly<{ base: Minor; rate: Rate }>[], rule: TaxRule): Minor {
  // Few rates among many amounts: a search is quicker than a key made of each.
  const bases: { base: Minor; rate: Rate }[] = [];
  let total = 0n;
  for (const { base, rate } of parts) {
    const same = bases.find((one) => one.rate.n === rate.n && one.rate.d === rate.d);
    if (same) same.base += base;
    else bases.push({ base, rate });
    total += base;
  }
  const [only, second] = bases;
  if (!only) return 0n;
  if (!second) return taxOf(only.base, only.rate, rule);
  let numerator = 0n;
  let denominator = 1n;
  const isNetFirst = rule.basis === "gross" && rule.first === "net";
  for (const { base, rate } of bases) {
    const over = rule.basis === "net" ? rate.d : rate.d + rate.n;
    numerator = numerator * over + base * (isNetFirst ? rate.d : rate.n) * denominator;
    denominator *= over;
  }
  const rounded = divideRounded(numerator, denominator, rule.mode);
  return isNetFirst ? total - rounded : rounded;
}

/**
 * Whether a tax lies within `cents` minor units of the unrounded tax of its base: a line's share of a tax that was
 * rounded once for the whole document.
 */
export function isWithin(
  tax: Minor,
  base: Minor,
  rate: Rate,
  basis: TaxRule["basis"],
  cents: bigint,
): boolean {
  const over = basis === "net" ? rate.d : rate.d + rate.n;
  const away = tax * over - base * rate.n;
  return (away < 0n ? -away : away) <= cents * over;
}
