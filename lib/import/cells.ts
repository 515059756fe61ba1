import { Decimal } from "decimal.js";
import type { Day } from "@/lib/domain/day";
import { exponentOf, type Minor } from "@/lib/domain/money";
import type { Profile } from "./profile";
import { dayOfMoment, instantIn } from "./zoned";

/** A cell that was read, or what was expected of it. */
export type Cell<T> = Readonly<{ value: T }> | Readonly<{ expected: string }>;

type Numbers = Pick<Profile, "decimalMark" | "groupMark">;

/** A number with the profile's marks, as plain decimal text. */
export function decimalCell(text: string, { decimalMark, groupMark }: Numbers): Cell<string> {
  if (!patternFor(decimalMark, groupMark).test(text))
    return { expected: `a number like 1234${decimalMark}50` };
  const ungrouped = groupMark ? text.replaceAll(groupMark, "") : text;
  return { value: canonical(decimalMark === "." ? ungrouped : ungrouped.replace(decimalMark, ".")) };
}

/** The shortest text of a number: no sign of plus or of zero, no zeros before and behind. What Decimal's toFixed() writes. */
function canonical(text: string): string {
  const isNegative = text.startsWith("-");
  const unsigned = isNegative || text.startsWith("+") ? text.slice(1) : text;
  const point = unsigned.indexOf(".");
  const digits = point < 0 ? unsigned : unsigned.slice(0, point);
  let first = 0;
  while (first < digits.length - 1 && digits.charCodeAt(first) === ZERO) first += 1;
  let last = unsigned.length;
  if (point >= 0) {
    while (unsigned.charCodeAt(last - 1) === ZERO) last -= 1;
    if (last === point + 1) last = point;
  }
  const shortest = unsigned.slice(first, last);
  return isNegative && shortest !== "0" ? `-${shortest}` : shortest;
}

const ZERO = 48;

const patterns = new Map<string, RegExp>();

function patternFor(decimalMark: string, groupMark: string | undefined): RegExp {
  const key = `${decimalMark}${groupMark ?? ""}`;
  const known = patterns.get(key);
  if (known) return known;
  const escaped = (mark: string): string => mark.replace(".", "\\.");
  const grouped = groupMark ? `|\\d{1,3}(?:${escaped(groupMark)}\\d{3})+` : "";
  const made = new RegExp(`^[+-]?(?:\\d+${grouped})(?:${escaped(decimalMark)}\\d+)?$`);
  patterns.set(key, made);
  return made;
}

/** An amount in minor units of the currency. More decimals than it has are refused, not rounded away. */
export function amountCell(text: string, currency: string, numbers: Numbers): Cell<Minor> {
  const decimal = decimalCell(text, numbers);
  if ("expected" in decimal) return decimal;
  const exponent = exponentOf(currency);
  const point = decimal.value.indexOf(".");
  const decimals = point < 0 ? 0 : decimal.value.length - point - 1;
  if (decimals > exponent) return { expected: `an amount with at most ${exponent} decimals (${currency})` };
  const digits = point < 0 ? decimal.value : decimal.value.slice(0, point) + decimal.value.slice(point + 1);
  return { value: BigInt(digits + "0".repeat(exponent - decimals)) };
}

/** A tax rate as a fraction in plain decimal text: "0.19". */
export function rateCell(text: string, profile: Pick<Profile, "taxRate"> & Numbers): Cell<string> {
  const dialect = `${profile.taxRate}${profile.decimalMark}${profile.groupMark ?? ""}`;
  const known = rates.get(dialect) ?? new Map<string, Cell<string>>();
  const before = known.get(text);
  if (before) return before;
  const cell = readRate(text, profile);
  // A file has few rates, unless something is wrong with it.
  if (known.size < RATES_MAX) rates.set(dialect, known.set(text, cell));
  return cell;
}

const RATES_MAX = 1000;
const rates = new Map<string, Map<string, Cell<string>>>();

function readRate(text: string, profile: Pick<Profile, "taxRate"> & Numbers): Cell<string> {
  const decimal = decimalCell(text.replace(/ ?%$/, ""), profile);
  if ("expected" in decimal) return { expected: "a tax rate like 0.19 or 19" };
  const rate = new Decimal(decimal.value);
  const isPercent =
    profile.taxRate === "percent" || (profile.taxRate === "either" && (rate.gt(1) || text.endsWith("%")));
  if (profile.taxRate === "either" && rate.eq(1) && !text.endsWith("%"))
    return { expected: "a tax rate that is clearly a fraction or per cent; declare taxRate in the profile" };
  const fraction = isPercent ? rate.dividedBy(100) : rate;
  if (fraction.isNegative() || fraction.gt(1)) return { expected: "a tax rate between 0 and 100 %" };
  return { value: fraction.toFixed() };
}

