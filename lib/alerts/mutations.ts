import "server-only";
import { randomUUID } from "node:crypto";
import type { PoolClient } from "pg";
import { type AuditContext, appendAudit, audited, personOf } from "@/lib/audit/record";
import { type Actor, assertMay, assertMayEverywhere } from "@/lib/auth/actor";
import { appPool, inTransaction, lockInTransaction } from "@/lib/db/pool";
import { Refusal } from "@/lib/domain/faults";
import { addJob } from "@/lib/jobs/queue";
import { sealSecret } from "@/lib/settings/secrets";
import { newStandardKey } from "@/lib/webhooks/secrets";
import { channelSubject } from "./channels";
import { addDelivery } from "./outbox";
import { alertKindOf } from "./registry";
import { findAlertRules } from "./rules";
import type { Acknowledge, SaveMail, SaveRule, SaveWebhook, SendAgain, SendTest } from "./schema";

type ActContext = AuditContext & Readonly<{ now: Date }>;
/** What concerns no single entity. */
const ALL = "*";

/** How many alerts the actor looks after now, and how many were over or had somebody by then. */
type Acknowledged = Readonly<{ done: number; left: number }>;

type Waiting = Readonly<{
  id: string;
  entityId: string;
  kind: string;
  title: string;
  by: string | null;
  closedAt: Date | null;
}>;

/**
 * Says that the actor looks after open alerts, of one entity or several, in one transaction with a record for each. One that is
 * over by then, or has somebody, is left as it is.
 * Throws Refusal, and nothing is acknowledged: "not-allowed" or "not-found" for any of them; "conflict" where none is left to
 * acknowledge.
 */
export async function acknowledgeAlerts(
  actor: Actor,
  { alerts, note }: Acknowledge,
  { pool = appPool(), now }: ActContext,
): Promise<Acknowledged> {
  const entities = [...new Set(alerts.map((one) => one.entityId))].sort();
  for (const entityId of entities) assertMay(actor, "alerts.acknowledge", entityId);
  return inTransaction(pool, async (client) => {
    // Whoever watches them holds the same, and writes to as many of them.
    for (const entityId of entities) await lockInTransaction(client, `alerts:${entityId}`);
    const { rows } = await client.query<Waiting>(
      `SELECT id, entity_id AS "entityId", kind, title, acknowledged_by AS by, closed_at AS "closedAt" FROM alert a
        WHERE EXISTS (SELECT FROM unnest($1::uuid[], $2::text[]) AS asked(id, entity_id)
                       WHERE asked.id = a.id AND asked.entity_id = a.entity_id)
        ORDER BY entity_id, id FOR UPDATE`,
      [alerts.map((one) => one.id), alerts.map((one) => one.entityId)],
    );
    const found = new Set(rows.map((one) => one.id));
    if (alerts.some((one) => !found.has(one.id.toLowerCase())))
      throw new Refusal("not-found", "There is no such alert in this entity.");
    for (const { kind, entityId } of rows) {
      const seenWith = alertKindOf(kind)?.seenWith;
      if (seenWith) assertMay(actor, seenWith, entityId);
    }
    const waiting = rows.filter((one) => one.by === null && one.closedAt === null);
    if (waiting.length === 0) throw noneWaits(rows);
    await client.query(
      "UPDATE alert SET acknowledged_at = $2, acknowledged_by_id = $3, acknowledged_by = $4, note = $5 WHERE id = ANY ($1::uuid[])",
      [waiting.map((one) => one.id), now, actor.id, actor.name, note],
    );
    // In the order of their entities, as every transaction does that appends to several chains.
    for (const { id, entityId, kind, title } of waiting)
      await appendAudit(client, {
        chain: entityId,
        at: now,
        actor: personOf(actor),
        action: "alert.acknowledge",
        subject: `alert:${id}`,
        outcome: "done",
        before: null,
        after: { kind, title, note },
      });
    return { done: waiting.length, left: rows.length - waiting.length };
  });
}

function noneWaits(rows: readonly Waiting[]): Refusal {
  const [one, ...others] = rows;
  if (others.length > 0)
    return new Refusal("conflict", "They are over by now, or somebody else looks after them.");
  if (one?.closedAt) return new Refusal("conflict", "The alert is over.");
  return new Refusal("conflict", `${one?.by} has acknowledged it already.`);
}

