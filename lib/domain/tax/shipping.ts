import type { KnownAmounts, Minor } from "../money";
import { type TaxRule, taxOf } from "./exact";
import { inThreeDecimals, type Rate } from "./rate";
import { divideRounded } from "./rounding";

/**
 * Shipping VAT in SCAYLE (reference: DOC:en/developer-guide/logistics/shipments-and-returns; setting
 * `shipping.cost.tax.calculation.use.country.tax`): either the country's rate, or the average of the goods' rates
 * weighted by their net values and rounded to three decimals.
 */
export type ShippingBasis = "country" | "weighted";

/** Goods that weigh in: their net value in minor units and their rate. */
export type Goods = Readonly<{ net: Minor; rate: Rate }>;

/** SCAYLE: the fee's net is rounded, half up, and its tax is the rest. */
export const SCAYLE_FEE: TaxRule = { mode: "half-up", basis: "gross", first: "net" };

/** Σ (net × rate) / Σ net as an exact fraction; null where the goods have no net value: nothing to weigh by. */
export function averageRate(goods: readonly Goods[]): Rate | null {
  let value = 0n;
  let numerator = 0n;
  let denominator = 1n;
  for (const { net, rate } of goods) {
    value += net;
    numerator = numerator * rate.d + net * rate.n * denominator;
    denominator *= rate.d;
  }
  if (value === 0n) return null;
  const sign = value < 0n ? -1n : 1n;
  return { n: numerator * sign, d: denominator * value * sign };
}

/** The average rate as SCAYLE has it: rounded half up to three decimals (16.2 %). Null as above. */
export function weightedRate(goods: readonly Goods[]): Rate | null {
  const average = averageRate(goods);
  return average && { n: divideRounded(average.n * 1000n, average.d, "half-up"), d: 1000n };
}

/** The rate of a shipping fee by either basis; null when the goods give no weight, or the country's rate is unknown. */
export const shippingRate = (
  basis: ShippingBasis,
  goods: readonly Goods[],
  country: Rate | null,
): Rate | null => (basis === "weighted" ? weightedRate(goods) : country && inThreeDecimals(country));

/** A fee's figures in minor units, from its gross and a rate. The gross never moves. */
export function feeFigures(gross: Minor, rate: Rate, rule: TaxRule = SCAYLE_FEE): KnownAmounts {
  const tax = taxOf(gross, rate, { ...rule, basis: "gross" });
  return { net: gross - tax, tax, gross };
}
