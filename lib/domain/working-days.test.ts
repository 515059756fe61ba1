import { describe, expect, it } from "vitest";
import { DEFAULT_STEPS, dueOf, worthOf } from "./due";
import { easterSunday, holidaysOf, suggestedCountry } from "./holidays";
import { addWorkingDays, isWorkingDay, WEEKDAYS } from "./working-days";

const germany = { country: "DE", entered: new Map() };

describe("Easter", () => {
  // Dates as the Physikalisch-Technische Bundesanstalt lists them; the earliest and the latest that there can be among them.
  it.each([
    [1818, "1818-03-22"],
    [1943, "1943-04-25"],
    [2000, "2000-04-23"],
    [2008, "2008-03-23"],
    [2011, "2011-04-24"],
    [2024, "2024-03-31"],
    [2025, "2025-04-20"],
    [2026, "2026-04-05"],
    [2027, "2027-03-28"],
    [2038, "2038-04-25"],
  ])("of %i is on %s", (year, day) => {
    expect(easterSunday(year)).toBe(day);
  });

  it("is a Sunday between 22 March and 25 April in every year", () => {
    for (let year = 1900; year < 2200; year += 1) {
      const day = easterSunday(year);
      expect(new Date(`${day}T00:00:00Z`).getUTCDay()).toBe(0);
      expect(day >= `${year}-03-22` && day <= `${year}-04-25`).toBe(true);
    }
  });
});

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

  it("are none where they are not computed, and are suggested by a time zone of one country only", () => {
    expect(holidaysOf("AT", 2026).size).toBe(0);
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
  const rules = { steps: new Map(), calendar: germany };
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
    const own = { steps, calendar: germany };
    expect(dueOf(own, found, 5n, "EUR")).toEqual({
      day: "2026-11-04",
      why: "Any amount: 2 working days after 2 Nov 2026.",
    });
    expect(dueOf(own, found, 5_000_000n, "GBP").day).toBe("2026-11-06");
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
