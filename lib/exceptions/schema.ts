import { z } from "zod";
import type { Minor } from "@/lib/domain/money";
import { exceptionStates } from "./machine";

/** What the list can be sorted by; a leading minus turns it round. `value`: the largest of net, tax and gross, whichever its sign. */
export const exceptionSorts = [
  "value",
  "cause",
  "order",
  "document",
  "gross",
  "age",
  "owner",
  "assignee",
  "due",
  "state",
] as const;
export type ExceptionSort = (typeof exceptionSorts)[number];

/** `act`: what somebody can act on now; `open`: that and what waits until a day. */
export const stateFilters = ["act", "open", ...exceptionStates, "all"] as const;

/** What the queue can be grouped by. */
export const exceptionGroups = ["cause", "rootCause", "owner", "shop", "age"] as const;
export type ExceptionGroup = (typeof exceptionGroups)[number];

/** How old exceptions are, in days since their business date: from the first to the last day, both included. */
export const ageBuckets = [
  { key: "0-1", label: "0–1 day", from: 0, to: 1 },
  { key: "2-3", label: "2–3 days", from: 2, to: 3 },
  { key: "4-7", label: "4–7 days", from: 4, to: 7 },
  { key: "8-30", label: "8–30 days", from: 8, to: 30 },
  { key: "31-60", label: "31–60 days", from: 31, to: 60 },
  { key: "61-90", label: "61–90 days", from: 61, to: 90 },
  { key: "over-90", label: "More than 90 days", from: 91, to: null },
] as const;
const ageKeys = ageBuckets.map(({ key }) => key);

/** The shop, or the channel, of exceptions that are about none. */
export const NO_SHOP = "none";
export const NO_CHANNEL = "none";

/** By when exceptions are due, seen from today where the entity is; a week is from Monday to Sunday. */
export const dueFilters = ["overdue", "today", "week", "escalated"] as const;

const sorts = exceptionSorts.flatMap((column) => [column, `-${column}`] as const);
/** The first of a parameter given twice; empty is as good as absent. */
const text = (max: number) =>
  z.preprocess((value) => {
    const first: unknown = Array.isArray(value) ? value[0] : value;
    return typeof first === "string" && first.trim() === "" ? undefined : first;
  }, z.string().trim().max(max).optional().catch(undefined));

/** A day as an address writes it. */
const day = text(10).pipe(z.iso.date().optional().catch(undefined));
/** An amount in major units, without a sign. */
const amount = text(20).pipe(
  z
    .string()
    .regex(/^\d{1,12}(\.\d{1,4})?$/)
    .optional()
    .catch(undefined),
);

/**
 * The list's state as its URL says it. What can't be understood falls back to its default: a link never breaks.
 * `entity` is only what was asked for; the loader holds it against the grants.
 */
export const ExceptionQuery = z.object({
  entity: text(64),
  period: text(7).pipe(
    z
      .string()
      .regex(/^\d{4}-(0[1-9]|1[0-2])$/)
      .optional()
      .catch(undefined),
  ),
  cause: text(64),
  state: text(16).pipe(z.enum(stateFilters).catch("act")),
  owner: text(64),
  assignee: text(36).pipe(
    z
      .union([z.enum(["me", "none"]), z.guid()])
      .optional()
      .catch(undefined),
  ),
  shop: text(128),
  channel: text(64),
  currency: text(3).pipe(
    z
      .string()
      .regex(/^[A-Z]{3}$/)
      .optional()
      .catch(undefined),
  ),
  /** how much money they are about, both included, whatever the sign; in `currency`, else in the entity's own */
  amountFrom: amount,
  amountTo: amount,
  due: text(16).pipe(z.enum(dueFilters).optional().catch(undefined)),
  /** due from the one to the other day, both included */
  dueFrom: day,
  dueTo: day,
  /** of the teams of the person who asks */
  team: text(8).pipe(z.enum(["mine"]).optional().catch(undefined)),
  /** found since yesterday began, where the entity is */
  since: text(16).pipe(z.enum(["yesterday"]).optional().catch(undefined)),
  age: text(16).pipe(z.enum(ageKeys).optional().catch(undefined)),
  /** comments that name the person who asks */
  mention: text(8).pipe(z.enum(["me"]).optional().catch(undefined)),
  /** whose acceptance somebody asked for */
  approval: text(8).pipe(z.enum(["asked"]).optional().catch(undefined)),
  /** what stands behind them (lib/root-causes) */
  rootCause: text(36).pipe(z.guid().optional().catch(undefined)),
  q: text(200),
  sort: text(16).pipe(z.enum(sorts).catch("due")),
  /** the row after which the list goes on, as `placeOf` writes it */
  after: text(400),
  group: text(12).pipe(z.enum(exceptionGroups).optional().catch(undefined)),
  /** the group whose rows are shown */
  expanded: text(128),
  /** the exception shown in the panel */
  selected: text(36).pipe(z.guid().optional().catch(undefined)),
});
export type ExceptionQuery = z.infer<typeof ExceptionQuery>;

