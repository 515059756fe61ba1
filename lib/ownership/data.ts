import "server-only";
import type { ClientBase, Pool } from "pg";
import { type Actor, entitiesOf } from "@/lib/auth/actor";
import { appPool } from "@/lib/db/pool";
import type { Day } from "@/lib/domain/day";
import { OPEN_STATES } from "@/lib/matching/root-causes";
import { OwnerChange, OwnersEffect, type OwnershipRule } from "./schema";

export type RuleRow = OwnershipRule & Readonly<{ id: string; shop: string | null }>;

/** Who owns what: the rows for everywhere and those of the given entities. */
export async function findRules(
  entityIds: readonly string[],
  client: ClientBase | Pool = appPool(),
): Promise<readonly RuleRow[]> {
  const { rows } = await client.query<RuleRow>(
    `SELECT o.id, o.entity_id AS "entityId", o.shop_id AS "shopId", s.name AS shop, o.cause, o.team
       FROM ownership_rule o LEFT JOIN shop s ON s.id = o.shop_id
      WHERE o.entity_id IS NULL OR o.entity_id = ANY($1) ORDER BY o.cause, o.entity_id NULLS FIRST, o.shop_id NULLS FIRST`,
    [[...entityIds]],
  );
  return rows;
}

export type TeamRow = Readonly<{
  id: string;
  name: string;
  leadId: string | null;
  lead: string | null;
  members: readonly Readonly<{ id: string; name: string }>[];
}>;

/** The teams with their leads and members, by name. */
export async function findTeams(): Promise<readonly TeamRow[]> {
  const { rows } = await appPool().query<TeamRow>(
    `SELECT t.id, t.name, t.lead_id AS "leadId", l.name AS lead,
       coalesce((SELECT json_agg(json_build_object('id', u.id, 'name', u.name) ORDER BY u.name, u.id)
         FROM team_member m JOIN "user" u ON u.id = m.user_id WHERE m.team_id = t.id), '[]') AS members
     FROM team t LEFT JOIN "user" l ON l.id = t.lead_id ORDER BY t.name, t.id`,
  );
  return rows;
}

/** The people who may have one of these roles anywhere, by name. */
export async function findPeople(
  roles: readonly string[],
): Promise<readonly Readonly<{ id: string; name: string }>[]> {
  const { rows } = await appPool().query<Readonly<{ id: string; name: string }>>(
    `SELECT u.id, u.name FROM "user" u WHERE u.disabled_at IS NULL
        AND EXISTS (SELECT FROM "grant" g WHERE g.user_id = u.id AND g.role = ANY($1)) ORDER BY u.name, u.id`,
    [[...roles]],
  );
  return rows;
}

export type ShopChoice = Readonly<{ id: string; entityId: string; name: string }>;

/** The shops of the given entities. */
export async function findShops(entityIds: readonly string[]): Promise<readonly ShopChoice[]> {
  const { rows } = await appPool().query<ShopChoice>(
    `SELECT id, entity_id AS "entityId", name FROM shop WHERE entity_id = ANY($1) ORDER BY id`,
    [[...entityIds]],
  );
  return rows;
}

export type SettingChange = Readonly<{
  id: string;
  at: Date;
  actorName: string;
  action: string;
  subject: string;
  before: unknown;
  after: unknown;
}>;

/** What was changed of ownership, teams, due dates and calendars, newest first: from the audit trail. */
export async function findHistory(
  chains: readonly string[],
  kinds: readonly string[],
): Promise<readonly SettingChange[]> {
  const { rows } = await appPool().query<SettingChange>(
    `SELECT chain || ' ' || seq AS id, at, actor_name AS "actorName", action, subject, before, after FROM audit_event
      WHERE chain = ANY($1) AND outcome = 'done' AND action LIKE ANY($2) ORDER BY at DESC, seq DESC LIMIT 50`,
    [[...chains], kinds.map((kind) => `${kind}.%`)],
  );
  return rows;
}

export type StepRow = Readonly<{ currency: string; fromMajor: bigint; workingDays: number }>;
export type DayRow = Readonly<{
  id: string;
  country: string | null;
  day: Day;
  working: boolean;
  name: string;
}>;

/** What an entity says of due dates: its steps, and the days from a day on that somebody entered. */
export async function findCalendar(entityId: string, country: string | null, from: Day) {
  const [steps, days, age] = await Promise.all([
    appPool().query<StepRow>(
      `SELECT currency, from_major AS "fromMajor", working_days AS "workingDays" FROM due_rule
        WHERE entity_id = $1 ORDER BY currency, from_major DESC`,
      [entityId],
    ),
    appPool().query<DayRow>(
      `SELECT id, country, day, working, name FROM calendar_day
        WHERE (entity_id = $1 OR country IN ($2, split_part($2, '-', 1))) AND day >= $3 ORDER BY day, country NULLS LAST LIMIT 200`,
      [entityId, country, from],
    ),
    appPool().query<{ days: number | null }>("SELECT days FROM due_age WHERE entity_id = $1", [entityId]),
  ]);
  return { steps: steps.rows, days: days.rows, age: age.rows[0] ?? null };
}

