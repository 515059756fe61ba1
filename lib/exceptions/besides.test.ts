import { describe, expect, it } from "vitest";
import { besidesOf, runningOf } from "./besides";
import { Evidence } from "./schema";

const given = (lines: readonly object[]) => besidesOf(Evidence.parse({ lines }).lines);
const cap = { label: "Cap", sku: "CAP", quantity: "1", net: "1260", tax: "239", gross: "1499", pair: "p" };

describe("both sides of an exception beside each other", () => {
  it("marks the fields that differ and says by how much", () => {
    const [row] = given([
      { ...cap, side: "scayle" },
      { ...cap, side: "erp", net: "1259", tax: "240", taxCode: "V19" },
    ]);
    expect(row).toMatchObject({ differing: ["net", "tax"], difference: { net: 1n, tax: -1n, gross: 0n } });
  });

  it("says what of a difference the exception explains, where another one explains the rest", () => {
    const sides = (difference: object) => [
      { ...cap, side: "scayle", difference },
      { ...cap, side: "erp", net: "1276", tax: "242", gross: "1518", difference },
    ];
    expect(given(sides({ net: "-17", tax: "-3", gross: "-20" }))[0]).toMatchObject({
      difference: { net: -16n, tax: -3n, gross: -19n },
      part: { net: -17n, tax: -3n, gross: -20n },
    });
    expect(given(sides({ net: "-16", tax: "-3", gross: "-19" }))[0]?.part).toBeNull();
    // A duplicate is one pair of many items: its amount is none of a single one's.
    const alone = { ...cap, side: "erp", difference: { net: "-9", tax: "-1", gross: "-10" } };
    expect(given([alone, { ...alone, sku: "TEE" }]).map((row) => row.part)).toEqual([null, null]);
  });

  it("adds units up before they are compared", () => {
    const rows = given([
      { ...cap, side: "scayle" },
      { ...cap, side: "scayle" },
      { ...cap, side: "erp", quantity: "2", net: "2520", tax: "478", gross: "2998", taxCode: "V19" },
    ]);
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({ differing: [], difference: { gross: 0n } });
  });

  it("takes a missing side for nothing, and an unknown tax for unknown", () => {
    expect(given([{ ...cap, side: "scayle" }])[0]).toMatchObject({ erp: null, difference: { gross: 1499n } });
    const [row] = given([
      { ...cap, side: "scayle", tax: null, net: null },
      { ...cap, side: "erp", taxCode: "V19" },
    ]);
    expect(row).toMatchObject({ differing: [], difference: { net: null, tax: null, gross: 0n } });
  });

  it("puts an item beside the product in whose place it stands, and marks the items on both sides", () => {
    const lines = Evidence.parse({
      lines: [
        { ...cap, side: "scayle", pair: null },
        { ...cap, side: "erp", sku: "OLD-7", label: "Old cap", pair: "q", taxCode: "V19" },
      ],
    }).lines;
    expect(besidesOf(lines)).toHaveLength(2);
    expect(besidesOf(lines, new Map([["OLD-7", "CAP"]]))).toMatchObject([
      { differing: ["item"], scayle: { item: "CAP" }, erp: { item: "OLD-7" }, difference: { gross: 0n } },
    ]);
  });

  it("marks an ERP line without a tax code", () => {
    expect(
      given([
        { ...cap, side: "scayle" },
        { ...cap, side: "erp" },
      ])[0]?.differing,
    ).toEqual(["taxCode"]);
  });

  it("marks an ERP line that is taxed at another rate, however the rate is written", () => {
    const at = (rate: string) =>
      given([
        { ...cap, side: "scayle", taxRate: "0.19" },
        { ...cap, side: "erp", taxCode: "V", taxRate: rate },
      ])[0]?.differing;
    expect(at("0.190")).toEqual([]);
    expect(at("0.07")).toEqual(["taxCode"]);
  });

  it("adds the differences up from row to row, each currency by itself, and unknown stays unknown", () => {
    const rows = given([
      { ...cap, side: "scayle" },
      { ...cap, side: "erp", net: "1259", tax: "240" },
      { ...cap, side: "scayle", pair: "q", gross: "1500" },
      { ...cap, side: "erp", pair: "q" },
      { ...cap, side: "erp", pair: "r", currency: "CHF", tax: null, net: null },
    ]);
    const { down, totals } = runningOf(rows, "EUR");
    expect(down).toEqual([
      { net: 1n, tax: -1n, gross: 0n },
      { net: 1n, tax: -1n, gross: 1n },
      { net: null, tax: null, gross: -1499n },
    ]);
    expect(totals).toEqual([
      { currency: "EUR", net: 1n, tax: -1n, gross: 1n },
      { currency: "CHF", net: null, tax: null, gross: -1499n },
    ]);
  });

  it("makes a row of each currency: figures of two are never subtracted from each other", () => {
    const rows = given([
      { ...cap, side: "scayle", currency: "EUR" },
      { ...cap, side: "erp", currency: "CHF", taxCode: "V19" },
    ]);
    expect(rows.map(({ currency, difference }) => [currency, difference.gross])).toEqual([
      ["EUR", 1499n],
      ["CHF", -1499n],
    ]);
  });
});
