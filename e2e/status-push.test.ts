import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Actor } from "@/lib/auth/actor";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { makeUser } from "@/lib/exceptions/fixtures";
import { runReconciliation } from "@/lib/matching/reconcile";
import { contextsOf } from "@/lib/resolutions/context";
import { isPlan, type Plan } from "@/lib/resolutions/contract";
import { isEnded } from "@/lib/resolutions/machine";
import { startResolution } from "@/lib/resolutions/mutations";
import { basisOfPlan } from "@/lib/resolutions/preview";
import { runResolution } from "@/lib/resolutions/run";
import { runnerContext } from "@/lib/resolutions/surroundings";
import { tellScayle } from "@/lib/resolutions/tell-scayle";
import { SCAYLE_PATH, SCAYLE_TOKEN } from "@/lib/sandbox/connections";
import { STATUS_FAULTS } from "@/lib/sandbox/faults/status";
import type { World } from "@/lib/sandbox/model";
import { type Sandbox, startSandbox } from "@/lib/sandbox/server";
import { makeWorld } from "@/lib/sandbox/world";
import { connectSandbox } from "@/lib/settings/sandbox";
import { findStatus, listWaiting } from "@/lib/status/data";
import { waitingStates } from "@/lib/status/schema";
import { runSync } from "@/lib/sync/run";
import { ANCHOR, NOW } from "./support/sandbox-world";

/*
 * What is stuck is pushed through SCAYLE's own calls and closed by what is read back; what only takes its time raises nothing,
 * and what arrives by itself closes by itself.
 */

let database: TestDatabase;
let sandbox: Sandbox;
let actor: Actor;
let world: World;
let clock = NOW.getTime();
const now = () => new Date(clock);
const pool = () => database.ownerPool;

async function upToDate(): Promise<void> {
  await runSync({}, { actorName: "Test", now, pool: pool() });
  await runReconciliation({}, { actorName: "Test", now, pool: pool() });
}

beforeAll(async () => {
  process.env["TIEOUT_SECRET"] = "a secret of this test alone, of thirty-two characters";
  database = await createTestDatabase();
  const limit = Number.MAX_SAFE_INTEGER;
  world = makeWorld({
    ...{ anchor: ANCHOR, seed: 501, orders: 300, faults: "none" },
    status: { each: 3, faults: STATUS_FAULTS, late: 8, from: -70, until: 10 },
  });
  sandbox = await startSandbox({
    ...{ world, now: () => clock, port: 0 },
    ...{ scayleLimit: limit, businessCentralLimit: limit },
  });
  await connectSandbox(sandbox.url, {
    pool: pool(),
    actor: { kind: "machine", id: "test", name: "Test" },
    at: NOW,
  });
  await upToDate();
  actor = await makeUser(pool(), "operations", null);
  await pool().query(
    `INSERT INTO resolution_limit (entity_id, code, currency, minor, set_at, set_by_id, set_by)
     SELECT e.id, 'tell-scayle', m.currency, 100000000, now(), 'test', 'test' FROM entity e, unnest(ARRAY['EUR', 'GBP']) AS m(currency)`,
  );
}, 240_000);
afterAll(async () => {
  await sandbox.close();
  await database.close();
});

type Expects = NonNullable<Plan["expects"]>;

type Open = Readonly<{
  id: string;
  orderKey: string;
  entityId: string;
  step: string;
  order: string;
  state: string;
  explanation: string;
}>;

async function drifts(where = "state <> 'resolved'"): Promise<readonly Open[]> {
  const { rows } = await pool().query<Open>(
    `SELECT id, order_key AS "orderKey", entity_id AS "entityId", split_part(source_line, ' ', 1) AS step, order_source_id AS "order", state,
            explanation FROM exception WHERE cause = 'status-drift' AND ${where} ORDER BY source_line`,
  );
  return rows;
}

const ordersWith = (fault: string): readonly string[] =>
  (world.statusTraces ?? []).filter((one) => one.fault === fault).map((one) => one.orderId);

