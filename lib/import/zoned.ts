import { type Day, dayIn } from "@/lib/domain/day";

const formatters = new Map<string, Intl.DateTimeFormat>();

/**
 * The instant at which a wall clock in an IANA time zone shows `local` ("2026-10-25T02:30:00"). Of an hour that comes
 * twice the first one; an hour that is skipped is taken as the one after it. Throws a RangeError on an unknown zone.
 */
export function instantIn(local: string, timeZone: string): Date {
  const wall = Date.parse(`${local}Z`);
  // The zone's offset differs at most once around any moment, so the offsets a day before and after are all there are.
  const candidates = [wall - 86_400_000, wall + 86_400_000].map(
    (moment) => wall - offsetAt(moment, timeZone),
  );
  const exact = candidates.filter((moment) => moment + offsetAt(moment, timeZone) === wall);
  return new Date(exact.length > 0 ? Math.min(...exact) : Math.max(...candidates));
}

/** The day that an instant falls on in an IANA time zone: dayIn, remembered by quarters of an hour, of which files have few. */
export function dayOfMoment(at: Date, timeZone: string): Day {
  const quarter = Math.floor(at.getTime() / QUARTER);
  const key = `${timeZone} ${quarter}`;
  const known = daysByQuarter.get(key);
  if (known !== undefined) return known;
  if (daysByQuarter.size >= REMEMBERED_MAX) daysByQuarter.clear();
  const day = dayIn(at, timeZone);
  daysByQuarter.set(key, day);
  return day;
}

const daysByQuarter = new Map<string, Day>();
const QUARTER = 15 * 60_000;
const REMEMBERED_MAX = 100_000;
const offsets = new Map<string, number>();

/** Milliseconds by which a zone's clocks are ahead of UTC at a moment. Zones change at quarters of an hour only. */
function offsetAt(moment: number, timeZone: string): number {
  const quarter = Math.floor(moment / QUARTER);
  const key = `${timeZone} ${quarter}`;
  const known = offsets.get(key);
  if (known !== undefined) return known;
  if (offsets.size >= REMEMBERED_MAX) offsets.clear();
  const offset = shownOffset(quarter * QUARTER, timeZone);
  offsets.set(key, offset);
  return offset;
}

function shownOffset(moment: number, timeZone: string): number {
  const parts = new Map(
    formatterOf(timeZone)
      .formatToParts(moment)
      .map(({ type, value }) => [type, value]),
  );
  const [year, month, day, hour, minute, second] = ["year", "month", "day", "hour", "minute", "second"].map(
    (type) => Number(parts.get(type as Intl.DateTimeFormatPartTypes)),
  );
  const shown = Date.UTC(year ?? 0, (month ?? 1) - 1, day, hour, minute, second);
  return shown - Math.floor(moment / 1000) * 1000;
}

function formatterOf(timeZone: string): Intl.DateTimeFormat {
  const known = formatters.get(timeZone);
  if (known) return known;
  const made = new Intl.DateTimeFormat("en-US", {
    timeZone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  });
  formatters.set(timeZone, made);
  return made;
}
