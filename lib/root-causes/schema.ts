import { z } from "zod";

const first = (value: unknown): unknown => (Array.isArray(value) ? value[0] : value);
const text = (max: number) =>
  z.preprocess((value) => {
    const one = first(value);
    return typeof one === "string" && one.trim() === "" ? undefined : one;
  }, z.string().trim().max(max).optional().catch(undefined));

/** What the list of root causes is asked for; what can't be understood falls back to its default. */
export const RootCauseQuery = z.object({
  entity: text(64),
  cause: text(64),
  /** of at least so many exceptions */
  least: z.coerce.number().int().min(1).max(1_000_000).catch(1),
  page: text(8).transform((digits) => Math.min(100_000, Math.max(1, Math.trunc(Number(digits)) || 1))),
});
export type RootCauseQuery = z.infer<typeof RootCauseQuery>;

/** What a person asks for with "See what the fix would do". */
export const PredictionRequest = z.object({
  entityId: z.string().min(1).max(64),
  // Our own ids are hashes in the shape of a UUID, of no version.
  rootCauseId: z.guid(),
});
export type PredictionRequest = z.infer<typeof PredictionRequest>;
