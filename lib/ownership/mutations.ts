import "server-only";
import type { PoolClient } from "pg";
import { type AuditContext, audited } from "@/lib/audit/record";
import { type Actor, assertMay, assertMayEverywhere } from "@/lib/auth/actor";
import { Refusal } from "@/lib/domain/faults";
import { holidayPlaceName } from "@/lib/domain/holidays";
import { idOf } from "@/lib/domain/identity";
import { assignableRoles } from "@/lib/exceptions/hold";
import { NO_COUNTRY } from "@/lib/matching/due";
import { applyDue } from "./apply-due";
import type { ApplyDue, CalendarDay, DueAge, DueSteps, HolidayCountry, RemoveDay, SaveTeam } from "./schema";

type ActContext = AuditContext & Readonly<{ now: Date }>;
/** What concerns no single entity. */
const ALL = "*";

/** What counts for an entity is changed by who may do so there; what counts everywhere, by who may everywhere. */
function assertMayChange(actor: Actor, entityId: string | null): void {
  if (entityId === null) assertMayEverywhere(actor, "settings.write");
  else assertMay(actor, "settings.write", entityId);
}

/**
 * Makes or changes a team: its name, its lead, its members. Leads and members are people who may work on exceptions.
 * Throws Refusal: "not-allowed"; "not-found"; "conflict" for a new team of a name that is taken; "invalid" for people who may not.
 */
export async function saveTeam(actor: Actor, input: SaveTeam, context: ActContext): Promise<void> {
  assertMayEverywhere(actor, "settings.write");
  const { id, name, leadId, isNew } = input;
  const memberIds = [...new Set(leadId === null ? input.memberIds : [...input.memberIds, leadId])].sort();
  const save = async (client: PoolClient) => {
    const { rows } = await client.query<{ name: string; lead: string | null; members: readonly string[] }>(
      `SELECT t.name, t.lead_id AS lead, ARRAY(SELECT user_id::text FROM team_member WHERE team_id = t.id ORDER BY 1) AS members
         FROM team t WHERE id = $1 FOR UPDATE`,
      [id],
    );
    const before = rows[0] ?? null;
    if (isNew && before) throw new Refusal("conflict", `There is a team “${id}” already.`);
    if (!isNew && !before) throw new Refusal("not-found", `There is no team “${id}”.`);
    await assertWorkers(client, memberIds);
    await client.query(
      `INSERT INTO team (id, name, lead_id) VALUES ($1, $2, $3)
       ON CONFLICT (id) DO UPDATE SET name = excluded.name, lead_id = excluded.lead_id`,
      [id, name, leadId],
    );
    await client.query("DELETE FROM team_member WHERE team_id = $1", [id]);
    await client.query("INSERT INTO team_member (team_id, user_id) SELECT $1, unnest($2::uuid[])", [
      id,
      memberIds,
    ]);
    return {
      result: undefined,
      change: {
        action: "team.set",
        subject: `team:${id}`,
        before,
        after: { name, lead: leadId, members: memberIds },
      },
    };
  };
  await audited(actor, ALL, save, context);
}

