import { z } from "zod";
import { Selection } from "@/lib/orders/schema";

const country = z.string().regex(/^[A-Z]{2}$/, "a country is two capital letters, like DE");
const rate = z.string().regex(/^0(\.\d{1,5})?$/, "a rate is a fraction of at most five decimals, like 0.19");
const day = z.iso.date("a day is written like 2027-01-31");
/** Where a change takes the place of a row: the first day of that one, or that it has none. */
export const RowBegin = z.union([day, z.literal("beginning")]);
const code = z.string().trim().min(1).max(40);

/** How one side of an entity rounds, see lib/domain/tax/policy. */
export const PolicyChange = z.object({
  level: z.enum(["unit", "line", "document", "order"]),
  mode: z.enum(["half-up", "half-even"]),
  basis: z.enum(["gross", "net"]),
  first: z.enum(["tax", "net"]),
});

/** Whether a tax code is right for what ships to a country in a channel at a rate. */
export const TaxCodeChange = z.object({
  kind: z.literal("tax-code"),
  shipTo: country,
  /** any, those of a kind, or one by its key */
  channel: z
    .string()
    .trim()
    .regex(
      /^(\*|shop|marketplace|in_store|key:.{1,100})$/,
      "any, shop, marketplace, in store, or key: and a channel’s key.",
    ),
  rate,
  taxCode: code,
  /** false: the code is no longer right there */
  right: z.boolean(),
  /** the first and the last business day on which it is right; left out: without end */
  validFrom: day.optional(),
  validUntil: day.optional(),
  /** the row of the same code and place that this one takes the place of; left out: that of the same first day, or none */
  replaces: RowBegin.optional(),
});

/** What an ERP item or G/L account stands for. */
export const ItemChange = z.object({
  kind: z.literal("item"),
  erpKind: z.enum(["item", "account"]),
  erpItem: code,
  erpVariant: z.string().trim().max(40),
  lineKind: z.enum(["item", "shipping", "fee", "gift_card", "rounding"]),
  /** the SKU it stands for; null on charges */
  sku: code.nullable(),
  /** the first and the last day of documents for which it holds; left out: without end */
  validFrom: day.optional(),
  validUntil: day.optional(),
  /** the row of the same item that this one takes the place of; left out: that of the same first day, or none */
  replaces: RowBegin.optional(),
});

/**
 * A change of what matching depends on. Each is a statement of what shall hold, so the same change twice is one.
 */
export const SettingsChange = z.discriminatedUnion("kind", [
  TaxCodeChange,
  z.object({
    kind: z.literal("rounding"), // Our own ids are hashes in the shape of a UUID, of no version.
    connectionId: z.guid(),
    policy: PolicyChange,
  }),
  z.object({
    kind: z.literal("none-tax-codes"),
    /** codes that mean "no code", beside the empty one */
    taxCodes: z.array(code).max(50),
  }),
  z.object({
    kind: z.literal("posting-lag"),
    hours: z
      .number()
      .int()
      .min(0)
      .max(24 * 90),
  }),
  ItemChange,
  z.object({
    kind: z.literal("local-currency"),
    connectionId: z.guid(),
    currency: z.string().regex(/^[A-Z]{3}$/, "a currency is three capital letters, like EUR"),
  }),
]);
export type SettingsChange = z.infer<typeof SettingsChange>;

/** The kinds of change, with what people call them. */
export const changeKinds = {
  "tax-code": "Which tax code is right",
  rounding: "How a connection rounds",
  "none-tax-codes": "Codes that mean “no code”",
  "posting-lag": "How long the ERP needs to post",
  item: "What an ERP item or account stands for",
  "local-currency": "Currency of documents that name none",
} as const satisfies Record<SettingsChange["kind"], string>;

/** Whether a change is one of the mappings, which two people make (lib/mappings). */
export const isMapping = (
  change: SettingsChange,
): change is Extract<SettingsChange, { kind: "tax-code" | "item" }> =>
  change.kind === "tax-code" || change.kind === "item";

/** Who may make a change of a kind: how the systems round is confirmed by who may confirm it on its own page, too. */
export const permissionFor = (kind: SettingsChange["kind"]): "settings.write" | "rounding.confirm" =>
  kind === "rounding" ? "rounding.confirm" : "settings.write";

const kinds = Object.keys(changeKinds) as readonly SettingsChange["kind"][];

/** Whether a text out of an address names a kind of change. */
export const isChangeKind = (text: string | undefined): text is SettingsChange["kind"] =>
  kinds.some((kind) => kind === text);

