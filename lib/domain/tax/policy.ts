import { Decimal } from "decimal.js";
import type { Minor } from "../money";
import { taxOf, taxTogether } from "./exact";
import { inThreeDecimals, isSameRate, type Rate, rateOf } from "./rate";
import type { RoundingMode } from "./rounding";

/**
 * The tax twin: how each side rounds. One documented implementation per policy, used to recompute what a system said.
 * Beside it: exact (one amount, or several together), rate (exact fractions, SCAYLE's three decimals), shipping (the rate
 * of a fee), voucher (an absolute discount), refund (parts of a sale), allocation (cents that shares leave over).
 * Amounts go in and come out as whole minor units; every rounding has a name.
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
  mode: RoundingMode;
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

/** Tax in whole minor units of one base amount, rounded by itself (see exact.ts). */
export const roundedTax = (base: Minor, rate: Decimal, policy: Omit<RoundingPolicy, "level">): Minor =>
  taxOf(base, rateOf(rate), policy);

/** What is taxed at one rate: `base` is gross or net as the policy's basis says; `units` of equal price make it up. */
export type Taxed = Readonly<{ base: Minor; rate: Decimal; units: number }>;

/**
 * The tax of a whole document or order by a policy, in minor units, per rate (key: the rate as text).
 * With level `order` there is one figure under the key "".
 */
export function taxByPolicy(parts: readonly Taxed[], policy: RoundingPolicy): ReadonlyMap<string, Minor> {
  if (policy.level === "order") {
    const exact = parts.map(({ base, rate }) => ({ base, rate: rateOf(rate) }));
    return new Map([["", taxTogether(exact, policy)]]);
  }
  const sums = new Map<string, Minor>();
  const add = (key: string, amount: Minor) => sums.set(key, (sums.get(key) ?? 0n) + amount);
  if (policy.level !== "document") {
    for (const part of parts)
      add(part.rate.toString(), lineTax(part.base, rateOf(part.rate), part.units, policy));
    return sums;
  }
  for (const { base, rate } of parts) add(rate.toString(), base);
  const rates = new Map(parts.map(({ rate }) => [rate.toString(), rateOf(rate)]));
  for (const [key, rate] of rates) sums.set(key, taxOf(sums.get(key) ?? 0n, rate, policy));
  return sums;
}

/**
 * Tax of one line in whole minor units: `units` units that cost `base` together. Per unit, each unit is taxed by itself;
 * where the units don't cost the same to the minor unit (a discount was spread over them), the line is what is rounded.
 */
export function lineTax(base: Minor, rate: Rate, units: number, policy: RoundingPolicy): Minor {
  if (policy.level !== "unit") return taxOf(base, rate, policy);
  const count = Math.abs(units);
  if (count <= 1 || !Number.isInteger(count) || base % BigInt(count) !== 0n) return taxOf(base, rate, policy);
  return taxOf(base / BigInt(count), rate, policy) * BigInt(count);
}

/** The tax of a whole document or order by a policy, in minor units, all rates together. */
export function totalTax(parts: readonly Taxed[], policy: RoundingPolicy): Minor {
  const exact = parts.map(({ base, rate, units }) => ({ base, rate: rateOf(rate), units }));
  if (policy.level === "order") return taxTogether(exact, policy);
  if (policy.level !== "document")
    return exact.reduce((sum, { base, rate, units }) => sum + lineTax(base, rate, units, policy), 0n);
  let [sum, rest] = [0n, exact];
  while (rest[0]) {
    const { rate } = rest[0];
    sum += taxTogether(
      rest.filter((one) => isSameRate(one.rate, rate)),
      policy,
    );
    rest = rest.filter((one) => !isSameRate(one.rate, rate));
  }
  return sum;
}

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

/** The same with what is rounded where tax is inside the price: "…, the net rounded, the tax its rest". */
export function policyInFull(policy: RoundingPolicy): string {
  const { basis, first } = policy;
  if (basis === "net") return policyInWords(policy);
  return `${policyInWords(policy)}, the ${first} rounded, the ${first === "tax" ? "net" : "tax"} its rest`;
}

/** SCAYLE rounds rates to three decimals before it divides (DOC:en/developer-guide/logistics/shipments-and-returns). */
export function scayleRate(rate: Decimal): Decimal {
  if (rate.decimalPlaces() <= 3) return rate;
  const { n, d } = inThreeDecimals(rateOf(rate));
  return new Decimal(n.toString()).div(d.toString());
}
