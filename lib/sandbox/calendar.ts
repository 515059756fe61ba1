export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** A month as YYYY-MM. */
export type Month = string;

/** The month so many months later (or earlier, when negative). */
export function addMonths(month: Month, count: number): Month {
  const [year = "1970", number = "1"] = month.split("-");
  return new Date(Date.UTC(Number(year), Number(number) - 1 + count, 1)).toISOString().slice(0, 7);
}

/** The first instant of the month in UTC, in milliseconds. */
export function startOfMonth(month: Month): number {
  return Date.parse(`${month}-01T00:00:00Z`);
}

/** The last month that has ended (in UTC) at the instant. */
export function lastCompleteMonth(now: number): Month {
  return addMonths(new Date(now).toISOString().slice(0, 7), -1);
}

const formats = new Map<string, Intl.DateTimeFormat>();
const datesByHour = new Map<string, string>();

/** The date YYYY-MM-DD on which the instant falls in the time zone (one whose offset is in whole hours). */
export function localDate(instant: number, timeZone: string): string {
  // Formatting is slow and a date can only change at a full hour.
  const hour = Math.floor(instant / HOUR);
  const key = `${timeZone}/${hour}`;
  const known = datesByHour.get(key);
  if (known !== undefined) return known;
  let format = formats.get(timeZone);
  if (!format) {
    format = new Intl.DateTimeFormat("en-CA", {
      timeZone,
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
    });
    formats.set(timeZone, format);
  }
  const date = format.format(hour * HOUR);
  datesByHour.set(key, date);
  return date;
}

/** The date so many days later. */
export function addDays(date: string, count: number): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + count * DAY).toISOString().slice(0, 10);
}

/** An instant as SCAYLE writes it: whole seconds with an offset. */
export function scayleTime(instant: number): string {
  return `${new Date(instant).toISOString().slice(0, 19)}+00:00`;
}
