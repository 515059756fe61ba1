import { describe, expect, it } from "vitest";
import { ENOUGH_CASES, limitOf, waitingAs } from "./lag";
import { transitionOf, transitions } from "./transitions";

const HOUR = 3600;
const ship = transitionOf("ship");

describe("a limit", () => {
  it("is the 95th percentile and as much again as it exceeds the median", () => {
    const measured = { median: 30 * HOUR, p95: 50 * HOUR, cases: 200 };
    expect(limitOf(ship, measured, 72)).toEqual({ seconds: 70 * HOUR, from: "measured" });
  });

  it("is never below its floor, however quick a step usually is", () => {
    const quick = { median: 60, p95: 120, cases: 10_000 };
    expect(limitOf(ship, quick, 72)).toEqual({ seconds: 24 * HOUR, from: "floor" });
  });

  it("is what SCAYLE documents, or what the ERP is given to post, until enough is measured", () => {
    const few = { median: 1, p95: 1, cases: ENOUGH_CASES - 1 };
    expect(limitOf(ship, few, 72)).toEqual({ seconds: 14 * 24 * HOUR, from: "documented" });
    expect(limitOf(transitionOf("tell-shipment"), null, 72)).toEqual({ seconds: 72 * HOUR, from: "posting" });
    expect(limitOf(transitionOf("tell-shipment"), null, 4)).toEqual({ seconds: 24 * HOUR, from: "posting" });
  });
});

describe("what waits", () => {
  const measured = { median: 30 * HOUR, p95: 50 * HOUR, cases: 200 };
  const limit = limitOf(ship, measured, 72);

  it.each([
    [49, "on-time"],
    [51, "late"],
    [70, "late"],
    [71, "stuck"],
  ])("for %i hours is %s", (hours, as) => {
    expect(waitingAs(hours * HOUR, limit, measured)).toBe(as);
  });

  it("is on time until its limit where too little is measured to call it late", () => {
    expect(waitingAs(100 * HOUR, limitOf(ship, null, 72), null)).toBe("on-time");
  });
});

it("each step that is pushed from here names a call, and each other one who has to push it", () => {
  for (const { code, call, push, pusher } of transitions)
    expect({ code, says: call !== null || push.length > 20, pusher: pusher.length > 0 }).toEqual({
      code,
      says: true,
      pusher: true,
    });
});
