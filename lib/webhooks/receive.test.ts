import { createHmac } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createHttpClient, type HttpClient } from "@/lib/connectors/http";
import { sleep } from "@/lib/connectors/sleep";
import { inTransaction } from "@/lib/db/pool";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { type Sandbox, startSandbox } from "@/lib/sandbox/server";
import { makeWorld } from "@/lib/sandbox/world";
import { connectSandbox } from "@/lib/settings/sandbox";
import { runSync } from "@/lib/sync/run";
import { findWebhooks } from "./data";
import { createEndpoint, rotateEndpoint } from "./endpoints";
import { eraseNamedCustomers } from "./erase-named";
import { readNamedOrders } from "./read-named";
import { type Answer, receiveScayle, receiveStandard } from "./receive";

process.env["TIEOUT_SECRET"] = "a secret of thirty-two characters or more";

const start = Date.parse("2026-11-15T09:00:00Z");
const HOUR = 3_600_000;
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
  const world = makeWorld({ seed: 1, orders: 300, anchor: "2026-10", faults: "planted" });
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
  await rows("TRUNCATE webhook_event, webhook_endpoint");
  await rows("DELETE FROM graphile_worker._private_jobs");
  secrets = (
    await inTransaction(database.appPool, (client) =>
      createEndpoint(client, scayle, "scayle", { name: "test", at: now() }),
    )
  ).secrets;
});

type Changes = Readonly<{ user?: string; password?: string; header?: string }>;

function call(body: unknown, changes: Changes = {}): Promise<Answer> {
  const { user, password, header } = { ...secrets, ...changes };
  const headers: Record<string, string | undefined> = {
    authorization: `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`,
    "x-tieout-secret": header,
  };
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return receiveScayle(
    { header: (name) => headers[name] ?? null, body: Buffer.from(text) },
    // The rights of the web process.
    { pool: database.appPool, now },
  );
}

const event = (key: string, orderId: number | string, changes: object = {}) => ({
  key,
  type: "order-confirmed",
  occurredAt: now().toISOString(),
  payload: { id: orderId, status: "confirmed", customer: { id: 7, email: "kim@example.com" }, cost: {} },
  ...changes,
});

const events = () =>
  rows(
    "SELECT event_key, type, state, outcome, deliveries, source_id FROM webhook_event ORDER BY received_at, event_key",
  );
const jobs = async (): Promise<number> =>
  Number((await rows("SELECT count(*)::int AS n FROM graphile_worker._private_jobs"))[0]?.["n"]);

/** The sandbox's client, counting what is asked; `broken` lets nothing through. */
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
const read = (http: HttpClient) =>
  readNamedOrders(scayle, { actorName: "webhooks", now, pool: database.ownerPool, http });

/** Ids of orders that the sandbox has in shops that are read here. */
async function orderIds(count: number): Promise<readonly string[]> {
  const orders = await rows(
    "SELECT source_id FROM sales_order WHERE connection_id = $1 ORDER BY source_id LIMIT $2",
    [scayle, count],
  );
  return orders.map((row) => String(row["source_id"]));
}

describe("a caller", () => {
  it.each([
    ["a wrong user", { user: "scayle-000000000000" }],
    ["a wrong password", { password: "guessed" }],
    ["a wrong header", { header: "guessed" }],
  ] as const)("with %s is turned away, and nothing is kept", async (_, changes) => {
    expect(await call(event("k", 1), changes)).toMatchObject({ status: 401 });
    expect([await events(), await jobs()]).toEqual([[], 0]);
  });

  it("may use the secret before for a day after it was changed", async () => {
    const former = secrets;
    const { id } = (await rows("SELECT id FROM webhook_endpoint"))[0] ?? {};
    secrets = (await inTransaction(database.appPool, (client) => rotateEndpoint(client, String(id), now())))
      .secrets;
    expect(await call(event("new", 1))).toMatchObject({ status: 202 });
    expect(await call(event("old", 2), former)).toMatchObject({ status: 202 });
    clock += 25 * HOUR;
    expect(await call(event("late", 3), former)).toMatchObject({ status: 401 });
    expect(await call(event("on time", 4))).toMatchObject({ status: 202 });
  });
});

