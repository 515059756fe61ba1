import { addDays, type Day } from "./day";

/** Easter Sunday of a year of the Gregorian calendar (Meeus, Astronomical Algorithms, chapter 8). */
export function easterSunday(year: number): Day {
  const golden = year % 19;
  const [century, rest] = [Math.floor(year / 100), year % 100];
  const moon = Math.floor((8 * century + 13) / 25);
  const epact = (19 * golden + century - Math.floor(century / 4) - moon + 15) % 30;
  const weekday = (32 + 2 * (century % 4) + 2 * Math.floor(rest / 4) - epact - (rest % 4)) % 7;
  const late = Math.floor((golden + 11 * epact + 22 * weekday) / 451);
  const sum = epact + weekday - 7 * late + 114;
  return `${year}-${String(Math.floor(sum / 31)).padStart(2, "0")}-${String((sum % 31) + 1).padStart(2, "0")}`;
}

/**
 * The holidays of the whole of Germany: New Year, Labour Day, German Unity Day (Einigungsvertrag, article 2) and the
 * Christian ones that every Land has in its law. Those of single Länder are not among them.
 */
function german(year: number): ReadonlyMap<Day, string> {
  const easter = easterSunday(year);
  return new Map([
    [`${year}-01-01`, "New Year"],
    [addDays(easter, -2), "Good Friday"],
    [addDays(easter, 1), "Easter Monday"],
    [`${year}-05-01`, "Labour Day"],
    [addDays(easter, 39), "Ascension Day"],
    [addDays(easter, 50), "Whit Monday"],
    [`${year}-10-03`, "German Unity Day"],
    [`${year}-12-25`, "Christmas Day"],
    [`${year}-12-26`, "Second Day of Christmas"],
  ]);
}

const computed: Readonly<Record<string, (year: number) => ReadonlyMap<Day, string>>> = { DE: german };

/** The countries whose national holidays are computed; others have the days that somebody entered. */
export const computedCountries: readonly string[] = Object.keys(computed);

const known = new Map<string, ReadonlyMap<Day, string>>();

/** The computed national holidays of a country (ISO 3166) in a year, by day; none for a country that is not computed. */
export function holidaysOf(country: string, year: number): ReadonlyMap<Day, string> {
  const key = `${country} ${year}`;
  const before = known.get(key);
  if (before) return before;
  const made = computed[country]?.(year) ?? new Map<Day, string>();
  known.set(key, made);
  return made;
}

// Time zones that are one country's alone. Only a suggestion: an entity can state another country.
const countryOfZone: Readonly<Record<string, string>> = { "Europe/Berlin": "DE", "Europe/Busingen": "DE" };

/** The country whose holidays an entity keeps, where it states none: what its time zone suggests, or null. */
export const suggestedCountry = (timeZone: string): string | null => countryOfZone[timeZone] ?? null;
