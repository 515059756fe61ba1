import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { onSingleItem, spreadByValue } from "./voucher";

describe("an absolute voucher", () => {
  test("sits on the most expensive item", () => {
    expect(onSingleItem(1000n, [4999n, 8999n, 1299n])).toEqual([0n, 1000n, 0n]);
  });

  test("of equally expensive items the first carries it", () => {
    expect(onSingleItem(500n, [2999n, 2999n, 999n])).toEqual([500n, 0n, 0n]);
  });

  test("what is more than the item costs goes to the next most expensive, never below nothing", () => {
    expect(onSingleItem(6000n, [1000n, 5000n, 2000n])).toEqual([0n, 5000n, 1000n]);
    expect(onSingleItem(9999n, [1000n, 5000n, 2000n])).toEqual([1000n, 5000n, 2000n]);
  });

  test("spread by value, each item carries its share, cents to the largest fractions", () => {
    expect(spreadByValue(1000n, [4999n, 8999n, 1299n])).toEqual([327n, 588n, 85n]);
    expect(spreadByValue(100n, [0n, 0n])).toEqual([0n, 0n]);
  });

  test("both take the same total, whatever the items, and no item more than it costs", () => {
    const prices = fc.array(fc.bigInt({ min: 0n, max: 100_000n }), { maxLength: 8 });
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 500_000n }), prices, (voucher, items) => {
        const value = items.reduce((sum, one) => sum + one, 0n);
        for (const taken of [onSingleItem(voucher, items), spreadByValue(voucher, items)]) {
          expect(taken.reduce((sum, one) => sum + one, 0n)).toBe(
            [voucher, value].sort((a, b) => Number(a - b))[0],
          );
          taken.forEach((one, index) => {
            expect(one >= 0n && one <= (items[index] ?? 0n)).toBe(true);
          });
        }
      }),
    );
  });

  test("a negative one is refused", () => {
    expect(() => onSingleItem(-1n, [100n])).toThrow(RangeError);
    expect(() => spreadByValue(1n, [-100n])).toThrow(RangeError);
  });
});
