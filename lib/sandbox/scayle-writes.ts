import { z } from "zod";
import { chargedFor } from "@/lib/sandbox/basket";
import { localDate, SECOND, scayleTime } from "@/lib/sandbox/calendar";
import { liveUnits } from "@/lib/sandbox/cost";
import { type Call, jsonOf, Refused } from "@/lib/sandbox/http";
import type { SandboxOrder, Unit } from "@/lib/sandbox/model";
import { ENTITIES } from "@/lib/sandbox/retailer";
import { wire } from "@/lib/sandbox/scayle-item";
import { type StockLevel, type StockSet, stockJson } from "@/lib/sandbox/stock";
import type { Asked, Decision } from "@/lib/sandbox/write-faults";

/*
 * What is written: stock by SCAYLE's public API, and what this tenant takes beyond it, a refund and what an order's items are worth. A refund that lacks its
 * amount or its items is accepted and makes no credit note. No public source says more about either call.
 */

const amount = z.number().int();

const refundSchema = z.looseObject({
  amount: amount.positive().optional(),
  refund_items: z
    .array(z.looseObject({ item_id: z.number().int(), quantity: z.literal(1).default(1), gross: amount }))
    .optional(),
  /** the day on which the goods came back; today by default */
  received: z.iso.date().optional(),
  reference: z.string().optional(),
});

const valuesSchema = z.looseObject({
  items: z.array(z.looseObject({ item_id: z.number().int(), net: amount, tax: amount, gross: amount })),
});

const stockSchema = z.looseObject({
  quantity: z.number().int().min(0),
  warehouseReferenceKey: z.string().min(1),
  changedAt: z.iso.datetime({ offset: true }),
});

const bad = (message: string) => new Refused(400, "INVALID_REQUEST", message);
const conflict = (key: string, message: string) => new Refused(409, key, message);

function bodyOf<T>(schema: z.ZodType<T>, { body }: Call): T {
  const parsed = schema.safeParse(jsonOf(body));
  if (parsed.success) return parsed.data;
  throw bad(z.prettifyError(parsed.error));
}

/** SCAYLE keeps places for so many corrective invoices of an order. */
const CREDITS_MAX = 5;

/** A refund that is asked for with POST …/orders/{id}/refunds. `knowsKey`: whether one with this key was taken before. */
export function askRefund(call: Call, order: SandboxOrder, knowsKey: (key: string) => boolean): Asked {
  const refund = bodyOf(refundSchema, call);
  const given = call.headers["idempotency-key"] ?? refund.reference;
  const key = typeof given === "string" && given !== "" ? given : null;
  const reply = (status: string) => ({ status: 201, body: { orderId: order.id, status, reference: key } });
  return {
    kind: "refund",
    reference: order.reference,
    at: call.at,
    refusal: conflict("PAYMENT_PROVIDER_REJECTED", "The payment provider did not accept the refund."),
    decide(partial): Decision {
      if (key !== null && knowsKey(key)) return { reply: reply("known"), happened: [] };
      if (refund.amount === undefined || refund.refund_items === undefined)
        return { reply: reply("accepted"), happened: [] };
      const units = refund.refund_items.map((item) =>
        refundableUnit(order, item.item_id, item.gross, call.at),
      );
      if (new Set(units).size < units.length) throw bad("An item is named twice.");
      if (units.length === 0) throw bad("The refund has no items.");
      const sum = refund.refund_items.reduce((total, item) => total + item.gross, 0);
      if (sum !== refund.amount)
        throw bad(`The amount ${refund.amount} is not the sum of the refund items, ${sum}.`);
      if (order.credits.length >= CREDITS_MAX)
        throw conflict("TOO_MANY_CORRECTIONS", "The order has all the corrective invoices that it may have.");
      const taken = partial ? units.slice(0, 1) : units;
      const at = call.at - (call.at % SECOND);
      const on = cameBack(order, taken, refund.received, at);
      const happened = {
        what: "refund" as const,
        at,
        id: order.id,
        units: taken.map(({ id }) => id),
        on,
        key,
      };
      return { reply: reply("accepted"), happened: [happened] };
    },
  };
}

