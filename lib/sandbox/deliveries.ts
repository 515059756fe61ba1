import { scayleTime } from "@/lib/sandbox/calendar";
import type { Happening } from "@/lib/sandbox/happenings";
import type { SandboxOrder, World } from "@/lib/sandbox/model";
import { makeGuid, makeRandom } from "@/lib/sandbox/random";
import type { SandboxShop } from "@/lib/sandbox/retailer";
import type { Json } from "@/lib/sandbox/scayle-item";
import { orderJson } from "@/lib/sandbox/scayle-order";
import type { StockLevel } from "@/lib/sandbox/stock";
import type { Subscription } from "@/lib/sandbox/subscriptions";

/** An event before it is delivered. `shop` null: of all shops. */
export type Announcement = { name: string; at: number; shop: SandboxShop | null; payload: Json };

/** What became of one delivery: the answer's status, 0 where nobody answered. */
export type Delivery = { event: string; order: string | null; url: string; status: number; tries: number };

const EVENTS_OF = {
  order: ["order-confirmed", "order-item-reserved", "order-delegated"],
  ship: ["order-package-shipped", "payment-capture"],
  cancel: ["order-item-cancelled", "order-cancelled"],
  return: ["order-item-returned", "order-corrective-invoiced", "payment-refund"],
} as const;

/** The order as webhooks carry it: as the Admin API has it, but for the name of one bag. */
function payloadOf(name: string, order: SandboxOrder, at: number): Json {
  const { legacyCustomData: customData, ...shown } = orderJson({
    order,
    updatedAt: at,
    at,
    expand: new Set(["legacyCustomData"]),
  });
  const whole = { ...shown, customData };
  if (name === "order-item-returned") return { order: whole };
  if (name.startsWith("payment-"))
    return { ...whole, transaction: { transactionId: `tx-${order.id}`, operationStatus: "successful" } };
  return whole;
}

/** What SCAYLE tells of something that happened to an order. */
export const announceOrder = (
  what: keyof typeof EVENTS_OF,
  order: SandboxOrder,
  at: number,
): Announcement[] =>
  EVENTS_OF[what].map((name) => ({ name, at, shop: order.shop, payload: payloadOf(name, order, at) }));

/** What SCAYLE tells of a stock level. */
export function announceStock(
  world: World,
  { sku, at }: Extract<Happening, { what: "stock" }>,
  level: StockLevel,
): Announcement[] {
  const variant = world.catalogue.find((one) => one.sku === sku);
  if (!variant) return [];
  return [
    {
      name: "product-variant-stock-updated",
      at,
      shop: null,
      payload: {
        productVariant: { id: variant.id, referenceKey: variant.sku },
        product: { id: variant.productId },
        warehouse: { id: level.warehouse.id, referenceKey: level.warehouse.referenceKey },
        quantity: level.quantity,
        sellableWithoutStock: false,
        createdAt: scayleTime(at),
        merchantReferenceKey: "moda",
      },
    },
  ];
}

/** Something that somebody put into a basket: SCAYLE's documentation lists no such event, other shop systems send it. */
export function announceBasket(world: World, shop: SandboxShop, number: number, at: number): Announcement[] {
  const variant = makeRandom(world.seed, "basket", number).pick(world.catalogue);
  return [
    {
      name: "basket-item-added",
      at,
      shop,
      payload: {
        basketKey: `basket-wish-${number}`,
        items: [{ variant: { id: variant.id, referenceKey: variant.sku }, quantity: 1 }],
      },
    },
  ];
}

const ITEM_EVENT = /^order-(item|package)-/;

/**
 * An event's envelope, in one of the two generations that SCAYLE's documentation shows; the older item and package events
 * carry the items alone, and no word of the order.
 */
