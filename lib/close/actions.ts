"use server";

import { revalidatePath } from "next/cache";
import { after } from "next/server";
import { personOf } from "@/lib/audit/record";
import { command } from "@/lib/auth/command";
import { log } from "@/lib/log";
import { runReconciliation } from "@/lib/matching/reconcile";
import { recountMonth } from "@/lib/sync/run-month-recount";
import { requestReconciliation, requestRecount } from "./mutations";
import { PeriodOfEntity } from "./schema";

/** Reconciles a period of an entity once more, in the background; the page sees its run. */
export const reconcileNow = command("reconcile.run")
  .inputSchema(PeriodOfEntity)
  .action(async ({ ctx: { actor }, parsedInput: { entityId, period } }) => {
    await requestReconciliation(actor, { entityId, period });
    after(async () => {
      try {
        await runReconciliation(
          { entityId, period },
          { actorName: actor.name, actor: personOf(actor), now: () => new Date() },
        );
      } catch (error) {
        // The run's own row says that it failed; here is why.
        log.defect("A reconciliation started from the console failed", error);
      }
    });
    revalidatePath(`/close/${period}`);
    return { entityId, period };
  });

/** Counts a period again at its sources, in the background, and lets its totals know what they said. */
export const recountNow = command("feeds.sync")
  .inputSchema(PeriodOfEntity)
  .action(async ({ ctx: { actor }, parsedInput: { entityId, period } }) => {
    await requestRecount(actor, { entityId, period });
    after(async () => {
      const context = { actorName: actor.name, actor: personOf(actor), now: () => new Date() };
      try {
        await recountMonth({ entityId, period }, context);
      } catch (error) {
        // The run's own row says that it failed; here is why.
        log.defect("A second count started from the console failed", error);
      }
    });
    revalidatePath(`/close/${period}`, "layout");
    return { entityId, period };
  });