async function assertWorkers(client: PoolClient, ids: readonly string[]): Promise<void> {
  const { rows } = await client.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM "user" u WHERE u.id = ANY($1::uuid[]) AND u.disabled_at IS NULL
        AND EXISTS (SELECT FROM "grant" g WHERE g.user_id = u.id AND g.role = ANY($2))`,
    [ids, assignableRoles],
  );
  if ((rows[0]?.count ?? 0) !== ids.length)
    throw new Refusal("invalid", "One of these people may not work on exceptions.");
}

/**
 * Sets how long exceptions of a currency (or of every currency without its own) may take in an entity; without steps the
 * defaults hold again. Counts for what is found from now on; what is open keeps its day, or gets an earlier one when its
 * amounts change, unless it is to be applied to that as well. Returns how many open ones have another day. Throws Refusal: "not-allowed"; "invalid" without a step from zero, or with one amount twice.
 */
export async function saveDueSteps(
  actor: Actor,
  input: DueSteps,
  context: ActContext,
): Promise<Readonly<{ moved: number }>> {
  const { entityId, currency, steps, applyToOpen = false } = input;
  assertMay(actor, "settings.write", entityId);
  const froms = steps.map((step) => BigInt(step.from));
  if (steps.length > 0 && !froms.includes(0n))
    throw new Refusal("invalid", "One step begins at 0: small amounts are due some day, too.");
  if (new Set(froms).size !== froms.length)
    throw new Refusal("invalid", "Each amount can be there only once.");
  const save = async (client: PoolClient) => {
    const { rows } = await client.query<{ from: string; days: number }>(
      `DELETE FROM due_rule WHERE entity_id = $1 AND currency = $2 RETURNING from_major::text AS "from", working_days AS days`,
      [entityId, currency],
    );
    await client.query(
      `INSERT INTO due_rule (entity_id, currency, from_major, working_days)
       SELECT $1, $2, * FROM unnest($3::bigint[], $4::int[])`,
      [entityId, currency, froms.map(String), steps.map((step) => step.days)],
    );
    // What holds for every other currency may concern any of them.
    const of = { entityId, currency: currency === "*" ? null : currency };
    const moved = applyToOpen ? await applyDue(client, of, actor, context.now) : 0;
    return {
      result: { moved },
      change: {
        action: "due.set",
        subject: `due:${entityId}/${currency}`,
        before: rows.length > 0 ? rows : null,
        after: applyToOpen ? { steps, moved } : steps.length > 0 ? steps : null,
      },
    };
  };
  return audited(actor, entityId, save, context);
}

/**
 * Sets how old by business date something may be when it is found before it is due one step sooner, or that age does not count.
 * Returns how many open exceptions have another day. Throws Refusal: "not-allowed".
 */
export async function saveDueAge(
  actor: Actor,
  { entityId, days, applyToOpen = false }: DueAge,
  context: ActContext,
): Promise<Readonly<{ moved: number }>> {
  assertMay(actor, "settings.write", entityId);
  const save = async (client: PoolClient) => {
    const { rows } = await client.query<{ days: number | null }>(
      "SELECT days FROM due_age WHERE entity_id = $1 FOR UPDATE",
      [entityId],
    );
    await client.query(
      "INSERT INTO due_age (entity_id, days) VALUES ($1, $2) ON CONFLICT (entity_id) DO UPDATE SET days = excluded.days",
      [entityId, days],
    );
    const moved = applyToOpen ? await applyDue(client, { entityId, currency: null }, actor, context.now) : 0;
    return {
      result: { moved },
      change: {
        action: "due.age",
        subject: `due:${entityId}/age`,
        before: rows[0] ?? null,
        after: { days, moved },
      },
    };
  };
  return audited(actor, entityId, save, context);
}

/**
 * Gives the open exceptions of an entity the dates that its rules and calendar make now; a day that a person set stays.
 * Throws Refusal: "not-allowed".
 */
export async function applyDueToOpen(
  actor: Actor,
  { entityId }: ApplyDue,
  context: ActContext,
): Promise<Readonly<{ moved: number }>> {
  assertMay(actor, "settings.write", entityId);
  const apply = async (client: PoolClient) => {
    const moved = await applyDue(client, { entityId, currency: null }, actor, context.now);
    return {
      result: { moved },
      change: { action: "due.apply", subject: `due:${entityId}`, before: null, after: { moved } },
    };
  };
  return audited(actor, entityId, apply, context);
}

/**
 * Says whose holidays an entity keeps: a country's, or a region's. Throws Refusal: "not-allowed"; "invalid" for a region that
 * is not known.
 */
export async function saveHolidayCountry(
  actor: Actor,
  { entityId, country }: HolidayCountry,
  context: ActContext,
): Promise<void> {
  assertMay(actor, "settings.write", entityId);
  if (country?.includes("-") && country !== NO_COUNTRY && holidayPlaceName(country) === null)
    throw new Refusal("invalid", `The holidays of “${country}” are not known. Name its country instead.`);
  const save = async (client: PoolClient) => {
    const { rows } = await client.query<{ before: string | null }>(
      "SELECT holiday_country AS before FROM entity WHERE id = $1 FOR UPDATE",
      [entityId],
    );
    await client.query("UPDATE entity SET holiday_country = $2 WHERE id = $1", [entityId, country]);
    return {
      result: undefined,
      change: {
        action: "calendar.country",
        subject: `calendar:${entityId}`,
        before: { country: rows[0]?.before ?? null },
        after: { country },
      },
    };
  };
  await audited(actor, entityId, save, context);
}

/** Enters a day of an entity, or of a country for all that keep its days. Throws Refusal: "not-allowed". */
export async function saveCalendarDay(actor: Actor, input: CalendarDay, context: ActContext): Promise<void> {
  const { country, day, working, name } = input;
  const entityId = country === null ? input.entityId : null;
  assertMayChange(actor, entityId);
  const save = async (client: PoolClient) => {
    await client.query(
      `INSERT INTO calendar_day (id, entity_id, country, day, working, name) VALUES ($1, $2, $3, $4, $5, $6)
       ON CONFLICT (entity_id, country, day) DO UPDATE SET working = excluded.working, name = excluded.name`,
      [idOf("calendar day", entityId ?? "", country ?? "", day), entityId, country, day, working, name],
    );
    return {
      result: undefined,
      change: {
        action: "calendar.set",
        subject: `calendar:${entityId ?? country}/${day}`,
        before: null,
        after: { working, name },
      },
    };
  };
  await audited(actor, entityId ?? ALL, save, context);
}

/** Takes an entered day away. Throws Refusal: "not-allowed", "not-found". */
export async function removeCalendarDay(
  actor: Actor,
  { entityId, id }: RemoveDay,
  context: ActContext,
): Promise<void> {
  assertMay(actor, "settings.write", entityId);
  const remove = async (client: PoolClient) => {
    const { rows } = await client.query<{
      entityId: string | null;
      country: string | null;
      day: string;
      name: string;
    }>(
      `DELETE FROM calendar_day WHERE id = $1 AND (entity_id = $2 OR entity_id IS NULL)
       RETURNING entity_id AS "entityId", country, day, name`,
      [id, entityId],
    );
    const [gone] = rows;
    if (!gone) throw new Refusal("not-found", "This day is not there any more.");
    // A country's day counts for every entity that keeps them.
    if (gone.entityId === null) assertMayEverywhere(actor, "settings.write");
    return {
      result: undefined,
      change: {
        action: "calendar.remove",
        subject: `calendar:${gone.entityId ?? gone.country}/${gone.day}`,
        before: { name: gone.name },
        after: null,
      },
    };
  };
  await audited(actor, entityId, remove, context);
}
