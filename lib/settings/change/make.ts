import { createHmac, timingSafeEqual } from "node:crypto";
import type pg from "pg";
import type { AuditActor } from "@/lib/audit/event";
import { appendAudit } from "@/lib/audit/record";
import { inTransaction, lockInTransaction, ownerPool, whileLocked } from "@/lib/db/pool";
import { Refusal } from "@/lib/domain/faults";
import { hashOf } from "@/lib/domain/identity";
import { toJson } from "@/lib/domain/json";
import { derivedKey } from "@/lib/env";
import { type Effect, type PreviewContext, previewChange } from "@/lib/matching/preview";
import { loadEntities, settingsText } from "@/lib/matching/settings";
import { applyChange } from "./apply";
import { isMapping, type SettingsChange } from "./schema";
import { type UnknownCode, unknownCodesOf } from "./unknown-codes";

/** What a change would do, and what else is in those figures. */
export type Preview = Readonly<{
  effect: Effect;
  /** groups that changed since the last reconciliation: what the preview says of them is not the change's doing alone */
  changedGroups: number;
  /** whether settings were saved that no reconciliation has used yet */
  unusedSettings: boolean;
  /** tax codes of the change that the entity's books don't know */
  unknownCodes: readonly UnknownCode[];
  /** proves to `saveChange` what was previewed, by whom, and on which books */
  seal: string;
}>;

/**
 * What a change would do, computed on the whole population; nothing is stored. Whoever calls it has proved that `by` may
 * change settings.
 *
 * @throws Refusal what `previewChange` and `applyChange` throw
 */
export async function previewChangeBy(
  by: AuditActor,
  entityId: string,
  change: SettingsChange,
  context: PreviewContext,
): Promise<Preview> {
  const at = context.now();
  // Read where the change is made: nothing can come between the state that is sealed and the effect on it.
  let state: State | undefined;
  let unknownCodes: readonly UnknownCode[] = [];
  const effect = await previewChange(
    entityId,
    async (client) => {
      state = await stateOf(client, entityId);
      unknownCodes = await unknownCodesOf(client, entityId, change);
      await applyChange(client, entityId, change, { name: by.name, at });
    },
    context,
  );
  if (!state) throw new Error("a preview ended without having been made");
  return {
    effect,
    changedGroups: state.changedGroups,
    unusedSettings: state.unusedSettings,
    unknownCodes,
    seal: sealOf(by, entityId, change, state.basis),
  };
}

/** `also` is done in the transaction that makes the change, and after it: both hold, or neither. */
export type SaveContext<Result = undefined> = Readonly<{
  pool?: pg.Pool;
  now?: Date;
  also?: (client: pg.PoolClient) => Promise<Result>;
}>;

/**
 * Makes a change that was previewed, with its audit record in the same transaction. The next reconciliation matches
 * every group that it touches. Whoever calls it has proved that `by` may change settings.
 *
 * @throws Refusal `not-allowed` for a mapping of an entity where two people change those; `conflict` where the preview was of another change, where figures or settings moved since, or while a
 *   reconciliation is at work; what `applyChange` throws
 */
export async function saveChangeBy<Result = undefined>(
  by: AuditActor,
  entityId: string,
  change: SettingsChange,
  seal: string,
  { pool = ownerPool(), now = new Date(), also }: SaveContext<Result> = {},
): Promise<Result | undefined> {
  const held = await whileLocked(pool, `reconcile:${entityId}`, () =>
    inTransaction(pool, async (client) => {
      // Syncs wait, and two who save at once do so one after the other.
      await lockInTransaction(client, `books:${entityId}`);
      const { basis } = await stateOf(client, entityId);
      if (!isSame(seal, sealOf(by, entityId, change, basis))) throw new Refusal("conflict", OUTDATED);
      if (isMapping(change) && (await needsSecondPerson(client, entityId)))
        throw new Refusal("not-allowed", NEEDS_ANOTHER);
      const applied = await applyChange(client, entityId, change, { name: by.name, at: now });
      await appendAudit(client, {
        ...applied,
        chain: entityId,
        at: now,
        actor: by,
        action: `settings.${change.kind}`,
        outcome: "done",
      });
      return also?.(client);
    }),
  );
  if (!held.locked) {
    throw new Refusal("conflict", `A reconciliation of ${entityId} is at work; save when it is done.`);
  }
  return held.result;
}

const OUTDATED =
  "The preview no longer holds: it was of another change, or figures or settings have moved since. Nothing was saved. Preview the change again.";

const NEEDS_ANOTHER =
  "A mapping of this entity is changed by two people: ask for it, and somebody else approves it at Settings → Mappings.";

/** Whether a second person approves changes of an entity's mappings. Throws Refusal "not-found" for an unknown entity. */
export async function needsSecondPerson(client: pg.ClientBase | pg.Pool, entityId: string): Promise<boolean> {
  const { rows } = await client.query<{ needed: boolean }>(
    "SELECT second_person AS needed FROM entity WHERE id = $1",
    [entityId],
  );
  if (!rows[0]) throw new Refusal("not-found", `There is no entity ${entityId}.`);
  return rows[0].needed;
}

/** What a preview stands on, and what is in its figures beside the change. */
export type State = Readonly<{ basis: string; changedGroups: number; unusedSettings: boolean }>;

/** What a preview stands on: the outcome of the last finished reconciliation, and the settings in force. */
export async function stateOf(client: pg.PoolClient, entityId: string): Promise<State> {
  const [entity] = await loadEntities(client, entityId);
  if (!entity) throw new Refusal("not-found", `There is no entity ${entityId}.`);
  const { rows } = await client.query<{
    outcome: string | null;
    settings: string | null;
    items: string;
    references: string;
    changed: number;
  }>(
    `SELECT run.outcome, run.settings,
            (SELECT count(*) || ' ' || coalesce(max(confirmed_at)::text, '-') FROM item_mapping WHERE entity_id = $1) AS items,
            (SELECT count(*) || ' ' || coalesce(max(confirmed_at)::text, '-') FROM reference_rule WHERE entity_id = $1) AS "references",
            (SELECT count(*)::int FROM dirty_group WHERE entity_id = $1) AS changed
       FROM (SELECT) AS one LEFT JOIN LATERAL (
         SELECT outcome, scope->>'settings' AS settings FROM run
          WHERE kind = 'reconcile' AND entity_id = $1 AND state = 'done' ORDER BY finished_at DESC LIMIT 1) AS run ON true`,
    [entityId],
  );
  const [row] = rows;
  const settings = settingsText(entity);
  return {
    basis: toJson([row?.outcome ?? null, settings, row?.items ?? null, row?.references ?? null]),
    changedGroups: row?.changed ?? 0,
    unusedSettings: row?.settings != null && row.settings !== hashOf(settings),
  };
}

/** Keyed, so that a seal can come from a preview only. */
const sealOf = (by: AuditActor, entityId: string, change: SettingsChange, basis: string): string =>
  createHmac("sha256", derivedKey("previews of settings"))
    .update(toJson([by.kind, by.id, entityId, change, basis]))
    .digest("hex");

function isSame(given: string, wanted: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(wanted)];
  return a.length === b.length && timingSafeEqual(a, b);
}
