import { createHmac } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createHttpClient, type HttpClient } from "@/lib/connectors/http";
import { sleep } from "@/lib/connectors/sleep";
import { inTransaction, whileLocked } from "@/lib/db/pool";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { type Sandbox, startSandbox } from "@/lib/sandbox/server";
import { makeWorld } from "@/lib/sandbox/world";
import { connectSandbox } from "@/lib/settings/sandbox";
import { createEndpoint } from "./endpoints";
import { readNamedOrders } from "./read-named";
import { readNamedStock } from "./read-named-stock";
import { receiveScayle, receiveStandard } from "./receive";

process.env["TIEOUT_SECRET"] = "a secret of thirty-two characters or more";

const start = Date.parse("2026-11-15T09:00:00Z");
const world = makeWorld({ seed: 1, orders: 60, anchor: "2026-10", faults: "none" });
const [first, second] = [world.catalogue[0], world.catalogue[1] ?? world.catalogue[0]];
let clock = start;
const now = (): Date => new Date(clock);
let database: TestDatabase;
let sandbox: Sandbox;
let scayle: string;
let erp: string;
let secrets: Readonly<Record<string, string>>;

const rows = async (sql: string, values: unknown[] = []): Promise<Record<string, unknown>[]> =>
  (await database.ownerPool.query(sql, values)).rows;

beforeAll(async () => {
  database = await createTestDatabase();
  sandbox = await startSandbox({ world, now: () => clock, port: 0 });
  await connectSandbox(sandbox.url, {
    pool: database.ownerPool,
    actor: { kind: "command-line", id: "test", name: "test" },
    at: now(),
  });
  const idOf = async (side: string): Promise<string> =>
    String(
      (await rows("SELECT id FROM connection WHERE entity_id = 'MODA-EU' AND side = $1", [side]))[0]?.["id"],
    );
  scayle = await idOf("scayle");
  erp = await idOf("erp");
});
afterAll(async () => {
  await sandbox.close();
  await database.close();
});
beforeEach(async () => {
  clock = start;
  await rows("TRUNCATE webhook_event, webhook_endpoint, stock_item, stock_level, stock_reading");
  await rows("DELETE FROM graphile_worker._private_jobs");
  secrets = (
    await inTransaction(database.appPool, (client) =>
      createEndpoint(client, scayle, "scayle", { name: "test", at: now() }),
    )
  ).secrets;
});

const stockEvent = (key: string, variant: Readonly<{ id?: number; sku?: string }>, changes: object = {}) => ({
  key,
  type: "product-variant-stock-updated",
  occurredAt: now().toISOString(),
  payload: {
    productVariant: { id: variant.id, referenceKey: variant.sku },
    warehouse: { id: 1, referenceKey: "central" },
    quantity: 4711,
  },
  ...changes,
});

function call(body: unknown) {
  const headers: Record<string, string | undefined> = {
    authorization: `Basic ${Buffer.from(`${secrets["user"]}:${secrets["password"]}`).toString("base64")}`,
    "x-tieout-secret": secrets["header"],
  };
  // The rights of the web process.
  return receiveScayle(
    { header: (name) => headers[name] ?? null, body: Buffer.from(JSON.stringify(body)) },
    { pool: database.appPool, now },
  );
}

const events = () =>
  rows(
    "SELECT type, subject, state, outcome, source_id, reference FROM webhook_event ORDER BY received_at, event_key",
  );
const tasks = async (): Promise<readonly unknown[]> =>
  (
    await rows(
      "SELECT t.identifier AS task FROM graphile_worker._private_jobs j JOIN graphile_worker._private_tasks t ON t.id = j.task_id",
    )
  ).map((row) => row["task"]);

function counting(asked: string[], broken = false): HttpClient {
  const http = createHttpClient({ fetch, now, sleep, random: Math.random });
  return {
    now,
    send: (request) => {
      asked.push(request.url);
      if (broken) throw new Error("the cable was pulled");
      return http.send(request);
    },
  };
}
const read = (connectionId = scayle, http = counting([])) =>
  readNamedStock(connectionId, { actorName: "webhooks", now, pool: database.ownerPool, http });

