import { z } from "zod";

export const Month = z.string().regex(/^\d{4}-(0[1-9]|1[0-2])$/);

/** What a person asks for when they press "Reconcile now". */
export const ReconcileNow = z.object({ entityId: z.string().min(1).max(64), period: Month });
export type ReconcileNow = z.infer<typeof ReconcileNow>;

const minor = z
  .string()
  .regex(/^-?\d+$/)
  .transform((digits) => BigInt(digits));
const amounts = { net: minor, tax: minor, gross: minor };
const side = z.object({ lines: z.number(), ...amounts, unknownTaxLines: z.number() });
const bucket = z.object({ lines: z.number(), ...amounts });
const counted = z.object({ count: z.number(), ...amounts });

export const bucketNames = [
  "matched",
  "explained",
  "open",
  "accepted",
  "timing",
  "excluded",
  "failed",
] as const;
export type BucketName = (typeof bucketNames)[number];
const buckets = z.record(z.string(), bucket);

/** The totals of one entity, period and currency as a finished reconciliation left them; amounts in minor units. */
export const Totals = z.object({
  entity: z.string(),
  period: z.string(),
  currency: z.string(),
  asOf: z.string().nullable(),
  scayle: side,
  erp: side,
  causes: z.array(counted.extend({ cause: z.string() })),
  unexplained: counted,
  buckets: z.object({ scayle: buckets, erp: buckets }),
  proofs: z.array(z.object({ name: z.string(), ok: z.boolean(), detail: z.string().nullish() })).default([]),
  tiesOut: z.boolean(),
});
export type Totals = z.infer<typeof Totals>;
