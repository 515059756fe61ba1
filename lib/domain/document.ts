import type { Day } from "./day";
import type { Minor } from "./money";

export type Side = "scayle" | "erp";
/** A sale or a credit. Amounts are signed: sale +, credit −, on both sides. */
export type DocumentKind = "sale" | "credit";
export type LineKind = "item" | "shipping" | "fee" | "gift_card" | "discount" | "rounding" | "header";

/** One line of a document as the books see it. */
export type BookLine = Readonly<{
  /** stable within its document: SCAYLE item id, ERP line id, file line number */
  sourceLineId: string;
  kind: LineKind;
  /** `document`: no SKU, can only be compared as part of its whole document */
  granularity: "item" | "document";
  /** SKU (SCAYLE), or ERP item number; null on charges and document lines */
  sku: string | null;
  /** ERP variant code, where items have variants */
  variant: string | null;
  /** G/L account or the charge's key, on lines that are no items */
  account: string | null;
  /** signed decimal text: "2", "-1", "1.5" */
  quantity: string;
  /** decimal text in major units, as the source states it; null when it doesn't */
  unitPrice: string | null;
  /** line discount in minor units, positive = reduces; null unknown */
  discount: Minor | null;
  /** minor units, signed; null is unknown */
  net: Minor | null;
  tax: Minor | null;
  gross: Minor;
  taxCode: string | null;
  /** fraction as decimal text: "0.19"; null is unknown */
  taxRate: string | null;
  /** day of the books in the entity's time zone */
  day: Day;
  /** the instant behind the day, where the source has one */
  at: Date | null;
  /** package (SCAYLE) the unit went or came back with */
  shipment: string | null;
  description: string | null;
  /** its tax is its part of what the document states for several lines; absent: the source states the line's own */
  taxAllocated?: true;
  /** the source taxes quantity × unit price before it is rounded to the line's amount; absent: the amount */
  taxedOnPrice?: true;
}>;

/** A sale or credit of one side, whole: the unit that is versioned. */
export type BookDocument = Readonly<{
  side: Side;
  kind: DocumentKind;
  /** id at the source, unique per connection and kind: SCAYLE order id, ERP guid, file key */
  sourceId: string;
  /** what people call it: order reference, invoice number */
  number: string;
  /** the order it says it belongs to, as stated; null when it says nothing */
  reference: string | null;
  /** number of the document it credits or corrects */
  originalNumber: string | null;
  status: string | null;
  /** counts in the books; a draft doesn't */
  posted: boolean;
  currency: string;
  /** ERP: the code of its terms or method of payment, as the ERP states it; absent where it states none */
  payment?: string;
  /** shopKey/countryCode in lower case, or the shop column of a file */
  shop: string | null;
  channel: string | null;
  /** ISO 3166-1 alpha-2, upper case */
  shipTo: string | null;
  postingDay: Day | null;
  modifiedAt: Date | null;
  pricesIncludeTax: boolean | null;
  /** totals as its header states them, signed; null when it states none */
  stated: Readonly<{ net: Minor | null; tax: Minor | null; gross: Minor | null }>;
  lines: readonly BookLine[];
}>;
