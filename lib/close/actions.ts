"use server";

import { revalidatePath } from "next/cache";
import { after } from "next/server";
import { personOf } from "@/lib/audit/record";
import { command } from "@/lib/auth/command";
import { log } from "@/lib/log";
import { runReconciliation } from "@/lib/matching/reconcile";
import { requestReconciliation } from "./mutations";
import { ReconcileNow } from "./schema";

/** Reconciles a period of an entity once more, in the background; the page sees its run. */
export const reconcileNow = command("reconcile.run")
  .inputSchema(ReconcileNow)
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
