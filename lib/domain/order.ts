import type { Minor } from "./money";

/** A unit of an order as SCAYLE states it (SCAYLE has no quantities). Money in minor units of the order's currency, unsigned. */
export type OrderItem = Readonly<{
  id: string;
  sku: string;
  name: string | null;
  status: string | null;
  packageId: string | null;
  /** after all reductions, the absolute voucher's included (absoluteVoucherReducedPrice holds) */
  net: Minor | null;
  tax: Minor | null;
  gross: Minor;
  /** fraction as decimal text; null where SCAYLE gives none (external prices) */
  taxRate: string | null;
  /** when it was passed on to the merchant; absent or null: not yet, or its source doesn't say */
  delegatedAt?: Date | null;
  shippedAt: Date | null;
  cancelledAt: Date | null;
  returnedAt: Date | null;
  updatedAt: Date | null;
}>;

/** A fee applied to an order. */
export type OrderFee = Readonly<{
  key: string;
  category: string;
  net: Minor | null;
  tax: Minor | null;
  gross: Minor;
  taxRate: string | null;
  /** an event said that this fee is being refunded; null: nothing said */
  refundTriggered: boolean | null;
}>;

export type OrderPackage = Readonly<{
  id: string;
  shippedAt: Date | null;
  deliveryStatus: string | null;
  /** who carries it, by SCAYLE's key */
  carrier: string | null;
  /** by what it is followed: SCAYLE's shipmentKey, which carries the tracking number */
  tracking: string | null;
}>;

/** A SCAYLE order in our words; everything that the books are derived from. */
export type SalesOrder = Readonly<{
  id: string;
  reference: string;
  /** all names it goes by: id, reference, public key */
  aliases: readonly string[];
  publicKey: string | null;
  /** shopKey/countryCode in lower case */
  shop: string | null;
  channel: string | null;
  channelType: "shop" | "marketplace" | "in_store";
  /** ISO 3166-1 alpha-2 of the shipping address, else of the shop */
  shipTo: string | null;
  currency: string;
  status: string | null;
  orderStatus: string | null;
  shippingStatus: string | null;
  billingStatus: string | null;
  createdAt: Date | null;
  confirmedAt: Date | null;
  invoicedAt: Date | null;
  updatedAt: Date | null;
  items: readonly OrderItem[];
  fees: readonly OrderFee[];
  packages: readonly OrderPackage[];
  cost: Readonly<{ net: Minor | null; tax: Minor | null; gross: Minor | null; externalPrices: boolean }>;
  payments: readonly Readonly<{ key: string; amount: Minor | null; giftCard: boolean }>[];
  vouchers: readonly Readonly<{ code: string | null; type: string | null; value: string | null }>[];
}>;

/** The key of the one way in which an order was paid; gift cards, which come beside it, left out. Null where there are several, or none. */
export function onlyPaymentOf({ payments }: Pick<SalesOrder, "payments">): string | null {
  const [only, ...others] = new Set(payments.flatMap((one) => (one.giftCard ? [] : [one.key])));
  return only !== undefined && others.length === 0 ? only : null;
}

/** An entry of SCAYLE's invoice list: no amounts, no lines. */
export type OrderInvoice = Readonly<{
  id: string;
  type: string;
  number: string | null;
  createdAt: Date | null;
}>;

/** Whether an invoice type of SCAYLE's is a credit note. A `return_cost_…` is a charge, not a credit. */
export const isCreditNote = (type: string): boolean =>
  type.endsWith("corrective_invoice") && !type.startsWith("return_cost_");
