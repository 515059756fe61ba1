import { describe, expect, it } from "vitest";
import { DEFAULT_STEPS, dueOf, worthOf } from "./due";
import { holidayCountries, holidayPlaceName, holidaysOf, suggestedCountry } from "./holidays";
import { addWorkingDays, isWorkingDay, WEEKDAYS } from "./working-days";

const germany = { country: "DE", entered: new Map() };

describe("the holidays of a country", () => {
  it("are Germany's nine national ones", () => {
    expect([...holidaysOf("DE", 2026)].map(([day]) => day).sort()).toEqual([
      "2026-01-01",
      "2026-04-03",
      "2026-04-06",
      "2026-05-01",
      "2026-05-14",
      "2026-05-25",
      "2026-10-03",
      "2026-12-25",
      "2026-12-26",
    ]);
  });

  // Each from the law of the place: what it has beside the others, and what it has not.
  it.each([
    ["DE-BY", ["2026-01-06", "2026-06-04", "2026-11-01"], ["2026-10-31"]],
    ["DE-SN", ["2026-10-31", "2026-11-18"], ["2026-11-01"]],
    ["DE-BE", ["2026-03-08"], ["2026-01-06"]],
    ["AT", ["2026-10-26", "2026-12-08", "2026-08-15"], ["2026-04-03"]],
    ["CH", ["2026-08-01"], ["2026-05-01"]],
    ["CH-ZH", ["2026-05-01", "2026-08-01"], []],
    ["NL", ["2026-04-27"], ["2026-05-01"]],
    ["FR", ["2026-05-08", "2026-07-14", "2026-11-11"], ["2026-12-26"]],
    ["FR-57", ["2026-12-26", "2026-04-03"], []],
    ["BE", ["2026-07-21"], []],
    ["GB-ENG", ["2026-08-31", "2026-12-28"], []],
    // King's Day of 2025 was on the Saturday before.
    ["NL", [], ["2025-04-27"]],
  ] as const)("of %s are its own", (code, free, worked) => {
    const days = new Map([...holidaysOf(code, 2025), ...holidaysOf(code, 2026)]);
    expect(free.filter((day) => !days.has(day))).toEqual([]);
    expect(worked.filter((day) => days.has(day))).toEqual([]);
  });

  it("are those of its regions and more, for every place that is offered", () => {
    for (const { code, regions } of holidayCountries) {
      expect(holidaysOf(code, 2027).size, code).toBeGreaterThan(0);
      for (const region of regions)
        expect(holidaysOf(region.code, 2027).size, region.code).toBeGreaterThan(0);
    }
    expect(holidayPlaceName("DE-BY")).toBe("Germany, Bayern");
  });

  it("are none where they are not known, and are suggested by a time zone of one country only", () => {
    expect(holidaysOf("XX", 2026).size).toBe(0);
    expect(holidaysOf("DE-XX", 2026).size).toBe(0);
    expect(holidayPlaceName("DE-XX")).toBeNull();
    expect(suggestedCountry("Europe/Berlin")).toBe("DE");
    expect(suggestedCountry("Europe/London")).toBeNull();
  });
});

describe("working days", () => {
  it.each([
    ["Friday + 1", "2026-11-06", 1, "2026-11-09"],
    ["Saturday + 1", "2026-11-07", 1, "2026-11-09"],
    ["Monday + 5", "2026-11-02", 5, "2026-11-09"],
    ["Thursday + 3", "2026-12-31", 3, "2027-01-05"],
    ["no days at all", "2026-11-07", 0, "2026-11-07"],
  ])("are Monday to Friday: %s", (_name, day, count, expected) => {
    expect(addWorkingDays(day, count, WEEKDAYS)).toBe(expected);
  });

  it("skip holidays: Maundy Thursday + 1 is the Tuesday after Easter", () => {
    expect(addWorkingDays("2026-04-02", 1, germany)).toBe("2026-04-07");
  });

  it("go by what somebody entered before all else", () => {
    const entered = new Map([
      ["2026-04-03", true],
      ["2026-04-04", true],
      ["2026-04-07", false],
    ]);
    expect(addWorkingDays("2026-04-02", 3, { country: "DE", entered })).toBe("2026-04-08");
    expect(isWorkingDay("2026-04-04", { country: "DE", entered })).toBe(true);
  });
});

