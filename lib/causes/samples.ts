import { Decimal } from "decimal.js";
import type { DocumentKind, Side } from "@/lib/domain/document";
import type { Group, GroupDocument, GroupLine, GroupSettings } from "@/lib/domain/group";
import type { Minor } from "@/lib/domain/money";
import type { OrderItem, SalesOrder } from "@/lib/domain/order";

/*
 * Groups made by hand, for tests and for the benchmark: a SCAYLE order of single units and the ERP documents about it.
 * The arithmetic here is a bookkeeper's on paper; it shares nothing with the causes that are tried on it.
 */

export const ERP_CONNECTION = "11111111-1111-1111-1111-111111111111";
export const SCAYLE_CONNECTION = "33333333-3333-3333-3333-333333333333";

/** numerator / denominator to the nearest whole number, a half away from nothing. */
export function halfUp(numerator: bigint, denominator: bigint): bigint {
  const size = numerator < 0n ? -numerator : numerator;
  const rounded = (2n * size + denominator) / (2n * denominator);
  return numerator < 0n ? -rounded : rounded;
}

/** Tax inside a gross amount, rounded; `rate` in thousandths. */
export const taxIn = (gross: Minor, rate = 190n): Minor => halfUp(gross * rate, 1000n + rate);

/** SCAYLE's tax of a unit: its net is rounded, its tax is the rest. */
export const unitTax = (gross: Minor, rate = 190n): Minor => gross - halfUp(gross * 1000n, 1000n + rate);

const fraction = new Map<bigint, Decimal>();
export function fractionOf(rate: bigint): Decimal {
  const known = fraction.get(rate);
  if (known) return known;
  const made = new Decimal(rate.toString()).div(1000);
  fraction.set(rate, made);
  return made;
}

export type LineInput = Partial<GroupLine> & Readonly<{ gross: Minor }>;

export function sampleLine(
  side: Side,
  id: string,
  documentId: string,
  documentKind: DocumentKind,
  input: LineInput,
): GroupLine {
  const { gross, tax = taxIn(gross), itemKey = "TEE", kind = "item", currency = "EUR", at, net } = input;
  const isErp = side === "erp";
  // Written out field by field, as the database's reader does: the shape of objects is part of what a benchmark measures.
  return {
    id,
    side,
    documentId,
    documentKind,
    kind,
    granularity: input.granularity ?? "item",
    sourceLineId: input.sourceLineId ?? id,
    position: input.position ?? null,
    itemKey,
    sku: input.sku === undefined ? itemKey : input.sku,
    quantity: input.quantity ?? new Decimal(documentKind === "sale" ? 1 : -1),
    unitPrice:
      input.unitPrice === undefined
        ? isErp
          ? fractionOf(gross < 0n ? -gross * 10n : gross * 10n)
          : null
        : input.unitPrice,
    discount: input.discount === undefined ? (isErp ? 0n : null) : input.discount,
    net: net === undefined ? (tax === null ? null : gross - tax) : net,
    tax,
    gross,
    taxCode: input.taxCode === undefined ? (isErp ? "VAT19" : null) : input.taxCode,
    taxRate: input.taxRate === undefined ? fractionOf(190n) : input.taxRate,
    currency,
    day: input.day ?? "2026-10-12",
    period: input.period ?? "2026-10",
    at: at === undefined ? new Date("2026-10-12T10:00:00Z") : at,
    shipment: input.shipment === undefined ? "p1" : input.shipment,
    description: input.description ?? null,
  };
}

export const sampleDocument = (
  side: Side,
  id: string,
  kind: DocumentKind,
  more: Partial<GroupDocument> = {},
): GroupDocument => ({
  id,
  side,
  kind,
  connectionId: side === "erp" ? ERP_CONNECTION : SCAYLE_CONNECTION,
  sourceId: id,
  number: id.toUpperCase(),
  reference: "R-1",
  originalNumber: null,
  status: "Paid",
  currency: "EUR",
  postingDay: "2026-10-12",
  modifiedAt: new Date("2026-10-12T20:00:00Z"),
  pricesIncludeTax: true,
  ...more,
});

export const sampleItem = (id: string, more: Partial<OrderItem> = {}): OrderItem => ({
  id,
  sku: "TEE",
  name: null,
  status: "shipped",
  packageId: "p1",
  net: 1680n,
  tax: 319n,
  gross: 1999n,
  taxRate: "0.19",
  shippedAt: new Date("2026-10-12T10:00:00Z"),
  cancelledAt: null,
  returnedAt: null,
  updatedAt: null,
  ...more,
});

