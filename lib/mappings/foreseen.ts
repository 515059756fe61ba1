import { z } from "zod";
import { StoredEffect } from "@/lib/matching/stored-effect";

/** The effect of a request on all orders, as it was previewed and is kept, and what else is in those figures. */
export const Foreseen = z.object({
  effect: StoredEffect,
  /** groups that had changed since the last reconciliation */
  changedGroups: z.number(),
  unusedSettings: z.boolean(),
  /** tax codes that the entity's books don't know, with those spelt most like them */
  unknownCodes: z.array(z.object({ code: z.string(), nearest: z.array(z.string()).readonly() })).readonly(),
});
export type Foreseen = z.infer<typeof Foreseen>;

/** What a request did, as the first reconciliation after it counted it. */
export const Actual = z.object({
  effect: StoredEffect,
  /** groups that had changed since the reconciliation before, by the mapping or otherwise */
  changedGroups: z.number(),
  /** requests whose effect is counted in one, since they were made between the same two reconciliations */
  together: z.number(),
});
export type Actual = z.infer<typeof Actual>;
