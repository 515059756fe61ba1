import { Decimal } from "decimal.js";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { taxOf } from "./exact";
import { asGood, PolicyTally, runnerUp, type StatedDocument } from "./inference";
import type { RoundingPolicy } from "./policy";
import { rateOf } from "./rate";
import { recomputed, reproduces, type StatedLine } from "./reproduce";

const policy = (level: RoundingPolicy["level"], changes: Partial<RoundingPolicy> = {}): RoundingPolicy => ({
  level,
  mode: "half-up",
  basis: "gross",
  first: "tax",
  ...changes,
});
const LEVELS = [policy("document"), policy("line"), policy("unit")];
const rate = rateOf(new Decimal("0.19"));

const document = (
  lines: readonly StatedLine[] | null,
  changes: Partial<StatedDocument> = {},
): StatedDocument => ({
  number: "INV-1",
  reference: "DE-1",
  currency: "EUR",
  pricesIncludeTax: true,
  lines,
  ...changes,
});

/** A line that is taxed as a policy taxes it by itself. */
const line = (base: bigint, units = 1, by: RoundingPolicy = policy("line")): StatedLine => ({
  base,
  rate,
  units,
  tax: by.level === "unit" ? taxOf(base / BigInt(units), rate, by) * BigInt(units) : taxOf(base, rate, by),
});

/** Lines of one rate whose taxes sum to the tax of all, the cents on the first. */
const together = (bases: readonly bigint[]): StatedLine[] => {
  const lines = bases.map((base) => line(base));
  const total = bases.reduce((sum, base) => sum + base, 0n);
  const rest = taxOf(total, rate, policy("document")) - lines.reduce((sum, one) => sum + one.tax, 0n);
  const [first, ...others] = lines;
  return first ? [{ ...first, tax: first.tax + rest }, ...others] : [];
};

describe("whether a policy makes a document", () => {
  const bases = fc.array(fc.bigInt({ min: 1n, max: 20_000n }), { minLength: 1, maxLength: 6 });

  test("what a policy made, it reproduces, and its tax is the stated one", () => {
    fc.assert(
      fc.property(bases, (amounts) => {
        const lines = together(amounts);
        const stated = lines.reduce((sum, one) => sum + one.tax, 0n);
        expect(recomputed(lines, policy("document"))).toBe(stated);
        const perLine = amounts.map((base) => line(base));
        expect(reproduces(perLine, policy("line"))).toBe(true);
        expect(recomputed(perLine, policy("line"))).toBe(perLine.reduce((sum, one) => sum + one.tax, 0n));
      }),
    );
  });

  test("one cent more on any line is not what the policy makes", () => {
    fc.assert(
      fc.property(
        bases,
        fc.constantFrom(...LEVELS, policy("order")),
        fc.constantFrom(1n, -1n),
        (amounts, by, cent) => {
          const lines =
            by.level === "document" || by.level === "order"
              ? together(amounts)
              : amounts.map((base) => line(base));
          const [first, ...others] = lines;
          if (!first) return;
          expect(reproduces([{ ...first, tax: first.tax + cent }, ...others], by)).toBe(false);
        },
      ),
    );
  });

  test("where the order of the lines is known, cents stand where the running remainder puts them", () => {
    fc.assert(
      fc.property(bases, fc.nat(), (amounts, seed) => {
        let [base, given] = [0n, 0n];
        const lines = amounts.map((amount, position) => {
          base += amount;
          const tax = taxOf(base, rate, policy("document")) - given;
          given += tax;
          return { ...line(amount), tax, position };
        });
        // In whatever order they come, their places tell.
        const turned = [...lines.slice(seed % lines.length), ...lines.slice(0, seed % lines.length)];
        expect(reproduces(turned, policy("document"))).toBe(true);
        const [first, second, ...others] = lines;
        if (!first || !second) return;
        const moved = [{ ...first, tax: first.tax + 1n }, { ...second, tax: second.tax - 1n }, ...others];
        expect(reproduces(moved, policy("document"))).toBe(false);
      }),
    );
  });

  test("cents of a document may stand on any line within a cent of its share, and nowhere else", () => {
    const lines = together([1003n, 1003n, 1003n]);
    expect(reproduces(lines, policy("document"))).toBe(true);
    const [a, b, c] = lines;
    if (!a || !b || !c) throw new Error("three lines");
    expect(reproduces([{ ...a, tax: a.tax + 5n }, { ...b, tax: b.tax - 5n }, c], policy("document"))).toBe(
      false,
    );
  });
});

