import "server-only";
import type pg from "pg";
import { findTemplates } from "@/lib/close/templates";

export type Team = Readonly<{ id: string; name: string; lead: string | null; members: readonly string[] }>;

/** The teams with who leads them and who is in them. */
export async function findTeamsOf(pool: pg.Pool): Promise<readonly Team[]> {
  const { rows } = await pool.query<Team>(
    `SELECT t.id, t.name, l.name AS lead,
            ARRAY(SELECT u.name FROM team_member m JOIN "user" u ON u.id = m.user_id WHERE m.team_id = t.id ORDER BY u.name) AS members
       FROM team t LEFT JOIN "user" l ON l.id = t.lead_id ORDER BY t.name`,
  );
  return rows;
}

export type Owner = Readonly<{ cause: string; entityId: string | null; shop: string | null; team: string }>;

/** Who owns which cause where, as far as it is not the cause's own default. */
export async function findOwners(pool: pg.Pool, entityIds: readonly string[]): Promise<readonly Owner[]> {
  const { rows } = await pool.query<Owner>(
    `SELECT o.cause, o.entity_id AS "entityId", s.name AS shop, o.team FROM ownership_rule o LEFT JOIN shop s ON s.id = o.shop_id
      WHERE o.entity_id IS NULL OR o.entity_id = ANY($1) ORDER BY o.cause, o.entity_id NULLS FIRST, s.name NULLS FIRST`,
    [[...entityIds]],
  );
  return rows;
}

export type ConnectionInForce = Readonly<{
  id: string;
  entityId: string;
  name: string;
  side: string;
  /** who confirmed how it rounds; null: nobody yet */
  roundingBy: string | null;
  /** when its entity was connected last, by whom and why; null: the trail doesn't say */
  connectedAt: Date | null;
  connectedBy: string | null;
  connectedWhy: string | null;
  timeZone: string;
}>;

/** The connections in use. */
export async function findConnections(
  pool: pg.Pool,
  entityIds: readonly string[],
): Promise<readonly ConnectionInForce[]> {
  const { rows } = await pool.query<ConnectionInForce>(
    `SELECT c.id, c.entity_id AS "entityId", c.name, c.side, c.rounding_confirmed_by AS "roundingBy", a.at AS "connectedAt",
            a.actor_name AS "connectedBy", a.why AS "connectedWhy", e.time_zone AS "timeZone"
       FROM connection c JOIN entity e ON e.id = c.entity_id LEFT JOIN LATERAL (
         SELECT at, actor_name, after ->> 'reason' AS why FROM audit_event
          WHERE outcome = 'done' AND CASE WHEN e.sandbox THEN chain = '*' AND subject = 'sandbox' AND action = 'sandbox.connect'
                  ELSE chain = c.entity_id AND subject = 'entity:' || c.entity_id AND action IN ('entity.connect', 'entity.connect-again') END
          ORDER BY seq DESC LIMIT 1) a ON true
      WHERE c.entity_id = ANY($1) AND c.retired_at IS NULL ORDER BY c.entity_id, c.side DESC, c.name`,
    [[...entityIds]],
  );
  return rows;
}

export type FeedInForce = Readonly<{
  id: string;
  entityId: string;
  connection: string;
  side: string;
  resource: string;
  shop: string | null;
  intervalSeconds: number;
  promiseSeconds: number;
  /** why it is slower at present, or not read at all */
  reason: string | null;
  /** who set its interval last and why; null: it is read as it comes */
  setBy: string | null;
  why: string | null;
}>;

/** The feeds of connections in use with the intervals and promises in force. */
export async function findFeedsInForce(
  pool: pg.Pool,
  entityIds: readonly string[],
): Promise<readonly FeedInForce[]> {
  const { rows } = await pool.query<FeedInForce>(
    `SELECT f.id, f.entity_id AS "entityId", c.name AS connection, c.side, f.resource, s.name AS shop,
            f.interval_seconds AS "intervalSeconds", f.promise_seconds AS "promiseSeconds",
            coalesce(f.held_reason, f.stretch_reason) AS reason, a.actor_name AS "setBy", a.after ->> 'reason' AS why
       FROM feed f JOIN connection c ON c.id = f.connection_id LEFT JOIN shop s ON s.id = f.shop_id LEFT JOIN LATERAL (
         SELECT actor_name, after FROM audit_event WHERE subject = 'feed:' || f.id AND chain = f.entity_id AND outcome = 'done'
            AND action = 'feed.set' ORDER BY seq DESC LIMIT 1) a ON true
      WHERE f.entity_id = ANY($1) AND c.retired_at IS NULL ORDER BY f.entity_id, c.side DESC, f.id`,
    [[...entityIds]],
  );
  return rows;
}

export type CutOffInForce = Readonly<{
  entityId: string;
  /** null: of every month that has none of its own */
  month: string | null;
  hours: number;
  setBy: string | null;
  reason: string | null;
}>;

/** Hours after a month's end at which it is cut off: of each entity, and of months that somebody gave another. */
export async function findCutOffs(
  pool: pg.Pool,
  entityIds: readonly string[],
): Promise<readonly CutOffInForce[]> {
  const { rows } = await pool.query<CutOffInForce>(
    `SELECT e.id AS "entityId", NULL AS month, coalesce(e.cut_off_hours, e.posting_lag_hours) AS hours,
            CASE WHEN e.cut_off_hours IS NOT NULL THEN a.actor_name END AS "setBy",
            CASE WHEN e.cut_off_hours IS NULL THEN 'As long as the ERP normally takes to post.' ELSE a.after ->> 'reason' END AS reason
       FROM entity e LEFT JOIN LATERAL (
         SELECT actor_name, after FROM audit_event WHERE subject = 'entity:' || e.id AND chain = e.id AND outcome = 'done'
            AND action = 'cut-off.set' ORDER BY seq DESC LIMIT 1) a ON true
      WHERE e.id = ANY($1)
     UNION ALL
     SELECT entity_id, month, hours, set_by, reason FROM period_cut_off WHERE entity_id = ANY($1)
     ORDER BY 1, 2 NULLS FIRST`,
    [[...entityIds]],
  );
  return rows;
}

export type MonthEndTask = Readonly<{
  entityId: string;
  id: string;
  title: string;
  what: string;
  ownerTeam: string;
  needsReview: boolean;
  dueDay: number;
  byItself: boolean;
}>;

/** The month-end checklist of each entity, in its order. */
export async function findMonthEndTasks(
  pool: pg.Pool,
  entityIds: readonly string[],
): Promise<readonly MonthEndTask[]> {
  const all = await Promise.all(
    entityIds.map(async (entityId) =>
      (await findTemplates(pool, entityId)).map(({ rule, after: _, ...task }) => ({
        ...task,
        entityId,
        byItself: rule !== null,
      })),
    ),
  );
  return all.flat();
}