function envelope({ name, at, payload }: Announcement, seed: number, number: number): Json {
  const isOld = makeRandom(seed, "generation", number).chance(0.25);
  const common = { key: makeGuid("event", seed, number, at), occurredAt: scayleTime(at) };
  if (!isOld) {
    const meta = { tenantKey: "moda", xRequestId: makeGuid("request", seed, number, at) };
    return { ...common, meta, version: 1, type: name, payload };
  }
  const locale = { appId: 1, countryCode: "DEU", currencyCode: "EUR", languageCode: "de_DE" };
  const old = ITEM_EVENT.test(name) && "items" in payload ? { items: payload["items"] } : payload;
  return { ...common, locale, type: name.replace(/^order-(?=package-)/, ""), payload: old };
}

export type Post = (
  url: string,
  headers: Record<string, string>,
  body: string,
) => Promise<{ status: number }>;

/** A call that is not answered within this was not answered. */
const TIMEOUT_MILLISECONDS = 5_000;

export const postWithFetch: Post = async (url, headers, body) => {
  const signal = AbortSignal.timeout(TIMEOUT_MILLISECONDS);
  const response = await fetch(url, { method: "POST", headers, body, signal, redirect: "manual" });
  await response.arrayBuffer();
  return { status: response.status };
};

/** Between the tries of one delivery. */
const PAUSES = [500, 2_000] as const;

const headersOf = ({ auth, customHeaders }: Subscription): Record<string, string> => ({
  "content-type": "application/json",
  ...(auth && {
    authorization: `Basic ${Buffer.from(`${auth.username}:${auth.password}`).toString("base64")}`,
  }),
  ...customHeaders,
});

type Parcel = { subscription: Subscription; body: string; event: string; order: string | null };

/** One parcel per subscription that wants the event, and of what has no shop one per subscriber. */
function parcelsOf(
  announcement: Announcement,
  body: string,
  subscriptions: readonly Subscription[],
): Parcel[] {
  const told = new Set<string>();
  return subscriptions
    .filter(({ enabled, eventName, target, url, auth }) => {
      if (!enabled || eventName !== announcement.name) return false;
      const { shop } = announcement;
      if (shop && target.shopCountryId !== undefined && target.shopCountryId !== shop.id) return false;
      const subscriber = `${url} ${auth?.username ?? ""}`;
      if (told.has(subscriber)) return false;
      told.add(subscriber);
      return true;
    })
    .map((subscription) => ({
      subscription,
      body,
      event: announcement.name,
      order: referenceIn(announcement.payload),
    }));
}

function referenceIn(payload: Json): string | null {
  const order = (payload["order"] ?? payload) as Json;
  return typeof order["referenceKey"] === "string" ? order["referenceKey"] : null;
}

/**
 * Delivers events to those who subscribed to them, at least once: every fifth twice, and now and then the later before
 * the earlier, as SCAYLE says may happen. Answers when all were taken or given up.
 */
export async function deliver(
  announcements: readonly Announcement[],
  {
    seed,
    first,
    subscriptions,
    post,
  }: Readonly<{
    seed: number;
    /** how many events there were before */
    first: number;
    subscriptions: readonly Subscription[];
    post: Post;
  }>,
): Promise<Delivery[]> {
  const parcels = announcements.flatMap((announcement, index) => {
    const number = first + index;
    const body = JSON.stringify(envelope(announcement, seed, number));
    const once = parcelsOf(announcement, body, subscriptions);
    return makeRandom(seed, "twice", number).chance(0.2) ? [...once, ...once] : once;
  });
  for (let place = 1; place < parcels.length; place += 1) {
    const [one, other] = [parcels[place - 1], parcels[place]];
    if (one && other && makeRandom(seed, "order", first, place).chance(0.15))
      [parcels[place - 1], parcels[place]] = [other, one];
  }
  const deliveries: Delivery[] = [];
  for (const parcel of parcels) deliveries.push(await deliverOne(parcel, post));
  return deliveries;
}

async function deliverOne({ subscription, body, event, order }: Parcel, post: Post): Promise<Delivery> {
  const { url } = subscription;
  for (let tries = 1; ; tries += 1) {
    const { status } = await post(url, headersOf(subscription), body).catch(() => ({ status: 0 }));
    const pause = PAUSES[tries - 1];
    if ((status > 0 && status < 500) || pause === undefined) return { event, order, url, status, tries };
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}
