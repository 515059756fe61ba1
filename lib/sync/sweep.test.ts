import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Actor } from "@/lib/auth/actor";
import { type Answered, answered, httpThrough } from "@/lib/connectors/fixtures";
import { inTransaction } from "@/lib/db/pool";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { runReconciliation } from "@/lib/matching/reconcile";
import { resyncOrder } from "@/lib/orders/resync";
import { type Sandbox, startSandbox } from "@/lib/sandbox/server";
import { makeWorld } from "@/lib/sandbox/world";
import { connectSandbox } from "@/lib/settings/sandbox";
import { keepFeedsBehind } from "./behind";
import { giveUpRecord, retryRecords } from "./mutations";
import { addDueRetries, retryRecord } from "./retry";
import { runSync, type SyncContext } from "./run";
import { runRecount } from "./run-recount";
import { runSweep } from "./run-sweep";

process.env["TIEOUT_SECRET"] = "a secret of thirty-two characters or more";

const start = Date.parse("2026-11-15T09:00:00Z");
const DE = "MODA-EU/scayle/orders/ms-de";
const LEDGER = "MODA-EU/business-central/documents";
let clock = start;
let database: TestDatabase;
let sandbox: Sandbox;
const now = (): Date => new Date(clock);
const context: SyncContext = { actorName: "test", now };

beforeAll(async () => {
  database = await createTestDatabase();
  const world = makeWorld({ seed: 2, orders: 150, anchor: "2026-10", faults: "none" });
  sandbox = await startSandbox({ world, now: () => clock, port: 0 });
  await connectSandbox(sandbox.url, {
    pool: database.ownerPool,
    actor: { kind: "command-line", id: "test", name: "test" },
    at: now(),
  });
  await runSync({}, context);
  await runReconciliation({}, { actorName: "test", now });
}, 120_000);
afterAll(async () => {
  await sandbox.close();
  await database.close();
});

const rows = async (sql: string, values: unknown[] = []): Promise<Record<string, unknown>[]> =>
  (await database.ownerPool.query(sql, values)).rows;
const reconcile = () => runReconciliation({ entityId: "MODA-EU" }, { actorName: "test", now });
const exceptions = (cause: string) =>
  rows(
    "SELECT document_number, state, owner_team, explanation FROM exception WHERE cause = $1 AND entity_id = 'MODA-EU' ORDER BY document_number",
    [cause],
  );
const behind = () => inTransaction(database.ownerPool, (client) => keepFeedsBehind(client, "MODA-EU", now()));

type Json = Record<string, unknown>;

const through = (change: Answered) => httpThrough(now, change);

async function somePosted(count: number): Promise<readonly Readonly<{ id: string; number: string }>[]> {
  const found = await rows(
    `SELECT d.source_id, d.number FROM document d WHERE d.entity_id = 'MODA-EU' AND d.side = 'erp' AND d.kind = 'sale' AND d.posted
        AND d.posting_day BETWEEN '2026-10-02' AND '2026-10-30' ORDER BY d.number LIMIT $1`,
    [count],
  );
  return found.map((row) => ({ id: String(row["source_id"]), number: String(row["number"]) }));
}

