import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type pg from "pg";
import { addMonths, DAY, lastCompleteMonth, startOfMonth } from "@/lib/sandbox/calendar";
import { connectBooks } from "./books";
import { compareWithSource } from "./compare";
import { residentMb, startProcess, typescriptWords } from "./processes";
import { LIFTED, startSandboxProcess } from "./sandbox-process";

export type PullRequest = Readonly<{ orders: number; seed: number; folder: string }>;

/** One process that pulled a feed: memory in MB at its first page, at each quarter of its time, and the most of it. */
export type Pulled = Readonly<{
  feed: string;
  killed: boolean;
  orders: number;
  seconds: number;
  memory: readonly number[];
  peak: number;
}>;

export type PullMeasured = Readonly<{
  /** orders that the sandbox has */
  orders: number;
  sandboxSeconds: number;
  processes: readonly Pulled[];
  /** orders a second, from the first process to the last, the killed one and its successor's start included */
  perSecond: number;
  /** orders that came more than once, over the whole pull */
  readAgain: number;
  held: number;
  heldOnce: number;
  /** whether the ids are one unbroken row, as the sandbox gives them */
  unbroken: boolean;
  /** orders that were read from the source once more and compared value by value, and what differs or lacks */
  compared: number;
  different: readonly string[];
}>;

/** So many orders are compared whole; of more, those that changed in the last fortnight. */
const COMPARED_WHOLE = 20_000;

/**
 * Pulls a world of orders over HTTP, the rate limit lifted, with the product's command line, a process per shop; the
 * process that holds the middle is killed there, and the next one goes on.
 */
export async function measurePull(pool: pg.Pool, request: PullRequest): Promise<PullMeasured> {
  const { orders, seed, folder } = request;
  const last = lastCompleteMonth(Date.now());
  const at = startOfMonth(addMonths(last, 1));
  // A world of three months goes on for two more at the same rate.
  const size = Math.ceil((orders * 3) / 5);
  const total = size + Math.floor((size * 2) / 3);
  const began = performance.now();
  const sandbox = await startSandboxProcess(
    { seed, orders: size, anchor: addMonths(last, -2), faults: "none", at, limit: LIFTED },
    path.join(folder, "sandbox.log"),
  );
  const sandboxSeconds = (performance.now() - began) / 1000;
  try {
    await connectBooks(pool, sandbox.url);
    const { rows: feeds } = await pool.query<{ id: string }>(
      "SELECT id FROM feed WHERE resource = 'orders' ORDER BY id",
    );
    const processes: Pulled[] = [];
    const started = performance.now();
    // Within the largest shop's.
    let killAt = Math.floor(total / 3);
    for (const { id } of feeds) {
      for (let tries = 0; ; tries += 1) {
        const pulled = await pull(pool, id, killAt, folder);
        if (pulled.killed) killAt = Number.POSITIVE_INFINITY;
        if (pulled.killed || pulled.orders > 0 || pulled.done) processes.push(pulled);
        if (pulled.done) break;
        // A killed process leaves its lock to the database, which notices in a moment.
        if (tries > 20) throw new Error(`${id} could not be pulled; see the log.`);
        await pause(500);
      }
    }
    const seconds = (performance.now() - started) / 1000;
    const { rows } = await pool.query<{ held: number; once: number; least: number; most: number }>(
      `SELECT count(*)::int AS held, count(DISTINCT source_id)::int AS once, min(source_id::int) AS least, max(source_id::int) AS most
         FROM sales_order`,
    );
    const { held = 0, once = 0, least = 0, most = 0 } = rows[0] ?? {};
    const since = total > COMPARED_WHOLE ? new Date(at - 14 * DAY) : null;
    const compared = await compareWithSource(pool, since);
    return {
      orders: total,
      sandboxSeconds,
      processes,
      perSecond: total / seconds,
      readAgain: (await foundOf(pool)) - total,
      held,
      heldOnce: once,
      unbroken: most - least + 1 === total,
      compared: compared.listed,
      different: [...compared.missing, ...compared.different],
    };
  } finally {
    await sandbox.stop();
  }
}

const foundOf = async (pool: pg.Pool): Promise<number> =>
  Number((await pool.query("SELECT coalesce(sum(found), 0) AS n FROM run WHERE kind = 'sync'")).rows[0]?.n);

const LOOK_MILLISECONDS = 200;

/** One process of the command line over one feed, killed as soon as so many orders are in. */
async function pull(
  pool: pg.Pool,
  feed: string,
  killAt: number,
  folder: string,
): Promise<Pulled & Readonly<{ done: boolean }>> {
  const before = await foundOf(pool);
  const started = performance.now();
  const { pid, child, ended } = startProcess({
    words: [...typescriptWords("lib/cli/tieout.ts"), "sync", "--feed", feed],
    log: path.join(folder, "pull.log"),
  });
  const memory: number[] = [];
  let code: number | string | null = null;
  void ended.then((said) => {
    code = said;
  });
  let asked = false;
  while (code === null) {
    const found = await foundOf(pool);
    const mb = residentMb(pid);
    if (mb !== null && found > before) memory.push(mb);
    if (found >= killAt && !asked) asked = child.kill("SIGKILL");
    await Promise.race([ended, pause(LOOK_MILLISECONDS)]);
  }
  const quarter = (index: number): number =>
    Math.round(memory[Math.min(memory.length - 1, Math.floor((memory.length * index) / 4))] ?? 0);
  return {
    feed,
    killed: code === "SIGKILL",
    done: code === 0,
    orders: (await foundOf(pool)) - before,
    seconds: (performance.now() - started) / 1000,
    memory: [0, 1, 2, 3, 4].map(quarter),
    peak: Math.round(Math.max(0, ...memory)),
  };
}