/** The fields of each kind as a form and an address hold them. */
export const changeFields = {
  "tax-code": ["shipTo", "channel", "rate", "taxCode", "right", "validFrom", "validUntil", "replaces"],
  rounding: ["connectionId", "level", "mode", "basis", "first"],
  "none-tax-codes": ["taxCodes"],
  "posting-lag": ["hours"],
  item: ["erpKind", "erpItem", "erpVariant", "lineKind", "sku", "validFrom", "validUntil", "replaces"],
  "local-currency": ["connectionId", "currency"],
} as const satisfies Record<SettingsChange["kind"], readonly string[]>;

/** A change as a form holds it: texts by the name of their field. */
export type Draft = Readonly<Record<string, string>>;

export type ReadDraft =
  | Readonly<{ change: SettingsChange; faults: null }>
  | Readonly<{ change: null; faults: Readonly<Record<string, string>> }>;

/** Reads a form's texts: the change they state, or what is wrong with which field. */
export function readDraft(kind: SettingsChange["kind"], draft: Draft): ReadDraft {
  const read = SettingsChange.safeParse(statedBy(kind, (name) => (draft[name] ?? "").trim()));
  if (read.success) return { change: read.data, faults: null };
  const faults: Record<string, string> = {};
  for (const { path, code: fault, message } of read.error.issues) {
    const name = path[0] === "policy" ? String(path[1]) : String(path[0]);
    faults[name] ??=
      WORDS[name] ?? (fault === "custom" || fault === "invalid_format" ? message : "Choose one.");
  }
  return { change: null, faults };
}

const WORDS: Readonly<Record<string, string>> = {
  shipTo: "A country is two capital letters, like DE.",
  rate: "A rate is a fraction, like 0.19.",
  taxCode: "A tax code has 1 to 40 characters.",
  validFrom: "A day like 2027-01-31, or nothing.",
  validUntil: "A day like 2027-01-31, or nothing.",
  taxCodes: "At most 50 codes of at most 40 characters each, with commas between them.",
  hours: "Whole hours, from 0 to 2160.",
  connectionId: "Choose a connection.",
  erpItem: "An item or account number has 1 to 40 characters.",
  erpVariant: "A variant has at most 40 characters.",
  sku: "A SKU has 1 to 40 characters.",
  currency: "A currency is three capital letters, like EUR.",
};

function statedBy(kind: SettingsChange["kind"], of: (name: string) => string): unknown {
  switch (kind) {
    case "tax-code":
      return {
        kind,
        shipTo: of("shipTo").toUpperCase(),
        channel: of("channel"),
        rate: of("rate"),
        taxCode: of("taxCode"),
        right: of("right") === "yes",
        ...spanOf(of),
      };
    case "rounding":
      return {
        kind,
        connectionId: of("connectionId"),
        policy: { level: of("level"), mode: of("mode"), basis: of("basis"), first: of("first") },
      };
    case "none-tax-codes":
      return {
        kind,
        taxCodes: of("taxCodes")
          .split(",")
          .map((one) => one.trim())
          .filter((one) => one !== ""),
      };
    case "posting-lag":
      return { kind, hours: of("hours") === "" ? null : Number(of("hours")) };
    case "item":
      return {
        kind,
        erpKind: of("erpKind"),
        erpItem: of("erpItem"),
        erpVariant: of("erpVariant"),
        lineKind: of("lineKind"),
        sku: of("lineKind") === "item" ? of("sku") : null,
        ...spanOf(of),
      };
    case "local-currency":
      return { kind, connectionId: of("connectionId"), currency: of("currency").toUpperCase() };
    default:
      throw new Error(`no such change: ${kind satisfies never}`);
  }
}

/** The days that a form states, as far as it states any. */
const spanOf = (of: (name: string) => string) =>
  Object.fromEntries(
    ["validFrom", "validUntil", "replaces"].flatMap((name) => (of(name) === "" ? [] : [[name, of(name)]])),
  );

const entityId = z.string().min(1).max(64);

/** What a person asks for when they press "Preview the effect". */
export const PreviewRequest = z.object({ entityId, change: SettingsChange });

/** What a person asks for when they press "Save the change": with the seal that the preview gave. */
export const SaveRequest = PreviewRequest.extend({ seal: z.string().max(128) });

/** The same in one step with having the records read again that lacked it. */
export const SaveAndResyncRequest = SaveRequest.extend({ again: Selection });
export type SaveAndResyncRequest = z.infer<typeof SaveAndResyncRequest>;
