import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { HttpClient } from "@/lib/connectors/http";
import { createHttpClient } from "@/lib/connectors/http";
import { sleep } from "@/lib/connectors/sleep";
import { inTransaction } from "@/lib/db/pool";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { runReconciliation } from "@/lib/matching/reconcile";
import { SCAYLE_TOKEN } from "@/lib/sandbox/connections";
import { HAPPENINGS_PATH, type Sandbox, startSandbox } from "@/lib/sandbox/server";
import { makeStock } from "@/lib/sandbox/stock";
import { makeWorld } from "@/lib/sandbox/world";
import { connectSandbox } from "@/lib/settings/sandbox";
import { keepFeedsBehind } from "./behind";
import { retryRecord } from "./retry";
import { runSync, type SyncContext } from "./run";

process.env["TIEOUT_SECRET"] = "a secret of thirty-two characters or more";

const start = Date.parse("2026-11-15T09:00:00Z");
const MINUTE = 60_000;
const ORDERS = "MODA-EU/scayle/orders/ms-de";
const STATUS = "MODA-EU/scayle/status/ms-de";
const SELLABLE = "MODA-EU/scayle/stock";
const ON_HAND = "MODA-EU/business-central/stock";
let clock = start;
let database: TestDatabase;
let sandbox: Sandbox;
const world = makeWorld({ seed: 1, orders: 300, anchor: "2026-10", faults: "none" });
const now = (): Date => new Date(clock);
const context: SyncContext = { actorName: "test", now };

beforeAll(async () => {
  database = await createTestDatabase();
  sandbox = await startSandbox({ world, now: () => clock, port: 0, post: async () => ({ status: 202 }) });
  await connectSandbox(sandbox.url, {
    pool: database.ownerPool,
    actor: { kind: "command-line", id: "test", name: "test" },
    at: now(),
  });
});
afterAll(async () => {
  await sandbox.close();
  await database.close();
});

const rows = async (sql: string, values: unknown[] = []): Promise<Record<string, unknown>[]> =>
  (await database.ownerPool.query(sql, values)).rows;
const feedRow = async (id: string) => (await rows("SELECT * FROM feed WHERE id = $1", [id]))[0];
const read = (feedId: string, http?: HttpClient) =>
  runSync({ feedId }, { ...context, ...(http ? { http } : {}) });

/** A client that is told of each request; what it throws breaks the request off. */
function watched(onRequest: (url: string, count: number) => void): HttpClient {
  const http = createHttpClient({ fetch, now, sleep, random: Math.random, attemptsMax: 1 });
  let count = 0;
  return {
    now,
    send: (request) => {
      count += 1;
      onRequest(request.url, count);
      return http.send(request);
    },
  };
}

async function happen(wish: Readonly<Record<string, unknown>>): Promise<{ orders: string[] }> {
  const answer = await fetch(`${sandbox.url}${HAPPENINGS_PATH}`, {
    method: "POST",
    headers: { "x-access-token": SCAYLE_TOKEN },
    body: JSON.stringify(wish),
  });
  expect(answer.status).toBe(200);
  return (await answer.json()) as { orders: string[] };
}

const statusOf = async (reference: string | undefined) =>
  (await rows("SELECT shipping_status, status FROM sales_order WHERE reference = $1", [reference]))[0];

