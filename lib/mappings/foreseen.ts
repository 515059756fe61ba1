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
  /** where ERP documents would stand once their references are read so; absent where no reference is concerned */
  references: z
    .object({
      /** documents on their own that would be with an order; of these and of others some as examples */
      won: z.number(),
      /** documents that would be on their own */
      lost: z.number(),
      /** documents that would be with another order */
      elsewhere: z.number(),
      /** documents on their own whose reference would mean several orders, so that it names none */
      ambiguous: z.number(),
      examples: z
        .array(z.object({ number: z.string(), order: z.string().nullable(), before: z.string().nullable() }))
        .readonly(),
    })
    .exactOptional(),
  /** what posted documents of orders that were paid so bear, as it was counted last; absent where no way of paying is concerned */
  payments: z
    .array(
      z.object({
        words: z.string(),
        agreeing: z.number(),
        others: z.array(z.object({ code: z.string(), documents: z.number() })).readonly(),
        /** a payment key that no order was paid by alone, or a code that the books don't have: those spelt most like it */
        unknownKey: z.object({ key: z.string(), nearest: z.array(z.string()).readonly() }).exactOptional(),
        unknownCode: z.object({ code: z.string(), nearest: z.array(z.string()).readonly() }).exactOptional(),
      }),
    )
    .readonly()
    .exactOptional(),
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
