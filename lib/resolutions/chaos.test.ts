import type pg from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Actor } from "@/lib/auth/actor";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { orderKeyOf } from "@/lib/domain/identity";
import { makeUser } from "@/lib/exceptions/fixtures";
import { runReconciliation } from "@/lib/matching/reconcile";
import type { StoreContext } from "@/lib/sync/store/context";
import { prepare } from "@/lib/sync/store/fixtures";
import { contextsOf } from "./context";
import { isPlan } from "./contract";
import { contextOver, createWorlds, type Fate, type Plight, plant, plights, readWorlds } from "./fixtures";
import { isEnded } from "./machine";
import { startResolution, writtenOf } from "./mutations";
import { basisOfPlan } from "./preview";
import { runResolution } from "./run";

/*
 * Killed between every two statements and requests of every resolution, answers lost in every way, double clicks and two
 * workers: whatever happens, there is exactly one effect in the other system, and the exception is closed by a reading that
 * came after it.
 */

const SEEDS = Number(process.env["TIEOUT_CHAOS_SEEDS"] ?? 102);
const all = Object.keys(plights) as Plight[];

/** What each plight leaves in the other system once it is put right. */
const EFFECTS: Readonly<Record<Plight, readonly string[]>> = {
  "sale-missing-in-erp": ["sale"],
  "credit-missing-in-erp": ["credit"],
  "duplicate-in-erp": ["credit"],
  "tax-code-missing": ["credit", "sale"],
  "credit-note-failed": ["refund"],
  "tax-not-recalculated": ["values"],
};

let database: TestDatabase;
let contexts: Readonly<{ orders: StoreContext; ledger: StoreContext }>;
let preparer: Actor;
let clock = Date.parse("2026-11-02T08:00:00Z");
const now = () => new Date(clock);
const tally = { kills: 0, lost: 0, workers: 0, clicks: 0 };

beforeAll(async () => {
  database = await createTestDatabase();
  contexts = await prepare(database.ownerPool);
  await database.ownerPool.query(
    `INSERT INTO tax_mapping (id, entity_id, ship_to, channel, rate, tax_code, confirmed_at, confirmed_by)
     VALUES (gen_random_uuid(), 'E1', 'DE', '*', 0.19, 'VAT19', now(), 'test')`,
  );
  preparer = await makeUser(database.ownerPool, "finance-preparer", "E1");
});
afterAll(() => database.close());

/** The process ended here. */
class Killed extends Error {}

/** Numbers from 0 to 1 that a seed gives again. */
function randomOf(seed: number): () => number {
  let state = seed * 2_654_435_761 + 1;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}

/** A process that is killed at its n-th statement, before it or after it was carried out; nothing of it works afterwards. */
function dyingPool(pool: pg.Pool, lives: number, isBefore: boolean): pg.Pool {
  let left = lives;
  const isDead = () => left < 0;
  const through = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    if (isDead()) throw new Killed();
    left -= 1;
    if (isDead() && isBefore) throw new Killed();
    const result = await work();
    if (isDead()) throw new Killed();
    return result;
  };
  const client = (real: pg.PoolClient): pg.PoolClient =>
    new Proxy(real, {
      get(target, name) {
        if (name === "query")
          return (...asked: unknown[]) => through(() => Reflect.apply(target.query, target, asked));
        // What a dead process had open is broken off.
        if (name === "release") return (fault?: Error) => target.release(isDead() ? new Killed() : fault);
        return Reflect.get(target, name);
      },
    });
  return new Proxy(pool, {
    get(target, name) {
      if (name === "query")
        return (...asked: unknown[]) => through(() => Reflect.apply(target.query, target, asked));
      if (name === "connect") return async () => client(await target.connect());
      return Reflect.get(target, name);
    },
  });
}

const FATES: readonly Fate[] = ["answers", "answers", "lost-before", "lost-after", "late"];