describe("a status feed", () => {
  it("begins where the orders' feed stands, and reads none of what that one has read", async () => {
    await read(ORDERS);
    const before = await feedRow(ORDERS);
    const { feeds } = await read(STATUS);
    expect(feeds).toMatchObject([{ state: "done", stored: 0 }]);
    expect(feeds[0]?.found).toBeLessThan(10);
    expect(await feedRow(STATUS)).toMatchObject({ lane: "live", confirmed_until: now() });
    expect((await feedRow(ORDERS))?.["watermark"]).toEqual(before?.["watermark"]);
  });

  it("keeps statuses fresh between two readings of the orders' feed, whose watermark and counts stay its own", async () => {
    clock += 5 * MINUTE;
    const { orders } = await happen({ what: "order", shop: "ms/de" });
    clock += MINUTE;
    expect(await read(STATUS)).toMatchObject({ feeds: [{ state: "done" }] });
    const first = await statusOf(orders[0]);
    expect(first).toBeDefined();
    clock += MINUTE;
    await happen({ what: "ship", order: orders[0] });
    clock += MINUTE;
    const before = await feedRow(ORDERS);
    const { feeds, orderKeys } = await read(STATUS);
    expect(feeds[0]).toMatchObject({ state: "done", stored: 1 });
    expect(orderKeys).toHaveLength(1);
    expect(await statusOf(orders[0])).not.toEqual(first);
    expect(await feedRow(ORDERS)).toEqual(before);
    expect(
      await rows("SELECT DISTINCT feed_id FROM fetch_control WHERE connection_id = $1", [
        before?.["connection_id"],
      ]),
    ).toEqual([{ feed_id: ORDERS }]);
    // The orders' feed finds what it would have found, and nothing of it is new.
    const { feeds: again } = await read(ORDERS);
    expect(again[0]).toMatchObject({ state: "done", stored: 0 });
    expect(again[0]?.found).toBeGreaterThan(0);
  });

  it("that fails leaves its watermark, and the next reading has what it missed", async () => {
    clock += 5 * MINUTE;
    const { orders } = await happen({ what: "order", shop: "ms/de" });
    clock += MINUTE;
    const before = await feedRow(STATUS);
    const cut = watched((url) => {
      if (url.includes("/orders")) throw new Error("the cable was pulled");
    });
    expect(await read(STATUS, cut)).toMatchObject({ feeds: [{ state: "failed" }] });
    expect(await feedRow(STATUS)).toMatchObject({
      watermark: before?.["watermark"],
      confirmed_until: before?.["confirmed_until"],
    });
    await read(STATUS);
    expect(await statusOf(orders[0])).toBeDefined();
    expect((await feedRow(STATUS))?.["confirmed_until"]).toEqual(now());
  });

  it("of a shop whose orders were never read begins now, and reads no history", async () => {
    const { feeds } = await read("MODA-EU/scayle/status/ms-at");
    expect(feeds[0]).toMatchObject({ state: "done", found: 0 });
    // From then on it misses nothing, though it has seen no change yet.
    clock += MINUTE;
    const { orders } = await happen({ what: "order", shop: "ms/at" });
    clock += 10 * MINUTE;
    await read("MODA-EU/scayle/status/ms-at");
    expect(await statusOf(orders[0])).toBeDefined();
  });

  it("reads no whole list where the tenant knows none by time of change: it is held, and says so", async () => {
    let lists = 0;
    const http = createHttpClient({ fetch, now, sleep, random: Math.random });
    const knowsNone: HttpClient = {
      now,
      send: (request) => {
        if (/\/orders\?/.test(request.url) && !/limit=1(&|$)/.test(request.url)) lists += 1;
        return http.send({ ...request, url: request.url.replace("minUpdatedAt", "somethingElse") });
      },
    };
    const { feeds } = await read(STATUS, knowsNone);
    expect(feeds[0]).toMatchObject({ state: "failed", found: 0 });
    expect(lists).toBe(1);
    expect((await feedRow(STATUS))?.["held_reason"]).toMatch(/no list of what changed here.*not asked again/);
    await rows("UPDATE feed SET held_at = NULL, held_reason = NULL WHERE id = $1", [STATUS]);
  });
});

