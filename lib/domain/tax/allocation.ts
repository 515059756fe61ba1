import { Decimal } from "decimal.js";
import type { Minor } from "../money";
import { divideRounded } from "./rounding";

/**
 * Who gets the cents that whole shares leave over:
 *   largest-fraction  the shares that lost most by rounding down; ties to the first (moneyphp, most shops)
 *   first-lines       the first shares with a weight, a cent each (dinero.js)
 *   nearest-first     each share is rounded to the nearest (ties towards nothing), the first share with a weight takes the rest (Sylius)
 *   last-line         the last share with a weight takes the rest (Solidus)
 *   running           each share is rounded together with what the ones before left over (the running remainder of ERPs)
 *   from-the-end      from the last share on, each gets its part of what is then left, rounded down (RubyMoney)
 */
export type Remainder =
  | "largest-fraction"
  | "first-lines"
  | "nearest-first"
  | "last-line"
  | "running"
  | "from-the-end";

/**
 * Gives out an amount by weights, in minor units: the shares sum to the amount, no weight means no share, and a negative
 * amount is given out as the positive one with all signs turned (a credit mirrors its sale).
 * Throws a RangeError for a negative weight, or when no share has a weight.
 */
export function allocateByWeight(
  total: Minor,
  weights: readonly bigint[],
  remainder: Remainder,
): readonly Minor[] {
  const weight = weights.reduce((sum, one) => sum + one, 0n);
  if (weight <= 0n || weights.some((one) => one < 0n))
    throw new RangeError("Shares need weights of at least 0, and one of them above it.");
  if (total < 0n) return allocateByWeight(-total, weights, remainder).map((share) => -share);
  return GIVE_OUT[remainder](total, weights, weight);
}

type GiveOut = (total: Minor, weights: readonly bigint[], weight: bigint) => readonly Minor[];

const GIVE_OUT: Readonly<Record<Remainder, GiveOut>> = {
  "largest-fraction": (total, weights, weight) => {
    const lost = (index: number) => (total * (weights[index] ?? 0n)) % weight;
    const order = weighty(weights).sort((a, b) => (lost(a) === lost(b) ? a - b : lost(a) > lost(b) ? -1 : 1));
    return oneEach(total, floors(total, weights, weight), order);
  },
  "first-lines": (total, weights, weight) => oneEach(total, floors(total, weights, weight), weighty(weights)),
  "nearest-first": (total, weights, weight) =>
    // ⌈a / w − 1/2⌉ = ⌊(2a + w − 1) / 2w⌋ for whole numbers: a tie stays below.
    restTo(
      weighty(weights)[0],
      total,
      weights.map((one) => (one === 0n ? 0n : (2n * total * one + weight - 1n) / (2n * weight))),
    ),
  "last-line": (total, weights, weight) =>
    restTo(weighty(weights).at(-1), total, floors(total, weights, weight)),
  running: (total, weights, weight) => {
    let passed = 0n;
    let given = 0n;
    return weights.map((one) => {
      passed += one;
      const share = divideRounded(total * passed, weight, "half-up") - given;
      given += share;
      return share;
    });
  },
  "from-the-end": (total, weights, weight) => {
    let [left, weightLeft] = [total, weight];
    const shares = [...weights].reverse().map((one) => {
      const share = weightLeft === 0n ? 0n : (left * one) / weightLeft;
      left -= share;
      weightLeft -= one;
      return share;
    });
    return shares.reverse();
  },
};

const floors: GiveOut = (total, weights, weight) => weights.map((one) => (total * one) / weight);

/** Places of the shares that have a weight. */
const weighty = (weights: readonly bigint[]): number[] =>
  weights.flatMap((one, index) => (one > 0n ? [index] : []));

/** One more minor unit each, in the order given, until the shares sum to the total. */
function oneEach(total: Minor, shares: readonly Minor[], order: readonly number[]): readonly Minor[] {
  const left = shares.reduce((rest, share) => rest - share, total);
  const lucky = new Set(order.slice(0, Number(left)));
  return shares.map((share, index) => (lucky.has(index) ? share + 1n : share));
}

function restTo(place: number | undefined, total: Minor, shares: readonly Minor[]): readonly Minor[] {
  const left = shares.reduce((rest, share) => rest - share, total);
  return shares.map((share, index) => (index === place ? share + left : share));
}

/** Gives out a total along exact shares: each rounded with what the ones before left over, so that the sum holds. */
export function allocate(total: Minor, exact: readonly Decimal[]): readonly Minor[] {
  const given: Minor[] = [];
  let carried = new Decimal(0);
  exact.forEach((share, index) => {
    const wanted = carried.plus(share);
    const amount =
      index === exact.length - 1
        ? total - given.reduce((all, one) => all + one, 0n)
        : BigInt(wanted.toDecimalPlaces(0, Decimal.ROUND_HALF_UP).toFixed(0));
    carried = wanted.minus(amount.toString());
    given.push(amount);
  });
  return given;
}
