import { describe, expect, it } from "vitest";
import { durationWords } from "@/lib/domain/duration";
import { isAhead, lagOf } from "./lag";

const now = new Date("2026-11-01T12:00:00Z");
const ago = (seconds: number) => new Date(now.getTime() - seconds * 1000);

describe("the lag of a feed", () => {
  it.each([
    [0, "current", 0],
    [1800, "current", 0.5],
    [3600, "current", 1],
    [3601, "late", 1],
    [7201, "behind", 1],
  ] as const)("%i seconds after the last confirmation it is %s", (seconds, state, share) => {
    expect(lagOf(ago(seconds), 3600, now)).toMatchObject({ state, share });
  });

  it("says when nothing was ever confirmed", () => {
    expect(lagOf(null, 3600, now)).toMatchObject({ state: "never", seconds: null });
  });

  it("has a newest change ahead only where that is stamped with a time to come", () => {
    expect([isAhead(ago(-1), now), isAhead(ago(0), now), isAhead(null, now)]).toEqual([true, false, false]);
  });

  it("is not negative when the source's clock is ahead", () => {
    expect(lagOf(ago(-30), 3600, now).seconds).toBe(0);
  });

  it.each([
    [59, "59 s"],
    [3599, "59 min"],
    [7200, "2 h"],
    [172_800, "2 days"],
  ])("calls %i seconds %s", (seconds, words) => {
    expect(durationWords(seconds)).toBe(words);
  });
});