/** What SCAYLE's order says, as it was read last. */
async function stateOf(
  orderKey: string,
): Promise<Readonly<{ reference: string; items: ReadonlyMap<string, string> }>> {
  const { rows } = await pool().query<{
    reference: string;
    items: readonly { id: string; status: string }[];
  }>("SELECT reference, content -> 'items' AS items FROM sales_order WHERE order_key = $1", [orderKey]);
  return {
    reference: rows[0]?.reference ?? "",
    items: new Map((rows[0]?.items ?? []).map(({ id, status }) => [id, status])),
  };
}

/** Sends what is planned for an exception, and looks until it has ended. */
async function push(
  one: Open,
): Promise<Readonly<{ state: string; outcome: string | null; sent: string; expects: Expects | undefined }>> {
  const context = (await contextsOf(pool(), one.entityId, [one], now())).get(one.id);
  if (!context) throw new Error(`nothing is planned for ${one.explanation}`);
  const plan = tellScayle.kind === "written" ? tellScayle.plan(context) : { cannot: "" };
  if (!isPlan(plan)) throw new Error(plan.cannot);
  const runner = runnerContext({ pool: pool(), now });
  const begun = await startResolution(
    actor,
    {
      ...{ entityId: one.entityId, exceptionId: one.id },
      ...{ code: "tell-scayle", basis: basisOfPlan("tell-scayle", plan) },
    },
    { now: now(), pool: pool(), writers: runner.writers },
  );
  for (let times = 0; times < 12; times += 1) {
    await runResolution({ orderKey: one.orderKey, id: begun.id }, runner);
    const { rows } = await pool().query(
      "SELECT state, next_at, outcome FROM resolution_attempt WHERE id = $1",
      [begun.id],
    );
    const [attempt] = rows;
    if (isEnded(attempt.state))
      return { ...attempt, sent: plan.writes[0]?.write.kind ?? "", expects: plan.expects };
    clock = Math.max(clock + 1000, attempt.next_at?.getTime() ?? 0);
  }
  throw new Error("it did not end");
}

it("is counted on the page as it is raised, and each count leads to its orders", async () => {
  const raised = await drifts();
  const steps = raised.map((one) => one.step).sort();
  const counted: string[] = [];
  const listed: string[] = [];
  for (const entityId of ["MODA-EU", "MODA-UK"]) {
    const { shops } = await findStatus(pool(), entityId, now());
    expect(shops.every((shop) => shop.contradictory === 0 && shop.unknown === 0)).toBe(true);
    for (const shop of shops)
      for (const { code, waiting, measured, limit } of shop.transitions) {
        expect(limit.seconds).toBeGreaterThanOrEqual(measured && measured.cases >= 30 ? measured.p95 : 0);
        for (const as of waitingStates) {
          const query = { entity: entityId, shop: shop.shopId, step: code, as, page: 1 };
          const { total, rows } = await listWaiting(pool(), entityId, query, now());
          expect(`${code} ${as} ${total}`).toBe(`${code} ${as} ${waiting[as]}`);
          if (as === "stuck") listed.push(...rows.flatMap((row) => row.exceptionId ?? []));
        }
        counted.push(...Array.from({ length: waiting.stuck }, () => code));
      }
  }
  expect(counted.filter((code) => code !== "post" && code !== "post-credit").sort()).toEqual(steps);
  // Where the books say the same, it is their exception that is named.
  const own = new Set(raised.map((one) => one.id));
  expect(listed.filter((id) => own.has(id)).sort()).toEqual([...own].sort());
  const other = {
    entity: "MODA-EU",
    shop: "MODA-EU/ms/de",
    step: "unknown",
    as: undefined,
    page: 1,
  } as const;
  expect(await listWaiting(pool(), "MODA-EU", other, now())).toMatchObject({ rows: [], total: 0 });
});