describe("the sweep of open months", () => {
  it("finds nothing where nothing was done, and moves no watermark", async () => {
    const before = await rows("SELECT watermark, confirmed_until FROM feed ORDER BY id");
    for (const feed of [DE, LEDGER]) {
      expect(await runSweep(feed, context)).toMatchObject({ state: "done", stored: 0, failed: 0 });
    }
    expect(await rows("SELECT watermark, confirmed_until FROM feed ORDER BY id")).toEqual(before);
    await reconcile();
    expect(await exceptions("posted-changed")).toEqual([]);
  });

  it("finds a posted document that was changed without a new time: a new version and an exception, cleared when set back", async () => {
    const [one] = await somePosted(1);
    const changed = through((url, body) => {
      if (!url.includes("/salesInvoices")) return body;
      const { value } = body as { value: Json[] };
      if (!Array.isArray(value)) return body;
      return {
        ...(body as Json),
        value: value.map((invoice) =>
          invoice["id"] === one?.id
            ? {
                ...invoice,
                salesInvoiceLines: (invoice["salesInvoiceLines"] as Json[]).map((line) => ({
                  ...line,
                  taxCode: "ELSE",
                })),
              }
            : invoice,
        ),
      };
    });
    const unseen = await runSync({ feedId: LEDGER }, { ...context, http: changed });
    expect(unseen.feeds).toMatchObject([{ state: "done", stored: 0 }]);
    expect(await runSweep(LEDGER, { ...context, http: changed })).toMatchObject({
      state: "done",
      stored: 1,
      changed: [{ number: one?.number, version: 2 }],
    });
    await reconcile();
    expect(await exceptions("posted-changed")).toMatchObject([
      {
        document_number: one?.number,
        state: "new",
        owner_team: "finance",
        explanation: expect.stringContaining("has other lines, codes or references than when it was posted"),
      },
    ]);
    await runSweep(LEDGER, context);
    await reconcile();
    expect(await exceptions("posted-changed")).toMatchObject([{ state: "resolved" }]);
  });

  it("finds a posted document that is gone: its last version says so, the proof stays whole, and it comes back", async () => {
    const [, two] = await somePosted(2);
    clock += 60_000;
    const without = through((url, body) => {
      if (two && url.includes(`(${two.id})`)) throw answered(404, url);
      if (!url.includes("/salesInvoices")) return body;
      const { value } = body as { value: Json[] };
      return Array.isArray(value)
        ? { ...(body as Json), value: value.filter((one) => one["id"] !== two?.id) }
        : body;
    });
    await runSweep(LEDGER, { ...context, http: without });
    expect(await rows("SELECT count(*)::int AS n FROM document WHERE source_id = $1", [two?.id])).toEqual([
      { n: 0 },
    ]);
    await reconcile();
    expect(await exceptions("posted-changed")).toContainEqual(
      expect.objectContaining({
        document_number: two?.number,
        state: "new",
        explanation: expect.stringContaining("is no longer in the ledger"),
      }),
    );
    const [breaches] = await rows(
      "SELECT count(*)::int AS n FROM invariant_breach WHERE entity_id = 'MODA-EU'",
    );
    expect(breaches?.["n"]).toBe(0);
    await runSweep(LEDGER, context);
    await reconcile();
    expect((await exceptions("posted-changed")).filter((one) => one["state"] !== "resolved")).toEqual([]);
    const versions = await rows(
      "SELECT v.reason FROM document_version v WHERE v.content ->> 'sourceId' = $1 ORDER BY v.version",
      [two?.id],
    );
    expect(versions.map((one) => one["reason"])).toEqual(["created", "withdrawn", "created"]);
  });

  it("keeps an order that its shop no longer has, and says so", async () => {
    const [order] = await rows(
      "SELECT source_id, reference FROM sales_order WHERE shop_id = 'moda-eu/ms/de' AND placed_at BETWEEN '2026-10-05' AND '2026-10-25' ORDER BY source_id LIMIT 1",
    );
    const id = String(order?.["source_id"]);
    clock += 60_000;
    const without = through((url, body) => {
      if (url.endsWith(`/orders/${id}`)) throw answered(404, url);
      const entities = (body as { entities?: Json[] }).entities;
      return entities
        ? { ...(body as Json), entities: entities.filter((one) => String(one["id"]) !== id) }
        : body;
    });
    await runSweep(DE, { ...context, http: without });
    const failed = await rows(
      "SELECT id, error_class, reason, reference FROM failed_record WHERE resolved_at IS NULL AND source_id = $1",
      [id],
    );
    expect(failed).toMatchObject([
      { error_class: "missing-reference", reason: expect.stringContaining("no longer has this order") },
    ]);
    expect(await rows("SELECT count(*)::int AS n FROM sales_order WHERE source_id = $1", [id])).toEqual([
      { n: 1 },
    ]);
    expect(await retryRecord(String(failed[0]?.["id"]), context)).toBe("resolved");
  });
});

