import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { allocateTaxes } from "./document-tax";

const RATE_19 = { n: 19n, d: 100n };

describe("taxes that a document states once", () => {
  it("gives the cent to the line that lost most by rounding down", () => {
    // 3 × 0.33 at 19 %: each is 0.0627, together 0.19 (Tryton 6.0, rounded per document).
    expect(allocateTaxes([33n, 33n, 33n], [{ tax: 19n, rate: RATE_19, lines: [0, 1, 2] }])).toEqual([
      7n,
      6n,
      6n,
    ]);
    expect(allocateTaxes([1681n, 840n], [{ tax: 479n, rate: RATE_19, lines: [0, 1] }])).toEqual([319n, 160n]);
  });

  it("keeps several taxes apart, and adds those of one line", () => {
    const shares = allocateTaxes(
      [3361n, 935n],
      [
        { tax: 639n, rate: RATE_19, lines: [0] },
        { tax: 65n, rate: { n: 7n, d: 100n }, lines: [1] },
        { tax: 43n, rate: { n: 1n, d: 100n }, lines: [0, 1] },
      ],
    );
    expect(shares).toEqual([639n + 34n, 65n + 9n]);
  });

  it("mirrors a credit", () => {
    expect(allocateTaxes([-33n, -33n, -33n], [{ tax: -19n, rate: RATE_19, lines: [0, 1, 2] }])).toEqual([
      -7n,
      -6n,
      -6n,
    ]);
  });

  it("takes a discount's part of the tax away", () => {
    expect(allocateTaxes([10_000n, -1_000n], [{ tax: 1_710n, rate: RATE_19, lines: [0, 1] }])).toEqual([
      1_900n,
      -190n,
    ]);
    expect(allocateTaxes([1_000n, -1_000n], [{ tax: 0n, rate: RATE_19, lines: [0, 1] }])).toEqual([
      190n,
      -190n,
    ]);
  });

  it("gives lines without a net no share, unless there are no others", () => {
    expect(allocateTaxes([0n, 100n], [{ tax: 19n, rate: null, lines: [0, 1] }])).toEqual([0n, 19n]);
    expect(allocateTaxes([0n, 0n], [{ tax: 5n, rate: null, lines: [0, 1] }])).toEqual([5n, 0n]);
  });

  it("always gives out exactly what is stated, hand-set taxes included", () => {
    const nets = fc.array(fc.bigInt({ min: -100_000n, max: 100_000n }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(nets, fc.bigInt({ min: -50_000n, max: 50_000n }), fc.boolean(), (amounts, tax, rated) => {
        const lines = amounts.map((_, index) => index);
        const shares = allocateTaxes(amounts, [{ tax, rate: rated ? RATE_19 : null, lines }]);
        expect(shares.reduce((sum, one) => sum + one, 0n)).toBe(tax);
      }),
    );
  });

  it("stays within a cent of each line's own tax where the tax is the rate's", () => {
    const nets = fc.array(fc.bigInt({ min: -100_000n, max: 100_000n }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(nets, (amounts) => {
        const sum = amounts.reduce((all, one) => all + one, 0n);
        const tax = (sum * 19n) / 100n;
        const lines = amounts.map((_, index) => index);
        const shares = allocateTaxes(amounts, [{ tax, rate: RATE_19, lines }]);
        for (const [index, share] of shares.entries()) {
          const away = share * 100n - (amounts[index] ?? 0n) * 19n;
          expect((away < 0n ? -away : away) <= 100n).toBe(true);
        }
      }),
    );
  });
});