export const sampleOrder = (items: readonly OrderItem[], more: Partial<SalesOrder> = {}): SalesOrder => ({
  id: "1",
  reference: "R-1",
  aliases: ["1", "R-1"],
  publicKey: null,
  shop: "ms/de",
  channel: null,
  channelType: "shop",
  shipTo: "DE",
  currency: "EUR",
  status: null,
  orderStatus: null,
  shippingStatus: null,
  billingStatus: null,
  createdAt: null,
  confirmedAt: null,
  invoicedAt: null,
  updatedAt: null,
  items,
  fees: [],
  packages: [],
  cost: { net: null, tax: null, gross: null, externalPrices: false },
  payments: [],
  vouchers: [],
  ...more,
});

/** Both sides confirmed: SCAYLE per unit with its net rounded, the ERP once per document and rate. */
export const sampleSettings: GroupSettings = {
  recognition: { recognition: "shipped", timeZone: "Europe/Berlin", shippingRefund: "whole-order" },
  postingLagHours: 72,
  noneTaxCodes: new Set(),
  taxRules: [
    { shipTo: "DE", channel: "*", rate: fractionOf(190n), taxCode: "VAT19" },
    { shipTo: "DE", channel: "*", rate: fractionOf(70n), taxCode: "VAT7" },
  ],
  rounding: new Map([
    [
      ERP_CONNECTION,
      { policy: { level: "document", mode: "half-up", basis: "gross", first: "tax" }, confirmed: true },
    ],
    [
      SCAYLE_CONNECTION,
      { policy: { level: "unit", mode: "half-up", basis: "gross", first: "net" }, confirmed: true },
    ],
  ]),
};

export type GroupInput = Partial<Omit<Group, "settings">> & Readonly<{ settings?: Partial<GroupSettings> }>;

/** A group of these lines; documents and an order are made to fit where none are given. */
export function sampleGroup(lines: readonly GroupLine[], more: GroupInput = {}): Group {
  const byDocument = new Map(lines.map((one) => [one.documentId, one]));
  const { settings, ...rest } = more;
  return {
    orderKey: "22222222-2222-2222-2222-222222222222",
    entityId: "SHOP",
    order: sampleOrder(
      lines
        .filter((one) => one.side === "scayle" && one.kind === "item")
        .map((one) => sampleItem(one.sourceLineId, { sku: one.itemKey })),
    ),
    invoices: null,
    invoicesEnabled: true,
    unreadable: false,
    shopId: "SHOP/ms/de",
    documents: [...byDocument.values()].map((one) =>
      sampleDocument(one.side, one.documentId, one.documentKind, { currency: one.currency }),
    ),
    lines,
    asOf: new Date("2026-11-20T00:00:00Z"),
    ...rest,
    settings: { ...sampleSettings, ...settings },
  };
}

/** A SCAYLE unit, sold or credited, taxed as SCAYLE does. `rate` in thousandths. */
export function sampleUnit(
  id: string,
  kind: DocumentKind,
  itemKey: string,
  gross: Minor,
  rate = 190n,
  more: Partial<GroupLine> = {},
): GroupLine {
  const signed = kind === "sale" ? gross : -gross;
  const tax = kind === "sale" ? unitTax(gross, rate) : -unitTax(gross, rate);
  return sampleLine("scayle", id, `s-${kind}`, kind, {
    gross: signed,
    tax,
    itemKey,
    taxRate: fractionOf(rate),
    ...(itemKey === "charge" ? { kind: "shipping", sku: null } : {}),
    ...more,
  });
}

export type ErpInput = Readonly<{
  itemKey: string;
  price: Minor;
  count?: number;
  rate?: bigint;
  more?: Partial<GroupLine>;
}>;

const codes = new Map([
  [190n, "VAT19"],
  [70n, "VAT7"],
]);

/** The lines of an ERP document in their order, taxed once per rate with a running remainder. Prices are per unit. */
export function sampleErp(
  documentId: string,
  kind: DocumentKind,
  inputs: readonly ErpInput[],
): readonly GroupLine[] {
  const soFar = new Map<bigint, { gross: Minor; tax: Minor }>();
  return inputs.map(({ itemKey, price, count = 1, rate = 190n, more = {} }, position) => {
    const sign = kind === "sale" ? 1n : -1n;
    const gross = price * BigInt(count) * sign;
    const before = soFar.get(rate) ?? { gross: 0n, tax: 0n };
    const until = taxIn(before.gross + gross, rate);
    soFar.set(rate, { gross: before.gross + gross, tax: until });
    return sampleLine("erp", `${documentId}-${position}`, documentId, kind, {
      gross,
      tax: until - before.tax,
      itemKey,
      position,
      quantity: new Decimal(count * Number(sign)),
      unitPrice: new Decimal(price.toString()).div(100),
      taxRate: fractionOf(rate),
      taxCode: codes.get(rate) ?? "VAT",
      ...(itemKey === "charge" ? { kind: "shipping", sku: null } : {}),
      ...more,
    });
  });
}
