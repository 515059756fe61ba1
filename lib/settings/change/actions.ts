"use server";

import { revalidatePath } from "next/cache";
import { after } from "next/server";
import { personOf } from "@/lib/audit/record";
import { command } from "@/lib/auth/command";
import { causeOf } from "@/lib/causes/registry";
import { log } from "@/lib/log";
import type { EffectRow } from "@/lib/matching/preview";
import { runReconciliation } from "@/lib/matching/reconcile";
import { previewSettings, saveSettings, saveSettingsAndResync } from "./mutations";
import { PreviewRequest, SaveAndResyncRequest, SaveRequest } from "./schema";
import { besidesSentence, effectSentence, unknownSentence } from "./words";

const titled = (rows: readonly EffectRow[]) =>
  rows.map((row) => ({ ...row, title: causeOf(row.cause)?.title ?? row.cause }));

/** What a change would do to the whole population of an entity, in figures and in a sentence. Stores nothing. */
export const previewSettingsChange = command("settings.write", "rounding.confirm")
  .inputSchema(PreviewRequest)
  .action(async ({ ctx: { actor }, parsedInput: { entityId, change } }) => {
    const preview = await previewSettings(actor, entityId, change, { now: () => new Date() });
    const { cleared, made, ...effect } = preview.effect;
    return {
      ...effect,
      cleared: titled(cleared),
      made: titled(made),
      sentence: effectSentence(preview.effect),
      besides: besidesSentence(preview),
      unknown: unknownSentence(preview.unknownCodes),
      seal: preview.seal,
    };
  });

/** Makes a change that was previewed, and reconciles with it in the background; the page sees the run. */
export const saveSettingsChange = command("settings.write", "rounding.confirm")
  .inputSchema(SaveRequest)
  .action(async ({ ctx: { actor }, parsedInput: { entityId, change, seal } }) => {
    await saveSettings(actor, entityId, change, seal);
    after(async () => {
      try {
        await runReconciliation(
          { entityId },
          { actorName: actor.name, actor: personOf(actor), now: () => new Date() },
        );
      } catch (error) {
        // The run's own row says that it failed; here is why.
        log.defect("A reconciliation after a change of settings failed", error);
      }
    });
    revalidatePath("/settings");
    return { entityId };
  });

/** The same, and has the records read again that lacked it: they come first, then the rest of the entity is reconciled. */
export const saveChangeAndResync = command("settings.write", "rounding.confirm")
  .inputSchema(SaveAndResyncRequest)
  .action(async ({ ctx: { actor }, parsedInput }) => {
    const planned = await saveSettingsAndResync(actor, parsedInput);
    revalidatePath("/settings");
    return planned;
  });
