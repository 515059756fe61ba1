import { z } from "zod";

/**
 * What a trail may be about beside the first parts of its actions: all of it but runs that read or match, which every resync
 * and resolution has several of.
 */
export const WITHOUT_READS = "without-reads";

/** What the address of the audit page may say; anything else is read as not said. */
export const AuditQuery = z.object({
  chain: z.string().min(1).max(64).optional().catch(undefined),
  outcome: z.enum(["done", "refused"]).optional().catch(undefined),
  /** days in the chain's time zone, both included */
  from: z.iso.date().optional().catch(undefined),
  until: z.iso.date().optional().catch(undefined),
  /** the first part of an action: "exception", "period" … */
  about: z
    .string()
    .regex(/^[a-z-]{1,40}$/)
    .optional()
    .catch(undefined),
  q: z.string().trim().max(200).default("").catch(""),
  page: z.coerce.number().int().min(1).max(100_000).default(1).catch(1),
});

export type AuditQuery = z.infer<typeof AuditQuery>;

/** Which chain is to be recomputed. */
export const VerifyChain = z.object({ chain: z.string().min(1).max(64) });
