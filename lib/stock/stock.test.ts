import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Actor } from "@/lib/auth/actor";
import { inTransaction } from "@/lib/db/pool";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { momentWords } from "@/lib/domain/moment-words";
import { makeUser } from "@/lib/exceptions/fixtures";
import { startBatch, stopBatch } from "@/lib/resolutions/batches";
import { contextsOf } from "@/lib/resolutions/context";
import { isPlan } from "@/lib/resolutions/contract";
import { isEnded } from "@/lib/resolutions/machine";
import { startResolution } from "@/lib/resolutions/mutations";
import { basisOfPlan } from "@/lib/resolutions/preview";
import { pushStock } from "@/lib/resolutions/push-stock";
import { runResolution } from "@/lib/resolutions/run";
import { runBatch } from "@/lib/resolutions/run-batch";
import { StoredPlan } from "@/lib/resolutions/stored";
import { runnerContext } from "@/lib/resolutions/surroundings";
import type { Variant } from "@/lib/sandbox/catalogue";
import { type Sandbox, startSandbox } from "@/lib/sandbox/server";
import { makeStock, type StockLevel, stockFaults } from "@/lib/sandbox/stock";
import { makeWorld } from "@/lib/sandbox/world";
import { connectSandbox } from "@/lib/settings/sandbox";
import { runSync } from "@/lib/sync/run";
import { addOrdersAfterStock } from "@/lib/sync/schedule";
import { findStockItems, findStockSummary } from "./data";
import { keepStockDrift } from "./keep";
import { setStockPolicy } from "./mutations";

/* The sandbox's stock on both sides over HTTP: what is planted is found, nothing else is, and a push closes it by proof. */

const ENTITY = "MODA-EU";
const world = makeWorld({ seed: 4, orders: 600, anchor: "2026-10", faults: "planted" });
let clock = Date.parse("2026-11-25T09:00:00Z");
const now = (): Date => new Date(clock);
let database: TestDatabase;
let sandbox: Sandbox;
let actor: Actor;

beforeAll(async () => {
  process.env["TIEOUT_SECRET"] = "a secret of this test alone, of thirty-two characters";
  database = await createTestDatabase();
  const limit = Number.MAX_SAFE_INTEGER;
  sandbox = await startSandbox({
    world,
    now: () => clock,
    port: 0,
    scayleLimit: limit,
    businessCentralLimit: limit,
  });
  await connectSandbox(sandbox.url, {
    pool: database.ownerPool,
    actor: { kind: "machine", id: "test", name: "Test" },
    at: now(),
  });
  actor = await makeUser(database.ownerPool, "operations", null);
  await sync();
}, 180_000);
afterAll(async () => {
  await sandbox.close();
  await database.close();
});

const rows = async (sql: string, values: unknown[] = []): Promise<Record<string, unknown>[]> =>
  (await database.ownerPool.query(sql, values)).rows;

/** Reads one resource of the entity's feeds, or all of them. */
async function sync(...resources: readonly string[]): Promise<void> {
  const feeds = await rows("SELECT id, resource FROM feed WHERE entity_id = $1 ORDER BY id", [ENTITY]);
  // Stock after the orders that name its items, and what changed of these once more.
  const order = ["orders", "ledger-documents", "stock", "status"];
  for (const resource of resources.length === 0 ? order : resources)
    for (const feed of feeds.filter((one) => one["resource"] === resource))
      await runSync({ feedId: String(feed["id"]) }, { actorName: "Test", now });
}
const keep = () =>
  inTransaction(database.ownerPool, (client) => keepStockDrift(client, ENTITY, now(), { always: true }));

