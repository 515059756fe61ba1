import { makeGuid } from "@/lib/sandbox/random";

export type EntityCode = "MODA-EU" | "MODA-UK";
export type Currency = "EUR" | "GBP";

export type SandboxEntity = {
  code: EntityCode;
  name: string;
  companyId: string;
  currency: Currency;
  timeZone: string;
  /** Whether shipping is given back when a whole order is withdrawn. */
  shippingRefund: "whole-order" | "never";
};

export const ENTITIES: Record<EntityCode, SandboxEntity> = {
  "MODA-EU": {
    code: "MODA-EU",
    name: "Moda Europe",
    companyId: makeGuid("company", "Moda Europe"),
    currency: "EUR",
    timeZone: "Europe/Berlin",
    shippingRefund: "whole-order",
  },
  "MODA-UK": {
    code: "MODA-UK",
    name: "Moda UK",
    companyId: makeGuid("company", "Moda UK"),
    currency: "GBP",
    timeZone: "Europe/London",
    shippingRefund: "never",
  },
};

/** Who web sales are posted to. */
export const CUSTOMER_NUMBER = "C-WEB";
/** G/L accounts that the ERP books charges on, and cents that nobody owes. */
export const SHIPPING_ACCOUNT = "8400";
export const PAYMENT_FEE_ACCOUNT = "8410";
export const ROUNDING_ACCOUNT = "8490";
/** The accounts of the ERP's chart that journals can be posted to. */
export const LEDGER_ACCOUNTS: ReadonlySet<string> = new Set(
  ["1200", "1400", "1590", "1593", "1776", "1777", "2150", "2400", "8401", "8735"].concat([
    SHIPPING_ACCOUNT,
    PAYMENT_FEE_ACCOUNT,
    ROUNDING_ACCOUNT,
  ]),
);

/** What a product is for the tax office: ordinary goods, printed matter, clothes for children. */
export type Category = "apparel" | "book" | "children";

export type SandboxShop = {
  id: number;
  shopKey: string;
  countryCode: string;
  alpha3: string;
  entity: EntityCode;
  language: string;
  /** VAT in thousandths by category. */
  rates: Record<Category, bigint>;
  /** Shipping is taxed at the country's rate, or at the average of the goods' rates weighted by their net. */
  shippingTax: "country" | "weighted";
  shippingFee: bigint;
  freeShippingFrom: bigint;
  referencePrefix: string;
  /** From the legacy price calculator to v1: on this day of the month that lies so many months before the anchor. */
  calculatorSwitch: { monthsBeforeAnchor: number; day: number };
  /** The ERP's tax codes by rate; every other rate is a mixture and has the code `mixed`. */
  taxCodes: readonly { rate: bigint; code: string }[];
  mixedTaxCode: string;
};

export const SHOPS = {
  de: {
    id: 1,
    shopKey: "ms",
    countryCode: "DE",
    alpha3: "DEU",
    entity: "MODA-EU",
    language: "de_DE",
    rates: { apparel: 190n, book: 70n, children: 190n },
    shippingTax: "country",
    shippingFee: 490n,
    freeShippingFrom: 9_000n,
    referencePrefix: "DE",
    calculatorSwitch: { monthsBeforeAnchor: 1, day: 15 },
    taxCodes: [
      { rate: 190n, code: "UST19" },
      { rate: 70n, code: "UST7" },
    ],
    mixedTaxCode: "UST-MIX",
  },
  at: {
    id: 2,
    shopKey: "ms",
    countryCode: "AT",
    alpha3: "AUT",
    entity: "MODA-EU",
    language: "de_AT",
    rates: { apparel: 200n, book: 100n, children: 200n },
    shippingTax: "weighted",
    shippingFee: 590n,
    freeShippingFrom: 25_000n,
    referencePrefix: "AT",
    calculatorSwitch: { monthsBeforeAnchor: 0, day: 10 },
    taxCodes: [
      { rate: 200n, code: "AT20" },
      { rate: 100n, code: "AT10" },
    ],
    mixedTaxCode: "AT-MIX",
  },
  gb: {
    id: 3,
    shopKey: "mu",
    countryCode: "GB",
    alpha3: "GBR",
    entity: "MODA-UK",
    language: "en_GB",
    rates: { apparel: 200n, book: 0n, children: 0n },
    shippingTax: "country",
    shippingFee: 450n,
    freeShippingFrom: 8_000n,
    referencePrefix: "GB",
    calculatorSwitch: { monthsBeforeAnchor: 2, day: 20 },
    taxCodes: [
      { rate: 200n, code: "STD20" },
      { rate: 0n, code: "ZERO" },
    ],
    mixedTaxCode: "STD-MIX",
  },
} as const satisfies Record<string, SandboxShop>;

export type SandboxChannel = {
  id: number;
  key: string;
  name: string;
  description: string;
  type: "marketplace" | "in_store";
  invoicesEnabled: boolean;
};

export const MARKETPLACE: SandboxChannel = {
  id: 101,
  key: "marketplace_zalando_de",
  name: "Zalando (Germany)",
  description: "Orders sold on the marketplace; it sets the prices and writes the invoices.",
  type: "marketplace",
  invoicesEnabled: false,
};

export const STORE: SandboxChannel = {
  id: 102,
  key: "store_berlin",
  name: "Store Berlin",
  description: "The tills of the store in Berlin.",
  type: "in_store",
  invoicesEnabled: true,
};

/** A place where orders come from: a shop by itself, or one of its channels. */
export type Outlet = {
  shop: SandboxShop;
  channel: SandboxChannel | null;
  referencePrefix: string;
  weight: number;
};

export const OUTLETS: readonly [Outlet, ...Outlet[]] = [
  { shop: SHOPS.de, channel: null, referencePrefix: "DE", weight: 0.36 },
  { shop: SHOPS.at, channel: null, referencePrefix: "AT", weight: 0.17 },
  { shop: SHOPS.gb, channel: null, referencePrefix: "GB", weight: 0.27 },
  { shop: SHOPS.de, channel: MARKETPLACE, referencePrefix: "ZAL", weight: 0.14 },
  { shop: SHOPS.de, channel: STORE, referencePrefix: "BER", weight: 0.06 },
];

/** The ERP's tax code for goods or fees of a shop at a rate (thousandths). */
export function taxCodeFor(shop: SandboxShop, rate: bigint): string {
  return shop.taxCodes.find((entry) => entry.rate === rate)?.code ?? shop.mixedTaxCode;
}
