import { makeBasket } from "@/lib/sandbox/basket";
import { addMonths, DAY, HOUR, MINUTE, type Month, SECOND, startOfMonth } from "@/lib/sandbox/calendar";
import type { Variant } from "@/lib/sandbox/catalogue";
import type { Credit, SandboxOrder, Shipment, Unit } from "@/lib/sandbox/model";
import { makeCustomer } from "@/lib/sandbox/people";
import { makeHex, makeRandom, type Random } from "@/lib/sandbox/random";
import { longReference } from "@/lib/sandbox/references";
import { ENTITIES, OUTLETS, type Outlet, type SandboxShop } from "@/lib/sandbox/retailer";

export type OrderSeed = {
  seed: number;
  id: number;
  createdAt: number;
  anchor: Month;
  customers: number;
  /** References with leading zeros and a suffix. */
  longReferences: boolean;
  /** No marketplace order without net amounts. */
  allNetsKnown: boolean;
};

function chooseOutlet(random: Random): Outlet {
  let left = random.next();
  for (const outlet of OUTLETS) {
    left -= outlet.weight;
    if (left < 0) return outlet;
  }
  return OUTLETS[0];
}

function calculatorOf(outlet: Outlet, createdAt: number, anchor: Month): SandboxOrder["calculator"] {
  if (outlet.channel?.type === "marketplace") return "external";
  const { monthsBeforeAnchor, day } = outlet.shop.calculatorSwitch;
  const switchedAt = startOfMonth(addMonths(anchor, -monthsBeforeAnchor)) + (day - 1) * DAY;
  return createdAt < switchedAt ? "legacy" : "v1";
}

/**
 * When a parcel leaves: by day, one to three days after the order was passed on. On the last day of a month half of
 * them leave within two and a half hours before midnight UTC, which is the next month where the books are kept further east.
 */
function shippingTime(random: Random, after: number): number {
  const day = Math.floor((after + random.integer(10, 60) * HOUR) / DAY) * DAY;
  const lastOfMonth = new Date(day + DAY).getUTCDate() === 1;
  const time =
    lastOfMonth && random.chance(0.5)
      ? DAY - random.integer(60, 150 * 60) * SECOND
      : random.integer(5 * 3_600, 17 * 3_600) * SECOND;
  return Math.max(day + time, after + 2 * HOUR);
}

/** Splits the units over one or two parcels; the second leaves some days later, sometimes in another month. */
function ship(random: Random, order: SandboxOrder): void {
  const live = order.units.filter((unit) => unit.cancelledAt === null);
  const start = order.delegatedAt ?? order.createdAt;
  if (order.outlet.channel?.type === "in_store") {
    order.shipments.push({ at: order.createdAt + 5 * MINUTE, packageId: null });
    for (const unit of live) unit.shipment = 0;
    return;
  }
  const first: Shipment = { at: shippingTime(random, start), packageId: order.id * 10 + 1 };
  order.shipments.push(first);
  const twoParcels = live.length > 1 && random.chance(0.16);
  if (twoParcels) {
    const at = shippingTime(random, first.at + random.integer(0, 4) * DAY);
    order.shipments.push({ at, packageId: order.id * 10 + 2 });
  }
  live.forEach((unit, index) => {
    unit.shipment = twoParcels && index >= Math.ceil(live.length / 2) ? 1 : 0;
  });
}

function creditAll(
  order: SandboxOrder,
  units: Unit[],
  credit: Omit<Credit, "refundsShipping">,
  whole: boolean,
): void {
  const policy = ENTITIES[order.entity].shippingRefund;
  const refundsShipping =
    whole && policy === "whole-order" && order.fees.some((fee) => fee.kind === "shipping");
  order.credits.push({ ...credit, refundsShipping });
  for (const unit of units) unit.credit = order.credits.length - 1;
}

