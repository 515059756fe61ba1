import { z } from "zod";

export const Month = z.string().regex(/^\d{4}-(0[1-9]|1[0-2])$/);

/** What a person asks about when they press "Reconcile now" or "Count again". */
export const PeriodOfEntity = z.object({ entityId: z.string().min(1).max(64), period: Month });
export type PeriodOfEntity = z.infer<typeof PeriodOfEntity>;

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

/** Which amounts the bridge can be of. */
export const bridgeFigures = ["gross", "net", "tax"] as const;

/** By what its steps can be told apart. */
export const bridgeParts = ["cause", "shop", "channel", "code", "payment", "day"] as const;

const first = <Schema extends z.ZodType>(schema: Schema) =>
  z.preprocess((value) => (Array.isArray(value) ? value[0] : value), schema);

/** Which lines of a period are asked for, as the address says it; what can't be understood is left out. */
export const LinesQuery = z.object({
  entity: first(z.string().max(64).optional().catch(undefined)),
  side: first(z.enum(["scayle", "erp"]).catch("scayle")),
  bucket: first(
    z
      .enum([...bucketNames, "unmatched"])
      .optional()
      .catch(undefined),
  ),
  currency: first(
    z
      .string()
      .regex(/^[A-Z]{3}$/)
      .optional()
      .catch(undefined),
  ),
  page: first(
    z
      .string()
      .optional()
      .catch(undefined)
      .transform((digits) => Math.min(100_000, Math.max(1, Math.trunc(Number(digits)) || 1))),
  ),
});
export type LinesQuery = z.infer<typeof LinesQuery>;

/** As at which moment a page is looked at, as its address says it (lib/moves/schema reads it). */
export const AtQuery = z.object({ at: first(z.string().max(40).optional().catch(undefined)) });

/** How many months the overview of all entities shows at first, and with each step back. */
export const OVERVIEW_MONTHS = 6;

/** How many months back the overview of all entities goes, as the address says it. */
export const OverviewQuery = z.object({
  entity: LinesQuery.shape.entity,
  months: first(z.coerce.number().int().min(1).max(120).catch(OVERVIEW_MONTHS)),
});

/** Which of what is locked is listed, as the address says it. */
export const LockedQuery = z.object({
  entity: LinesQuery.shape.entity,
  page: LinesQuery.shape.page,
  side: LinesQuery.shape.side,
  of: first(z.enum(["lines", "documents", "causes", "pairs"]).catch("lines")),
  q: first(z.string().trim().max(100).catch("")),
  cause: first(z.string().max(64).optional().catch(undefined)),
});
export type LockedQuery = z.infer<typeof LockedQuery>;

/** What of the debt is shown: its trend by the books' months or at each month's end, and which page of what is carried. */
export const DebtQuery = z.object({
  entity: LinesQuery.shape.entity,
  page: LinesQuery.shape.page,
  trend: first(z.enum(["books", "ends"]).catch("books")),
});

/** Which feed's days of a proof are shown, as the address says it. */
export const ProofQuery = z.object({
  entity: first(z.string().max(64).optional().catch(undefined)),
  feed: first(z.string().max(200).optional().catch(undefined)),
  kind: first(z.enum(["sale", "credit"]).optional().catch(undefined)),
  currency: first(z.string().max(3).optional().catch(undefined)),
});

const entityId = z.string().min(1).max(64);
const ofMonth = { entityId, month: Month };
const reason = z.string().trim().min(1, "Say why.").max(1000);

/** Signs the figures of a month that the person looked at: `hash` names them. */
export const SignPeriod = z.object({
  ...ofMonth,
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  note: z.string().trim().max(1000).default(""),
  /** why what is unexplained may stay so */
  remainderWhy: z.string().trim().max(1000).default(""),
});
export type SignPeriod = z.infer<typeof SignPeriod>;

/** Takes a sign-off of one's own back. */
export const WithdrawSignOff = z.object({ ...ofMonth, id: z.guid(), why: reason });
export type WithdrawSignOff = z.infer<typeof WithdrawSignOff>;

/** Closes a month, as it was when the person looked at it. */
export const LockPeriod = z.object({ ...ofMonth, version: z.number().int().min(0) });
export type LockPeriod = z.infer<typeof LockPeriod>;

/** Warns of changes to a month before it is closed, or gives that up. */
export const SoftClose = z.object({ ...ofMonth, on: z.boolean() });
export type SoftClose = z.infer<typeof SoftClose>;

/** Asks that a closed month is opened for some hours, or one of its orders (by any of its names). */
export const AskReopening = z.object({
  ...ofMonth,
  reason,
  hours: z.coerce.number().int().min(1, "At least one hour.").max(720, "At most 720 hours (30 days)."),
  order: z.string().trim().max(200).default(""),
});
export type AskReopening = z.infer<typeof AskReopening>;

/** Decides on what somebody else asked for; a no says why. */
export const Decision = z
  .object({ entityId, id: z.guid(), approve: z.boolean(), why: z.string().trim().max(1000).default("") })
  .refine((one) => one.approve || one.why !== "", { path: ["why"], error: "Say why not." });
export type Decision = z.infer<typeof Decision>;

/** How the months of an entity are signed. The amount is in major units of the entity's currency. */
export const SetClosePolicy = z.object({
  entityId,
  reviewers: z.coerce.number().int().min(1, "At least one reviewer.").max(5, "At most five reviewers."),
  materiality: z.string().trim().min(1, "An amount, or 0.").max(30),
});
export type SetClosePolicy = z.infer<typeof SetClosePolicy>;

