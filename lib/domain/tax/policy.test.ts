import { Decimal } from "decimal.js";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Minor } from "../money";
import { allocate } from "./allocation";
import {
  policyInWords,
  type RoundingPolicy,
  roundedTax,
  roundMinor,
  scayleRate,
  type Taxed,
  taxByPolicy,
  totalTax,
} from "./policy";

const rate = (text: string) => new Decimal(text);
const policy = (changes: Partial<RoundingPolicy> = {}): RoundingPolicy => ({
  level: "line",
  mode: "half-up",
  basis: "gross",
  first: "tax",
  ...changes,
});

const levels = fc.constantFrom("unit", "line", "document", "order");
const policies: fc.Arbitrary<RoundingPolicy> = fc.record({
  level: levels,
  mode: fc.constantFrom("half-up", "half-even"),
  basis: fc.constantFrom("gross", "net"),
  first: fc.constantFrom("tax", "net"),
});
const parts: fc.Arbitrary<Taxed[]> = fc.array(
  fc.record({
    base: fc.bigInt({ min: -100_000_000n, max: 100_000_000n }),
    rate: fc.constantFrom("0", "0.07", "0.19", "0.2", "0.0825", "0.1").map(rate),
    units: fc.integer({ min: 1, max: 9 }),
  }),
  { maxLength: 8 },
);

describe("SCAYLE's two price calculators", () => {
  // The published example: taxes of 0.513, 0.414 and 0.294.
  const lines: Taxed[] = [
    { base: 270n, rate: rate("0.19"), units: 1 },
    { base: 460n, rate: rate("0.09"), units: 1 },
    { base: 420n, rate: rate("0.07"), units: 1 },
  ];

  test("v1 rounds every line and adds: 1.21", () => {
    expect(totalTax(lines, policy({ basis: "net" }))).toBe(121n);
  });

  test("the legacy one adds and rounds once: 1.22", () => {
    expect(totalTax(lines, policy({ basis: "net", level: "order" }))).toBe(122n);
  });

  test("rates are rounded to three decimals before anything is divided by them", () => {
    expect(
      [scayleRate(rate("0.0825")), scayleRate(rate("0.16339")), scayleRate(rate("0.19"))].map(String),
    ).toEqual(["0.083", "0.163", "0.19"]);
  });
});

describe("what public suites disagree on", () => {
  const twice: Taxed[] = [{ base: 1998n, rate: rate("0.2"), units: 2 }];

  test.each([
    ["unit", 334n],
    ["line", 333n],
    ["document", 333n],
    ["order", 333n],
  ] as const)("2 × 9.99 including 20 %%, rounded per %s", (level, expected) => {
    expect(totalTax(twice, policy({ level }))).toBe(expected);
  });

  test.each([
    ["unit", 174n],
    ["line", 174n],
    ["document", 173n],
  ] as const)("10.00 and 11.00 at 8.25 %% on top, rounded per %s", (level, expected) => {
    const lines = [1000n, 1100n].map((base) => ({ base, rate: rate("0.0825"), units: 1 }));
    expect(totalTax(lines, policy({ level, basis: "net" }))).toBe(expected);
  });

  test("24.99 at 20 %: the tax rounded is 4.17, and the net rounded leaves 4.16", () => {
    expect(roundedTax(2499n, rate("0.2"), policy({ first: "tax" }))).toBe(417n);
    expect(roundedTax(2499n, rate("0.2"), policy({ first: "net" }))).toBe(416n);
    expect(
      totalTax([{ base: 2499n, rate: rate("0.2"), units: 1 }], policy({ level: "document", first: "net" })),
    ).toBe(416n);
  });

  test("a document's tax is rounded once for each of its rates, an order's once for all", () => {
    const lines: Taxed[] = [
      { base: 105n, rate: rate("0.1"), units: 1 },
      { base: 205n, rate: rate("0.1"), units: 1 },
      { base: 153n, rate: rate("0.05"), units: 1 },
    ];
    const document = taxByPolicy(lines, policy({ level: "document", basis: "net" }));
    expect([...document]).toEqual([
      ["0.1", 31n],
      ["0.05", 8n],
    ]);
    expect([...taxByPolicy(lines, policy({ level: "order", basis: "net" }))]).toEqual([["", 39n]]);
  });
});

