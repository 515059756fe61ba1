import { randomBytes } from "node:crypto";
import type { Pool, PoolClient } from "pg";
import type { Actor } from "@/lib/auth/actor";
import { appPool, inTransaction } from "@/lib/db/pool";
import type { RefusalCode } from "@/lib/domain/faults";
import { toJson } from "@/lib/domain/json";
import { type AuditActor, type AuditEvent, type AuditRow, type Chain, chained } from "./event";

/** What a change did, told by the code that did it. */
export type Change = Readonly<{ action: string; subject: string; before: unknown; after: unknown }>;

/** Where and when a change is made; given by tests, otherwise the app's database and the clock. */
export type AuditContext = Readonly<{ pool?: Pool; now?: Date }>;

/**
 * Appends one event to its chain, inside the caller's transaction. Appends to one chain queue up behind an advisory
 * lock that the end of the transaction releases, so the chain has no gaps and no forks. Call it last in the
 * transaction, and under READ COMMITTED. A transaction appends to one chain, or to several in the order of their names: two
 * that wait for each other's chain would both be undone.
 */
export async function appendAudit(client: PoolClient, event: AuditEvent): Promise<AuditRow> {
  await client.query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", [`audit:${event.chain}`]);
  // A statement of its own: it must see what the holder of the lock committed.
  const last = await client.query<{ seq: string; hash: string }>(
    "SELECT seq::text AS seq, hash FROM audit_event WHERE chain = $1 ORDER BY audit_event.seq DESC LIMIT 1",
    [event.chain],
  );
  const newest = last.rows[0];
  const row = chained(
    event,
    newest ? { seq: BigInt(newest.seq), hash: newest.hash } : null,
    await saltOf(client, event.actor.id),
  );
  await client.query(
    `INSERT INTO audit_event (chain, seq, at, actor_kind, actor_id, actor_name, action, subject, outcome, before, after, prev_hash, hash, name_seal)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10::jsonb, $11::jsonb, $12, $13, $14)`,
    [
      row.chain,
      row.seq.toString(),
      row.at,
      row.actorKind,
      row.actorId,
      row.actorName,
      row.action,
      row.subject,
      row.outcome,
      toJson(row.before),
      toJson(row.after),
      row.prevHash,
      row.hash,
      row.nameSeal,
    ],
  );
  return row;
}

/** With what an actor's name is sealed; made when they act first. Throws where their name was taken out of the trail. */
async function saltOf(client: PoolClient, actorId: string): Promise<string> {
  const find = () =>
    client.query<{ salt: string | null }>("SELECT salt FROM audit_actor WHERE actor_id = $1", [actorId]);
  const known = await find();
  if (known.rows.length === 0) {
    await client.query("INSERT INTO audit_actor (actor_id, salt) VALUES ($1, $2) ON CONFLICT DO NOTHING", [
      actorId,
      randomBytes(16).toString("hex"),
    ]);
  }
  const salt = (known.rows[0] ?? (await find()).rows[0])?.salt;
  if (salt == null) throw new Error("somebody whose name was taken out of the trail can't act any more");
  return salt;
}

/**
 * Makes a change and its audit record in one transaction: neither is ever kept without the other.
 * The change is made with the client it is given and says what it did; whatever it throws undoes both.
 */
export async function audited<Result>(
  actor: Actor,
  chain: Chain,
  change: (client: PoolClient) => Promise<{ result: Result; change: Change }>,
  { pool = appPool(), now = new Date() }: AuditContext = {},
): Promise<Result> {
  return inTransaction(pool, async (client) => {
    const { result, change: made } = await change(client);
    await appendAudit(client, { ...made, chain, at: now, actor: personOf(actor), outcome: "done" });
    return result;
  });
}

/** A no, for the trail: what was asked, of what, and why it was refused. */
export type RefusedAct = Readonly<{
  action: string;
  subject: string;
  code: RefusalCode;
  reason: string;
  /** the month that it is about, where it is about one */
  month?: string;
}>;

/** Records a refused act, in a transaction of its own since that of the act is rolled back. */
export async function recordRefusal(
  actor: Actor,
  chain: Chain,
  refused: RefusedAct,
  { pool = appPool(), now = new Date() }: AuditContext = {},
): Promise<void> {
  const { action, subject, code, reason, month } = refused;
  await inTransaction(pool, (client) =>
    appendAudit(client, {
      chain,
      at: now,
      actor: personOf(actor),
      action,
      subject,
      outcome: "refused",
      before: null,
      after: { code, reason, ...(month !== undefined && { month }) },
    }),
  );
}

/** How a signed-in person stands in the trail. */
export const personOf = (actor: Actor): AuditActor => ({ kind: "person", id: actor.id, name: actor.name });
