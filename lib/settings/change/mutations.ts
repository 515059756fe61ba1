import type pg from "pg";
import { type AuditContext, audited, personOf } from "@/lib/audit/record";
import { type Actor, assertMay } from "@/lib/auth/actor";
import { ownerPool } from "@/lib/db/pool";
import { type Effect, type PreviewContext, previewChange } from "@/lib/matching/preview";
import { applyChange } from "./apply";
import type { SettingsChange } from "./schema";

/**
 * What a change would do, computed on the whole population; nothing is stored.
 *
 * @throws Refusal `not-allowed` without the right to change settings, and what `previewChange` throws
 */
export async function previewSettings(
  actor: Actor,
  entityId: string,
  change: SettingsChange,
  context: PreviewContext,
): Promise<Effect> {
  assertMay(actor, "settings.write", entityId);
  const by = { name: actor.name, at: context.now() };
  return previewChange(entityId, (client) => applyChange(client, entityId, change, by), context);
}

/**
 * Makes a change, with its audit record in the same transaction. The next reconciliation matches every group with it.
 *
 * @throws Refusal `not-allowed` without the right to change settings, and what `applyChange` throws
 */
export async function saveSettings(
  actor: Actor,
  entityId: string,
  change: SettingsChange,
  { pool = ownerPool(), now = new Date() }: AuditContext = {},
): Promise<void> {
  assertMay(actor, "settings.write", entityId);
  await audited(
    actor,
    entityId,
    async (client: pg.PoolClient) => {
      const { subject, before, after } = await applyChange(client, entityId, change, {
        name: personOf(actor).name,
        at: now,
      });
      return { result: undefined, change: { action: `settings.${change.kind}`, subject, before, after } };
    },
    { pool, now },
  );
}
