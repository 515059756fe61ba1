import { describe, expect, it } from "vitest";
import { progressOf } from "./run-progress";

const at = (seconds: number): Date => new Date(seconds * 1000);
const run = { state: "running", startedAt: at(0), finishedAt: null, found: 50, expected: 200 };

describe("the progress of a run", () => {
  it("is what it found of what it expects, at the rate it has had", () => {
    expect(progressOf(run, at(10))).toEqual({ perSecond: 5, share: 0.25, secondsLeft: 30 });
  });
  it("has a rate but no end where nobody knows how many there will be, or more came than were expected", () => {
    expect(progressOf({ ...run, expected: null }, at(10))).toEqual({
      perSecond: 5,
      share: null,
      secondsLeft: null,
    });
    expect(progressOf({ ...run, expected: 40 }, at(10))).toEqual({
      perSecond: 5,
      share: null,
      secondsLeft: null,
    });
  });
  it("has no rate before the first record came", () => {
    expect(progressOf({ ...run, found: 0 }, at(10))).toEqual({
      perSecond: null,
      share: 0,
      secondsLeft: null,
    });
  });
  it("of one that ended is its rate until then", () => {
    expect(progressOf({ ...run, state: "done", finishedAt: at(5) }, at(99))).toEqual({
      perSecond: 10,
      share: null,
      secondsLeft: null,
    });
  });
});
