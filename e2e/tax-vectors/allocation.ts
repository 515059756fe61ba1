import { Decimal } from "decimal.js";
import { z } from "zod";
import { allocateByWeight, type Remainder } from "@/lib/domain/tax/allocation";
import { type Adapter, Check } from "./vector";

/** What each suite says of its remainder cents, and the twin's name for it. */
const WAYS: Readonly<Record<string, Remainder>> = {
  "remainder units to the shares with the largest fractional part (ties: first)": "largest-fraction",
  "first shares get the remainder": "first-lines",
  "first shares get the remainder; symmetric for negatives": "first-lines",
  "first non-zero shares get the remainder": "first-lines",
  "round each half away from zero, missing unit(s) to the first": "nearest-first",
  "running allocation: round each share of what is left, first shares up": "from-the-end",
  "running allocation": "from-the-end",
  "remainder to last": "last-line",
  proportional: "last-line",
  // dinero.js states the currency only: the rule that fits its three cases.
  "non-decimal currency MGA (base 5)": "largest-fraction",
  // Vendure states no more than that; its own code gives them to the largest fractions.
  "sum must equal total": "largest-fraction",
};

const Input = z.object({ amount_minor: z.number(), weights: z.array(z.number()) });

/** moneyphp, RubyMoney, dinero.js, Vendure, Sylius, Solidus: an amount given out by weights. */
export const allocation: Adapter = ({ kind, input, expected, remainder_policy }) => {
  if (kind === "allocate_with_floor")
    return { outOfScope: "a minimum price per line bounds the discount: no rule of SCAYLE or the ERP" };
  const { amount_minor, weights } = Input.parse(input);
  const shares = z.array(z.number()).parse(expected);
  if (amount_minor < 0 && remainder_policy?.startsWith("remainder units"))
    return {
      outOfScope: "a negative amount is not given out as the positive one; here a credit mirrors its sale",
    };
  const way = WAYS[remainder_policy ?? ""];
  if (!way) throw new Error(`No name for "${remainder_policy}"`);
  const places = Math.max(...weights.map((one) => new Decimal(one).decimalPlaces()));
  const whole = weights.map((one) => BigInt(new Decimal(one).times(new Decimal(10).pow(places)).toFixed(0)));
  const isWeightless = whole.every((one) => one === 0n);
  if (isWeightless && remainder_policy !== "sum must equal total")
    return { outOfScope: "no share has a weight: the twin refuses, the suite gives nothing" };
  // Vendure gives the same to everybody where nobody has a weight.
  const by = isWeightless ? whole.map(() => 1n) : whole;
  const got = allocateByWeight(BigInt(amount_minor), by, way);
  return new Check(way).are("share", got, shares).done();
};
