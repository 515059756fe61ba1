import { describe, expect, it } from "vitest";
import { readinessOf } from "./readiness";
import { Totals } from "./schema";

const none = { net: "0", tax: "0", gross: "0" };
const totals = (change: object = {}) =>
  Totals.parse({
    entity: "MODA-EU",
    period: "2026-10",
    currency: "EUR",
    asOf: null,
    scayle: { ...none, lines: 1, unknownTaxLines: 0 },
    erp: { ...none, lines: 1, unknownTaxLines: 0 },
    causes: [],
    unexplained: { ...none, count: 0 },
    buckets: { scayle: {}, erp: {} },
    proofs: [{ name: "adds-up", ok: true, detail: "yes" }],
    tiesOut: true,
    ...change,
  });
const unexplained = { unexplained: { count: 1, net: "0", tax: "-1", gross: "-1" }, tiesOut: false };

describe("how ready a period is", () => {
  it.each([
    ["nothing was reconciled", [], 0, "nothing", 0],
    ["everything agrees", [totals()], 0, "ties-out", 0],
    ["somebody must still act", [totals()], 3, "work-left", 0],
    ["a cent is unexplained", [totals(unexplained)], 0, "blocked", 1],
    [
      "a proof fails",
      [totals({ proofs: [{ name: "one-bucket", ok: false, detail: "2 lines" }], tiesOut: false })],
      0,
      "blocked",
      1,
    ],
    ["it does not tie out for a reason that nothing names", [totals({ tiesOut: false })], 0, "blocked", 1],
    [
      "one of two currencies is not explained",
      [totals(), totals({ ...unexplained, currency: "GBP" })],
      0,
      "blocked",
      1,
    ],
  ] as const)("when %s", (_, summaries, open, state, blocks) => {
    const readiness = readinessOf(summaries, open);
    expect([readiness.state, readiness.blocks.length]).toEqual([state, blocks]);
  });

  it("counts an unreadable record once, though two proofs speak of it", () => {
    const failed = totals({
      causes: [{ ...none, cause: "record-failed", count: 1 }],
      proofs: [{ name: "nothing-failed", ok: false, detail: "1 records could not be read" }],
      tiesOut: false,
    });
    expect(readinessOf([failed], 1).blocks).toEqual([
      { text: "1 record could not be read", cause: "record-failed" },
    ]);
  });

  it("counts an unreadable record once, though the totals of two currencies speak of it", () => {
    const proofs = [{ name: "nothing-failed", ok: false, detail: "1 record could not be read" }];
    const own = { causes: [{ ...none, cause: "record-failed", count: 1 }], tiesOut: false, proofs };
    const other = { tiesOut: false, proofs, currency: "GBP" };
    const { sentence } = readinessOf([totals(own), totals(other)], 1);
    expect(sentence).toBe("1 thing blocks the close.");
  });
});
