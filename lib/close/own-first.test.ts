import { describe, expect, it } from "vitest";
import { ownFirst } from "./own-first";
import { sectionsOf } from "./sections";

describe("what there is by currency", () => {
  it("begins with that of the books, then by name", () => {
    expect(ownFirst(["CHF", "EUR", "GBP"], "GBP", (one) => one)).toEqual(["GBP", "CHF", "EUR"]);
    expect(ownFirst(["USD", "CHF"], "GBP", (one) => one)).toEqual(["CHF", "USD"]);
  });
});

describe("the parts of a month's page", () => {
  const none = {
    blockers: [],
    signing: null,
    checklist: { tasks: [] },
    journals: { journals: [], corrections: [] },
  };
  const state = (id: string, given: Parameters<typeof sectionsOf>[0]) =>
    sectionsOf(given).find((one) => one.id === id)?.state?.words;

  it("say that nothing blocks of a reconciled month alone", () => {
    expect(state("readiness", { ...none, currencies: [] })).toBe("not reconciled");
    expect(state("readiness", { ...none, currencies: ["EUR"] })).toBe("nothing blocks");
  });
});
