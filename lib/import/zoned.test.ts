import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { instantIn } from "./zoned";

describe("a wall clock's time", () => {
  it("is the first of an hour that comes twice, and after an hour that is skipped", () => {
    expect(instantIn("2026-10-25T02:30:00", "Europe/Berlin").toISOString()).toBe("2026-10-25T00:30:00.000Z");
    expect(instantIn("2026-03-29T02:30:00", "Europe/Berlin").toISOString()).toBe("2026-03-29T01:30:00.000Z");
    expect(instantIn("2026-10-31T23:30:00", "America/Sao_Paulo").toISOString()).toBe(
      "2026-11-01T02:30:00.000Z",
    );
  });

  it("shows on that clock at the instant found", () => {
    const zones = fc.constantFrom(
      "Europe/Berlin",
      "Europe/London",
      "America/New_York",
      "Asia/Kolkata",
      "Pacific/Auckland",
    );
    const moments = fc.date({
      min: new Date("2015-01-01"),
      max: new Date("2035-01-01"),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(moments, zones, (moment, zone) => {
        const shown = new Intl.DateTimeFormat("sv-SE", {
          timeZone: zone,
          dateStyle: "short",
          timeStyle: "medium",
        });
        const local = shown.format(moment).replace(" ", "T");
        expect(shown.format(instantIn(local, zone)).replace(" ", "T")).toBe(local);
      }),
    );
  });
});
