import { createServer, type Server } from "node:http";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import type { Happening } from "@/lib/sandbox/happenings";
import { type Sandbox, startSandbox } from "@/lib/sandbox/server";
import { makeWorld } from "@/lib/sandbox/world";
import { runSync } from "@/lib/sync/run";
import { readNamedOrders } from "@/lib/webhooks/read-named";
import { readNamedStock } from "@/lib/webhooks/read-named-stock";
import { receiveScayle } from "@/lib/webhooks/receive";
import { connectSandbox } from "./sandbox";
import { addFault, arrangedFaults, clearFaults, closeSandboxBooks } from "./sandbox-faults";
import { letHappen, subscribeToSandbox } from "./sandbox-webhooks";

process.env["TIEOUT_SECRET"] = "a secret of thirty-two characters or more";

const MINUTE = 60_000;
const world = makeWorld({ seed: 1, orders: 60, anchor: "2026-10", faults: "none" });
const actor = { kind: "command-line", id: "test", name: "test" } as const;
let clock = Date.parse("2026-11-15T09:00:00Z");
const now = (): Date => new Date(clock);
const happened: Happening[] = [];
let database: TestDatabase;
let sandbox: Sandbox;
let consoleServer: Server;
let consoleUrl: string;
/** How many calls the console answers with 503 before it takes one. */
let deaf = 0;

const rows = async (sql: string, values: unknown[] = []): Promise<Record<string, unknown>[]> =>
  (await database.ownerPool.query(sql, values)).rows;
const context = () => ({ pool: database.ownerPool, actor, actorName: "test", at: now() });
const wish = (what: string, more: object = {}) => letHappen({ what, ...more }, { pool: database.ownerPool });

beforeAll(async () => {
  database = await createTestDatabase();
  const onHappened = (some: readonly Happening[]): void => void happened.push(...some);
  sandbox = await startSandbox({ world, now: () => clock, port: 0, onHappened });
  consoleServer = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(Buffer.from(chunk));
    if (deaf > 0) {
      deaf -= 1;
      response.writeHead(503).end();
      return;
    }
    const header = (name: string): string | null => String(request.headers[name] ?? "") || null;
    const { status } = await receiveScayle(
      { header, body: Buffer.concat(chunks) },
      { pool: database.appPool, now },
    );
    response.writeHead(status).end();
  });
  await new Promise<void>((resolve) => consoleServer.listen(0, "127.0.0.1", resolve));
  const address = consoleServer.address();
  consoleUrl = `http://127.0.0.1:${typeof address === "object" && address ? address.port : 0}`;
  await connectSandbox(sandbox.url, context());
  await subscribeToSandbox(consoleUrl, context());
  await runSync({}, { actorName: "test", now, pool: database.ownerPool });
});
afterAll(async () => {
  await new Promise((resolve) => consoleServer.close(resolve));
  await sandbox.close();
  await database.close();
});
beforeEach(async () => {
  clock += MINUTE;
  await rows("TRUNCATE webhook_event");
});

async function readAll(): Promise<void> {
  const connections = await rows("SELECT id FROM connection WHERE kind = 'scayle' ORDER BY id");
  for (const { id } of connections)
    await readNamedOrders(String(id), { actorName: "webhooks", now, pool: database.ownerPool });
}
const statusOf = async (reference: string): Promise<unknown> =>
  (await rows("SELECT order_status AS status FROM sales_order WHERE reference = $1", [reference]))[0]?.[
    "status"
  ];

