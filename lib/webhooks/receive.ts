import type pg from "pg";
import { splitOrder } from "@/lib/connectors/scayle/personal";
import { hashOf } from "@/lib/domain/identity";
import { objectOf } from "@/lib/domain/json";
import { type Endpoint, findEndpoint, scayleSecretsOf, standardKeysOf } from "./endpoints";
import { readEnvelope, type StatedEvent } from "./envelope";
import { type Effect, effectOf, messageEffectOf } from "./events";
import { type Delivered, keepTogether } from "./keep";
import { basicOf, isSame, SECRET_HEADER, signatureFault } from "./secrets";

/** A call as it came. */
export type Call = Readonly<{ header: (name: string) => string | null; body: Buffer }>;

/** What the caller is told. */
export type Answer = Readonly<{ status: 202 | 400 | 401; message: string }>;

export type ReceiveContext = Readonly<{ pool: pg.Pool; now: () => Date }>;

/** A larger body is not read. SCAYLE's largest orders have some hundred kB. */
export const BODY_BYTES_MAX = 2 * 1024 * 1024;

const NOT_KNOWN: Answer = { status: 401, message: "Unknown user, password or secret." };

// What an unknown user's password is compared with, so that a wrong user takes as long as a wrong password.
const NOBODY = { password: "nobody's", header: "nobody's" };

/**
 * Takes a webhook of SCAYLE: Basic auth (the user is the endpoint's name) and a secret header, both compared in constant
 * time. The event is stored with a unique key and the hash of its body, in the transaction that adds the job that reads
 * the order again. The same event twice is one; what is no event at all is kept as failed.
 */
export async function receiveScayle(call: Call, { pool, now }: ReceiveContext): Promise<Answer> {
  const basic = basicOf(call.header("authorization"));
  const at = now();
  const endpoint = basic ? await findEndpoint(pool, "scayle", basic.user) : null;
  const header = call.header(SECRET_HEADER) ?? "";
  const allowed = (endpoint ? scayleSecretsOf(endpoint, at) : [NOBODY])
    .map((secret) => {
      const right = [isSame(basic?.password ?? "", secret.password), isSame(header, secret.header)];
      return !right.includes(false);
    })
    .includes(true);
  if (!endpoint || !allowed) return NOT_KNOWN;
  return keep(pool, endpoint, call.body, at, readEnvelope);
}

/**
 * Takes a message of any other system, signed as Standard Webhooks has it. `{"type": …, "data": {"order": reference}}`
 * has that order read again from both systems; without an order the feeds of the connection are read.
 */
export async function receiveStandard(
  endpointId: string,
  call: Call,
  { pool, now }: ReceiveContext,
): Promise<Answer> {
  const at = now();
  const endpoint = await findEndpoint(pool, "standard", endpointId);
  const id = call.header("webhook-id");
  const signed = {
    id,
    timestamp: call.header("webhook-timestamp"),
    signature: call.header("webhook-signature"),
  };
  const fault = signatureFault(
    signed,
    call.body,
    endpoint ? standardKeysOf(endpoint, at) : [NOBODY.header],
    at,
  );
  if (!endpoint || fault !== null) return { status: 401, message: fault ?? "There is no such endpoint." };
  return keep(pool, endpoint, call.body, at, (body) => readMessage(body, id));
}

/** A message names an order or, where its type is of stock, an item: `{"type": "stock.changed", "data": {"item": "SKU"}}`. */
function readMessage(body: unknown, id: string | null): StatedEvent | null {
  const { type, timestamp, data } = objectOf(body);
  if (typeof type !== "string" || type === "") return null;
  const { order, item } = objectOf(data);
  const occurredAt = typeof timestamp === "string" ? new Date(timestamp) : null;
  return {
    type: type.trim().toLowerCase(),
    statedType: type,
    key: id,
    occurredAt: occurredAt && !Number.isNaN(occurredAt.getTime()) ? occurredAt : null,
    order: { sourceId: null, reference: nameOf(order) },
    item: { sourceId: null, reference: nameOf(item) },
    customer: { sourceId: null, reference: null },
  };
}

const nameOf = (value: unknown): string | null => {
  const text = typeof value === "string" || typeof value === "number" ? String(value).trim() : "";
  return text === "" ? null : text;
};

type Stored = Pick<Delivered, "event" | "subject" | "body" | "state" | "outcome">;

async function keep(
  pool: pg.Pool,
  endpoint: Endpoint,
  bytes: Buffer,
  at: Date,
  read: (body: unknown) => StatedEvent | null,
): Promise<Answer> {
  const text = bytes.toString("utf8");
  const stored = storedOf(endpoint, text, read);
  const isNew = await keepTogether(pool, {
    endpoint,
    ...stored,
    bodyHash: hashOf(ofItsOwn(endpoint, stored.event, text)),
    at,
  });
  if (stored.event === null)
    return { status: 400, message: "This is no event: a JSON object with a type was expected. It is kept." };
  return { status: 202, message: isNew ? "Kept." : "Kept before." };
}

/** What makes a delivery another one: a signed message's id says it, with whatever words it comes again. */
const ofItsOwn = ({ kind }: Endpoint, event: StatedEvent | null, text: string): string =>
  kind === "standard" && event?.key ? `${event.key} ${text}` : text;

const SUBJECTS: Readonly<Partial<Record<Effect["do"], Delivered["subject"]>>> = {
  "read-stock": "stock",
  "erase-customer": "customer",
};

function storedOf({ kind }: Endpoint, text: string, read: (body: unknown) => StatedEvent | null): Stored {
  const body = jsonOf(text);
  const event = body === undefined ? null : read(body);
  if (event === null) {
    return {
      event,
      subject: "order",
      body: body === undefined ? { text } : withoutPersons(body),
      state: "failed",
      outcome: "It is no event: a JSON object with a type was expected.",
    };
  }
  const effect = kind === "scayle" ? effectOf(event.type) : messageEffectOf(event);
  const subject = SUBJECTS[effect.do] ?? "order";
  const kept = { event, subject, body: withoutPersons(body) } as const;
  if (effect.do !== "keep" && effect.do !== "refuse") return { ...kept, state: "waiting", outcome: null };
  return { ...kept, state: effect.do === "refuse" ? "refused" : "kept", outcome: effect.why };
}

/** The body without personal data: that comes with the record, which is read again, and is kept where it can be erased. */
function withoutPersons(body: unknown): unknown {
  const envelope = objectOf(body);
  const payload = objectOf(envelope["payload"]);
  const order = payload["order"];
  const { payload: rest } = splitOrder(
    order === undefined ? payload : { ...payload, order: splitOrder(order).payload },
  );
  return { ...envelope, payload: rest };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
