import { randomUUID } from "node:crypto";
import type pg from "pg";
import type { AuditActor } from "@/lib/audit/event";
import { appendAudit, personOf } from "@/lib/audit/record";
import { type Actor, assertMay, may } from "@/lib/auth/actor";
import { inTransaction, lockInTransaction, ownerPool, whileLocked } from "@/lib/db/pool";
import { Refusal } from "@/lib/domain/faults";
import { toJson, toPlain } from "@/lib/domain/json";
import { addJob } from "@/lib/jobs/queue";
import { previewChange } from "@/lib/matching/preview";
import { addChosenResyncs } from "@/lib/orders/mutations";
import { Selection } from "@/lib/orders/schema";
import { needsSecondPerson, type State, stateOf } from "@/lib/settings/change/make";
import { type UnknownCode, unknownCodesOf } from "@/lib/settings/change/unknown-codes";
import { applyMappings } from "./apply";
import { paymentsEffect, referencesEffect } from "./effects";
import { Foreseen } from "./foreseen";
import {
  MappingAsk,
  MappingChange,
  type MappingDecision,
  type MappingEdit,
  placeOf,
  type RequestSource,
  type SecondPersonSetting,
} from "./schema";

export type RequestContext = Readonly<{ pool?: pg.Pool; now?: () => Date; signal?: AbortSignal }>;

type Preview = Readonly<{ foreseen: Foreseen | null; basis: string | null }>;

/** What moves no figure of either side: who approves, and the codes of ways of paying. */
const STILL: ReadonlySet<MappingChange["kind"]> = new Set(["second-person", "payment", "payment-gone"]);
const movesFigures = (changes: readonly MappingChange[]): boolean =>
  changes.some((change) => !STILL.has(change.kind));

const NO_EFFECT: Foreseen["effect"] = {
  groups: 0,
  matchesLost: 0,
  explained: 0,
  matchesWon: 0,
  lost: [],
  cleared: [],
  made: [],
};

async function previewOf(
  by: AuditActor,
  entityId: string,
  changes: readonly MappingChange[],
  context: RequestContext,
): Promise<Preview> {
  const now = context.now ?? (() => new Date());
  const pool = context.pool ?? ownerPool();
  const payments = await paymentsEffect(pool, entityId, changes);
  if (!movesFigures(changes)) {
    // What can't hold is told now, not to whoever approves.
    await tried(pool, (client) => applyMappings(client, entityId, changes, { name: by.name, at: now() }));
    if (!payments) return { foreseen: null, basis: null };
    const still = { effect: NO_EFFECT, changedGroups: 0, unusedSettings: false, unknownCodes: [] };
    return { foreseen: { ...still, payments }, basis: null };
  }
  let references: Foreseen["references"];
  let state: State | undefined;
  const unknownCodes: UnknownCode[] = [];
  const effect = await previewChange(
    entityId,
    async (client) => {
      state = await stateOf(client, entityId);
      for (const change of changes) {
        if (change.kind === "tax-code" && change.right)
          unknownCodes.push(...(await unknownCodesOf(client, entityId, change)));
      }
      const { moves } = await applyMappings(client, entityId, changes, { name: by.name, at: now() });
      references = await referencesEffect(client, changes, moves);
    },
    { now, pool, signal: context.signal },
  );
  if (!state) throw new Error("a preview ended without having been made");
  const { basis, changedGroups, unusedSettings } = state;
  const codes = [...new Map(unknownCodes.map((one) => [one.code, one])).values()];
  return {
    foreseen: {
      effect,
      changedGroups,
      unusedSettings,
      unknownCodes: codes,
      ...(references && { references }),
      ...(payments && { payments }),
    },
    basis,
  };
}

/** Does something and takes it back: it throws what doing it throws. */
async function tried(pool: pg.Pool, work: (client: pg.PoolClient) => Promise<unknown>): Promise<void> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query("BEGIN");
    await work(client);
  } finally {
    await client.query("ROLLBACK").catch((fault: Error) => {
      broken = fault;
    });
    client.release(broken);
  }
}

/**
 * Asks that mappings are changed: previews that on the whole population and keeps both for whoever decides. Nothing holds
 * yet. Whoever calls it has proved that `by` may ask.
 *
 * @throws Refusal `invalid` for rows that can't hold or that say two things of one place; `conflict` while a reconciliation is at work
 */
