import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ItemFigures, judge } from "./judge";
import { explanationOf } from "./words";

const item = (changes: Partial<ItemFigures> = {}): ItemFigures => ({
  onHand: "40",
  reserved: null,
  sellable: "26",
  erpMoved: "0",
  scayleMoved: "0",
  promised: 14,
  posted: 0,
  leaving: 0,
  fresh: 0,
  takenAfter: 0,
  takenBefore: 0,
  cancelledAfter: 0,
  cancelledBefore: 0,
  blocked: 0,
  ordersKnown: true,
  withoutStock: false,
  ...changes,
});

describe("an item's stock", () => {
  it("agrees where SCAYLE sells what is on hand less what is promised", () => {
    expect(judge(item())).toMatchObject({ state: "agrees", drift: "0", atRisk: "0", low: "26", high: "26" });
  });

  it("drifts by one piece as by many: there is no tolerance", () => {
    expect(judge(item({ sellable: "27" }))).toMatchObject({ state: "drifting", drift: "1", atRisk: "1" });
    expect(judge(item({ sellable: "20" }))).toMatchObject({ state: "drifting", drift: "-6", atRisk: "0" });
  });

  it("says so with the figures", () => {
    const drifting = item({ sellable: "31", leaving: 2 });
    expect(explanationOf("TEE", drifting, judge(drifting))).toBe(
      "SCAYLE sells 31 of TEE. The ERP has 40 on hand, 14 of them promised to orders that have not left: 26 may be sold. By what is in flight it may be 24 to 26: SCAYLE sells 5 too many.",
    );
  });

  it.each([
    ["an order that the ERP’s snapshot doesn’t know", { sellable: "25", takenAfter: 1 }, { sellable: "24" }],
    ["an order since SCAYLE was read", { sellable: "27", takenBefore: 1 }, { sellable: "28" }],
    ["a quantity blocker of a cancelled order", { sellable: "24", blocked: 2 }, { sellable: "23" }],
    ["goods that left as the ERP answered", { sellable: "25", leaving: 1 }, { sellable: "24" }],
    ["a document that SCAYLE has not seen", { sellable: "29", posted: 3 }, { sellable: "30" }],
    [
      "a receipt that SCAYLE need not know yet",
      { onHand: "50", sellable: "26", erpMoved: "10" },
      { sellable: "25" },
    ],
    ["a correction downwards", { onHand: "35", sellable: "26", erpMoved: "-5" }, { sellable: "27" }],
    ["a newer level of SCAYLE’s", { sellable: "30", scayleMoved: "4" }, { sellable: "31" }],
    ["a cancellation since the snapshot", { sellable: "27", cancelledAfter: 1 }, { sellable: "28" }],
    ["a cancellation since SCAYLE was read", { sellable: "25", cancelledBefore: 1 }, { sellable: "24" }],
  ] as const)("is in flight with %s, and not beyond it", (_, changes, beyond) => {
    expect(judge(item(changes))).toMatchObject({ state: "in-flight", drift: "0" });
    expect(judge(item({ ...changes, ...beyond })).state).toBe("drifting");
  });

  it("is not judged before SCAYLE’s orders are known, or where the ERP says nothing", () => {
    expect(judge(item({ sellable: "99", ordersKnown: false })).state).toBe("waiting");
    expect(judge(item({ sellable: "99", onHand: null }))).toMatchObject({ state: "unknown", low: null });
  });

  it("takes the ERP’s word for what is reserved, where it gives one", () => {
    expect(judge(item({ reserved: "10", sellable: "30" }))).toMatchObject({
      state: "agrees",
      promised: "10",
    });
    expect(judge(item({ reserved: "10", sellable: "29", fresh: 1 })).state).toBe("in-flight");
    // What leaves is taken off by the ERP itself.
    expect(judge(item({ reserved: "10", sellable: "29", leaving: 1 })).state).toBe("drifting");
  });

  it("counts what is sold already and is not there", () => {
    expect(judge(item({ onHand: "10", sellable: "0" }))).toMatchObject({ state: "agrees", atRisk: "4" });
    expect(judge(item({ onHand: "10", sellable: "3" }))).toMatchObject({ drift: "3", atRisk: "7" });
    expect(judge(item({ onHand: "10", sellable: "3", withoutStock: true }))).toMatchObject({
      drift: "3",
      atRisk: "0",
    });
  });
});

describe("the law", () => {
  const few = fc.integer({ min: 0, max: 5 });
  const figures = fc.record({
    onHand: fc.integer({ min: 0, max: 60 }).map(String),
    sellable: fc.integer({ min: 0, max: 60 }).map(String),
    promised: fc.integer({ min: 0, max: 30 }),
    erpMoved: fc.integer({ min: -5, max: 5 }).map(String),
    scayleMoved: fc.integer({ min: -5, max: 5 }).map(String),
    posted: few,
    leaving: few,
    takenAfter: few,
    takenBefore: few,
    cancelledAfter: few,
    cancelledBefore: few,
    blocked: few,
  });

  it("drift is exactly how far SCAYLE is from what in-flight pieces allow, each of which may have happened or not", () => {
    fc.assert(
      fc.property(figures, fc.double({ min: 0, max: 1, noNaN: true }), (given, share) => {
        const judged = judge(item(given));
        const [low, high] = [Number(judged.low), Number(judged.high)];
        const drift = Number(judged.drift);
        expect(Number(given.sellable) - drift).toBeGreaterThanOrEqual(low);
        expect(Number(given.sellable) - drift).toBeLessThanOrEqual(high);
        // Whatever of it happened: what SCAYLE would then sell is no drift.
        const up = judged.inFlight.reduce((sum, one) => sum + Number(one.up), 0);
        const down = judged.inFlight.reduce((sum, one) => sum + Number(one.down), 0);
        const free = Number(given.onHand) - given.promised;
        const now = Math.max(0, free - down + Math.round((up + down) * share));
        expect(judge(item({ ...given, sellable: String(now) })).drift).toBe("0");
      }),
    );
  });
});
