import "server-only";
import { audited } from "@/lib/audit/record";
import { type Actor, assertMay } from "@/lib/auth/actor";
import { Refusal } from "@/lib/domain/faults";
import { hasFeed } from "./data";
import type { SyncNow } from "./schema";

/** Keeps who asked for a sync, before it runs. Throws Refusal: "not-allowed", "not-found". */
export async function requestSync(actor: Actor, { entityId, feedId }: SyncNow): Promise<void> {
  assertMay(actor, "feeds.sync", entityId);
  if (feedId !== undefined && !(await hasFeed(entityId, feedId))) {
    throw new Refusal("not-found", "There is no such feed in this entity.");
  }
  await audited(actor, entityId, async () => ({
    result: undefined,
    change: {
      action: "run.sync",
      subject: feedId === undefined ? `entity:${entityId}` : `feed:${feedId}`,
      before: null,
      after: { feed: feedId ?? "all" },
    },
  }));
}
