import { z } from "zod";
import { SECOND } from "@/lib/sandbox/calendar";
import { type Call, jsonOf, Refused } from "@/lib/sandbox/http";
import type { SandboxOrder, Unit } from "@/lib/sandbox/model";
import type { Asked, Decision } from "@/lib/sandbox/write-faults";
import type { Write } from "@/lib/sandbox/writes";

/*
 * What SCAYLE is told of an order's goods: POST /fulfillment/shipments, /fulfillment/cancellations, /fulfillment/return-items,
 * as its SDKs have them, and PUT …/orders/{id}/reference-key. The SDKs name no answer: 204 stands for it here.
 */

const item = z.looseObject({ orderItemId: z.number().int() });
const about = { shopKey: z.string(), countryCode: z.string(), orderId: z.number().int() };

const shipmentSchema = z.looseObject({
  ...about,
  carrier: z.string().min(1),
  shipmentKey: z.string().min(1),
  items: z.array(item.extend({ returnKey: z.string().optional() })).min(1),
});
const cancellationSchema = z.looseObject({ ...about, items: z.array(item).min(1) });
const returnSchema = z
  .array(z.looseObject({ returnKey: z.string(), received: z.string().optional() }))
  .min(1);
const keySchema = z.looseObject({ referenceKey: z.string().min(1) });

const NOTHING = { status: 204, body: {} };
const LOCKED = new Refused(409, "ORDER_LOCKED", "The order is being worked on. Please try again later.");

function bodyOf<T>(schema: z.ZodType<T>, { body }: Call): T {
  const parsed = schema.safeParse(jsonOf(body));
  if (parsed.success) return parsed.data;
  throw new Refused(400, "INVALID_REQUEST", z.prettifyError(parsed.error));
}

type Find = Readonly<{
  byId(id: number): SandboxOrder;
  /** the order of an item, by the key under which it is sent back */
  byItem(itemId: number): SandboxOrder;
}>;

/** What one of the three calls is about to change; null for another path. */
export function askFulfilment(call: Call, path: string, find: Find): Asked | null {
  if (call.method !== "POST") return null;
  if (path === "/fulfillment/shipments") {
    const { orderId, items } = bodyOf(shipmentSchema, call);
    const ids = items.map((one) => one.orderItemId);
    return asked(call, find.byId(orderId), "shipped", ids, call.at);
  }
  if (path === "/fulfillment/cancellations") {
    const { orderId, items } = bodyOf(cancellationSchema, call);
    const ids = items.map((one) => one.orderItemId);
    return asked(call, find.byId(orderId), "cancelled", ids, call.at);
  }
  if (path !== "/fulfillment/return-items") return null;
  const entries = bodyOf(returnSchema, call);
  // Whoever shipped it named no other return key: it is the item's own id.
  const ids = entries.map((one) => Number(one.returnKey));
  const received = Date.parse(`${(entries[0]?.received ?? "").replace(" ", "T")}Z`);
  const order = find.byItem(ids[0] ?? 0);
  return asked(call, order, "came-back", ids, Number.isNaN(received) ? call.at : received);
}

type Fulfilment = Extract<Write, { what: "shipped" | "cancelled" | "came-back" }>;

export const isFulfilment = (write: Write): write is Fulfilment =>
  write.what === "shipped" || write.what === "cancelled" || write.what === "came-back";

function asked(
  call: Call,
  order: SandboxOrder,
  what: Fulfilment["what"],
  ids: readonly number[],
  on: number,
): Asked {
  const at = call.at - (call.at % SECOND);
  return {
    kind: "fulfilment",
    reference: order.reference,
    at: call.at,
    refusal: LOCKED,
    decide(partial): Decision {
      const units = ids.map((id) => unitOf(order, id));
      for (const unit of units) refuse(order, unit, what, call.at);
      const taken = partial ? units.slice(0, 1) : units;
      const happened = {
        what,
        at,
        id: order.id,
        units: taken.map((unit) => unit.id),
        on: Math.min(on - (on % SECOND), at),
      };
      return { reply: NOTHING, happened: [happened] };
    },
  };
}

function unitOf(order: SandboxOrder, id: number): Unit {
  const unit = order.units.find((one) => one.id === id);
  if (!unit) throw new Refused(404, "ORDER_ITEM_NOT_FOUND", `The order has no item ${id}.`);
  return unit;
}

function refuse(order: SandboxOrder, unit: Unit, what: Fulfilment["what"], at: number): void {
  const shipment = unit.shipment === null ? undefined : order.shipments[unit.shipment];
  const hasLeft = shipment !== undefined && shipment.at <= at;
  const no = (key: string, message: string) => new Refused(409, key, message);
  if (what === "came-back") {
    if (!hasLeft) throw no("ORDER_ITEM_NOT_SHIPPED", `The item ${unit.id} has not been shipped.`);
    if (unit.credit !== null)
      throw no("ORDER_ITEM_ALREADY_RETURNED", `The item ${unit.id} came back before.`);
  } else if (unit.cancelledAt !== null && unit.cancelledAt <= at)
    throw no("ORDER_ITEM_CANCELLED", `The item ${unit.id} is cancelled.`);
  else if (hasLeft) throw no("ORDER_ITEM_ALREADY_SHIPPED", `The item ${unit.id} has left already.`);
}

/** The reference key that an order is to have. */
export function askReferenceKey(call: Call, order: SandboxOrder): Asked {
  const { referenceKey } = bodyOf(keySchema, call);
  const at = call.at - (call.at % SECOND);
  return {
    kind: "reference-key",
    reference: order.reference,
    at: call.at,
    refusal: LOCKED,
    decide: () => ({
      reply: NOTHING,
      happened: [{ what: "reference-key", at, id: order.id, reference: referenceKey }],
    }),
  };
}

/** The order once SCAYLE was told of its goods. */
export function fulfilled(order: SandboxOrder, { what, units: ids, at, on }: Fulfilment): SandboxOrder {
  const named = new Set(ids);
  const change = (with_: Partial<Unit>): Unit[] =>
    order.units.map((unit) => (named.has(unit.id) ? { ...unit, ...with_ } : unit));
  if (what === "shipped") {
    // Parcels that were only foreseen are gone; what is left of them leaves with this one.
    const left = order.shipments.filter((shipment) => shipment.at <= at);
    const parcel = { at, packageId: order.id * 10 + 1 + left.length };
    return { ...order, shipments: [...left, parcel], units: change({ shipment: left.length }) };
  }
  if (what === "came-back")
    return {
      ...order,
      credits: [
        ...order.credits,
        { at: on, kind: "return", refundsShipping: false, timeOnItem: true, noted: at },
      ],
      units: change({ credit: order.credits.length }),
    };
  const units = change({ cancelledAt: at, shipment: null });
  const isWhole = units.every((unit) => unit.cancelledAt !== null);
  return {
    ...order,
    units,
    ...(isWhole ? { cancelledAt: at, shipments: order.shipments.filter((one) => one.at <= at) } : {}),
  };
}
