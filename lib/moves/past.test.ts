import { describe, expect, it } from "vitest";
import { pastOf } from "./past";

const now = new Date("2026-11-12T23:30:00Z");

describe("a moment that is looked at", () => {
  it("is a day that is over where the books are kept, else the last one that is, and it is said so", () => {
    expect(pastOf({ day: "2026-11-11" }, now, "Europe/Berlin")).toEqual({
      moment: { day: "2026-11-11" },
      instead: null,
    });
    expect(pastOf({ day: "2026-11-12" }, now, "Europe/Berlin").instead).toBeNull();
    expect(pastOf({ day: "2026-11-12" }, now, "UTC").moment).toEqual({ day: "2026-11-11" });
    const future = pastOf({ day: "2030-01-01" }, now, "UTC");
    expect(future.moment).toEqual({ day: "2026-11-11" });
    expect(future.instead).toBe(
      "The end of 1 Jan 2030 has not come yet: this is the end of 11 Nov 2026, the last day that is over.",
    );
  });

  it("or an instant up to now", () => {
    const instant = new Date("2026-11-12T10:00:00Z");
    expect(pastOf({ instant }, now, "UTC")).toEqual({ moment: { instant }, instead: null });
    expect(pastOf({ instant: new Date("2030-01-01T00:00:00Z") }, now, "UTC").moment).toEqual({
      instant: now,
    });
  });
});
