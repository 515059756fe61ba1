import { z } from "zod";
import { Policy } from "@/lib/matching/rounding/stored";

/** The entity that an input names: held against the grants, never trusted. */
const EntityCode = z.string().min(1).max(64);

/** A person says how a connection rounds. `seen` is what the page showed of it: nobody confirms what they did not see. */
export const RoundingChoice = z.object({
  entityId: EntityCode,
  id: z.guid(),
  policy: Policy,
  seen: z.string().max(64),
});
export type RoundingChoice = z.infer<typeof RoundingChoice>;

/** Holds the candidates against a connection's documents once more. */
export const Inspection = z.object({ entityId: EntityCode, id: z.guid() });
export type Inspection = z.infer<typeof Inspection>;
