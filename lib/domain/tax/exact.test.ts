import { Decimal } from "decimal.js";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isWithin, type TaxRule, taxOf, taxTogether } from "./exact";
import { inThreeDecimals, isSameRate, rateOf } from "./rate";
import { divideRounded } from "./rounding";

// The oracle: decimal arithmetic with far more digits than any product of these numbers has.
const Wide = Decimal.clone({ precision: 120 });

function oracle(value: Decimal, mode: TaxRule["mode"]): bigint {
  const rule = mode === "half-up" ? Decimal.ROUND_HALF_UP : Decimal.ROUND_HALF_EVEN;
  return BigInt(value.toDecimalPlaces(0, rule).toFixed(0));
}

const rates = fc.oneof(
  fc.constantFrom("0", "0.07", "0.19", "0.2", "0.0825", "0.1", "0.055", "0.077", "0.025", "0.16339"),
  fc.integer({ min: 0, max: 100_000 }).map((one) => new Decimal(one).div(100_000).toString()),
);
const amounts = fc.bigInt({ min: -(10n ** 13n), max: 10n ** 13n });
const rules: fc.Arbitrary<TaxRule> = fc.record({
  mode: fc.constantFrom("half-up", "half-even"),
  basis: fc.constantFrom("gross", "net"),
  first: fc.constantFrom("tax", "net"),
});

describe("taxes in whole numbers are those of decimal arithmetic", () => {
  test("a division, rounded by either rule", () => {
    fc.assert(
      fc.property(
        amounts,
        fc.bigInt({ min: 1n, max: 10n ** 9n }),
        fc.constantFrom("half-up" as const, "half-even" as const),
        (numerator, denominator, mode) => {
          const exact = new Wide(numerator.toString()).div(denominator.toString());
          expect(divideRounded(numerator, denominator, mode)).toBe(oracle(exact, mode));
        },
      ),
      { numRuns: 2000 },
    );
  });

  test("every half of small numbers, where the rules part", () => {
    for (let odd = -41; odd <= 41; odd += 2) {
      const half = new Wide(odd).div(2);
      for (const mode of ["half-up", "half-even"] as const)
        expect(divideRounded(BigInt(odd), 2n, mode)).toBe(oracle(half, mode));
    }
    expect(() => divideRounded(1n, 0n, "half-up")).toThrow(RangeError);
  });

  test("one amount by every rule", () => {
    fc.assert(
      fc.property(amounts, rates, rules, (base, text, rule) => {
        const rate = new Wide(text);
        const amount = new Wide(base.toString());
        const tax = rule.basis === "net" ? amount.times(rate) : amount.times(rate).div(rate.plus(1));
        const expected =
          rule.basis === "gross" && rule.first === "net"
            ? base - oracle(amount.div(rate.plus(1)), rule.mode)
            : oracle(tax, rule.mode);
        expect(taxOf(base, rateOf(new Decimal(text)), rule)).toBe(expected);
      }),
      { numRuns: 3000 },
    );
  });

  test("several amounts at several rates, summed unrounded and rounded once", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(amounts, rates), { maxLength: 10 }), rules, (parts, rule) => {
        const sum = (of: (amount: Decimal, rate: Decimal) => Decimal) =>
          parts.reduce(
            (all, [base, text]) => all.plus(of(new Wide(base.toString()), new Wide(text))),
            new Wide(0),
          );
        const total = parts.reduce((all, [base]) => all + base, 0n);
        const exact = parts.map(([base, text]) => ({ base, rate: rateOf(new Decimal(text)) }));
        const expected =
          rule.basis === "net"
            ? oracle(
                sum((amount, rate) => amount.times(rate)),
                rule.mode,
              )
            : rule.first === "tax"
              ? oracle(
                  sum((amount, rate) => amount.times(rate).div(rate.plus(1))),
                  rule.mode,
                )
              : total -
                oracle(
                  sum((amount, rate) => amount.div(rate.plus(1))),
                  rule.mode,
                );
        expect(taxTogether(exact, rule)).toBe(expected);
      }),
      { numRuns: 1000 },
    );
  });

  test("how far a line is from its share", () => {
    fc.assert(
      fc.property(amounts, rates, fc.bigInt({ min: -3n, max: 3n }), (base, text, off) => {
        const rate = new Wide(text);
        const exact = new Wide(base.toString()).times(rate).div(rate.plus(1));
        const tax = oracle(exact, "half-up") + off;
        const near = new Wide(tax.toString()).minus(exact).abs().lte(1);
        expect(isWithin(tax, base, rateOf(new Decimal(text)), "gross", 1n)).toBe(near);
      }),
    );
  });
});

describe("rates", () => {
  test("are exact fractions, whatever way they are written", () => {
    expect(rateOf(new Decimal("0.0825"))).toEqual({ n: 825n, d: 10_000n });
    expect(isSameRate(rateOf(new Decimal("0.190")), { n: 19n, d: 100n })).toBe(true);
    expect(isSameRate(rateOf(new Decimal("0.19")), rateOf(new Decimal("0.191")))).toBe(false);
    expect(rateOf(new Decimal("1e-7"))).toEqual({ n: 1n, d: 10_000_000n });
  });

  test("are refused where no price with tax could have such a net", () => {
    for (const wrong of ["NaN", "Infinity", "-1", "-1.5"])
      expect(() => rateOf(new Decimal(wrong))).toThrow(RangeError);
  });

  test("are rounded to three decimals as decimal arithmetic does", () => {
    fc.assert(
      fc.property(rates, (text) => {
        const { n, d } = inThreeDecimals(rateOf(new Decimal(text)));
        const expected = new Decimal(text).toDecimalPlaces(3, Decimal.ROUND_HALF_UP);
        expect(new Decimal(n.toString()).div(d.toString()).eq(expected)).toBe(true);
      }),
    );
  });
});
