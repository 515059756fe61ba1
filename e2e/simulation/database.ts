import type pg from "pg";
import { brokenCopy } from "./copies";
import type { Faults } from "./faults";
import { Killed, type Process } from "./process";

const backends = new WeakMap<pg.PoolClient, number>();

async function backendOf(client: pg.PoolClient): Promise<number> {
  const known = backends.get(client);
  if (known !== undefined) return known;
  const { rows } = await client.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
  const pid = rows[0]?.pid ?? 0;
  backends.set(client, pid);
  return pid;
}

/** Ends connections at the server and waits until it has given back what they held. */
async function cut(admin: pg.Pool, pids: readonly number[]): Promise<void> {
  if (pids.length === 0) return;
  await admin.query("SELECT pg_terminate_backend(pid) FROM unnest($1::int[]) AS pid", [[...pids]]);
  for (;;) {
    const { rowCount } = await admin.query("SELECT FROM pg_stat_activity WHERE pid = ANY($1::int[])", [
      [...pids],
    ]);
    if (rowCount === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

const COPY_KILLED = 0.04;
const COPY_LOST = 0.06;

type Rig = Readonly<{ real: pg.Pool; admin: pg.Pool; process: Process; faults: Faults }>;
type Held = Readonly<{ client: pg.PoolClient; pid: number }>;

/** What looks for a person's wish to stop runs by the machine's clock: it is no step. */
const isAside = (words: unknown): boolean =>
  typeof words === "string" && words.includes("stop_asked_by AS by");
const textOf = (words: unknown): string =>
  typeof words === "string" ? words : String((words as { text?: unknown } | null)?.text ?? "");

/**
 * The database as one process sees it: each statement is a step, at which the process may die; connections are lost in the
 * middle of transactions, and commits are done without an answer.
 */
export function faultyPool(rig: Rig): pg.Pool {
  const { real, admin, process } = rig;
  const held = new Set<Held>();
  process.onDeath.push(async () => {
    for (const { client } of held) client.on("error", () => undefined);
    await cut(
      admin,
      [...held].map((one) => one.pid),
    );
    for (const { client } of held) client.release(true);
    held.clear();
  });
  const connect = async (): Promise<pg.PoolClient> => {
    if (process.dead) throw new Killed();
    const client = await real.connect();
    const one = { client, pid: await backendOf(client) };
    held.add(one);
    return faultyClient(rig, one, held);
  };
  return new Proxy(real, {
    get(target, name) {
      if (name === "connect") return connect;
      if (name === "query")
        return async (words: never, values: never) => {
          if (isAside(words)) return process.dead ? { rows: [] } : target.query(words, values);
          await process.step(textOf(words).trim().slice(0, 60));
          return target.query(words, values);
        };
      const value: unknown = Reflect.get(target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

function faultyClient({ admin, process, faults }: Rig, one: Held, held: Set<Held>): pg.PoolClient {
  const { client, pid } = one;
  let inTransaction = false;
  const query = async (words: never, values: never): Promise<unknown> => {
    const text = textOf(words).trim();
    if (process.dead) throw new Killed();
    await process.step(text.slice(0, 60));
    const place = `step ${process.steps}, ${text.slice(0, 40).replaceAll(/\s+/g, " ")}`;
    if (text === "BEGIN") inTransaction = true;
    else if (inTransaction && text === "COMMIT" && faults.strike("commit unanswered", place, 0.04)) {
      await client.query(words, values);
      await cut(admin, [pid]);
      throw new Error("Connection terminated unexpectedly");
    } else if (inTransaction && faults.strike("database connection lost", place, 0.006)) {
      // A server that restarts cuts every connection, those that only hold a lock among them.
      const all = faults.strike("database connection lost", `${place}, all of them`, 0.3);
      await cut(admin, all ? [...held].map((other) => other.pid) : [pid]);
    }
    if (/^(COMMIT|ROLLBACK)$/.test(text)) inTransaction = false;
    return client.query(words, values);
  };
  const release = (fault?: Error | boolean): void => {
    if (!held.delete(one)) return;
    client.release(fault);
  };
  return new Proxy(client, {
    get(target, name) {
      if (name === "query")
        return (words: never, values: never) => {
          // A COPY is a stream at once, and no step of its own: what strikes it strikes between its rows.
          const isStream = typeof words === "object" && words !== null && "submit" in words;
          if (!isStream) return query(words, values);
          if (process.dead) throw new Killed();
          const stream: unknown = target.query(words);
          const place = `step ${process.steps}, ${textOf(words).slice(0, 40).replaceAll(/\s+/g, " ")}`;
          if (faults.strike("process killed in a COPY", place, COPY_KILLED))
            return brokenCopy(stream, () => process.die());
          if (faults.strike("connection lost in a COPY", place, COPY_LOST))
            return brokenCopy(stream, () => cut(admin, [pid]));
          return stream;
        };
      if (name === "release") return release;
      const value: unknown = Reflect.get(target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}
