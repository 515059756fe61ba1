import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { whileLocked } from "@/lib/db/pool";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { Refusal } from "@/lib/domain/faults";
import { type Sandbox, startSandbox } from "@/lib/sandbox/server";
import { makeWorld } from "@/lib/sandbox/world";
import { connectSandbox } from "@/lib/settings/sandbox";
import { runSync, type SyncContext } from "./run";

process.env["TIEOUT_SECRET"] = "a secret of thirty-two characters or more";

const start = Date.parse("2026-11-15T09:00:00Z");
let clock = start;
let database: TestDatabase;
let sandbox: Sandbox;
const context: SyncContext = { actorName: "test", now: () => new Date(clock) };

beforeAll(async () => {
  database = await createTestDatabase();
  const world = makeWorld({ seed: 1, orders: 150, anchor: "2026-10", faults: "planted" });
  sandbox = await startSandbox({ world, now: () => clock, port: 0 });
  await connectSandbox(sandbox.url, {
    pool: database.ownerPool,
    actor: { kind: "command-line", id: "test", name: "test" },
    at: new Date(clock),
  });
});
afterAll(async () => {
  await sandbox.close();
  await database.close();
});

const rows = async (sql: string, values: unknown[] = []): Promise<Record<string, unknown>[]> =>
  (await database.ownerPool.query(sql, values)).rows;
const feeds = () => rows("SELECT id, watermark, confirmed_until FROM feed ORDER BY id");

