import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BARS_MAX, bridgeOf, explainedOf } from "./bridge";
import type { Totals } from "./schema";

const nothing = { net: 0n, tax: 0n, gross: 0n };

function totalsOf(scayle: bigint, erp: bigint, causes: readonly bigint[], unexplained: bigint): Totals {
  return {
    entity: "MODA-EU",
    period: "2026-10",
    currency: "EUR",
    asOf: null,
    scayle: { ...nothing, gross: scayle, lines: 10, unknownTaxLines: 0 },
    erp: { ...nothing, gross: erp, lines: 9, unknownTaxLines: 0 },
    causes: causes.map((gross, index) => ({ ...nothing, cause: `cause-${index}`, count: 1, gross })),
    unexplained: { ...nothing, count: unexplained === 0n ? 0 : 1, gross: unexplained },
    buckets: { scayle: {}, erp: {} },
    proofs: [],
    tiesOut: false,
  };
}

describe("the bridge", () => {
  it("leads from SCAYLE's total by its causes to the ERP's, whatever the amounts", () => {
    const amount = fc.bigInt({ min: -1_000_000n, max: 1_000_000n });
    fc.assert(
      fc.property(amount, fc.array(amount, { maxLength: 20 }), amount, (scayle, causes, unexplained) => {
        const erp = scayle - causes.reduce((sum, one) => sum + one, 0n) - unexplained;
        const totals = totalsOf(scayle, erp, causes, unexplained);
        const { bars, gap } = bridgeOf(totals);
        expect(gap).toBe(0n);
        expect(bars.length).toBeLessThanOrEqual(BARS_MAX + 4);
        const steps = bars.filter((bar) => bar.kind !== "total");
        steps.forEach((bar, index) => {
          const before = index === 0 ? scayle : steps[index - 1]?.to;
          expect(bar.from).toBe(before);
          expect(bar.from - bar.to).toBe(bar.amount);
        });
        expect(scayle - explainedOf(totals) - unexplained).toBe(erp);
      }),
    );
  });

  it("is of net or of tax where that is asked for", () => {
    const totals = {
      ...totalsOf(100n, 90n, [10n], 0n),
      scayle: { net: 80n, tax: 20n, gross: 100n, lines: 1, unknownTaxLines: 0 },
      erp: { net: 75n, tax: 15n, gross: 90n, lines: 1, unknownTaxLines: 0 },
      causes: [{ cause: "price-wrong", count: 1, net: 5n, tax: 5n, gross: 10n }],
    };
    expect(bridgeOf(totals, "net").bars.map(({ from, to }) => [from, to])).toEqual([
      [0n, 80n],
      [80n, 75n],
      [0n, 75n],
    ]);
    expect(bridgeOf(totals, "tax")).toMatchObject({
      gap: 0n,
      bars: [{ to: 20n }, { amount: 5n }, { to: 15n }],
    });
  });

  it("says by how much the books do not add up", () => {
    expect(bridgeOf(totalsOf(1000n, 900n, [99n], 0n)).gap).toBe(1n);
  });

  it("puts the largest cause first, and the smallest together", () => {
    const { bars } = bridgeOf(totalsOf(100n, 55n, [1n, 2n, 3n, 4n, 5n, 6n, 7n, 8n, 9n], 0n));
    expect(bars.map((bar) => bar.amount)).toEqual([100n, 9n, 8n, 7n, 6n, 5n, 4n, 3n, 3n, 55n]);
    expect(bars.at(-2)?.kind).toBe("others");
  });
});
