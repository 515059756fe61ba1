import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type pg from "pg";
import { percentile } from "@/lib/cli/bench/measure";
import { inTransaction } from "@/lib/db/pool";
import { addMonths, DAY, lastCompleteMonth, startOfMonth } from "@/lib/sandbox/calendar";
import { makeWorld } from "@/lib/sandbox/world";
import { createEndpoint } from "@/lib/webhooks/endpoints";
import { SECRET_HEADER } from "@/lib/webhooks/secrets";
import { connectBooks, fillBooks } from "./books";
import { compareWithSource } from "./compare";
import { type Delivery, type Plan, planDeliveries } from "./deliveries";
import { LIFTED, type SandboxProcess, startSandboxProcess } from "./sandbox-process";
import { type Sent, sendAll } from "./send";

/** SCAYLE's own limit, requests a minute. */
const LIMIT = 1000;
/** Changes of an order over its life, at the least on average: a world has enough orders for the deliveries. */
const EVENTS_PER_ORDER = 4;

export type WebhooksRequest = Readonly<{ rate: number; seconds: number; seed: number; folder: string }>;

/** The product as it is served. */
export type Served = Readonly<{ url: string; stop(): Promise<void> }>;

export type WebhooksMeasured = Readonly<{
  sent: number;
  distinct: number;
  duplicates: number;
  reordered: number;
  newer: number;
  /** deliveries a second, from the first to the last */
  rate: number;
  /** milliseconds from sending to the answer */
  p50: number;
  p95: number;
  p99: number;
  max: number;
  /** the same from the moment at which each was due, however late it was sent */
  p95SinceDue: number;
  /** how many were answered with what: 202, and anything else */
  answers: Readonly<Record<string, number>>;
  /** the most events that waited for their order to be read */
  backlog: number;
  /** seconds after the last delivery until every order was read, and until all jobs were done */
  readAfter: number;
  doneAfter: number;
  /** requests to SCAYLE a minute that the sandbox allowed */
  limit: number;
  ordersTouched: number;
  /** runs of feeds that read them */
  runs: number;
  /** events that are not kept, not kept once, or whose deliveries were counted wrongly: their keys */
  lost: readonly string[];
  /** events that were not settled by reading their order */
  unsettled: number;
  /** orders that lack or are not as the source has them in the end */
  compared: number;
  different: readonly string[];
}>;

/**
 * Delivers what happens to the sandbox's orders as webhooks, at a steady rate, to the product as `serve` serves it; the
 * sandbox's clock goes with them, a second ahead. Then waits until all jobs are done, and holds what is stored against what
 * was sent, and every order against the source.
 */
export async function measureWebhooks(
  pool: pg.Pool,
  request: WebhooksRequest,
  serve: () => Promise<Served>,
): Promise<WebhooksMeasured> {
  const { rate, seconds, seed, folder } = request;
  const anchor = lastCompleteMonth(Date.now());
  const from = startOfMonth(addMonths(anchor, -2)) + 2 * DAY;
  const orders = Math.max(60, Math.ceil((rate * seconds) / EVENTS_PER_ORDER / 1.5));
  const settings = { seed, orders, anchor, faults: "planted" } as const;
  const sandbox = await startSandboxProcess(
    { ...settings, at: from, limit: LIFTED },
    path.join(folder, "sandbox.log"),
  );
  try {
    const plan = planDeliveries(makeWorld(settings), { from, deliveries: rate * seconds, rate, seed });
    await connectBooks(pool, sandbox.url);
    await fillBooks(pool);
    await sandbox.setLimit(LIMIT);
    const served = await serve();
    try {
      return await deliver(pool, plan, rate, sandbox, served);
    } finally {
      await served.stop();
    }
  } finally {
    await sandbox.stop();
  }
}

async function deliver(
  pool: pg.Pool,
  plan: Plan,
  rate: number,
  sandbox: SandboxProcess,
  served: Served,
): Promise<WebhooksMeasured> {
  const headers = await endpointsOf(pool);
  const runsBefore = await runsOf(pool);
  const clock = clockOf(plan.deliveries, rate);
  const watch = watchBacklog(pool);
  const posts = plan.deliveries.map(({ body, entityId }) => ({ body, headers: headers.get(entityId) ?? {} }));
  const started = performance.now();
  const sent = await sendAll(`${served.url}/api/webhooks/scayle`, posts, rate, (index) => {
    if (index % Math.max(1, Math.floor(rate / 20)) === 0) sandbox.setClock(clock[index] ?? 0);
  });
  const ended = performance.now();
  sandbox.setClock(clock.at(-1) ?? 0);
  const { readAfter, doneAfter } = await untilDone(pool, ended);
  const backlog = await watch.end();
  const runs = (await runsOf(pool)) - runsBefore;
  await sandbox.setLimit(LIFTED);
  const compared = await compareWithSource(pool, null);
  const took = sent.map((one) => one.took);
  return {
    sent: sent.length,
    distinct: plan.distinct,
    duplicates: plan.duplicates,
    reordered: plan.reordered,
    newer: plan.newer,
    rate: sent.length / ((ended - started) / 1000),
    p50: percentile(took, 0.5),
    p95: percentile(took, 0.95),
    p99: percentile(took, 0.99),
    max: percentile(took, 1),
    p95SinceDue: percentile(
      sent.map((one) => one.tookSinceDue),
      0.95,
    ),
    answers: answersOf(sent),
    backlog,
    readAfter,
    doneAfter,
    limit: LIMIT,
    ordersTouched: new Set(plan.deliveries.map((one) => one.orderId)).size,
    runs,
    lost: await lostOf(pool, plan.deliveries),
    unsettled: Number(
      (await pool.query("SELECT count(*) AS n FROM webhook_event WHERE state <> 'done'")).rows[0]?.n,
    ),
    compared: compared.listed,
    different: [...compared.missing, ...compared.different],
  };
}

