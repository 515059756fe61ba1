import { netOutOf } from "@/lib/sandbox/arithmetic";
import { scayleTime } from "@/lib/sandbox/calendar";
import { unitFigures } from "@/lib/sandbox/cost";
import type { Reduction, SandboxOrder, Unit } from "@/lib/sandbox/model";
import { ENTITIES } from "@/lib/sandbox/retailer";
import { DELIVERY_TIME } from "@/lib/sandbox/scayle-events";

export type Json = Record<string, unknown>;

/** Minor units as the wire has them: whole JSON numbers, far below the limit of exactness. */
export const wire = (amount: bigint): number => Number(amount);

/** A rate in thousandths as the wire has it: a fraction. */
export const wireRate = (rate: bigint): number => Number(rate) / 1000;

/** A time if it is known and has come. */
export function timeBy(instant: number | null | undefined, at: number): string | undefined {
  return instant !== null && instant !== undefined && instant <= at ? scayleTime(instant) : undefined;
}

function itemStatus(order: SandboxOrder, unit: Unit, at: number): string {
  const credit = unit.credit === null ? undefined : order.credits[unit.credit];
  const shipment = unit.shipment === null ? undefined : order.shipments[unit.shipment];
  if (unit.cancelledAt !== null && unit.cancelledAt <= at) return "cancelled";
  if (credit && credit.at <= at) return credit.kind === "return" ? "returned" : "undeliverable";
  if (shipment && shipment.at + DELIVERY_TIME <= at) return "delivered";
  if (shipment && shipment.at <= at) return "shipped";
  if (order.delegatedAt !== null && order.delegatedAt <= at) return "delegated";
  return "available";
}

function reductionJson(reduction: Reduction): Json {
  return {
    category: reduction.category,
    type: reduction.type,
    ...(reduction.category === "voucher" ? { code: reduction.code } : {}),
    amount: { absoluteWithTax: wire(reduction.amount), relative: reduction.percent / 100 },
  };
}

/** Marketplace prices come as they are: never with `tax`, sometimes without any net amount. */
function externalPrice(order: SandboxOrder, unit: Unit): Json {
  const { gross, net } = unitFigures(unit);
  return { withTax: wire(gross), ...(order.netKnown ? { withoutTax: wire(net) } : {}) };
}

function shopPrice(unit: Unit): Json {
  const { net, tax } = netOutOf(unit.price, unit.rate);
  const undiscounted = netOutOf(unit.undiscounted, unit.rate);
  const afterVoucher = unit.voucherPrice === null ? null : unitFigures(unit);
  return {
    withTax: wire(unit.price),
    withoutTax: wire(net),
    tax: { vat: { amount: wire(tax), rate: wireRate(unit.rate) } },
    appliedReductions: unit.reductions.map(reductionJson),
    // The capital O is SCAYLE's own spelling here and in the next but one field, and nowhere else.
    ...(afterVoucher && {
      absoluteVoucherReducedPrice: {
        tax: { vat: { amount: wire(afterVoucher.tax), rate: wireRate(unit.rate) } },
        withOutTax: wire(afterVoucher.net),
        withTax: wire(afterVoucher.gross),
      },
    }),
    undiscountedWithTax: wire(undiscounted.gross),
    undiscountedWithOutTax: wire(undiscounted.net),
    overrideWithTax: 0,
    overrideWithoutTax: 0,
  };
}

/** One item of an order as SCAYLE shows it at the instant. */
export function itemJson(order: SandboxOrder, unit: Unit, at: number, withCustomData: boolean): Json {
  const external = order.calculator === "external";
  const credit = unit.credit === null ? undefined : order.credits[unit.credit];
  const shipment = unit.shipment === null ? undefined : order.shipments[unit.shipment];
  const price = external ? externalPrice(order, unit) : shopPrice(unit);
  const broken = order.broken && unit === order.units[0];
  const delegated = order.delegatedAt !== null && order.delegatedAt <= at;
  return {
    id: unit.id,
    key: unit.key,
    currency: ENTITIES[order.entity].currency,
    status: itemStatus(order, unit, at),
    price: broken ? { ...price, withTax: "12.9x" } : price,
    product: { id: unit.variant.productId, name: unit.variant.name },
    variant: { id: unit.variant.id, referenceKey: unit.variant.sku, stock: { supplierId: 1 } },
    merchant: { id: 1, referenceKey: "moda" },
    warehouseId: order.outlet.channel?.type === "in_store" ? 2 : 1,
    packageId: delegated && shipment?.packageId ? shipment.packageId : undefined,
    availableQuantity: 20 + (unit.id % 30),
    legacyCustomData: withCustomData ? {} : undefined,
    createdAt: scayleTime(order.createdAt),
    delegatedAt: timeBy(order.delegatedAt, at),
    shippedAt: order.shippedOn === "item" ? timeBy(shipment?.at, at) : undefined,
    cancelledAt: timeBy(unit.cancelledAt, at),
    returnedAt: credit?.timeOnItem ? timeBy(credit.at, at) : undefined,
  };
}
