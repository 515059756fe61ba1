import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { leftToRefund, partialRefund, type Refundable } from "./refund";

const unit: Refundable = { gross: 1500n, tax: 300n };

describe("the tax of a partial refund", () => {
  test("is the refund's share of the unit's tax", () => {
    expect(partialRefund(500n, unit, [])).toEqual({ net: 400n, tax: 100n, gross: 500n, beyond: 0n });
  });

  test("the last refund takes the rest: three times a third of a unit with 1.00 of tax", () => {
    const sold = { gross: 999n, tax: 100n };
    const refunded: Refundable[] = [];
    for (const expected of [33n, 33n, 34n]) {
      const one = partialRefund(333n, sold, refunded);
      expect(one.tax).toBe(expected);
      refunded.push(one);
    }
    expect(leftToRefund(sold, refunded)).toEqual({ gross: 0n, tax: 0n });
  });

  test("is capped at what is left, where earlier refunds took more than their share", () => {
    expect(partialRefund(500n, unit, [{ gross: 500n, tax: 260n }])).toEqual({
      net: 460n,
      tax: 40n,
      gross: 500n,
      beyond: 0n,
    });
  });

  test("more than is left has no tax, and is said apart", () => {
    expect(partialRefund(2000n, unit, [{ gross: 500n, tax: 100n }])).toEqual({
      net: 800n,
      tax: 200n,
      gross: 1000n,
      beyond: 1000n,
    });
  });

  test("a refund against the sign of its sale is refused", () => {
    expect(() => partialRefund(-500n, unit, [])).toThrow(RangeError);
  });

  test("however a unit is refunded, its refunds sum to its sale, and no tax leaves it twice", () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 1n, max: 100_000n }),
        fc.bigInt({ min: 0n, max: 40n }),
        fc.array(fc.bigInt({ min: 0n, max: 40_000n }), { maxLength: 6 }),
        fc.constantFrom(1n, -1n),
        (gross, percent, amounts, sign) => {
          const sold = { gross: gross * sign, tax: ((gross * percent) / 100n) * sign };
          const refunded: Refundable[] = [];
          for (const amount of [...amounts, gross])
            refunded.push(partialRefund(amount * sign, sold, refunded));
          expect(refunded.reduce((sum, one) => sum + one.gross, 0n)).toBe(sold.gross);
          expect(refunded.reduce((sum, one) => sum + one.tax, 0n)).toBe(sold.tax);
          expect(refunded.every((one) => one.tax * sign >= 0n)).toBe(true);
        },
      ),
    );
  });
});
