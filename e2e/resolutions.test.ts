import { afterAll, beforeAll, expect, it } from "vitest";
import type { Actor } from "@/lib/auth/actor";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { makeUser } from "@/lib/exceptions/fixtures";
import { runReconciliation } from "@/lib/matching/reconcile";
import { contextsOf } from "@/lib/resolutions/context";
import { isPlan } from "@/lib/resolutions/contract";
import { isEnded } from "@/lib/resolutions/machine";
import { startResolution } from "@/lib/resolutions/mutations";
import { basisOfPlan } from "@/lib/resolutions/preview";
import { writtenFor } from "@/lib/resolutions/registry";
import { runResolution } from "@/lib/resolutions/run";
import { runnerContext } from "@/lib/resolutions/surroundings";
import { type Sandbox, startSandbox } from "@/lib/sandbox/server";
import { makeWorld } from "@/lib/sandbox/world";
import { connectSandbox } from "@/lib/settings/sandbox";
import { runSync } from "@/lib/sync/run";
import { ANCHOR, NOW } from "./support/sandbox-world";

/*
 * Every resolution against the sandbox's own answers: what is planted is found, sent through its systems' APIs, read back and
 * closed; what can't be sent says why.
 */

const SEED = 301;
const MOST_OF_A_CAUSE = 6;
let database: TestDatabase;
let sandbox: Sandbox;
let actor: Actor;
let clock = NOW.getTime();
const now = () => new Date(clock);

beforeAll(async () => {
  process.env["TIEOUT_SECRET"] = "a secret of this test alone, of thirty-two characters";
  database = await createTestDatabase();
  const limit = Number.MAX_SAFE_INTEGER;
  sandbox = await startSandbox({
    world: makeWorld({ anchor: ANCHOR, seed: SEED, orders: 300, faults: "planted", faultsPerKind: 2 }),
    now: () => clock,
    port: 0,
    scayleLimit: limit,
    businessCentralLimit: limit,
  });
  await connectSandbox(sandbox.url, {
    pool: database.ownerPool,
    actor: { kind: "machine", id: "test", name: "Test" },
    at: NOW,
  });
  await runSync({}, { actorName: "Test", now });
  await runReconciliation({}, { actorName: "Test", now });
  actor = await makeUser(database.ownerPool, "finance-preparer", null);
  await database.ownerPool.query(
    `INSERT INTO resolution_limit (entity_id, code, currency, minor, set_at, set_by_id, set_by)
     SELECT e.id, c.code, m.currency, 100000000, now(), 'test', 'test' FROM entity e, unnest($1::text[]) AS c(code), unnest(ARRAY['EUR', 'GBP']) AS m(currency)
     ON CONFLICT DO NOTHING`,
    [
      [
        "resend-refund",
        "send-line-values",
        "post-missing-sale",
        "post-missing-credit",
        "reverse-duplicate",
        "set-tax-code",
        "correct-line",
      ],
    ],
  );
}, 240_000);
afterAll(async () => {
  await sandbox.close();
  await database.close();
});

type Open = Readonly<{
  id: string;
  orderKey: string;
  entityId: string;
  cause: string;
  kind: string;
  order: string | null;
}>;

async function open(): Promise<readonly Open[]> {
  const { rows } = await database.ownerPool.query<Open>(
    `SELECT id, order_key AS "orderKey", entity_id AS "entityId", cause, document_kind AS kind, order_reference AS "order" FROM exception
      WHERE state IN ('new', 'assigned', 'in-progress', 'waiting') ORDER BY cause, id`,
  );
  return rows;
}

it("puts what is planted right through the systems' own APIs, and closes it when it was read back", {
  timeout: 600_000,
}, async () => {
  const outcomes = new Map<string, Map<string, number>>();
  const told: string[] = [];
  const note = (cause: string, what: string, detail: string): void => {
    const of = outcomes.get(cause) ?? new Map<string, number>();
    of.set(what, (of.get(what) ?? 0) + 1);
    outcomes.set(cause, of);
    if (what !== "proved") told.push(`${cause}: ${what}: ${detail}`);
  };
  const pool = database.ownerPool;
  const begun = new Map<string, number>();
  for (const one of await open()) {
    const resolution = writtenFor(one.cause);
    // Some of each: one more of a kind is put right like the one before.
    const before = begun.get(one.cause) ?? 0;
    if (!resolution || before >= MOST_OF_A_CAUSE) continue;
    begun.set(one.cause, before + 1);
    const context = (await contextsOf(pool, one.entityId, [one], now())).get(one.id);
    // It went with another one of its order.
    if (!context) continue;
    const plan = resolution.plan(context);
    if (!isPlan(plan)) {
      note(one.cause, "no plan", plan.cannot);
      continue;
    }
    const runner = runnerContext({ pool, now });
    const attempt = await startResolution(
      actor,
      {
        entityId: one.entityId,
        exceptionId: one.id,
        code: resolution.code,
        basis: basisOfPlan(resolution.code, plan),
      },
      { now: now(), pool, writers: runner.writers },
    );
    for (let times = 0; times < 12; times += 1) {
      await runResolution({ orderKey: one.orderKey, id: attempt.id }, runner);
      const { rows } = await pool.query(
        "SELECT state, next_at, outcome FROM resolution_attempt WHERE id = $1",
        [attempt.id],
      );
      const [reached] = rows;
      if (isEnded(reached.state) || reached.state === "instructed") {
        note(one.cause, reached.state, `${one.order} ${one.kind}: ${reached.outcome}`);
        break;
      }
      clock = Math.max(clock + 1000, reached.next_at?.getTime() ?? 0);
    }
    clock += 1000;
  }
  const table = [...outcomes].map(
    ([cause, of]) => `${cause}: ${[...of].map(([what, n]) => `${what} ${n}`).join(", ")}`,
  );
  console.info(`${table.join("\n")}\n\n${told.join("\n")}`);
  for (const cause of [
    "credit-note-failed",
    "tax-not-recalculated",
    "sale-missing-in-erp",
    "credit-missing-in-erp",
    "duplicate-in-erp",
    "tax-code-missing",
  ])
    expect(outcomes.get(cause)?.get("proved") ?? 0, cause).toBeGreaterThan(0);
});
