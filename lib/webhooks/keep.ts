import type pg from "pg";
import { inTransaction } from "@/lib/db/pool";
import { idOf } from "@/lib/domain/identity";
import { toJson } from "@/lib/domain/json";
import { addJob } from "@/lib/jobs/queue";
import { addSync } from "@/lib/sync/schedule";
import type { Endpoint } from "./endpoints";
import type { StatedEvent } from "./envelope";

/** An event as it was delivered, and what follows from it. */
export type Delivered = Readonly<{
  endpoint: Endpoint;
  event: StatedEvent | null;
  /** what it is about */
  subject: "order" | "stock" | "customer";
  /** without personal data */
  body: unknown;
  bodyHash: string;
  state: "waiting" | "kept" | "refused" | "failed";
  outcome: string | null;
  at: Date;
}>;

type Caller = Readonly<{
  delivered: Delivered;
  tell: (isNew: boolean) => void;
  fail: (error: unknown) => void;
}>;

/** Callers who wait while a transaction is at work, per pool. */
const lines = new WeakMap<pg.Pool, Caller[]>();

const TOGETHER_MAX = 100;

/**
 * Keeps an event and the job that it asks for in one transaction, and answers when that is durable: whether it is new. At
 * peak, whoever comes while a transaction is at work shares the next one: all of them add the same job, whose row would
 * otherwise let one commit after the other through; alone, nobody waits. Where a shared transaction fails, each goes alone.
 *
 * @throws what the database threw: then nothing of this event is kept
 */
export function keepTogether(pool: pg.Pool, delivered: Delivered): Promise<boolean> {
  return new Promise((tell, fail) => {
    const caller: Caller = { delivered, tell, fail };
    const line = lines.get(pool);
    if (line) {
      line.push(caller);
      return;
    }
    const mine = [caller];
    lines.set(pool, mine);
    void serve(pool, mine);
  });
}

async function serve(pool: pg.Pool, line: Caller[]): Promise<void> {
  while (line.length > 0) await serveSome(pool, line.splice(0, TOGETHER_MAX));
  lines.delete(pool);
}

async function serveSome(pool: pg.Pool, callers: readonly Caller[]): Promise<void> {
  try {
    const isNew = await keepAll(
      pool,
      callers.map((caller) => caller.delivered),
    );
    callers.forEach((caller, index) => {
      caller.tell(isNew[index] ?? false);
    });
  } catch (error) {
    if (callers.length === 1) callers[0]?.fail(error);
    else for (const caller of callers) await serveSome(pool, [caller]);
  }
}

/** Keeps events in one transaction with the jobs that the new ones ask for; answers for each whether it is new. */
const keepAll = (pool: pg.Pool, all: readonly Delivered[]): Promise<readonly boolean[]> =>
  inTransaction(pool, async (client) => {
    const inserted = await insertRows(
      client,
      all.map((one) => rowOf(one, keyFor(one))),
    );
    // Of one event delivered twice in this very moment the first is new.
    const isNew = all.map((one) => inserted.delete(idFor(one)));
    const { fresh, again } = await insertBesides(
      client,
      all.filter((_, index) => !isNew[index]),
    );
    all.forEach((one, index) => {
      if (!isNew[index]) isNew[index] = fresh.has(one);
    });
    await addReadings(
      client,
      all.filter((one, index) => (isNew[index] || again.has(one)) && one.state === "waiting"),
    );
    return isNew;
  });

const keyFor = ({ event, bodyHash }: Delivered): string => event?.key ?? `body ${bodyHash}`;
const idFor = (one: Delivered, key = keyFor(one)): string =>
  idOf("webhook", one.endpoint.id, key, one.bodyHash);

type Besides = Readonly<{ fresh: ReadonlySet<Delivered>; again: ReadonlySet<Delivered> }>;

/**
 * Events that could not be stored under their key. One that is here already is counted; one key with two bodies is two
 * events: which is right, its source says. `fresh` are those that are new after all; `again` those that wait once more.
 */
async function insertBesides(client: pg.PoolClient, all: readonly Delivered[]): Promise<Besides> {
  const first = await countAgain(client, all);
  const keyBesides = (one: Delivered): string => `${keyFor(one)} ${one.bodyHash.slice(0, 16)}`;
  const inserted = await insertRows(
    client,
    first.others.map((one) => rowOf(one, keyBesides(one))),
  );
  const fresh = new Set(first.others.filter((one) => inserted.delete(idFor(one, keyBesides(one)))));
  const second = await countAgain(
    client,
    first.others.filter((one) => !fresh.has(one)),
  );
  return { fresh, again: new Set([...first.again, ...second.again]) };
}

/**
 * Counts deliveries of events that are here. One that has no key of its own may be the same delivered twice, or a second
 * event with the same words: once the first is settled, it waits again, since reading an order once more does no harm. Rows
 * are locked in one order: those who settle do so too.
 */