describe("rounding", () => {
  test.each([
    ["0.5", 1n, 0n],
    ["1.5", 2n, 2n],
    ["2.5", 3n, 2n],
    ["-0.5", -1n, 0n],
    ["-2.5", -3n, -2n],
    ["2.4999", 2n, 2n],
    ["2.5001", 3n, 3n],
  ])("%s: half up %s, half to even %s", (value, up, even) => {
    expect([roundMinor(rate(value), "half-up"), roundMinor(rate(value), "half-even")]).toEqual([up, even]);
  });

  test("half to even takes 1.665 to 1.66 where half up takes it to 1.67", () => {
    expect(roundedTax(999n, rate("0.2"), policy({ mode: "half-even" }))).toBe(166n);
    expect(roundedTax(999n, rate("0.2"), policy())).toBe(167n);
  });

  test("a credit is taxed as its sale was: turning every sign turns the tax, by every policy", () => {
    fc.assert(
      fc.property(parts, policies, (lines, by) => {
        const turned = lines.map((line) => ({ ...line, base: -line.base }));
        expect(totalTax(turned, by)).toBe(-totalTax(lines, by));
      }),
    );
  });

  test("the order of lines does not matter, by any policy", () => {
    fc.assert(
      fc.property(parts, policies, (lines, by) => {
        expect(totalTax([...lines].reverse(), by)).toBe(totalTax(lines, by));
      }),
    );
  });

  test("policies part by half a cent for each thing that is rounded, never by more", () => {
    fc.assert(
      fc.property(parts, policies, (lines, by) => {
        const once = totalTax(lines, { ...by, level: "order" });
        const many = totalTax(lines, by);
        const things = lines.reduce((all, line) => all + line.units, 1);
        expect(many - once <= BigInt(things) && once - many <= BigInt(things)).toBe(true);
      }),
    );
  });

  test("a document's tax is the sum of its taxes per rate, by any policy", () => {
    fc.assert(
      fc.property(parts, policies, (lines, by) => {
        const perRate = [...taxByPolicy(lines, by).values()].reduce((sum, tax) => sum + tax, 0n);
        expect(totalTax(lines, by)).toBe(perRate);
      }),
    );
  });

  test("what is free of tax has none", () => {
    fc.assert(
      fc.property(fc.bigInt(), policies, (base, by) => {
        expect(roundedTax(base % 10n ** 15n, rate("0"), by)).toBe(0n);
      }),
    );
  });

  test("a policy reads as a person would say it", () => {
    expect(policyInWords(policy({ level: "document", mode: "half-even", basis: "net" }))).toBe(
      "once per document and rate, half to even, from net prices",
    );
  });
});

describe("giving out a total along exact shares", () => {
  const total = (amounts: readonly Minor[]) => amounts.reduce((all, one) => all + one, 0n);
  const cents = fc.bigInt({ min: -10_000_000n, max: 10_000_000n });

  test("the shares always add up to the total, to the minor unit", () => {
    const shares = fc.array(fc.record({ numerator: cents, denominator: fc.integer({ min: 1, max: 999 }) }), {
      minLength: 1,
      maxLength: 12,
    });
    fc.assert(
      fc.property(cents, shares, (amount, exact) => {
        const wanted = exact.map((one) => rate(one.numerator.toString()).div(one.denominator));
        const given = allocate(amount, wanted);
        expect(given).toHaveLength(wanted.length);
        expect(total(given)).toBe(amount);
      }),
    );
  });

  test("where the total is the rounded sum of the shares, none is a whole minor unit away from its own", () => {
    const shares = fc.array(fc.record({ numerator: cents, denominator: fc.integer({ min: 1, max: 999 }) }), {
      minLength: 1,
      maxLength: 12,
    });
    fc.assert(
      fc.property(shares, (exact) => {
        const wanted = exact.map((one) => rate(one.numerator.toString()).div(one.denominator));
        const sum = wanted.reduce((all, one) => all.plus(one), rate("0"));
        const given = allocate(roundMinor(sum, "half-up"), wanted);
        given.forEach((amount, index) => {
          const away = rate(amount.toString())
            .minus(wanted[index] ?? 0)
            .abs();
          expect(away.lte("1.0000001")).toBe(true);
        });
      }),
    );
  });

  test("three thirds of a cent are given out one by one", () => {
    const third = rate("1").div(3);
    expect(allocate(1n, [third, third, third])).toEqual([0n, 1n, 0n]);
  });
});
