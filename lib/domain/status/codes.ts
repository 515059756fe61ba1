/**
 * SCAYLE's status axes as data: which codes there are, and what each says of the order.
 *
 * Source: SCAYLE's SDKs (enums/OrderStatusEnum) and storefront-core for the codes, both read; SCAYLE's pages on the order's
 * lifecycle for their sequence. Marked `assumed` is what could not be seen in public. A code that is not here is kept as it
 * is and says nothing: no axis is judged by it.
 */

export type Axis = "status" | "order" | "billing" | "shipping" | "item" | "package";

/** What is known of a code: that it exists and what it means (verified), or that it exists and only its name says what it means. */
type Known = "verified" | "assumed";

/** How far an order is by a code of `detailedStatus.order`, or what became of it. */
export type Stage =
  | "open"
  | "confirmed"
  | "delegated"
  | "shipped"
  | "invoiced"
  | "cancelled"
  /** on its way to cancelled, or in the hands of somebody at SCAYLE */
  | "other";

type Code = Readonly<{ known: Known; stage?: Stage }>;

const codes: Readonly<Record<Axis, Readonly<Record<string, Code>>>> = {
  status: {
    order_open: { known: "verified" },
    payment_pending: { known: "verified" },
    payment_reserved: { known: "verified" },
    invoice_partially_completed: { known: "verified" },
    invoice_completed: { known: "verified" },
    cancellation_pending: { known: "verified" },
    cancellation_completed: { known: "verified" },
  },
  order: {
    order_created: { known: "verified", stage: "open" },
    order_open: { known: "verified", stage: "open" },
    order_pended: { known: "verified", stage: "open" },
    order_confirmed: { known: "verified", stage: "confirmed" },
    order_delegated: { known: "verified", stage: "delegated" },
    order_shipped: { known: "verified", stage: "shipped" },
    order_invoiced: { known: "verified", stage: "invoiced" },
    order_aborted: { known: "verified", stage: "other" },
    order_cancelled: { known: "verified", stage: "cancelled" },
    order_imported: { known: "assumed", stage: "other" },
    order_invoice_error: { known: "assumed", stage: "shipped" },
  },
  billing: {
    billing_open: { known: "verified" },
    billing_pending: { known: "verified" },
    billing_payment_pending: { known: "verified" },
    billing_completed: { known: "verified" },
    billing_payment_cancelled: { known: "verified" },
    billing_partially_refunded: { known: "verified" },
    billing_refunded: { known: "verified" },
  },
  shipping: {
    shipping_open: { known: "verified" },
    shipping_ordered: { known: "verified" },
    shipping_delivered: { known: "verified" },
    shipping_cancelled: { known: "verified" },
    shipping_returned: { known: "verified" },
    shipping_partially_returned: { known: "verified" },
    shipping_undeliverable: { known: "verified" },
    shipping_partially_undeliverable: { known: "verified" },
    shipping_not_deliverable: { known: "assumed" },
  },
  item: {
    available: { known: "verified" },
    unavailable: { known: "verified" },
    deliverable: { known: "verified" },
    undeliverable: { known: "verified" },
    created: { known: "verified" },
    pended: { known: "verified" },
    confirmed: { known: "verified" },
    delegated: { known: "verified" },
    partially_shipped: { known: "verified" },
    shipped: { known: "verified" },
    delivered: { known: "verified" },
    cancelled: { known: "verified" },
    returned: { known: "verified" },
  },
  package: {
    shipment_pending: { known: "assumed" },
    shipment_completed: { known: "assumed" },
  },
};

/** Every code of an axis, with what is known of it, in the order in which an order passes through them. */
export const codesOf = (axis: Axis): readonly Readonly<{ code: string; known: Known }>[] =>
  Object.entries(codes[axis]).map(([code, { known }]) => ({ code, known }));

/** A code as people read it: without its axis, which is said beside it. */
export const stateWords = (axis: Axis, code: string): string => {
  const own = axis === "status" ? "order_" : `${axis}_`;
  return (code.startsWith(own) ? code.slice(own.length) : code).replaceAll("_", " ");
};

export const AXES = Object.keys(codes) as readonly Axis[];

/** Whether a code says anything; none at all says nothing, and is no unknown one. */
export const isUnknown = (axis: Axis, code: string | null): boolean =>
  code !== null && code !== "" && codes[axis][code] === undefined;

/** How far an order is by its `detailedStatus.order`; null where that is absent or unknown. */
export const stageOf = (code: string | null): Stage | null =>
  code === null ? null : (codes.order[code]?.stage ?? null);

/** What `detailedStatus.billing` says of the money; a code that is unknown, or none, says nothing. */
export function paymentOf(code: string | null): "charged" | "not-charged" | "given-back" | "unknown" {
  switch (code) {
    case "billing_completed":
    case "billing_partially_refunded":
      return "charged";
    case "billing_open":
    case "billing_pending":
    case "billing_payment_pending":
      return "not-charged";
    case "billing_payment_cancelled":
    case "billing_refunded":
      return "given-back";
    default:
      return "unknown";
  }
}

/** What SCAYLE says of an order on two axes, and can't both be so. */
export type Clash = Readonly<{
  key: string;
  /** which codes of which axes exclude each other */
  one: Readonly<{ axis: Axis; codes: readonly string[] }>;
  other: Readonly<{ axis: Axis; codes: readonly string[] }>;
  says: string;
  known: Known;
}>;

const INVOICED = { axis: "order", codes: ["order_invoiced"] } as const;
const CANCELLED = { axis: "order", codes: ["order_cancelled"] } as const;

/**
 * Pairs of codes that no order may have at once. They follow from the lifecycle: invoiced and cancelled are both final; what is
 * cancelled never left; what was returned was delivered before. No page of SCAYLE's lists them: assumed.
 */
export const clashes: readonly Clash[] = [
  {
    key: "cancelled-and-delivered",
    one: CANCELLED,
    other: {
      axis: "shipping",
      codes: ["shipping_delivered", "shipping_returned", "shipping_partially_returned"],
    },
    says: "SCAYLE says that the order is cancelled, and that its goods were delivered",
    known: "assumed",
  },
  {
    key: "cancelled-and-paid",
    one: CANCELLED,
    other: { axis: "billing", codes: ["billing_completed"] },
    says: "SCAYLE says that the order is cancelled, and that its payment is complete",
    known: "assumed",
  },
  {
    key: "invoiced-and-payment-cancelled",
    one: INVOICED,
    other: { axis: "billing", codes: ["billing_payment_cancelled"] },
    says: "SCAYLE says that the order is invoiced, and that its payment was cancelled",
    known: "assumed",
  },
  {
    key: "invoiced-and-never-shipped",
    one: INVOICED,
    other: { axis: "shipping", codes: ["shipping_cancelled"] },
    says: "SCAYLE says that the order is invoiced, and that its shipping was cancelled",
    known: "assumed",
  },
  {
    key: "summary-and-order",
    one: { axis: "status", codes: ["cancellation_completed"] },
    other: { axis: "order", codes: ["order_shipped", "order_invoiced"] },
    says: "SCAYLE’s two states of the order contradict each other: its cancellation is complete, and it was shipped",
    known: "assumed",
  },
  {
    key: "open-and-delivered",
    one: { axis: "order", codes: ["order_created", "order_open", "order_pended"] },
    other: {
      axis: "shipping",
      codes: ["shipping_delivered", "shipping_returned", "shipping_partially_returned"],
    },
    says: "SCAYLE says that the order is not confirmed yet, and that its goods were delivered",
    known: "assumed",
  },
];
