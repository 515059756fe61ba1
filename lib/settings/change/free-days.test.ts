import { describe, expect, it } from "vitest";
import { freeDaysAround, type Span } from "./free-days";

const old: Span = { from: null, until: "2026-06-30" };
const summer: Span = { from: "2026-08-01", until: "2026-09-30" };
const now: Span = { from: "2027-01-01", until: null };

describe("the days that a new row of a mapping may take", () => {
  it.each([
    ["all of them where there is no row", [], "2026-10-05", {}],
    [
      "the gap between two rows",
      [now, old],
      "2026-10-05",
      { validFrom: "2026-07-01", validUntil: "2026-12-31" },
    ],
    [
      "the nearest gap of several",
      [old, summer, now],
      "2026-07-15",
      { validFrom: "2026-07-01", validUntil: "2026-07-31" },
    ],
    ["all before the first row", [now], "2026-10-05", { validUntil: "2026-12-31" }],
    ["all after the last one", [old], "2026-07-01", { validFrom: "2026-07-01" }],
    [
      "those of the row that has the day",
      [old, summer],
      "2026-08-01",
      { validFrom: "2026-08-01", validUntil: "2026-09-30", replaces: "2026-08-01" },
    ],
    [
      "those of a row without a first day",
      [old],
      "2026-06-30",
      { validUntil: "2026-06-30", replaces: "beginning" },
    ],
  ] as const)("%s", (_, spans, day, expected) => {
    expect(freeDaysAround(spans, day)).toEqual(expected);
  });
});
