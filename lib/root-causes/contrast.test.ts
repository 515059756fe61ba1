import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { contrastOf, countsOf, type Feature, mergesOf, onsetOf, type Profile, splitOf } from "./contrast";
import { leverageOf } from "./leverage";

const feature = (name: string, value: string): Feature => ({ name, value });
const CHANNEL = feature("channel", "marketplace_x");
const SEVEN = feature("rate", "0.07");
const COUNTRY = feature("ship-to", "DE");

describe("what tells the affected groups apart", () => {
  it("is the channel and the rate together where neither alone does", () => {
    const contrast = contrastOf(
      [COUNTRY, CHANNEL, SEVEN],
      [
        { bits: 0b111, affected: 412, others: 0 },
        { bits: 0b011, affected: 0, others: 2_000 },
        { bits: 0b101, affected: 0, others: 310 },
        { bits: 0b001, affected: 0, others: 7_000 },
      ],
    );
    expect(contrast).toEqual({
      all: { affected: 412, others: 9_310 },
      features: [CHANNEL, SEVEN],
      within: { affected: 412, others: 0 },
    });
  });

  it("is nothing where the affected are like all others", () => {
    const contrast = contrastOf(
      [COUNTRY],
      [
        { bits: 1, affected: 5, others: 95 },
        { bits: 0, affected: 5, others: 95 },
      ],
    );
    expect(contrast.features).toEqual([]);
    expect(contrast.within).toEqual(contrast.all);
  });

  it("suggests a split where one part is affected always and the rest now and then", () => {
    const features = [CHANNEL, SEVEN];
    const profiles = [
      { bits: 0b11, affected: 40, others: 1 },
      { bits: 0b01, affected: 20, others: 60 },
      { bits: 0b00, affected: 0, others: 500 },
    ];
    const contrast = contrastOf([CHANNEL], profiles);
    expect(splitOf(features, profiles, contrast)).toEqual({
      feature: SEVEN,
      having: { affected: 40, others: 1 },
      lacking: { affected: 20, others: 60 },
    });
    expect(splitOf(features, [{ bits: 0b11, affected: 40, others: 0 }], contrast)).toBe(null);
  });

  it("suggests that cards are one where together they are nearly all that has a feature", () => {
    const shop = feature("shop", "e/ms/at");
    const card = (id: string, affected: number, having: number) => ({
      id,
      affected,
      features: [
        { ...shop, affected: having },
        { ...COUNTRY, affected },
      ],
    });
    const cards = [card("b", 30, 30), card("a", 64, 64), card("c", 10, 1)];
    const totals = [
      { ...shop, total: 95 },
      { ...COUNTRY, total: 4_000 },
    ];
    expect(mergesOf(cards, totals)).toEqual([
      { feature: shop, cards: ["a", "b"], within: { affected: 94, others: 1 }, beside: 0 },
    ]);
    expect(mergesOf([card("b", 30, 30)], totals)).toEqual([]);
  });
});

describe("when it began", () => {
  const day = (text: string, affected: number, others: number) => ({ day: text, affected, others });

  it("is the day from which on it is so, not that of an order that was wrong by itself before", () => {
    const days = [
      day("2026-08-05", 1, 9),
      day("2026-08-20", 0, 12),
      day("2026-09-05", 10, 0),
      day("2026-09-06", 8, 1),
    ];
    expect(onsetOf(days)).toEqual({
      day: "2026-09-05",
      since: { affected: 18, others: 1 },
      before: { affected: 1, others: 21 },
    });
    expect(onsetOf([...days].reverse())).toEqual(onsetOf(days));
    expect(onsetOf([])).toBe(null);
  });

  it("is not told where it was so from the first day on", () => {
    expect(onsetOf([day("2026-09-06", 5, 0), day("2026-09-05", 5, 0)])).toBe(null);
    expect(onsetOf([day("2026-09-06", 1, 0)])).toBe(null);
  });

  it("is not told of fewer than five affected from it on, or of fewer than five groups before it", () => {
    const begins = (since: number, before: number) =>
      onsetOf([day("2026-09-01", 0, before), day("2026-09-05", since, 0)])?.day ?? null;
    expect(begins(5, 5)).toBe("2026-09-05");
    expect(begins(4, 5)).toBe(null);
    expect(begins(5, 4)).toBe(null);
    // Three orders wrong on three days.
    expect(onsetOf([day("2026-08-09", 1, 0), day("2026-09-21", 1, 4), day("2026-10-17", 1, 0)])).toBe(null);
  });

  it("is not told where a quarter of the affected or more were there before, or hardly more are so since", () => {
    const begins = (before: readonly [number, number], since: readonly [number, number]) =>
      onsetOf([day("2026-09-01", ...before), day("2026-10-05", ...since)])?.day ?? null;
    // 5 of 57 since, 6 of 194 before: most of the affected are older.
    expect(begins([6, 188], [5, 52])).toBe(null);
    expect(begins([5, 100], [15, 0])).toBe("2026-10-05");
    expect(begins([6, 100], [15, 0])).toBe(null);
    expect(begins([10, 30], [50, 50])).toBe("2026-10-05");
    expect(begins([10, 30], [49, 51])).toBe(null);
  });

  it("is not told where it was as bad before", () => {
    expect(onsetOf([day("2026-09-01", 6, 6), day("2026-09-05", 6, 6)])).toBe(null);
  });
});