/** What comes back. A whole order comes back at once and from one parcel; everything else leaves something with the customer. */
function returnGoods(random: Random, order: SandboxOrder): void {
  const luck = random.next();
  const [only] = order.shipments;
  if (!only) return;
  const single = order.shipments.length === 1;
  const sold = order.units.filter((unit) => unit.shipment !== null);
  const untouched = sold.length === order.units.length;
  const later = (least: number, most: number) =>
    only.at +
    random.integer(least, most) * DAY -
    (only.at % DAY) +
    random.integer(6 * 3_600, 20 * 3_600) * SECOND;
  const timeOnItem = order.outlet.channel !== null || !random.chance(0.06);
  if (luck < 0.015 && single && untouched && order.outlet.channel?.type !== "in_store") {
    creditAll(order, sold, { at: later(4, 9), kind: "undeliverable", timeOnItem: true }, true);
  } else if (luck < 0.09 && single && untouched) {
    creditAll(order, sold, { at: later(5, 33), kind: "return", timeOnItem }, true);
  } else if (luck < 0.3) {
    const parcel = order.units.filter((unit) => unit.shipment === 0);
    if (sold.length < 2) return;
    const most = Math.min(parcel.length, sold.length - 1);
    const back = parcel.slice(0, random.integer(1, most));
    creditAll(order, back, { at: later(12, 33), kind: "return", timeOnItem }, false);
    const rest = parcel.slice(back.length);
    if (rest.length > 1 && timeOnItem && random.chance(0.15)) {
      const at = (order.credits[0]?.at ?? only.at) + random.integer(1, 9) * DAY;
      creditAll(order, rest.slice(0, 1), { at, kind: "return", timeOnItem: true }, false);
    }
  }
}

function cancelSome(random: Random, order: SandboxOrder, at: number): void {
  if (order.units.length < 2 || !random.chance(0.08)) return;
  const count = random.integer(1, Math.min(2, order.units.length - 1));
  for (const unit of order.units.slice(-count)) {
    // The voucher stays where it is: a customer who cancels keeps the reduced piece.
    if (unit.voucherPrice === null) unit.cancelledAt = at;
  }
}

/** How the order goes on after checkout: abandoned, cancelled, or shipped and perhaps returned. */
function liveOn(random: Random, order: SandboxOrder): void {
  const inStore = order.outlet.channel?.type === "in_store";
  const luck = inStore ? 1 : random.next();
  if (luck < 0.008) return;
  order.confirmedAt = order.createdAt + (inStore ? 5 : random.integer(40, 1_200)) * SECOND;
  if (luck < 0.014) return;
  order.delegatedAt = order.confirmedAt + (inStore ? 5 * SECOND : MINUTE);
  const cancelAt = order.delegatedAt + random.integer(30, 500) * MINUTE;
  if (luck < 0.06) {
    order.cancelledAt = cancelAt;
    for (const unit of order.units) unit.cancelledAt = cancelAt;
    return;
  }
  if (!inStore) cancelSome(random, order, order.delegatedAt + random.integer(30, 110) * MINUTE);
  ship(random, order);
  returnGoods(random, order);
  const plain = order.shipments.length === 1 && order.credits.length === 0 && !inStore;
  if (plain && random.chance(0.04)) order.shippedOn = random.pick(["package", "package", "order"]);
}

function shopPaymentKey(random: Random, shop: SandboxShop): string {
  return random.pick(
    shop.countryCode === "GB"
      ? ["adyen_creditcard", "paypal"]
      : ["adyen_creditcard", "paypal", "klarna_invoice"],
  );
}

/** One order with its whole life, fault-free. It depends on its own seed only, not on its neighbours. */
export function makeOrder(from: OrderSeed, catalogue: readonly [Variant, ...Variant[]]): SandboxOrder {
  const random = makeRandom(from.seed, "order", from.id);
  const outlet = chooseOutlet(random);
  const { shop, channel } = outlet;
  const external = channel?.type === "marketplace";
  const order: SandboxOrder = {
    id: from.id,
    reference: from.longReferences
      ? longReference(outlet.referencePrefix, from.id)
      : `${outlet.referencePrefix}-${from.id}`,
    publicKey: `P${makeHex(10, from.seed, "public", from.id)}`,
    outlet,
    shop,
    entity: shop.entity,
    customer: makeCustomer(from.seed, shop, random.integer(1, from.customers)),
    createdAt: from.createdAt,
    confirmedAt: null,
    delegatedAt: null,
    cancelledAt: null,
    calculator: calculatorOf(outlet, from.createdAt, from.anchor),
    netKnown: !(external && random.chance(0.1)) || from.allNetsKnown,
    ...makeBasket(random, outlet, from.id, catalogue),
    paymentKey: external ? "marketplace" : shopPaymentKey(random, shop),
    shipments: [],
    credits: [],
    staleCost: null,
    shippedOn: "item",
    broken: false,
  };
  liveOn(random, order);
  return order;
}