export async function askFor(
  by: AuditActor,
  asked: Omit<MappingAsk, "source"> & Readonly<{ source: RequestSource }>,
  context: RequestContext = {},
): Promise<Readonly<{ id: string }>> {
  const { pool = ownerPool(), now = () => new Date() } = context;
  const { entityId, source, reason = "", again = null } = asked;
  const changes = distinct(asked.changes);
  const { foreseen, basis } = await previewOf(by, entityId, changes, context);
  const id = randomUUID();
  await inTransaction(pool, async (client) => {
    const at = now();
    await client.query(
      `INSERT INTO mapping_request (id, entity_id, source, reason, changes, again, foreseen, basis, foreseen_at, made_at, made_by_id, made_by)
       VALUES ($1, $2, $3, $4, $5::jsonb, $6::jsonb, $7::jsonb, $8, $9, $9, $10, $11)`,
      [
        id,
        entityId,
        source,
        reason,
        toJson(changes),
        again && toJson(again),
        foreseen && toJson(foreseen),
        basis,
        at,
        by.id,
        by.name,
      ],
    );
    await appendAudit(client, {
      chain: entityId,
      at,
      actor: by,
      action: "mapping-request.ask",
      subject: `mapping-request:${id}`,
      outcome: "done",
      before: null,
      after: { source, reason, changes, foreseen: toPlain(foreseen?.effect ?? null) },
    });
  });
  return { id };
}

function distinct(changes: readonly MappingChange[]): readonly MappingChange[] {
  const places = new Map<string, MappingChange>();
  for (const change of changes) {
    const place = placeOf(change);
    const other = places.get(place);
    if (other && toJson(other) !== toJson(change))
      throw new Refusal("invalid", "Two rows of the request say different things of the same place.");
    places.set(place, change);
  }
  return [...places.values()];
}

/**
 * Asks for a change of mappings in a person's name. Throws Refusal `not-allowed` without the right to change the settings, and what `askFor` throws.
 */
export async function askForMappings(
  actor: Actor,
  asked: MappingAsk,
  context: RequestContext = {},
): Promise<Readonly<{ id: string }>> {
  assertMay(actor, "settings.write", asked.entityId);
  return askFor(personOf(actor), MappingAsk.parse(asked), context);
}

/**
 * Turns the second person on at once; off is a change that a second person approves.
 * Throws Refusal `not-allowed`; `not-found`; `conflict` where it stands so already.
 */
export async function setSecondPerson(
  actor: Actor,
  { entityId, needed }: SecondPersonSetting,
  context: RequestContext = {},
): Promise<Readonly<{ id: string | null }>> {
  assertMay(actor, "settings.write", entityId);
  const { pool = ownerPool(), now = () => new Date() } = context;
  if ((await needsSecondPerson(pool, entityId)) === needed)
    throw new Refusal("conflict", "It stands so already.");
  const change = { kind: "second-person", needed } as const;
  if (!needed) {
    return askFor(
      personOf(actor),
      { entityId, changes: [change], source: "setting", reason: "", again: null },
      context,
    );
  }
  await inTransaction(pool, async (client) => {
    const {
      rows: [applied],
    } = await applyMappings(client, entityId, [change], { name: actor.name, at: now() });
    if (!applied) throw new Error("nothing was set");
    await appendAudit(client, {
      ...applied,
      chain: entityId,
      at: now(),
      actor: personOf(actor),
      outcome: "done",
    });
  });
  return { id: null };
}

type Held = Readonly<{
  state: string;
  version: number;
  changes: readonly MappingChange[];
  again: Selection | null;
  foreseen: Foreseen | null;
  basis: string | null;
  madeById: string;
  madeBy: string;
  editedById: string | null;
}>;

async function holdRequest(
  client: pg.PoolClient,
  { entityId, id, version }: Pick<MappingDecision, "entityId" | "id" | "version">,
): Promise<Held> {
  const { rows } = await client.query(
    `SELECT state, version, changes, again, foreseen, basis, made_by_id AS "madeById", made_by AS "madeBy",
            edited_by_id AS "editedById"
       FROM mapping_request WHERE id = $1 AND entity_id = $2 FOR UPDATE`,
    [id, entityId],
  );
  const [row] = rows;
  if (!row) throw new Refusal("not-found", "There is no such request in this entity.");
  if (row.state !== "asked") throw new Refusal("conflict", "This request has been decided on already.");
  if (row.version !== version)
    throw new Refusal("conflict", "This request is not what you looked at any more. Look at it again.");
  return {
    ...row,
    changes: MappingChange.array().parse(row.changes),
    again: row.again === null ? null : Selection.parse(row.again),
    foreseen: row.foreseen === null ? null : Foreseen.parse(row.foreseen),
  };
}

/**
 * Whether the actor may approve a request: never one that they made or last edited, whatever their roles, unless the entity
 * leaves mappings to one person who may change its settings.
 */
