import { z } from "zod";
import { transitionCodes } from "@/lib/domain/status/transitions";

/** How a step stands that has not come, as it is chosen on the page. */
export const waitingStates = ["on-time", "late", "stuck"] as const;

const one = z.string().max(128).optional().catch(undefined);

/** What the page is asked for. */
export const StatusQuery = z.object({
  entity: one,
  shop: one,
  /** whose orders are listed */
  step: z
    .enum([...transitionCodes, "contradictory", "unknown"])
    .optional()
    .catch(undefined),
  as: z.enum(waitingStates).optional().catch(undefined),
  page: z.coerce.number().int().min(1).max(100_000).catch(1),
});
export type StatusQuery = z.infer<typeof StatusQuery>;
