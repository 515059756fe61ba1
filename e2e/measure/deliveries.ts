import type { SandboxOrder, World } from "@/lib/sandbox/model";
import { makeRandom } from "@/lib/sandbox/random";
import { invoicedAt, orderEvents } from "@/lib/sandbox/scayle-events";
import { orderJson } from "@/lib/sandbox/scayle-order";

/** A webhook on its way. */
export type Delivery = Readonly<{
  key: string;
  /** JSON of the envelope */
  body: string;
  entityId: string;
  orderId: string;
  /** when it happened at the source, in milliseconds */
  happenedAt: number;
}>;

export type Plan = Readonly<{
  deliveries: readonly Delivery[];
  distinct: number;
  duplicates: number;
  reordered: number;
  /** of the newer envelope generation */
  newer: number;
}>;

export type PlanRequest = Readonly<{
  from: number;
  deliveries: number;
  /** deliveries a second: what is late is late by up to two seconds */
  rate: number;
  seed: number;
}>;

const DUPLICATES = 0.2;
const REORDERED = 0.1;

/**
 * What SCAYLE would deliver of what happens to a world's orders from an instant on: each change of an order is an event,
 * told in the older envelope or the newer one. A fifth of the deliveries are duplicates, a tenth come after later ones.
 * Throws where the world has too few events.
 */
export function planDeliveries(world: World, request: PlanRequest): Plan {
  const { from, deliveries: count, rate, seed } = request;
  const random = makeRandom(seed, "deliveries");
  const distinct = Math.round(count * (1 - DUPLICATES));
  const events = world.affairs
    .flatMap(({ order }) => orderEvents(order).map((happenedAt) => ({ order, happenedAt })))
    .filter((event) => event.happenedAt > from)
    .sort((a, b) => a.happenedAt - b.happenedAt || a.order.id - b.order.id)
    .slice(0, distinct);
  if (events.length < distinct) throw new Error(`The world has ${events.length} events, not ${distinct}.`);
  const placed: { place: number; delivery: Delivery }[] = [];
  let newer = 0;
  let reordered = 0;
  events.forEach(({ order, happenedAt }, index) => {
    const isNewer = random.chance(0.5);
    if (isNewer) newer += 1;
    const isLate = random.chance(REORDERED);
    if (isLate) reordered += 1;
    const late = isLate ? 1 + random.next() * 2 * rate : 0;
    placed.push({
      place: index / (1 - DUPLICATES) + late,
      delivery: deliveryOf(order, happenedAt, isNewer),
    });
  });
  for (let missing = count - distinct; missing > 0; missing -= 1) {
    const original = placed[Math.floor(random.next() * distinct)];
    if (original) placed.push({ place: original.place + random.next() * rate, delivery: original.delivery });
  }
  placed.sort((a, b) => a.place - b.place);
  return {
    deliveries: placed.map((one) => one.delivery),
    distinct,
    duplicates: count - distinct,
    reordered,
    newer,
  };
}

function deliveryOf(order: SandboxOrder, happenedAt: number, isNewer: boolean): Delivery {
  const key = `${order.id}-${happenedAt}`;
  const type = nameOf(order, happenedAt);
  const occurredAt = new Date(happenedAt).toISOString();
  const payload = orderJson({ order, updatedAt: happenedAt, at: happenedAt, expand: new Set() });
  const envelope = isNewer
    ? { key, meta: { tenantKey: "moda" }, version: 1, type, occurredAt, payload: { order: payload } }
    : { key, locale: { appId: order.shop.id, countryCode: order.shop.alpha3 }, type, occurredAt, payload };
  return {
    key,
    body: JSON.stringify(envelope),
    entityId: order.entity,
    orderId: String(order.id),
    happenedAt,
  };
}

/** The name of what happened to an order at an instant. */
function nameOf(order: SandboxOrder, at: number): string {
  if (at === order.createdAt) return "order-pending";
  if (at === order.confirmedAt) return "order-confirmed";
  if (at === order.delegatedAt) return "order-delegated";
  if (at === order.cancelledAt) return "order-canceled";
  if (order.units.some((unit) => unit.cancelledAt === at)) return "order-item-canceled";
  if (order.shipments.some((shipment) => shipment.at === at)) return "package-shipped";
  if (at === invoicedAt(order)) return "order-invoiced";
  if (order.credits.some((credit) => credit.at === at)) return "order-item-returned";
  return "order-corrective-invoiced";
}