async function assertMayApprove(
  client: pg.PoolClient,
  actor: Actor,
  entityId: string,
  { madeById, editedById }: Held,
): Promise<void> {
  const alone = !(await needsSecondPerson(client, entityId)) && may(actor, "settings.write", entityId);
  if (alone) return;
  assertMay(actor, "mappings.approve", entityId);
  if (madeById === actor.id)
    throw new Refusal("not-allowed", "You asked for this change: somebody else has to approve it.");
  if (editedById === actor.id)
    throw new Refusal("not-allowed", "You edited this request last: somebody else has to approve it.");
}

/**
 * Leaves rows of a request out; it is previewed anew. Whoever does it may not approve it afterwards.
 * Throws Refusal `not-allowed`; `not-found`; `conflict` when it was decided or edited meanwhile; `invalid` for other rows than it has.
 */
export async function editRequest(
  actor: Actor,
  edit: MappingEdit,
  context: RequestContext = {},
): Promise<Readonly<{ version: number }>> {
  const { entityId, id } = edit;
  assertMay(actor, "settings.write", entityId);
  const { pool = ownerPool(), now = () => new Date() } = context;
  const changes = distinct(edit.changes);
  const held = await inTransaction(pool, (client) => holdRequest(client, edit));
  const known = new Set(held.changes.map((one) => toJson(one)));
  if (changes.some((one) => !known.has(toJson(one))))
    throw new Refusal("invalid", "Rows can be left out of a request; others are asked for anew.");
  const preview = await previewOf(personOf(actor), entityId, changes, context);
  return inTransaction(pool, async (client) => {
    const before = await holdRequest(client, edit);
    const at = now();
    const version = before.version + 1;
    await client.query(
      `UPDATE mapping_request SET changes = $2::jsonb, foreseen = $3::jsonb, basis = $4, foreseen_at = $5, version = $6,
         edited_at = $5, edited_by_id = $7, edited_by = $8 WHERE id = $1`,
      [
        id,
        toJson(changes),
        preview.foreseen && toJson(preview.foreseen),
        preview.basis,
        at,
        version,
        actor.id,
        actor.name,
      ],
    );
    await appendAudit(client, {
      chain: entityId,
      at,
      actor: personOf(actor),
      action: "mapping-request.edit",
      subject: `mapping-request:${id}`,
      outcome: "done",
      before: { changes: before.changes },
      after: { changes, foreseen: toPlain(preview.foreseen?.effect ?? null) },
    });
    return { version };
  });
}

/** What came of a decision: the run that reads records again, where there are any. */
export type Decided = Readonly<{ state: "made" | "rejected" | "withdrawn"; runId: string | null }>;

/**
 * Approves, rejects or withdraws a request. What is approved is made exactly as it was previewed, with its audit records in
 * the same transaction; the records that lacked it are read again, and the entity is reconciled.
 *
 * @throws Refusal `not-allowed` without the right, or to approve what the actor made or last edited; `not-found`; `conflict`
 *   where it was decided or edited meanwhile, while a reconciliation is at work, or where its preview no longer holds: then
 *   it has been previewed anew
 */
export async function decideRequest(
  actor: Actor,
  decision: MappingDecision,
  context: RequestContext = {},
): Promise<Decided> {
  if (decision.decision !== "approve") return turnDown(actor, decision, context);
  const first = await approve(actor, decision, context);
  if (first !== "moved") return first;
  await previewAgain(actor, decision, context);
  const second = await approve(actor, decision, context);
  if (second !== "moved") return second;
  throw new Refusal("conflict", "Figures move at this moment. Nothing was changed; approve it again.");
}

async function turnDown(
  actor: Actor,
  { decision, why, ...of }: MappingDecision,
  { pool = ownerPool(), now = () => new Date() }: RequestContext,
): Promise<Decided> {
  const { entityId, id } = of;
  const state = decision === "withdraw" ? "withdrawn" : "rejected";
  return inTransaction(pool, async (client) => {
    const held = await holdRequest(client, of);
    if (decision === "withdraw" && held.madeById !== actor.id)
      throw new Refusal("not-allowed", "Only who asked for a change withdraws it; others reject it.");
    if (decision === "reject") assertMay(actor, "mappings.approve", entityId);
    await close(client, { id, state, why, actor, at: now(), runId: null });
    await appendAudit(client, {
      chain: entityId,
      at: now(),
      actor: personOf(actor),
      action: `mapping-request.${decision}`,
      subject: `mapping-request:${id}`,
      outcome: "done",
      before: { state: "asked", madeBy: held.madeBy },
      after: { state, why },
    });
    return { state, runId: null };
  });
}

type Closing = Readonly<{
  id: string;
  state: Decided["state"];
  why: string;
  actor: Actor;
  at: Date;
  runId: string | null;
}>;

const close = (client: pg.PoolClient, { id, state, why, actor, at, runId }: Closing) =>
  client.query(
    `UPDATE mapping_request SET state = $2, decided_at = $3, decided_by_id = $4, decided_by = $5, decided_why = $6, run_id = $7
      WHERE id = $1`,
    [id, state, at, actor.id, actor.name, why, runId],
  );

