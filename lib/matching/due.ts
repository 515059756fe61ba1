import type pg from "pg";
import { DEFAULT_OLDER_THAN, DEFAULT_STEPS, type DueRules, type DueStep } from "@/lib/domain/due";
import { suggestedCountry } from "@/lib/domain/holidays";

/** A country in `holiday_country` that stands for no country at all. */
export const NO_COUNTRY = "-";

/** The country, or the region of one, whose holidays an entity keeps: the one it states, else what its time zone suggests; null: none. */
export const countryOf = (stated: string | null, timeZone: string): string | null =>
  stated === null ? suggestedCountry(timeZone) : stated === NO_COUNTRY ? null : stated;

/** How long an entity's exceptions may take, and on which days it works. */
export async function loadDueRules(client: pg.ClientBase | pg.Pool, entityId: string): Promise<DueRules> {
  const { rows } = await client.query<{
    holiday_country: string | null;
    time_zone: string;
    has_age: boolean;
    older_than: number | null;
    steps: readonly Readonly<{ currency: string; from: string; days: number }>[] | null;
  }>({
    name: "due-rules",
    text: `SELECT holiday_country, time_zone, a.entity_id IS NOT NULL AS has_age, a.days AS older_than,
            (SELECT json_agg(json_build_object('currency', d.currency, 'from', d.from_major::text, 'days', d.working_days)
                     ORDER BY d.currency, d.from_major DESC) FROM due_rule d WHERE d.entity_id = e.id) AS steps
       FROM entity e LEFT JOIN due_age a ON a.entity_id = e.id WHERE e.id = $1`,
    values: [entityId],
  });
  const [row] = rows;
  const country = row ? countryOf(row.holiday_country, row.time_zone) : null;
  const days = await client.query<{ day: string; working: boolean }>({
    name: "calendar-days",
    // An entity's own day goes before its region's, and that before its country's.
    text: `SELECT DISTINCT ON (day) day, working FROM calendar_day
            WHERE entity_id = $1 OR country IN ($2, split_part($2, '-', 1)) ORDER BY day, entity_id NULLS LAST, length(country) DESC`,
    values: [entityId, country],
  });
  const steps = new Map<string, DueStep[]>();
  for (const { currency, from, days: workingDays } of row?.steps ?? []) {
    steps.set(currency, [...(steps.get(currency) ?? []), { fromMajor: BigInt(from), workingDays }]);
  }
  return {
    steps: steps.has("*") ? steps : new Map([...steps, ["*", DEFAULT_STEPS]]),
    olderThan: row?.has_age ? row.older_than : DEFAULT_OLDER_THAN,
    calendar: { country, entered: new Map(days.rows.map((one) => [one.day, one.working])) },
  };
}
