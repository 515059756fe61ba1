import { z } from "zod";
import { aliasOf } from "@/lib/domain/identity";
import { Pattern } from "@/lib/matching/reference-rules";
import { Selection } from "@/lib/orders/schema";
import { ItemChange, RowBegin, TaxCodeChange } from "@/lib/settings/change/schema";

const Entity = z.string().min(1).max(64);

const spans = {
  /** the first and the last day of documents for which it holds; left out: without end */
  validFrom: ItemChange.shape.validFrom,
  validUntil: ItemChange.shape.validUntil,
  /** the row of the same that this one takes the place of; left out: that of the same first day, or none */
  replaces: ItemChange.shape.replaces,
};

/** What of a reference is left out, or that a whole one is an order's. */
export const referenceParts = ["beginning", "ending", "separators", "zeros", "name"] as const;
export type ReferencePart = (typeof referenceParts)[number];

const referencePlace = {
  connectionId: z.guid("Choose a connection."),
  part: z.enum(referenceParts),
  /** the pattern, the signs or the ERP's whole reference; empty for zeros in front */
  text: z.string().trim().max(200, "A reference has at most 200 characters."),
};

/** How references of an ERP connection's documents are read. */
export const ReferenceChange = z
  .object({
    kind: z.literal("reference"),
    ...referencePlace,
    /** the order that a whole reference is, by any of its names; null for what is left out of references */
    order: z.string().trim().min(1).max(200, "An order’s reference has at most 200 characters.").nullable(),
    ...spans,
  })
  .superRefine(({ part, text, order }, context) => {
    const bad = (path: "text" | "order", message: string) =>
      context.addIssue({ code: "custom", path: [path], message });
    if (part === "name" && order === null) bad("order", "A whole reference needs the order that it is.");
    if (part !== "name" && order !== null)
      bad("order", "Only a whole reference is an order’s: leave it empty.");
    if (part === "zeros" && text !== "") bad("text", "Zeros in front need no text: leave it empty.");
    if (part === "name" && text === "") bad("text", "A whole reference has at least one character.");
    if (part === "separators" && !/^[^\p{L}\p{N}]{1,10}$/u.test(text))
      bad("text", "Separators are 1 to 10 signs, not letters or digits.");
    const pattern = Pattern.safeParse(text);
    if ((part === "beginning" || part === "ending") && !pattern.success)
      bad("text", pattern.error.issues[0]?.message ?? "This can’t be read.");
  });

/** What the ERP has for a way of paying. */
export const PaymentChange = z.object({
  kind: z.literal("payment"),
  connectionId: z.guid("Choose a connection."),
  /** a shop, or * for all of them */
  shopId: z.string().trim().min(1).max(100),
  paymentKey: z
    .string()
    .trim()
    .min(1, "A payment key has 1 to 100 characters.")
    .max(100, "A payment key has 1 to 100 characters."),
  erpCode: z
    .string()
    .trim()
    .min(1, "An ERP code has 1 to 40 characters.")
    .max(40, "An ERP code has 1 to 40 characters."),
  ...spans,
});

/** The ERP's items, tax codes, references and ways of paying, and who changes them: each a statement of what shall hold, so that twice is once. */
export const MappingChange = z.discriminatedUnion("kind", [
  TaxCodeChange,
  ItemChange,
  /** an ERP item or account stands for nothing else any more */
  ItemChange.pick({ erpKind: true, erpItem: true, erpVariant: true }).extend({
    kind: z.literal("item-gone"),
    /** the one row of it that is meant, by its first day; left out: all of them */
    begins: RowBegin.optional(),
  }),
  ReferenceChange,
  /** a reference is not read so any more */
  z.object({ kind: z.literal("reference-gone"), ...referencePlace, begins: RowBegin.optional() }),
  PaymentChange,
  /** a way of paying has no code any more */
  PaymentChange.pick({ connectionId: true, shopId: true, paymentKey: true }).extend({
    kind: z.literal("payment-gone"),
    begins: RowBegin.optional(),
  }),
  /** whether a second person approves changes of mappings */
  z.object({ kind: z.literal("second-person"), needed: z.boolean() }),
]);
export type MappingChange = z.infer<typeof MappingChange>;

/** A reference's text as it is kept: capitals never count, and signs are taken as they stand. */
export const referenceText = ({ part, text }: Readonly<{ part: ReferencePart; text: string }>): string =>
  part === "separators" || part === "zeros" ? text : aliasOf(text);

/** What a change is about, whatever the days; null for what has no rows. */
export function keyOf(change: MappingChange): readonly string[] | null {
  switch (change.kind) {
    case "tax-code":
      return ["tax-code", change.shipTo, change.channel, change.rate, change.taxCode];
    case "item":
    case "item-gone":
      return ["item", change.erpKind, change.erpItem, change.erpVariant];
    case "reference":
    case "reference-gone":
      return ["reference", change.connectionId, change.part, referenceText(change)];
    case "payment":
    case "payment-gone":
      return ["payment", change.connectionId, change.shopId, change.paymentKey];
    default:
      return null;
  }
}

/** The first day from which a change speaks of its row; null: from the beginning, or of all rows. */
export const beginOf = (change: MappingChange): string | null => {
  if (change.kind === "second-person") return null;
  const begins = "begins" in change ? change.begins : "validFrom" in change ? change.validFrom : undefined;
  return begins === undefined || begins === "beginning" ? null : begins;
};

/** What a change is about, from its first day on; two of the same place in one request contradict each other, or say it twice. */
export const placeOf = (change: MappingChange): string => {
  const key = keyOf(change);
  return key === null ? change.kind : JSON.stringify([...key, beginOf(change)]);
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

/** The tables that a file may hold. */
export const mappingTables = ["tax-codes", "items", "references", "payments"] as const;
export type MappingTable = (typeof mappingTables)[number];

/** A file with rows of one table, as text. */
export const MappingFile = z.object({
  entityId: Entity,
  table: z.enum(mappingTables),
  text: z.string().min(1, "The file is empty.").max(1_000_000, "The file is larger than 1 MB."),
  reason: reason.default(""),
});
export type MappingFile = z.infer<typeof MappingFile>;

/** One row of a table as a form holds it, and the first day of the row that it takes the place of. */
export const MappingRow = z.object({
  entityId: Entity,
  table: z.enum(mappingTables),
  draft: z.record(z.string().max(20), z.string().max(300)),
  replaces: RowBegin.optional(),
  /** of a row of tax codes: the code that it is about now; another one follows it from the first day on */
  was: z.string().max(40).optional(),
  /** what the row said before goes on until the day before its new first day */
  keeps: z.boolean().default(false),
  reason: reason.default(""),
});
export type MappingRow = z.input<typeof MappingRow>;

/** The rows that are left of a request. `version`: the one that was looked at. */
export const MappingEdit = z.object({
  entityId: Entity,
  id: z.guid(),
  version: z.number().int().positive(),
  changes,
});
export type MappingEdit = z.infer<typeof MappingEdit>;

/** What a second person says of a request; who asked is owed a reason where it is rejected. */
export const MappingDecision = z
  .object({
    entityId: Entity,
    id: z.guid(),
    version: z.number().int().positive(),
    decision: z.enum(["approve", "reject", "withdraw"]),
    why: reason.default(""),
  })
  .refine(({ decision, why }) => decision !== "reject" || why.length >= 3, {
    path: ["why"],
    message: "Say why not, for whoever asked.",
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
  edit: z.enum(["new", "row"]).optional().catch(undefined),
});
export type MappingQuery = z.infer<typeof MappingQuery>;