async function approve(
  actor: Actor,
  { decision: _, why, ...of }: MappingDecision,
  { pool = ownerPool(), now = () => new Date() }: RequestContext,
): Promise<Decided | "moved"> {
  const { entityId, id } = of;
  const work = () =>
    inTransaction(pool, async (client): Promise<Decided | "moved"> => {
      await lockInTransaction(client, `books:${entityId}`);
      const held = await holdRequest(client, of);
      await assertMayApprove(client, actor, entityId, held);
      if (held.basis !== null && held.basis !== (await stateOf(client, entityId)).basis) return "moved";
      const at = now();
      const name = held.madeById === actor.id ? actor.name : `${held.madeBy}, approved by ${actor.name}`;
      const { rows: applied } = await applyMappings(client, entityId, held.changes, { name, at });
      const runId = held.again ? await readAgain(client, actor, entityId, held.again, at) : null;
      await close(client, { id, state: "made", why, actor, at, runId });
      if (runId === null && movesFigures(held.changes)) await reconcileSoon(client, entityId);
      for (const one of applied) {
        await appendAudit(client, { ...one, chain: entityId, at, actor: personOf(actor), outcome: "done" });
      }
      await appendAudit(client, {
        chain: entityId,
        at,
        actor: personOf(actor),
        action: "mapping-request.approve",
        subject: `mapping-request:${id}`,
        outcome: "done",
        before: { state: "asked", madeBy: held.madeBy },
        after: { state: "made", why, rows: applied.length, runId },
      });
      return { state: "made", runId };
    });
  const outcome = await whileLocked(pool, `reconcile:${entityId}`, work);
  if (outcome.locked) return outcome.result;
  throw new Refusal("conflict", `A reconciliation of ${entityId} is at work; approve it when that is done.`);
}

/** Has the records read again that lacked the mapping; null where none is left that does: they came in some other way. */
async function readAgain(
  client: pg.PoolClient,
  actor: Actor,
  entityId: string,
  selection: Selection,
  now: Date,
): Promise<string | null> {
  await client.query("SAVEPOINT again");
  try {
    const { runId } = await addChosenResyncs(
      client,
      actor,
      { entityId, selection },
      { now, after: "mapping" },
    );
    return runId;
  } catch (error) {
    if (!(error instanceof Refusal) || error.code !== "invalid") throw error;
    await client.query("ROLLBACK TO again");
    return null;
  }
}

const reconcileSoon = (client: pg.PoolClient, entityId: string) => {
  const name = `reconcile:${entityId}`;
  return addJob(client, "reconcile", { entityId }, { queue: name, key: name, attempts: 10 });
};

/**
 * Previews a request on the figures as they are now. Where that is the same effect, it still holds, and stands on them;
 * else the new one is kept, and the approval refused: nobody approves what they have not seen.
 */
async function previewAgain(
  actor: Actor,
  { decision: _, why: __, ...of }: MappingDecision,
  context: RequestContext,
): Promise<void> {
  const { pool = ownerPool(), now = () => new Date() } = context;
  const { entityId, id } = of;
  const held = await inTransaction(pool, (client) => holdRequest(client, of));
  const { foreseen, basis } = await previewOf(personOf(actor), entityId, held.changes, context);
  const holds = toJson(judged(foreseen)) === toJson(judged(held.foreseen));
  await inTransaction(pool, async (client) => {
    await holdRequest(client, of);
    const at = now();
    await client.query(
      `UPDATE mapping_request SET foreseen = $2::jsonb, basis = $3, foreseen_at = $4, version = version + $5 WHERE id = $1`,
      [id, foreseen && toJson(foreseen), basis, at, holds ? 0 : 1],
    );
    if (holds) return;
    await appendAudit(client, {
      chain: entityId,
      at,
      actor: personOf(actor),
      action: "mapping-request.preview",
      subject: `mapping-request:${id}`,
      outcome: "done",
      before: { foreseen: toPlain(held.foreseen?.effect ?? null) },
      after: { foreseen: toPlain(foreseen?.effect ?? null) },
    });
  });
  if (holds) return;
  throw new Refusal(
    "conflict",
    "The preview no longer holds: figures or settings have moved since. Nothing was changed. It has been previewed again: look at its effect, then decide.",
  );
}

/** What of a preview somebody judges: the orders that it went through are not part of it. */
const judged = (foreseen: Foreseen | null) =>
  foreseen && {
    ...foreseen.effect,
    groups: 0,
    unknown: foreseen.unknownCodes,
    references: foreseen.references ?? null,
    payments: foreseen.payments ?? null,
  };
