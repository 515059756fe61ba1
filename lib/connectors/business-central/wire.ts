import { z } from "zod";
import { decimalText, instant, isDay, key, optional, words } from "../wire-values";

/** Business Central's API v2.0 as data. Source: Microsoft's API reference and the AL source of its pages. */
export const WIRE = {
  apiPath: "/api/v2.0",
  pageSize: 200,
  scope: "business-central",
  sets: {
    sale: { name: "salesInvoices", lines: "salesInvoiceLines" },
    credit: { name: "salesCreditMemos", lines: "salesCreditMemoLines" },
  },
  company: (companyId: string) => `/companies(${companyId})`,
  /** `inventory` is calculated when it is asked for: an item's time of change says nothing of it, so all are listed */
  items: {
    name: "items",
    select: "id,number,displayName,type,blocked,gtin,taxGroupCode,inventory",
    pageSize: 1000,
  },
  /** drafts and documents in review live in the same set and are not posted */
  postedStatus: new Set(["Open", "Paid", "Canceled", "Corrective"]),
  /** the only way of paying that the API has on a sale or a credit; the method of payment stands on the customer alone */
  paymentTerms: "paymentTerms",
  noGuid: "00000000-0000-0000-0000-000000000000",
  /** how Business Central writes "no date" */
  noDay: "0001-01-01",
  status: { draft: "Draft", open: "Open", canceled: "Canceled", corrective: "Corrective" },
  /** bound actions; their names are case-sensitive: a small letter after "NAV." */
  actions: { post: "Microsoft.NAV.post", cancel: "Microsoft.NAV.cancel" },
  /** longest texts of fields that are written */
  lengths: { externalDocumentNumber: 35, description: 100 },
} as const;

/** A day; Business Central's "no date" is none. */
export const day = z
  .string({ error: "expected a day" })
  .refine(isDay, { error: "expected a day like 2026-10-31" })
  .nullish()
  .transform((value) => (value === null || value === undefined || value === WIRE.noDay ? null : value));

const amount = optional(decimalText);

/** A line as far as it is used. Amounts come in two trios; only the second one is after the invoice discount. */
export const lineWire = z.object({
  id: optional(key),
  sequence: optional(key),
  lineType: words,
  lineObjectNumber: words,
  itemVariantId: words,
  description: words,
  quantity: amount,
  unitPrice: amount,
  discountAmount: amount,
  taxCode: words,
  taxPercent: amount,
  amountExcludingTax: amount,
  totalTaxAmount: amount,
  amountIncludingTax: amount,
  netAmount: amount,
  netTaxAmount: amount,
  netAmountIncludingTax: amount,
});

const header = {
  id: key,
  number: key,
  externalDocumentNumber: words,
  customerPurchaseOrderReference: words,
  invoiceNumber: words,
  status: words,
  postingDate: day,
  invoiceDate: day,
  creditMemoDate: day,
  currencyCode: words,
  shipToCountry: words,
  sellToCountry: words,
  pricesIncludeTax: optional(z.boolean()),
  paymentTermsId: words,
  discountAmount: amount,
  totalAmountExcludingTax: amount,
  totalTaxAmount: amount,
  totalAmountIncludingTax: amount,
  lastModifiedDateTime: optional(instant),
};

/** A document with its lines, of either set. */
export const documentWire = {
  sale: z
    .object({ ...header, salesInvoiceLines: z.array(lineWire) })
    .transform(({ salesInvoiceLines, ...rest }) => ({ ...rest, lines: salesInvoiceLines })),
  credit: z
    .object({ ...header, salesCreditMemoLines: z.array(lineWire) })
    .transform(({ salesCreditMemoLines, ...rest }) => ({ ...rest, lines: salesCreditMemoLines })),
};

export type DocumentWire = z.infer<typeof documentWire.sale>;
export type LineWire = z.infer<typeof lineWire>;

/** What is read of a document that is written, before or after: figures as they stand, lines for the key in their comments. */
const writtenHeader = {
  id: key,
  number: words,
  status: words,
  currencyCode: words,
  totalAmountExcludingTax: amount,
  totalTaxAmount: amount,
  totalAmountIncludingTax: amount,
};
const writtenLines = z
  .array(z.object({ lineType: words, description: words }))
  .nullish()
  .transform((value) => value ?? []);
export const writtenWire = {
  sale: z
    .object({ ...writtenHeader, salesInvoiceLines: writtenLines })
    .transform(({ salesInvoiceLines, ...rest }) => ({ ...rest, lines: salesInvoiceLines })),
  credit: z
    .object({ ...writtenHeader, salesCreditMemoLines: writtenLines })
    .transform(({ salesCreditMemoLines, ...rest }) => ({ ...rest, lines: salesCreditMemoLines })),
};
export type WrittenWire = z.infer<typeof writtenWire.sale>;

/** A page of any set. */
export const collectionWire = z.object({ value: z.array(z.unknown()), "@odata.nextLink": words });

/** An item as far as it is used; services and non-stock items have no inventory. */
export const itemWire = z.object({
  id: key,
  number: key,
  displayName: words,
  type: words,
  gtin: words,
  taxGroupCode: words,
  inventory: decimalText,
});
export const taxGroupWire = z.object({ code: key, displayName: words, taxType: words });
export const paymentTermWire = z.object({ id: key, code: key });
export const variantWire = z.object({ id: key, code: key });
export const companyWire = z.object({ id: key, name: words, displayName: words });