describe("what is stuck", () => {
  it.each([
    // A shipment that is told months later is sold in another month than the ERP has it.
    ["shipment-not-told", "tell-shipment", "shipment", ["posted-ahead"], ["cut-off"]],
    ["cancellation-not-told", "tell-cancellation", "cancellation", [], []],
    ["return-not-told", "tell-return", "return", ["posted-ahead"], []],
    ["key-not-told", "reference", "reference-key", [], []],
  ])("%s is told to SCAYLE and closes by what is read back", { timeout: 120_000 }, async (...row) => {
    const [fault, step, kind, before, afterwards] = row;
    const [one] = (await drifts()).filter(
      (drift) => drift.step === step && ordersWith(fault).includes(drift.order),
    );
    if (!one) throw new Error(`no ${step} is open`);
    // What stands in one side's books alone is explained by it, and nobody has to look for a cause.
    const others = async () =>
      (
        await pool().query<{ code: string }>(
          "SELECT DISTINCT code FROM cause WHERE order_key = $1 AND code <> 'rounding' ORDER BY code",
          [one.orderKey],
        )
      ).rows.map((found) => found.code);
    expect(await others()).toEqual(before);
    const open = (await drifts()).filter((drift) => drift.orderKey === one.orderKey);
    const { state, outcome, sent, expects } = await push(one);
    expect({ state, sent }, outcome ?? "").toEqual({ state: "proved", sent: kind });
    // What was said beforehand is what came: what was before, what is now, and which exceptions closed.
    const stillOpen = (await drifts()).filter((drift) => drift.orderKey === one.orderKey);
    expect(expects?.closes).toHaveLength(open.length - stillOpen.length);
    expect(expects?.besides.some((said) => said.includes("cut-off"))).toBe(afterwards.includes("cut-off"));
    const held = await stateOf(one.orderKey);
    expect(expects?.changes.length).toBeGreaterThan(0);
    for (const { what, after } of expects?.changes ?? []) {
      const item = what.match(/, item (\S+) in SCAYLE$/)?.[1];
      expect(item === undefined ? held.reference : held.items.get(item), what).toBe(after);
    }
    const [after] = await drifts(`id = '${one.id}'`);
    expect(after?.state).toBe("resolved");
    expect(await others()).toEqual(afterwards);
  });

  it.each([
    ["not-delegated", "delegate", "its support"],
    ["not-shipped", "ship", "Ask the warehouse"],
    ["not-invoiced", "invoice", "SCAYLE’s support"],
  ])("%s can't be pushed by any call, and says who has to", async (fault, step, words) => {
    const [one] = (await drifts()).filter(
      (drift) => drift.step === step && ordersWith(fault).includes(drift.order),
    );
    if (!one) throw new Error(`no ${step} is open`);
    const context = (await contextsOf(pool(), one.entityId, [one], now())).get(one.id);
    if (!context || tellScayle.kind !== "written") throw new Error("it has no context");
    const plan = tellScayle.plan(context);
    expect(isPlan(plan) ? plan.sentence : plan.cannot).toContain(words);
    expect(isPlan(plan)).toBe(false);
  });
});

it("closes by itself what arrives without anybody's touch here", { timeout: 120_000 }, async () => {
  const [one] = (await drifts()).filter((drift) => drift.step === "ship");
  const order = world.affairs.find((affair) => String(affair.order.id) === one?.order)?.order;
  if (!one || !order) throw new Error("no order waits for its parcel");
  const answer = await fetch(`${sandbox.url}${SCAYLE_PATH}/fulfillment/shipments`, {
    method: "POST",
    headers: { "x-access-token": SCAYLE_TOKEN, "content-type": "application/json" },
    body: JSON.stringify({
      ...{ shopKey: order.shop.shopKey, countryCode: order.shop.countryCode, orderId: order.id },
      ...{ carrier: "dhl", shipmentKey: "JD1", items: order.units.map((unit) => ({ orderItemId: unit.id })) },
    }),
  });
  expect(answer.status).toBe(204);
  clock += 120_000;
  await upToDate();
  const [after] = await drifts(`id = '${one.id}'`);
  expect(after?.state).toBe("resolved");
});

it("lets what is only late pass without raising anything, whenever it looks", {
  timeout: 240_000,
}, async () => {
  const late = new Set(ordersWithNoFault());
  expect(late.size).toBeGreaterThan(30);
  // Over the days in which they arrive, as they come.
  clock = Math.max(clock, NOW.getTime() + 3_600_000);
  for (let times = 0; times < 4; times += 1) {
    clock += 6 * 3_600_000;
    await upToDate();
  }
  const raised = (await drifts("true")).filter((one) => late.has(one.order));
  expect(raised.map((one) => one.explanation)).toEqual([]);
});

const ordersWithNoFault = (): readonly string[] =>
  (world.statusTraces ?? []).filter((one) => one.fault === null).map((one) => one.orderId);