/** How many open exceptions of an entity have a date by a rule, and how many one that a person set. */
export async function countDue(entityId: string): Promise<Readonly<{ byRule: number; byHand: number }>> {
  const { rows } = await appPool().query<{ byRule: number; byHand: number }>(
    `SELECT (count(*) FILTER (WHERE NOT due_by_hand))::int AS "byRule", (count(*) FILTER (WHERE due_by_hand))::int AS "byHand"
       FROM exception WHERE entity_id = $1 AND due IS NOT NULL AND state IN ${OPEN_STATES}`,
    [entityId],
  );
  return rows[0] ?? { byRule: 0, byHand: 0 };
}

/** The country that an entity states, as it is stored. */
export async function findStatedCountry(entityId: string): Promise<string | null> {
  const { rows } = await appPool().query<{ country: string | null }>(
    "SELECT holiday_country AS country FROM entity WHERE id = $1",
    [entityId],
  );
  return rows[0]?.country ?? null;
}

/** A stored request to change who owns what. */
export type OwnerRequestRow = Readonly<{
  id: string;
  /** null: it concerns all entities, or several */
  entityId: string | null;
  state: "asked" | "made" | "rejected" | "withdrawn";
  version: number;
  source: "change" | "removal" | "file";
  changes: readonly OwnerChange[];
  moveOpen: boolean;
  foreseen: OwnersEffect;
  foreseenAt: Date;
  madeAt: Date;
  madeById: string;
  madeBy: string;
  decidedAt: Date | null;
  decidedBy: string | null;
  decidedWhy: string | null;
}>;

/** Entities of which somebody may see requests, and whether also what concerns all of them. */
type RequestScope = Readonly<{ entityIds: readonly string[]; all: boolean }>;

const REQUEST = `SELECT r.id, r.entity_id AS "entityId", r.state, r.version, r.source, r.changes, r.move_open AS "moveOpen", r.foreseen,
    r.foreseen_at AS "foreseenAt", r.made_at AS "madeAt", r.made_by_id AS "madeById", r.made_by AS "madeBy",
    r.decided_at AS "decidedAt", r.decided_by AS "decidedBy", r.decided_why AS "decidedWhy"
  FROM ownership_request r WHERE (r.entity_id = ANY($1) OR (r.entity_id IS NULL AND $2))`;

const readRequest = (row: OwnerRequestRow): OwnerRequestRow => ({
  ...row,
  changes: OwnerChange.array().parse(row.changes),
  foreseen: OwnersEffect.parse(row.foreseen),
});

const REQUESTS_MOST = 20;

/** Requests that wait, and those that were decided since a moment; what waits first, the newest first, 20 at most. */
export async function findOwnerRequests(
  { entityIds, all }: RequestScope,
  since: Date,
): Promise<readonly OwnerRequestRow[]> {
  const { rows } = await appPool().query<OwnerRequestRow>(
    `${REQUEST} AND (r.state = 'asked' OR r.decided_at >= $3)
      ORDER BY (r.state = 'asked') DESC, coalesce(r.decided_at, r.made_at) DESC, r.id LIMIT ${REQUESTS_MOST}`,
    [[...entityIds], all, since],
  );
  return rows.map(readRequest);
}

/** One request; null where there is none such to be seen. */
export async function findOwnerRequest(
  { entityIds, all }: RequestScope,
  id: string,
): Promise<OwnerRequestRow | null> {
  const { rows } = await appPool().query<OwnerRequestRow>(`${REQUEST} AND r.id = $3`, [
    [...entityIds],
    all,
    id,
  ]);
  return rows[0] ? readRequest(rows[0]) : null;
}

/** How many requests to change who owns what a person can decide now: none that they asked for where it takes two. */
export async function countOwnersWaitingFor(
  actor: Actor,
  entityIds: readonly string[],
  pool: Pool = appPool(),
): Promise<number> {
  const [writes, approves] = [entitiesOf(actor, "settings.write"), entitiesOf(actor, "mappings.approve")];
  const within = (granted: readonly string[] | "all") =>
    granted === "all" ? [...entityIds] : entityIds.filter((id) => granted.includes(id));
  const { rows } = await pool.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM ownership_request r
      WHERE r.state = 'asked' AND (
        ((r.entity_id = ANY ($1) OR (r.entity_id IS NULL AND $2))
          AND NOT EXISTS (SELECT FROM entity n WHERE n.second_person AND (n.id = r.entity_id OR (r.entity_id IS NULL AND n.retired_at IS NULL))))
        OR ((r.entity_id = ANY ($3) OR (r.entity_id IS NULL AND $4)) AND r.made_by_id <> $5))`,
    [within(writes), writes === "all", within(approves), approves === "all", actor.id],
  );
  return rows[0]?.count ?? 0;
}
