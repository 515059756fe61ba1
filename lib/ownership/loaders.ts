import "server-only";
import { entitiesOf, may } from "@/lib/auth/actor";
import { pageEntities } from "@/lib/auth/session";
import { causeOf, causes } from "@/lib/causes/registry";
import { dayIn } from "@/lib/domain/day";
import { DEFAULT_OLDER_THAN, DEFAULT_STEPS } from "@/lib/domain/due";
import { holidayCountries, holidayPlaceName, holidaysOf, suggestedCountry } from "@/lib/domain/holidays";
import { assignableRoles } from "@/lib/exceptions/hold";
import { countryOf } from "@/lib/matching/due";
import { aboutText } from "./about";
import {
  countDue,
  findCalendar,
  findHistory,
  findPeople,
  findRules,
  findShops,
  findStatedCountry,
  findTeams,
} from "./data";
import { writeRulesFile } from "./table-file";

/** Who owns which cause, the teams, and what was changed of both. `search` narrows the table. */
export async function loadOwnership(search: string) {
  const { actor, entities } = await pageEntities("settings.read", undefined);
  const ids = entities.map((entity) => entity.id);
  const everywhere = entitiesOf(actor, "settings.write") === "all";
  const [rules, teams, people, shops, history] = await Promise.all([
    findRules(ids),
    findTeams(),
    findPeople(assignableRoles),
    findShops(ids),
    may(actor, "audit.read") ? findHistory([...ids, "*"], ["ownership", "team"]) : [],
  ]);
  const teamName = new Map(teams.map((team) => [team.id, team.name]));
  const wanted = search.trim().toLowerCase();
  // A code is hidden from people: what they read is what they look a cause up by.
  const byTitle = (one: Readonly<{ title: string }>, other: Readonly<{ title: string }>) =>
    one.title.localeCompare(other.title, "en");
  const titled = rules.map((rule) => ({
    ...rule,
    title: causeOf(rule.cause)?.title ?? rule.cause,
    teamName: teamName.get(rule.team) ?? rule.team,
    mayChange: rule.entityId === null ? everywhere : may(actor, "settings.write", rule.entityId),
  }));
  titled.sort(byTitle);
  return {
    entities,
    rules: titled.filter(({ title, cause, entityId, shopId, shop, teamName: team }) =>
      [title, cause, entityId, shopId, shop, team].some((text) => text?.toLowerCase().includes(wanted)),
    ),
    total: rules.length,
    teams,
    people,
    shops,
    causes: causes
      .filter((cause) => cause.raises)
      .map(({ code, title }) => ({ code, title }))
      .sort(byTitle),
    history: history.map((one) => ({
      ...one,
      about: aboutText(one.subject, shops),
      before: withTeamName(one.before, teamName),
      after: withTeamName(one.after, teamName),
    })),
    timeZone: entities[0]?.timeZone ?? "UTC",
    may: { everywhere, some: may(actor, "settings.write") },
  } as const;
}

/** A value of the trail with its team by name. */
const withTeamName = (value: unknown, names: ReadonlyMap<string, string>): unknown =>
  value !== null && typeof value === "object" && "team" in value && typeof value.team === "string"
    ? { ...value, team: names.get(value.team) ?? value.team }
    : value;

export type OwnershipView = Awaited<ReturnType<typeof loadOwnership>>;

/** The table of who owns what as a CSV file, of the entities that the actor may see the settings of. */
export async function loadRulesFile(): Promise<string> {
  const { entities } = await pageEntities("settings.read", undefined);
  return writeRulesFile(await findRules(entities.map((entity) => entity.id)));
}

const YEARS_SHOWN = 2;

/** How long exceptions of an entity may take, and on which days it works. */
export async function loadDueDates(asked: string | undefined) {
  const { actor, entities, entity } = await pageEntities("settings.read", asked);
  if (!entity) return { entities, entity: null } as const;
  const today = dayIn(new Date(), entity.timeZone);
  const year = Number(today.slice(0, 4));
  const stated = await findStatedCountry(entity.id);
  const country = countryOf(stated, entity.timeZone);
  const [open, calendar, history] = await Promise.all([
    countDue(entity.id),
    findCalendar(entity.id, country, `${year}-01-01`),
    may(actor, "audit.read", entity.id) ? findHistory([entity.id, "*"], ["due", "calendar"]) : [],
  ]);
  const currencies = [...new Set(["*", ...calendar.steps.map((step) => step.currency)])];
  return {
    entities,
    entity,
    stated,
    country,
    suggested: suggestedCountry(entity.timeZone),
    /** what its holidays are called by place; null: they are not known */
    place: country === null ? null : holidayPlaceName(country),
    places: holidayCountries,
    open,
    /** days; null: age does not count */
    olderThan: calendar.age === null ? DEFAULT_OLDER_THAN : calendar.age.days,
    steps: currencies.map((currency) => {
      const own = calendar.steps.filter((step) => step.currency === currency);
      return { currency, isDefault: own.length === 0, steps: own.length > 0 ? own : DEFAULT_STEPS };
    }),
    holidays: Array.from({ length: YEARS_SHOWN }, (_, index) => year + index)
      .flatMap((one) => [...(country === null ? [] : holidaysOf(country, one))])
      .filter(([day]) => day >= today)
      .map(([day, name]) => ({ id: day, day, name })),
    days: calendar.days,
    history,
    may: {
      change: may(actor, "settings.write", entity.id),
      everywhere: entitiesOf(actor, "settings.write") === "all",
    },
  } as const;
}

export type DueDatesView = Extract<Awaited<ReturnType<typeof loadDueDates>>, { steps: unknown }>;
