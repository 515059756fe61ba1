import "server-only";
import { randomUUID } from "node:crypto";
import type { ClientBase, Pool, PoolClient } from "pg";
import { type AuditContext, appendAudit, audited, type Change, personOf } from "@/lib/audit/record";
import { type Actor, assertMay, assertMayEverywhere, entitiesOf, may } from "@/lib/auth/actor";
import type { Permission } from "@/lib/auth/permissions";
import { causeOf } from "@/lib/causes/registry";
import { appPool, lockInTransaction } from "@/lib/db/pool";
import { Refusal } from "@/lib/domain/faults";
import { idOf } from "@/lib/domain/identity";
import { toJson, toPlain } from "@/lib/domain/json";
import { needsSecondPerson } from "@/lib/settings/change/make";
import { moveOpen, ownersEffect } from "./effect";
import { findPlaces } from "./places";
import {
  OwnerChange,
  type OwnersDecision,
  OwnersEffect,
  type OwnershipRule,
  type RemoveRule,
  type RulesFile,
  type SaveRule,
} from "./schema";
import { readRulesFile } from "./table-file";

type ActContext = AuditContext & Readonly<{ now: Date }>;
type Source = "change" | "removal" | "file";
/** The row of a place: null where it shall go. */
type Wanted = Omit<OwnerChange, "before">;
/** What concerns no single entity. */
const ALL = "*";

/** Whether the actor may do something in an entity or, without one, everywhere. */
export const mayIn = (actor: Actor, permission: Permission, entityId: string | null): boolean =>
  entityId === null ? entitiesOf(actor, permission) === "all" : may(actor, permission, entityId);

function assertMayIn(actor: Actor, permission: Permission, entityId: string | null): void {
  if (entityId === null) assertMayEverywhere(actor, permission);
  else assertMay(actor, permission, entityId);
}

/**
 * Whether a second person approves changes of who owns what: as an entity has it for its mappings; what concerns all of them or
 * several needs one as soon as any of them does.
 */
export async function ownersNeedTwo(client: ClientBase | Pool, entityId: string | null): Promise<boolean> {
  if (entityId !== null) return needsSecondPerson(client, entityId);
  const { rows } = await client.query<{ needed: boolean }>(
    "SELECT EXISTS (SELECT FROM entity WHERE second_person AND retired_at IS NULL) AS needed",
  );
  return rows[0]?.needed ?? true;
}

const subjectOf = ({ cause, entityId, shopId }: Omit<Wanted, "team">): string =>
  `ownership:${cause}/${entityId ?? ALL}/${shopId ?? ALL}`;

/**
 * Asks that a team owns a cause in a shop, in an entity or everywhere; nothing holds yet. With `moveOpen` also the open
 * exceptions go to it that nobody has and nobody gave away.
 * Throws Refusal: "not-allowed"; "invalid" for a cause, team, entity or shop that is not there; "conflict" where it stands so.
 */
export async function askForRule(
  actor: Actor,
  { moveOpen: moves, ...rule }: SaveRule,
  context: ActContext,
): Promise<Readonly<{ id: string }>> {
  const asked = { source: "change", entityId: rule.entityId, moveOpen: moves } as const;
  return ask(actor, { ...asked, wanted: async () => [rule] }, context);
}

/**
 * Asks that a row is taken away: the next less specific one counts, also for the open exceptions that nobody has and nobody gave away.
 * Throws Refusal: "not-allowed", "not-found".
 */
export async function askToRemove(
  actor: Actor,
  { id }: RemoveRule,
  context: ActContext,
): Promise<Readonly<{ id: string }>> {
  const { rows } = await (context.pool ?? appPool()).query<Omit<OwnershipRule, "team">>(
    `SELECT entity_id AS "entityId", shop_id AS "shopId", cause FROM ownership_rule WHERE id = $1`,
    [id],
  );
  const [place] = rows;
  if (!place) throw new Refusal("not-found", "This row is not there any more.");
  const asked = { source: "removal", entityId: place.entityId, moveOpen: true } as const;
  return ask(actor, { ...asked, wanted: async () => [{ ...place, team: null }] }, context);
}

/**
 * Asks for the whole table of a file: its rows are added or changed, others stay. It concerns all entities.
 * Throws Refusal: "not-allowed"; "invalid" with the lines that can't be taken; "conflict" where everything stands so.
 */
