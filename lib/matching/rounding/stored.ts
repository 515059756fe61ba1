import { z } from "zod";
import type { Evidence } from "./infer";

/** A rounding policy as JSON has it. */
export const Policy = z.object({
  level: z.enum(["unit", "line", "document", "order"]),
  mode: z.enum(["half-up", "half-even"]),
  basis: z.enum(["gross", "net"]),
  first: z.enum(["tax", "net"]),
});

/** What `connection.rounding` holds: a policy, or (as it was written once) a proposal with its numbers beside it. */
export const StoredPolicy = z.union([Policy, z.object({ policy: Policy }).transform(({ policy }) => policy)]);

const minor = z
  .string()
  .regex(/^-?\d+$/)
  .transform(BigInt);
const StoredEvidence = z.object({
  documents: z.number(),
  unknown: z.number(),
  untaxed: z.number(),
  candidates: z.array(
    z.object({
      policy: Policy,
      reproduced: z.number(),
      apart: z.number(),
      examples: z.array(
        z.object({
          number: z.string(),
          reference: z.string().nullable(),
          currency: z.string(),
          stated: minor,
          recomputed: minor,
        }),
      ),
    }),
  ),
  headers: z.array(
    z.object({
      shop: z.string(),
      v1: z.number(),
      legacy: z.number(),
      both: z.number(),
      neither: z.number(),
      notComparable: z.number(),
    }),
  ),
});

/** Reads what the codec of lib/domain/json wrote to `connection.rounding_evidence`. Throws a ZodError otherwise. */
export const evidenceFromJson = (value: unknown): Evidence => StoredEvidence.parse(value);
