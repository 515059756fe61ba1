import path from "node:path";
import type pg from "pg";
import { type Actor, may } from "@/lib/auth/actor";
import { findActor } from "@/lib/auth/data";
import { percentile } from "@/lib/cli/bench/measure";
import { resyncOrder } from "@/lib/orders/resync";
import { DAY, lastCompleteMonth } from "@/lib/sandbox/calendar";
import { connectBooks, fillBooks } from "./books";
import { compareWithSource } from "./compare";
import { LIFTED, startSandboxProcess } from "./sandbox-process";

/** SCAYLE's own limit, requests a minute. */
const LIMIT = 1000;

export type ResyncRequest = Readonly<{ resyncs: number; seed: number; folder: string }>;

/** What bringing single orders up to date took, in milliseconds. */
export type ResyncMeasured = Readonly<{
  /** orders in the books */
  held: number;
  resyncs: number;
  /** of those, so many were found changed */
  changed: number;
  /** requests a minute that the sandbox allowed */
  limit: number;
  p50: number;
  p95: number;
  max: number;
  /** two who asked for one order at the same moment: what each waited, how many were told that they joined, runs of feeds */
  twoAtOnce: Readonly<{ took: readonly number[]; joined: number; runs: number }>;
  /** feeds read for one who asks alone */
  runsAlone: number;
  /** ids of those that are not as their source has them afterwards */
  different: readonly string[];
  problems: readonly string[];
}>;

/**
 * Fills books from the sandbox, lets a week go by there, and has single orders read again through the product's own way,
 * one after the other; then one order by two at once.
 */
export async function measureResync(pool: pg.Pool, request: ResyncRequest): Promise<ResyncMeasured> {
  const { resyncs, seed, folder } = request;
  const now = Date.now();
  const sandbox = await startSandboxProcess(
    {
      seed,
      orders: Math.max(300, resyncs * 4),
      anchor: lastCompleteMonth(now),
      faults: "planted",
      at: now - 7 * DAY,
      limit: LIFTED,
    },
    path.join(folder, "sandbox.log"),
  );
  try {
    await connectBooks(pool, sandbox.url);
    await fillBooks(pool);
    sandbox.setClock(now);
    await sandbox.setLimit(LIMIT);
    const orders = await someOrders(pool, resyncs + 1);
    const actor = await someActor(pool);
    const took: number[] = [];
    const problems: string[] = [];
    let changed = 0;
    const [twice, ...single] = orders;
    if (!twice) throw new Error("The sandbox has no orders.");
    const ask = async (order: Order) => {
      const started = performance.now();
      const resynced = await resyncOrder(actor, order, () => new Date());
      return { resynced, took: performance.now() - started };
    };
    const before = await runsOf(pool);
    for (const order of single) {
      const one = await ask(order);
      took.push(one.took);
      problems.push(...one.resynced.problems);
      if (one.resynced.changes.length > 0) changed += 1;
    }
    const between = await runsOf(pool);
    const two = await Promise.all([ask(twice), ask(twice)]);
    const asked = new Set(orders.map((order) => order.sourceId));
    await sandbox.setLimit(LIFTED);
    const compared = await compareWithSource(pool, null);
    return {
      held: Number((await pool.query("SELECT count(*) AS n FROM sales_order")).rows[0]?.n ?? 0),
      resyncs: single.length,
      changed,
      limit: LIMIT,
      p50: percentile(took, 0.5),
      p95: percentile(took, 0.95),
      max: Math.max(...took),
      twoAtOnce: {
        took: two.map((one) => one.took),
        joined: two.filter((one) => one.resynced.joined).length,
        runs: (await runsOf(pool)) - between,
      },
      runsAlone: (between - before) / Math.max(1, single.length),
      different: compared.different.filter((id) => asked.has(id)),
      problems,
    };
  } finally {
    await sandbox.stop();
  }
}

type Order = Readonly<{ entityId: string; orderKey: string; sourceId: string }>;

/** One half of those that changed last, which go on changing; the other half of all others. */
async function someOrders(pool: pg.Pool, count: number): Promise<readonly Order[]> {
  const { rows } = await pool.query<Order>(
    `WITH late AS (SELECT order_key FROM sales_order ORDER BY placed_at DESC LIMIT $1 / 2)
     SELECT entity_id AS "entityId", order_key AS "orderKey", source_id AS "sourceId" FROM sales_order
      ORDER BY order_key NOT IN (SELECT order_key FROM late), md5(order_key::text) LIMIT $1`,
    [count],
  );
  return rows;
}

/** Somebody who may have any order read again. */
async function someActor(pool: pg.Pool): Promise<Actor> {
  const { rows } = await pool.query<{ id: string; version: number }>(
    `SELECT id::text, token_version AS version FROM "user" WHERE demo ORDER BY email`,
  );
  for (const { id, version } of rows) {
    const actor = await findActor(id, version, pool);
    if (actor && may(actor, "record.resync", "MODA-EU") && may(actor, "record.resync", "MODA-UK"))
      return actor;
  }
  throw new Error("No demo user may have an order read again.");
}

const runsOf = async (pool: pg.Pool): Promise<number> =>
  Number(
    (await pool.query("SELECT count(*) AS n FROM run WHERE kind = 'sync' AND scope ? 'order'")).rows[0]?.n,
  );
