import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { groupPlace, isGroupPlace, placesOf } from "./group-places";
import { commandOf, queueKeys } from "./keys";
import {
  type ChosenRow,
  isChosen,
  NOTHING,
  toggled,
  totalsOf,
  without,
  withRange,
  withShown,
} from "./selection";

const row = (id: string, gross = 100n, currency = "EUR"): ChosenRow => ({
  id,
  version: 0,
  currency,
  net: 0n,
  tax: gross,
  gross,
  extent: gross < 0n ? -gross : gross,
});
const shown = ["a", "b", "c", "d"].map((id) => row(id));
const ids = (selection: ReturnType<typeof toggled>) => [...selection.rows.keys()].sort();
const press = (key: string, more: object = {}) => ({
  key,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  ...more,
});

describe("keys", () => {
  it("mean one command each", () => {
    const all = queueKeys.flatMap(({ keys }) => [...keys]);
    expect(new Set(all).size).toBe(all.length);
  });

  it.each([
    ["j", {}, "next"],
    ["X", {}, "select-range"],
    ["?", {}, "help"],
    ["k", { ctrlKey: true }, "palette"],
    ["K", { metaKey: true }, "palette"],
    ["k", {}, "previous"],
    ["a", { ctrlKey: true }, null],
    ["e", { altKey: true }, null],
    ["Enter", {}, null],
    ["q", {}, null],
  ])("%s %o is %s", (key, more, command) => {
    expect(commandOf(press(key, more), true)).toBe(command);
  });

  it("are switched off but for the palette's", () => {
    expect(commandOf(press("a"), false)).toBeNull();
    expect(commandOf(press("k", { ctrlKey: true }), false)).toBe("palette");
  });
});

describe("a selection", () => {
  it("grows and shrinks row by row, and by ranges in either direction", () => {
    const b = toggled(NOTHING, row("b"), shown);
    expect(ids(b)).toEqual(["b"]);
    expect(ids(toggled(b, row("b"), shown))).toEqual([]);
    expect(ids(withRange(b, shown, "b", "d"))).toEqual(["b", "c", "d"]);
    expect(ids(withRange(b, shown, "d", "c"))).toEqual(["b", "c", "d"]);
    expect(ids(withRange(b, shown, "gone", "d"))).toEqual(["b", "d"]);
    expect(withRange(b, shown, "b", "gone")).toBe(b);
  });

  it("takes what is shown, then everything that matches, and keeps rows of other pages", () => {
    const other = toggled(NOTHING, row("z"), [row("z")]);
    const once = withShown(other, shown, 900);
    expect(ids(once)).toEqual(["a", "b", "c", "d", "z"]);
    const twice = withShown(once, shown, 900);
    expect(twice.all).toBe(true);
    expect(isChosen(twice, "anything")).toBe(true);
    expect(withShown(withShown(NOTHING, shown, 4), shown, 4).all).toBe(false);
    expect(ids(toggled(twice, row("b"), shown))).toEqual(["a", "c", "d"]);
  });

  it("lets go of what an act was sent for, and keeps what was chosen meanwhile", () => {
    const then = withRange(NOTHING, shown, "a", "b");
    const now = withShown(then, shown, 4);
    expect(ids(without(now, then))).toEqual(["c", "d"]);
    expect(without(then, then)).toEqual(NOTHING);
    const all = { all: true, rows: new Map() };
    expect(without(all, all)).toEqual(NOTHING);
    expect(without(all, then)).toEqual(all);
  });

  it("sums exactly what is chosen, each currency by itself", () => {
    const one = fc.record({
      gross: fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n }),
      currency: fc.constantFrom("EUR", "GBP"),
    });
    fc.assert(
      fc.property(fc.array(one, { maxLength: 40 }), (given) => {
        const rows = given.map(({ gross, currency }, at) => row(String(at), gross, currency));
        const totals = totalsOf(withShown(NOTHING, rows, rows.length), []);
        for (const currency of ["EUR", "GBP"]) {
          const its = rows.filter((each) => each.currency === currency);
          const total = totals.find((each) => each.currency === currency);
          expect(total?.count ?? 0).toBe(its.length);
          expect(total?.gross ?? 0n).toBe(its.reduce((sum, each) => sum + each.gross, 0n));
          // What is too much does not hide what is too little.
          expect(total?.extent ?? 0n).toBe(its.reduce((sum, each) => sum + each.extent, 0n));
        }
      }),
    );
  });

  it("of everything has the totals that the server counted", () => {
    const ofFilter = [{ currency: "EUR", count: 900, net: 1n, tax: 2n, gross: 3n, extent: 9n }];
    expect(totalsOf({ all: true, rows: new Map() }, ofFilter)).toBe(ofFilter);
  });
});

describe("the places of a grouped list", () => {
  const groups = [{ key: "a" }, { key: "b" }, { key: "c" }];

  it("are each group, and the rows of the one that is open under it", () => {
    expect(placesOf(groups, "b", ["1", "2"])).toEqual([
      groupPlace("a"),
      groupPlace("b"),
      "1",
      "2",
      groupPlace("c"),
    ]);
    expect(placesOf(groups, undefined, [])).toEqual(groups.map(({ key }) => groupPlace(key)));
    expect(placesOf(null, undefined, ["1", "2"])).toEqual(["1", "2"]);
  });

  it("are told from rows", () => {
    expect(isGroupPlace(groupPlace("finance"))).toBe(true);
    expect(isGroupPlace("0b9d3a5e-7c1f-4a2b-9f3c-1d2e3f4a5b6c")).toBe(false);
    expect(isGroupPlace(null)).toBe(false);
  });
});