const PATTERNS: Readonly<Record<Profile["dateFormat"], readonly [RegExp, readonly ("y" | "m" | "d")[]]>> = {
  "YYYY-MM-DD": [/^(\d{4})-(\d{2})-(\d{2})/, ["y", "m", "d"]],
  YYYYMMDD: [/^(\d{4})(\d{2})(\d{2})/, ["y", "m", "d"]],
  "DD.MM.YYYY": [/^(\d{1,2})\.(\d{1,2})\.(\d{4})/, ["d", "m", "y"]],
  "DD/MM/YYYY": [/^(\d{1,2})\/(\d{1,2})\/(\d{4})/, ["d", "m", "y"]],
  "DD-MM-YYYY": [/^(\d{1,2})-(\d{1,2})-(\d{4})/, ["d", "m", "y"]],
  "MM/DD/YYYY": [/^(\d{1,2})\/(\d{1,2})\/(\d{4})/, ["m", "d", "y"]],
};

/** A day in the profile's format. */
export function dayCell(text: string, dateFormat: Profile["dateFormat"]): Cell<Day> {
  const found = leadingDay(text, dateFormat);
  return found && found.rest === "" ? { value: found.day } : { expected: `a day as ${dateFormat}` };
}

const CLOCK = /^[T ](\d{2}):(\d{2})(?::(\d{2})(\.\d{1,9})?)?(?: ?(Z|[+-]\d{2}:?\d{2}))?$/i;

/**
 * A day, or a moment and the day it falls on in the entity's time zone. A time without an offset is one of that zone.
 * A day alone has no moment.
 */
export function momentCell(
  text: string,
  dateFormat: Profile["dateFormat"],
  timeZone: string,
): Cell<Readonly<{ day: Day; at: Date | null }>> {
  const expected = { expected: `a day as ${dateFormat}, or with a time: ${dateFormat} HH:MM:SS` };
  const found = leadingDay(text, dateFormat);
  if (!found) return expected;
  if (found.rest === "") return { value: { day: found.day, at: null } };
  const [, hour, minute, second = "00", fraction = "", offset] = CLOCK.exec(found.rest) ?? [];
  if (hour === undefined || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return expected;
  const local = `${found.day}T${hour}:${minute}:${second}${fraction.slice(0, 4)}`;
  const zone = offset?.toUpperCase().replace(/^([+-]\d{2})(\d{2})$/, "$1:$2");
  const at = zone === undefined ? instantIn(local, timeZone) : new Date(`${local}${zone}`);
  return Number.isNaN(at.getTime()) ? expected : { value: { day: dayOfMoment(at, timeZone), at } };
}

function leadingDay(text: string, format: Profile["dateFormat"]): { day: Day; rest: string } | null {
  const [pattern, order] = PATTERNS[format];
  const match = pattern.exec(text);
  if (!match) return null;
  const day = dayOf(match, format, order);
  return day === null ? null : { day, rest: text.slice(match[0].length) };
}

const DAYS_MAX = 10_000;
const days = new Map<string, Day | null>();

/** The day that the parts of a date make, if there is such a day. Files repeat few of them. */
function dayOf(
  match: RegExpExecArray,
  format: Profile["dateFormat"],
  order: readonly ("y" | "m" | "d")[],
): Day | null {
  const key = `${format} ${match[0]}`;
  const known = days.get(key);
  if (known !== undefined) return known;
  const part = (name: "y" | "m" | "d"): string => (match[order.indexOf(name) + 1] ?? "").padStart(2, "0");
  const day = `${part("y")}-${part("m")}-${part("d")}`;
  const date = new Date(`${day}T00:00:00Z`);
  const exists = !Number.isNaN(date.getTime()) && date.toISOString().startsWith(day);
  if (days.size >= DAYS_MAX) days.clear();
  days.set(key, exists ? day : null);
  return exists ? day : null;
}

// What a spreadsheet makes of a long number: digits are lost, so it names nothing any more.
const MANGLED = /^\d+([.,]\d+)?E\+\d+$/i;

/** A SKU, GTIN or other key. */
export const keyCell = (text: string): Cell<string> =>
  MANGLED.test(text)
    ? { expected: "a key as text; a spreadsheet has turned it into a number" }
    : { value: text };
