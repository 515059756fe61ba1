import { add, NOTHING } from "@/lib/sandbox/arithmetic";
import { addDays } from "@/lib/sandbox/calendar";
import type { ErpDocument, ErpLine } from "@/lib/sandbox/model";
import { makeGuid } from "@/lib/sandbox/random";
import { CUSTOMER_NUMBER } from "@/lib/sandbox/retailer";
import type { Json } from "@/lib/sandbox/scayle-item";

const NO_GUID = "00000000-0000-0000-0000-000000000000";

/** Minor units as Business Central writes them: a JSON number of the major unit, e.g. 19.9. */
const decimal = (amount: bigint): number => Number(amount) / 100;

/** When the document last changed at or before the instant; null when nobody has begun it yet. */
export function lastModified(document: ErpDocument, at: number): number | null {
  const events = [document.draftedAt, document.postedAt, document.paidAt, document.canceledAt];
  const past = events.filter((event) => event !== null).filter((event) => event <= at);
  return past.length > 0 ? Math.max(...past) : null;
}

function status(document: ErpDocument, at: number): string {
  const by = (event: number | null) => event !== null && event <= at;
  if (!by(document.postedAt)) return "Draft";
  if (document.reverses) return "Corrective";
  if (by(document.canceledAt)) return "Canceled";
  return by(document.paidAt) ? "Paid" : "Open";
}

/** A line that says something and amounts to nothing. */
function commentJson(document: ErpDocument, comment: string, index: number): Json {
  return {
    id: makeGuid("line", document.id, index),
    documentId: document.id,
    sequence: (index + 1) * 10_000,
    itemId: NO_GUID,
    accountId: NO_GUID,
    lineType: "Comment",
    lineObjectNumber: "",
    description: comment,
    unitOfMeasureCode: "",
    quantity: 0,
    unitPrice: 0,
    discountAmount: 0,
    discountPercent: 0,
    discountAppliedBeforeTax: false,
    amountExcludingTax: 0,
    taxCode: "",
    taxPercent: 0,
    totalTaxAmount: 0,
    amountIncludingTax: 0,
    invoiceDiscountAllocation: 0,
    netAmount: 0,
    netTaxAmount: 0,
    netAmountIncludingTax: 0,
    itemVariantId: NO_GUID,
    locationId: NO_GUID,
  };
}

function lineJson(document: ErpDocument, line: ErpLine, index: number): Json {
  const itemId = makeGuid("item", document.entity, line.number);
  // Amounts before the invoice discount is spread over the lines. They are not what was posted.
  const grossBefore = line.gross + line.discount;
  const taxBefore = line.gross === 0n ? line.tax : (line.tax * grossBefore) / line.gross;
  return {
    id: makeGuid("line", document.id, index),
    documentId: document.id,
    sequence: (index + 1) * 10_000,
    itemId: line.kind === "Item" ? itemId : NO_GUID,
    accountId: line.kind === "Account" ? itemId : NO_GUID,
    lineType: line.kind,
    lineObjectNumber: line.number,
    description: line.description,
    unitOfMeasureCode: line.kind === "Item" ? "PCS" : "",
    quantity: Number(line.quantity),
    unitPrice: decimal(line.unitPrice),
    discountAmount: decimal(line.lineDiscount ?? 0n),
    discountPercent: 0,
    discountAppliedBeforeTax: false,
    amountExcludingTax: decimal(grossBefore - taxBefore),
    taxCode: line.taxCode,
    taxPercent: Number(line.rate) / 10,
    totalTaxAmount: decimal(taxBefore),
    amountIncludingTax: decimal(grossBefore),
    invoiceDiscountAllocation: decimal(line.discount),
    netAmount: decimal(line.net),
    netTaxAmount: decimal(line.tax),
    netAmountIncludingTax: decimal(line.gross),
    itemVariantId: NO_GUID,
    locationId: NO_GUID,
  };
}

export type DocumentView = {
  document: ErpDocument;
  at: number;
  modifiedAt: number;
  /** The number of the invoice that a credit memo refers to. */
  invoiceNumber: string;
  paymentTermsId: string | null;
};

/** The header of a document as Business Central's API v2.0 shows it at the instant. */
export function documentJson({
  document,
  at,
  modifiedAt,
  invoiceNumber,
  paymentTermsId,
}: DocumentView): Json {
  const total = add(NOTHING, ...document.lines);
  const discount = document.lines.reduce((sum, line) => sum + line.discount, 0n);
  const isSale = document.kind === "sale";
  return {
    id: document.id,
    number: document.number,
    externalDocumentNumber: document.writtenReference ?? document.reference,
    ...(isSale ? { invoiceDate: document.postingDate } : { creditMemoDate: document.postingDate }),
    postingDate: document.postingDate,
    dueDate: addDays(document.postingDate, 14),
    ...(isSale ? { customerPurchaseOrderReference: document.writtenReference ?? document.reference } : {}),
    customerId: makeGuid("customer", document.entity),
    customerNumber: CUSTOMER_NUMBER,
    customerName: "Web customers",
    ...(isSale
      ? { orderId: NO_GUID, orderNumber: "" }
      : { invoiceId: document.invoiceId ?? NO_GUID, invoiceNumber }),
    currencyCode: document.currency,
    paymentTermsId: paymentTermsId ?? NO_GUID,
    pricesIncludeTax: true,
    discountAmount: decimal(discount),
    discountAppliedBeforeTax: false,
    totalAmountExcludingTax: decimal(total.net),
    totalTaxAmount: decimal(total.tax),
    totalAmountIncludingTax: decimal(total.gross),
    status: status(document, at),
    lastModifiedDateTime: new Date(modifiedAt).toISOString(),
  };
}

/** The lines of a document. */
export function documentLinesJson(document: ErpDocument): Json[] {
  const comments = document.comments ?? [];
  return [
    ...comments.map((comment, index) => commentJson(document, comment, index)),
    ...document.lines.map((line, index) => lineJson(document, line, comments.length + index)),
  ];
}