async function countAgain(
  client: pg.PoolClient,
  all: readonly Delivered[],
): Promise<Readonly<{ others: readonly Delivered[]; again: readonly Delivered[] }>> {
  if (all.length === 0) return { others: [], again: [] };
  const { rows } = await client.query<{ endpoint_id: string; body_hash: string; again: boolean }>(
    `WITH delivered AS (
       SELECT endpoint_id, body_hash, count(*)::int AS times, bool_or(waits) AS waits
         FROM json_to_recordset($1::json) AS r(endpoint_id text, body_hash text, waits boolean) GROUP BY 1, 2),
     held AS (
       SELECT e.id, d.times, d.waits AND e.event_key LIKE 'body %' AND e.state IN ('done', 'failed') AS again
         FROM webhook_event e JOIN delivered d USING (endpoint_id, body_hash) ORDER BY e.id FOR UPDATE OF e)
     UPDATE webhook_event e SET deliveries = e.deliveries + held.times,
            state = CASE WHEN held.again THEN 'waiting' ELSE e.state END,
            outcome = CASE WHEN held.again THEN NULL ELSE e.outcome END,
            done_at = CASE WHEN held.again THEN NULL ELSE e.done_at END
       FROM held WHERE e.id = held.id
     RETURNING e.endpoint_id, e.body_hash, held.again`,
    [
      toJson(
        all.map(({ endpoint, bodyHash, state }) => ({
          endpoint_id: endpoint.id,
          body_hash: bodyHash,
          waits: state === "waiting",
        })),
      ),
    ],
  );
  const here = new Map(rows.map((row) => [`${row.endpoint_id} ${row.body_hash}`, row.again]));
  const found = ({ endpoint, bodyHash }: Delivered): boolean | undefined =>
    here.get(`${endpoint.id} ${bodyHash}`);
  return {
    others: all.filter((one) => found(one) === undefined),
    again: all.filter((one) => found(one) === true),
  };
}

type Row = Readonly<Record<string, unknown>>;

function rowOf(one: Delivered, key: string): Row {
  const { endpoint, event, subject, body, bodyHash, state, outcome, at } = one;
  const about = { stock: event?.item, customer: event?.customer, order: event?.order }[subject];
  return {
    id: idFor(one, key),
    endpoint_id: endpoint.id,
    connection_id: endpoint.connectionId,
    entity_id: endpoint.entityId,
    event_key: key,
    body_hash: bodyHash,
    type: event?.type ?? "",
    stated_type: event?.statedType ?? "",
    occurred_at: event?.occurredAt ?? null,
    received_at: at,
    subject,
    source_id: about?.sourceId ?? null,
    reference: about?.reference ?? null,
    body,
    state,
    outcome,
    done_at: state === "waiting" ? null : at,
  };
}

const COLUMNS =
  "id, endpoint_id, connection_id, entity_id, event_key, body_hash, type, stated_type, occurred_at, received_at, subject, source_id, reference, body, state, outcome, done_at";

/** Stores events that are not here under their key; answers the ids of those that were stored. */
async function insertRows(client: pg.PoolClient, rows: readonly Row[]): Promise<Set<string>> {
  if (rows.length === 0) return new Set();
  const { rows: inserted } = await client.query<{ id: string }>(
    `INSERT INTO webhook_event (${COLUMNS})
     SELECT ${COLUMNS} FROM json_to_recordset($1::json) AS r(id uuid, endpoint_id text, connection_id uuid, entity_id text,
       event_key text, body_hash text, type text, stated_type text, occurred_at timestamptz, received_at timestamptz,
       subject text, source_id text, reference text, body jsonb, state text, outcome text, done_at timestamptz)
     ON CONFLICT DO NOTHING RETURNING id`,
    // PostgreSQL holds no NUL in a text.
    [toJson(rows).replaceAll("\\u0000", "\\ufffd")],
  );
  return new Set(inserted.map((row) => row.id));
}

/** So many in one transaction is a peak: orders are read by the page then, so that more of them wait for the same page. */
const PEAK_TOGETHER = 10;
const PEAK_MILLISECONDS = 2000;

/** Adds the jobs that read what was named; of several that wait for one connection it is one, which takes all of them. */
async function addReadings(client: pg.PoolClient, fresh: readonly Delivered[]): Promise<void> {
  const [first] = fresh;
  if (!first) return;
  const { at } = first;
  const isPeak = fresh.length >= PEAK_TOGETHER;
  const unnamed = fresh.filter(
    ({ endpoint, event, subject }) =>
      endpoint.kind === "standard" && subject === "order" && !event?.order.reference,
  );
  for (const connectionId of connectionsOf(unnamed)) {
    const { rows } = await client.query<{ id: string }>("SELECT id FROM feed WHERE connection_id = $1", [
      connectionId,
    ]);
    for (const { id } of rows) await addSync(client, id);
  }
  for (const connectionId of connectionsOf(fresh.filter((one) => one.subject === "order"))) {
    await addJob(
      client,
      "read-named-orders",
      { connectionId },
      {
        queue: `named:${connectionId}`,
        key: `named:${connectionId}`,
        runAt: isPeak ? new Date(at.getTime() + PEAK_MILLISECONDS) : undefined,
      },
    );
  }
  for (const connectionId of connectionsOf(fresh.filter((one) => one.subject === "customer"))) {
    await addJob(
      client,
      "erase-customers",
      { connectionId },
      { queue: `erase:${connectionId}`, key: `erase:${connectionId}` },
    );
  }
  for (const connectionId of connectionsOf(fresh.filter((one) => one.subject === "stock"))) {
    await addJob(
      client,
      "read-named-stock",
      { connectionId },
      { queue: `named-stock:${connectionId}`, key: `named-stock:${connectionId}` },
    );
  }
}

/** In one order for everybody, so that no two transactions wait for each other. */
const connectionsOf = (all: readonly Delivered[]): readonly string[] =>
  [...new Set(all.map((one) => one.endpoint.connectionId))].sort();