/** The sandbox's own books: what SCAYLE sells beyond what the company has, by SKU. */
function truth(stockOf: (variant: Variant, at: number) => readonly StockLevel[]): Record<string, number> {
  const named = new Set(
    world.affairs
      .filter(({ order }) => order.entity === ENTITY && order.createdAt <= clock && !order.broken)
      .flatMap(({ order }) => order.units.map((unit) => unit.variant.sku)),
  );
  return Object.fromEntries(
    world.catalogue.flatMap((variant) => {
      const own = stockOf(variant, clock).filter((one) => one.warehouse.entity === ENTITY);
      const surplus = own.reduce((sum, one) => sum + one.quantity + one.reserved - one.onHand, 0);
      return named.has(variant.sku) && surplus !== 0 ? [[variant.sku, surplus] as const] : [];
    }),
  );
}

async function drifts(): Promise<Record<string, number>> {
  const found = await rows(
    "SELECT item_key, trim_scale(drift)::float AS drift FROM stock_standing WHERE entity_id = $1 AND state = 'drifting'",
    [ENTITY],
  );
  return Object.fromEntries(found.map((row) => [String(row["item_key"]), Number(row["drift"])]));
}

const open = async (): Promise<readonly string[]> =>
  (
    await rows(
      "SELECT document_number AS item FROM exception WHERE entity_id = $1 AND cause = 'stock-drift' AND state <> 'resolved' ORDER BY 1",
      [ENTITY],
    )
  ).map((row) => String(row["item"]));

async function subjectOf(itemKey: string): Promise<{ orderKey: string; id: string }> {
  const [row] = await rows(
    "SELECT order_key, id FROM exception WHERE entity_id = $1 AND cause = 'stock-drift' AND document_number = $2",
    [ENTITY, itemKey],
  );
  return { orderKey: String(row?.["order_key"]), id: String(row?.["id"]) };
}

async function push(itemKey: string): Promise<{ state: string; outcome: string; sent: unknown }> {
  const subject = await subjectOf(itemKey);
  const pool = database.ownerPool;
  const context = (await contextsOf(pool, ENTITY, [subject], now())).get(subject.id);
  if (!context || pushStock.kind !== "written") throw new Error(`${itemKey} has no context`);
  const plan = pushStock.plan(context);
  if (!isPlan(plan)) throw new Error(plan.cannot);
  const runner = runnerContext({ pool, now });
  const begun = await startResolution(
    actor,
    { entityId: ENTITY, exceptionId: subject.id, code: "push-stock", basis: basisOfPlan("push-stock", plan) },
    { now: now(), pool, writers: runner.writers },
  );
  expect(begun.state).toBe("claimed");
  for (let times = 0; times < 10; times += 1) {
    await runResolution({ orderKey: subject.orderKey, id: begun.id }, runner);
    const [attempt] = await rows(
      "SELECT state, next_at, outcome, plan FROM resolution_attempt WHERE id = $1",
      [begun.id],
    );
    const state = String(attempt?.["state"]);
    if (isEnded(state as Parameters<typeof isEnded>[0]))
      return { state, outcome: String(attempt?.["outcome"]), sent: attempt?.["plan"] };
    clock = Math.max(clock + 1000, (attempt?.["next_at"] as Date | null)?.getTime() ?? 0);
  }
  throw new Error("it never ended");
}

/** Lets something happen in the sandbox. */
async function happen(wish: object): Promise<void> {
  const answer = await fetch(`${sandbox.url}/sandbox/happenings`, {
    method: "POST",
    headers: { "X-Access-Token": "sandbox-scayle-token" },
    body: JSON.stringify(wish),
  });
  expect(answer.status).toBe(200);
}

/** What SCAYLE sells of an item from the central warehouse. */
async function sold(sku: string): Promise<{ quantity: number; changedAt: string }> {
  const answer = await fetch(`${sandbox.url}/scayle/api/admin/v1/variants/key=${sku}/stocks`, {
    headers: { "X-Access-Token": "sandbox-scayle-token" },
  });
  const { entities } = (await answer.json()) as {
    entities: { warehouseReferenceKey: string; quantity: number; changedAt: string }[];
  };
  const level = entities.find((one) => one.warehouseReferenceKey === "central");
  if (!level) throw new Error("no central warehouse");
  return level;
}

