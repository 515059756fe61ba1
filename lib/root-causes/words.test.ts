import { describe, expect, it } from "vitest";
import type { RootCause } from "./data";
import type { Findings } from "./findings";
import { fixOf, isMostlyFine } from "./fix";
import { shopNamedIn, shopsNamedIn } from "./shop-names";
import { contrastText, extentText, severalText, signatureText } from "./words";

const FINDINGS: Findings = {
  contrast: {
    all: { affected: 370, others: 1_600 },
    features: [{ name: "channel", value: "marketplace_x" }],
    within: { affected: 366, others: 158 },
  },
  split: null,
  merge: null,
  before: 40,
  firstDay: "2026-08-11",
  onset: { day: "2026-09-05", since: { affected: 364, others: 0 }, before: { affected: 2, others: 158 } },
  kinds: ["sale"],
};
const ROOT: RootCause = {
  entityId: "E1",
  id: "11111111-1111-1111-1111-111111111111",
  cause: "tax-code-missing",
  signature: "shop: e1/ms/at",
  openCount: 370,
  firstDay: "2026-08-11",
  lastDay: "2026-11-28",
  foundAt: new Date("2026-09-05T08:00:00Z"),
  countedAt: new Date("2026-11-29T08:00:00Z"),
  findings: FINDINGS,
  findingsAt: new Date("2026-11-29T08:00:00Z"),
  findingsOf: 370,
  sinceOnset: 364,
  amounts: [
    {
      currency: "EUR",
      count: 370,
      net: 0n,
      tax: 0n,
      gross: 0n,
      extent: 880_191n,
      rank: 1,
      leverage: "1",
    },
  ],
};

it("reads a missing step in words", () => {
  expect(signatureText("missing step: invoice · shop: DE")).toBe(
    "missing step: all parcels shipped → invoiced in SCAYLE, shop DE",
  );
  expect(signatureText("missing step: cancelled-and-paid")).toBe(
    "SCAYLE says that the order is cancelled, and that its payment is complete",
  );
});

describe("how much a root cause is about", () => {
  it("says how many are since the day on which it began, where some are older", () => {
    expect(extentText(ROOT)).toBe("370 exceptions over 8,801.91 EUR, 364 of them since 5 Sep 2026");
    expect(extentText({ ...ROOT, amounts: [] })).toBe(
      "370 exceptions, of no amount, 364 of them since 5 Sep 2026",
    );
  });

  it("says it of all where none is older", () => {
    expect(extentText({ ...ROOT, sinceOnset: 370 })).toBe(
      "370 exceptions over 8,801.91 EUR since 5 Sep 2026",
    );
  });

  it("is since the first day that any is of, where no beginning is told or none is left of it", () => {
    const first = "370 exceptions over 8,801.91 EUR since 11 Aug 2026";
    expect(extentText({ ...ROOT, findings: { ...FINDINGS, onset: null }, sinceOnset: null })).toBe(first);
    expect(extentText({ ...ROOT, findings: null, sinceOnset: null })).toBe(first);
    expect(extentText({ ...ROOT, sinceOnset: 0 })).toBe(first);
  });
});

it("says why there are more exceptions than sales that they are on", () => {
  expect(severalText(FINDINGS, 396)).toBe(
    "Sales and credits are counted once for each order: its 396 exceptions are on 370 sales, as one can have several.",
  );
  expect(severalText(FINDINGS, 370)).toBeNull();
});

describe("a shop", () => {
  const shops = new Map([["e1/ms/at", "Moda AT"]]);

  it("is called by its name in the attributes, and by its id where it has none", () => {
    const text = (signature: string) => signatureText(shopNamedIn(signature, shops));
    expect(text("shop: e1/ms/at · channel: marketplace_x")).toBe("shop Moda AT, channel marketplace_x");
    expect(text("shop: e1/ms/xx · item: e1/ms/at")).toBe("shop e1/ms/xx, item e1/ms/at");
    expect(text("")).toBe("");
  });

  it("is called by its name in what the affected have in common", () => {
    const features = [
      { name: "rate", value: "0.2" },
      { name: "shop", value: "e1/ms/at" },
    ];
    const findings = { ...FINDINGS, contrast: { ...FINDINGS.contrast, features } };
    expect(contrastText(shopsNamedIn(findings, shops))).toBe(
      "366 of the 370 affected sales have rate 20 % and shop Moda AT; 158 of 1,600 others do.",
    );
  });
});

describe("the one fix", () => {
  const of = (within: { affected: number; others: number }, onset: Findings["onset"] = null) =>
    isMostlyFine({ contrast: { ...FINDINGS.contrast, all: { affected: 11, others: 1_916 }, within }, onset });

  it("is none for a place where most with the same attributes are fine", () => {
    expect(of({ affected: 11, others: 240 })).toBe(true);
    expect(of({ affected: 11, others: 11 })).toBe(false);
    // Since it began, nearly all are affected.
    expect(isMostlyFine(FINDINGS)).toBe(false);
    expect(isMostlyFine(null)).toBe(false);
    const signature = "shop: Moda AT · charge: shipping · missing in: the ERP";
    expect(fixOf("shipping-missing", signature, "")).toMatchObject({ isOne: true });
    const none = fixOf("shipping-missing", signature, "", true);
    expect(none).toMatchObject({ isOne: false, sentence: expect.stringMatching(/no one fix/) });
    expect(none.sentence).not.toContain("Moda AT");
    // What is wrong with one item is so whatever becomes of others.
    expect(fixOf("price-wrong", "item: TEE", "", true)).toMatchObject({ isOne: true });
  });
});
