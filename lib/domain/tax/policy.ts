import { Decimal } from "decimal.js";
import type { Minor } from "../money";

/**
 * The tax twin: how each side rounds. One documented implementation per policy, used to recompute what a system said.
 *
 * level  unit      each unit is rounded, then summed
 *        line      each line (units of one product at one price) is rounded, then summed: SCAYLE price calculator v1
 *        document  unrounded taxes of one rate are summed and rounded once: ERP per document and rate
 *        order     everything is summed unrounded and rounded once: SCAYLE's legacy calculator
 * mode   half-up (away from zero, commercial) or half-even
 * basis  gross: tax is taken out of prices with tax; net: it is put on top
 * first  which of net and tax is rounded when taken out of the gross; the other is the rest
 */
export type RoundingPolicy = Readonly<{
  level: "unit" | "line" | "document" | "order";
  mode: "half-up" | "half-even";
  basis: "gross" | "net";
  first: "tax" | "net";
}>;

/** Rounds to whole minor units by a named rule. */
export function roundMinor(value: Decimal, mode: RoundingPolicy["mode"]): Minor {
  const rule = mode === "half-up" ? Decimal.ROUND_HALF_UP : Decimal.ROUND_HALF_EVEN;
  return BigInt(value.toDecimalPlaces(0, rule).toFixed(0));
}

export const decimalOf = (amount: Minor): Decimal => new Decimal(amount.toString());

/** Unrounded tax inside a gross amount, or on top of a net amount, in minor units. `rate` is a fraction. */
export function exactTax(base: Minor, rate: Decimal, basis: RoundingPolicy["basis"]): Decimal {
  const amount = decimalOf(base);
  return basis === "gross" ? amount.times(rate).div(rate.plus(1)) : amount.times(rate);
}

/** Tax in whole minor units of one base amount, rounded by itself. */
export function roundedTax(base: Minor, rate: Decimal, policy: Omit<RoundingPolicy, "level">): Minor {
  if (policy.basis === "net" || policy.first === "tax") {
    return roundMinor(exactTax(base, rate, policy.basis), policy.mode);
  }
  return base - roundMinor(decimalOf(base).div(rate.plus(1)), policy.mode);
}

/** What is taxed at one rate: `base` is gross or net as the policy's basis says; `units` of equal price make it up. */
export type Taxed = Readonly<{ base: Minor; rate: Decimal; units: number }>;

/**
 * The tax of a whole document or order by a policy, in minor units, per rate (key: the rate as text).
 * With level `order` there is one figure under the key "".
 */
export function taxByPolicy(parts: readonly Taxed[], policy: RoundingPolicy): ReadonlyMap<string, Minor> {
  const sums = new Map<string, Minor>();
  const add = (key: string, tax: Minor) => sums.set(key, (sums.get(key) ?? 0n) + tax);
  if (policy.level === "unit" || policy.level === "line") {
    for (const part of parts) add(part.rate.toString(), lineTax(part, policy));
    return sums;
  }
  const keys = policy.level === "order" ? [""] : [...new Set(parts.map((part) => part.rate.toString()))];
  for (const key of keys) {
    const same = parts.filter((part) => key === "" || part.rate.toString() === key);
    sums.set(key, roundedTogether(same, policy));
  }
  return sums;
}

function lineTax({ base, rate, units }: Taxed, policy: RoundingPolicy): Minor {
  const count = BigInt(Math.max(1, Math.abs(units)));
  if (policy.level === "line" || base % count !== 0n) return roundedTax(base, rate, policy);
  return roundedTax(base / count, rate, policy) * count;
}

function roundedTogether(parts: readonly Taxed[], policy: RoundingPolicy): Minor {
  if (policy.basis === "gross" && policy.first === "net") {
    const net = parts.reduce(
      (sum, { base, rate }) => sum.plus(decimalOf(base).div(rate.plus(1))),
      new Decimal(0),
    );
    return parts.reduce((sum, { base }) => sum + base, 0n) - roundMinor(net, policy.mode);
  }
  const tax = parts.reduce(
    (sum, { base, rate }) => sum.plus(exactTax(base, rate, policy.basis)),
    new Decimal(0),
  );
  return roundMinor(tax, policy.mode);
}

/** Sum of all rates. */
export const totalTax = (parts: readonly Taxed[], policy: RoundingPolicy): Minor =>
  [...taxByPolicy(parts, policy).values()].reduce((sum, tax) => sum + tax, 0n);

/** A policy in words: "once per document and rate, half up". */
export function policyInWords({ level, mode, basis }: RoundingPolicy): string {
  const where = {
    unit: "per unit",
    line: "per line",
    document: "once per document and rate",
    order: "once per order",
  };
  return `${where[level]}, ${mode === "half-up" ? "half up" : "half to even"}, from ${basis} prices`;
}

/** SCAYLE rounds rates to three decimals before it divides (DOC:en/developer-guide/logistics/shipments-and-returns). */
export const scayleRate = (rate: Decimal): Decimal => rate.toDecimalPlaces(3, Decimal.ROUND_HALF_UP);