/** As a pusher of stock tells SCAYLE. */
async function tell(
  sku: string,
  quantity: number,
  changedAt: number,
): Promise<{ quantity: number; changedAt: string }> {
  const answer = await fetch(`${sandbox.url}/scayle/api/admin/v1/variants/key=${sku}/stocks`, {
    method: "POST",
    headers: { "X-Access-Token": "sandbox-scayle-token" },
    body: JSON.stringify({
      quantity,
      warehouseReferenceKey: "central",
      changedAt: new Date(changedAt).toISOString(),
    }),
  });
  expect(answer.status).toBe(201);
  return answer.json() as Promise<{ quantity: number; changedAt: string }>;
}

const planted = stockFaults(world, clock);
const skuOf = (kind: string, more?: boolean): string =>
  planted.find((one) => one.kind === kind && (more === undefined || one.surplus > 0 === more))?.sku ?? "";
/** An item that nothing was planted for, of a world in which it was ordered. */
const quietItem = (): Variant => {
  const wrong = new Set(planted.map((one) => one.sku));
  const variant = world.affairs
    .filter(({ order }) => order.entity === ENTITY && order.createdAt <= clock && !order.broken)
    .flatMap(({ order }) => order.units.map((unit) => unit.variant))
    .find((one) => !wrong.has(one.sku));
  if (!variant) throw new Error("no item without a fault");
  return variant;
};