/** The members of the address that narrow the queue, in the order in which it is written. */
export const filterNames = [
  "period",
  "cause",
  "state",
  "owner",
  "assignee",
  "shop",
  "channel",
  "currency",
  "amountFrom",
  "amountTo",
  "due",
  "dueFrom",
  "dueTo",
  "team",
  "since",
  "age",
  "rootCause",
  "mention",
  "approval",
  "q",
] as const satisfies readonly (keyof ExceptionQuery)[];

// Ids are hashes of natural keys: 128 bits that look like a uuid, without its version bits.
const Id = z.guid();
/** The entity that an input names: held against the grants, never trusted. */
const EntityCode = z.string().min(1).max(64);

const TeamId = z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/, "Choose a team.");
const version = z.number().int().min(0);
const reason = (least: number, sentence: string) =>
  z.string().trim().min(least, sentence).max(1_000, "A reason has at most 1,000 characters.");
const one = { entityId: EntityCode, id: Id, version } as const;

/** Gives an exception to a person, to a team, or to nobody. `version` is the one that the person saw. */
export const Assignment = z.object({
  ...one,
  assigneeId: z.union([Id, z.null()]),
  ownerTeam: TeamId.optional(),
  due: z.union([z.iso.date(), z.null()]).optional(),
});
export type Assignment = z.infer<typeof Assignment>;

/** What a person does to one exception or to many. Reasons go into the history. */
export const PeopleAction = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("assign"),
    assigneeId: z.union([Id, z.null()]),
    ownerTeam: TeamId.optional(),
    due: z.union([z.iso.date(), z.null()]).optional(),
  }),
  z.object({
    kind: z.literal("hand-over"),
    assigneeId: z.union([Id, z.null()]),
    ownerTeam: TeamId.optional(),
    reason: reason(3, "Say why, for whoever takes it over."),
  }),
  z.object({ kind: z.literal("take-over") }),
  z.object({ kind: z.literal("pass-back"), reason: reason(3, "Say why, for whoever gets it back.") }),
  z.object({ kind: z.literal("start") }),
  z.object({
    kind: z.literal("wait"),
    on: z.string().trim().min(1, "Say on whom or what it waits.").max(120, "At most 120 characters."),
    until: z.iso.date("Choose the day on which it is looked at again."),
  }),
  z.object({ kind: z.literal("wake") }),
]);
export type PeopleAction = z.infer<typeof PeopleAction>;

/** Does something to one exception. Flat, so that what is wrong with a field is said of that field. */
export const OneAct = z
  .object(one)
  .and(PeopleAction)
  .transform(({ entityId, id, version: seen, ...act }) => ({ entityId, id, version: seen, act }));
export type OneAct = z.infer<typeof OneAct>;

/** Does something to the exceptions that were chosen (each in the version that was seen), or to all that a filter means. */
export const ManyAct = z
  .object({
    entityId: EntityCode,
    chosen: z.union([
      z.object({
        ids: z
          .array(z.object({ id: Id, version }))
          .min(1)
          .max(10_000),
      }),
      z.object({ filter: ExceptionQuery }),
    ]),
  })
  .and(PeopleAction)
  .transform(({ entityId, chosen, ...act }) => ({ entityId, chosen, act }));
export type ManyAct = z.infer<typeof ManyAct>;

/** Takes back what the person did last in an entity, or what they did as one operation. */
export const Undo = z.object({ entityId: EntityCode, operationId: z.guid().optional() });
export type Undo = z.infer<typeof Undo>;

/** Accepts an exception as it is, with why; above the limit it asks for it. `version` is the one that the person saw. */
export const AcceptAsIs = z.object({
  ...one,
  reason: reason(10, "Say why, for the auditor: at least 10 characters."),
});
export type AcceptAsIs = z.infer<typeof AcceptAsIs>;

/** Opens an accepted exception again, with why. `version` is the one that the person saw. */
export const OpenAgain = z.object({ ...one, reason: reason(3, "Say why it is opened again.") });
export type OpenAgain = z.infer<typeof OpenAgain>;

/** Decides what somebody else asked for. */
export const AcceptanceDecision = z
  .object({
    entityId: EntityCode,
    id: Id,
    requestId: Id,
    approve: z.boolean(),
    why: z.string().trim().max(1_000, "A reason has at most 1,000 characters."),
  })
  .refine(({ approve, why }) => approve || why.length >= 3, {
    path: ["why"],
    message: "Say why not, for whoever asked.",
  });
export type AcceptanceDecision = z.infer<typeof AcceptanceDecision>;