function refundableUnit(order: SandboxOrder, id: number, gross: number, at: number): Unit {
  const unit = order.units.find((one) => one.id === id);
  if (!unit) throw new Refused(404, "ORDER_ITEM_NOT_FOUND", `The order has no item ${id}.`);
  const shipment = unit.shipment === null ? undefined : order.shipments[unit.shipment];
  if (!shipment || shipment.at > at)
    throw conflict("ORDER_ITEM_NOT_SHIPPED", `The item ${id} has not been shipped.`);
  if (unit.credit !== null)
    throw conflict("ORDER_ITEM_ALREADY_RETURNED", `The item ${id} was refunded before.`);
  if (gross > wire(chargedFor(unit)))
    throw bad(`The item ${id} was sold for ${chargedFor(unit)}, which is less than ${gross}.`);
  return unit;
}

/** When the goods came back: at the end of the day that was named, but never before they left or after now. */
function cameBack(order: SandboxOrder, units: readonly Unit[], day: string | undefined, now: number): number {
  const left = Math.max(...units.map((unit) => order.shipments[unit.shipment ?? 0]?.at ?? 0));
  if (day === undefined || day >= localDate(now, ENTITIES[order.entity].timeZone)) return now;
  return Math.min(now, Math.max(Date.parse(`${day}T12:00:00Z`), left + SECOND));
}

/** What an order's items are worth, sent with PUT …/orders/{id}/line-values. */
export function askLineValues(call: Call, order: SandboxOrder): Asked {
  const { items } = bodyOf(valuesSchema, call);
  return {
    kind: "line-values",
    reference: order.reference,
    at: call.at,
    refusal: conflict("ORDER_LOCKED", "The order is being worked on. Please try again later."),
    decide(partial): Decision {
      const live = liveUnits(order, call.at);
      for (const { item_id: id, net, tax, gross } of items) {
        const unit = live.find((one) => one.id === id);
        if (!unit) throw new Refused(404, "ORDER_ITEM_NOT_FOUND", `The order has no live item ${id}.`);
        if (gross !== wire(chargedFor(unit)))
          throw bad(`The item ${id} was sold for ${chargedFor(unit)}, not for ${gross}.`);
        if (net + tax !== gross) throw bad(`The item ${id}: ${net} and ${tax} don't make ${gross}.`);
      }
      const named = new Set(items.map((item) => item.item_id));
      // Only with all of them SCAYLE knows the whole, and reckons it anew.
      const isWhole = !partial && live.every((unit) => named.has(unit.id));
      const at = call.at - (call.at % SECOND);
      return {
        reply: { status: 200, body: { orderId: order.id, updatedAt: scayleTime(at) } },
        happened: isWhole ? [{ what: "line-values", at, id: order.id }] : [],
      };
    },
  };
}

/**
 * A level that is told with POST /variants/{id}/stocks: the quantity is absolute. One that is older than what is held is
 * ignored and answered with what is held, as a success. `levelsWith`: the levels as they stand now, or with this one told.
 */
export function askStock(
  call: Call,
  variant: Readonly<{ sku: string }>,
  levelsWith: (push: StockSet | null) => readonly StockLevel[],
): Asked {
  const { quantity, warehouseReferenceKey: warehouse, changedAt } = bodyOf(stockSchema, call);
  const stamp = Date.parse(changedAt);
  const at = call.at - (call.at % SECOND);
  const levelOf = (levels: readonly StockLevel[]): StockLevel => {
    const level = levels.find((one) => one.warehouse.referenceKey === warehouse);
    if (!level) throw new Refused(404, "WAREHOUSE_NOT_FOUND", `There is no warehouse ${warehouse}.`);
    return level;
  };
  const held = levelOf(levelsWith(null));
  return {
    kind: "stock",
    reference: variant.sku,
    at: call.at,
    refusal: bad("The stock of this variant can't be changed at the moment."),
    decide(): Decision {
      const push = { at, sku: variant.sku, warehouse, quantity, stamp };
      const isIgnored = stamp < held.changedAt;
      const level = isIgnored ? held : levelOf(levelsWith({ ...push, side: "scayle" }));
      return {
        reply: { status: 201, body: stockJson(level) },
        happened: isIgnored ? [] : [{ what: "stock-push", ...push }],
      };
    },
  };
}
