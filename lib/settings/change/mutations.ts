import { personOf } from "@/lib/audit/record";
import { type Actor, assertMay } from "@/lib/auth/actor";
import type { PreviewContext } from "@/lib/matching/preview";
import { addChosenResyncs } from "@/lib/orders/mutations";
import { type Preview, previewChangeBy, type SaveContext, saveChangeBy } from "./make";
import { permissionFor, type SaveAndResyncRequest, type SettingsChange } from "./schema";

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
  context: Omit<SaveContext, "also"> = {},
): Promise<void> {
  assertMay(actor, permissionFor(change.kind), entityId);
  await saveChangeBy(personOf(actor), entityId, change, seal, context);
}

/**
 * Makes a change that the person has previewed, and has the records read again that lacked it: both in one transaction.
 * Answers the run that reads them, and how many it does. The entity is reconciled when they are done.
 *
 * @throws Refusal what `saveSettings` throws, `not-allowed` also without the right to resync, `invalid` where no record is left
 */
export async function saveSettingsAndResync(
  actor: Actor,
  { entityId, change, seal, again }: SaveAndResyncRequest,
  { pool, now = new Date() }: Omit<SaveContext, "also"> = {},
): Promise<Readonly<{ runId: string; count: number }>> {
  assertMay(actor, permissionFor(change.kind), entityId);
  const planned = await saveChangeBy(personOf(actor), entityId, change, seal, {
    ...(pool && { pool }),
    now,
    also: (client) =>
      addChosenResyncs(client, actor, { entityId, selection: again }, { now, after: change.kind }),
  });
  if (!planned) throw new Error("a change was saved without what was to follow");
  return planned;
}
