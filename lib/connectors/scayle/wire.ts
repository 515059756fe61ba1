import { z } from "zod";
import { decimalText, instant, key, list, minorUnits, optional, words } from "../wire-values";

/**
 * SCAYLE's Admin API as data: what a tenant may do differently is changed here and nowhere else.
 * Source: the official SDKs; names marked (assumed) could not be seen in public.
 */
export const WIRE = {
  /** end of the base URL, appended where it is missing */
  apiPath: "/api/admin/v1",
  tokenHeader: "X-Access-Token",
  /** (assumed) default limit of the order list; the maximum isn't published */
  pageSize: 100,
  /** of a second count: pages break elsewhere, so that what falls between two pages of a sync shows */
  countPageSize: 73,
  /** (assumed) name of the filter; a tenant that answers 400 to it is read whole */
  modifiedSinceFilter: "filters[minUpdatedAt]",
  /** (assumed) as other lists of the API have it; a tenant that answers 400 to it is asked order by order */
  idFilter: "filters[id]",
  /** kinds of request, as the rate limits count them */
  scopes: {
    orders: "orders",
    stock: "stock",
    other: "global",
    writes: "orders-write",
    stockWrites: "stock-write",
  },
  paths: {
    orders: (shop: ShopPath) => `${shopPath(shop)}/orders`,
    order: (shop: ShopPath, identifier: string) =>
      `${shopPath(shop)}/orders/${encodeURIComponent(identifier)}`,
    invoices: (shop: ShopPath, orderId: string) =>
      `${shopPath(shop)}/orders/${encodeURIComponent(orderId)}/invoices`,
    channels: (companyId: string) => `/companies/${encodeURIComponent(companyId)}/channels`,
    shipments: "/fulfillment/shipments",
    cancellations: "/fulfillment/cancellations",
    returns: "/fulfillment/return-items",
    referenceKey: (shop: ShopPath, orderId: string) =>
      `${shopPath(shop)}/orders/${encodeURIComponent(orderId)}/reference-key`,
    /** one entry per warehouse and merchant, without a cursor; no list over variants could be seen */
    stocks: (identifier: string) => `/variants/${encodeURIComponent(identifier)}/stocks`,
  },
  byReference: (reference: string) => `key=${reference}`,
  /** (assumed) our own key of a write; SCAYLE's public SDKs know none, so it is in the body as well */
  keyHeader: "Idempotency-Key",
  /** a unit that was given back or never goes out */
  returnedStatus: new Set(["returned", "undeliverable", "cancelled"]),
} as const;

export type ShopPath = Readonly<{ shopKey: string; countryCode: string }>;

const shopPath = ({ shopKey, countryCode }: ShopPath): string =>
  `/shops/${encodeURIComponent(shopKey)}/countries/${encodeURIComponent(countryCode)}`;

const vat = optional(
  z.object({ vat: optional(z.object({ amount: optional(decimalText), rate: optional(decimalText) })) }),
);

// Both spellings occur: `withOutTax` in absoluteVoucherReducedPrice, `withoutTax` elsewhere.
const priced = {
  withTax: minorUnits,
  withoutTax: optional(minorUnits),
  withOutTax: optional(minorUnits),
  tax: vat,
};

const itemPrice = z.object({ ...priced, absoluteVoucherReducedPrice: optional(z.object(priced)) });

const item = z.object({
  id: key,
  status: words,
  packageId: optional(key),
  price: itemPrice,
  product: optional(z.object({ name: words })),
  variant: z.object({ id: optional(key), referenceKey: words }),
  delegatedAt: optional(instant),
  shippedAt: optional(instant),
  cancelledAt: optional(instant),
  returnedAt: optional(instant),
  updatedAt: optional(instant),
});

// External prices may leave out a fee's amount, category and key.
const fee = z.object({
  key: words,
  category: words,
  amount: optional(z.object({ ...priced, withTax: optional(minorUnits) })),
  tax: vat,
  refundTriggered: optional(z.boolean()),
});

const cost = z.object({
  withTax: optional(minorUnits),
  withoutTax: optional(minorUnits),
  tax: vat,
  appliedFees: list(fee),
  hasExternalPrices: optional(z.boolean()),
});

const state = optional(z.object({ code: words }));
const country = optional(z.object({ countryCode: words }));

const voucher = z.object({ code: words, type: words, value: optional(decimalText) });

/** An order as far as it is used. */
export const orderWire = z.object({
  id: key,
  referenceKey: words,
  publicKey: words,
  status: words,
  detailedStatus: optional(z.object({ order: state, shipping: state, billing: state })),
  shopCountry: optional(z.object({ shopKey: words, countryCode: words, currencyCode: words })),
  channel: optional(z.object({ key: words, type: words })),
  currencyCode: words,
  address: optional(z.object({ shipping: country, billing: country })),
  items: list(item),
  packages: list(
    z.object({
      ...{ id: key, shippedAt: optional(instant), deliveryStatus: words },
      ...{ carrierKey: words, shipmentKey: words },
    }),
  ),
  cost: optional(cost),
  payment: list(z.object({ key: words, amount: optional(minorUnits), isGiftCard: optional(z.boolean()) })),
  vouchers: list(voucher),
  voucher: optional(voucher),
  createdAt: optional(instant),
  confirmedAt: optional(instant),
  invoicedAt: optional(instant),
  updatedAt: optional(instant),
});

export type OrderWire = z.infer<typeof orderWire>;
export type ItemWire = z.infer<typeof item>;
export type FeeWire = z.infer<typeof fee>;
export type PricedWire = Readonly<{
  withTax: bigint | null;
  withoutTax: bigint | null;
  withOutTax?: bigint | null;
  tax: z.infer<typeof vat>;
}>;

/** An entry of an order's invoice list. */
export const invoiceWire = z.object({
  id: key,
  type: key,
  createdAt: optional(instant),
  invoice: optional(z.object({ number: words, fullNumber: words })),
});

/** A sales channel. */
export const channelWire = z.object({
  key,
  name: words,
  type: words,
  configs: optional(z.object({ invoicesEnabled: optional(z.boolean()) })),
});

/** The stock of a variant in one warehouse: `quantity` is what may still be sold. */
export const stockWire = z.object({
  quantity: decimalText,
  warehouseReferenceKey: words,
  merchantReferenceKey: words,
  changedAt: optional(instant),
  sellableWithoutStock: optional(z.boolean()),
});

/** A page of any collection: what the entities are is read one by one. */
export const collectionWire = z.object({
  entities: z.array(z.unknown()),
  cursor: optional(z.object({ next: words })),
});