describe("stock drift", () => {
  it("is found in exactly the items in which the sandbox's two sides differ, by exactly so many pieces", async () => {
    const kept = await keep();
    const expected = truth(makeStock(world, []));
    expect(Object.keys(expected).length).toBeGreaterThanOrEqual(4);
    expect(await drifts()).toEqual(expected);
    expect(await open()).toEqual(Object.keys(expected).sort());
    expect(kept?.opened).toBe(Object.keys(expected).length);
    expect((await keep())?.opened).toBe(0);
    const waiting = await rows("SELECT DISTINCT state FROM stock_standing WHERE entity_id = $1", [ENTITY]);
    expect(waiting.map((row) => row["state"])).not.toContain("waiting");
    const [one] = await rows(
      "SELECT explanation, owner_team, about, matter, evidence FROM exception WHERE cause = 'stock-drift' AND document_number = $1",
      [skuOf("drift", true)],
    );
    expect(one?.["owner_team"]).toBe("operations");
    expect(String(one?.["explanation"])).toMatch(
      /SCAYLE sells \d+ of .* on hand, .* SCAYLE sells \d too many\.$/,
    );
    // Lists name the item and where SCAYLE sells it, and how far that is off.
    expect(String(one?.["about"])).toMatch(new RegExp(`^${skuOf("drift", true)} in .*central`));
    expect(one?.["matter"]).toBe(`${expected[skuOf("drift", true)]} too many`);
    const [few] = await rows(
      "SELECT matter FROM exception WHERE cause = 'stock-drift' AND document_number = $1",
      [skuOf("drift", false)],
    );
    expect(few?.["matter"]).toBe(`${-(expected[skuOf("drift", false)] ?? 0)} too few`);
    const risk = await rows(
      "SELECT item_key FROM stock_standing WHERE entity_id = $1 AND at_risk > 0 ORDER BY at_risk DESC, orders DESC, item_key",
      [ENTITY],
    );
    expect(risk.map((row) => row["item_key"])).toContain(skuOf("drift", true));
    expect(risk.map((row) => row["item_key"])).not.toContain(skuOf("drift", false));
  });

  it("stays as it was judged last, with its time, while newer readings wait for orders, which are read next", async () => {
    const standing = () =>
      rows(
        `SELECT item_key, state, trim_scale(at_risk)::text AS risk, judged_at, awaits_orders_until IS NOT NULL AS awaits
           FROM stock_standing WHERE entity_id = $1 ORDER BY item_key`,
        [ENTITY],
      );
    const before = await standing();
    expect(before.some((row) => row["state"] === "drifting")).toBe(true);
    expect(before.some((row) => row["awaits"])).toBe(false);
    const found = await open();
    clock += 60_000;
    await sync("stock");
    await keep();
    expect(await standing()).toEqual(before.map((row) => ({ ...row, awaits: true })));
    expect(await open()).toEqual(found);

    const [stock] = await rows(
      `SELECT f.id, f.connection_id FROM feed f JOIN connection c ON c.id = f.connection_id
        WHERE f.entity_id = $1 AND f.resource = 'stock' AND c.side = 'scayle'`,
      [ENTITY],
    );
    await inTransaction(database.ownerPool, (client) => addOrdersAfterStock(client, String(stock?.["id"])));
    const asked = await rows("SELECT key FROM graphile_worker.jobs WHERE key LIKE 'sync:%' ORDER BY key");
    const live = await rows("SELECT id FROM feed WHERE connection_id = $1 AND resource = 'status'", [
      stock?.["connection_id"],
    ]);
    expect(live.length).toBeGreaterThan(0);
    expect(asked.map((row) => row["key"])).toEqual(live.map((row) => `sync:${row["id"]}`).sort());

    clock += 1_000;
    await sync("status");
    await keep();
    const after = await standing();
    expect(after.some((row) => row["awaits"])).toBe(false);
    expect(
      after.every((row, index) => (row["judged_at"] as Date) > (before[index]?.["judged_at"] as Date)),
    ).toBe(true);
    expect(await open()).toEqual(found);
    // What is said of it is of the newer readings, also where no figure moved.
    const [one] = await rows(
      `SELECT e.evidence -> 'steps' ->> 0 AS step, s.erp_at FROM exception e
         JOIN stock_standing s ON s.entity_id = e.entity_id AND s.item_key = e.document_number
        WHERE e.cause = 'stock-drift' AND e.document_number = $1`,
      [skuOf("drift", true)],
    );
    const seconds = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium", timeZone: "Europe/Berlin" });
    expect(String(one?.["step"])).toContain(` ${seconds.format(one?.["erp_at"] as Date)} CET: `);
  });

  it("is put right by a push that is stamped with the ERP's snapshot, read back and closed by proof", async () => {
    const sku = skuOf("drift", true);
    const [{ erp_at: snapshot } = {}] = await rows(
      "SELECT erp_at FROM stock_standing WHERE entity_id = $1 AND item_key = $2",
      [ENTITY, sku],
    );
    clock += 60_000;
    const before = await sold(sku);
    const { state, outcome, sent } = await push(sku);
    expect({ state, outcome }).toMatchObject({ state: "proved" });
    // What was said of it beforehand: what SCAYLE had, what it has now, and which exception closes.
    const { expects } = StoredPlan.parse(sent);
    expect(expects?.closes).toEqual([`Stock differs: ${sku}`]);
    const [level] = expects?.changes ?? [];
    expect(level).toMatchObject({ what: `${sku} in central`, before: String(before.quantity) });
    expect(Number.parseInt(level?.after ?? "", 10)).toBe((await sold(sku)).quantity);
    expect(Date.parse((await sold(sku)).changedAt)).toBe((snapshot as Date).getTime());
    expect(await open()).not.toContain(sku);
    const [row] = await rows("SELECT state FROM stock_standing WHERE entity_id = $1 AND item_key = $2", [
      ENTITY,
      sku,
    ]);
    expect(["agrees", "in-flight"]).toContain(row?.["state"]);
    const history = await rows(`SELECT kind FROM exception_event WHERE exception_id = $1 ORDER BY at, kind`, [
      (await subjectOf(sku)).id,
    ]);
    expect(history.map((one) => one["kind"])).toContain("resolution-proved");
  });

  it("leaves no feed with a newest change to come, and none without where it holds something", async () => {
    const feeds = await rows(
      "SELECT resource, watermark FROM feed WHERE entity_id = $1 AND resource IN ('stock', 'invoices') ORDER BY id",
      [ENTITY],
    );
    await sync("invoices");
    const [{ at: invoiced } = {}] = await rows(
      `SELECT max((i ->> 'createdAt')::timestamptz) AS at FROM sales_order o, jsonb_array_elements(o.invoices) i WHERE o.entity_id = $1`,
      [ENTITY],
    );
    const after = await rows("SELECT watermark FROM feed WHERE entity_id = $1 AND resource = 'invoices'", [
      ENTITY,
    ]);
    expect(invoiced).toBeInstanceOf(Date);
    expect(after.map((row) => row["watermark"])).toEqual([invoiced]);
    const ofStock = feeds.filter((row) => row["resource"] === "stock" && row["watermark"] !== null);
    expect(ofStock.length).toBeGreaterThan(0);
    for (const row of ofStock) expect((row["watermark"] as Date).getTime()).toBeLessThanOrEqual(clock);
  });

  it("is not pushed where SCAYLE goes by a stamp ahead of the time, and says until when that is in vain", async () => {
    const sku = skuOf("stamped-ahead");
    const before = await sold(sku);
    const stamp = momentWords(new Date(before.changedAt), "Europe/Berlin");
    await expect(push(sku)).rejects.toThrow(
      `stamped ${stamp}, which is still to come, and ignores every update with an earlier stamp. It can be pushed after that time`,
    );
    expect(await open()).toContain(sku);
    const waits = { view: "drifting", q: sku, page: 1 } as const;
    const [row] = (await findStockItems(ENTITY, waits, 50, now(), database.ownerPool)).rows;
    expect(row?.ignoredUntil).toEqual(new Date(before.changedAt));
    const summary = () => findStockSummary(ENTITY, now(), database.ownerPool);
    const { drifting, pushable } = await summary();
    expect(pushable).toBe(drifting - 1);
    // When that time has come and the ERP is read again, it is pushed as any other.
    const asked = clock;
    clock = Date.parse(before.changedAt) + 1000;
    expect((await summary()).pushable).toBe(drifting);
    clock = asked;
  });

  it("that a careless pusher leaves by stamping a snapshot later is found, and our push frees no reservation", async () => {
    const { sku } = quietItem();
    await sync();
    const { quantity: base } = await sold(sku);
    // The snapshot, then an order, then the push of what was reckoned before it.
    const snapshot = clock;
    clock += 60_000;
    await happen({ what: "order", count: 30, shop: "ms/de" });
    const { quantity: after } = await sold(sku);
    const taken = base - after;
    clock += 60_000;
    if (taken === 0) throw new Error("none of these orders was of the item: take others");
    const freed = await tell(sku, base, clock);
    expect(freed.quantity).toBe(base);
    clock += 60_000;
    await sync();
    await keep();
    expect((await drifts())[sku]).toBe(taken);
    // Ours of the same snapshot, stamped with its own time, is older than what SCAYLE has, and ignored; on the next snapshot it is put right.
    expect(await tell(sku, base, snapshot)).toMatchObject({ quantity: base });
    clock += 60_000;
    const { state } = await push(sku);
    expect(state).toBe("proved");
    expect((await sold(sku)).quantity).toBe(base - taken);
    // And where the push is ours from the beginning, orders that came between snapshot and push keep their pieces.
    await sync();
    const again = await sold(sku);
    const ours = clock;
    clock += 60_000;
    await happen({ what: "order", count: 30, shop: "ms/de" });
    const left = (await sold(sku)).quantity;
    expect(left).toBeLessThan(again.quantity);
    expect((await tell(sku, again.quantity, ours)).quantity).toBe(left);
  });

  it("is none while the difference is orders that the ERP's snapshot doesn't know", async () => {
    await sync();
    await keep();
    const before = await open();
    clock += 60_000;
    await happen({ what: "order", count: 40, shop: "ms/de" });
    clock += 30_000;
    // SCAYLE's orders and stock are read, the ERP's stock is not.
    for (const feed of await rows(
      `SELECT f.id FROM feed f JOIN connection c ON c.id = f.connection_id
        WHERE f.entity_id = $1 AND c.side = 'scayle' AND f.resource IN ('orders', 'stock') ORDER BY f.resource`,
      [ENTITY],
    ))
      await runSync({ feedId: String(feed["id"]), full: true }, { actorName: "Test", now });
    await sync("status");
    await keep();
    const moving = await rows(
      `SELECT trim_scale(sellable)::float AS sellable, trim_scale(on_hand - promised)::float AS free FROM stock_standing
        WHERE entity_id = $1 AND state = 'in-flight' AND in_flight @? '$[*] ? (@.why like_regex "^ordered since the ERP")'`,
      [ENTITY],
    );
    expect(moving.length).toBeGreaterThan(5);
    for (const { sellable, free } of moving) expect(sellable).toBeLessThan(Number(free));
    expect(await open()).toEqual(before);
  });

  it("of several is pushed in one go with progress, and what is left when it is stopped goes on afterwards", async () => {
    clock += 30 * 60_000;
    await sync();
    await keep();
    const left = (await open()).filter((sku) => sku !== skuOf("stamped-ahead"));
    expect(left.length).toBeGreaterThanOrEqual(2);
    const pool = database.ownerPool;
    const runner = runnerContext({ pool, now });
    const begun = await startBatch(
      actor,
      {
        entityId: ENTITY,
        code: "push-stock",
        selection: { by: "exceptions-matching", filter: { cause: ["stock-drift"] } } as never,
      },
      { now: now(), pool, writers: runner.writers },
    );
    expect(begun.count).toBe(left.length);
    await stopBatch(actor, { entityId: ENTITY, id: begun.batchId }, { now: now(), pool });
    await runBatch(begun.batchId, runner);
    expect(await rows("SELECT state FROM resolution_batch WHERE id = $1", [begun.batchId])).toEqual([
      { state: "stopped" },
    ]);
    await rows(
      "UPDATE resolution_batch SET state = 'running', stop_asked_at = NULL, ended_at = NULL WHERE id = $1",
      [begun.batchId],
    );
    clock += 10_000;
    await runBatch(begun.batchId, runner);
    const states = await rows("SELECT state FROM resolution_attempt WHERE batch_id = $1", [begun.batchId]);
    expect(states.filter((row) => row["state"] === "proved")).toHaveLength(left.length);
    expect(await open()).toEqual([skuOf("stamped-ahead")]);
  });

  it("is reckoned anew when it is set how stock is compared, by who may, with the reason on record", async () => {
    const asked = {
      entityId: ENTITY,
      warehouses: ["store-berlin"],
      main: "store-berlin",
      movesOn: "order-confirmed" as const,
      toldWithinMinutes: 15,
      reason: "To see that it counts.",
    };
    const pool = database.ownerPool;
    await expect(setStockPolicy(actor, asked, { now: now(), pool })).rejects.toThrow();
    const admin = await makeUser(pool, "administrator", null);
    await setStockPolicy(admin, asked, { now: now(), pool });
    // One warehouse alone has less than the ERP's one figure of all.
    expect(Object.values(await drifts()).every((drift) => drift < 0)).toBe(true);
    const [event] = await rows(
      `SELECT "before", "after" FROM audit_event WHERE action = 'stock-policy.set' AND outcome = 'done'`,
    );
    expect(event).toMatchObject({
      before: { warehouses: ["central", "store-berlin"] },
      after: { reason: "To see that it counts." },
    });
  });
});
