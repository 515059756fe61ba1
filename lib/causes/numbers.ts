import type { Decimal } from "decimal.js";
import { inThreeDecimals, type Rate, rateOf, ZERO_RATE } from "@/lib/domain/tax/rate";

/*
 * Quantities and rates as whole numbers: groups are compared and taxed again many thousand times a second, and decimal
 * objects cost a hundred times what whole numbers do. Nothing is lost: the database keeps quantities to six decimals
 * and rates to six.
 */

const MICRO = 1_000_000;
/** How many digits decimal.js keeps in one word of its coefficient. */
const WORD = 7;

/** A quantity in millionths, signed. */
export function microOf(quantity: Decimal): number {
  // One word and an exponent within it: the word is the whole number itself.
  const word = quantity.d;
  if (word !== null && word.length === 1 && quantity.e >= 0 && quantity.e < WORD)
    return quantity.s * (word[0] ?? 0) * MICRO;
  return Math.round(quantity.times(MICRO).toNumber());
}

/** Millionths as people write quantities. */
export const quantityText = (micro: number): string => String(micro / MICRO);

/** Whole units in a quantity, or null where it is none: half a metre is no unit. */
export const wholeUnits = (micro: number): number | null => (micro % MICRO === 0 ? micro / MICRO : null);

// A handful of rates tax millions of lines; bounded, since a fault in a feed could state any number.
const MAX_KNOWN = 4_096;
const exact = new Map<number, Rate>();
const threeDecimals = new Map<number, Rate>();

/** The first word of a fraction below one is its first seven decimals: a key that costs nothing; NaN for other rates. */
const keyOf = (rate: Decimal): number =>
  rate.d !== null && rate.d.length === 1 && rate.e < 0 && rate.e >= -WORD
    ? rate.s * (rate.d[0] ?? 0)
    : rate.isZero()
      ? 0
      : Number.NaN;

function cached(rate: Decimal, cache: Map<number, Rate>, make: (rate: Decimal) => Rate): Rate {
  const key = keyOf(rate);
  if (Number.isNaN(key)) return make(rate);
  const known = cache.get(key);
  if (known) return known;
  const made = make(rate);
  if (cache.size >= MAX_KNOWN) cache.clear();
  cache.set(key, made);
  return made;
}

/** A rate as an exact fraction; nothing is taxed at nothing. */
export const exactRate = (rate: Decimal | null): Rate =>
  rate === null ? ZERO_RATE : cached(rate, exact, rateOf);

/** A rate as SCAYLE divides by it: rounded to three decimals. */
export const scayleRateOf = (rate: Decimal): Rate =>
  cached(rate, threeDecimals, (one) => inThreeDecimals(rateOf(one)));

/** Whether two rates are the same once rounded as SCAYLE rounds them. */
export function isSameRate(a: Decimal, b: Decimal): boolean {
  const [left, right] = [scayleRateOf(a), scayleRateOf(b)];
  return left === right || left.n * right.d === right.n * left.d;
}
