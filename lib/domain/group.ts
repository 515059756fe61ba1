import { Decimal } from "decimal.js";
import type { Day, Month } from "./day";
import type { DocumentKind, LineKind, Side } from "./document";
import type { Minor } from "./money";
import type { OrderInvoice, SalesOrder } from "./order";
import type { RecognitionPolicy } from "./recognition";
import type { RoundingPolicy } from "./tax/policy";

/** A line as matching sees it; amounts in minor units, signed, `null` unknown. */
export type GroupLine = Readonly<{
  id: string;
  /** the order it is of, in a group of several orders; absent: the group's own */
  orderKey?: string;
  side: Side;
  documentId: string;
  documentKind: DocumentKind;
  kind: LineKind;
  granularity: "item" | "document";
  sourceLineId: string;
  /** its place in its document, from 0; absent or null where nobody kept it */
  position?: number | null;
  itemKey: string;
  sku: string | null;
  quantity: Decimal;
  unitPrice: Decimal | null;
  discount: Minor | null;
  net: Minor | null;
  tax: Minor | null;
  gross: Minor;
  taxCode: string | null;
  taxRate: Decimal | null;
  currency: string;
  day: Day;
  period: Month;
  at: Date | null;
  shipment: string | null;
  description: string | null;
  /** its tax is its part of what its document states; which line bears a cent is then no statement of the source's */
  taxAllocated?: boolean;
  /** taxed is quantity × unit price before it is rounded to the line's amount */
  taxedOnPrice?: boolean;
}>;

export type GroupDocument = Readonly<{
  id: string;
  side: Side;
  kind: DocumentKind;
  connectionId: string;
  sourceId: string;
  number: string;
  reference: string | null;
  originalNumber: string | null;
  status: string | null;
  currency: string;
  postingDay: Day | null;
  modifiedAt: Date | null;
  pricesIncludeTax: boolean | null;
  /** the strategy that put an ERP document here; absent: none, or not asked for */
  placedBy?: string | null;
}>;

/** An order of which a summary posting covers lines. */
export type GroupMember = Readonly<{ orderKey: string; reference: string; shopId: string | null }>;

/** Lines that a person paired although their items differ (together), or took out of their pair (apart). */
export type HandPair = Readonly<{ id: string; kind: "together" | "apart"; lineIds: readonly string[] }>;

/**
 * One ship-to × channel × rate → code of the confirmed tax mapping. `channel` "*" is any. It holds on the business days from
 * `from` to `until`, both included; without one there is no such end.
 */
export type TaxRule = Readonly<{
  shipTo: string;
  channel: string;
  rate: Decimal;
  taxCode: string;
  from?: Day | null;
  until?: Day | null;
}>;

/** What a rule of the tax mapping that is for one channel alone begins with, before that channel's key. */
export const ONE_CHANNEL = "key:";

/** Whether a rule of the tax mapping is for orders that were sold so: in any channel, in those of its kind, or in this one. */
export const isForChannel = (
  { channel }: Pick<TaxRule, "channel">,
  order: Readonly<{ channel: string | null; channelType: string }> | null,
): boolean =>
  channel === "*" ||
  (order !== null && (channel === order.channelType || channel === `${ONE_CHANNEL}${order.channel ?? ""}`));

/** Whether a rule of the tax mapping is in force on a business day. */
export const isInForce = ({ from, until }: TaxRule, day: Day): boolean =>
  (from ?? day) <= day && day <= (until ?? day);

export type GroupSettings = Readonly<{
  recognition: RecognitionPolicy;
  postingLagHours: number;
  /** codes that mean "none", beside the empty one */
  noneTaxCodes: ReadonlySet<string>;
  taxRules: readonly TaxRule[];
  /**
   * how each connection of either side rounds, and whether a person confirmed it. SCAYLE's says how an item's tax comes
   * out of its gross; its orders' totals are reproduced from their own figures.
   */
  rounding: ReadonlyMap<string, Readonly<{ policy: RoundingPolicy; confirmed: boolean }>>;
}>;

/**
 * The documents and lines of both sides that hang together: the unit of explanation.
 * Only posted documents are in it. `order` is null where no SCAYLE order is known.
 */
export type Group = Readonly<{
  orderKey: string;
  entityId: string;
  order: SalesOrder | null;
  invoices: readonly OrderInvoice[] | null;
  /** false: SCAYLE makes no invoices for this order's channel */
  invoicesEnabled: boolean;
  /** no order is known because its record could not be read */
  unreadable: boolean;
  shopId: string | null;
  documents: readonly GroupDocument[];
  lines: readonly GroupLine[];
  handPairs?: readonly HandPair[];
  /** the orders that a summary posting covers; `order` is null then. Absent or empty: a group of one order at most */
  members?: readonly GroupMember[];
  settings: GroupSettings;
  /** as of when the reconciliation speaks: an input, never the clock */
  asOf: Date;
}>;

/** Sum of quantities. */
export const quantityOf = (lines: readonly Readonly<{ quantity: Decimal }>[]): Decimal =>
  lines.reduce((sum, line) => sum.plus(line.quantity), new Decimal(0));