/**
 * Sets the bounds of a kind in an entity and who gets it, with the reason; the alerts are watched by it at once.
 * Throws Refusal: "not-allowed"; "not-found"; "invalid" for bounds or recipients that can't be.
 */
export async function saveAlertRule(actor: Actor, input: SaveRule, context: ActContext): Promise<void> {
  const { entityId, kind: code, enabled, webhook, reason } = input;
  assertMay(actor, "settings.write", entityId);
  const kind = alertKindOf(code);
  if (!kind) throw new Refusal("not-found", "There is no such kind of alert.");
  const bounds = Object.fromEntries(
    kind.bounds.map(({ name, label, min, max }) => {
      const value = input.bounds[name];
      if (value === undefined || value < min || value > max)
        throw new Refusal(
          "invalid",
          `${label}: from ${min.toLocaleString("en")} to ${max.toLocaleString("en")}.`,
        );
      return [name, value];
    }),
  );
  const fault = kind.fault(bounds);
  if (fault) throw new Refusal("invalid", fault);
  const recipients = [...new Set(input.recipients)];
  const save = async (client: PoolClient) => {
    await assertTeams(client, recipients);
    const before = (await findAlertRules(client, entityId)).find((one) => one.kind === kind);
    await client.query(
      `INSERT INTO alert_rule (entity_id, kind, enabled, bounds, recipients, webhook, reason, set_at, set_by)
       VALUES ($1, $2, $3, $4::jsonb, $5, $6, $7, $8, $9)
       ON CONFLICT (entity_id, kind) DO UPDATE SET enabled = excluded.enabled, bounds = excluded.bounds,
         recipients = excluded.recipients, webhook = excluded.webhook, reason = excluded.reason, set_at = excluded.set_at,
         set_by = excluded.set_by`,
      [entityId, code, enabled, JSON.stringify(bounds), recipients, webhook, reason, context.now, actor.name],
    );
    await addWatch(client, entityId);
    return {
      result: undefined,
      change: {
        action: "alert-rule.set",
        subject: `alert-rule:${entityId}/${code}`,
        before: before && {
          enabled: before.enabled,
          bounds: before.bounds,
          recipients: before.recipients,
          webhook: before.webhook,
        },
        after: { enabled, bounds, recipients, webhook, reason },
      },
    };
  };
  await audited(actor, entityId, save, context);
}

async function assertTeams(client: PoolClient, recipients: readonly string[]): Promise<void> {
  const teams = recipients.flatMap((one) => (one.startsWith("team:") ? [one.slice("team:".length)] : []));
  const { rows } = await client.query<{ id: string }>("SELECT id FROM team WHERE id = ANY ($1)", [teams]);
  const unknown = teams.find((id) => !rows.some((row) => row.id === id));
  if (unknown !== undefined) throw new Refusal("invalid", `There is no team “${unknown}”.`);
}

/** Has the alerts of an entity brought up to date soon; of several that wait, one. */
export const addWatch = (client: PoolClient, entityId: string): Promise<void> =>
  addJob(client, "watch-alerts", { entityId }, { key: `alerts:${entityId}` });

/** Saves the mail server that alerts go through. Throws Refusal "not-allowed". */
export async function saveMailServer(actor: Actor, input: SaveMail, context: ActContext): Promise<void> {
  assertMayEverywhere(actor, "settings.write");
  const { password, enabled, reason, ...mail } = input;
  await audited(
    actor,
    ALL,
    async (client) => {
      const before = await saveChannel(client, "email", { settings: mail, enabled }, actor, context.now);
      // A user name that is given up needs no password; an empty field keeps the one that is there.
      if (password !== "" || mail.user === "")
        await seal(client, "email", mail.user === "" ? null : { password });
      return {
        result: undefined,
        change: {
          action: "alert-channel.set",
          subject: channelSubject("email"),
          before,
          after: { ...mail, enabled, reason },
        },
      };
    },
    context,
  );
}

/**
 * Saves where the webhook goes. Answers the key that its messages are signed with where one was made: it is shown once.
 * Throws Refusal "not-allowed".
 */