describe("a feed", () => {
  it("is not behind in a quiet night, and is behind once its promise is over, with the numbers, until it has caught up", async () => {
    await runSync({}, context);
    expect(await behind()).toEqual({ opened: 0, resolved: 0 });
    clock += 2 * 3_600_000;
    // All of its feeds: of orders, documents and invoice lists, and those of the live lane.
    expect((await behind()).opened).toBe(8);
    const one = (await exceptions("feed-behind")).find((each) => each["document_number"] === LEDGER);
    expect(one).toMatchObject({ state: "new", owner_team: "operations" });
    expect(one?.["explanation"]).toMatch(
      /confirmed an answer up to 15 Nov.* 10:02 CET; it promises to be at most 1 h behind/,
    );
    clock += 60_000;
    expect(await behind()).toEqual({ opened: 0, resolved: 0 });
    await reconcile();
    expect((await exceptions("feed-behind")).every((each) => each["state"] === "new")).toBe(true);
    await runSync({ entityId: "MODA-EU" }, context);
    expect(await behind()).toEqual({ opened: 0, resolved: 8 });
  });

  it("that looks current and lacks what its source has is behind, until it is counted whole", async () => {
    const [lost] = await rows(
      `DELETE FROM fetch_control WHERE (connection_id, kind, source_id) IN (
         SELECT connection_id, kind, source_id FROM fetch_control WHERE feed_id = $1 AND day BETWEEN '2026-10-05' AND '2026-10-25'
          ORDER BY source_id LIMIT 1) RETURNING number`,
      [LEDGER],
    );
    await runRecount({ entityId: "MODA-EU", period: "2026-10" }, { actorName: "test", now });
    expect(await behind()).toEqual({ opened: 1, resolved: 0 });
    const open = (await exceptions("feed-behind")).filter((one) => one["state"] === "new");
    expect(open).toMatchObject([
      {
        document_number: LEDGER,
        explanation: expect.stringMatching(
          /looks current and is not.*1 record that is not here in 2026-10 \(.*\)/,
        ),
      },
    ]);
    expect(String(open[0]?.["explanation"])).toContain(String(lost?.["number"]));
    clock += 60_000;
    await runSweep(LEDGER, context);
    await runRecount({ entityId: "MODA-EU", period: "2026-10" }, { actorName: "test", now });
    expect(await behind()).toEqual({ opened: 0, resolved: 1 });
  });
});

describe("a person", () => {
  const operations: Actor = {
    id: "7f0e5c1a-0000-4000-8000-000000000001",
    name: "Omar",
    email: "o@example.com",
    demo: false,
    grants: [{ role: "operations", entityId: "MODA-EU" }],
  };
  const auditor: Actor = { ...operations, grants: [{ role: "auditor", entityId: null }] };
  const retried = () =>
    rows(
      "SELECT j.payload FROM graphile_worker._private_jobs j JOIN graphile_worker._private_tasks t ON t.id = j.task_id WHERE t.identifier = 'retry-record'",
    );

  it("retries failed records, many at once, or gives one up with a reason: both in the trail; an auditor may neither", async () => {
    await rows(
      `INSERT INTO failed_record (order_key, id, entity_id, connection_id, feed_id, resource, source_id, reason, payload, first_seen_at, last_seen_at)
       SELECT gen_random_uuid(), ('00000000-0000-4000-8000-00000000000' || n)::uuid, 'MODA-EU', connection_id, id, 'orders', 'x' || n, 'r', '{}', now(), now()
         FROM feed, generate_series(1, 2) AS n WHERE id = $1`,
      [DE],
    );
    const ids = [1, 2].map((n) => `00000000-0000-4000-8000-00000000000${n}`);
    const [id = ""] = ids;
    const asked = { entityId: "MODA-EU", ids };
    await expect(retryRecords(auditor, asked, now())).rejects.toThrow(/may not/);
    await expect(retryRecords(operations, { ...asked, entityId: "MODA-UK" }, now())).rejects.toThrow(
      /may not/,
    );
    expect(await retried()).toEqual([]);
    expect(await retryRecords(operations, asked, now())).toBe(2);
    expect(await retried()).toHaveLength(2);
    const given = { entityId: "MODA-EU", id, why: "The order was a test." };
    await expect(giveUpRecord(auditor, given, now())).rejects.toThrow(/may not/);
    await giveUpRecord(operations, given, now());
    expect(await rows("SELECT given_up_by, given_up_why FROM failed_record WHERE id = $1", [id])).toEqual([
      { given_up_by: "Omar", given_up_why: "The order was a test." },
    ]);
    const trail = await rows("SELECT action FROM audit_event WHERE action LIKE 'record.%' ORDER BY seq");
    expect(trail.map((one) => one["action"])).toEqual(["record.retry", "record.give-up"]);
    // Gone with the test: nobody has such orders.
    await rows("DELETE FROM failed_record WHERE source_id IN ('x1', 'x2')");
  });

  it("resyncs an order at the same moment as another: one run", async () => {
    const [order] = await rows(
      "SELECT order_key FROM sales_order WHERE entity_id = 'MODA-EU' ORDER BY source_id LIMIT 1",
    );
    const input = { entityId: "MODA-EU", orderKey: String(order?.["order_key"]) };
    const runs = () => rows("SELECT count(*)::int AS n FROM run WHERE scope ? 'order'");
    const [before] = await runs();
    const both = await Promise.all([1, 2].map(() => resyncOrder(operations, input, now)));
    expect(both.map((one) => one.joined).sort()).toEqual([false, true]);
    const [after] = await runs();
    await resyncOrder(operations, input, now);
    const [again] = await runs();
    const perResync = Number(again?.["n"]) - Number(after?.["n"]);
    expect(Number(after?.["n"]) - Number(before?.["n"])).toBe(perResync);
    await expect(resyncOrder(auditor, input, now)).rejects.toThrow(/may not/);
  });
});