export async function askForFile(
  actor: Actor,
  { text, moveOpen: moves = false }: RulesFile,
  context: ActContext,
): Promise<Readonly<{ id: string }>> {
  const asked = { source: "file", entityId: null, moveOpen: moves } as const;
  return ask(
    actor,
    { ...asked, wanted: async (client) => readRulesFile(text, await findPlaces(client)) },
    context,
  );
}

type Asked = Readonly<{
  source: Source;
  entityId: string | null;
  moveOpen: boolean;
  /** read in the transaction that stores what is asked for */
  wanted: (client: PoolClient) => Promise<readonly Wanted[]>;
}>;

async function ask(
  actor: Actor,
  { source, entityId, moveOpen: moves, wanted }: Asked,
  context: ActContext,
): Promise<Readonly<{ id: string }>> {
  assertMayIn(actor, "settings.write", entityId);
  const id = randomUUID();
  const store = async (client: PoolClient) => {
    const all = await standing(client, await wanted(client));
    // One row of the same team may be asked for to have open exceptions follow it; a file's rows that stand are no change.
    const changes = source === "change" && moves ? all : all.filter((one) => one.team !== one.before);
    for (const one of changes) await assertPlace(client, one);
    const foreseen = await ownersEffect(client, changes);
    if (!changesAnything(changes, moves ? foreseen.moves : []))
      throw new Refusal("conflict", "It stands so already: nothing would change.");
    await client.query(
      `INSERT INTO ownership_request (id, entity_id, source, changes, move_open, foreseen, foreseen_at, made_at, made_by_id, made_by)
       VALUES ($1, $2, $3, $4::jsonb, $5, $6::jsonb, $7, $7, $8, $9)`,
      [id, entityId, source, toJson(changes), moves, toJson(foreseen), context.now, actor.id, actor.name],
    );
    const after = { source, moveOpen: moves, changes, foreseen };
    return { result: { id }, change: { ...trail("ask", id), before: null, after: toPlain(after) } };
  };
  return audited(actor, entityId ?? ALL, store, context);
}

const trail = (act: string, id: string) => ({
  action: `ownership-request.${act}`,
  subject: `ownership-request:${id}`,
});

const changesAnything = (changes: readonly OwnerChange[], moves: OwnersEffect["moves"]): boolean =>
  moves.length > 0 || changes.some((one) => one.team !== one.before);

/** Rows with the teams that stand in their places now. */
async function standing(client: ClientBase, wanted: readonly Wanted[]): Promise<readonly OwnerChange[]> {
  const { rows } = await client.query<{ place: number; team: string }>(
    `SELECT w.place::int, o.team FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY AS w(cause, entity_id, shop_id, place)
       JOIN ownership_rule o ON o.cause = w.cause AND o.entity_id IS NOT DISTINCT FROM w.entity_id AND o.shop_id IS NOT DISTINCT FROM w.shop_id`,
    [wanted.map((one) => one.cause), wanted.map((one) => one.entityId), wanted.map((one) => one.shopId)],
  );
  const teams = new Map(rows.map((row) => [row.place, row.team]));
  return wanted.map(({ cause, entityId, shopId, team }, index) => ({
    cause,
    entityId,
    shopId,
    team,
    before: teams.get(index + 1) ?? null,
  }));
}

async function assertPlace(client: ClientBase, { cause, entityId, shopId, team }: Wanted): Promise<void> {
  // What goes may be of a cause or a shop that is gone.
  if (team === null) return;
  if (!causeOf(cause)?.raises)
    throw new Refusal("invalid", `There is no cause “${cause}” that raises exceptions.`);
  const { rows } = await client.query<{ team: boolean; entity: boolean; shop: boolean }>(
    `SELECT EXISTS (SELECT FROM team WHERE id = $1) AS team, $2::text IS NULL OR EXISTS (SELECT FROM entity WHERE id = $2) AS entity,
            $3::text IS NULL OR EXISTS (SELECT FROM shop WHERE id = $3 AND entity_id = $2) AS shop`,
    [team, entityId, shopId],
  );
  const [there] = rows;
  if (!there?.team) throw new Refusal("invalid", `There is no team “${team}”.`);
  if (!there.entity) throw new Refusal("invalid", `There is no entity “${entityId}”.`);
  if (!there.shop)
    throw new Refusal("invalid", `There is no shop “${shopId}” in ${entityId ?? "all entities"}.`);
}

