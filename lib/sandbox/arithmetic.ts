/** Amounts are whole minor units; rates are in thousandths (190n = 19 %), as SCAYLE rounds them to 3 decimals. */
export type Figures = { net: bigint; tax: bigint; gross: bigint };

export const NOTHING: Figures = { net: 0n, tax: 0n, gross: 0n };

/** numerator / denominator to the nearest whole number, a half upwards; both must not be negative. */
export function halfUp(numerator: bigint, denominator: bigint): bigint {
  return (2n * numerator + denominator) / (2n * denominator);
}

/** SCAYLE's rule for a price: net = round(gross / (1 + rate)), and the tax is the rest. */
export function netOutOf(gross: bigint, rate: bigint): Figures {
  const net = halfUp(gross * 1000n, 1000n + rate);
  return { net, tax: gross - net, gross };
}

/** The tax contained in a gross amount, rounded once: round(gross × rate / (1 + rate)). */
export function taxWithin(gross: bigint, rate: bigint): bigint {
  return halfUp(gross * rate, 1000n + rate);
}

/** The tax of amounts of several rates, summed exactly as fractions and rounded once at the end. */
export function taxRoundedOnce(parts: readonly { gross: bigint; rate: bigint }[]): bigint {
  let [numerator, denominator] = [0n, 1n];
  const grossByRate = new Map<bigint, bigint>();
  for (const part of parts) grossByRate.set(part.rate, (grossByRate.get(part.rate) ?? 0n) + part.gross);
  for (const [rate, gross] of grossByRate) {
    numerator = numerator * (1000n + rate) + gross * rate * denominator;
    denominator *= 1000n + rate;
  }
  return halfUp(numerator, denominator);
}

/** The average of the rates weighted by the net amounts, in whole thousandths. */
export function weightedRate(parts: readonly { net: bigint; rate: bigint }[]): bigint {
  const net = parts.reduce((sum, part) => sum + part.net, 0n);
  return net === 0n
    ? 0n
    : halfUp(
        parts.reduce((sum, part) => sum + part.net * part.rate, 0n),
        net,
      );
}

/** The sum of figures, column by column. */
export function add(...all: readonly Figures[]): Figures {
  return all.reduce(
    (sum, one) => ({ net: sum.net + one.net, tax: sum.tax + one.tax, gross: sum.gross + one.gross }),
    NOTHING,
  );
}

/** The same figures with the opposite sign. */
export function negate(figures: Figures): Figures {
  return { net: -figures.net, tax: -figures.tax, gross: -figures.gross };
}

/** True when net, tax and gross are all zero. */
export function isNothing(figures: Figures): boolean {
  return figures.net === 0n && figures.tax === 0n && figures.gross === 0n;
}
