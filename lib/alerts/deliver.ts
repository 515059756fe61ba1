import type pg from "pg";
import { permitting } from "@/lib/auth/permissions";
import { inTransaction, lockInTransaction } from "@/lib/db/pool";
import { Refusal } from "@/lib/domain/faults";
import { environment } from "@/lib/env";
import { openSecret } from "@/lib/settings/secrets";
import { channelSubject } from "./channels";
import type { Telling } from "./message";
import { addDelivery } from "./outbox";
import { alertKindOf, alertKinds } from "./registry";
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

const DELIVERIES = `
  SELECT d.id, d.event, d.channel, d.tries, d.made_at AS "madeAt", c.enabled, c.settings, c.secret,
         CASE WHEN a.id IS NOT NULL THEN json_build_object('id', a.id, 'kind', a.kind, 'entityId', a.entity_id, 'title', a.title,
           'body', a.body, 'owner', coalesce(t.name, a.owner_team), 'firstAction', a.first_action, 'href', a.href,
           'closedWhy', a.closed_why) END AS alert,
         CASE WHEN u.disabled_at IS NULL THEN u.email END AS email,
         ARRAY(SELECT g.role FROM "grant" g WHERE g.user_id = u.id AND (g.entity_id IS NULL OR g.entity_id = a.entity_id)) AS roles
    FROM alert_delivery d LEFT JOIN alert a ON a.id = d.alert_id LEFT JOIN team t ON t.id = a.owner_team
      LEFT JOIN alert_channel c ON c.id = d.channel LEFT JOIN "user" u ON u.id = d.user_id
   WHERE (d.letter_id = $1 OR (d.id = $1 AND d.letter_id IS NULL)) AND d.state = 'waiting'
   ORDER BY d.event DESC, a.entity_id, array_position($2::text[], a.kind), a.opened_at, a.title, d.id`;

/**
 * Sends a delivery and keeps what came of it: by the webhook one alert, by e-mail all that waits for the same person. It may be
 * sent twice where the process died in between, with the same id each time. What could not be sent is tried again later, more and
 * more seldom, and has failed after the last attempt.
 */
export async function deliverAlert(pool: pg.Pool, deliveryId: string, outbound: Outbound): Promise<void> {
  await gather(pool, deliveryId);
  const { rows } = await pool.query<Row>(DELIVERIES, [deliveryId, alertKinds.map((one) => one.kind)]);
  const [first] = rows;
  if (!first) return;
  const end = (
    ended: readonly Row[],
    state: "sent" | "failed" | "dropped",
    outcome: string,
  ): Promise<unknown> =>
    pool.query(
      `UPDATE alert_delivery SET state = $2, outcome = $3, tries = tries + 1, next_at = NULL, ended_at = $4
        WHERE id = ANY ($1::uuid[]) AND state = 'waiting'`,
      [ended.map((one) => one.id), state, outcome, outbound.now()],
    );
  if (first.enabled !== true) return void (await end(rows, "dropped", "This channel is switched off."));
  const told = rows.filter((row) => row.channel === "webhook" || maySee(row));
  const unseen = rows.filter((row) => !told.includes(row));
  if (unseen.length > 0) await end(unseen, "dropped", "Whoever it was for may not see it any more.");
  if (told.length === 0) return;
  try {
    await end(told, "sent", await send(deliveryId, told, outbound));
  } catch (error) {
    const fault = faultOf(error);
    const wait = WAITS[first.tries];
    if (fault.final || wait === undefined) return void (await end(told, "failed", fault.message));
    const ids = told.map((one) => one.id);
    await again(pool, deliveryId, ids, fault.message, new Date(outbound.now().getTime() + wait));
  }
}

/** So much is in one letter; what is more is another. */
const MOST_IN_LETTER = 100;

/**
 * Makes one letter of an e-mail and all others that wait for the same person and are in none. Those in a letter stay together, so
 * that each attempt tells the same. Nothing happens to what goes by the webhook, to a test, and to what is in a letter.
 */
async function gather(pool: pg.Pool, deliveryId: string): Promise<void> {
  await inTransaction(pool, async (client) => {
    const { rows } = await client.query<{ userId: string }>(
      `SELECT user_id AS "userId" FROM alert_delivery
        WHERE id = $1 AND channel = 'email' AND event <> 'test' AND state = 'waiting' AND letter_id IS NULL`,
      [deliveryId],
    );
    const [own] = rows;
    if (!own) return;
    await lockInTransaction(client, `alert-letter:${own.userId}`);
    // Looked at anew: whoever held the lock may have taken it into a letter.
    await client.query(
      `WITH waiting AS (
         SELECT id FROM alert_delivery
          WHERE user_id = $2 AND channel = 'email' AND event <> 'test' AND state = 'waiting' AND letter_id IS NULL)
       UPDATE alert_delivery SET letter_id = $1
        WHERE id IN (SELECT id FROM waiting ORDER BY id <> $1, id LIMIT ${MOST_IN_LETTER}) AND $1 IN (SELECT id FROM waiting)`,
      [deliveryId, own.userId],
    );
  });
}

/** What is told to people as the reason; what is no such reason is a defect, and the job's own. */
function faultOf(error: unknown): NotSent {
  if (error instanceof NotSent) return error;
  // The secret that seals it is another one by now: a person has to enter it again.
  if (error instanceof Refusal) return new NotSent(error.message);
  throw error;
}

async function again(
  pool: pg.Pool,
  deliveryId: string,
  ids: readonly string[],
  outcome: string,
  at: Date,
): Promise<void> {
  await inTransaction(pool, async (client) => {
    await client.query(
      `UPDATE alert_delivery SET tries = tries + 1, next_at = $2, outcome = $3 WHERE id = ANY ($1::uuid[]) AND state = 'waiting'`,
      [[...ids], at, outcome],
    );
    await addDelivery(client, deliveryId, at);
  });
}

/** Rights may have been taken away since it was noted. A test goes to whoever asked for it. */
function maySee({ alert, email, roles }: Row): boolean {
  if (email === null) return false;
  if (alert === null) return true;
  const seenWith = alertKindOf(alert.kind)?.seenWith;
  return seenWith !== undefined && permitting(seenWith).some((role) => roles.includes(role));
}

function send(deliveryId: string, rows: readonly Row[], outbound: Outbound): Promise<string> {
  const baseUrl = environment().NEXTAUTH_URL ?? null;
  const tellings = rows.map(
    ({ id, event, madeAt, alert }): Telling => ({ id, event, at: madeAt, alert, baseUrl }),
  );
  const [row] = rows;
  const [telling] = tellings;
  if (!row || !telling) throw new Error("there is something to send");
  const secret = row.secret === null ? null : openSecret(channelSubject(row.channel), row.secret);
  if (row.channel === "webhook")
    return callWebhook(
      WebhookSettings.parse(row.settings),
      WebhookSecret.parse(secret).key,
      telling,
      outbound,
    );
  const password = secret === null ? "" : MailSecret.parse(secret).password;
  const letter = { id: deliveryId, at: telling.at, tellings };
  return sendMail(MailSettings.parse(row.settings), password, row.email ?? "", letter);
}