export const Comment = z.object({
  entityId: EntityCode,
  id: Id,
  text: z
    .string()
    .trim()
    .min(1, "Write something first.")
    .max(4_000, "A comment has at most 4,000 characters."),
});
export type Comment = z.infer<typeof Comment>;

const minor = z
  .string()
  .regex(/^-?\d+$/)
  .transform((digits) => BigInt(digits));
const unknownable = minor.nullish().transform((amount) => amount ?? null);
const known = z.object({ net: minor, tax: minor, gross: minor });
const optionalText = z
  .string()
  .nullish()
  .transform((value) => value ?? null);

export const EvidenceLine = z.object({
  side: z.enum(["scayle", "erp"]),
  /** lines of one pair belong beside each other */
  pair: optionalText,
  label: optionalText,
  sku: optionalText,
  quantity: z
    .union([z.string(), z.number()])
    .nullish()
    .transform((value) => (value == null ? null : String(value))),
  /** null: the exception's own currency */
  currency: optionalText,
  net: unknownable,
  tax: unknownable,
  gross: unknownable,
  taxCode: optionalText,
  taxRate: optionalText,
  taxAllocated: z.boolean().optional().catch(false),
  marked: z.boolean().catch(false),
  difference: z
    .object({ net: unknownable, tax: unknownable, gross: unknownable })
    .nullish()
    .transform((value) => value ?? null),
});
export type EvidenceLine = z.infer<typeof EvidenceLine>;

const MissingMapping = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("item"), itemKey: z.string(), sku: z.string() }),
  z.object({
    kind: z.literal("tax-code"),
    shipTo: z.string(),
    channel: z.string(),
    rate: z.string(),
    taxCode: z.string(),
  }),
]);

/** The evidence column: what the cause was proved with. Amounts arrive as integer texts of minor units. */
export const Evidence = z.object({
  /** how much money it is about where it has no amounts of its own; null: unknown */
  worth: unknownable.catch(null),
  lines: z.array(EvidenceLine).catch([]).default([]),
  steps: z.array(z.string()).catch([]).default([]),
  documents: z
    .array(
      z.object({
        side: z.enum(["scayle", "erp"]),
        kind: z.string(),
        number: optionalText,
        postingDay: optionalText,
        id: optionalText,
      }),
    )
    .catch([])
    .default([]),
  /** the mappings that would cure it, see lib/domain/missing.ts */
  missing: z.array(MissingMapping).catch([]).default([]),
  /** other sets of causes that explain the same difference equally well */
  alternatives: z
    .array(
      z.object({
        causes: z.array(
          known.extend({
            code: z.string(),
            title: z.string(),
            currency: optionalText,
            explanation: z.string(),
          }),
        ),
      }),
    )
    .catch([])
    .default([]),
});
export type Evidence = z.infer<typeof Evidence>;

/** The amounts column: what the exception is worth in each period and currency; null: the exception's own currency. */
export const PeriodAmounts = z.array(known.extend({ period: z.string(), currency: optionalText })).catch([]);
export type PeriodAmounts = z.infer<typeof PeriodAmounts>;

/** What a person calls a filter of theirs; the same name again replaces it. */
export const SaveView = z.object({
  entityId: EntityCode,
  name: z.string().trim().min(1, "Give it a name.").max(60, "At most 60 characters."),
  query: z.record(z.string().max(40), z.string().max(200)),
});
export type SaveView = z.infer<typeof SaveView>;

export const RemoveView = z.object({ entityId: EntityCode, id: z.guid() });
export type RemoveView = z.infer<typeof RemoveView>;

/**
 * Count and sums of a filter, per currency: amounts are never converted to make a sum. Net, tax and gross are summed with their
 * signs, so that what is too much takes off what is too little; `extent` is how much money it is about, whatever the signs.
 */
export type ExceptionTotal = Readonly<{
  currency: string;
  count: number;
  net: Minor;
  tax: Minor;
  gross: Minor;
  extent: Minor;
}>;

/** So many exceptions are counted before a page is answered, where no sums are kept: to count more of them takes too long. */
export const MANY = 10_000;

/** Totals of which it is known whether they are of all that the filter means, or only of the first so many. */
export type TotalsSoFar = Readonly<{ totals: readonly ExceptionTotal[]; isWhole: boolean }>;

/** How many that are, of all currencies together. */
export const countOf = (totals: readonly ExceptionTotal[]): number =>
  totals.reduce((sum, { count }) => sum + count, 0);

/** What states are called on screens and in files. */
export const stateNames: Readonly<Record<string, string>> = {
  new: "New",
  assigned: "Assigned",
  "in-progress": "In progress",
  waiting: "Waiting",
  resolved: "Resolved",
  accepted: "Accepted",
  explained: "Explained",
};

/** What the states are called that the queue can be narrowed to. */
export const stateFilterNames: Readonly<Record<string, string>> = {
  ...stateNames,
  act: "To act on",
  open: "To act on, and waiting",
  all: "All states",
};
