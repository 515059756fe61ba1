import { describe, expect, it } from "vitest";
import { toldOf } from "./told-changes";

describe("what an act changed, in words", () => {
  it("is each field that is not what it was, down to the last", () => {
    expect(
      toldOf(
        { right: false, span: { validFrom: "2026-01-01" }, codes: ["A", "B"], kept: 1 },
        { right: true, span: { validFrom: "2026-01-01", valid_until: "2026-12-31" }, codes: ["A"], kept: 1 },
      ),
    ).toEqual([
      { name: "right", before: "no", after: "yes" },
      { name: "codes", before: "A, B", after: "A" },
      { name: "span · valid until", before: null, after: "2026-12-31" },
    ]);
  });

  it("says nothing of what the record of the act does not name afterwards; what it names as gone is none", () => {
    expect(
      toldOf(
        { signed: 0, exportedBy: "Petra", askedBy: "Rosa" },
        { statement: "I signed.", exportedBy: null },
      ),
    ).toEqual([
      { name: "exported by", before: "Petra", after: null },
      { name: "statement", before: null, after: "I signed." },
    ]);
    expect(toldOf({ a: 1 }, null)).toEqual([{ name: "a", before: "1", after: null }]);
    expect(toldOf({ codes: { A: 1, B: 2 } }, { codes: { A: 1 } })).toEqual([
      { name: "codes · b", before: "2", after: null },
    ]);
  });

  it("numbers the rows of a list, and says of one value that it is one", () => {
    expect(toldOf(null, { changes: [{ erpItem: "OLD-7", sku: "SKU-1" }] })).toEqual([
      { name: "changes · 1 · erp item", before: null, after: "OLD-7" },
      { name: "changes · 1 · sku", before: null, after: "SKU-1" },
    ]);
    expect(
      toldOf(null, {
        currency: "EUR",
        gross: "-1234",
        lines: [{ debit: "5", account: "1200" }],
        number: "7",
      }),
    ).toEqual([
      { name: "currency", before: null, after: "EUR" },
      { name: "gross", before: null, after: "−12.34 EUR" },
      { name: "lines · 1 · debit", before: null, after: "0.05 EUR" },
      { name: "lines · 1 · account", before: null, after: "1200" },
      { name: "number", before: null, after: "7" },
    ]);
    expect(toldOf(null, { gross: "1234" })).toEqual([{ name: "gross", before: null, after: "1234" }]);
    expect(toldOf(24, 48)).toEqual([{ name: "value", before: "24", after: "48" }]);
    expect(toldOf({ a: [] }, { a: [] })).toEqual([]);
  });
});