describe("when something is due", () => {
  const rules = { steps: new Map(), calendar: germany, olderThan: 30 };
  const found = { at: new Date("2026-11-02T09:00:00Z"), timeZone: "Europe/Berlin" };

  it.each([
    [1_000_000n, "EUR", "2026-11-03", "At least 10,000 EUR: 1 working day after 2 Nov 2026."],
    [-1_000_000n, "EUR", "2026-11-03", "At least 10,000 EUR: 1 working day after 2 Nov 2026."],
    [999_999n, "EUR", "2026-11-05", "At least 1,000 EUR: 3 working days after 2 Nov 2026."],
    [99_999n, "EUR", "2026-11-09", "Less than 1,000 EUR: 5 working days after 2 Nov 2026."],
    [0n, "EUR", "2026-11-09", "No amount: 5 working days after 2 Nov 2026."],
    // The yen has no decimals, the dinar three.
    [10_000n, "JPY", "2026-11-03", "At least 10,000 JPY: 1 working day after 2 Nov 2026."],
    [9_999n, "JPY", "2026-11-05", "At least 1,000 JPY: 3 working days after 2 Nov 2026."],
    [1_000_000n, "KWD", "2026-11-05", "At least 1,000 KWD: 3 working days after 2 Nov 2026."],
  ])("%s minor units of %s: %s", (worth, currency, day, why) => {
    expect(dueOf(rules, found, worth, currency)).toEqual({ day, why });
  });

  it("goes by the entity's own steps, those of the currency first", () => {
    const steps = new Map([
      ["*", [{ fromMajor: 0n, workingDays: 2 }]],
      ["GBP", [...DEFAULT_STEPS, { fromMajor: 50_000n, workingDays: 4 }]],
    ]);
    const own = { steps, calendar: germany, olderThan: null };
    expect(dueOf(own, found, 5n, "EUR")).toEqual({
      day: "2026-11-04",
      why: "Any amount: 2 working days after 2 Nov 2026.",
    });
    expect(dueOf(own, found, 5_000_000n, "GBP").day).toBe("2026-11-06");
  });

  it.each([
    // 31 days before 2 November: one step sooner; 30 are not older than 30.
    ["2026-10-02", 99_999n, "2026-11-05", "Less than 1,000 EUR, and older than 30 days when it was found: 3"],
    ["2026-10-03", 99_999n, "2026-11-09", "Less than 1,000 EUR: 5"],
    ["2025-01-01", 100_000n, "2026-11-03", "At least 1,000 EUR, and older than 30 days when it was found: 1"],
    // There is no larger step: its age is of no use to it, and is not said.
    ["2025-01-01", 1_000_000n, "2026-11-03", "At least 10,000 EUR: 1"],
    ["2026-12-01", 99_999n, "2026-11-09", "Less than 1,000 EUR: 5"],
    [null, 99_999n, "2026-11-09", "Less than 1,000 EUR: 5"],
  ])("is sooner for what was old when it was found: of %s, %s", (businessDay, worth, day, why) => {
    const due = dueOf(rules, { ...found, businessDay }, worth, "EUR");
    expect(due.day).toBe(day);
    expect(due.why.startsWith(`${why} working`)).toBe(true);
  });

  it("is never later for being old, whatever the steps, and not at all sooner where age does not count", () => {
    const steps = new Map([
      [
        "*",
        [
          { fromMajor: 100n, workingDays: 9 },
          { fromMajor: 0n, workingDays: 2 },
        ],
      ],
    ]);
    const old = { ...found, businessDay: "2020-01-01" };
    const odd = { steps, calendar: germany, olderThan: 30 };
    expect(dueOf(odd, old, 5n, "EUR")).toEqual(dueOf(odd, found, 5n, "EUR"));
    const off = { ...rules, olderThan: null };
    expect(dueOf(off, old, 5n, "EUR")).toEqual(dueOf(rules, found, 5n, "EUR"));
  });

  it("counts the largest amount there is: a tax that is wrong moves no gross", () => {
    const one = { net: -1_200_000n, tax: 1_200_000n, gross: 0n };
    expect(worthOf([one, { net: 0n, tax: 0n, gross: 5n }])).toBe(1_200_000n);
  });

  it("counts from the day at the entity's place, not in UTC", () => {
    const late = { at: new Date("2026-11-02T23:30:00Z"), timeZone: "Europe/Berlin" };
    expect(dueOf(rules, late, 1_000_000n, "EUR").day).toBe("2026-11-04");
  });
});
