import {
  CUSTOMER_NUMBER,
  ENTITIES,
  type EntityCode,
  MARKETPLACE,
  PAYMENT_FEE_ACCOUNT,
  ROUNDING_ACCOUNT,
  type SandboxShop,
  SHIPPING_ACCOUNT,
  SHOPS,
} from "@/lib/sandbox/retailer";
import { WAREHOUSES } from "@/lib/sandbox/stock";

export const SCAYLE_PATH = "/scayle/api/admin/v1";
export const SCAYLE_TOKEN = "sandbox-scayle-token";
export const SCAYLE_COMPANY_ID = 1;
export const BC_TENANT = "moda-tenant";
export const BC_ENVIRONMENT = "Sandbox";
export const BC_PATH = `/bc/v2.0/${BC_TENANT}/${BC_ENVIRONMENT}/api/v2.0`;
export const BC_TOKEN_PATH = `/bc/${BC_TENANT}/oauth2/v2.0/token`;
export const BC_CLIENT_ID = "tieout-sandbox";
export const BC_CLIENT_SECRET = "sandbox-bc-secret";

/** How long after a lost answer either system may still be at work on a write. */
const SETTLES_SECONDS = 3;

/** A tax code that is right for a ship-to country, a channel type (* for all) and a rate (a fraction as text). */
export type ConfirmedTaxMapping = { shipTo: string; channel: string; rate: string; taxCode: string };

/** What a customer would type in to connect one of the sandbox's entities. */
export type SandboxConnection = {
  entity: {
    code: EntityCode;
    name: string;
    currency: string;
    timeZone: string;
    saleRecognition: "shipped";
    shippingRefund: "whole-order" | "never";
    postingLagHours: number;
  };
  scayle: {
    baseUrl: string;
    accessToken: string;
    companyId: number;
    shops: { shopKey: string; countryCode: string; name: string }[];
    /** Channels for which SCAYLE makes no invoices are listed by SCAYLE itself; this is only their spelling. */
    marketplaceChannels: string[];
    /** Where this tenant takes refunds and line values: SCAYLE's public API has no such calls. */
    write: { refundPath: string; lineValuesPath: string; fulfilment: true; settlesSeconds: number };
  };
  businessCentral: {
    baseUrl: string;
    tokenUrl: string;
    clientId: string;
    clientSecret: string;
    companyId: string;
    write: {
      customerNumber: string;
      pricesIncludeTax: boolean;
      accounts: { shipping: string; fee: string; rounding: string };
      settlesSeconds: number;
    };
  };
  /** Which of SCAYLE's warehouses hold the company's goods, and which of them takes a difference of the ERP's one figure. */
  stock: { warehouses: string[]; main: string };
  /** Confirmed once, like a controller would. */
  taxMappings: ConfirmedTaxMapping[];
  /** G/L accounts that charges are booked on; items are mapped by their number, which is the SKU. */
  accounts: { number: string; lineKind: "shipping" | "fee" }[];
  rounding: {
    /** Each unit's net is round(gross / (1 + rate)), half up; the header's calculator differs from order to order. */
    scayle: { unit: "per-unit"; header: "per-order-calculator"; mode: "half-up" };
    /** Tax is rounded half up once per document and rate. */
    erp: { basis: "per-document-and-rate"; mode: "half-up" };
  };
};

function mappingsOf(shop: SandboxShop): ConfirmedTaxMapping[] {
  return shop.taxCodes.map(({ rate, code }) => ({
    shipTo: shop.countryCode,
    channel: "*",
    rate: (Number(rate) / 1000).toString(),
    taxCode: code,
  }));
}

/** The sandbox's two entities as configuration for a connector, given where the sandbox listens (http://127.0.0.1:port). */
export function sandboxConnections(url: string): SandboxConnection[] {
  const shops: SandboxShop[] = Object.values(SHOPS);
  return Object.values(ENTITIES).map((entity) => {
    const own = shops.filter((shop) => shop.entity === entity.code);
    return {
      entity: {
        code: entity.code,
        name: entity.name,
        currency: entity.currency,
        timeZone: entity.timeZone,
        saleRecognition: "shipped",
        shippingRefund: entity.shippingRefund,
        postingLagHours: 72,
      },
      scayle: {
        baseUrl: `${url}${SCAYLE_PATH}`,
        accessToken: SCAYLE_TOKEN,
        companyId: SCAYLE_COMPANY_ID,
        shops: own.map((shop) => ({
          shopKey: shop.shopKey,
          countryCode: shop.countryCode.toLowerCase(),
          name: `Moda ${shop.countryCode}`,
        })),
        marketplaceChannels: own.includes(SHOPS.de) ? [MARKETPLACE.key] : [],
        write: {
          refundPath: "/shops/{shopKey}/countries/{countryCode}/orders/{orderId}/refunds",
          lineValuesPath: "/shops/{shopKey}/countries/{countryCode}/orders/{orderId}/line-values",
          fulfilment: true,
          settlesSeconds: SETTLES_SECONDS,
        },
      },
      businessCentral: {
        baseUrl: `${url}${BC_PATH}`,
        tokenUrl: `${url}${BC_TOKEN_PATH}`,
        clientId: BC_CLIENT_ID,
        clientSecret: BC_CLIENT_SECRET,
        companyId: entity.companyId,
        write: {
          customerNumber: CUSTOMER_NUMBER,
          pricesIncludeTax: true,
          accounts: {
            shipping: SHIPPING_ACCOUNT,
            fee: PAYMENT_FEE_ACCOUNT,
            rounding: ROUNDING_ACCOUNT,
          },
          settlesSeconds: SETTLES_SECONDS,
        },
      },
      stock: {
        warehouses: WAREHOUSES.filter((one) => one.entity === entity.code).map((one) => one.referenceKey),
        main: entity.code === "MODA-UK" ? "uk-hub" : "central",
      },
      taxMappings: own.flatMap(mappingsOf),
      accounts: [
        { number: SHIPPING_ACCOUNT, lineKind: "shipping" },
        { number: PAYMENT_FEE_ACCOUNT, lineKind: "fee" },
      ],
      rounding: {
        scayle: { unit: "per-unit", header: "per-order-calculator", mode: "half-up" },
        erp: { basis: "per-document-and-rate", mode: "half-up" },
      },
    };
  });
}
