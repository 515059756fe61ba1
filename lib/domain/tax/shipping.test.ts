import { Decimal } from "decimal.js";
import { describe, expect, test } from "vitest";
import { rateOf } from "./rate";
import { feeFigures, shippingRate, weightedRate } from "./shipping";

const rate = (text: string) => rateOf(new Decimal(text));

describe("shipping VAT", () => {
  test("is weighted by the goods' net: 100.00 at 19 % and 50.00 at 7 % make 15 %", () => {
    expect(
      weightedRate([
        { net: 10_000n, rate: rate("0.19") },
        { net: 5_000n, rate: rate("0.07") },
      ]),
    ).toEqual({ n: 150n, d: 1000n });
  });

  test("the average is rounded half up to three decimals, once", () => {
    const goods = (a: bigint, b: bigint) => [
      { net: a, rate: rate("0.19") },
      { net: b, rate: rate("0.07") },
    ];
    // (20.00 × 0.19 + 6.00 × 0.07) / 26.00 = 0.162307…
    expect(weightedRate(goods(2000n, 600n))).toEqual({ n: 162n, d: 1000n });
    // (1.00 × 0.19 + 23.00 × 0.07) / 24.00 = 0.075 exactly
    expect(weightedRate(goods(100n, 2300n))).toEqual({ n: 75n, d: 1000n });
    // (3.00 × 0.19 + 5.00 × 0.07) / 8.00 = 0.115: a tie would go up, this is exact
    expect(weightedRate(goods(300n, 500n))).toEqual({ n: 115n, d: 1000n });
    // (1.00 × 0.19 + 15.00 × 0.07) / 16.00 = 0.0775: half up
    expect(weightedRate(goods(100n, 1500n))).toEqual({ n: 78n, d: 1000n });
  });

  test("a credit weighs as its sale does", () => {
    const goods = [
      { net: -2000n, rate: rate("0.19") },
      { net: -600n, rate: rate("0.07") },
    ];
    expect(weightedRate(goods)).toEqual({ n: 162n, d: 1000n });
  });

  test("goods of one rate give that rate, and goods of no value none", () => {
    expect(weightedRate([{ net: 1n, rate: rate("0.19") }])).toEqual({ n: 190n, d: 1000n });
    expect(weightedRate([{ net: 0n, rate: rate("0.19") }])).toBeNull();
    expect(weightedRate([])).toBeNull();
  });

  test("the two bases give a fee two taxes and one gross: 4.95 is 0.79 at 19 % and 0.69 at 16.2 %", () => {
    const goods = [
      { net: 2000n, rate: rate("0.19") },
      { net: 600n, rate: rate("0.07") },
    ];
    const fixed = shippingRate("country", goods, rate("0.19"));
    const weighted = shippingRate("weighted", goods, rate("0.19"));
    expect(fixed && feeFigures(495n, fixed)).toEqual({ net: 416n, tax: 79n, gross: 495n });
    expect(weighted && feeFigures(495n, weighted)).toEqual({ net: 426n, tax: 69n, gross: 495n });
    expect(shippingRate("country", goods, null)).toBeNull();
  });

  test("a country's rate has three decimals too", () => {
    expect(shippingRate("country", [], rate("0.0825"))).toEqual({ n: 83n, d: 1000n });
  });
});
