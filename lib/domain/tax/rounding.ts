/** How a tie is decided: half-up is away from zero (commercial, DIN 1333), half-even goes to the even neighbour. */
export type RoundingMode = "half-up" | "half-even";

/**
 * numerator / denominator rounded to a whole number by a named rule, exactly: no binary or decimal fraction is formed.
 * Signs mirror: −2.5 becomes −3 (half up) or −2 (half to even). Throws a RangeError when the denominator is not positive.
 */
export function divideRounded(numerator: bigint, denominator: bigint, mode: RoundingMode): bigint {
  if (denominator <= 0n) throw new RangeError("Only a positive number can be divided by here.");
  const negative = numerator < 0n;
  const size = negative ? -numerator : numerator;
  let whole = size / denominator;
  const twice = (size - whole * denominator) * 2n;
  if (twice > denominator || (twice === denominator && (mode === "half-up" || whole % 2n === 1n)))
    whole += 1n;
  return negative ? -whole : whole;
}
