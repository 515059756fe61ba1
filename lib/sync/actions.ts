"use server";

import { revalidatePath } from "next/cache";
import { after } from "next/server";
import { personOf } from "@/lib/audit/record";
import { command } from "@/lib/auth/command";
import { log } from "@/lib/log";
import { requestSync } from "./mutations";
import { runSync } from "./run";
import { SyncNow } from "./schema";

/** Reads what changed at the sources of one feed, or of all of an entity's, in the background; the page sees its runs. */
export const syncNow = command("feeds.sync")
  .inputSchema(SyncNow)
  .action(async ({ ctx: { actor }, parsedInput }) => {
    const { entityId, feedId } = parsedInput;
    await requestSync(actor, parsedInput);
    after(async () => {
      try {
        await runSync(feedId === undefined ? { entityId } : { feedId }, {
          actorName: actor.name,
          actor: personOf(actor),
          now: () => new Date(),
        });
      } catch (error) {
        // The run's own row says that it failed; here is why.
        log.defect("A sync started from the console failed", error);
      }
    });
    revalidatePath("/feeds");
    return { entityId };
  });
