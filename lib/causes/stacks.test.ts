import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Group, GroupLine } from "@/lib/domain/group";
import type { RoundingPolicy } from "@/lib/domain/tax/policy";
import { explainGroup } from "./explain";
import {
  ERP_CONNECTION,
  type ErpInput,
  fractionOf,
  sampleErp,
  sampleGroup,
  sampleSettings,
  sampleUnit,
  taxIn,
} from "./samples";
import { said, untold } from "./testing";

/*
 * Stacks of up to five faults on one order of five products and shipping, each fault on a product of its own. The ERP
 * rounds line by line in the first test, where faults on different lines are independent by construction: each one's
 * amounts are what they are alone. Where it rounds once per document and rate they are not: a cent of the document's tax
 * belongs to all lines of a rate, and which fault moves it depends on the others. There the sums are what holds.
 */

type Fault = "price" | "quantity" | "code" | "item" | "shipping";
const FAULTS: readonly Fault[] = ["price", "quantity", "code", "item", "shipping"];
const CODES: Readonly<Record<Fault, string>> = {
  price: "price-wrong",
  quantity: "quantity-wrong",
  code: "tax-code-wrong",
  item: "item-wrong",
  shipping: "shipping-missing",
};

type World = Readonly<{ prices: readonly bigint[]; counts: readonly number[]; shipping: bigint }>;

const arbitraryWorld = fc.record({
  prices: fc.array(fc.bigInt({ min: 100n, max: 30_000n }), { minLength: 5, maxLength: 5 }),
  counts: fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 5, maxLength: 5 }),
  shipping: fc.bigInt({ min: 100n, max: 990n }),
});
const arbitraryFaults = fc.subarray([...FAULTS], { minLength: 0, maxLength: 5 });

const SKUS = ["A", "B", "C", "D", "E"] as const;

/** Products A to E; price faults sit on A, quantities on B, codes on C, items on D, shipping on the fee. */
function worldGroup(
  { prices, counts, shipping }: World,
  faults: readonly Fault[],
  level: RoundingPolicy["level"],
): Group {
  const has = (fault: Fault) => faults.includes(fault);
  const scayle = SKUS.flatMap((sku, index) =>
    Array.from({ length: counts[index] ?? 1 }, (_, unit) =>
      sampleUnit(`u${sku}${unit}`, "sale", sku, prices[index] ?? 100n),
    ),
  );
  const inputs = SKUS.map((sku, index): ErpInput => {
    const price = prices[index] ?? 100n;
    const count = counts[index] ?? 1;
    if (sku === "A" && has("price")) return { itemKey: sku, price: price + 77n, count };
    if (sku === "B" && has("quantity")) return { itemKey: sku, price, count: count + 1 };
    if (sku === "C" && has("code")) return { itemKey: sku, price, count, rate: 70n };
    if (sku === "D" && has("item")) return { itemKey: "X", price, count };
    return { itemKey: sku, price, count };
  });
  const charge: readonly ErpInput[] = has("shipping") ? [] : [{ itemKey: "charge", price: shipping }];
  const erp = sampleErp("i", "sale", [...inputs, ...charge]).map((line) =>
    level === "line" ? alone(line) : line,
  );
  const rounding = new Map(sampleSettings.rounding);
  rounding.set(ERP_CONNECTION, {
    policy: { level, mode: "half-up", basis: "gross", first: "tax" },
    confirmed: true,
  });
  return sampleGroup([...scayle, sampleUnit("fee", "sale", "charge", shipping), ...erp], {
    settings: { rounding },
  });
}

/** A line taxed by itself, as an ERP does that rounds line by line. */
function alone(line: GroupLine): GroupLine {
  const tax = taxIn(line.gross, line.taxRate?.eq(fractionOf(70n)) === true ? 70n : 190n);
  return { ...line, tax, net: line.gross - tax };
}

const textsOf = (group: Group): readonly string[] =>
  said(explainGroup(group))
    .map(({ cause, net, tax, gross }) => `${cause} ${net} ${tax} ${gross}`)
    .sort();
const isRounding = (text: string): boolean => text.startsWith("rounding");