describe("a record that fails", () => {
  it("in its writing is kept with its class and payload, and keeps no other out", async () => {
    const [one] = await somePosted(1);
    await rows(`ALTER TABLE document ADD CONSTRAINT not_that CHECK (source_id <> '${one?.id}') NOT VALID`);
    await rows("DELETE FROM line WHERE entity_id = 'MODA-EU' AND side = 'erp'");
    await rows("DELETE FROM document WHERE entity_id = 'MODA-EU' AND side = 'erp'");
    const report = await runSync({ feedId: LEDGER, full: true }, context);
    expect(report.feeds).toMatchObject([{ state: "done", failed: 1 }]);
    const failed = await rows(
      "SELECT id, error_class, reason, payload ->> 'id' AS payload FROM failed_record WHERE resolved_at IS NULL",
    );
    expect(failed).toMatchObject([
      { error_class: "value", reason: expect.stringContaining("could not be written"), payload: one?.id },
    ]);
    await rows("ALTER TABLE document DROP CONSTRAINT not_that");
    expect(await retryRecord(String(failed[0]?.["id"]), context)).toBe("resolved");
    expect(await rows("SELECT count(*)::int AS n FROM document WHERE source_id = $1", [one?.id])).toEqual([
      { n: 1 },
    ]);
  });

  it("for a passing fault is tried again by itself, ever later, and given up on in the end; others are not", async () => {
    const [order] = await rows(
      "SELECT o.source_id, o.order_key FROM sales_order o WHERE o.invoices IS NOT NULL ORDER BY o.source_id LIMIT 1",
    );
    const id = String(order?.["source_id"]);
    await rows(
      "UPDATE sales_order SET invoices_at = NULL WHERE order_key IN (SELECT order_key FROM sales_order WHERE invoices IS NOT NULL)",
    );
    const down = through((url, body) => {
      if (url.endsWith(`/orders/${id}/invoices`)) throw answered(503, url);
      return body;
    });
    const report = await runSync({ feedId: "MODA-EU/scayle/invoices" }, { ...context, http: down });
    expect(report.feeds).toMatchObject([{ state: "done", failed: 1 }]);
    const record = async () =>
      (await rows("SELECT * FROM failed_record WHERE source_id = $1 AND resource = 'invoices'", [id]))[0];
    expect(await record()).toMatchObject({
      error_class: "connection",
      next_try_at: new Date(clock + 120_000),
    });
    const due = () => inTransaction(database.ownerPool, (client) => addDueRetries(client, now()));
    expect(await due()).toBe(0);
    clock += 120_000;
    expect(await due()).toBe(1);
    expect(await due()).toBe(0);
    for (let tries = 1; tries <= 8; tries += 1) {
      expect(await retryRecord(String((await record())?.["id"]), { ...context, http: down })).toBe("failed");
      expect((await record())?.["attempts"]).toBe(tries);
      if (tries === 1) expect((await record())?.["next_try_at"]).toEqual(new Date(clock + 240_000));
    }
    expect(await record()).toMatchObject({
      next_try_at: null,
      given_up_at: now(),
      given_up_why: "It was tried as often as it may.",
      owner_team: "operations",
    });
    clock += 86_400_000;
    expect(await due()).toBe(0);
    expect(await retryRecord(String((await record())?.["id"]), context)).toBe("resolved");
  });
});