it.each(
  Array.from(
    { length: SEEDS },
    (_, index) => [index + 1, all[index % all.length] ?? "sale-missing-in-erp"] as const,
  ),
)("seed %i: %s has exactly one effect, and is closed after it was read back", async (seed, plight) => {
  const random = randomOf(seed);
  const pool = database.ownerPool;
  let troubles = 6;
  const worlds = createWorlds(now, () => {
    const fate = troubles > 0 ? (FATES[Math.floor(random() * FATES.length)] ?? "answers") : "answers";
    if (fate !== "answers") {
      troubles -= 1;
      tally.lost += 1;
    }
    return fate;
  });
  clock += 1000;
  const id = String(7000 + seed);
  plant(worlds, id, plight);
  await readWorlds(worlds, contexts, pool, [id], now());
  const orderKey = orderKeyOf(contexts.orders.connectionId, id);
  await runReconciliation({ entityId: "E1", orderKeys: [orderKey] }, { actorName: "test", now, pool });
  const state = async () => {
    const { rows } = await pool.query("SELECT id, state FROM exception WHERE order_key = $1 AND cause = $2", [
      orderKey,
      plight,
    ]);
    return rows[0];
  };
  const exceptionId = (await state()).id;
  const code = plights[plight];
  const effects = () =>
    worlds.effects.filter((one) => !one.startsWith("second")).map((one) => one.split(" ")[0]);

  const contextWith = (given: pg.Pool) =>
    contextOver(worlds, contexts, {
      pool: given,
      reading: pool,
      now,
      onRead: () => {
        clock += 1000;
      },
    });
  // Two tabs and a double click: one of them has it.
  const found = (await contextsOf(pool, "E1", [{ orderKey, id: exceptionId }], now())).get(exceptionId);
  const plan = found ? writtenOf(code).plan(found) : null;
  if (!plan || !isPlan(plan)) throw new Error("no plan");
  const ask = () =>
    startResolution(
      preparer,
      { entityId: "E1", exceptionId, code, basis: basisOfPlan(code, plan) },
      { now: now(), pool, writers: contextWith(pool).writers },
    );
  const clicks = await Promise.allSettled([ask(), ask()]);
  tally.clicks += 2;
  const [begun] = clicks.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  expect(clicks.filter((one) => one.status === "fulfilled")).toHaveLength(1);
  let attempt = { orderKey, id: begun?.id ?? "" };

  for (let times = 0; ; times += 1) {
    if (times > 200) throw new Error("it never ended");
    const isKilled = times < 25 && random() < 0.7;
    const workers = random() < 0.3 ? 2 : 1;
    tally.workers += workers;
    const runs = await Promise.allSettled(
      Array.from({ length: workers }, () =>
        runResolution(
          attempt,
          contextWith(isKilled ? dyingPool(pool, Math.floor(random() * 40), random() < 0.5) : pool),
        ),
      ),
    );
    for (const run of runs) {
      if (run.status === "fulfilled") continue;
      if (!(run.reason instanceof Killed)) throw run.reason;
      tally.kills += 1;
    }
    // Closed is only what has its effect.
    if ((await state()).state === "resolved") expect(effects()).toEqual(EFFECTS[plight]);
    const { rows } = await pool.query("SELECT state, next_at FROM resolution_attempt WHERE id = $1", [
      attempt.id,
    ]);
    if (rows[0].state === "reopened") {
      // It was sent as often as it is, and lost each time before it had an effect: whoever asked presses the button again.
      expect(effects()).toEqual([]);
      attempt = { orderKey, id: (await ask()).id };
      continue;
    }
    if (isEnded(rows[0].state)) {
      expect(rows[0].state).toBe("proved");
      break;
    }
    clock = random() < 0.7 ? Math.max(clock + 1000, rows[0].next_at?.getTime() ?? 0) : clock + 1000;
  }
  // Nothing comes late that nobody waited for.
  clock += 600_000;
  worlds.arrive();
  expect(effects()).toEqual(EFFECTS[plight]);
  expect(worlds.effects.filter((one) => one.startsWith("second"))).toEqual([]);
  expect((await state()).state).toBe("resolved");
  const ends = await pool.query(
    "SELECT count(*)::int AS n FROM resolution_step WHERE attempt_id = $1 AND kind = 'ended'",
    [attempt.id],
  );
  expect(ends.rows).toEqual([{ n: 1 }]);
});

it("was killed, lost answers and met itself often enough to say so", () => {
  console.info(
    `${SEEDS} seeds: killed ${tally.kills} times, ${tally.lost} answers lost or late, ${tally.workers} workers, ${tally.clicks} clicks`,
  );
  expect(tally.kills).toBeGreaterThan(SEEDS);
  expect(tally.lost).toBeGreaterThan(SEEDS);
});
