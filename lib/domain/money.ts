import { Decimal } from "decimal.js";

/** An amount in integer minor units of one currency (cents of EUR). Never a `number`. */
export type Minor = bigint;

/** Amounts of which all three are known. */
export type KnownAmounts = Readonly<{ net: Minor; tax: Minor; gross: Minor }>;

export const ZERO: KnownAmounts = { net: 0n, tax: 0n, gross: 0n };

// ISO 4217 exponents that differ from 2 (List One, 2026). Everything else has two decimals.
const EXPONENTS: Readonly<Record<string, number>> = {
  BHD: 3,
  BIF: 0,
  CLF: 4,
  CLP: 0,
  DJF: 0,
  GNF: 0,
  IQD: 3,
  ISK: 0,
  JOD: 3,
  JPY: 0,
  KMF: 0,
  KRW: 0,
  KWD: 3,
  LYD: 3,
  OMR: 3,
  PYG: 0,
  RWF: 0,
  TND: 3,
  UGX: 0,
  UYI: 0,
  UYW: 4,
  VND: 0,
  VUV: 0,
  XAF: 0,
  XOF: 0,
  XPF: 0,
};

/** Number of decimals of an ISO 4217 currency. Throws a RangeError when `currency` is no three-letter code. */
export function exponentOf(currency: string): number {
  const before = exponents.get(currency);
  if (before !== undefined) return before;
  if (!/^[A-Z]{3}$/.test(currency)) throw new RangeError(`"${currency}" is not an ISO 4217 currency code`);
  const exponent = EXPONENTS[currency] ?? 2;
  exponents.set(currency, exponent);
  return exponent;
}

/** Currencies by their number of decimals, where that is not two. */
export const knownExponents: ReadonlyMap<number, readonly string[]> = new Map(
  [...new Set(Object.values(EXPONENTS))].map((exponent) => [
    exponent,
    Object.keys(EXPONENTS).filter((currency) => EXPONENTS[currency] === exponent),
  ]),
);

// Asked for every amount that is written. There are 26³ codes at most.
const exponents = new Map<string, number>();

const DECIMAL_TEXT = /^[+-]?\d+(\.\d+)?$/;

/**
 * Reads a decimal text ("12.30") as minor units of `currency`.
 * More decimals than the currency has is a fault, never a silent rounding: throws a RangeError.
 */
export function parseAmount(text: string, currency: string): Minor {
  const trimmed = text.trim();
  if (!DECIMAL_TEXT.test(trimmed)) throw new RangeError(`"${text}" is not a decimal amount`);
  const exponent = exponentOf(currency);
  const amount = new Decimal(trimmed);
  if (amount.decimalPlaces() > exponent) {
    throw new RangeError(`"${text}" has more than the ${exponent} decimals that ${currency} has`);
  }
  // Digits are taken as they stand: Decimal's arithmetic would round beyond 20 of them.
  return BigInt(amount.toFixed(exponent).replace(".", ""));
}

/** Writes minor units as a plain decimal text ("-12.30"): for files and wires, not for people. */
export function formatPlain(amount: Minor, currency: string): string {
  const exponent = exponentOf(currency);
  const digits = (amount < 0n ? -amount : amount).toString().padStart(exponent + 1, "0");
  const whole = digits.slice(0, digits.length - exponent);
  const fraction = exponent === 0 ? "" : `.${digits.slice(-exponent)}`;
  return `${amount < 0n ? "-" : ""}${whole}${fraction}`;
}

/** Writes minor units for people: grouped thousands and a true minus (1,284.10, −0.01). No currency code. */
export function formatAmount(amount: Minor, currency: string): string {
  const plain = formatPlain(amount < 0n ? -amount : amount, currency);
  const exponent = exponentOf(currency);
  const point = exponent === 0 ? plain.length : plain.length - exponent - 1;
  const grouped =
    point > 3 ? plain.slice(0, point).replace(/\B(?=(\d{3})+$)/g, ",") + plain.slice(point) : plain;
  return amount < 0n ? `−${grouped}` : grouped;
}

/** Adds known amounts. */
export const plus = (a: KnownAmounts, b: KnownAmounts): KnownAmounts => ({
  net: a.net + b.net,
  tax: a.tax + b.tax,
  gross: a.gross + b.gross,
});

/** Takes b from a. */
export const minus = (a: KnownAmounts, b: KnownAmounts): KnownAmounts => ({
  net: a.net - b.net,
  tax: a.tax - b.tax,
  gross: a.gross - b.gross,
});

/** Turns the sign of all three. */
export const negated = (a: KnownAmounts): KnownAmounts => ({ net: -a.net, tax: -a.tax, gross: -a.gross });

export const isZero = (a: KnownAmounts): boolean => a.net === 0n && a.tax === 0n && a.gross === 0n;

/** |amount| in minor units. */
export const absolute = (amount: Minor): Minor => (amount < 0n ? -amount : amount);

/** The largest of some amounts by size, without its sign; nothing is 0. */
export const largest = (amounts: readonly Minor[]): Minor =>
  amounts.map(absolute).sort((a, b) => (a < b ? 1 : a > b ? -1 : 0))[0] ?? 0n;

/** The one exit from exact money: major units as a float, for pixels of a chart and nothing else. */
export const chartScale = (amount: Minor, currency: string): number =>
  Number(amount) / 10 ** exponentOf(currency);