type Held = Readonly<{
  entityId: string | null;
  source: Source;
  changes: readonly OwnerChange[];
  moveOpen: boolean;
  foreseen: OwnersEffect;
  madeById: string;
  madeBy: string;
}>;

async function holdRequest(
  client: PoolClient,
  { id, version }: Pick<OwnersDecision, "id" | "version">,
): Promise<Held> {
  const { rows } = await client.query(
    `SELECT entity_id AS "entityId", state, version, source, changes, move_open AS "moveOpen", foreseen,
            made_by_id AS "madeById", made_by AS "madeBy" FROM ownership_request WHERE id = $1 FOR UPDATE`,
    [id],
  );
  const [row] = rows;
  if (!row) throw new Refusal("not-found", "There is no such request.");
  if (row.state !== "asked") throw new Refusal("conflict", "This request has been decided on already.");
  if (row.version !== version)
    throw new Refusal("conflict", "This request is not what you looked at any more. Look at it again.");
  return {
    ...row,
    changes: OwnerChange.array().parse(row.changes),
    foreseen: OwnersEffect.parse(row.foreseen),
  };
}

/** What came of a decision, and how many open exceptions went along. */
export type OwnersDecided = Readonly<{ state: "made" | "rejected" | "withdrawn"; moved: number }>;

/**
 * Approves, rejects or withdraws a request. What is approved is made exactly as it was previewed, with its audit records in the
 * same transaction.
 *
 * @throws Refusal `not-allowed` without the right, or to approve what the actor asked for where it takes two; `not-found`; `conflict`
 *   where it was decided meanwhile, or where its preview no longer holds: then it has been previewed anew
 */
export async function decideOwners(
  actor: Actor,
  decision: OwnersDecision,
  context: ActContext,
): Promise<OwnersDecided> {
  const entityId = await entityOf(context.pool ?? appPool(), decision.id);
  const chain = entityId ?? ALL;
  if (decision.decision !== "approve")
    return audited(actor, chain, (client) => turnDown(client, actor, decision, context), context);
  try {
    return await audited(actor, chain, (client) => approve(client, actor, decision, context), context);
  } catch (error) {
    if (!(error instanceof Outdated)) throw error;
  }
  await audited(actor, chain, (client) => previewAgain(client, decision, context), context);
  throw new Refusal(
    "conflict",
    "The preview no longer holds: rows or open exceptions have changed since. Nothing was changed. It has been previewed again: look at its effect, then decide.",
  );
}

/** Takes an approval back whose request is not what would happen. */
class Outdated extends Error {}

async function entityOf(pool: Pool, id: string): Promise<string | null> {
  const { rows } = await pool.query<{ entityId: string | null }>(
    `SELECT entity_id AS "entityId" FROM ownership_request WHERE id = $1`,
    [id],
  );
  if (!rows[0]) throw new Refusal("not-found", "There is no such request.");
  return rows[0].entityId;
}

async function turnDown(
  client: PoolClient,
  actor: Actor,
  { decision, why, ...of }: OwnersDecision,
  { now }: ActContext,
) {
  const held = await holdRequest(client, of);
  if (decision === "withdraw" && held.madeById !== actor.id)
    throw new Refusal("not-allowed", "Only who asked for a change withdraws it; others reject it.");
  if (decision === "reject") assertMayIn(actor, "mappings.approve", held.entityId);
  const state = decision === "withdraw" ? "withdrawn" : "rejected";
  await close(client, { id: of.id, state, why, actor, at: now });
  const change = {
    ...trail(decision, of.id),
    before: { state: "asked", madeBy: held.madeBy },
    after: { state, why },
  };
  return { result: { state, moved: 0 } as const, change };
}

type Closing = Readonly<{ id: string; state: OwnersDecided["state"]; why: string; actor: Actor; at: Date }>;

const close = (client: PoolClient, { id, state, why, actor, at }: Closing) =>
  client.query(
    `UPDATE ownership_request SET state = $2, decided_at = $3, decided_by_id = $4, decided_by = $5, decided_why = $6 WHERE id = $1`,
    [id, state, at, actor.id, actor.name, why],
  );

