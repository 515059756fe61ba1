import type pg from "pg";
import { runReconciliation } from "@/lib/matching/reconcile";
import { startSandbox } from "@/lib/sandbox/server";
import { makeWorld } from "@/lib/sandbox/world";
import { connectSandbox } from "@/lib/settings/sandbox";
import { runSync } from "@/lib/sync/run";
import { emptied } from "../support/emptied";
import { STATUS_WISH, type StatusScore, scoreStatus } from "../support/status-score";

export type StatusMeasured = Readonly<{
  worlds: readonly Readonly<{ seed: number; orders: number; seconds: number; score: StatusScore }>[];
}>;

const NOW = new Date("2026-11-23T08:00:00Z");
const WORLDS = 5;

/** Precision and recall of what is stuck over five worlds, from a seed on, as the command line's reader runs them. */
export async function measureStatus(
  pool: pg.Pool,
  { orders, seed }: Readonly<{ orders: number; seed: number }>,
): Promise<StatusMeasured> {
  const worlds = [];
  const limit = Number.MAX_SAFE_INTEGER;
  for (let at = seed; at < seed + WORLDS; at += 1) {
    await emptied(pool);
    const world = makeWorld({
      ...{ seed: at, orders, anchor: "2026-10", faults: "planted", faultsPerKind: 2 },
      status: STATUS_WISH,
    });
    const sandbox = await startSandbox({
      ...{ world, now: () => NOW.getTime(), port: 0 },
      ...{ scayleLimit: limit, businessCentralLimit: limit },
    });
    const started = performance.now();
    try {
      const actor = { kind: "machine", id: "measure", name: "Measure" } as const;
      await connectSandbox(sandbox.url, { pool, actor, at: NOW });
      await runSync({}, { actorName: "Measure", now: () => NOW });
      await runReconciliation({}, { actorName: "Measure", now: () => NOW });
    } finally {
      await sandbox.close();
    }
    const took = (performance.now() - started) / 1000;
    worlds.push({ seed: at, orders, seconds: took, score: await scoreStatus(pool, world, NOW) });
  }
  return { worlds };
}