describe("an event", () => {
  it("is kept once, with its job in the same transaction, however often it is delivered", async () => {
    for (let i = 0; i < 3; i += 1) expect(await call(event("k-1", 901))).toMatchObject({ status: 202 });
    expect(await events()).toMatchObject([
      { event_key: "k-1", state: "waiting", deliveries: 3, source_id: "901" },
    ]);
    expect(await jobs()).toBe(1);
  });

  it("without a key goes by the hash of its body; one key with two bodies is two events", async () => {
    const { key: _, ...keyless } = event("", 901);
    await call(keyless);
    await call(keyless);
    await call(event("k-1", 901));
    await call(event("k-1", 902));
    expect((await events()).map((one) => one["source_id"])).toEqual(["901", "901", "902"]);
  });

  it("without a key that comes again once it was settled is read again: it may be a second one with the same words", async () => {
    const { key: _, ...keyless } = event("", 901);
    await call(keyless);
    await rows(
      "UPDATE webhook_event SET state = 'done', outcome = 'The order was read again.', done_at = now()",
    );
    await call(keyless);
    expect(await events()).toMatchObject([{ state: "waiting", outcome: null, deliveries: 2 }]);
    await rows("UPDATE webhook_event SET state = 'done'");
    await call(event("k-1", 902));
    await rows("UPDATE webhook_event SET state = 'done'");
    await call(event("k-1", 902));
    expect((await events()).map((one) => one["state"])).toEqual(["done", "done"]);
  });

  it("leaves no personal data behind", async () => {
    await call(event("k-1", 901));
    await call({
      ...event("k-2", 902),
      payload: { order: { id: 902, customer: { email: "kim@example.com" } } },
    });
    const bodies = JSON.stringify(await rows("SELECT body FROM webhook_event"));
    expect(bodies).toContain("901");
    expect(bodies).not.toContain("kim@example.com");
  });

  it("of a basket is refused with the reason; an unknown one is kept; neither adds a job", async () => {
    const basket = {
      items: [{ variant: { referenceKey: "SKU-2" } }, { variant: { referenceKey: "SKU-1" } }],
    };
    await call(event("k-1", 1, { type: "basket-item-added", payload: basket }));
    await call(event("k-2", 1, { type: "order-teleported" }));
    const shown = await findWebhooks("MODA-EU", { state: "refused", page: 1, pageSize: 10 });
    expect(shown.rows).toMatchObject([{ about: "SKU-1, SKU-2", orderKey: null }]);
    expect(await events()).toMatchObject([
      { state: "refused", outcome: expect.stringContaining("never with a basket") },
      { state: "kept", outcome: expect.stringContaining("order-teleported") },
    ]);
    expect(await jobs()).toBe(0);
  });

  it("that is none is kept as failed and answered with 400", async () => {
    expect(await call("not json \u0000")).toMatchObject({ status: 400 });
    expect(await call([1, 2])).toMatchObject({ status: 400 });
    expect((await events()).map((one) => one["state"])).toEqual(["failed", "failed"]);
  });
});

describe("the job", () => {
  beforeAll(async () => {
    await runSync({ entityId: "MODA-EU" }, { actorName: "test", now, pool: database.ownerPool });
  });

  it("reads each named order once, whatever order its events came in, and settles all of them", async () => {
    const [first, second] = await orderIds(2);
    clock += HOUR;
    await call(
      event("k-3", first ?? "", { type: "order-item-returned", occurredAt: "2026-11-15T09:30:00Z" }),
    );
    await call(event("k-1", first ?? "", { occurredAt: "2026-11-15T09:10:00Z" }));
    await call(event("k-2", second ?? ""));
    const asked: string[] = [];
    await read(counting(asked));
    expect(asked.filter((url) => /\/orders\/\d+/.test(url)).length).toBe(2);
    expect((await events()).map((one) => one["state"])).toEqual(["done", "done", "done"]);
    const checked = await rows("SELECT checked_at FROM sales_order WHERE source_id = ANY ($1)", [
      [first, second],
    ]);
    expect(checked.map((row) => row["checked_at"])).toEqual([now(), now()]);
    const again: string[] = [];
    await read(counting(again));
    expect(again).toEqual([]);
  });

  it("moves no watermark: an event covers nothing but its order", async () => {
    const marks = () => rows("SELECT id, watermark, confirmed_until FROM feed ORDER BY id");
    const before = await marks();
    const [first] = await orderIds(1);
    clock += HOUR;
    await call(event("k-1", first ?? ""));
    await read(counting([]));
    expect(await marks()).toEqual(before);
  });

  it("leaves events waiting while the source can't be asked, and reads them when it can", async () => {
    const [first] = await orderIds(1);
    await call(event("k-1", first ?? ""));
    await expect(read(counting([], true))).rejects.toThrow();
    expect(await events()).toMatchObject([{ state: "waiting" }]);
    await read(counting([]));
    expect(await events()).toMatchObject([{ state: "done" }]);
  });

  it("reads by the list when many are named, so that the rate limit holds", async () => {
    // What the list has is what changed: the sandbox's clock goes on, and its events name what changed since.
    clock += 48 * HOUR;
    const ids = await orderIds(40);
    for (const [index, id] of ids.entries()) await call(event(`k-${index}`, id));
    const asked: string[] = [];
    await read(counting(asked));
    expect(asked.some((url) => /\/orders\?/.test(url))).toBe(true);
    expect((await events()).every((one) => one["state"] === "done")).toBe(true);
  });

  it("says which order no shop has", async () => {
    await call(event("k-1", 99_999_999));
    await read(counting([]));
    expect(await events()).toMatchObject([
      { state: "failed", outcome: expect.stringContaining("no such order") },
    ]);
  });

  it("has the feeds read where an event names no order", async () => {
    await call({ key: "k-1", type: "package-shipped", payload: { items: [{ id: 5 }] } });
    await rows("DELETE FROM graphile_worker._private_jobs");
    await read(counting([]));
    expect(await events()).toMatchObject([
      { state: "done", outcome: expect.stringContaining("names no order") },
    ]);
    const feeds = Number(
      (
        await rows("SELECT count(*)::int AS n FROM feed WHERE connection_id = $1 AND resource = 'orders'", [
          scayle,
        ])
      )[0]?.["n"],
    );
    expect(await jobs()).toBe(feeds);
  });
});

