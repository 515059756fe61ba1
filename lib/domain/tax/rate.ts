import { Decimal } from "decimal.js";
import { divideRounded } from "./rounding";

/**
 * A tax rate as an exact fraction of whole numbers: 19 % is 19/100, 8.25 % is 825/10000.
 * Every rate that a system states is a terminating decimal, so nothing is lost, and taxes need whole-number arithmetic only.
 */
export type Rate = Readonly<{ n: bigint; d: bigint }>;

// A handful of rates tax millions of lines: each is read once. Bounded, since a fault in a feed could state any number.
const MAX_KNOWN = 4096;
const known = new Map<string, Rate>();
// The same line is taxed by many explainers: its rate is not even written out again.
const seen = new WeakMap<Decimal, Rate>();

/** The exact fraction of a rate. Throws a RangeError for what is no finite number, or −100 % and below (no gross has such a net). */
export function rateOf(rate: Decimal): Rate {
  const before = seen.get(rate);
  if (before) return before;
  const text = rate.toString();
  const made = known.get(text) ?? remembered(text, rate);
  seen.set(rate, made);
  return made;
}

function remembered(text: string, rate: Decimal): Rate {
  if (!rate.isFinite() || rate.lte(-1)) throw new RangeError(`${text} is not a tax rate`);
  const places = rate.decimalPlaces();
  const made: Rate = { n: BigInt(rate.toFixed(places).replace(".", "")), d: 10n ** BigInt(places) };
  if (known.size >= MAX_KNOWN) known.clear();
  known.set(text, made);
  return made;
}

/** Whether two fractions are the same rate. */
export const isSameRate = (a: Rate, b: Rate): boolean => a.n * b.d === b.n * a.d;

/**
 * A rate rounded to three decimals, half up, as SCAYLE does before it divides by it
 * (DOC:en/developer-guide/logistics/shipments-and-returns): 8.25 % becomes 8.3 %.
 */
export const inThreeDecimals = ({ n, d }: Rate): Rate =>
  1000n % d === 0n ? { n, d } : { n: divideRounded(n * 1000n, d, "half-up"), d: 1000n };

/** The same of a rate as a database or a payload writes it ("0.190000"). Throws as rateOf does. */
export function rateFromText(text: string): Rate {
  return known.get(text) ?? remembered(text, new Decimal(text));
}
