import { z } from "zod";

const Id = z.guid();
const EntityCode = z.string().min(1).max(64);
const optional = (max: number) =>
  z
    .string()
    .trim()
    .max(max)
    .transform((text) => (text === "" ? null : text))
    .nullable();
const Currency = z.string().regex(/^[A-Z]{3}$/, "A currency has three capital letters, like EUR.");
const Amount = z
  .string()
  .trim()
  .regex(/^\d{1,15}(\.\d{1,4})?$/, "An amount like 5.00, without a sign.");

/** How a form says "lines without a tax code"; empty is any. */
export const WITHOUT_CODE = "-";

/** Which exceptions a rule would always accept. */
export const RuleScope = z.object({
  entityId: EntityCode,
  cause: z.string().min(1).max(64),
  shopId: optional(128),
  channel: optional(64),
  /** the ERP's tax code on every line; "-": lines without one; null: any */
  taxCode: optional(40),
  currency: Currency,
  /** the largest amount that each may have, in major units as people write it */
  most: Amount,
});
export type RuleScope = z.infer<typeof RuleScope>;

export const RuleProposal = RuleScope.extend({
  expiresOn: z.iso.date("Choose the last day on which it holds."),
  reason: z
    .string()
    .trim()
    .min(10, "Say why, for the auditor: at least 10 characters.")
    .max(1_000, "A reason has at most 1,000 characters."),
});
export type RuleProposal = z.infer<typeof RuleProposal>;

/** What a preview asks: the scope, and the last day once it is chosen. */
export const RulePreview = RuleScope.extend({ expiresOn: z.iso.date().optional() });
export type RulePreview = z.infer<typeof RulePreview>;

export const RuleDecision = z.object({ entityId: EntityCode, id: Id, approve: z.boolean() });
export type RuleDecision = z.infer<typeof RuleDecision>;

/** Ends a rule. `reopen`: what it has accepted is acted on again; else that stays accepted while its amounts stay. */
export const RuleEnd = z.object({
  entityId: EntityCode,
  id: Id,
  why: z.string().trim().min(3, "Say why it ends.").max(1_000, "A reason has at most 1,000 characters."),
  reopen: z.boolean(),
});
export type RuleEnd = z.infer<typeof RuleEnd>;

export const LimitChange = z.object({ entityId: EntityCode, currency: Currency, amount: Amount });
export type LimitChange = z.infer<typeof LimitChange>;
