import { z } from "zod";

/** What a person asks for when they press "Sync now": one feed, or all feeds of an entity. */
export const SyncNow = z.object({
  entityId: z.string().min(1).max(64),
  feedId: z.string().min(1).max(200).optional(),
});
export type SyncNow = z.infer<typeof SyncNow>;

export const RunId = z.guid();
