import type pg from "pg";
import type { Random } from "@/lib/sandbox/random";
import { orderEvents } from "@/lib/sandbox/scayle-events";
import { receiveScayle } from "@/lib/webhooks/receive";
import type { Clock } from "./clock";
import type { Faults } from "./faults";
import type { Source } from "./source";

/** A message on its way: SCAYLE sends it again until it is answered. */
type Delivery = Readonly<{
  key: string;
  /** the order that it speaks of, or the item whose stock moved by it */
  about: Readonly<{ orderId: number } | { sku: string }>;
  occurredAt: number;
  notBefore: number;
}>;

/** SCAYLE's webhooks, as far as they arrive. */
export type Webhooks = {
  /** keys of events that we said we have */
  readonly accepted: Set<string>;
  /** Makes the events of what changed in a span of time, without those that get lost. */
  happen(after: number, until: number): void;
  /** Delivers what is on its way; `all`: what would come later too. */
  deliver(pool: pg.Pool, all?: boolean): Promise<void>;
};

const TYPES = ["order-confirmed", "order-item-shipped", "order-invoiced", "order-item-returned"] as const;

export function makeWebhooks(
  given: Readonly<{
    source: Source;
    faults: Faults;
    clock: Clock;
    random: Random;
    endpoint: Readonly<Record<string, string>>;
    wrong: (what: string) => void;
  }>,
): Webhooks {
  const { source, faults, clock, random, endpoint, wrong } = given;
  const accepted = new Set<string>();
  const underWay: Delivery[] = [];
  const headers: Record<string, string> = {
    authorization: `Basic ${Buffer.from(`${endpoint["user"]}:${endpoint["password"]}`).toString("base64")}`,
    "x-tieout-secret": endpoint["header"] ?? "",
  };

  async function send(pool: pg.Pool, { key, about, occurredAt }: Delivery): Promise<void> {
    const said =
      "sku" in about
        ? {
            type: "product-variant-stock-updated",
            // Not what is so: what an event says is never taken over.
            payload: { productVariant: { referenceKey: about.sku }, quantity: 4711 },
          }
        : { type: TYPES[occurredAt % TYPES.length], payload: { order: { id: about.orderId } } };
    const body = { key, occurredAt: new Date(occurredAt).toISOString(), ...said };
    const call = {
      header: (name: string) => headers[name] ?? null,
      body: Buffer.from(JSON.stringify(body)),
    };
    const { status } = await receiveScayle(call, { pool, now: clock.now });
    if (status === 202) accepted.add(key);
    else wrong(`a webhook was answered with ${status}`);
  }

  function post(key: string, about: Delivery["about"], occurredAt: number, until: number): void {
    if (faults.strike("webhook lost", key)) return;
    const late = faults.strike("webhook late", key) ? random.integer(1, 5) * 86_400_000 : 0;
    const one = { key, about, occurredAt, notBefore: until + late };
    underWay.push(one);
    if (faults.strike("webhook doubled", key)) underWay.push(one);
  }

  return {
    accepted,
    happen(after, until) {
      for (const order of source.orders) {
        for (const at of orderEvents(order).filter((event) => event > after && event <= until)) {
          post(`${order.id}-${at}`, { orderId: order.id }, at, until);
          const [unit] = order.units;
          if (at === order.confirmedAt && unit)
            post(`stock-${order.id}`, { sku: unit.variant.sku }, at, until);
        }
      }
      if (underWay.length > 1 && faults.strike("webhooks reordered", String(until), 0.5)) underWay.reverse();
    },
    async deliver(pool, all = false) {
      const due = underWay.filter((one) => all || one.notBefore <= clock.at);
      for (const one of due) {
        await send(pool, one);
        // Only what was answered is not sent again.
        underWay.splice(underWay.indexOf(one), 1);
      }
    },
  };
}
