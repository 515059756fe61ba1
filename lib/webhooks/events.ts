/*
 * SCAYLE's events, by the names of its documentation (architecture/webhooks/…, order-lifecycle-and-states). An event is a
 * hint: what it says is never taken over; the order or the stock that it names is read again from the Admin API.
 */

/** What follows from an event. */
export type Effect =
  | Readonly<{ do: "read-order" }>
  | Readonly<{ do: "read-stock" }>
  | Readonly<{ do: "erase-customer" }>
  | Readonly<{ do: "keep"; why: string }>
  | Readonly<{ do: "refuse"; why: string }>;

const READ_ORDER: Effect = { do: "read-order" };
const READ_STOCK: Effect = { do: "read-stock" };
const NOT_IN_THE_BOOKS = "It says nothing about an order or about stock: kept, and nothing follows from it.";

const ORDER_EVENTS = [
  "order-pending",
  "order-confirmed",
  "order-delegated",
  "order-partially-invoiced",
  "order-invoiced",
  "order-corrective-invoiced",
  "order-cancelled",
  "order-item-reserved",
  "order-item-out-of-stock",
  "order-item-unshippable",
  "order-item-cancelled",
  "order-item-returned",
  "order-package-shipped",
  "order-package-undeliverable",
  "payment-capture",
  "payment-refund",
] as const;

const STOCK_EVENTS = [
  "product-variant-stock-updated",
  "product-variant-availability-updated",
  "product-variant-deleted",
] as const;

const KEPT_EVENTS = [
  "customer-created",
  "customer-updated",
  "customer-login",
  "customer-logout",
  "customer-password-reset",
  "customer-address-created",
  "customer-address-updated",
  "customer-address-deleted",
  "newsletter-subscribed",
  "product-updated",
  "product-master-updated",
  "product-deleted",
  "product-variant-prices-updated",
] as const;

const known = new Map<string, Effect>([
  ...ORDER_EVENTS.map((name) => [name, READ_ORDER] as const),
  ...STOCK_EVENTS.map((name) => [name, READ_STOCK] as const),
  ["customer-anonymized", { do: "erase-customer" } as const],
  ...KEPT_EVENTS.map((name) => [name, { do: "keep", why: NOT_IN_THE_BOOKS } as const] as const),
]);

/**
 * What we ask to be told of: every event of an order, stock levels, customers who are to be forgotten, and what is put into
 * baskets, so that the refusal of that one is on record.
 */
export const SUBSCRIBED_EVENTS: readonly string[] = [
  ...ORDER_EVENTS,
  "product-variant-stock-updated",
  "customer-anonymized",
  "basket-item-added",
];

/** The older names, and those that its pages use beside the common one. */
const ALIASES: Readonly<Record<string, string>> = {
  "package-shipped": "order-package-shipped",
  "package-undeliverable": "order-package-undeliverable",
};

/**
 * An event's name as we spell it: its pages have "canceled" and "cancelled", older names without "order-", and other
 * systems dots or capitals (`order.item.canceled`, `OrderItemCanceled`).
 */
export function eventName(stated: string): string {
  const kebab = stated
    .trim()
    .replaceAll(/([a-z0-9])([A-Z])/g, "$1-$2")
    .replaceAll(/[\s._/:]+/g, "-")
    .toLowerCase()
    .replaceAll(/-canceled\b/g, "-cancelled");
  return ALIASES[kebab] ?? kebab;
}

/**
 * What follows from an event of this name. Stock moves when an order is created, never on an event whose name starts
 * with `basket` (a basket is a wish, and most are never bought): such an event is kept and refused. A name that nobody
 * knows is kept.
 */
export function effectOf(name: string): Effect {
  if (name.startsWith("basket")) {
    return {
      do: "refuse",
      why: "Stock moves when an order is created (order-confirmed), never with a basket: most baskets are never bought.",
    };
  }
  return (
    known.get(name) ?? {
      do: "keep",
      why: `Nobody has told us what ${name} means: kept, and nothing follows from it.`,
    }
  );
}

/** What follows from a message of another system than SCAYLE: what it names is read again. */
export const messageEffectOf = ({ order, item }: Named): Effect =>
  order.reference === null && item.reference !== null ? READ_STOCK : READ_ORDER;

type Named = Readonly<Record<"order" | "item", Readonly<{ reference: string | null }>>>;
