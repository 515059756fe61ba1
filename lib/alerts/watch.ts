import type pg from "pg";
import { inTransaction } from "@/lib/db/pool";
import { idOf } from "@/lib/domain/identity";
import { toJson } from "@/lib/domain/json";
import { loadOwnership } from "@/lib/matching/ownership";
import { insertJson } from "@/lib/matching/write";
import { notOver } from "./closed-why";
import type { Sighting, Watch } from "./contract";
import { stepOf } from "./machine";
import { tellClosed, tellOpened } from "./outbox";
import { type AlertRule, findAlertRules } from "./rules";

type Held = Readonly<{
  id: string;
  kind: string;
  subject: string;
  title: string;
  body: string;
  ownerTeam: string;
  firstAction: string;
  href: string;
  calmSince: Date | null;
}>;

/** What a watch came to. */
export type Watched = Readonly<{ opened: number; closed: number }>;

/**
 * Brings the alerts of an entity up to what is so now: opens what is at its opening bound, keeps the words of what is open, and
 * closes what has been over for its quiet time. Whom it is told to is noted in the same transaction. Done twice it does nothing more.
 */
export async function watchAlerts(pool: pg.Pool, entityId: string, now: Date): Promise<Watched> {
  const { rows } = await pool.query<{ id: string; timeZone: string; currency: string }>(
    `SELECT id, time_zone AS "timeZone", currency FROM entity WHERE id = $1 AND retired_at IS NULL`,
    [entityId],
  );
  const [entity] = rows;
  if (!entity) return { opened: 0, closed: 0 };
  const ownerOf = await inTransaction(pool, (client) => loadOwnership(client, entityId));
  const rules = await findAlertRules(pool, entityId);
  const seen = new Map<string, readonly Sighting[]>();
  const stays = new Map<string, string>();
  for (const rule of rules) {
    const { kind, enabled, bounds } = rule;
    const view: Watch = { pool, entity, now, bounds, ownerOf };
    const sightings = enabled ? await kind.watch(view) : [];
    seen.set(kind.kind, sightings);
    if (enabled)
      for (const [subject, why] of await notOver(rule, view, sightings))
        stays.set(keyOf(kind.kind, subject), why);
  }
  return inTransaction(pool, (client) => keep(client, entityId, { rules, seen, stays, now }));
}

type Found = Readonly<{
  rules: readonly AlertRule[];
  seen: ReadonlyMap<string, readonly Sighting[]>;
  /** why an alert closes that is not over, by kind and subject */
  stays: ReadonlyMap<string, string>;
  now: Date;
}>;

async function keep(
  client: pg.PoolClient,
  entityId: string,
  { rules, seen, stays, now }: Found,
): Promise<Watched> {
  await client.query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", [`alerts:${entityId}`]);
  const { rows } = await client.query<Held>(
    `SELECT id, kind, subject, title, body, owner_team AS "ownerTeam", first_action AS "firstAction", href, calm_since AS "calmSince"
       FROM alert WHERE entity_id = $1 AND closed_at IS NULL`,
    [entityId],
  );
  const held = new Map(rows.map((row) => [keyOf(row.kind, row.subject), row]));
  const plan: Plan = { opened: [], kept: [], calm: [], closed: [] };
  for (const rule of rules) {
    const kind = rule.kind.kind;
    const quiet = rule.enabled ? (rule.bounds["quietMinutes"] ?? 0) * 60_000 : 0;
    const sightings = new Map((seen.get(kind) ?? []).map((one) => [one.subject, one]));
    for (const one of sightings.values()) {
      const before = held.get(keyOf(kind, one.subject)) ?? null;
      if (stepOf(before, one.level, now, quiet).is === "open") plan.opened.push({ kind, ...one });
      else if (before && (before.calmSince !== null || isOther(before, one)))
        plan.kept.push({ id: before.id, ...one });
    }
    for (const before of rows.filter((row) => row.kind === kind && !sightings.has(row.subject))) {
      const step = stepOf(before, "below", now, quiet);
      if (step.is === "close")
        plan.closed.push({
          id: before.id,
          why: rule.enabled ? (stays.get(keyOf(kind, before.subject)) ?? OVER) : NOT_WATCHED,
        });
      else if (before.calmSince === null) plan.calm.push(before.id);
    }
  }
  const known = new Set(rules.map((rule) => rule.kind.kind));
  for (const row of rows) if (!known.has(row.kind)) plan.closed.push({ id: row.id, why: NOT_WATCHED });
  await write(client, entityId, plan, rules, now);
  return { opened: plan.opened.length, closed: plan.closed.length };
}

const OVER = "It is over.";
const NOT_WATCHED = "This kind of alert is not watched any more.";

type Plan = {
  opened: (Sighting & Readonly<{ kind: string }>)[];
  kept: (Sighting & Readonly<{ id: string }>)[];
  calm: string[];
  closed: Readonly<{ id: string; why: string }>[];
};

const keyOf = (kind: string, subject: string): string => `${kind} ${subject}`;

const isOther = (before: Held, now: Sighting): boolean =>
  before.title !== now.title ||
  before.body !== now.body ||
  before.ownerTeam !== now.ownerTeam ||
  before.firstAction !== now.firstAction ||
  before.href !== now.href;

async function write(
  client: pg.PoolClient,
  entityId: string,
  { opened, kept, calm, closed }: Plan,
  rules: readonly AlertRule[],
  now: Date,
): Promise<void> {
  const fresh = opened.map((one) => ({
    ...one,
    id: idOf("alert", entityId, one.kind, one.subject, now.toISOString()),
  }));
  await insertJson(
    client,
    "alert",
    "id uuid, entity_id text, kind text, subject text, title text, body text, owner_team text, first_action text, href text, opened_at timestamptz",
    fresh.map((one) => ({
      id: one.id,
      entity_id: entityId,
      kind: one.kind,
      subject: one.subject,
      title: one.title,
      body: one.body,
      owner_team: one.ownerTeam,
      first_action: one.firstAction,
      href: one.href,
      opened_at: now,
    })),
  );
  if (kept.length > 0)
    await client.query(
      `UPDATE alert a SET title = k.title, body = k.body, owner_team = k."ownerTeam", first_action = k."firstAction", href = k.href,
              calm_since = NULL
         FROM json_to_recordset($1::json) AS k(id uuid, title text, body text, "ownerTeam" text, "firstAction" text, href text)
        WHERE a.id = k.id`,
      [toJson(kept)],
    );
  if (calm.length > 0)
    await client.query("UPDATE alert SET calm_since = $2 WHERE id = ANY ($1::uuid[])", [calm, now]);
  if (closed.length > 0)
    await client.query(
      `UPDATE alert a SET closed_at = $2, closed_why = c.why FROM json_to_recordset($1::json) AS c(id uuid, why text)
        WHERE a.id = c.id`,
      [toJson(closed), now],
    );
  await tellOpened(client, entityId, fresh, rules, now);
  await tellClosed(
    client,
    closed.map((one) => one.id),
    now,
  );
}
