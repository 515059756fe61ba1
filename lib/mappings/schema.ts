import { z } from "zod";
import { Selection } from "@/lib/orders/schema";
import { ItemChange, RowBegin, TaxCodeChange } from "@/lib/settings/change/schema";

const Entity = z.string().min(1).max(64);

/** The ERP's items, tax codes, and who changes them: each a statement of what shall hold, so that twice is once. */
export const MappingChange = z.discriminatedUnion("kind", [
  TaxCodeChange,
  ItemChange,
  /** an ERP item or account stands for nothing else any more */
  ItemChange.pick({ erpKind: true, erpItem: true, erpVariant: true }).extend({
    kind: z.literal("item-gone"),
    /** the one row of it that is meant, by its first day; left out: all of them */
    begins: RowBegin.optional(),
  }),
  /** whether a second person approves changes of mappings */
  z.object({ kind: z.literal("second-person"), needed: z.boolean() }),
]);
export type MappingChange = z.infer<typeof MappingChange>;

/** What a change is about, from its first day on; two of the same place in one request contradict each other, or say it twice. */
export const placeOf = (change: MappingChange): string => {
  switch (change.kind) {
    case "tax-code":
      return JSON.stringify([
        ...["tax-code", change.shipTo, change.channel, change.rate, change.taxCode],
        change.validFrom ?? null,
      ]);
    case "second-person":
      return change.kind;
    default: {
      const begins = change.kind === "item" ? change.validFrom : change.begins;
      return JSON.stringify([
        ...["item", change.erpKind, change.erpItem, change.erpVariant],
        begins === "beginning" ? null : (begins ?? null),
      ]);
    }
  }
};

/** How many rows one request may change: more than a person approves in one go are several. */
export const ROWS_MOST = 500;

/** Where a change was asked for. */
export const requestSources = ["change", "file", "proposals", "record", "setting"] as const;
export type RequestSource = (typeof requestSources)[number];

const reason = z.string().trim().max(1_000, "A reason has at most 1,000 characters.");
const changes = z
  .array(MappingChange)
  .min(1, "Choose at least one row.")
  .max(ROWS_MOST, `At most ${ROWS_MOST} rows in one request.`);

/** What a person asks to be changed, and which records are to be read again once it is. */
export const MappingAsk = z.object({
  entityId: Entity,
  changes,
  source: z.enum(["change", "proposals", "record"]),
  reason: reason.default(""),
  again: Selection.nullable().default(null),
});
export type MappingAsk = z.input<typeof MappingAsk>;

/** A file with rows of one table, as text. */
export const MappingFile = z.object({
  entityId: Entity,
  table: z.enum(["items", "tax-codes"]),
  text: z.string().min(1, "The file is empty.").max(1_000_000, "The file is larger than 1 MB."),
  reason: reason.default(""),
});
export type MappingFile = z.infer<typeof MappingFile>;

/** The rows that are left of a request. `version`: the one that was looked at. */
export const MappingEdit = z.object({
  entityId: Entity,
  id: z.guid(),
  version: z.number().int().positive(),
  changes,
});
export type MappingEdit = z.infer<typeof MappingEdit>;

/** What a second person says of a request. */
export const MappingDecision = z.object({
  entityId: Entity,
  id: z.guid(),
  version: z.number().int().positive(),
  decision: z.enum(["approve", "reject", "withdraw"]),
  why: reason.default(""),
});
export type MappingDecision = z.infer<typeof MappingDecision>;

export const SecondPersonSetting = z.object({ entityId: Entity, needed: z.boolean() });
export type SecondPersonSetting = z.infer<typeof SecondPersonSetting>;

/** What of the page the address says. */
export const mappingTabs = ["tax-codes", "items", "references", "payments", "proposals", "requests"] as const;
export type MappingTab = (typeof mappingTabs)[number];

export const MappingQuery = z.object({
  tab: z.enum(mappingTabs).catch("tax-codes"),
  q: z.string().trim().max(100).catch(""),
  page: z.coerce.number().int().min(1).max(100_000).catch(1),
  request: z.guid().optional().catch(undefined),
  row: z.guid().optional().catch(undefined),
});
export type MappingQuery = z.infer<typeof MappingQuery>;