describe("a sync", () => {
  it("stores what both systems have, and says how far it came", async () => {
    const report = await runSync({}, context);
    expect(report.feeds.map((feed) => [feed.feed, feed.state, feed.error])).toEqual(
      [
        "MODA-EU/scayle/orders/ms-at",
        "MODA-EU/scayle/orders/ms-de",
        "MODA-EU/business-central/documents",
        "MODA-EU/scayle/invoices",
        "MODA-EU/scayle/status/ms-at",
        "MODA-EU/scayle/status/ms-de",
        "MODA-EU/business-central/stock",
        "MODA-EU/scayle/stock",
        "MODA-UK/scayle/orders/mu-gb",
        "MODA-UK/business-central/documents",
        "MODA-UK/scayle/invoices",
        "MODA-UK/scayle/status/mu-gb",
        "MODA-UK/business-central/stock",
        "MODA-UK/scayle/stock",
      ].map((feed) => [feed, "done", null]),
    );
    const [count] = await rows(
      "SELECT (SELECT count(*) FROM sales_order) + (SELECT count(*) FROM failed_record WHERE resource = 'orders') AS orders",
    );
    expect(Number(count?.["orders"])).toBe(
      report.feeds
        .filter((feed) => feed.feed.includes("/orders/"))
        .reduce((sum, feed) => sum + feed.found, 0),
    );
    for (const feed of (await feeds()).filter((one) => !String(one["id"]).endsWith("invoices"))) {
      // Nothing may have changed since the orders' own feed was read a moment before.
      if (!String(feed["id"]).includes("/status/")) expect(feed["watermark"]).toBeInstanceOf(Date);
      expect(feed["confirmed_until"]).toEqual(new Date(start));
    }
    const unread = report.feeds.reduce((sum, feed) => sum + feed.failed, 0);
    expect(unread).toBeGreaterThan(0);
    const known = await rows(
      "SELECT count(*)::int AS known FROM document WHERE side = 'erp' AND order_known",
    );
    expect(known[0]?.["known"]).toBeGreaterThan(100);
  });

  it("finds nothing new right after, and leaves nothing to reconcile", async () => {
    await rows("DELETE FROM dirty_group");
    const report = await runSync({}, context);
    expect(report.feeds.every((feed) => feed.stored === 0)).toBe(true);
    const full = await runSync({ full: true }, context);
    expect(full.feeds.every((feed) => feed.stored === 0)).toBe(true);
    expect(
      await rows(
        "SELECT d.order_key FROM dirty_group d WHERE NOT EXISTS (SELECT FROM failed_record f WHERE f.order_key = d.order_key)",
      ),
    ).toEqual([]);
  });

  it("goes on from where it was when the sources' clock moves", async () => {
    clock = start + 36 * 3_600_000;
    const report = await runSync({}, context);
    expect(report.feeds.some((feed) => feed.stored > 0)).toBe(true);
    const listed = report.feeds.filter((feed) => !feed.feed.endsWith("/stock"));
    expect(listed.every((feed) => feed.found < 60)).toBe(true);
  });

  it("is in the runs and in the audit trail", async () => {
    const runs = await rows("SELECT count(*)::int AS runs FROM run WHERE kind = 'sync' AND state = 'done'");
    const audited = await rows("SELECT count(*)::int AS runs FROM audit_event WHERE action = 'run.sync'");
    expect(runs).toEqual(audited);
  });

  it("is refused for a feed that is being read", async () => {
    const feed = "MODA-UK/business-central/documents";
    const held = await whileLocked(database.ownerPool, `feed:${feed}`, () =>
      runSync({ feedId: feed }, context),
    );
    expect(held).toMatchObject({
      result: { feeds: [{ state: "refused", error: expect.stringContaining("already at work") }] },
    });
  });

  it("is refused for a feed or an entity that nobody knows", async () => {
    await expect(runSync({ feedId: "X/y" }, context)).rejects.toThrow(Refusal);
    await expect(runSync({ entityId: "X" }, context)).rejects.toThrow(/no entity X/);
  });

  it("reads one order again from both systems, by its reference", async () => {
    const [one] = await rows(
      `SELECT o.reference, o.order_key FROM sales_order o JOIN document d ON d.order_key = o.order_key AND d.side = 'erp'
        WHERE o.entity_id = 'MODA-EU' ORDER BY o.reference LIMIT 1`,
    );
    await rows("DELETE FROM line WHERE order_key = $1", [one?.["order_key"]]);
    await rows("DELETE FROM document WHERE order_key = $1", [one?.["order_key"]]);
    const before = await feeds();
    const report = await runSync({ orderReference: String(one?.["reference"]).toLowerCase() }, context);
    expect(report.feeds.every((feed) => feed.error === null)).toBe(true);
    expect(report.orderKeys).toEqual([one?.["order_key"]]);
    expect(
      await rows("SELECT side FROM document WHERE order_key = $1 GROUP BY side ORDER BY side", [
        one?.["order_key"],
      ]),
    ).toEqual([{ side: "erp" }, { side: "scayle" }]);
    expect(await feeds()).toEqual(before);
    await expect(runSync({ orderReference: "no such order" }, context)).rejects.toThrow(
      /Neither SCAYLE nor the ERP/,
    );
  });

  it("keeps an order that SCAYLE has deleted as gone, also where it is asked for by its name", async () => {
    const [one] = await rows(
      "SELECT reference, order_key, source_id FROM sales_order WHERE entity_id = 'MODA-UK' ORDER BY reference LIMIT 1",
    );
    await rows("UPDATE sales_order SET source_id = '999999999' WHERE order_key = $1", [one?.["order_key"]]);
    const report = await runSync({ orderReference: String(one?.["reference"]) }, context);
    expect(report.feeds.map((feed) => feed.error)).toEqual(report.feeds.map(() => null));
    const gone = "SELECT gone_at FROM failed_record WHERE order_key = $1 AND resolved_at IS NULL";
    expect(await rows(gone, [one?.["order_key"]])).toEqual([{ gone_at: new Date(clock) }]);
    await rows("UPDATE sales_order SET source_id = $2 WHERE order_key = $1", [
      one?.["order_key"],
      one?.["source_id"],
    ]);
    await rows("DELETE FROM failed_record WHERE order_key = $1", [one?.["order_key"]]);
  });

  it("tells which feed failed and goes on with the others; the watermark stays", async () => {
    await rows(
      `UPDATE connection SET settings = settings || '{"tokenUrl":"${sandbox.url}/nowhere"}' WHERE kind = 'business-central' AND entity_id = 'MODA-EU'`,
    );
    const before = await feeds();
    clock += 3_600_000;
    const report = await runSync({}, context);
    const failed = report.feeds.filter((feed) => feed.state === "failed");
    expect(failed.map((feed) => feed.feed)).toEqual([
      "MODA-EU/business-central/documents",
      "MODA-EU/business-central/stock",
    ]);
    expect(failed[0]?.error).toMatch(/\S/);
    const id = "MODA-EU/business-central/documents";
    expect((await feeds()).find((feed) => feed["id"] === id)).toEqual(
      before.find((feed) => feed["id"] === id),
    );
    expect(
      await rows("SELECT state, error IS NOT NULL AS told FROM run WHERE id = $1", [failed[0]?.runId]),
    ).toEqual([{ state: "failed", told: true }]);
  });

  it("that is stopped leaves its watermark where it was", async () => {
    const stop = new AbortController();
    const before = await feeds();
    clock += 86_400_000;
    const report = await runSync(
      { feedId: "MODA-EU/scayle/orders/ms-de", full: true },
      { ...context, signal: stop.signal, onProgress: () => stop.abort() },
    );
    expect(report.feeds).toMatchObject([{ state: "stopped" }]);
    expect(await feeds()).toEqual(before);
  });
});
