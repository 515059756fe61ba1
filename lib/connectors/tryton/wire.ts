import { z } from "zod";
import { key, list, optional, words } from "../wire-values";
import { date, float, numeric, timestamp } from "./values";

/** Tryton's JSON-RPC as data: methods, models and fields. Run against Tryton 6.0; source: its modules' Python. */
export const WIRE = {
  scope: "tryton",
  pageSize: 200,
  /** messages and names in one language, whatever the user's own is */
  language: "en",
  methods: {
    login: "common.db.login",
    preferences: "model.res.user.get_preferences",
    searchRead: (model: string) => `model.${model}.search_read`,
    searchCount: (model: string) => `model.${model}.search_count`,
    create: "model.account.invoice.create",
    write: "model.account.invoice.write",
    post: "model.account.invoice.post",
    delete: "model.account.invoice.delete",
    /** what a client fills in: an invoice's account once its party is chosen, a line once its product is */
    partyChosen: "model.account.invoice.on_change_with_account",
    productChosen: "model.account.invoice.line.on_change_product",
  },
  models: {
    invoice: "account.invoice",
    line: "account.invoice.line",
    invoiceTax: "account.invoice.tax",
    tax: "account.tax",
    company: "company.company",
    saleLine: "sale.line",
    party: "party.party",
    address: "party.address",
    journal: "account.journal",
    account: "account.account",
    currency: "currency.currency",
    product: "product.product",
  },
  fields: {
    invoice: [
      ["number", "state", "reference", "invoice_date", "accounting_date", "currency.code"],
      ["untaxed_amount", "tax_amount", "total_amount", "invoice_address.country.code"],
      ["move.date", "cancel_move.date", "create_date", "write_date"],
    ].flat(),
    line: [
      ["invoice", "type", "sequence", "product.code", "product.type", "account.code", "description"],
      ["quantity", "unit_price", "amount", "taxes", "origin", "create_date", "write_date"],
    ].flat(),
    invoiceTax: ["invoice", "tax", "base", "amount", "manual", "account.code", "description"],
    tax: ["name", "parent", "type", "rate", "group.kind"],
    company: ["party.name", "currency.code"],
    saleLine: ["sale.reference", "sale.number"],
    origin: ["invoice.number", "invoice.reference"],
    reversed: ["product", "unit", "account", "description", "quantity", "unit_price", "taxes"].concat([
      "currency",
      "company",
    ]),
    written: ["number", "state", "currency.code", "untaxed_amount", "tax_amount", "total_amount"].concat([
      "taxes",
      "lines",
    ]),
    key: ["number", "state", "move.date", "cancel_move.date", "create_date", "write_date"].concat([
      "invoice_date",
      "accounting_date",
      "untaxed_amount",
      "total_amount",
    ]),
  },
  /** states in which an invoice counts for nothing yet */
  draftStates: new Set(["draft", "validated"]),
  /** decimals of a price, as Tryton has them unless it is configured otherwise */
  priceDecimals: 4,
  /** in the books; a cancelled invoice was, if it had a move to cancel */
  postedStates: new Set(["posted", "paid"]),
  cancelled: "cancelled",
} as const;

const id = z.number({ error: "expected an id" }).int();
const related = <Shape extends z.ZodRawShape>(shape: Shape) => optional(z.object(shape));

export const invoiceWire = z.object({
  id,
  number: words,
  state: z.string({ error: "expected a state" }),
  reference: words,
  invoice_date: optional(date),
  accounting_date: optional(date),
  "currency.": z.object({ code: key }),
  untaxed_amount: numeric,
  tax_amount: numeric,
  total_amount: numeric,
  "invoice_address.": related({ "country.": related({ code: words }) }),
  "move.": related({ date: optional(date) }),
  "cancel_move.": related({ date: optional(date) }),
  create_date: optional(timestamp),
  write_date: optional(timestamp),
});

export const lineWire = z.object({
  id,
  type: z.string({ error: "expected a line's type" }),
  "product.": related({ code: words, type: words }),
  "account.": related({ code: words }),
  description: words,
  quantity: optional(float),
  unit_price: optional(numeric),
  amount: optional(numeric),
  taxes: list(id),
  origin: words,
  create_date: optional(timestamp),
  write_date: optional(timestamp),
});

export const invoiceTaxWire = z.object({
  id,
  tax: optional(id),
  amount: numeric,
  "account.": related({ code: words }),
  description: words,
});

export const taxWire = z.object({
  id,
  name: key,
  parent: optional(id),
  type: words,
  rate: optional(numeric),
  "group.": related({ kind: words }),
});

export const originWire = z.object({
  id,
  "invoice.": related({ number: words, reference: words }),
});
export const saleLineWire = z.object({ id, "sale.": related({ reference: words, number: words }) });

/** One document as it is kept: the invoice's record with those of its lines, taxes, tax codes and origins, as they came. */
export const documentWire = z.object({
  /** `cancellation`: not the invoice but the move that took it back in a later month */
  part: z.enum(["invoice", "cancellation"]),
  invoice: invoiceWire,
  lines: z.array(lineWire),
  taxes: z.array(invoiceTaxWire),
  taxCodes: z.array(taxWire),
  origins: z.array(originWire),
  sales: z.array(saleLineWire),
});

export type DocumentWire = z.infer<typeof documentWire>;
export type InvoiceWire = z.infer<typeof invoiceWire>;
export type LineWire = z.infer<typeof lineWire>;
export type InvoiceTaxWire = z.infer<typeof invoiceTaxWire>;
export type TaxWire = z.infer<typeof taxWire>;

export const keyWire = z.object({
  id,
  number: words,
  state: words,
  invoice_date: optional(date),
  accounting_date: optional(date),
  untaxed_amount: optional(numeric),
  total_amount: optional(numeric),
  "move.": related({ date: optional(date) }),
  "cancel_move.": related({ date: optional(date) }),
  create_date: optional(timestamp),
  write_date: optional(timestamp),
});

export const companyWire = z.object({
  id,
  "party.": related({ name: words }),
  "currency.": related({ code: words }),
});

/** What is read of an invoice that is written, before or after it is posted. */
export const writtenWire = z.object({
  id,
  number: words,
  state: z.string({ error: "expected a state" }),
  "currency.": z.object({ code: key }),
  untaxed_amount: numeric,
  tax_amount: numeric,
  total_amount: numeric,
  taxes: list(id),
  lines: list(id),
});
export type WrittenWire = z.infer<typeof writtenWire>;

/** What a user's preferences say of the company they work in. */
export const preferencesWire = z.object({ company: optional(id) });
export const loginWire = z.tuple([id, z.string().min(1)]).rest(z.unknown());

/** Every answer that is a 200: a result, or an error with its kind and words. */
export const answerWire = z.union([
  z.object({ error: z.array(z.unknown()) }),
  z.object({ result: z.unknown() }),
]);