const NAMES = ["channel", "rate", "ship-to", "series"];
const features = fc
  .uniqueArray(fc.tuple(fc.constantFrom(...NAMES), fc.constantFrom("a", "b", "c")), {
    minLength: 1,
    maxLength: 6,
    selector: (one) => one.join(" "),
  })
  .map((pairs) => pairs.map(([name, value]) => feature(name, value)));
const profiles = fc.array(fc.record({ bits: fc.nat(63), affected: fc.nat(50), others: fc.nat(500) }), {
  maxLength: 20,
});

/** The same counts with features and rows in another order. */
function shuffled(given: readonly Feature[], rows: readonly Profile[], order: readonly number[]) {
  const places = given.map((_, index) => index).sort((a, b) => (order[a] ?? 0) - (order[b] ?? 0) || a - b);
  const bitsOf = (bits: number) =>
    places.reduce((all, from, to) => (bits & (1 << from) ? all | (1 << to) : all), 0);
  return {
    features: places.flatMap((place) => given[place] ?? []),
    rows: rows.map((row) => ({ ...row, bits: bitsOf(row.bits) })).reverse(),
  };
}

describe("the laws of it", () => {
  const order = fc.array(fc.nat(100), { minLength: 6, maxLength: 6 });

  it("doesn't depend on the order of features or rows", () => {
    fc.assert(
      fc.property(features, profiles, order, (given, rows, by) => {
        const other = shuffled(given, rows, by);
        const contrast = contrastOf(given, rows);
        expect(contrastOf(other.features, other.rows)).toEqual(contrast);
        expect(splitOf(other.features, other.rows, contrast)).toEqual(splitOf(given, rows, contrast));
      }),
    );
  });

  it("doesn't depend on how rows of one profile are cut, and changes nothing that it is given", () => {
    fc.assert(
      fc.property(features, profiles, (given, rows) => {
        const before = JSON.stringify([given, rows]);
        const cut = rows.flatMap((row) => [
          { ...row, others: 0 },
          { ...row, affected: 0 },
        ]);
        expect(contrastOf(given, cut)).toEqual(contrastOf(given, rows));
        expect(JSON.stringify([given, rows])).toBe(before);
      }),
    );
  });

  it("says of a feature that has exactly the affected that all have it and no other does", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 5, max: 500 }),
        fc.integer({ min: 1, max: 9_999 }),
        (affected, others) => {
          const rows = [
            { bits: 0b11, affected, others: 0 },
            { bits: 0b10, affected: 0, others },
          ];
          expect(contrastOf([SEVEN, COUNTRY], rows)).toMatchObject({
            features: [SEVEN],
            within: { affected, others: 0 },
          });
        },
      ),
    );
  });

  it("never names features that cover none of the affected, nor counts more than there are", () => {
    fc.assert(
      fc.property(features, profiles, (given, rows) => {
        const { all, within } = contrastOf(given, rows);
        expect(all).toEqual(countsOf(rows, 0));
        expect(within.affected <= all.affected && within.others <= all.others).toBe(true);
        expect(all.affected === 0 || within.affected > 0).toBe(true);
      }),
    );
  });

  it("merges doesn't depend on the order of cards", () => {
    const card = fc.record({
      id: fc.uuid(),
      affected: fc.integer({ min: 1, max: 60 }),
      share: fc.integer({ min: 0, max: 60 }),
    });
    fc.assert(
      fc.property(
        fc.uniqueArray(card, { selector: (one) => one.id, maxLength: 8 }),
        fc.nat(300),
        (given, total) => {
          const cards = given.map(({ id, affected, share }) => ({
            id,
            affected,
            features: [{ ...CHANNEL, affected: Math.min(affected, share) }],
          }));
          const totals = [{ ...CHANNEL, total }];
          expect(mergesOf([...cards].reverse(), totals)).toEqual(mergesOf(cards, totals));
        },
      ),
    );
  });
});

it("leverage is amount × age × count, with what differs by nothing counted as one minor unit", () => {
  expect(
    leverageOf([
      { extent: 100n, ageDays: 9 },
      { extent: 0n, ageDays: 0 },
    ]),
  ).toBe(2n * (100n * 10n + 1n));
});

it("claims nothing of fewer than five, however well a feature tells them apart", () => {
  const of = (affected: number) =>
    contrastOf(
      [{ name: "channel", value: "x" }],
      [
        { bits: 1, affected, others: 0 },
        { bits: 0, affected: 0, others: 100 },
      ],
    ).features;
  expect(of(4)).toEqual([]);
  expect(of(5)).toEqual([{ name: "channel", value: "x" }]);
});

it("names no feature that fewer than five of the affected have, or fewer than half, though no other has it", () => {
  const of = (having: number, lacking: number) =>
    contrastOf(
      [CHANNEL],
      [
        { bits: 1, affected: having, others: 0 },
        { bits: 0, affected: lacking, others: 1_589 },
      ],
    );
  expect(of(1, 7)).toEqual({
    all: { affected: 8, others: 1_589 },
    features: [],
    within: { affected: 8, others: 1_589 },
  });
  expect(of(4, 4).features).toEqual([]);
  expect(of(5, 5).features).toEqual([CHANNEL]);
  expect(of(50, 51).features).toEqual([]);
  expect(of(50, 50).features).toEqual([CHANNEL]);
});

it("adds no second feature that too few of the affected have together with the first", () => {
  const contrast = contrastOf(
    [CHANNEL, SEVEN],
    [
      { bits: 0b01, affected: 4, others: 90 },
      { bits: 0b11, affected: 4, others: 0 },
      { bits: 0b00, affected: 0, others: 1_000 },
    ],
  );
  expect(contrast.features).toEqual([CHANNEL]);
});
