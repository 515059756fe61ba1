import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Level, type Open, stepOf } from "./machine";

const MINUTE = 60_000;
const at = (minutes: number): Date => new Date(minutes * MINUTE);

/** What becomes of a series of levels, one a minute, as the transitions that people see. */
function played(levels: readonly Level[], quietMinutes: number) {
  let open: Open | null = null;
  const seen: { is: "open" | "close"; at: number }[] = [];
  levels.forEach((level, minute) => {
    const step = stepOf(open, level, at(minute), quietMinutes * MINUTE);
    if (step.is === "open") open = { calmSince: null };
    else if (step.is === "keep") open = { calmSince: null };
    else if (step.is === "calm") open = { calmSince: step.since };
    else if (step.is === "close") open = null;
    if (step.is === "open" || step.is === "close") seen.push({ is: step.is, at: minute });
  });
  return seen;
}

const HIGH = 100;
const LOW = 80;
const levelOf = (value: number): Level => (value >= HIGH ? "above" : value >= LOW ? "between" : "below");
const series = (...values: readonly number[]) => values.map(levelOf);

describe("an alert", () => {
  it("opens once at its opening bound, and stays through everything between its bounds", () => {
    expect(played(series(50, 95, 100, 99, 81, 100, 85, 101), 0)).toEqual([{ is: "open", at: 2 }]);
  });

  it("does not open and close by turns where a figure swings around the opening bound", () => {
    expect(played(series(99, 100, 99, 100, 99, 100, 99, 100), 0)).toEqual([{ is: "open", at: 1 }]);
  });

  it("closes below its closing bound, at once without a quiet time", () => {
    expect(played(series(100, 79, 100, 79), 0)).toEqual([
      { is: "open", at: 0 },
      { is: "close", at: 1 },
      { is: "open", at: 2 },
      { is: "close", at: 3 },
    ]);
  });

  it("closes only after its quiet time without a break", () => {
    expect(played(series(100, 10, 10, 90, 10, 10, 10, 10), 3)).toEqual([
      { is: "open", at: 0 },
      { is: "close", at: 7 },
    ]);
  });
});

const values = fc.array(fc.integer({ min: 0, max: 200 }), { minLength: 1, maxLength: 300 });

it("opens only from the opening bound, closes only after a whole quiet time below the closing one, by turns, in any series", () => {
  fc.assert(
    fc.property(values, fc.integer({ min: 0, max: 10 }), (figures, quiet) => {
      const seen = played(figures.map(levelOf), quiet);
      seen.forEach((one, index) => {
        expect(one.is).toBe(index % 2 === 0 ? "open" : "close");
        if (one.is === "open") expect(figures[one.at]).toBeGreaterThanOrEqual(HIGH);
        else expect(figures.slice(one.at - quiet, one.at + 1).every((figure) => figure < LOW)).toBe(true);
      });
      // It is never missed: whatever stood at the opening bound had an alert open.
      figures.forEach((figure, minute) => {
        if (figure < HIGH) return;
        const last = seen.filter((one) => one.at <= minute).at(-1);
        expect(last?.is).toBe("open");
      });
    }),
    { numRuns: 300 },
  );
});

it("never opens more often than its figure went from below the closing bound to the opening one", () => {
  fc.assert(
    fc.property(values, fc.integer({ min: 0, max: 10 }), (figures, quiet) => {
      let climbs = 0;
      let wasLow = true;
      for (const figure of figures) {
        if (figure < LOW) wasLow = true;
        if (figure >= HIGH && wasLow) {
          climbs += 1;
          wasLow = false;
        }
      }
      const opened = played(figures.map(levelOf), quiet).filter((one) => one.is === "open").length;
      expect(opened).toBeLessThanOrEqual(climbs);
      if (quiet === 0) expect(opened).toBe(climbs);
    }),
    { numRuns: 300 },
  );
});
