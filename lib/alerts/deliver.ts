import type pg from "pg";
import { permitting } from "@/lib/auth/permissions";
import { inTransaction } from "@/lib/db/pool";
import { Refusal } from "@/lib/domain/faults";
import { environment } from "@/lib/env";
import { openSecret } from "@/lib/settings/secrets";
import { channelSubject } from "./channels";
import type { Telling } from "./message";
import { addDelivery } from "./outbox";
import { alertKindOf } from "./registry";
import { MailSettings, WebhookSettings } from "./schema";
import { callWebhook, MailSecret, NotSent, type Outbound, sendMail, WebhookSecret } from "./send";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** Between attempts, as Standard Webhooks proposes; after the last it has failed until somebody sends it again. */
export const WAITS = [5 * SECOND, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR];

type Row = Readonly<{
  id: string;
  event: Telling["event"];
  channel: "email" | "webhook";
  tries: number;
  madeAt: Date;
  alert: Telling["alert"];
  enabled: boolean | null;
  settings: unknown;
  secret: Buffer | null;
  email: string | null;
  /** roles that the recipient has for the alert's entity */
  roles: readonly string[];
}>;

const DELIVERY = `
  SELECT d.id, d.event, d.channel, d.tries, d.made_at AS "madeAt", c.enabled, c.settings, c.secret,
         CASE WHEN a.id IS NOT NULL THEN json_build_object('id', a.id, 'kind', a.kind, 'entityId', a.entity_id, 'title', a.title,
           'body', a.body, 'owner', coalesce(t.name, a.owner_team), 'firstAction', a.first_action, 'href', a.href,
           'closedWhy', a.closed_why) END AS alert,
         CASE WHEN u.disabled_at IS NULL THEN u.email END AS email,
         ARRAY(SELECT g.role FROM "grant" g WHERE g.user_id = u.id AND (g.entity_id IS NULL OR g.entity_id = a.entity_id)) AS roles
    FROM alert_delivery d LEFT JOIN alert a ON a.id = d.alert_id LEFT JOIN team t ON t.id = a.owner_team
      LEFT JOIN alert_channel c ON c.id = d.channel LEFT JOIN "user" u ON u.id = d.user_id
   WHERE d.id = $1 AND d.state = 'waiting'`;

/**
 * Sends one delivery and keeps what came of it. It may be sent twice where the process died in between, with the same id each
 * time. What could not be sent is tried again later, more and more seldom, and has failed after the last attempt.
 */
export async function deliverAlert(pool: pg.Pool, deliveryId: string, outbound: Outbound): Promise<void> {
  const { rows } = await pool.query<Row>(DELIVERY, [deliveryId]);
  const [row] = rows;
  if (!row) return;
  const end = (state: "sent" | "failed" | "dropped", outcome: string): Promise<unknown> =>
    pool.query(
      `UPDATE alert_delivery SET state = $2, outcome = $3, tries = tries + 1, next_at = NULL, ended_at = $4
        WHERE id = $1 AND state = 'waiting'`,
      [row.id, state, outcome, outbound.now()],
    );
  if (row.enabled !== true) return void (await end("dropped", "This channel is switched off."));
  if (row.channel === "email" && !maySee(row))
    return void (await end("dropped", "Whoever it was for may not see it any more."));
  try {
    await end("sent", await send(row, outbound));
  } catch (error) {
    const fault = faultOf(error);
    const wait = WAITS[row.tries];
    if (fault.final || wait === undefined) return void (await end("failed", fault.message));
    await again(pool, row.id, fault.message, new Date(outbound.now().getTime() + wait));
  }
}

/** What is told to people as the reason; what is no such reason is a defect, and the job's own. */
function faultOf(error: unknown): NotSent {
  if (error instanceof NotSent) return error;
  // The secret that seals it is another one by now: a person has to enter it again.
  if (error instanceof Refusal) return new NotSent(error.message);
  throw error;
}

async function again(pool: pg.Pool, id: string, outcome: string, at: Date): Promise<void> {
  await inTransaction(pool, async (client) => {
    await client.query(
      `UPDATE alert_delivery SET tries = tries + 1, next_at = $2, outcome = $3 WHERE id = $1 AND state = 'waiting'`,
      [id, at, outcome],
    );
    await addDelivery(client, id, at);
  });
}

/** Rights may have been taken away since it was noted. A test goes to whoever asked for it. */
function maySee({ alert, email, roles }: Row): boolean {
  if (email === null) return false;
  if (alert === null) return true;
  const seenWith = alertKindOf(alert.kind)?.seenWith;
  return seenWith !== undefined && permitting(seenWith).some((role) => roles.includes(role));
}

function send(row: Row, outbound: Outbound): Promise<string> {
  const telling: Telling = {
    id: row.id,
    event: row.event,
    at: row.madeAt,
    alert: row.alert,
    baseUrl: environment().NEXTAUTH_URL ?? null,
  };
  const secret = row.secret === null ? null : openSecret(channelSubject(row.channel), row.secret);
  if (row.channel === "webhook")
    return callWebhook(
      WebhookSettings.parse(row.settings),
      WebhookSecret.parse(secret).key,
      telling,
      outbound,
    );
  const password = secret === null ? "" : MailSecret.parse(secret).password;
  return sendMail(MailSettings.parse(row.settings), password, row.email ?? "", telling);
}
