import type pg from "pg";
import { splitOrder } from "@/lib/connectors/scayle/personal";
import { inTransaction } from "@/lib/db/pool";
import { hashOf, idOf } from "@/lib/domain/identity";
import { objectOf, toJson } from "@/lib/domain/json";
import { addJob } from "@/lib/jobs/queue";
import { addSync } from "@/lib/sync/schedule";
import { type Endpoint, findEndpoint, scayleSecretsOf, standardKeysOf } from "./endpoints";
import { readEnvelope, type StatedEvent } from "./envelope";
import { effectOf } from "./events";
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

function readMessage(body: unknown, id: string | null): StatedEvent | null {
  const { type, timestamp, data } = objectOf(body);
  if (typeof type !== "string" || type === "") return null;
  const { order } = objectOf(data);
  const reference = typeof order === "string" || typeof order === "number" ? String(order).trim() : "";
  const occurredAt = typeof timestamp === "string" ? new Date(timestamp) : null;
  return {
    type: type.trim().toLowerCase(),
    statedType: type,
    key: id,
    occurredAt: occurredAt && !Number.isNaN(occurredAt.getTime()) ? occurredAt : null,
    order: { sourceId: null, reference: reference === "" ? null : reference },
  };
}

type Stored = Readonly<{ event: StatedEvent | null; body: unknown; state: string; outcome: string | null }>;

async function keep(
  pool: pg.Pool,
  endpoint: Endpoint,
  bytes: Buffer,
  at: Date,
  read: (body: unknown) => StatedEvent | null,
): Promise<Answer> {
  const text = bytes.toString("utf8");
  const stored = storedOf(endpoint, text, read);
  const isNew = await inTransaction(pool, async (client) => {
    const inserted = await insertEvent(client, endpoint, stored, hashOf(text), at);
    if (inserted && stored.state === "waiting") await addReading(client, endpoint, stored.event);
    return inserted;
  });
  if (stored.event === null)
    return { status: 400, message: "This is no event: a JSON object with a type was expected. It is kept." };
  return { status: 202, message: isNew ? "Kept." : "Kept before." };
}

function storedOf({ kind }: Endpoint, text: string, read: (body: unknown) => StatedEvent | null): Stored {
  const body = jsonOf(text);
  const event = body === undefined ? null : read(body);
  if (event === null) {
    return {
      event,
      body: body === undefined ? { text } : withoutPersons(body),
      state: "failed",
      outcome: "It is no event: a JSON object with a type was expected.",
    };
  }
  const effect = kind === "scayle" ? effectOf(event.type) : ({ do: "read-order" } as const);
  const kept = { event, body: withoutPersons(body) };
  if (effect.do === "read-order") return { ...kept, state: "waiting", outcome: null };
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

/** Stores an event; false where it is here already. One key with two bodies is two events: which is right, its source says. */
async function insertEvent(
  client: pg.PoolClient,
  { id: endpointId, connectionId, entityId }: Endpoint,
  { event, body, state, outcome }: Stored,
  bodyHash: string,
  at: Date,
): Promise<boolean> {
  const insert = (key: string) =>
    client.query(
      `INSERT INTO webhook_event (id, endpoint_id, connection_id, entity_id, event_key, body_hash, type, stated_type,
         occurred_at, received_at, source_id, reference, body, state, outcome, done_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13::jsonb, $14, $15, $16) ON CONFLICT DO NOTHING`,
      [
        idOf("webhook", endpointId, key, bodyHash),
        endpointId,
        connectionId,
        entityId,
        key,
        bodyHash,
        event?.type ?? "",
        event?.statedType ?? "",
        event?.occurredAt ?? null,
        at,
        event?.order.sourceId ?? null,
        event?.order.reference ?? null,
        // PostgreSQL holds no NUL in a text.
        toJson(body).replaceAll("\\u0000", "\\ufffd"),
        state,
        outcome,
        state === "waiting" ? null : at,
      ],
    );
  const key = event?.key ?? `body ${bodyHash}`;
  if ((await insert(key)).rowCount === 1) return true;
  const again = await client.query(
    "UPDATE webhook_event SET deliveries = deliveries + 1 WHERE endpoint_id = $1 AND body_hash = $2",
    [endpointId, bodyHash],
  );
  if (again.rowCount === 1) return false;
  return (await insert(`${key} ${bodyHash.slice(0, 16)}`)).rowCount === 1;
}

/** Adds the job that reads what was named; of several that wait for one connection it is one, which takes all of them. */
async function addReading(
  client: pg.PoolClient,
  endpoint: Endpoint,
  event: StatedEvent | null,
): Promise<void> {
  const { connectionId, kind } = endpoint;
  if (kind === "standard" && event?.order.reference === null) {
    const { rows } = await client.query<{ id: string }>("SELECT id FROM feed WHERE connection_id = $1", [
      connectionId,
    ]);
    for (const { id } of rows) await addSync(client, id);
  }
  await addJob(
    client,
    "read-named-orders",
    { connectionId },
    { queue: `named:${connectionId}`, key: `named:${connectionId}` },
  );
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
