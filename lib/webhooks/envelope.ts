import { z } from "zod";
import { objectOf } from "@/lib/domain/json";
import { eventName } from "./events";

const identity = z.union([z.string().min(1), z.number().int()]).transform(String);
const instant = z
  .string()
  .refine((text) => !Number.isNaN(Date.parse(text)), "is not a time")
  .transform((text) => new Date(text));

/**
 * SCAYLE's envelope in both generations: the older with `locale`, the newer with `meta` and `version`. Beyond what every
 * event has to say (`type`, `payload`) nothing is asked for, since the rest is not known for certain
 * (reference: scayle.dev, architecture/webhooks).
 */
const Envelope = z.looseObject({
  type: z.string().min(1),
  key: identity.nullish().catch(null),
  occurredAt: instant.nullish().catch(null),
  payload: z.unknown(),
});

/** What an event says of the order or item it is about. */
export type StatedEvent = Readonly<{
  /** as we spell it */
  type: string;
  statedType: string;
  key: string | null;
  occurredAt: Date | null;
  order: Subject;
  /** an item whose stock it speaks of: its id, and the key that it goes by */
  item: Subject;
  /** a customer that it speaks of */
  customer: Subject;
}>;

type Subject = Readonly<{ sourceId: string | null; reference: string | null }>;

/** Reads an envelope. Null where it is none: no JSON object with a `type`. */
export function readEnvelope(body: unknown): StatedEvent | null {
  const parsed = Envelope.safeParse(body);
  if (!parsed.success) return null;
  const { type, key, occurredAt, payload } = parsed.data;
  const spelled = eventName(type);
  return {
    type: spelled,
    statedType: type,
    key: key ?? null,
    occurredAt: occurredAt ?? null,
    order: orderIn(payload),
    item: itemIn(payload),
    customer: spelled.startsWith("customer") ? customerIn(payload) : { sourceId: null, reference: null },
  };
}

/** The variant in a stock event's payload: `{ productVariant: { id, referenceKey }, warehouse: …, quantity: … }`. */
function itemIn(payload: unknown): Subject {
  const variant = objectOf(objectOf(payload)["productVariant"]);
  return { sourceId: textOf(variant["id"]), reference: textOf(variant["referenceKey"]) };
}

/** The customer in a payload: `{ customer: … }`, or the customer itself. Which of the two it is could not be seen in public. */
function customerIn(payload: unknown): Subject {
  const outer = objectOf(payload);
  const customer = outer["customer"] === undefined ? outer : objectOf(outer["customer"]);
  return {
    sourceId: textOf(customer["id"]),
    reference: textOf(customer["referenceKey"]) ?? textOf(customer["publicKey"]),
  };
}

/**
 * The order in a payload, which has one of three shapes: the order itself, `{ order: … }`, or `{ items: [ … ] }` without
 * any word of the order that could be seen in public.
 */
function orderIn(payload: unknown): Subject {
  const outer = objectOf(payload);
  const order = outer["order"] === undefined ? outer : objectOf(outer["order"]);
  const isOrder =
    outer["order"] !== undefined || "cost" in order || "status" in order || "basketKey" in order;
  return {
    sourceId: textOf(isOrder ? order["id"] : outer["orderId"]),
    reference: textOf(isOrder ? order["referenceKey"] : null),
  };
}

const textOf = (value: unknown): string | null => {
  const parsed = identity.safeParse(value);
  return parsed.success ? parsed.data : null;
};