describe("a stock feed", () => {
  const levels = async (side: string) =>
    (
      await rows(
        `SELECT l.item_key, l.warehouse, l.measure, trim_scale(l.quantity)::text AS quantity FROM stock_level l
           JOIN connection c ON c.id = l.connection_id WHERE c.side = $1 AND l.entity_id = 'MODA-EU' ORDER BY 1, 2`,
        [side],
      )
    ).map((row) => `${row["item_key"]} ${row["warehouse"]} ${row["measure"]} ${row["quantity"]}`);

  it("of SCAYLE has what may be sold of each variant that an order named, in each warehouse", async () => {
    await runSync({ entityId: "MODA-EU" }, context);
    const named = new Set(
      world.affairs
        .filter(({ order }) => order.entity === "MODA-EU" && order.createdAt <= clock)
        .flatMap(({ order }) => order.units.map((unit) => unit.variant.sku)),
    );
    const items = await rows(
      "SELECT i.item_key FROM stock_item i JOIN connection c ON c.id = i.connection_id WHERE c.side = 'scayle' AND i.entity_id = 'MODA-EU'",
    );
    const held = new Set(items.map((row) => row["item_key"]));
    for (const sku of named) expect(held).toContain(sku);
    const found = await levels("scayle");
    // The tenant's warehouses, that of the other entity too.
    expect(found).toHaveLength(held.size * 3);
    expect(found.every((one) => one.includes(" sellable "))).toBe(true);
    expect(await feedRow(SELLABLE)).toMatchObject({ confirmed_until: now(), lane: "live" });
    expect((await feedRow(SELLABLE))?.["watermark"]).toBeInstanceOf(Date);
  });

  it("of the ERP has what every item has on hand, over all warehouses, at the source's time", async () => {
    await read(ON_HAND);
    const found = await levels("erp");
    expect(found).toHaveLength(world.catalogue.length);
    const [first] = world.catalogue;
    const inSandbox = makeStock(world, []);
    const least = inSandbox(first, clock)
      .filter(({ warehouse }) => warehouse.entity === "MODA-EU")
      .reduce((sum, level) => sum + level.quantity, 0);
    const own = found.find((one) => one.startsWith(`${first.sku} `));
    expect(Number(own?.split(" ").at(-1))).toBeGreaterThanOrEqual(least - 5);
    expect(await feedRow(ON_HAND)).toMatchObject({ watermark: now(), confirmed_until: now() });
    clock += 5 * MINUTE;
    await read(ON_HAND);
    expect(await feedRow(ON_HAND)).toMatchObject({ watermark: now(), confirmed_until: now() });
  });

  it("sees in both systems what moved, with the time of it, and appends only that", async () => {
    const [item] = await rows(
      "SELECT item_key FROM stock_level WHERE measure = 'sellable' AND entity_id = 'MODA-EU' ORDER BY 1 LIMIT 1",
    );
    const sku = String(item?.["item_key"]);
    await runSync({ entityId: "MODA-EU" }, context);
    const count = async () => Number((await rows("SELECT count(*)::int AS n FROM stock_reading"))[0]?.["n"]);
    const before = await count();
    clock += MINUTE;
    const at = now();
    await happen({ what: "stock", sku, quantity: 777 });
    clock += MINUTE;
    await read(SELLABLE);
    await read(ON_HAND);
    expect(await levels("scayle")).toContain(`${sku} central sellable 777`);
    expect((await levels("erp")).find((one) => one.startsWith(`${sku} `))).toMatch(/ 7\d\d$|8\d\d$/);
    expect(await count()).toBe(before + 2);
    const [told] = await rows(
      "SELECT changed_at, answered_at, seen_at FROM stock_level WHERE item_key = $1 AND warehouse = 'central' AND entity_id = 'MODA-EU'",
      [sku],
    );
    expect(told).toEqual({ changed_at: at, answered_at: now(), seen_at: now() });
  });

  it("asks first for what an order named since, and stays as confirmed as its oldest answer", async () => {
    clock += 5 * MINUTE;
    await happen({ what: "order", shop: "ms/de" });
    clock += MINUTE;
    await read(STATUS);
    const named = await rows(
      "SELECT item_key FROM stock_item WHERE named_at > checked_at AND entity_id = 'MODA-EU'",
    );
    expect(named.length).toBeGreaterThan(0);
    const asked: string[] = [];
    await read(
      SELLABLE,
      watched((url) => asked.push(url)),
    );
    const first = asked.filter((url) => url.includes("/stocks")).slice(0, named.length);
    for (const { item_key: sku } of named)
      expect(first.some((url) => url.includes(encodeURIComponent(`key=${sku}`)))).toBe(true);
  });

  it("that is broken off keeps what came in, leaves its watermark, and the next reading completes", async () => {
    clock += 5 * MINUTE;
    const before = await feedRow(SELLABLE);
    const cut = watched((_, count) => {
      if (count > 90) throw new Error("the cable was pulled");
    });
    expect(await read(SELLABLE, cut)).toMatchObject({ feeds: [{ state: "failed", found: 64 }] });
    expect(await feedRow(SELLABLE)).toMatchObject({
      watermark: before?.["watermark"],
      confirmed_until: before?.["confirmed_until"],
    });
    expect((await read(SELLABLE)).feeds).toMatchObject([{ state: "done", failed: 0 }]);
    expect((await feedRow(SELLABLE))?.["confirmed_until"]).toEqual(now());
  });

  it("of a list that is broken off is read again from its beginning, and loses nothing; what is not on it is gone", async () => {
    const found = await levels("erp");
    const http = createHttpClient({ fetch, now, sleep, random: Math.random });
    const paged = (onPage: (page: number, items: unknown[]) => unknown[]): HttpClient => {
      let pages = 0;
      return {
        now,
        send: async (request) => {
          if (!request.url.includes("/items")) return http.send(request);
          const answer = await http.send({
            ...request,
            headers: { ...request.headers, prefer: "odata.maxpagesize=50" },
          });
          pages += 1;
          const body = answer.body as { value: unknown[] };
          return { ...answer, body: { ...body, value: onPage(pages, body.value) } };
        },
      };
    };
    const cut = paged((page, items) => {
      if (page === 2) throw new Error("the cable was pulled");
      return items;
    });
    clock += MINUTE;
    expect((await read(ON_HAND, cut)).feeds).toMatchObject([{ state: "failed", found: 50 }]);
    clock += MINUTE;
    expect(
      (
        await read(
          ON_HAND,
          paged((_, items) => items),
        )
      ).feeds,
    ).toMatchObject([{ state: "done", found: world.catalogue.length }]);
    expect(await levels("erp")).toEqual(found);
    clock += MINUTE;
    await read(
      ON_HAND,
      paged((page, items) => (page === 1 ? items.slice(1) : items)),
    );
    expect(await levels("erp")).toHaveLength(found.length - 1);
    clock += MINUTE;
    await read(ON_HAND);
    expect(await levels("erp")).toEqual(found);
  });

  it("moves its watermark with its last page: a process that dies before it ends leaves neither", async () => {
    clock += 5 * MINUTE;
    const [item] = await rows(
      "SELECT item_key FROM stock_level WHERE measure = 'on-hand' ORDER BY 1 LIMIT 1",
    );
    await happen({ what: "stock", sku: item?.["item_key"], quantity: 555 });
    const before = await feedRow(ON_HAND);
    const held = await levels("erp");
    await rows(
      "ALTER TABLE audit_event ADD CONSTRAINT pulled CHECK (action <> 'run.sync' OR after ->> 'state' <> 'done') NOT VALID",
    );
    const broken = await read(ON_HAND);
    await rows("ALTER TABLE audit_event DROP CONSTRAINT pulled");
    expect(broken.feeds).toMatchObject([{ state: "failed" }]);
    expect((await feedRow(ON_HAND))?.["watermark"]).toEqual(before?.["watermark"]);
    expect(await levels("erp")).toEqual(held);
    expect((await read(ON_HAND)).feeds[0]?.stored).toBe(1);
    expect(await levels("erp")).not.toEqual(held);
  });

  it("that has been still for longer than it promises is behind, and is not once it is read", async () => {
    await runSync({ entityId: "MODA-EU" }, context);
    const behind = () =>
      inTransaction(database.ownerPool, (client) => keepFeedsBehind(client, "MODA-EU", now()));
    expect(await behind()).toMatchObject({ opened: 0 });
    clock += 50 * MINUTE;
    expect(await behind()).toMatchObject({ opened: 2 });
    expect(
      await rows(
        "SELECT document_number FROM exception WHERE cause = 'feed-behind' AND state <> 'resolved' ORDER BY 1",
      ),
    ).toEqual([{ document_number: "MODA-EU/scayle/status/ms-at" }, { document_number: STATUS }]);
    // Its root cause is counted at once, though no reconciliation has run.
    const counted = () =>
      rows(
        "SELECT sum(open_count)::int AS open FROM root_cause WHERE entity_id = 'MODA-EU' AND cause = 'feed-behind'",
      );
    expect(await counted()).toEqual([{ open: 2 }]);
    clock += 15 * MINUTE;
    expect((await behind()).opened).toBeGreaterThan(1);
    await runSync({ entityId: "MODA-EU" }, context);
    await behind();
    expect(await counted()).toEqual([{ open: 0 }]);
    expect(await rows("SELECT FROM exception WHERE cause = 'feed-behind' AND state <> 'resolved'")).toEqual(
      [],
    );
  });

  it("whose answer for one item can't be read keeps it as failed, and no month from tying out", async () => {
    await runSync({ entityId: "MODA-EU" }, context);
    await runReconciliation({ entityId: "MODA-EU" }, { pool: database.ownerPool, now, actorName: "test" });
    const summaries = async () =>
      rows(
        `SELECT DISTINCT ON (period, currency) period, currency, ties_out, totals -> 'causes' AS causes FROM period_summary
          WHERE entity_id = 'MODA-EU' ORDER BY period, currency, made_at DESC`,
      );
    const before = await summaries();
    const http = createHttpClient({ fetch, now, sleep, random: Math.random });
    let broken = 0;
    const oneBroken: HttpClient = {
      now,
      send: async (request) => {
        const answer = await http.send(request);
        if (!request.url.includes("/stocks") || broken++ > 0) return answer;
        return { ...answer, body: { entities: [{ quantity: "many", warehouseReferenceKey: "central" }] } };
      },
    };
    const { feeds } = await read(SELLABLE, oneBroken);
    expect(feeds).toMatchObject([{ state: "done", failed: 1 }]);
    clock += MINUTE;
    await runReconciliation({ entityId: "MODA-EU" }, { pool: database.ownerPool, now, actorName: "test" });
    const raised = await rows(
      "SELECT explanation, source_line FROM exception WHERE cause = 'record-failed' AND source_line LIKE 'stock %' AND state <> 'resolved'",
    );
    expect(raised).toMatchObject([
      { explanation: expect.stringContaining("entities[0].quantity: expected a number") },
    ]);
    expect(await summaries()).toEqual(before);
    const [failed] = await rows(
      "SELECT id FROM failed_record WHERE resource = 'stock' AND resolved_at IS NULL",
    );
    expect(await retryRecord(String(failed?.["id"]), context)).toBe("resolved");
  });
});
