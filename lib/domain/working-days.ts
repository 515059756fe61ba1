import { addDays, type Day, type Month } from "./day";
import { holidaysOf } from "./holidays";

/** The days on which an entity works: Monday to Friday without its country's holidays, as changed by entered days. */
export type WorkingCalendar = Readonly<{
  /** whose computed holidays count; null: none */
  country: string | null;
  /** days that somebody entered, which go before everything else: true is worked, false is not */
  entered: ReadonlyMap<Day, boolean>;
}>;

/** Monday to Friday and nothing else. */
export const WEEKDAYS: WorkingCalendar = { country: null, entered: new Map() };

/** Whether a day is worked. */
export function isWorkingDay(day: Day, { country, entered }: WorkingCalendar): boolean {
  const stated = entered.get(day);
  if (stated !== undefined) return stated;
  const weekday = new Date(`${day}T00:00:00Z`).getUTCDay();
  if (weekday === 0 || weekday === 6) return false;
  return country === null || !holidaysOf(country, Number(day.slice(0, 4))).has(day);
}

// A calendar in which nobody ever works is a mistake of whoever entered it: counting then ends, instead of never.
const YEARS_AHEAD = 3;

/** The day `count` working days after `day`; with a calendar that has too few, three years later. */
export function addWorkingDays(day: Day, count: number, calendar: WorkingCalendar): Day {
  const last = addDays(day, YEARS_AHEAD * 366);
  let at = day;
  for (let left = count; left > 0 && at < last; ) {
    at = addDays(at, 1);
    if (isWorkingDay(at, calendar)) left -= 1;
  }
  return at;
}

/**
 * The working day of a month's close: 1 is the first working day after the month's end (WD+1), −1 the month's last working
 * day (WD−1), and so on.
 */
export function closeDay(month: Month, count: number, calendar: WorkingCalendar): Day {
  const [first = "", last = ""] = daysOf(month);
  if (count > 0) return addWorkingDays(last, count, calendar);
  let at = addDays(last, 1);
  for (let left = -count; left > 0 && at > addDays(first, -YEARS_AHEAD * 366); ) {
    at = addDays(at, -1);
    if (isWorkingDay(at, calendar)) left -= 1;
  }
  return at;
}

/** The first and the last day of a month. */
function daysOf(month: Month): readonly [Day, Day] {
  const first = `${month}-01`;
  const next = addDays(first, 31).slice(0, 7);
  return [first, addDays(`${next}-01`, -1)];
}
