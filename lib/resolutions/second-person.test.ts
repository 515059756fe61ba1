import { afterAll, beforeAll, expect, it } from "vitest";
import type { Actor } from "@/lib/auth/actor";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { orderKeyOf } from "@/lib/domain/identity";
import { makeUser } from "@/lib/exceptions/fixtures";
import { runReconciliation } from "@/lib/matching/reconcile";
import type { StoreContext } from "@/lib/sync/store/context";
import { invoice, item, line, order, prepare } from "@/lib/sync/store/fixtures";
import { startBatch } from "./batches";
import { contextsOf } from "./context";
import { isPlan } from "./contract";
import { contextOver, createWorlds, readWorlds } from "./fixtures";
import { isEnded } from "./machine";
import { decideResolution, startResolution, writtenOf } from "./mutations";
import { basisOfPlan } from "./preview";
import { runResolution } from "./run";

/*
 * What is told to SCAYLE can't be taken back, and its exception stands beside the books: it is measured by what its items were
 * sold for, and above the limit it waits for a second person.
 */

let database: TestDatabase;
let contexts: Readonly<{ orders: StoreContext; ledger: StoreContext }>;
let asker: Actor;
let clock = Date.parse("2026-11-02T08:00:00Z");
const now = () => new Date(clock);
const worlds = createWorlds(now, () => "answers");
let nextId = 7000;

beforeAll(async () => {
  database = await createTestDatabase();
  contexts = await prepare(database.ownerPool);
  asker = await makeUser(database.ownerPool, "administrator", null);
});
afterAll(() => database.close());

/** An order that was passed on, whose invoice the ERP took back, and of which SCAYLE was told nothing: its exception. */
async function untold(gross: bigint): Promise<Readonly<{ orderKey: string; id: string; order: string }>> {
  nextId += 1;
  const id = String(nextId);
  const [reference, net] = [`DE-${id}`, (gross * 100n) / 119n];
  const amounts = { net, tax: gross - net, gross };
  worlds.orders.set(
    id,
    order({
      ...{ id, reference, aliases: [id, reference], orderStatus: "order_delegated" },
      items: [item({ id: `${id}1`, status: "delegated", shippedAt: null, ...amounts })],
    }),
  );
  const sale = { sourceId: `s${id}`, number: `INV-${id}`, reference, stated: amounts };
  const back = { net: -net, tax: net - gross, gross: -gross };
  worlds.documents.push(
    invoice({ ...sale, status: "Canceled", lines: [line(amounts)] }),
    invoice({
      ...{ ...sale, kind: "credit", sourceId: `c${id}`, number: `CM-${id}`, originalNumber: `INV-${id}` },
      ...{ status: "Corrective", stated: back, lines: [line({ ...back, quantity: "-1" })] },
    }),
  );
  await readWorlds(worlds, contexts, database.ownerPool, [id], now());
  const orderKey = orderKeyOf(contexts.orders.connectionId, id);
  await runReconciliation(
    { entityId: "E1", orderKeys: [orderKey] },
    { actorName: "test", now, pool: database.ownerPool },
  );
  const { rows } = await database.ownerPool.query<{ id: string }>(
    "SELECT id FROM exception WHERE order_key = $1 AND cause = 'status-drift' AND state = 'new'",
    [orderKey],
  );
  const [found] = rows;
  if (!found) throw new Error("nothing stands still");
  return { orderKey, id: found.id, order: reference };
}

const runner = () =>
  contextOver(worlds, contexts, { pool: database.ownerPool, reading: database.ownerPool, now });
const context = () => ({ now: now(), pool: database.ownerPool, writers: runner().writers });

async function start(one: Readonly<{ orderKey: string; id: string }>) {
  const found = (await contextsOf(database.ownerPool, "E1", [one], now())).get(one.id);
  const plan = found ? writtenOf("tell-scayle").plan(found) : { cannot: "no context" };
  if (!isPlan(plan)) throw new Error(plan.cannot);
  return startResolution(
    asker,
    {
      ...{ entityId: "E1", exceptionId: one.id, code: "tell-scayle" },
      basis: basisOfPlan("tell-scayle", plan),
    },
    context(),
  );
}

async function run(one: Readonly<{ orderKey: string }>, id: string): Promise<string> {
  for (let times = 0; times < 12; times += 1) {
    await runResolution({ orderKey: one.orderKey, id }, runner());
    const { rows } = await database.ownerPool.query<{ state: string; at: Date | null }>(
      "SELECT state, next_at AS at FROM resolution_attempt WHERE id = $1",
      [id],
    );
    const [attempt] = rows;
    if (!attempt || isEnded(attempt.state) || attempt.state === "asked") return attempt?.state ?? "none";
    clock = Math.max(clock + 1000, attempt.at?.getTime() ?? 0);
  }
  throw new Error("it never ended");
}

it("what is worth more than the limit waits for a second person, and whoever asked is none", async () => {
  const one = await untold(35_270n);
  const { id, state } = await start(one);
  expect(state).toBe("asked");
  const { rows } = await database.ownerPool.query("SELECT second, worths FROM resolution_attempt");
  expect(rows).toEqual([
    {
      second: "It moves 352.70 EUR, more than the limit of 250.00 EUR: a second person approves.",
      worths: [{ currency: "EUR", minor: "35270" }],
    },
  ]);
  expect(await run(one, id)).toBe("asked");
  expect(worlds.effects).toEqual([]);
  const decide = (actor: Actor) =>
    decideResolution(actor, { entityId: "E1", id, approve: true, why: "" }, context());
  await expect(decide(asker)).rejects.toThrow(/You asked for it yourself/);
  expect(worlds.effects).toEqual([]);
  await decide(await makeUser(database.ownerPool, "finance-reviewer", "E1"));
  expect(await run(one, id)).toBe("proved");
  expect(worlds.effects).toEqual([`cancellation ${one.order}`]);
});

it("what is worth less is sent by one person", async () => {
  const one = await untold(11_900n);
  const { id, state } = await start(one);
  expect(state).toBe("claimed");
  expect(await run(one, id)).toBe("proved");
  expect(worlds.effects).toContain(`cancellation ${one.order}`);
});

it("many are measured together", async () => {
  const some = [await untold(11_900n), await untold(11_900n), await untold(11_900n)];
  const selection = { by: "exceptions" as const, ids: some.map((one) => one.id) };
  const asked = { entityId: "E1", code: "tell-scayle", selection };
  expect(await startBatch(asker, asked, context())).toMatchObject({ count: 3, state: "asked" });
  for (const one of some) expect(worlds.effects).not.toContain(`cancellation ${one.order}`);
});
