import { z } from "zod";
import { Selection } from "@/lib/orders/schema";

const EntityCode = z.string().min(1).max(64);
const Code = z.string().min(1).max(64);
const why = z.string().trim().max(1_000, "A reason has at most 1,000 characters.");

/** Sends a resolution of one exception. `basis` names what the person saw: other than that is not sent. */
export const StartResolution = z.object({
  entityId: EntityCode,
  exceptionId: z.guid(),
  code: Code,
  basis: z.string().min(1).max(128),
});
export type StartResolution = z.infer<typeof StartResolution>;

/** Decides on what somebody else wants to send: one attempt, or a batch. */
export const ResolutionDecision = z
  .object({ entityId: EntityCode, id: z.guid(), approve: z.boolean(), why })
  .refine((one) => one.approve || one.why.length >= 3, {
    path: ["why"],
    message: "Say why not, for whoever asked.",
  });
export type ResolutionDecision = z.infer<typeof ResolutionDecision>;

export const OneAttempt = z.object({ entityId: EntityCode, id: z.guid() });
export type OneAttempt = z.infer<typeof OneAttempt>;

/** Takes back what an attempt posted. `basis` names what the person saw: other than that is not sent. */
export const UndoResolution = OneAttempt.extend({ basis: z.string().min(1).max(128) });
export type UndoResolution = z.infer<typeof UndoResolution>;

/** Which exceptions a resolution is for: those chosen, those that a filter means, or those of a root cause. */
export const ResolutionSelection = z.union([
  z.object({ by: z.literal("root-cause"), id: z.guid() }),
  Selection.refine((one) => one.by === "exceptions" || one.by === "exceptions-matching"),
]);
export type ResolutionSelection = z.infer<typeof ResolutionSelection>;

export const StartBatch = z.object({ entityId: EntityCode, code: Code, selection: ResolutionSelection });
export type StartBatch = z.infer<typeof StartBatch>;

/** Asks how exceptions can be put right. */
export const FindWays = z.object({ entityId: EntityCode, selection: ResolutionSelection });

/** Sets up to which amount one person may send a resolution alone. */
export const SetResolutionLimit = z.object({
  entityId: EntityCode,
  code: Code,
  currency: z.string().regex(/^[A-Z]{3}$/, "A currency is three letters, like EUR."),
  amount: z
    .string()
    .trim()
    .regex(/^\d{1,12}(\.\d{1,4})?$/, "Write an amount like 250.00."),
});
export type SetResolutionLimit = z.infer<typeof SetResolutionLimit>;

const first = (value: unknown): unknown => (Array.isArray(value) ? value[0] : value);
/** Which attempts of a batch are shown, as the address says it. */
export const BatchQuery = z.object({
  state: z.preprocess(first, z.enum(["all", "at-work", "proved", "instructed", "not-done"]).catch("all")),
  page: z.preprocess(first, z.coerce.number().int().min(1).max(100_000).catch(1)),
});
export type BatchQuery = z.infer<typeof BatchQuery>;
