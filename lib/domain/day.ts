/** A day of the books: YYYY-MM-DD, without time or zone. */
export type Day = string;

/** A month of the books: YYYY-MM. */
export type Month = string;

const formatters = new Map<string, Intl.DateTimeFormat>();

function formatterOf(timeZone: string): Intl.DateTimeFormat {
  const known = formatters.get(timeZone);
  if (known) return known;
  const made = new Intl.DateTimeFormat("en-CA", {
    timeZone,
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
  });
  formatters.set(timeZone, made);
  return made;
}

/** The day of the books on which an instant falls in an IANA time zone. Throws a RangeError on an unknown zone. */
export const dayIn = (instant: Date, timeZone: string): Day => formatterOf(timeZone).format(instant);

/** What a clock on the wall shows at an instant in an IANA time zone: "2026-11-05 09:30:00". */
export const wallClockIn = (instant: Date, timeZone: string): string =>
  `${dayIn(instant, timeZone)} ${instant.toLocaleTimeString("en-GB", { timeZone, hourCycle: "h23" })}`;

/** The month a day belongs to. */
export const monthOf = (day: Day): Month => day.slice(0, 7);

/** The month `count` months later (earlier when negative). */
export function addMonths(month: Month, count: number): Month {
  const index = Number(month.slice(0, 4)) * 12 + Number(month.slice(5, 7)) - 1 + count;
  return `${String(Math.floor(index / 12)).padStart(4, "0")}-${String((index % 12) + 1).padStart(2, "0")}`;
}

/** The day `count` days later (earlier when negative). */
export function addDays(day: Day, count: number): Day {
  return new Date(Date.parse(`${day}T00:00:00Z`) + count * 86_400_000).toISOString().slice(0, 10);
}

/** How many days lie from one day to another; negative where the other is the earlier. */
export const daysBetween = (from: Day, to: Day): number =>
  Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / 86_400_000);

/** First and last day of a month. */
export const daysOf = (month: Month): Readonly<{ first: Day; last: Day }> => ({
  first: `${month}-01`,
  last: addDays(`${addMonths(month, 1)}-01`, -1),
});

const MONTH_NAMES = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
];

/** "October 2026" */
export const monthName = (month: Month): string =>
  `${MONTH_NAMES[Number(month.slice(5, 7)) - 1] ?? month} ${month.slice(0, 4)}`;

/** "12 Nov 2026" */
export const dayName = (day: Day): string =>
  `${Number(day.slice(8, 10))} ${(MONTH_NAMES[Number(day.slice(5, 7)) - 1] ?? "").slice(0, 3)} ${day.slice(0, 4)}`;

/** The days on which something holds, to be put behind it: ", from 1 Jan 2027 until 31 Dec 2027"; nothing where it always does. */
export function daysWords(from: string | null | undefined, until: string | null | undefined): string {
  const [first, last] = [from ? ` from ${dayName(from)}` : "", until ? ` until ${dayName(until)}` : ""];
  return first || last ? `,${first}${last}` : "";
}
