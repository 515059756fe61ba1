import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { addDays, addMonths, dayIn, dayName, daysOf, monthName, monthOf } from "./day";

const months = fc
  .record({ year: fc.integer({ min: 1990, max: 2100 }), month: fc.integer({ min: 1, max: 12 }) })
  .map(({ year, month }) => `${year}-${String(month).padStart(2, "0")}`);

describe("the day of the books", () => {
  test.each([
    ["winter time has begun: an hour ahead", "2026-10-31T23:30:00Z", "Europe/Berlin", "2026-11-01"],
    ["the same instant in London", "2026-10-31T23:30:00Z", "Europe/London", "2026-10-31"],
    ["a minute before midnight", "2026-10-31T22:59:59Z", "Europe/Berlin", "2026-10-31"],
    ["summer time: two hours ahead", "2026-03-31T22:30:00Z", "Europe/Berlin", "2026-04-01"],
    ["summer time in London", "2026-07-31T23:30:00Z", "Europe/London", "2026-08-01"],
    ["winter time in London", "2026-01-31T23:59:59Z", "Europe/London", "2026-01-31"],
    ["the last hour before clocks go back", "2026-10-24T22:00:00Z", "Europe/Berlin", "2026-10-25"],
    ["the day clocks go back ends an hour later", "2026-10-25T22:59:59Z", "Europe/Berlin", "2026-10-25"],
    ["and the next begins at 23:00 UTC", "2026-10-25T23:00:00Z", "Europe/Berlin", "2026-10-26"],
    ["behind UTC", "2017-10-01T02:30:00Z", "America/Sao_Paulo", "2017-09-30"],
    ["a leap day", "2024-02-29T12:00:00Z", "Europe/Berlin", "2024-02-29"],
    ["the new year comes early in Auckland", "2026-12-31T11:30:00Z", "Pacific/Auckland", "2027-01-01"],
  ])("%s", (_name, instant, timeZone, expected) => {
    expect(dayIn(new Date(instant), timeZone)).toBe(expected);
  });

  test("a zone that does not exist is refused", () => {
    expect(() => dayIn(new Date(0), "Europe/Atlantis")).toThrow(RangeError);
  });
});

describe("months", () => {
  test("a month later and earlier, over the year's end", () => {
    expect([addMonths("2026-12", 1), addMonths("2026-01", -1), addMonths("2026-05", -17)]).toEqual([
      "2027-01",
      "2025-12",
      "2024-12",
    ]);
  });

  test("going forward and back ends where it began", () => {
    fc.assert(
      fc.property(months, fc.integer({ min: -240, max: 240 }), (month, count) => {
        expect(addMonths(addMonths(month, count), -count)).toBe(month);
      }),
    );
  });

  test("the day after a month's last is the first of the next", () => {
    fc.assert(
      fc.property(months, (month) => {
        const { first, last } = daysOf(month);
        expect([monthOf(first), monthOf(last)]).toEqual([month, month]);
        expect(addDays(last, 1)).toBe(daysOf(addMonths(month, 1)).first);
      }),
    );
  });

  test.each([
    ["2024-02", "2024-02-29"],
    ["2026-02", "2026-02-28"],
    ["2026-11", "2026-11-30"],
    ["2026-12", "2026-12-31"],
  ])("%s ends on %s", (month, last) => {
    expect(daysOf(month)).toEqual({ first: `${month}-01`, last });
  });

  test("months and days in words", () => {
    expect([monthName("2026-10"), dayName("2026-11-02"), dayName("2026-05-31")]).toEqual([
      "October 2026",
      "2 Nov 2026",
      "31 May 2026",
    ]);
  });
});

describe("days", () => {
  test("a day is a day where clocks change", () => {
    expect([addDays("2026-03-28", 2), addDays("2026-10-24", 2), addDays("2026-03-01", -1)]).toEqual([
      "2026-03-30",
      "2026-10-26",
      "2026-02-28",
    ]);
  });
});
