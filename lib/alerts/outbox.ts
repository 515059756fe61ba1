import type pg from "pg";
import { permitting } from "@/lib/auth/permissions";
import { idOf } from "@/lib/domain/identity";
import { toJson } from "@/lib/domain/json";
import { addJob } from "@/lib/jobs/queue";
import { alertKindOf } from "./registry";
import type { AlertRule } from "./rules";

/** An alert that is told to people and systems. */
export type Told = Readonly<{ id: string; kind: string; ownerTeam: string }>;

/**
 * Notes whom alerts that open are told to, and adds the jobs that tell them, inside the transaction that opens them. Nobody
 * gets what they could not see in the console. Only channels that are set up count.
 */
export async function tellOpened(
  client: pg.ClientBase,
  entityId: string,
  alerts: readonly Told[],
  rules: readonly AlertRule[],
  at: Date,
): Promise<void> {
  if (alerts.length === 0) return;
  const asked = alerts.flatMap((alert) => {
    const rule = rules.find((one) => one.kind.kind === alert.kind);
    const seenWith = alertKindOf(alert.kind)?.seenWith;
    if (!rule || !seenWith) return [];
    return [
      {
        alert_id: alert.id,
        owner_team: alert.ownerTeam,
        recipients: rule.recipients,
        webhook: rule.webhook,
        roles: permitting(seenWith),
      },
    ];
  });
  const { rows } = await client.query<{ alertId: string; channel: string; userId: string | null }>(
    `WITH asked AS (
       SELECT * FROM json_to_recordset($1::json) AS a(alert_id uuid, owner_team text, recipients text[], webhook boolean, roles text[])),
     wanted AS (
       SELECT a.alert_id, a.roles, CASE WHEN r = 'owner' THEN 'team:' || a.owner_team ELSE r END AS recipient
         FROM asked a, unnest(a.recipients) AS r)
     SELECT DISTINCT w.alert_id AS "alertId", 'email' AS channel, u.id AS "userId"
       FROM wanted w JOIN "user" u ON u.disabled_at IS NULL
      WHERE EXISTS (SELECT FROM alert_channel c WHERE c.id = 'email' AND c.enabled)
        AND (EXISTS (SELECT FROM team t WHERE w.recipient = 'team:' || t.id AND (t.lead_id = u.id
               OR EXISTS (SELECT FROM team_member m WHERE m.team_id = t.id AND m.user_id = u.id)))
          OR EXISTS (SELECT FROM "grant" g WHERE g.user_id = u.id AND w.recipient = 'role:' || g.role
               AND (g.entity_id IS NULL OR g.entity_id = $2)))
        AND EXISTS (SELECT FROM "grant" g WHERE g.user_id = u.id AND g.role = ANY (w.roles) AND (g.entity_id IS NULL OR g.entity_id = $2))
     UNION ALL
     SELECT alert_id, 'webhook', NULL FROM asked
      WHERE webhook AND EXISTS (SELECT FROM alert_channel c WHERE c.id = 'webhook' AND c.enabled)`,
    [toJson(asked), entityId],
  );
  await note(
    client,
    rows.map((row) => ({ ...row, event: "opened" as const, entityId })),
    at,
  );
}

/** Notes that alerts are over for everybody who was told, or is about to be told, that they opened. */
export async function tellClosed(client: pg.ClientBase, ids: readonly string[], at: Date): Promise<void> {
  if (ids.length === 0) return;
  const { rows } = await client.query<Noted>(
    `SELECT d.alert_id AS "alertId", d.entity_id AS "entityId", d.channel, d.user_id AS "userId", 'closed' AS event
       FROM alert_delivery d JOIN alert_channel c ON c.id = d.channel AND c.enabled
      WHERE d.alert_id = ANY ($1::uuid[]) AND d.event = 'opened' AND d.state IN ('waiting', 'sent')`,
    [[...ids]],
  );
  await note(client, rows, at);
}

type Noted = Readonly<{
  alertId: string;
  entityId: string;
  channel: string;
  userId: string | null;
  event: "opened" | "closed";
}>;

/** So long an e-mail waits for others to the same person: what opens together, in whatever entity, is one letter. */
const ROUND_MILLISECONDS = 60_000;

// The id follows from what is told to whom: noted twice, it is one.
async function note(client: pg.ClientBase, rows: readonly Noted[], at: Date): Promise<void> {
  const letterAt = new Date(at.getTime() + ROUND_MILLISECONDS);
  const deliveries = rows.map((row) => ({
    id: idOf("alert-delivery", row.alertId, row.event, row.channel, row.userId ?? ""),
    alert_id: row.alertId,
    entity_id: row.entityId,
    channel: row.channel,
    event: row.event,
    user_id: row.userId,
    next_at: row.channel === "email" ? letterAt : at,
  }));
  if (deliveries.length === 0) return;
  await client.query(
    `INSERT INTO alert_delivery (id, alert_id, entity_id, channel, event, user_id, next_at, made_at)
     SELECT id, alert_id, entity_id, channel, event, user_id, next_at, $2
       FROM json_to_recordset($1::json) AS d(id uuid, alert_id uuid, entity_id text, channel text, event text, user_id uuid, next_at timestamptz)
     ON CONFLICT (id) DO NOTHING`,
    [toJson(deliveries), at],
  );
  for (const one of deliveries)
    await addDelivery(client, one.id, one.next_at === at ? undefined : one.next_at);
}

/** Adds the job that sends one delivery; of several that wait, one. */
export const addDelivery = (client: pg.ClientBase, deliveryId: string, runAt?: Date): Promise<void> =>
  addJob(client, "deliver-alert", { deliveryId }, { key: `alert-delivery:${deliveryId}`, runAt });