/** What completes a task by itself. */
export const taskRules = [
  "feeds-at-cut-off",
  "proof-green",
  "nothing-unexplained",
  "debt-below-materiality",
  "tax-ties",
  "late-arrivals-none",
] as const;
export type TaskRule = (typeof taskRules)[number];

const ofTask = { ...ofMonth, templateId: z.guid() };
const optionalId = z
  .string()
  .default("")
  .transform((text) => (text === "" ? null : text))
  .pipe(z.guid().nullable());

/** Marks a task as done or not done, as reviewed or not. */
export const ActOnTask = z.object({
  ...ofTask,
  act: z.enum(["done", "not-done", "reviewed", "not-reviewed"]),
  note: z.string().trim().max(1000).default(""),
});
export type ActOnTask = z.infer<typeof ActOnTask>;

/** Adds a link as evidence. */
export const AddLink = z.object({
  ...ofTask,
  name: z.string().trim().min(1, "What it is.").max(200),
  url: z.url({ protocol: /^https?$/, error: "An address that begins with http:// or https://." }).max(2000),
});
export type AddLink = z.infer<typeof AddLink>;

/** Takes evidence off the list. */
export const RemoveEvidence = z.object({ entityId, id: z.guid() });
export type RemoveEvidence = z.infer<typeof RemoveEvidence>;

/** One thing that has to be done each month; without an id a new one. */
export const SaveTemplate = z.object({
  entityId,
  id: optionalId,
  title: z.string().trim().min(1, "What has to be done.").max(200),
  what: z.string().trim().max(2000).default(""),
  ownerTeam: z.string().min(1).max(64),
  ownerId: optionalId,
  needsReview: z.boolean(),
  reviewerId: optionalId,
  dueDay: z.coerce
    .number()
    .int("A whole number of working days.")
    .min(-10, "At the earliest WD−10.")
    .max(20, "At the latest WD+20.")
    .refine((day) => day !== 0, "1 is the first working day after the month, −1 its last."),
  after: z.array(z.guid()).max(50),
  retire: z.boolean().default(false),
});
export type SaveTemplate = z.infer<typeof SaveTemplate>;

/** What a correction is for. */
export const journalPurposes = ["rounding", "accrual", "write-off", "late"] as const;
export type JournalPurpose = (typeof journalPurposes)[number];

/** Which amount of a correction an account takes. */
export const journalParts = ["net", "tax", "gross"] as const;
export type JournalPart = (typeof journalParts)[number];

/** Proposes what is left to be corrected of a purpose as a journal; `gross` is what the person looked at, in minor units. */
export const ProposeJournal = z.object({
  ...ofMonth,
  purpose: z.enum(journalPurposes),
  currency: z.string().regex(/^[A-Z]{3}$/),
  gross: minor,
  tax: minor,
  reason,
  /** whether it is taken back on the first day of the next month; an accrual always is */
  reverse: z.boolean().default(false),
  /** of late arrivals: the closed month that they came to */
  lateOf: Month.nullable().default(null),
  /** false: nothing is booked, for the reason that is given; of late arrivals alone */
  books: z.boolean().default(true),
});
export type ProposeJournal = z.infer<typeof ProposeJournal>;

/** Takes approved journals of a month as a file: those that were never taken, or once more those that were. */
export const ExportJournals = PeriodOfEntity.extend({ again: z.boolean().default(false) });
export type ExportJournals = z.infer<typeof ExportJournals>;

/** Has an approved journal posted through a connection to the ERP. */
export const PostJournal = z.object({ entityId, id: z.guid(), connectionId: z.guid() });
export type PostJournal = z.infer<typeof PostJournal>;

/** States that a journal that was handed over as a file was not taken into the ERP. */
export const RecallJournal = z.object({ entityId, id: z.guid(), reason });
export type RecallJournal = z.infer<typeof RecallJournal>;

/** A number of an account as ERPs have them. */
const account = z
  .string()
  .trim()
  .min(1, "An account.")
  .max(20, "At most 20 characters.")
  .regex(/^[\p{L}\p{N}._/-]+$/u, "Letters, digits and . - _ / only, like 8400 or 4-1200.");

/** To which accounts the corrections of a purpose are booked. */
export const SetJournalAccounts = z.object({
  entityId,
  purpose: z.enum(journalPurposes),
  net: account,
  tax: account,
  gross: account,
});
export type SetJournalAccounts = z.infer<typeof SetJournalAccounts>;

/** Which amounts the bridge is of, and by what, as the address says it. */
export const BridgeQuery = z.object({
  of: first(z.enum(bridgeFigures).catch("gross")),
  by: first(z.enum(bridgeParts).catch("cause")),
});

/** What of a bridge is listed, as the address says it: one of its steps, or all but some. */
export const DifferencesQuery = z.object({
  ...BridgeQuery.shape,
  entity: LinesQuery.shape.entity,
  currency: LinesQuery.shape.currency,
  page: LinesQuery.shape.page,
  key: first(z.string().max(200).optional().catch(undefined)),
  except: z
    .preprocess((value) => (value === undefined ? [] : [value].flat()), z.array(z.string().max(200)).max(20))
    .catch([]),
});
export type DifferencesQuery = z.infer<typeof DifferencesQuery>;
