import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Group, GroupLine } from "@/lib/domain/group";
import type { RoundingPolicy } from "@/lib/domain/tax/policy";
import { explainGroup } from "./explain";
import {
  ERP_CONNECTION,
  type ErpInput,
  fractionOf,
  halfUp,
  sampleDocument,
  sampleErp,
  sampleGroup,
  sampleSettings,
  sampleUnit,
  unitTax,
} from "./samples";
import { said, untold } from "./testing";

/*
 * Stacks of faults on one order of two to six products and shipping. Each product bears one fault of any kind, or none, so
 * that a kind may come several times; the ERP rounds by any policy. Where it rounds line by line or unit by unit, faults on
 * different lines are independent by construction: each one's net, tax and gross are what they are alone. Where it rounds
 * once per document and rate, a cent of the document's tax belongs to all lines of a rate, and which fault moves it depends
 * on the others: there the causes and what they are worth before rounding (gross, or
 * net where the prices come without tax) are what holds, and of the rest the sums.
 */

type Fault = "price" | "quantity" | "code" | "item";
const CODES: Readonly<Record<Fault | "shipping", string>> = {
  price: "price-wrong",
  quantity: "quantity-wrong",
  code: "tax-code-wrong",
  item: "item-wrong",
  shipping: "shipping-missing",
};

type Product = Readonly<{ price: bigint; count: number; fault: Fault | null; off: bigint }>;
type World = Readonly<{ products: readonly Product[]; shipping: bigint; isShipped: boolean }>;
type Sample = Readonly<{ world: World; policy: RoundingPolicy }>;

const arbitraryProduct = fc.record({
  price: fc.bigInt({ min: 500n, max: 30_000n }),
  count: fc.integer({ min: 1, max: 3 }),
  fault: fc.option(fc.constantFrom<Fault>("price", "quantity", "code", "item"), { freq: 2 }),
  off: fc.bigInt({ min: 30n, max: 90n }),
});
// Items that a wrong one could stand for are told apart by their price: equal ones are the same explanation.
const arbitraryWorld: fc.Arbitrary<World> = fc.record({
  products: fc.uniqueArray(arbitraryProduct, {
    minLength: 2,
    maxLength: 6,
    selector: ({ price, count }) => price * BigInt(count),
  }),
  shipping: fc.bigInt({ min: 100n, max: 490n }),
  isShipped: fc.boolean(),
});
const arbitraryPolicy: fc.Arbitrary<RoundingPolicy> = fc.record({
  level: fc.constantFrom("line" as const, "unit" as const, "document" as const),
  mode: fc.constantFrom("half-up" as const, "half-even" as const),
  basis: fc.constantFrom("gross" as const, "net" as const),
  first: fc.constantFrom("tax" as const, "net" as const),
});
const arbitrarySample: fc.Arbitrary<Sample> = fc.record({ world: arbitraryWorld, policy: arbitraryPolicy });

const skuOf = (index: number): string => `SKU-${index}`;

/** numerator / denominator by a bookkeeper's rule: to the nearest, a half up or to the even one. */
function rounded(numerator: bigint, denominator: bigint, mode: RoundingPolicy["mode"]): bigint {
  const up = halfUp(numerator, denominator);
  const isHalf = (2n * numerator + denominator) % (2n * denominator) === 0n;
  return mode === "half-even" && isHalf && up % 2n !== 0n ? up - 1n : up;
}

/** The tax inside a gross, by which of net and tax is rounded; or what comes on top of a net. */
function taxFor(base: bigint, rate: bigint, { mode, first, basis }: RoundingPolicy): bigint {
  if (basis === "net") return rounded(base * rate, 1000n, mode);
  const gross = base;
  return first === "tax"
    ? rounded(gross * rate, 1000n + rate, mode)
    : gross - rounded(gross * 1000n, 1000n + rate, mode);
}

/** The ERP's lines taxed as its policy does: each unit or line by itself, or with a running remainder per rate. */
function taxed(lines: readonly GroupLine[], policy: RoundingPolicy): readonly GroupLine[] {
  const sofar = new Map<bigint, { gross: bigint; tax: bigint }>();
  return lines.map((line) => {
    const rate = line.taxRate?.eq(fractionOf(70n)) === true ? 70n : 190n;
    const count = BigInt(line.quantity.toFixed());
    const before = sofar.get(rate) ?? { gross: 0n, tax: 0n };
    const until = taxFor(before.gross + line.gross, rate, policy);
    sofar.set(rate, { gross: before.gross + line.gross, tax: until });
    const tax =
      policy.level === "document"
        ? until - before.tax
        : policy.level === "line"
          ? taxFor(line.gross, rate, policy)
          : count * taxFor(line.gross / count, rate, policy);
    return policy.basis === "net"
      ? { ...line, tax, net: line.gross, gross: line.gross + tax }
      : { ...line, tax, net: line.gross - tax };
  });
}

/** A price of SCAYLE's as the ERP has it: with tax, or the unit's net. */
const priceIn = (gross: bigint, basis: RoundingPolicy["basis"]): bigint =>
  basis === "gross" ? gross : gross - unitTax(gross);

/** What the ERP has of a product under its fault. */
function posted(product: Product, index: number, basis: RoundingPolicy["basis"]): ErpInput {
  const { count, fault, off } = product;
  const price = priceIn(product.price, basis);
  const itemKey = skuOf(index);
  if (fault === "price") return { itemKey, price: price + off, count };
  if (fault === "quantity") return { itemKey, price, count: count + 1 };
  if (fault === "code") return { itemKey, price, count, rate: 70n };
  return { itemKey: fault === "item" ? `OTHER-${index}` : itemKey, price, count };
}