describe("how a system rounds, inferred from its documents", () => {
  // Six of 1.01 are 0.97 of tax together (0.9675…); each is 0.16, which makes 0.96.
  const telling = document(together([101n, 101n, 101n, 101n, 101n, 101n]), { number: "INV-6" });

  test("the policy that makes most documents is best, and only one that some document rules out is a runner-up", () => {
    const tally = new PolicyTally([...LEVELS, policy("document", { mode: "half-even" })]);
    for (let index = 0; index < 20; index += 1) tally.add(document([line(1190n)]));
    tally.add(telling);
    const result = tally.result();
    expect(result.documents).toBe(21);
    expect(
      result.candidates.map((one) => [one.policy.level, one.policy.mode, one.reproduced, one.apart]),
    ).toEqual([
      ["document", "half-up", 21, 0],
      ["document", "half-even", 21, 0],
      ["line", "half-up", 20, 1],
      ["unit", "half-up", 20, 1],
    ]);
    expect(runnerUp(result)?.policy.level).toBe("line");
    expect(asGood(result).map((one) => one.policy.mode)).toEqual(["half-even"]);
  });

  test("a counter-example names the document and both taxes", () => {
    const tally = new PolicyTally(LEVELS);
    tally.add(telling);
    expect(runnerUp(tally.result())?.examples).toEqual([
      { number: "INV-6", reference: "DE-1", currency: "EUR", stated: 97n, recomputed: 96n },
    ]);
  });

  test("no more than ten counter-examples are kept, however many there are", () => {
    const tally = new PolicyTally([policy("line")]);
    for (let index = 0; index < 50; index += 1) tally.add(telling);
    expect(tally.result()).toMatchObject({ documents: 50, candidates: [{ reproduced: 0 }] });
    expect(tally.result().candidates[0]?.examples).toHaveLength(10);
  });

  test("what has no tax, or an unknown one, says nothing and is counted apart", () => {
    const tally = new PolicyTally(LEVELS);
    tally.add(document(null));
    tally.add(document([]));
    tally.add(document([{ ...line(1000n), tax: 0n }]));
    expect(tally.result()).toMatchObject({ documents: 0, unknown: 2, untaxed: 1 });
    expect(runnerUp(tally.result())).toBeNull();
  });

  test("a document's own prices decide whether tax is inside or on top", () => {
    const tally = new PolicyTally([policy("line")]);
    tally.add(document([{ base: 1000n, rate, units: 1, tax: 190n }], { pricesIncludeTax: false }));
    tally.add(document([{ base: 1190n, rate, units: 1, tax: 190n }], { pricesIncludeTax: null }));
    expect(tally.result().candidates[0]?.reproduced).toBe(2);
  });

  test("the order of documents does not matter", () => {
    const documents = fc.array(fc.constantFrom(telling, document([line(1190n)]), document([line(333n)])), {
      maxLength: 12,
    });
    fc.assert(
      fc.property(documents, (all) => {
        const count = (these: readonly StatedDocument[]) => {
          const tally = new PolicyTally(LEVELS);
          for (const one of these) tally.add(one);
          return tally.result().candidates.map((one) => [one.policy.level, one.reproduced, one.apart]);
        };
        expect(count([...all].reverse())).toEqual(count(all));
      }),
    );
  });
});