describe("a sandbox that is told to let something happen", () => {
  it("has an endpoint per connection, with its secrets sealed, however often it is subscribed", async () => {
    const again = await subscribeToSandbox(consoleUrl, context());
    const held = await rows(
      "SELECT id, encode(secret, 'escape') AS secret FROM webhook_endpoint ORDER BY created_at, id",
    );
    expect(new Set(again.endpoints)).toEqual(new Set(held.map((row) => row["id"])));
    expect(held).toHaveLength(2);
    expect(held.every((row) => !String(row["secret"]).includes("password"))).toBe(true);
  });

  it("tells of a new order, which is then in the books, and of no other", async () => {
    const before = Number((await rows("SELECT count(*)::int AS n FROM sales_order"))[0]?.["n"]);
    const { orders, deliveries } = await wish("order", { count: 6 });
    expect(orders).toHaveLength(6);
    expect(deliveries.every((one) => one.status === 202)).toBe(true);
    // Some are delivered twice: that is one event here, with two deliveries.
    const [kept] = await rows(
      "SELECT count(*)::int AS events, sum(deliveries)::int AS deliveries FROM webhook_event",
    );
    expect(kept).toEqual({ events: 18, deliveries: deliveries.length });
    expect(deliveries.length).toBeGreaterThan(18);
    await readAll();
    expect(await rows("SELECT DISTINCT state FROM webhook_event")).toEqual([{ state: "done" }]);
    expect(Number((await rows("SELECT count(*)::int AS n FROM sales_order"))[0]?.["n"])).toBe(before + 6);
    for (const reference of orders) expect(await statusOf(reference)).toBe("order_delegated");
  });

  it("ships, takes back and cancels what came on request, and refuses what can't be", async () => {
    const [shipped = "", cancelled = ""] = (await wish("order", { count: 2, shop: "ms/de" })).orders;
    await wish("ship", { order: shipped });
    await wish("cancel", { order: cancelled });
    clock += 5 * MINUTE;
    await readAll();
    expect(await statusOf(shipped)).toBe("order_invoiced");
    expect(await statusOf(cancelled)).toBe("order_cancelled");
    const { deliveries } = await wish("return", { order: shipped });
    expect(deliveries.map((one) => one.event)).toContain("payment-refund");
    await expect(wish("ship", { order: cancelled })).rejects.toThrow("was shipped or cancelled before");
    await expect(wish("cancel", { order: world.affairs[0]?.order.reference })).rejects.toThrow(
      "has come on request",
    );
    await expect(wish("order", { shop: "no/where" })).rejects.toThrow("There is no shop no/where");
  });

  it("has the ERP post what was shipped an hour later, in a series without gaps", async () => {
    const { orders } = await wish("order", { count: 3, shop: "mu/gb" });
    await wish("ship", { count: 3 });
    clock += 61 * MINUTE;
    await runSync({}, { actorName: "test", now, pool: database.ownerPool });
    const numbers = await rows(
      "SELECT number FROM document WHERE side = 'erp' AND kind = 'sale' AND reference = ANY($1) ORDER BY 1",
      [orders],
    );
    expect(numbers.map((row) => row["number"])).toEqual(["PSIL-100001", "PSIL-100002", "PSIL-100003"]);
  });

  it("tells of a basket, which is refused as a trigger with the reason, and of stock, which is read again", async () => {
    await wish("basket");
    const sku = world.catalogue[0].sku;
    await wish("stock", { sku, quantity: 5 });
    expect(await rows("SELECT DISTINCT type, state FROM webhook_event ORDER BY 1")).toEqual([
      { type: "basket-item-added", state: "refused" },
      { type: "product-variant-stock-updated", state: "waiting" },
    ]);
    const [scayle] = await rows(
      "SELECT DISTINCT connection_id AS id FROM webhook_event WHERE subject = 'stock'",
    );
    await readNamedStock(String(scayle?.["id"]), {
      actorName: "webhooks",
      now,
      pool: database.ownerPool,
    });
    expect(
      await rows(
        "SELECT trim_scale(quantity)::text AS quantity FROM stock_level WHERE item_key = $1 AND warehouse = 'central' AND connection_id = $2",
        [sku, scayle?.["id"]],
      ),
    ).toEqual([{ quantity: "5" }]);
    expect(
      await rows("SELECT DISTINCT state FROM webhook_event WHERE connection_id = $1 AND subject = 'stock'", [
        scayle?.["id"],
      ]),
    ).toEqual([{ state: "done" }]);
    await expect(wish("stock", { sku: "no such", quantity: 1 })).rejects.toThrow("There is no variant");
  });

  it("tries a delivery again that was not taken", async () => {
    deaf = 1;
    const { deliveries } = await wish("basket");
    expect(deliveries[0]).toMatchObject({ status: 202, tries: 2 });
  });

  it("is the same world after another start, and unchanged where nothing was asked", async () => {
    const order = happened.find((one) => one.what === "order");
    const id = order && "id" in order ? order.id : 0;
    const schema = z.object({ referenceKey: z.string(), updatedAt: z.string() });
    const see = async (one: Sandbox): Promise<Response> =>
      fetch(`${one.url}/scayle/api/admin/v1/shops/ms/countries/de/orders/${id}`, {
        headers: { "x-access-token": "sandbox-scayle-token" },
      });
    const again = await startSandbox({ world, now: () => clock, port: 0, happened });
    const untouched = await startSandbox({ world, now: () => clock, port: 0 });
    expect(schema.parse(await (await see(again)).json())).toEqual(
      schema.parse(await (await see(sandbox)).json()),
    );
    expect((await see(untouched)).status).toBe(404);
    await again.close();
    await untouched.close();
  });
});

describe("what is to go wrong with writes to the sandbox", () => {
  it("is arranged, listed and struck out, and refused in its words where it can't be", async () => {
    const pool = database.ownerPool;
    await addFault(pool, { fault: "lost", on: "post", times: 3 });
    expect(await addFault(pool, { fault: "reject" })).toMatchObject({
      faults: [
        { fault: "lost", on: "post", times: 3, chance: 1 },
        { fault: "reject", on: "any", times: 1 },
      ],
      booksOpenFrom: null,
    });
    expect(await clearFaults(pool)).toMatchObject({ faults: [] });
    await expect(addFault(pool, { fault: "explode" })).rejects.toThrow(/The sandbox: /);
    expect((await closeSandboxBooks(pool, "2026-09-01")).booksOpenFrom).toBe("2026-09-01");
    expect((await arrangedFaults(pool)).booksOpenFrom).toBe("2026-09-01");
  });
});
