import { DAY, scayleTime } from "@/lib/sandbox/calendar";
import type { SandboxOrder } from "@/lib/sandbox/model";
import { ENTITIES, type SandboxChannel, type SandboxShop } from "@/lib/sandbox/retailer";
import { costJson, paymentJson, shippingJson } from "@/lib/sandbox/scayle-cost";
import { DELIVERY_TIME, type InvoiceRecord, invoicedAt } from "@/lib/sandbox/scayle-events";
import { itemJson, type Json, timeBy } from "@/lib/sandbox/scayle-item";
import { statusJson } from "@/lib/sandbox/scayle-status";

/** A shop country as orders and channels carry it. */
export function shopCountryJson(shop: SandboxShop): Json {
  return {
    id: shop.id,
    shopKey: shop.shopKey,
    countryCode: shop.countryCode,
    defaultLanguageCode: shop.language,
    supportedLanguageCodes: [shop.language],
    active: true,
    deleted: false,
    url: `${shop.countryCode.toLowerCase()}.moda.example`,
    currencyCode: ENTITIES[shop.entity].currency,
    priceGroupKey: null,
  };
}

/** A channel as the company's list shows it. */
export function channelJson(channel: SandboxChannel, shop: SandboxShop): Json {
  return {
    id: channel.id,
    key: channel.key,
    type: channel.type,
    name: channel.name,
    description: channel.description,
    shopCountry: shopCountryJson(shop),
    active: true,
    isUsedInOrders: true,
    defaultPaymentMethod: { id: 22, key: channel.type === "marketplace" ? "marketplace" : "cash" },
    configs: {
      emailsEnabled: channel.type !== "marketplace",
      invoicesEnabled: channel.invoicesEnabled,
      externalPriceOverrideEnabled: channel.type === "marketplace",
    },
    createdAt: "2023-05-10T10:00:00+00:00",
    updatedAt: "2023-05-10T10:00:00+00:00",
  };
}

/** An invoice record: neither amounts nor lines. */
export function invoiceJson(order: SandboxOrder, record: InvoiceRecord): Json {
  const number = record.id % 1_000_000_000;
  return {
    id: record.id,
    createdAt: scayleTime(record.createdAt),
    type: record.type,
    invoice: {
      number,
      fullNumber: `${order.shop.shopKey}-${order.shop.countryCode.toLowerCase()}-${number}`,
    },
    available: true,
  };
}

function addressJson(order: SandboxOrder, use: "billing" | "shipping"): Json {
  const { customer, shop } = order;
  return {
    id: customer.id * 10 + (use === "billing" ? 1 : 2),
    street: customer.street,
    houseNumber: customer.houseNumber,
    zipCode: customer.zipCode,
    city: customer.city,
    countryCode: shop.alpha3,
    isDefault: { billing: use === "billing", shipping: use === "shipping" },
    recipient: {
      firstName: customer.firstName,
      lastName: customer.lastName,
      gender: customer.gender,
      type: "personal",
    },
  };
}

function customerJson({ customer }: SandboxOrder): Json {
  return {
    id: customer.id,
    publicKey: customer.key,
    firstName: customer.firstName,
    lastName: customer.lastName,
    gender: customer.gender,
    birthDate: customer.birthDate,
    email: customer.email,
    phone: customer.phone,
    type: customer.guest ? "guest" : "personal",
    groups: [],
    status: { isActive: true, isGuestCustomer: customer.guest },
  };
}

function packagesJson(order: SandboxOrder, at: number): Json[] {
  if (order.delegatedAt === null || order.delegatedAt > at) return [];
  const packages = order.shipments.filter((shipment) => shipment.packageId !== null);
  return packages.map((shipment) => ({
    id: shipment.packageId,
    carrierKey: "dhl",
    deliveryDate: {
      minimum: scayleTime(shipment.at + DAY).slice(0, 10),
      maximum: scayleTime(shipment.at + DELIVERY_TIME + DAY).slice(0, 10),
    },
    deliveryStatus: shipment.at <= at ? "shipment_completed" : "shipment_pending",
    shipmentKey: shipment.at <= at ? `JD${shipment.packageId}` : undefined,
    shippedAt: order.shippedOn === "order" ? undefined : timeBy(shipment.at, at),
  }));
}

function vouchersJson(order: SandboxOrder): Json[] {
  const { voucher } = order;
  if (!voucher) return [];
  const applies = (unit: SandboxOrder["units"][number]) =>
    voucher.type === "relative" || unit.voucherPrice !== null;
  return [
    {
      id: order.id * 10 + 7,
      voucherId: voucher.type === "absolute" ? 1443 : 1444,
      code: voucher.code,
      type: voucher.type,
      value: voucher.value,
      applicableItems: order.units.map((unit) => ({ key: unit.key, isApplied: applies(unit) })),
    },
  ];
}

/** The reference key as SCAYLE has it: the order's own, none, or one that was written later. */
function referenceAt(order: SandboxOrder, at: number): string | undefined {
  if (order.key && order.key.at <= at) return order.key.reference;
  return order.keyless ? undefined : order.reference;
}

export type OrderView = { order: SandboxOrder; updatedAt: number; at: number; expand: ReadonlySet<string> };

/** An order as SCAYLE's Admin API shows it at the instant. Fields that are not known yet are absent. */
export function orderJson({ order, updatedAt, at, expand }: OrderView): Json {
  const { channel } = order.outlet;
  return {
    id: order.id,
    referenceKey: referenceAt(order, at),
    publicKey: order.publicKey,
    basketKey: `basket-${order.id}`,
    ...statusJson(order, at),
    shopCountry: shopCountryJson(order.shop),
    channel: channel
      ? { id: channel.id, key: channel.key, name: channel.name, type: channel.type }
      : undefined,
    currencyCode: ENTITIES[order.entity].currency,
    customer: customerJson(order),
    address: { billing: addressJson(order, "billing"), shipping: addressJson(order, "shipping") },
    contacts: [{ type: "carrier", value: order.customer.phone }],
    items: order.units.map((unit) => itemJson(order, unit, at, expand.has("items.legacyCustomData"))),
    packages: packagesJson(order, at),
    shipping: shippingJson(order),
    cost: costJson(order, at),
    payment: paymentJson(order),
    vouchers: vouchersJson(order),
    legacyCustomData: expand.has("legacyCustomData") ? {} : undefined,
    createdAt: scayleTime(order.createdAt),
    confirmedAt: timeBy(order.confirmedAt, at),
    invoicedAt: timeBy(invoicedAt(order), at),
    updatedAt: scayleTime(updatedAt),
  };
}
