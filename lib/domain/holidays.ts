import Holidays from "date-holidays";
import type { Day } from "./day";

/*
 * Public holidays come from the package date-holidays, which keeps the laws of countries and their regions as rules with their
 * changes over the years. Here: which places are offered, and their days as whole days of the calendar.
 */

/** Countries (ISO 3166) whose holidays are offered, with the regions that have some of their own. */
const OFFERED =
  "AT BE BG CH CY CZ DE DK EE ES FI FR GB GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK US CA AU NZ";

/** A country or a part of it whose holidays are known: "DE", or "DE-BY". */
export type HolidayPlace = Readonly<{ code: string; name: string }>;
export type HolidayCountry = HolidayPlace & Readonly<{ regions: readonly HolidayPlace[] }>;

const byName = (a: HolidayPlace, b: HolidayPlace): number => a.name.localeCompare(b.name, "en");
const placesOf = (found: Readonly<Record<string, string>> | undefined, prefix: string) =>
  Object.entries(found ?? {}).map(([code, name]) => ({ code: `${prefix}${code}`, name }));

/** The countries whose holidays are known, by name, each with its regions. */
export const holidayCountries: readonly HolidayCountry[] = (() => {
  const library = new Holidays();
  const names = new Map(placesOf(library.getCountries("en"), "").map(({ code, name }) => [code, name]));
  return OFFERED.split(" ")
    .map((code) => ({
      code,
      name: names.get(code) ?? code,
      regions: placesOf(library.getStates(code, "en"), `${code}-`).sort(byName),
    }))
    .sort(byName);
})();

const places: ReadonlyMap<string, string> = new Map(
  holidayCountries.flatMap(({ code, name, regions }) => [
    [code, name] as const,
    ...regions.map((region) => [region.code, `${name}, ${region.name}`] as const),
  ]),
);

/** What a place is called, like "Germany, Bayern"; null where its holidays are not known. */
export const holidayPlaceName = (code: string): string | null => places.get(code) ?? null;

const known = new Map<string, ReadonlyMap<Day, string>>();

/** The public holidays of a country or region in a year, by day; none for a place whose holidays are not known. */
export function holidaysOf(code: string, year: number): ReadonlyMap<Day, string> {
  const key = `${code} ${year}`;
  const before = known.get(key);
  if (before) return before;
  const made = places.has(code) ? computed(code, year) : new Map<Day, string>();
  known.set(key, made);
  return made;
}

function computed(code: string, year: number): ReadonlyMap<Day, string> {
  const [country = "", region] = code.split("-");
  const library = region === undefined ? new Holidays(country) : new Holidays(country, region);
  const days = library
    .getHolidays(year, "en")
    .filter((one) => one.type === "public")
    // Its `date` is the place's own day.
    .map((one) => [one.date.slice(0, 10), one.name] as const);
  return new Map(days.sort(([a], [b]) => (a < b ? -1 : 1)));
}

// Time zones that are one country's alone. Only a suggestion: an entity can state another country.
const countryOfZone: Readonly<Record<string, string>> = { "Europe/Berlin": "DE", "Europe/Busingen": "DE" };

/** The country whose holidays an entity keeps, where it states none: what its time zone suggests, or null. */
export const suggestedCountry = (timeZone: string): string | null => countryOfZone[timeZone] ?? null;