/** Never what the actor asked for, whatever their roles, unless one person who may change the settings is enough there. */
async function assertMayApprove(client: PoolClient, actor: Actor, held: Held): Promise<void> {
  const { entityId } = held;
  if (!(await ownersNeedTwo(client, entityId)) && mayIn(actor, "settings.write", entityId)) return;
  assertMayIn(actor, "mappings.approve", entityId);
  if (held.madeById === actor.id)
    throw new Refusal("not-allowed", "You asked for this change: somebody else has to approve it.");
}

async function approve(
  client: PoolClient,
  actor: Actor,
  { decision: _, why, ...of }: OwnersDecision,
  { now }: ActContext,
) {
  await lockInTransaction(client, "ownership");
  const held = await holdRequest(client, of);
  await assertMayApprove(client, actor, held);
  const current = await standing(client, held.changes);
  if (toJson(current) !== toJson(held.changes)) throw new Outdated();
  for (const one of held.changes) {
    await assertPlace(client, one);
    await storeRow(client, one);
  }
  const moves = held.moveOpen ? await moveOpen(client, held.changes, actor, now) : [];
  if (held.moveOpen && toJson(moves) !== toJson(held.foreseen.moves)) throw new Outdated();
  if (!changesAnything(held.changes, moves))
    throw new Refusal("conflict", "It stands so already. Reject or withdraw the request.");
  const moved = moves.reduce((sum, move) => sum + move.count, 0);
  await close(client, { id: of.id, state: "made", why, actor, at: now });
  await appendAudit(client, {
    ...madeOf(held, moved),
    chain: held.entityId ?? ALL,
    at: now,
    actor: personOf(actor),
    outcome: "done",
  });
  const change = {
    ...trail("approve", of.id),
    before: { state: "asked", madeBy: held.madeBy },
    after: { state: "made", why, rows: held.changes.length, moved },
  };
  return { result: { state: "made", moved } as const, change };
}

/** The rows of a request for the trail: one of its own, a file as one record with every row that moved. */
function madeOf({ source, changes }: Held, moved: number): Change {
  const [first] = changes;
  if (source === "file" || !first)
    return {
      action: "ownership.import",
      subject: "ownership:*",
      before: changes
        .filter((one) => one.before !== null)
        .map((one) => ({ place: subjectOf(one), team: one.before })),
      after: changes.map((one) => ({ place: subjectOf(one), team: one.team })),
    };
  return {
    action: source === "removal" ? "ownership.remove" : "ownership.set",
    subject: subjectOf(first),
    before: first.before === null ? null : { team: first.before },
    after: first.team === null ? null : { team: first.team, moved },
  };
}

/** Stores one row, or takes it away. */
async function storeRow(client: PoolClient, change: OwnerChange): Promise<void> {
  const { cause, entityId, shopId, team } = change;
  if (team === null) {
    await client.query(
      "DELETE FROM ownership_rule WHERE cause = $1 AND entity_id IS NOT DISTINCT FROM $2 AND shop_id IS NOT DISTINCT FROM $3",
      [cause, entityId, shopId],
    );
    return;
  }
  await client.query(
    `INSERT INTO ownership_rule (id, entity_id, shop_id, cause, team) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (cause, entity_id, shop_id) DO UPDATE SET team = excluded.team`,
    [rowIdOf(change), entityId, shopId, cause, team],
  );
}

// As the rows that causes come with are named (lib/settings/setup): of everywhere without more.
const rowIdOf = ({ cause, entityId, shopId }: Wanted): string =>
  entityId === null ? idOf("ownership", ALL, cause) : idOf("ownership", entityId, shopId ?? ALL, cause);

/** Previews a request on the rows and exceptions as they are now: nobody approves what they have not seen. */
async function previewAgain(
  client: PoolClient,
  { decision: _, why: __, ...of }: OwnersDecision,
  { now }: ActContext,
) {
  const held = await holdRequest(client, of);
  const changes = await standing(client, held.changes);
  const foreseen = await ownersEffect(client, changes);
  await client.query(
    `UPDATE ownership_request SET changes = $2::jsonb, foreseen = $3::jsonb, foreseen_at = $4, version = version + 1 WHERE id = $1`,
    [of.id, toJson(changes), toJson(foreseen), now],
  );
  const change = {
    ...trail("preview", of.id),
    before: toPlain({ changes: held.changes, foreseen: held.foreseen }),
    after: toPlain({ changes, foreseen }),
  };
  return { result: undefined, change };
}
