import type { Figures } from "@/lib/sandbox/arithmetic";
import type { Month } from "@/lib/sandbox/calendar";
import type { Variant } from "@/lib/sandbox/catalogue";
import type { Customer } from "@/lib/sandbox/people";
import type { Currency, EntityCode, Outlet, SandboxShop } from "@/lib/sandbox/retailer";

/** Instants are milliseconds since 1970 and always whole seconds. Amounts are gross minor units unless named otherwise. */

export type Reduction =
  | { category: "sale"; type: "relative"; amount: bigint; percent: number }
  | { category: "voucher"; type: "relative"; amount: bigint; percent: number; code: string };

/** One physical piece: SCAYLE's order item. */
export type Unit = {
  id: number;
  key: string;
  variant: Variant;
  /** VAT in thousandths. */
  rate: bigint;
  undiscounted: bigint;
  price: bigint;
  /** What is left of the price when the order's absolute voucher sits on this unit. */
  voucherPrice: bigint | null;
  reductions: Reduction[];
  cancelledAt: number | null;
  /** Index into the order's shipments. */
  shipment: number | null;
  /** Index into the order's credits. */
  credit: number | null;
};

export type Fee = { kind: "shipping" | "payment"; gross: bigint; rate: bigint };

export type Shipment = { at: number; packageId: number | null };

/** Goods that came back: SCAYLE derives a credit and writes a corrective invoice. */
export type Credit = {
  at: number;
  kind: "return" | "undeliverable";
  refundsShipping: boolean;
  /** Older records lack the item's returnedAt; the corrective invoice's date then says when. */
  timeOnItem: boolean;
  /** When SCAYLE was told of it, with its corrective invoice at once; absent: as it happened. */
  noted?: number;
};

/** The whole of an order's cost, or its tax alone, stays as it was before `since`, until line values are sent. */
export type StaleCost = { since: number; part: "all" | "tax"; until: number | null };

export type SandboxOrder = {
  id: number;
  reference: string;
  publicKey: string;
  outlet: Outlet;
  shop: SandboxShop;
  entity: EntityCode;
  customer: Customer;
  createdAt: number;
  confirmedAt: number | null;
  delegatedAt: number | null;
  cancelledAt: number | null;
  calculator: "v1" | "legacy" | "external";
  /** Some marketplace orders come without any net amount. */
  netKnown: boolean;
  units: Unit[];
  fees: Fee[];
  voucher: { code: string; type: "absolute" | "relative"; value: number } | null;
  /** How much was paid with a gift card: a means of payment, no reduction. */
  giftCard: bigint;
  paymentKey: string;
  shipments: Shipment[];
  credits: Credit[];
  /** A cost that was not recalculated when pieces were cancelled or came back; null where it always is. */
  staleCost: StaleCost | null;
  /** Where the shipping time stands: on the item, on its package only, or on the order only (invoicedAt). */
  shippedOn: "item" | "package" | "order";
  /** The payload violates SCAYLE's own contract. */
  broken: boolean;
  /** When somebody at SCAYLE put a broken payload right. */
  mendedAt?: number;
  /** SCAYLE never gets round to the order's invoice. */
  uninvoiced?: boolean;
  /** Nobody wrote a reference key to SCAYLE. */
  keyless?: boolean;
  /** The reference key that was written to SCAYLE later, and when. */
  key?: { at: number; reference: string };
};

export type ErpLine = {
  kind: "Item" | "Account";
  number: string;
  description: string;
  quantity: bigint;
  unitPrice: bigint;
  /** The part of the document's invoice discount that falls on this line. */
  discount: bigint;
  /** A discount of the line's own, on top. */
  lineDiscount?: bigint;
  rate: bigint;
  taxCode: string;
} & Figures;

