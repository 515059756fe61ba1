import { Decimal } from "decimal.js";
import type { z } from "zod";
import type { OrderFee, OrderInvoice, OrderItem, SalesOrder } from "@/lib/domain/order";
import type { Unreadable } from "../contract";
import { countryOf } from "../countries";
import type { FeeWire, ItemWire, invoiceWire, OrderWire, PricedWire } from "./wire";

type Translated<T> = Readonly<{ ok: true; value: T }> | Unreadable;

/**
 * A SCAYLE order in our words, or why it can't be one. `shop` is where it was asked for, for orders that don't say.
 *
 * Amounts: SCAYLE's whole minor units hold. Net is `withoutTax` and tax the rest, also where `tax.vat.amount` (a double,
 * which the deprecated calculator leaves unrounded) says something else; without `withoutTax`, a whole `vat.amount` is
 * the tax; else net and tax are unknown, which external prices may leave them.
 */
export function translateOrder(order: OrderWire, shop: string): Translated<SalesOrder> {
  const currency = order.currencyCode ?? order.shopCountry?.currencyCode ?? null;
  if (currency === null || !/^[A-Z]{3}$/.test(currency))
    return {
      ok: false,
      reason: `currencyCode: expected an ISO 4217 code, found ${currency ?? "nothing"}`,
      errorClass: currency === null ? "schema" : "value",
    };
  const twice = order.items.find((one, index) => order.items.findIndex(({ id }) => id === one.id) !== index);
  if (twice) return { ok: false, reason: `items: item ${twice.id} is there twice`, errorClass: "duplicate" };
  const nameless = order.items.findIndex(
    ({ variant }) => variant.referenceKey === null && variant.id === null,
  );
  if (nameless >= 0)
    return {
      ok: false,
      reason: `items[${nameless}].variant: expected a referenceKey or an id, found neither`,
      errorClass: "missing-reference",
    };

  const reference = order.referenceKey ?? order.publicKey ?? order.id;
  const vouchers = order.voucher ? [order.voucher, ...order.vouchers] : order.vouchers;
  return {
    ok: true,
    value: {
      id: order.id,
      reference,
      aliases: [...new Set([order.id, reference, ...(order.publicKey === null ? [] : [order.publicKey])])],
      publicKey: order.publicKey,
      shop: shopOf(order) ?? shop,
      channel: order.channel?.key ?? null,
      channelType: channelTypeOf(order.channel?.type ?? null),
      shipTo: shipToOf(order, shop),
      currency,
      status: order.status,
      orderStatus: order.detailedStatus?.order?.code ?? null,
      shippingStatus: order.detailedStatus?.shipping?.code ?? null,
      billingStatus: order.detailedStatus?.billing?.code ?? null,
      createdAt: order.createdAt,
      confirmedAt: order.confirmedAt,
      invoicedAt: order.invoicedAt,
      updatedAt: order.updatedAt,
      items: order.items.map(itemOf),
      fees: (order.cost?.appliedFees ?? []).flatMap(feeOf),
      packages: order.packages.map(({ carrierKey, shipmentKey, ...one }) => ({
        ...one,
        carrier: carrierKey,
        tracking: shipmentKey,
      })),
      cost: {
        ...splitOf({
          withTax: order.cost?.withTax ?? null,
          withoutTax: order.cost?.withoutTax ?? null,
          tax: order.cost?.tax ?? null,
        }),
        gross: order.cost?.withTax ?? null,
        externalPrices: order.cost?.hasExternalPrices ?? false,
      },
      payments: order.payment.map((one) => ({
        key: one.key ?? "",
        amount: one.amount,
        giftCard: one.isGiftCard ?? false,
      })),
      vouchers,
    },
  };
}

/** An entry of an order's invoice list in our words. */
export const translateInvoice = (entry: z.infer<typeof invoiceWire>): OrderInvoice => ({
  id: entry.id,
  type: entry.type,
  number: entry.invoice?.fullNumber ?? entry.invoice?.number ?? null,
  createdAt: entry.createdAt,
});

/** A unit. Where an absolute voucher sits on it, `absoluteVoucherReducedPrice` holds. Without a SKU, the variant's id stands for it. */
function itemOf(item: ItemWire): OrderItem {
  const price = item.price.absoluteVoucherReducedPrice ?? item.price;
  const rate = price.tax?.vat?.rate ?? item.price.tax?.vat?.rate ?? null;
  return {
    id: item.id,
    sku: item.variant.referenceKey ?? item.variant.id ?? "",
    name: item.product?.name ?? null,
    status: item.status,
    packageId: item.packageId,
    ...splitOf(price),
    gross: price.withTax,
    taxRate: rate,
    delegatedAt: item.delegatedAt,
    shippedAt: item.shippedAt,
    cancelledAt: item.cancelledAt,
    returnedAt: item.returnedAt,
    updatedAt: item.updatedAt,
  };
}

/** A fee. One without an amount (external prices may leave it out) is part of the order's cost and of nothing else. */
function feeOf(fee: FeeWire): readonly OrderFee[] {
  if (fee.amount === null || fee.amount.withTax === null) return [];
  const tax = fee.tax ?? fee.amount.tax;
  return [
    {
      key: fee.key ?? "fee",
      category: fee.category ?? "additional",
      ...splitOf({ ...fee.amount, tax }),
      gross: fee.amount.withTax,
      taxRate: tax?.vat?.rate ?? null,
      refundTriggered: fee.refundTriggered,
    },
  ];
}

function splitOf({ withTax, withoutTax, withOutTax, tax }: PricedWire): {
  net: bigint | null;
  tax: bigint | null;
} {
  const net = withoutTax ?? withOutTax ?? null;
  if (withTax === null) return { net, tax: null };
  if (net !== null) return { net, tax: withTax - net };
  const vat = tax?.vat?.amount ?? null;
  if (vat === null || !new Decimal(vat).isInteger()) return { net: null, tax: null };
  return { net: withTax - BigInt(vat), tax: BigInt(vat) };
}

function shopOf({ shopCountry }: OrderWire): string | null {
  const [shopKey, countryCode] = [shopCountry?.shopKey, shopCountry?.countryCode];
  return shopKey && countryCode ? `${shopKey}/${countryCode}`.toLowerCase() : null;
}

const channelTypeOf = (type: string | null): SalesOrder["channelType"] =>
  type === "marketplace" || type === "in_store" ? type : "shop";

const shipToOf = (order: OrderWire, shop: string): string | null =>
  countryOf(order.address?.shipping?.countryCode ?? null) ??
  countryOf(order.shopCountry?.countryCode ?? null) ??
  countryOf(shop.split("/")[1] ?? null);
