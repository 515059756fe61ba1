import type pg from "pg";
import { personOf } from "@/lib/audit/record";
import { type Actor, assertMay } from "@/lib/auth/actor";
import type { PreviewContext } from "@/lib/matching/preview";
import { type Preview, previewChangeBy, saveChangeBy } from "./make";
import { permissionFor, type SettingsChange } from "./schema";

/**
 * What a person's change would do, computed on the whole population; nothing is stored.
 *
 * @throws Refusal `not-allowed` without the right to make a change of this kind (`permissionFor`), and what `previewChangeBy` throws
 */
export async function previewSettings(
  actor: Actor,
  entityId: string,
  change: SettingsChange,
  context: PreviewContext,
): Promise<Preview> {
  assertMay(actor, permissionFor(change.kind), entityId);
  return previewChangeBy(personOf(actor), entityId, change, context);
}

/**
 * Makes a change that the person has previewed, with its audit record in the same transaction.
 *
 * @throws Refusal `not-allowed` without the right to make a change of this kind (`permissionFor`), and what `saveChangeBy` throws
 */
export async function saveSettings(
  actor: Actor,
  entityId: string,
  change: SettingsChange,
  seal: string,
  context: Readonly<{ pool?: pg.Pool; now?: Date }> = {},
): Promise<void> {
  assertMay(actor, permissionFor(change.kind), entityId);
  return saveChangeBy(personOf(actor), entityId, change, seal, context);
}
