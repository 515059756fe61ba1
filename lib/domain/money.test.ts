import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  absolute,
  chartScale,
  exponentOf,
  formatAmount,
  formatPlain,
  isZero,
  minus,
  negated,
  parseAmount,
  plus,
} from "./money";

const INT8_MAX = 9_223_372_036_854_775_807n;
const minorUnits = fc.bigInt({ min: -INT8_MAX, max: INT8_MAX });
const currencies = fc.constantFrom("EUR", "JPY", "BHD", "CLF", "BRL", "GBP");
const known = fc
  .record({ net: fc.bigInt(), tax: fc.bigInt() })
  .map(({ net, tax }) => ({ net, tax, gross: net + tax }));

describe("reading amounts", () => {
  test.each([
    ["12.30", "EUR", 1230n],
    ["12.3", "EUR", 1230n],
    ["12", "EUR", 1200n],
    [" -0.01 ", "EUR", -1n],
    ["+7.50", "GBP", 750n],
    ["1.000", "EUR", 100n],
    ["1500", "JPY", 1500n],
    ["1.234", "BHD", 1234n],
    ["0.0001", "CLF", 1n],
    ["92233720368547758.07", "EUR", INT8_MAX],
  ])("%s %s is %s minor units", (text, currency, expected) => {
    expect(parseAmount(text, currency)).toBe(expected);
  });

  test.each([
    ["1.005", "EUR"],
    ["0.5", "JPY"],
    ["1.2345", "BHD"],
    ["0.30000000000000004", "EUR"],
    ["0.01000000000000000000001", "EUR"],
    ["92233720368547758.0700001", "EUR"],
  ])("%s has more decimals than %s has, and is refused rather than rounded", (text, currency) => {
    expect(() => parseAmount(text, currency)).toThrow(/decimals/);
  });

  test.each(["", " ", "1,50", "1e3", "NaN", "Infinity", "0x10", "--1", "1.", ".5", "1 000"])(
    '"%s" is no decimal amount',
    (text) => {
      expect(() => parseAmount(text, "EUR")).toThrow(/is not a decimal amount/);
    },
  );
});

describe("currencies", () => {
  test.each([
    ["EUR", 2],
    ["JPY", 0],
    ["KWD", 3],
    ["UYW", 4],
  ])("%s has %i decimals", (currency, expected) => {
    expect(exponentOf(currency)).toBe(expected);
  });

  test.each(["eur", "EURO", "E1R", "", "€"])('"%s" is no currency', (currency) => {
    expect(() => exponentOf(currency)).toThrow(RangeError);
  });
});

describe("writing amounts", () => {
  test("what is written for files is read back as it was, in every currency", () => {
    fc.assert(
      fc.property(minorUnits, currencies, (amount, currency) => {
        expect(parseAmount(formatPlain(amount, currency), currency)).toBe(amount);
      }),
    );
  });

  test("what is written for people says the same as what is written for files", () => {
    fc.assert(
      fc.property(minorUnits, currencies, (amount, currency) => {
        const plain = formatAmount(amount, currency).replaceAll(",", "").replace("−", "-");
        expect(plain).toBe(formatPlain(amount, currency));
      }),
    );
  });

  test.each([
    [128410n, "EUR", "1,284.10"],
    [-1n, "EUR", "−0.01"],
    [0n, "EUR", "0.00"],
    [-1234567n, "JPY", "−1,234,567"],
    [1000n, "BHD", "1.000"],
    [99999999999n, "EUR", "999,999,999.99"],
  ])("%s of %s reads %s", (amount, currency, expected) => {
    expect(formatAmount(amount, currency)).toBe(expected);
  });

  test("an amount below one unit keeps its leading zeros", () => {
    expect([formatPlain(5n, "EUR"), formatPlain(-5n, "BHD"), formatPlain(0n, "CLF")]).toEqual([
      "0.05",
      "-0.005",
      "0.0000",
    ]);
  });
});

describe("arithmetic", () => {
  test("taking away what was added gives back what there was, and net + tax stays gross", () => {
    fc.assert(
      fc.property(known, known, (a, b) => {
        const sum = plus(a, b);
        expect(minus(sum, b)).toEqual(a);
        expect(sum.net + sum.tax).toBe(sum.gross);
        expect(isZero(plus(a, negated(a)))).toBe(true);
      }),
    );
  });

  test("a known amount of which any part is not zero is not zero", () => {
    expect(isZero({ net: 1n, tax: -1n, gross: 0n })).toBe(false);
    expect(absolute(-7n)).toBe(7n);
    expect(absolute(7n)).toBe(7n);
  });

  test("a chart gets major units", () => {
    expect(chartScale(128410n, "EUR")).toBe(1284.1);
    expect(chartScale(5n, "JPY")).toBe(5);
  });
});