describe("a stock event", () => {
  it("waits with its item, and adds one job for as many as wait", async () => {
    expect(await call(stockEvent("k-1", first))).toMatchObject({ status: 202 });
    await call(stockEvent("k-2", second));
    await call(stockEvent("k-2", second));
    expect(await events()).toMatchObject([
      { subject: "stock", state: "waiting", source_id: String(first.id), reference: first.sku },
      { subject: "stock", state: "waiting", reference: second.sku },
    ]);
    expect(await tasks()).toEqual(["read-named-stock"]);
  });

  it("has its item read again, once however many name it; what the event says is not taken over", async () => {
    await call(stockEvent("k-1", first));
    await call(stockEvent("k-2", first, { payload: { ...stockEvent("", first).payload, quantity: 3 } }));
    await call(stockEvent("k-3", second));
    const marks = () => rows("SELECT id, watermark, confirmed_until, due_at FROM feed ORDER BY id");
    const before = await marks();
    const asked: string[] = [];
    await read(scayle, counting(asked));
    expect(asked.filter((url) => url.includes("/stocks"))).toHaveLength(2);
    const levels = await rows(
      "SELECT item_key, trim_scale(quantity)::int AS quantity FROM stock_level ORDER BY 1",
    );
    expect(new Set(levels.map((row) => row["item_key"]))).toEqual(new Set([first.sku, second.sku]));
    expect(levels.every((row) => Number(row["quantity"]) < 100)).toBe(true);
    expect((await events()).map((one) => [one["state"], one["outcome"]])).toEqual(
      Array.from({ length: 3 }, () => ["done", "The stock of this item was read again."]),
    );
    expect(await marks()).toEqual(before);
    const again: string[] = [];
    await read(scayle, counting(again));
    expect(again).toEqual([]);
  });

  it("is left alone by the reading of orders, and an order's event by the reading of stock", async () => {
    await call(stockEvent("k-1", first));
    await call({ key: "k-2", type: "order-confirmed", payload: { id: 99_999_999, cost: {} } });
    await readNamedOrders(scayle, { actorName: "webhooks", now, pool: database.ownerPool });
    expect((await events()).map((one) => one["state"])).toEqual(["waiting", "failed"]);
    await read();
    expect((await events()).map((one) => one["state"])).toEqual(["done", "failed"]);
  });

  it("of a variant that is deleted leaves nothing of it counted as stock", async () => {
    await call(stockEvent("k-1", first));
    await read();
    await rows("UPDATE stock_item SET item_key = 'GONE'");
    await rows("UPDATE stock_level SET item_key = 'GONE'");
    await rows("UPDATE stock_reading SET item_key = 'GONE'");
    await call(stockEvent("k-2", { sku: "GONE" }, { type: "product-variant-deleted" }));
    await read();
    expect(await events()).toMatchObject([
      { state: "done" },
      { state: "done", outcome: expect.stringContaining("no such item any more") },
    ]);
    expect(await rows("SELECT FROM stock_level")).toEqual([]);
  });

  it("of an item that there never was says just that", async () => {
    await call(stockEvent("k-1", { sku: "NOPE" }));
    await read();
    expect(await events()).toMatchObject([
      { state: "done", outcome: expect.stringMatching(/no such item, and none of it was ever read/) },
    ]);
  });

  it("that names no variant has the stock feed read", async () => {
    await call(stockEvent("k-1", {}));
    await rows("DELETE FROM graphile_worker._private_jobs");
    await read();
    expect(await events()).toMatchObject([
      { state: "done", outcome: expect.stringContaining("names no item") },
    ]);
    expect(await tasks()).toEqual(["sync-feed"]);
  });

  it("goes on waiting while its system can't be asked, or its feed is being read", async () => {
    await call(stockEvent("k-1", first));
    await expect(read(scayle, counting([], true))).rejects.toThrow();
    const held = whileLocked(database.ownerPool, "feed:MODA-EU/scayle/stock", () => read());
    await expect(held).rejects.toThrow(/already at work/);
    expect(await events()).toMatchObject([{ state: "waiting" }]);
    await read();
    expect(await events()).toMatchObject([{ state: "done" }]);
  });

  it("of a basket is no stock event", async () => {
    await call(stockEvent("k-1", first, { type: "basket-item-added" }));
    expect(await events()).toMatchObject([{ state: "refused" }]);
    expect(await tasks()).toEqual([]);
  });
});

describe("a message of the ERP that names an item", () => {
  it("has what is on hand of it read again", async () => {
    const made = await inTransaction(database.appPool, (client) =>
      createEndpoint(client, erp, "standard", { name: "test", at: now() }),
    );
    const body = Buffer.from(JSON.stringify({ type: "stock.changed", data: { item: first.sku } }));
    const timestamp = String(Math.floor(clock / 1000));
    const key = Buffer.from(String(made.secrets["key"]).replace("whsec_", ""), "base64");
    const signature = createHmac("sha256", key).update(`m-1.${timestamp}.`).update(body).digest("base64");
    const headers: Record<string, string> = {
      "webhook-id": "m-1",
      "webhook-timestamp": timestamp,
      "webhook-signature": `v1,${signature}`,
    };
    const answer = await receiveStandard(
      made.id,
      { header: (name) => headers[name] ?? null, body },
      { pool: database.appPool, now },
    );
    expect(answer).toMatchObject({ status: 202 });
    expect(await tasks()).toEqual(["read-named-stock"]);
    await read(erp);
    expect(await events()).toMatchObject([{ subject: "stock", state: "done", reference: first.sku }]);
    expect(await rows("SELECT item_key, measure FROM stock_level")).toEqual([
      { item_key: first.sku, measure: "on-hand" },
    ]);
  });
});