export async function saveWebhookTarget(
  actor: Actor,
  input: SaveWebhook,
  context: ActContext,
): Promise<Readonly<{ key: string | null }>> {
  assertMayEverywhere(actor, "settings.write");
  const { url, enabled, newSecret, reason } = input;
  return audited(
    actor,
    ALL,
    async (client) => {
      const before = await saveChannel(client, "webhook", { settings: { url }, enabled }, actor, context.now);
      const key = newSecret || before === null ? newStandardKey() : null;
      if (key !== null) await seal(client, "webhook", { key });
      return {
        result: { key },
        change: {
          action: "alert-channel.set",
          subject: channelSubject("webhook"),
          before,
          after: { url, enabled, signedAnew: key !== null, reason },
        },
      };
    },
    context,
  );
}

type Channel = "email" | "webhook";

/** Saves what is no secret of a channel; answers what was there. */
async function saveChannel(
  client: PoolClient,
  channel: Channel,
  { settings, enabled }: Readonly<{ settings: object; enabled: boolean }>,
  actor: Actor,
  at: Date,
): Promise<unknown> {
  const { rows } = await client.query<{ settings: unknown; enabled: boolean }>(
    "SELECT settings, enabled FROM alert_channel WHERE id = $1",
    [channel],
  );
  await client.query(
    `INSERT INTO alert_channel (id, enabled, settings, set_at, set_by) VALUES ($1, $2, $3::jsonb, $4, $5)
     ON CONFLICT (id) DO UPDATE SET enabled = excluded.enabled, settings = excluded.settings, set_at = excluded.set_at,
       set_by = excluded.set_by`,
    [channel, enabled, JSON.stringify(settings), at, actor.name],
  );
  return rows[0] ?? null;
}

const seal = (client: PoolClient, channel: Channel, secret: object | null): Promise<unknown> =>
  client.query("UPDATE alert_channel SET secret = $2 WHERE id = $1", [
    channel,
    secret === null ? null : sealSecret(channelSubject(channel), secret),
  ]);

/** Sends a test through a channel: an e-mail to the actor, or a call of the webhook. Throws Refusal "not-allowed", "conflict". */
export async function sendTest(actor: Actor, { channel }: SendTest, context: ActContext): Promise<void> {
  assertMayEverywhere(actor, "settings.write");
  await audited(
    actor,
    ALL,
    async (client) => {
      const { rows } = await client.query<{ enabled: boolean }>(
        "SELECT enabled FROM alert_channel WHERE id = $1",
        [channel],
      );
      if (!rows[0]?.enabled)
        throw new Refusal("conflict", "It is not switched on: save it first, then send a test.");
      const id = randomUUID();
      await client.query(
        `INSERT INTO alert_delivery (id, channel, event, user_id, next_at, made_at) VALUES ($1, $2, 'test', $3, $4, $4)`,
        [id, channel, channel === "email" ? actor.id : null, context.now],
      );
      await addDelivery(client, id);
      return {
        result: undefined,
        change: { action: "alert-channel.test", subject: channelSubject(channel), before: null, after: null },
      };
    },
    context,
  );
}

/** Sends again what could not be sent: by the webhook with the same id, by e-mail without what it was sent with. Throws Refusal: "not-allowed"; "not-found" where it has not failed. */
export async function sendAgain(actor: Actor, { id }: SendAgain, context: ActContext): Promise<void> {
  assertMayEverywhere(actor, "settings.write");
  await audited(
    actor,
    ALL,
    async (client) => {
      const { rowCount } = await client.query(
        `UPDATE alert_delivery SET state = 'waiting', tries = 0, next_at = $2, ended_at = NULL, letter_id = NULL
          WHERE id = $1 AND state IN ('failed', 'dropped')`,
        [id, context.now],
      );
      if (rowCount === 0) throw new Refusal("not-found", "There is no such delivery that failed.");
      await addDelivery(client, id);
      return {
        result: undefined,
        change: {
          action: "alert-delivery.again",
          subject: `alert-delivery:${id}`,
          before: null,
          after: null,
        },
      };
    },
    context,
  );
}
