import "server-only";
import { type Actor, entitiesOf } from "@/lib/auth/actor";
import { appPool } from "@/lib/db/pool";
import { alertKinds } from "./registry";
import type { AlertsQuery } from "./schema";

export type AlertRow = Readonly<{
  id: string;
  entityId: string;
  timeZone: string;
  kind: string;
  title: string;
  body: string;
  ownerTeam: string;
  owner: string;
  firstAction: string;
  href: string;
  openedAt: Date;
  acknowledgedAt: Date | null;
  acknowledgedBy: string | null;
  note: string;
  closedAt: Date | null;
  closedWhy: string | null;
  /** whether it is of a team that the reader is in or leads */
  mine: boolean;
  /** how many were sent, wait, and failed */
  sent: number;
  waiting: number;
  failed: number;
}>;

/** How many alerts a page shows. */
export const PAGE_SIZE = 50;

/** What the actor may see, as two parallel lists of kinds and entities; a null entity stands for all. */
function scopeOf(actor: Actor): readonly [readonly string[], readonly (string | null)[]] {
  const pairs = alertKinds.flatMap(({ kind, seenWith }): readonly (readonly [string, string | null])[] => {
    const entities = entitiesOf(actor, seenWith);
    return entities === "all" ? [[kind, null]] : entities.map((entity) => [kind, entity] as const);
  });
  return [pairs.map(([kind]) => kind), pairs.map(([, entity]) => entity)];
}

const SEEN = `EXISTS (SELECT FROM unnest($1::text[], $2::text[]) AS s(kind, entity_id)
  WHERE s.kind = a.kind AND (s.entity_id IS NULL OR s.entity_id = a.entity_id))`;

/** How many alerts that the actor may see are open, and how many of them nobody looks after. */
export async function countAlerts(
  actor: Actor,
): Promise<Readonly<{ open: number; unacknowledged: number; closed: number }>> {
  const { rows } = await appPool().query<{ open: number; unacknowledged: number; closed: number }>(
    `SELECT count(*) FILTER (WHERE closed_at IS NULL)::int AS open,
            count(*) FILTER (WHERE closed_at IS NULL AND acknowledged_at IS NULL)::int AS unacknowledged,
            count(*) FILTER (WHERE closed_at IS NOT NULL)::int AS closed
       FROM alert a JOIN entity e ON e.id = a.entity_id AND e.retired_at IS NULL WHERE ${SEEN}`,
    scopeOf(actor).map((list) => [...list]),
  );
  return rows[0] ?? { open: 0, unacknowledged: 0, closed: 0 };
}

/**
 * A page of the alerts that the actor may see. Open ones: those that nobody looks after first, of them those of the actor's teams,
 * then kind by kind as people see them, the largest amount first. Closed ones: newest first.
 */
export async function listAlerts(
  actor: Actor,
  { show, page, kind, team }: Pick<AlertsQuery, "show" | "page"> & Partial<AlertsQuery>,
): Promise<Readonly<{ alerts: readonly AlertRow[]; total: number }>> {
  const isOpen = show === "open";
  const order = isOpen
    ? `a.acknowledged_at IS NOT NULL, mine DESC, array_position($3::text[], a.kind), x.currency, x.extent DESC NULLS LAST, a.title, a.id`
    : "a.closed_at DESC, array_position($3::text[], a.kind), a.id";
  const { rows } = await appPool().query<AlertRow & Readonly<{ total: number }>>(
    `SELECT a.id, a.entity_id AS "entityId", e.time_zone AS "timeZone", a.kind, a.title, a.body, a.owner_team AS "ownerTeam",
            coalesce(t.name, a.owner_team) AS owner, a.first_action AS "firstAction", a.href, a.opened_at AS "openedAt",
            a.acknowledged_at AS "acknowledgedAt", a.acknowledged_by AS "acknowledgedBy", a.note, a.closed_at AS "closedAt",
            a.closed_why AS "closedWhy", d.sent, d.waiting, d.failed, count(*) OVER ()::int AS total,
            (t.lead_id = $4 OR EXISTS (SELECT FROM team_member m WHERE m.team_id = t.id AND m.user_id = $4)) IS TRUE AS mine
       FROM alert a JOIN entity e ON e.id = a.entity_id AND e.retired_at IS NULL LEFT JOIN team t ON t.id = a.owner_team
         LEFT JOIN exception x ON x.id = CASE WHEN a.subject LIKE 'exception:%' THEN split_part(a.subject, ':', 2)::uuid END,
         LATERAL (SELECT count(*) FILTER (WHERE state = 'sent')::int AS sent, count(*) FILTER (WHERE state = 'waiting')::int AS waiting,
                         count(*) FILTER (WHERE state = 'failed')::int AS failed FROM alert_delivery WHERE alert_id = a.id) d
      WHERE ${SEEN} AND a.closed_at IS ${isOpen ? "NULL" : "NOT NULL"}
        AND ($5::text IS NULL OR a.kind = $5) AND ($6::text IS NULL OR a.owner_team = $6)
      ORDER BY ${order} LIMIT ${PAGE_SIZE} OFFSET $7`,
    [
      ...scopeOf(actor).map((list) => [...list]),
      alertKinds.map((one) => one.kind),
      actor.id,
      kind ?? null,
      team ?? null,
      (page - 1) * PAGE_SIZE,
    ],
  );
  return { alerts: rows, total: rows[0]?.total ?? 0 };
}

export type DeliveryRow = Readonly<{
  id: string;
  channel: string;
  event: string;
  /** whom it goes to */
  to: string;
  /** the alert's title, where the reader may see it; null: a test */
  title: string | null;
  state: string;
  tries: number;
  nextAt: Date | null;
  outcome: string | null;
  madeAt: Date;
  /** how many others are in the same e-mail */
  together: number;
}>;

/** The newest deliveries, those that failed first. An alert that the actor may not see has no title. */
export async function listDeliveries(actor: Actor, limit: number): Promise<readonly DeliveryRow[]> {
  const { rows } = await appPool().query<DeliveryRow>(
    `SELECT d.id, d.channel, d.event, coalesce(u.email, 'the webhook') AS "to",
            CASE WHEN a.id IS NULL THEN NULL WHEN ${SEEN} THEN a.title ELSE 'an alert that you may not see' END AS title,
            d.state, d.tries, d.next_at AS "nextAt", d.outcome, d.made_at AS "madeAt",
            CASE WHEN d.letter_id IS NULL THEN 0 ELSE (SELECT count(*)::int - 1 FROM alert_delivery o WHERE o.letter_id = d.letter_id AND o.state = d.state) END AS together
       FROM alert_delivery d LEFT JOIN alert a ON a.id = d.alert_id LEFT JOIN "user" u ON u.id = d.user_id
      ORDER BY d.state = 'failed' DESC, d.made_at DESC, d.id LIMIT $3`,
    [...scopeOf(actor).map((list) => [...list]), limit],
  );
  return rows;
}

export type ChannelRow = Readonly<{
  id: string;
  enabled: boolean;
  settings: unknown;
  setAt: Date;
  setBy: string;
}>;

/** The channels as they are set, without their secrets: the app's role can't read those. */
export async function findChannels(): Promise<ReadonlyMap<string, ChannelRow>> {
  const { rows } = await appPool().query<ChannelRow>(
    `SELECT id, enabled, settings, set_at AS "setAt", set_by AS "setBy" FROM alert_channel`,
  );
  return new Map(rows.map((row) => [row.id, row]));
}