describe("a message of another system", () => {
  it("has the order that it names read from both systems, once, when its signature holds", async () => {
    const made = await inTransaction(database.appPool, (client) =>
      createEndpoint(client, erp, "standard", { name: "test", at: now() }),
    );
    const reference = String(
      (
        await rows("SELECT reference FROM sales_order WHERE entity_id = 'MODA-EU' ORDER BY source_id LIMIT 1")
      )[0]?.["reference"],
    );
    const body = Buffer.from(JSON.stringify({ type: "invoice.posted", data: { order: reference } }));
    const timestamp = String(Math.floor(clock / 1000));
    const sign = (key: string, id = "m-1") =>
      `v1,${createHmac("sha256", Buffer.from(key.replace("whsec_", ""), "base64"))
        .update(`${id}.${timestamp}.`)
        .update(body)
        .digest("base64")}`;
    const send = (signature: string, id = "m-1") => {
      const headers: Record<string, string> = {
        "webhook-id": id,
        "webhook-timestamp": timestamp,
        "webhook-signature": signature,
      };
      return receiveStandard(
        made.id,
        { header: (name) => headers[name] ?? null, body },
        { pool: database.appPool, now },
      );
    };
    expect(await send(sign("whsec_AAAA"))).toMatchObject({ status: 401 });
    expect(await events()).toEqual([]);
    for (let i = 0; i < 2; i += 1)
      expect(await send(sign(made.secrets["key"] ?? ""))).toMatchObject({ status: 202 });
    expect(await events()).toMatchObject([{ event_key: "m-1", deliveries: 2, state: "waiting" }]);
    await readNamedOrders(erp, { actorName: "webhooks", now, pool: database.ownerPool });
    expect(await events()).toMatchObject([
      { state: "done", outcome: expect.stringContaining("both systems") },
    ]);
    // A second invoice of the order says the same words, with an id of its own.
    expect(await send(sign(made.secrets["key"] ?? "", "m-2"), "m-2")).toMatchObject({
      status: 202,
      message: "Kept.",
    });
    expect(await events()).toMatchObject([
      { event_key: "m-1", state: "done" },
      { event_key: "m-2", state: "waiting" },
    ]);
  });
});

describe("a customer who is to be forgotten", () => {
  it("is erased once, with a record that names nobody, while the books stay", async () => {
    await rows("TRUNCATE customer_data, customer_term, customer_word, order_term");
    await read(counting([]));
    const [id] = await orderIds(1);
    await call(event("k-1", id ?? ""));
    await read(counting([]));
    const [held] = await rows(
      "SELECT customer_key AS key FROM customer_data WHERE data IS NOT NULL ORDER BY 1 LIMIT 1",
    );
    const key = String(held?.["key"]);
    const lines = await rows("SELECT order_key, id, gross FROM line ORDER BY 1, 2");
    expect(lines.length).toBeGreaterThan(0);

    const payload = { id: Number(key), email: "kim@example.com", firstName: "Kim" };
    expect(await call(event("k-2", 0, { type: "customer-anonymized", payload }))).toMatchObject({
      status: 202,
    });
    expect(await call(event("k-3", 0, { type: "customer-anonymized", payload: {} }))).toMatchObject({
      status: 202,
    });
    await eraseNamedCustomers(database.ownerPool, scayle, now());
    await eraseNamedCustomers(database.ownerPool, scayle, now());

    expect((await events()).slice(1)).toMatchObject([
      { event_key: "k-2", state: "done", source_id: key, outcome: expect.stringContaining("was erased") },
      { event_key: "k-3", state: "failed", outcome: expect.stringContaining("names no customer") },
    ]);
    expect(await rows("SELECT data FROM customer_data WHERE customer_key = $1", [key])).toEqual([
      { data: null },
    ]);
    expect(await rows("SELECT 1 FROM customer_term WHERE customer_key = $1", [key])).toEqual([]);
    const trail = await rows(
      "SELECT actor_name, before, after FROM audit_event WHERE action = 'customer.erase'",
    );
    expect(trail).toEqual([{ actor_name: "Webhooks", before: null, after: { orders: expect.any(Number) } }]);
    const kept = JSON.stringify(await rows("SELECT body FROM webhook_event"));
    expect(kept).not.toMatch(/kim/i);
    expect(await rows("SELECT order_key, id, gross FROM line ORDER BY 1, 2")).toEqual(lines);
  });
});
