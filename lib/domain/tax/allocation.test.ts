import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { allocateByWeight, type Remainder } from "./allocation";

const WAYS: readonly Remainder[] = [
  "largest-fraction",
  "first-lines",
  "nearest-first",
  "last-line",
  "running",
  "from-the-end",
];
const weights = fc
  .array(fc.bigInt({ min: 0n, max: 100_000n }), { minLength: 1, maxLength: 10 })
  .filter((all) => all.some((one) => one > 0n));
const amounts = fc.bigInt({ min: -10_000_000n, max: 10_000_000n });

describe("a discount given out over lines", () => {
  // 161.25, 52.5 and 86.25: the one case in which all rules part.
  test.each([
    ["largest-fraction", [161n, 53n, 86n]],
    ["first-lines", [162n, 52n, 86n]],
    ["nearest-first", [162n, 52n, 86n]],
    ["last-line", [161n, 52n, 87n]],
    ["running", [161n, 53n, 86n]],
    ["from-the-end", [162n, 52n, 86n]],
  ] as const)("3.00 over 43, 14 and 23 by %s", (way, expected) => {
    expect(allocateByWeight(300n, [4300n, 1400n, 2300n], way)).toEqual(expected);
  });

  test.each([
    ["largest-fraction", [161n, 52n, 86n]],
    ["first-lines", [161n, 53n, 85n]],
    ["nearest-first", [161n, 52n, 86n]],
    ["last-line", [160n, 52n, 87n]],
  ] as const)("2.99 over the same by %s", (way, expected) => {
    expect(allocateByWeight(299n, [4300n, 1400n, 2300n], way)).toEqual(expected);
  });

  test("ties go to the first", () => {
    expect(allocateByWeight(101n, [1n, 1n, 1n], "largest-fraction")).toEqual([34n, 34n, 33n]);
  });

  test.each(WAYS)("%s: the shares sum to the amount, and no weight means no share", (way) => {
    fc.assert(
      fc.property(amounts, weights, (amount, by) => {
        const shares = allocateByWeight(amount, by, way);
        expect(shares.reduce((sum, one) => sum + one, 0n)).toBe(amount);
        by.forEach((weight, index) => {
          if (weight === 0n) expect(shares[index]).toBe(0n);
        });
      }),
    );
  });

  test.each(["largest-fraction", "first-lines", "running"] as const)(
    "%s: no share is a whole minor unit away from its exact one",
    (way) => {
      fc.assert(
        fc.property(amounts, weights, (amount, by) => {
          const all = by.reduce((sum, one) => sum + one, 0n);
          allocateByWeight(amount, by, way).forEach((share, index) => {
            const away = share * all - amount * (by[index] ?? 0n);
            expect(away > -all && away < all).toBe(true);
          });
        }),
      );
    },
  );

  test.each(WAYS)("%s: a credit mirrors its sale", (way) => {
    fc.assert(
      fc.property(amounts, weights, (amount, by) => {
        const mirrored = allocateByWeight(-amount, by, way).map((share) => -share);
        expect(mirrored).toEqual(allocateByWeight(amount, by, way));
      }),
    );
  });

  test("nothing to give out by is said", () => {
    for (const way of WAYS) {
      expect(() => allocateByWeight(100n, [0n, 0n], way)).toThrow("weights");
      expect(() => allocateByWeight(100n, [2n, -1n], way)).toThrow("weights");
    }
  });
});
