import { z } from "zod";

const minor = z.string().transform((digits) => BigInt(digits));
const Row = z.object({
  cause: z.string(),
  currency: z.string(),
  count: z.number(),
  net: minor,
  tax: minor,
  gross: minor,
  extent: minor,
});

/** The effect of a change (lib/matching/preview) as a JSON column has it. */
export const StoredEffect = z.object({
  groups: z.number(),
  matchesLost: z.number(),
  /** absent in what was kept before it was counted */
  explained: z.number().default(0),
  matchesWon: z.number(),
  lost: z.array(z.string()).readonly(),
  cleared: z.array(Row).readonly(),
  made: z.array(Row).readonly(),
});
