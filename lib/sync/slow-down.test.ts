import { describe, expect, it } from "vitest";
import { type Load, stretchOf } from "./slow-down";

const feed = { intervalSeconds: 900, stretch: 1, lane: "financial" };
const quiet: Load = { tookMilliseconds: 10_000, waitingEvents: 0, waitingJobs: 0, rateLeft: null };

describe("a feed of the financial lane", () => {
  it("keeps its interval while nothing presses", () => {
    const rateLeft = { remaining: 900, limit: 1_000 };
    expect(stretchOf(feed, { ...quiet, rateLeft })).toEqual({ stretch: 1, reason: null });
  });

  it.each([
    [{ waitingEvents: 101 }, 2, "101 webhooks wait for their orders to be read"],
    [{ waitingEvents: 1_500 }, 4, "1,500 webhooks wait"],
    [{ waitingJobs: 51 }, 2, "51 jobs are due and wait for a worker"],
    [{ rateLeft: { remaining: 199, limit: 1_000 } }, 2, "199 of 1,000 calls were left"],
    [{ tookMilliseconds: 12 * 60_000 }, 2, "its last run took 12 min of an interval of 15 min"],
  ] as const)("slows down and says by which numbers: %j", (load, stretch, words) => {
    const slow = stretchOf(feed, { ...quiet, ...load });
    expect(slow.stretch).toBe(stretch);
    expect(slow.reason).toContain(words);
    expect(slow.reason).toContain(`every ${15 * stretch} min`);
  });

  it("names every ground, takes the strongest, and never waits for more than eight intervals", () => {
    const slow = stretchOf(feed, { ...quiet, tookMilliseconds: 24 * 3_600_000, waitingEvents: 200 });
    expect(slow.stretch).toBe(8);
    expect(slow.reason).toMatch(/took 1440 min.*; 200 webhooks/);
  });

  it("comes back by half each time, and says so", () => {
    const back = stretchOf({ ...feed, stretch: 8 }, quiet);
    expect(back).toMatchObject({ stretch: 4, reason: expect.stringContaining("the peak is over") });
    expect(stretchOf({ ...feed, stretch: 2 }, quiet)).toEqual({ stretch: 1, reason: null });
  });
});

describe("a feed of the live lane", () => {
  const live = { intervalSeconds: 120, stretch: 1, lane: "live" };

  it("waits for no other: neither webhooks nor jobs slow it down, nor a limit that is well used", () => {
    const load = { waitingEvents: 5_000, waitingJobs: 500, rateLeft: { remaining: 100, limit: 1_000 } };
    expect(stretchOf(live, { ...quiet, ...load })).toEqual({ stretch: 1, reason: null });
  });

  it("slows down where the limit is all but used up, or its own reading takes too long", () => {
    expect(stretchOf(live, { ...quiet, rateLeft: { remaining: 49, limit: 1_000 } })).toEqual({
      stretch: 2,
      reason: expect.stringContaining("so that the source's limit holds: 49 of 1,000"),
    });
    expect(stretchOf(live, { ...quiet, tookMilliseconds: 100_000 }).stretch).toBe(2);
  });
});
