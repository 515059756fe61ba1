import { z } from "zod";

const Feature = z.object({ name: z.string(), value: z.string() });
const Counts = z.object({ affected: z.number(), others: z.number() });

/** What the figures say of a root cause's groups, against all others of their kind in the same days; kept as data. */
export const Findings = z.object({
  contrast: z.object({ all: Counts, features: z.array(Feature).readonly(), within: Counts }),
  split: z.object({ feature: Feature, having: Counts, lacking: Counts }).nullable(),
  merge: z
    .object({ feature: Feature, cards: z.array(z.string()).readonly(), within: Counts, beside: z.number() })
    .nullable(),
  /** groups with the contrast's features in the days before the first affected one; null: nothing tells them apart */
  before: z.number().nullable(),
  /** the first day of the first affected group */
  firstDay: z.iso.date(),
  /** from which day on it is so, among the groups with the contrast's features; null: the figures tell no such day */
  onset: z.object({ day: z.iso.date(), since: Counts, before: Counts }).nullable(),
  /** the kinds of document that are affected: sale, credit */
  kinds: z.array(z.string()).readonly(),
});
export type Findings = z.infer<typeof Findings>;
