import type pg from "pg";
import { runReconciliation } from "@/lib/matching/reconcile";
import { readStockBack } from "@/lib/stock/read-back";
import { type SyncContext, surroundingsOf } from "@/lib/sync/run";
import { patiently } from "@/lib/sync/run-patiently";
import { syncSomeOrders } from "@/lib/sync/run-some-orders";
import type { RunnerContext } from "./run";
import { openWriters } from "./writers";

/** The runner's surroundings as they are: connections as they are kept, reading and matching as a resync does them. */
export function runnerContext(
  given: Readonly<{
    pool: pg.Pool;
    now: () => Date;
    signal?: AbortSignal | undefined;
    http?: SyncContext["http"];
  }>,
): RunnerContext {
  const { io } = surroundingsOf({ ...given, actorName: "resolutions" });
  return {
    pool: given.pool,
    now: given.now,
    signal: io.signal,
    writers: (entityId) => openWriters(given.pool, entityId, io),
    async readBack(entityId, orderKeys, by) {
      const context = { ...given, http: io.http, actorName: by.name, actor: by };
      const stock = await readStockBack(entityId, orderKeys, context);
      const orders = orderKeys.filter((key) => !stock.keys.has(key));
      if (orders.length === 0) return { problems: stock.problems, broken: stock.broken };
      const [first = ""] = orders;
      const read = await patiently(() => syncSomeOrders(entityId, orders, { order: first }, context));
      const keys = [...new Set([...orders, ...read.touched])];
      await patiently(() => runReconciliation({ entityId, orderKeys: keys }, context));
      return {
        problems: new Map([...stock.problems, ...read.problems]),
        broken: [...stock.broken, ...read.broken],
      };
    },
  };
}