/** An endpoint per SCAYLE connection; answers what its calls carry, by entity. */
async function endpointsOf(pool: pg.Pool): Promise<ReadonlyMap<string, Readonly<Record<string, string>>>> {
  const { rows } = await pool.query<{ id: string; entityId: string }>(
    `SELECT id, entity_id AS "entityId" FROM connection WHERE kind = 'scayle' AND retired_at IS NULL`,
  );
  const headers = new Map<string, Readonly<Record<string, string>>>();
  for (const { id, entityId } of rows) {
    const { secrets } = await inTransaction(pool, (client) =>
      createEndpoint(client, id, "scayle", { name: "the measurement", at: new Date() }),
    );
    const user = `${secrets["user"]}:${secrets["password"]}`;
    headers.set(entityId, {
      authorization: `Basic ${Buffer.from(user).toString("base64")}`,
      [SECRET_HEADER]: secrets["header"] ?? "",
    });
  }
  return headers;
}

/** For each delivery the instant at which the source's clock then stands: never before what is delivered within a second. */
function clockOf(deliveries: readonly Delivery[], rate: number): readonly number[] {
  const newest: number[] = [];
  let most = 0;
  for (const { happenedAt } of deliveries) {
    most = Math.max(most, happenedAt);
    newest.push(most);
  }
  return newest.map((_, index) => newest[Math.min(newest.length - 1, index + rate)] ?? most);
}

function watchBacklog(pool: pg.Pool) {
  let most = 0;
  let over = false;
  const watching = (async () => {
    while (!over) {
      most = Math.max(most, await waitingOf(pool));
      await pause(500);
    }
  })();
  return {
    end: async () => {
      over = true;
      await watching;
      return most;
    },
  };
}

const LONGEST_MILLISECONDS = 30 * 60_000;

async function untilDone(pool: pg.Pool, ended: number): Promise<{ readAfter: number; doneAfter: number }> {
  const since = (): number => (performance.now() - ended) / 1000;
  let readAfter: number | null = null;
  for (;;) {
    const waiting = await waitingOf(pool);
    if (waiting > 0) readAfter = null;
    else readAfter ??= since();
    if (readAfter !== null && (await jobsOf(pool)) === 0) return { readAfter, doneAfter: since() };
    if (performance.now() - ended > LONGEST_MILLISECONDS)
      throw new Error("The jobs are not done after half an hour.");
    await pause(100);
  }
}

const waitingOf = async (pool: pg.Pool): Promise<number> =>
  Number((await pool.query("SELECT count(*) AS n FROM webhook_event WHERE state = 'waiting'")).rows[0]?.n);

/** Jobs that follow from webhooks; what the clock adds by itself is left out. */
const jobsOf = async (pool: pg.Pool): Promise<number> =>
  Number(
    (
      await pool.query(
        `SELECT count(*) AS n FROM graphile_worker._private_jobs j JOIN graphile_worker._private_tasks t ON t.id = j.task_id
          WHERE t.identifier IN ('read-named-orders', 'sync-feed', 'reconcile')`,
      )
    ).rows[0]?.n,
  );

const runsOf = async (pool: pg.Pool): Promise<number> =>
  Number((await pool.query("SELECT count(*) AS n FROM run WHERE kind = 'sync'")).rows[0]?.n);

function answersOf(sent: readonly Sent[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { status } of sent) {
    const name = status === 0 ? "none" : String(status);
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

/** Keys of events that are not kept exactly once, with each delivery counted. */
async function lostOf(pool: pg.Pool, deliveries: readonly Delivery[]): Promise<readonly string[]> {
  const times = new Map<string, number>();
  for (const { key } of deliveries) times.set(key, (times.get(key) ?? 0) + 1);
  const { rows } = await pool.query<{ key: string; deliveries: number }>(
    "SELECT event_key AS key, deliveries FROM webhook_event",
  );
  const kept = new Map<string, number[]>();
  for (const row of rows) kept.set(row.key, [...(kept.get(row.key) ?? []), row.deliveries]);
  const strange = [...kept.keys()].filter((key) => !times.has(key));
  const wrong = [...times].filter(([key, count]) => {
    const held = kept.get(key) ?? [];
    return held.length !== 1 || held[0] !== count;
  });
  return [...wrong.map(([key]) => key), ...strange];
}