function groupOf({ world: { products, shipping, isShipped }, policy }: Sample): Group {
  const scayle = products.flatMap(({ price, count }, index) =>
    Array.from({ length: count }, (_, unit) => sampleUnit(`u${index}-${unit}`, "sale", skuOf(index), price)),
  );
  const charge: readonly ErpInput[] = isShipped
    ? [{ itemKey: "charge", price: priceIn(shipping, policy.basis) }]
    : [];
  const erp = taxed(
    sampleErp("i", "sale", [...products.map((one, index) => posted(one, index, policy.basis)), ...charge]),
    policy,
  );
  const rounding = new Map(sampleSettings.rounding);
  rounding.set(ERP_CONNECTION, { policy, confirmed: true });
  return sampleGroup([...scayle, sampleUnit("fee", "sale", "charge", shipping), ...erp], {
    settings: { rounding },
    documents: [
      sampleDocument("scayle", "s-sale", "sale"),
      sampleDocument("erp", "i", "sale", { pricesIncludeTax: policy.basis === "gross" }),
    ],
  });
}

type Sums = Readonly<{ net: bigint; tax: bigint; gross: bigint }>;

/** What each cause is worth in all. */
function sumsOf(group: Group): ReadonlyMap<string, Sums> {
  const sums = new Map<string, Sums>();
  for (const { cause, net, tax, gross } of said(explainGroup(group))) {
    const before = sums.get(cause) ?? { net: 0n, tax: 0n, gross: 0n };
    sums.set(cause, { net: before.net + net, tax: before.tax + tax, gross: before.gross + gross });
  }
  return sums;
}

const NOTHING: Sums = { net: 0n, tax: 0n, gross: 0n };
const at = (sums: ReadonlyMap<string, Sums>, code: string): Sums => sums.get(code) ?? NOTHING;
const less = (a: Sums, b: Sums): Sums => ({
  net: a.net - b.net,
  tax: a.tax - b.tax,
  gross: a.gross - b.gross,
});

/** The places where something is wrong: a product's, or -1 for the missing charge. */
const faultsOf = ({ products, isShipped }: World): readonly number[] => [
  ...products.flatMap(({ fault }, index) => (fault === null ? [] : [index])),
  ...(isShipped ? [] : [-1]),
];

/** The world with the fault of one place mended. */
const mended = (world: World, place: number): World =>
  place < 0
    ? { ...world, isShipped: true }
    : {
        ...world,
        products: world.products.map((one, index) => (index === place ? { ...one, fault: null } : one)),
      };

const codeAt = ({ products }: World, place: number): string =>
  CODES[place < 0 ? "shipping" : (products[place]?.fault ?? "shipping")];

const isIndependent = ({ level }: RoundingPolicy): boolean => level !== "document";

describe("a stack of faults", () => {
  it("is taken apart into exactly its causes, which sum to the difference, however the ERP rounds", () => {
    fc.assert(
      fc.property(arbitrarySample, (sample) => {
        const group = groupOf(sample);
        const outcome = explainGroup(group);
        expect(untold(group, outcome, "2026-10", "EUR")).toEqual(NOTHING);
        const found = outcome.findings.map(({ cause }) => cause.code).filter((code) => code !== "rounding");
        const planted = faultsOf(sample.world).map((place) => codeAt(sample.world, place));
        expect([...new Set(found)].sort()).toEqual([...new Set(planted)].sort());
      }),
      { numRuns: 600 },
    );
  });

  it("loses exactly a fault's cause when the fault is taken away, and nothing else moves", () => {
    fc.assert(
      fc.property(arbitrarySample, fc.nat(), (sample, chosen) => {
        const places = faultsOf(sample.world);
        const place = places[chosen % Math.max(places.length, 1)];
        if (place === undefined) return;
        const gone = codeAt(sample.world, place);
        const others = places.filter((one) => one !== place);
        const before = sumsOf(groupOf(sample));
        const after = sumsOf(groupOf({ ...sample, world: mended(sample.world, place) }));
        const alone = sumsOf(
          groupOf({
            ...sample,
            world: others.reduce<World>((world, one) => mended(world, one), sample.world),
          }),
        );
        const isWhole = isIndependent(sample.policy);
        for (const code of new Set([...before.keys(), ...after.keys()])) {
          if (code === "rounding") continue;
          const moved = less(at(before, code), at(after, code));
          const expected = code === gone ? at(alone, code) : NOTHING;
          const { basis } = sample.policy;
          expect(isWhole ? moved : moved[basis], code).toEqual(isWhole ? expected : expected[basis]);
        }
        // Whatever the policy, no cent of gross is left to rounding, whose net and tax cancel out.
        if (sample.policy.basis === "gross") expect(at(before, "rounding").gross).toBe(0n);
        if (others.every((one) => codeAt(sample.world, one) !== gone))
          expect(at(after, gone)).toEqual(NOTHING);
      }),
      { numRuns: 600 },
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
    // Found once in some thousand: a charge that SCAYLE has not, on a document in another currency.
    const line = {
      kind: "sale",
      rate: 190n,
      period: "2026-10",
      document: "i",
      taxOff: 0n,
      count: 1,
    } as const;
    const surplusCharge = [
      { ...line, side: "erp", itemKey: "X", price: 95n, currency: "CHF" },
      { ...line, side: "erp", itemKey: "charge", price: 90n, currency: "CHF" },
      { ...line, side: "scayle", itemKey: "X", price: 95n, currency: "EUR" },
    ] as const;
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
      { numRuns: 800, examples: [[[...surplusCharge]]] },
    );
  });
});