describe("a stack of faults", () => {
  it("is taken apart into exactly its causes, which sum to the difference", () => {
    fc.assert(
      fc.property(
        arbitraryWorld,
        arbitraryFaults,
        fc.constantFrom("line" as const, "document" as const),
        (world, faults, level) => {
          const group = worldGroup(world, faults, level);
          const outcome = explainGroup(group);
          expect(untold(group, outcome, "2026-10", "EUR")).toEqual({ net: 0n, tax: 0n, gross: 0n });
          const found = outcome.findings.map(({ cause }) => cause.code).filter((code) => code !== "rounding");
          expect(found.sort()).toEqual(faults.map((fault) => CODES[fault]).sort());
        },
      ),
      { numRuns: 300 },
    );
  });

  it("loses exactly a fault's cause when the fault is taken away, and nothing else moves", () => {
    fc.assert(
      fc.property(arbitraryWorld, arbitraryFaults, fc.nat(4), (world, faults, chosen) => {
        if (faults.length === 0) return;
        const gone = faults[chosen % faults.length];
        const left = faults.filter((fault) => fault !== gone);
        const before = textsOf(worldGroup(world, faults, "line")).filter((text) => !isRounding(text));
        const after = textsOf(worldGroup(world, left, "line")).filter((text) => !isRounding(text));
        expect(after).toEqual(before.filter((text) => gone && !text.startsWith(`${CODES[gone]} `)));
      }),
      { numRuns: 300 },
    );
  });

  it("keeps what the rounding of the document is worth, whichever fault moves its cents", () => {
    fc.assert(
      fc.property(arbitraryWorld, fc.constantFrom<Fault>("price", "quantity"), (world, fault) => {
        const tax = (faults: readonly Fault[]) =>
          said(explainGroup(worldGroup(world, faults, "document")))
            .filter(({ cause }) => cause === "rounding")
            .reduce((all, one) => all + one.tax, 0n);
        expect(tax([fault])).toBe(tax([]));
      }),
      { numRuns: 200 },
    );
  });

  it("holds on one line as well: another quantity at another price", () => {
    const scayle = ["a", "b"].map((id) => sampleUnit(id, "sale", "A", 1999n));
    const group = sampleGroup([
      ...scayle,
      ...sampleErp("i", "sale", [{ itemKey: "A", price: 2099n, count: 3 }]),
    ]);
    const found = said(explainGroup(group)).map(({ cause, gross }) => [cause, gross]);
    expect(found.slice(0, 2)).toEqual([
      ["quantity-wrong", -2099n],
      ["price-wrong", -200n],
    ]);
  });
});

describe("random books", () => {
  it("sum exactly to their difference in net, tax and gross, per period and currency", () => {
    const currencies = ["EUR", "CHF"] as const;
    const periods = ["2026-10", "2026-11"] as const;
    const arbitraryLine = fc.record({
      side: fc.constantFrom("scayle" as const, "erp" as const),
      kind: fc.constantFrom("sale" as const, "credit" as const),
      itemKey: fc.constantFrom("A", "B", "X", "charge"),
      count: fc.integer({ min: 1, max: 2 }),
      price: fc.bigInt({ min: 90n, max: 110n }),
      rate: fc.constantFrom(190n, 70n),
      period: fc.constantFrom(...periods),
      currency: fc.constantFrom("EUR" as const, "EUR" as const, "EUR" as const, "CHF" as const),
      document: fc.constantFrom("i", "j"),
      taxOff: fc.constantFrom(0n, 0n, 0n, 1n),
    });
    fc.assert(
      fc.property(fc.array(arbitraryLine, { minLength: 1, maxLength: 10 }), (inputs) => {
        const lines = inputs.flatMap(
          ({ side, kind, itemKey, count, price, rate, period, currency, document, taxOff }, index) => {
            const more = { period, currency, day: `${period}-10` };
            const made =
              side === "scayle"
                ? [sampleUnit(`u${index}`, kind, itemKey, price, rate, more)]
                : sampleErp(`${document}-${kind}-${currency}`, kind, [{ itemKey, price, count, rate, more }]);
            return made.map((line) => ({
              ...line,
              id: `${line.id}-${index}`,
              tax: (line.tax ?? 0n) + taxOff,
              net: (line.net ?? 0n) - taxOff,
            }));
          },
        );
        const group = sampleGroup(lines);
        const outcome = explainGroup(group);
        for (const period of periods)
          for (const currency of currencies)
            expect(untold(group, outcome, period, currency)).toEqual({ net: 0n, tax: 0n, gross: 0n });
        const placed = outcome.pairs.flatMap(({ pair }) =>
          [...pair.scayle, ...pair.erp].map((line) => line.id),
        );
        expect(placed.sort()).toEqual(lines.map((line) => line.id).sort());
        for (const { pair } of outcome.pairs)
          for (const line of [...pair.scayle, ...pair.erp]) expect(line.currency).toBe(pair.currency);
      }),
      { numRuns: 800 },
    );
  });
});
