import type pg from "pg";
import { personOf } from "@/lib/audit/record";
import { type Actor, assertMay } from "@/lib/auth/actor";
import type { PreviewContext } from "@/lib/matching/preview";
import { type Preview, previewChangeBy, saveChangeBy } from "./make";
import type { SettingsChange } from "./schema";

/**
 * What a person's change would do, computed on the whole population; nothing is stored.
 *
 * @throws Refusal `not-allowed` without the right to change settings, and what `previewChangeBy` throws
 */
export async function previewSettings(
  actor: Actor,
  entityId: string,
  change: SettingsChange,
  context: PreviewContext,
): Promise<Preview> {
  assertMay(actor, "settings.write", entityId);
  return previewChangeBy(personOf(actor), entityId, change, context);
}

/**
 * Makes a change that the person has previewed, with its audit record in the same transaction.
 *
 * @throws Refusal `not-allowed` without the right to change settings, and what `saveChangeBy` throws
 */
export async function saveSettings(
  actor: Actor,
  entityId: string,
  change: SettingsChange,
  seal: string,
  context: Readonly<{ pool?: pg.Pool; now?: Date }> = {},
): Promise<void> {
  assertMay(actor, "settings.write", entityId);
  return saveChangeBy(personOf(actor), entityId, change, seal, context);
}