/** A document of the ERP. Amounts are positive on credit memos too, as Business Central shows them. */
export type ErpDocument = {
  id: string;
  number: string;
  entity: EntityCode;
  currency: Currency;
  kind: "sale" | "credit";
  /** The order that it was made for. */
  reference: string;
  /** What stands on it instead of the whole reference. */
  writtenReference?: string;
  postingDate: string;
  draftedAt: number | null;
  /** null: stays a draft. */
  postedAt: number | null;
  paidAt: number | null;
  canceledAt: number | null;
  invoiceId: string | null;
  /** A credit memo that undoes the invoice; no goods came back. */
  reverses: boolean;
  /** Comment lines, which stand before the others. */
  comments?: string[];
  /** The payment terms of a document that was written through the API. */
  paymentTermsId?: string;
  lines: ErpLine[];
};

/** An order with the ERP documents that were made because of it. */
export type Affair = { order: SandboxOrder; documents: ErpDocument[] };

export const FAULT_NAMES = [
  "tax-code-missing",
  "credit-note-failed",
  "credit-missing-in-erp",
  "sale-missing-in-erp",
  "sale-missing-in-scayle",
  "duplicate-in-erp",
  "cancelled-but-invoiced",
  "quantity-wrong",
  "price-wrong",
  "cut-off",
  "record-failed",
  "tax-code-wrong",
  "tax-not-recalculated",
  "shipping-tax-basis",
  "voucher-allocation",
  "refund-amount-wrong",
  "shipping-missing",
  "item-wrong",
  "currency-wrong",
] as const;
export type FaultName = (typeof FAULT_NAMES)[number];

/** What can be set up wrongly, so that every order of its kind is wrong from a day on. */
export const SYSTEMATIC_NAMES = [
  "marketplace-tax-code",
  "marketplace-book-tax-code",
  "book-tax-group",
  "item-number",
  "store-not-posted",
  "shipping-account",
] as const;
export type SystematicName = (typeof SYSTEMATIC_NAMES)[number];

export type PeriodAmount = { period: Month; currency: Currency } & Figures;

/** One thing that is wrong (or rounded) in the world, with SCAYLE − ERP amounts: sale +, credit −. */
export type PlantedFault = {
  cause: FaultName | "rounding" | "unexplained";
  entity: EntityCode;
  orderReference: string;
  /** null when SCAYLE knows no such order. */
  orderId: string | null;
  erpDocument?: string;
  documentKind: "sale" | "credit";
  /** The thing that is set up wrongly and makes many orders wrong; absent where one order is wrong by itself. */
  systematic?: SystematicName;
  /** From when on it is wrong, where that is later than the goods' movement. */
  since?: number;
  amounts: PeriodAmount[];
};

/** An order of which one system was not told (`fault`), or was told late and by itself (null); never served. */
export type StatusTrace = {
  orderId: string;
  entity: EntityCode;
  fault: string | null;
  /** From when on the step is missing. */
  dueAt: number;
};

export type FaultMode = "planted" | "none" | "resolved" | "unknown";

/** A day's sales or returns of a channel as one document, which names none of its orders. */
export type SummaryPosting = {
  document: ErpDocument;
  orderIds: string[];
  /** SCAYLE − ERP of the very same pieces, in the document's own sign: nothing but rounding. */
  rounding: Figures;
};

/** A number of a series that no document has. */
export type NumberGap = { entity: EntityCode; kind: ErpDocument["kind"]; number: string };

export type World = {
  seed: number;
  size: number;
  anchor: Month;
  faults: FaultMode;
  catalogue: readonly [Variant, ...Variant[]];
  affairs: Affair[];
  summaries: SummaryPosting[];
  /** Documents that somebody wrote into the ERP through its API. */
  written?: readonly ErpDocument[];
  /** What was planted, without rounding. Never served. */
  planted: PlantedFault[];
  /** Document numbers that no document has. Never served. */
  gaps: NumberGap[];
  /** Which orders stand still in one system, and which are only late. Never served. */
  statusTraces?: readonly StatusTrace[];
};
