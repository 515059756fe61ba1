import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Actor } from "@/lib/auth/actor";
import type { HttpClient } from "@/lib/connectors/http";
import { createHttpClient } from "@/lib/connectors/http";
import { sleep } from "@/lib/connectors/sleep";
import { inTransaction } from "@/lib/db/pool";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { type Sandbox, startSandbox } from "@/lib/sandbox/server";
import { makeWorld } from "@/lib/sandbox/world";
import { connectSandbox } from "@/lib/settings/sandbox";
import { findFeeds, findRuns } from "./data";
import { runFeed } from "./feed-run";
import { loadFeeds } from "./feeds";
import { releaseFeed, requestBackfill, requestResume, requestStop, requestSync } from "./mutations";
import { runSync, type SyncContext, surroundingsOf } from "./run";
import { planBackfill, runBackfill } from "./run-backfill";
import { addDueFeeds } from "./schedule";
import { stretchOf } from "./slow-down";

process.env["TIEOUT_SECRET"] = "a secret of thirty-two characters or more";

const start = Date.parse("2026-11-15T09:00:00Z");
const DE = "MODA-EU/scayle/orders/ms-de";
const LEDGER = "MODA-EU/business-central/documents";
let clock = start;
let database: TestDatabase;
let sandbox: Sandbox;
const now = (): Date => new Date(clock);
const context: SyncContext = { actorName: "test", now };
const operations: Actor = {
  id: "7f0e5c1a-0000-4000-8000-000000000001",
  name: "Omar",
  email: "o@example.com",
  demo: false,
  grants: [{ role: "operations", entityId: "MODA-EU" }],
};
const auditor: Actor = { ...operations, name: "Ada", grants: [{ role: "auditor", entityId: null }] };

beforeAll(async () => {
  database = await createTestDatabase();
  const world = makeWorld({ seed: 1, orders: 300, anchor: "2026-10", faults: "planted" });
  sandbox = await startSandbox({ world, now: () => clock, port: 0 });
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
const queued = (task: string) =>
  rows(
    `SELECT j.payload FROM graphile_worker._private_jobs j JOIN graphile_worker._private_tasks t ON t.id = j.task_id
      WHERE t.identifier = $1 ORDER BY j.priority, j.id`,
    [task],
  );
const emptyQueue = () => rows("DELETE FROM graphile_worker._private_jobs");
const due = () => inTransaction(database.ownerPool, (client) => addDueFeeds(client, now()));

/** The sandbox's own client, which is told of each request; what it throws breaks the request off. */
function watched(onRequest: (url: string, count: number) => void): HttpClient {
  const http = createHttpClient({ fetch, now, sleep, random: Math.random });
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

describe("a first reading that is broken off", () => {
  it("between two pages keeps what came in, leaves the watermark, and goes on with the next page, whatever the source's clock says", async () => {
    const asked: string[] = [];
    const ahead = { ...context, now: () => new Date(clock + 40 * 24 * 3_600_000) };
    const broken = await runSync(
      { feedId: DE },
      {
        ...ahead,
        http: watched((url) => {
          if (/\/orders\?/.test(url) && /cursor=/.test(url)) throw new Error("the cable was pulled");
        }),
      },
    );
    expect(broken.feeds).toMatchObject([{ state: "failed", found: 100 }]);
    expect(await feedRow(DE)).toMatchObject({ watermark: null, confirmed_until: null });
    expect(
      (await rows("SELECT count(*)::int AS n FROM sales_order WHERE entity_id = 'MODA-EU'"))[0]?.["n"],
    ).toBeGreaterThan(90);
    const rest = await runSync({ feedId: DE }, { ...ahead, http: watched((url) => asked.push(url)) });
    // It knows nothing of what came since the first was begun: the next reading is due at once.
    expect(await feedRow(DE)).toMatchObject({ due_at: ahead.now() });
    await rows("UPDATE feed SET due_at = NULL");
    expect(rest.feeds).toMatchObject([{ state: "done" }]);
    const lists = asked.filter((url) => /\/orders\?/.test(url) && !/limit=1(&|$)/.test(url));
    expect(lists[0]).toMatch(/cursor=/);
    expect(await feedRow(DE)).toMatchObject({ position: null, confirmed_until: new Date(start) });
    const held = await rows(
      "SELECT count(*)::int AS n FROM fetch_control WHERE feed_id = $1 AND kind = 'sale'",
      [DE],
    );
    expect(held[0]?.["n"]).toBe((broken.feeds[0]?.found ?? 0) + (rest.feeds[0]?.found ?? 0));
  });

  it("of the ERP goes on with the list that it was broken off at, the invoices that came in not asked again", async () => {
    const asked: string[] = [];
    const broken = await runSync(
      { feedId: LEDGER },
      {
        ...context,
        http: watched((url) => {
          if (/salesCreditMemos\?.*expand/.test(url)) throw new Error("the cable was pulled");
        }),
      },
    );
    expect(broken.feeds).toMatchObject([{ state: "failed" }]);
    expect(broken.feeds[0]?.found).toBeGreaterThan(50);
    expect(await feedRow(LEDGER)).toMatchObject({ watermark: null, confirmed_until: null });
    const rest = await runSync({ feedId: LEDGER }, { ...context, http: watched((url) => asked.push(url)) });
    expect(rest.feeds).toMatchObject([{ state: "done" }]);
    expect(asked.some((url) => /salesCreditMemos\?.*expand/.test(url))).toBe(true);
    expect(asked.filter((url) => /salesInvoices\?.*expand/.test(url))).toEqual([]);
    expect(await feedRow(LEDGER)).toMatchObject({ position: null, confirmed_until: new Date(start) });
    const held = await rows("SELECT count(*)::int AS n FROM fetch_control WHERE feed_id = $1", [LEDGER]);
    expect(held[0]?.["n"]).toBe((broken.feeds[0]?.found ?? 0) + (rest.feeds[0]?.found ?? 0));
  });

  it("whose place its source forgot begins again", async () => {
    await rows("UPDATE feed SET watermark = NULL, position = $2::jsonb WHERE id = $1", [
      DE,
      JSON.stringify({
        since: null,
        next: "no such place",
        begun: now().toISOString(),
        newest: null,
        at: now().toISOString(),
      }),
    ]);
    const report = await runSync({ feedId: DE }, context);
    expect(report.feeds).toMatchObject([{ state: "done", stored: 0 }]);
    expect(report.feeds[0]?.found).toBeGreaterThan(100);
  });
});

describe("the watermark", () => {
  it("moves in the transaction of the last page: a process that dies before it ends leaves neither", async () => {
    await runSync({}, context);
    clock += 36 * 3_600_000;
    const before = await feedRow(DE);
    const held = () => rows("SELECT order_key, source_record_id FROM sales_order ORDER BY order_key");
    const orders = await held();
    // The last thing that the run writes is the trail: a fault there is as good as a kill at that moment.
    await rows(
      "ALTER TABLE audit_event ADD CONSTRAINT pulled CHECK (action <> 'run.sync' OR after ->> 'state' <> 'done') NOT VALID",
    );
    const broken = await runSync({ feedId: DE }, context);
    await rows("ALTER TABLE audit_event DROP CONSTRAINT pulled");
    expect(broken.feeds).toMatchObject([{ state: "failed" }]);
    expect(await feedRow(DE)).toMatchObject({
      watermark: before?.["watermark"],
      confirmed_until: before?.["confirmed_until"],
    });
    expect(await held()).toEqual(orders);
    const again = await runSync({ feedId: DE }, context);
    expect(again.feeds[0]?.stored).toBeGreaterThan(0);
    expect(await held()).not.toEqual(orders);
    expect((await feedRow(DE))?.["confirmed_until"]).toEqual(now());
  });

  it("is read again by the overlap that the feed is set to", async () => {
    await runSync({}, context);
    const nothing = await runSync({ feedId: LEDGER }, context);
    await rows("UPDATE feed SET overlap_seconds = 172800 WHERE id = $1", [LEDGER]);
    const wide = await runSync({ feedId: LEDGER }, context);
    expect(wide.feeds[0]?.found).toBeGreaterThan(nothing.feeds[0]?.found ?? 0);
    expect(wide.feeds[0]?.stored).toBe(0);
    await rows("UPDATE feed SET overlap_seconds = 600 WHERE id = $1", [LEDGER]);
  });
});

describe("the interval", () => {
  it("adds each feed once when it is due, the live lane first, then orders, and not before", async () => {
    await runSync({}, context);
    await emptyQueue();
    expect(await due()).toEqual([]);
    clock += 15 * 60_000;
    expect(await due()).toEqual([
      "MODA-EU/business-central/stock",
      "MODA-EU/scayle/status/ms-at",
      "MODA-EU/scayle/status/ms-de",
      "MODA-EU/scayle/stock",
      "MODA-UK/business-central/stock",
      "MODA-UK/scayle/status/mu-gb",
      "MODA-UK/scayle/stock",
      "MODA-EU/scayle/orders/ms-at",
      DE,
      "MODA-UK/scayle/orders/mu-gb",
      LEDGER,
      "MODA-UK/business-central/documents",
      "MODA-EU/scayle/invoices",
      "MODA-UK/scayle/invoices",
    ]);
    expect(await queued("sync-feed")).toHaveLength(14);
    expect(await due()).toEqual([]);
    clock += 6 * 3_600_000;
    await due();
    expect(await queued("sync-feed")).toHaveLength(14);
  });

  it("is not kept by a feed whose source refuses the credentials, until a person lets it go on", async () => {
    const [secret] = await rows(
      "SELECT secret, settings FROM connection WHERE id = (SELECT connection_id FROM feed WHERE id = $1)",
      [LEDGER],
    );
    await rows(
      'UPDATE connection SET settings = settings || \'{"clientId":"somebody-else"}\' WHERE id = (SELECT connection_id FROM feed WHERE id = $1)',
      [LEDGER],
    );
    const asked: string[] = [];
    const refused = await runSync(
      { feedId: LEDGER },
      { ...context, http: watched((url) => asked.push(url)) },
    );
    expect(refused.feeds).toMatchObject([{ state: "failed" }]);
    expect(asked).toHaveLength(1);
    expect(await feedRow(LEDGER)).toMatchObject({
      held_reason: expect.stringContaining("refused the credentials"),
    });
    clock += 86_400_000;
    expect(await due()).not.toContain(LEDGER);
    await expect(releaseFeed(auditor, { entityId: "MODA-EU", feedId: LEDGER }, now())).rejects.toThrow(
      /may not/,
    );
    await releaseFeed(operations, { entityId: "MODA-EU", feedId: LEDGER }, now());
    await rows(
      "UPDATE connection SET settings = $2 WHERE id = (SELECT connection_id FROM feed WHERE id = $1)",
      [LEDGER, JSON.stringify(secret?.["settings"])],
    );
    expect(await due()).toContain(LEDGER);
  });

  it("is stretched while a reading takes most of it, says so, and comes back", () => {
    const feed = { intervalSeconds: 900, stretch: 1, lane: "financial" };
    const took = (tookMilliseconds: number) => ({
      tookMilliseconds,
      waitingEvents: 0,
      waitingJobs: 0,
      rateLeft: null,
    });
    expect(stretchOf(feed, took(60_000))).toEqual({ stretch: 1, reason: null });
    const slow = stretchOf(feed, took(12 * 60_000));
    expect(slow).toEqual({
      stretch: 2,
      reason: expect.stringMatching(/every 30 min.*took 12 min of an interval of 15 min/),
    });
    expect(stretchOf(feed, took(24 * 3_600_000)).stretch).toBe(8);
    expect(stretchOf({ ...feed, stretch: 4 }, took(60_000)).stretch).toBe(2);
    expect(stretchOf({ ...feed, stretch: 2 }, took(60_000))).toEqual({ stretch: 1, reason: null });
  });
});

describe("a person", () => {
  it("who may adds readings and the trail in one transaction; who may not is refused", async () => {
    await emptyQueue();
    await expect(requestSync(auditor, { entityId: "MODA-EU" })).rejects.toThrow(/may not/);
    await expect(requestSync(operations, { entityId: "MODA-UK" })).rejects.toThrow(/may not/);
    expect(await queued("sync-feed")).toEqual([]);
    await requestSync(operations, { entityId: "MODA-EU" });
    expect((await queued("sync-feed")).map((job) => job["payload"])).toMatchObject([
      { feedId: "MODA-EU/scayle/orders/ms-at", by: { name: "Omar" } },
      { feedId: DE },
      { feedId: LEDGER },
      { feedId: "MODA-EU/scayle/invoices" },
      { feedId: "MODA-EU/scayle/status/ms-at" },
      { feedId: "MODA-EU/scayle/status/ms-de" },
      { feedId: "MODA-EU/business-central/stock" },
      { feedId: "MODA-EU/scayle/stock" },
    ]);
  });

  it("stops a run between pages, and lets it go on where it was", async () => {
    await rows("UPDATE feed SET watermark = NULL, position = NULL WHERE id = $1", [DE]);
    let runId = "";
    const stopped = await runSync(
      { feedId: DE, full: true },
      {
        ...context,
        onProgress: async ({ found }) => {
          if (found !== 100 || runId !== "") return;
          runId = "asked";
          const [run] = await rows("SELECT id FROM run WHERE feed_id = $1 AND state = 'running'", [DE]);
          runId = String(run?.["id"]);
          await requestStop(operations, { entityId: "MODA-EU", runId }, now());
        },
        http: slowly(),
      },
    );
    expect(stopped.feeds).toMatchObject([{ state: "stopped", error: "Omar stopped it before it was done." }]);
    expect(await feedRow(DE)).toMatchObject({ watermark: null, position: { next: expect.anything() } });
    await emptyQueue();
    await requestResume(operations, { entityId: "MODA-EU", runId }, now());
    expect(await queued("sync-feed")).toMatchObject([{ payload: { feedId: DE, full: true } }]);
    await expect(requestStop(operations, { entityId: "MODA-EU", runId }, now())).rejects.toThrow(/has ended/);
    const audited = await rows(
      "SELECT action FROM audit_event WHERE action IN ('run.stop', 'run.resume') ORDER BY seq",
    );
    expect(audited.map((one) => one["action"])).toEqual(["run.stop", "run.resume"]);
    const rest = await runSync({ feedId: DE, full: true }, context);
    expect(rest.feeds[0]?.found).toBeLessThan(stopped.feeds[0]?.found ? 10_000 : 0);
    expect(rest.feeds).toMatchObject([{ state: "done" }]);
  });

  it("has days of a feed read again: a run of its own that moves no watermark", async () => {
    await rows("DELETE FROM line WHERE entity_id = 'MODA-EU' AND side = 'erp'");
    await rows("DELETE FROM document WHERE entity_id = 'MODA-EU' AND side = 'erp'");
    const before = await feedRow(LEDGER);
    const days = { from: "2026-09-01", to: "2026-09-30" };
    const asked = { entityId: "MODA-EU", feedId: LEDGER, ...days };
    await expect(requestBackfill(auditor, asked, now())).rejects.toThrow(/may not/);
    const { runId } = await requestBackfill(operations, asked, now());
    await expect(requestBackfill(operations, asked, now())).rejects.toThrow(/waiting or at work/);
    expect(await queued("backfill")).toMatchObject([{ payload: { runId } }]);
    const report = await runBackfill(runId, context);
    expect(report).toMatchObject({ state: "done" });
    expect(report?.stored).toBeGreaterThan(20);
    const after = await feedRow(LEDGER);
    expect({ ...after, due_at: null }).toEqual({ ...before, due_at: null });
    const posted = await rows(
      "SELECT min(posting_day)::text AS first, max(posting_day)::text AS last FROM document WHERE entity_id = 'MODA-EU' AND side = 'erp'",
    );
    expect(String(posted[0]?.["first"]) >= "2026-09-01" && String(posted[0]?.["last"]) <= "2026-09-30").toBe(
      true,
    );
    expect(await runBackfill(runId, context)).toBeNull();
  });

  it("goes on where it was broken off, and not at all while a person has stopped it", async () => {
    const asked = { entityId: "MODA-EU", feedId: LEDGER, from: "2026-09-01", to: "2026-09-30" };
    const { runId } = await requestBackfill(operations, asked, now());
    const urls: string[] = [];
    const broken = await runBackfill(runId, {
      ...context,
      http: watched((url) => {
        if (/salesCreditMemos\?/.test(url)) throw new Error("the cable was pulled");
      }),
    });
    expect(broken).toMatchObject({ state: "failed" });
    const rest = await runBackfill(runId, { ...context, http: watched((url) => urls.push(url)) });
    expect(rest).toMatchObject({ state: "done" });
    expect(urls.some((url) => /salesCreditMemos\?/.test(url))).toBe(true);
    expect(urls.filter((url) => /salesInvoices\?/.test(url))).toEqual([]);
    const { runId: stopped } = await requestBackfill(operations, asked, now());
    await requestStop(operations, { entityId: "MODA-EU", runId: stopped }, now());
    expect(await runBackfill(stopped, context)).toBeNull();
    expect(await rows("SELECT state, found FROM run WHERE id = $1", [stopped])).toEqual([
      { state: "stopped", found: 0 },
    ]);
    await requestResume(operations, { entityId: "MODA-EU", runId: stopped }, now());
    expect(await runBackfill(stopped, context)).toMatchObject({ state: "done" });
  });

  it("who stops a back-fill between its job and its beginning has it stopped", async () => {
    const asked = { entityId: "MODA-EU", feedId: LEDGER, from: "2026-09-01", to: "2026-09-30" };
    const { runId } = await requestBackfill(operations, asked, now());
    await requestStop(operations, { entityId: "MODA-EU", runId }, now());
    const [feed] = await loadFeeds(database.ownerPool, { feedId: LEDGER });
    if (!feed) throw new Error("There is no such feed.");
    const scope = { from: asked.from, to: asked.to };
    const { report } = await runFeed(feed, { kind: "backfill", scope, runId }, surroundingsOf(context), () =>
      Promise.reject(new Error("It began.")),
    );
    expect(report.state).toBe("stopped");
    expect(await rows("SELECT state, error FROM run WHERE id = $1", [runId])).toEqual([
      { state: "stopped", error: "Omar stopped it before it began." },
    ]);
  });

  it("has days counted once: gone on with, or begun anew from zero where the source forgot the place, which is said", async () => {
    const asked = { entityId: "MODA-EU", feedId: LEDGER, from: "2026-09-01", to: "2026-09-30" };
    const whole = async () => {
      const { runId } = await requestBackfill(operations, asked, now());
      await runBackfill(runId, context);
      return (await rows("SELECT found FROM run WHERE id = $1", [runId]))[0]?.["found"];
    };
    const found = await whole();
    const broken = async () => {
      const { runId } = await requestBackfill(operations, asked, now());
      await runBackfill(runId, {
        ...context,
        http: watched((url) => {
          if (/salesCreditMemos\?/.test(url)) throw new Error("the cable was pulled");
        }),
      });
      expect((await rows("SELECT found FROM run WHERE id = $1", [runId]))[0]?.["found"]).toBeGreaterThan(0);
      return runId;
    };
    const goneOn = await broken();
    await runBackfill(goneOn, context);
    expect(
      await rows("SELECT found, state, scope ? 'anew' AS anew FROM run WHERE id = $1", [goneOn]),
    ).toEqual([{ found, state: "done", anew: false }]);
    const forgotten = await broken();
    await rows("UPDATE run SET position = jsonb_build_object('next', 'sale ' || $2) WHERE id = $1", [
      forgotten,
      `${sandbox.url}/bc/nowhere`,
    ]);
    await runBackfill(forgotten, context);
    expect(
      await rows("SELECT found, state, scope ? 'anew' AS anew FROM run WHERE id = $1", [forgotten]),
    ).toEqual([{ found, state: "done", anew: true }]);
  });

  it("sees as a feed's last run the whole readings alone, and readings of named orders among its runs when asked", async () => {
    clock += 60_000;
    await runSync({ feedId: LEDGER }, context);
    clock += 60_000;
    const { runId } = await requestBackfill(
      operations,
      { entityId: "MODA-EU", feedId: LEDGER, from: "2026-09-01", to: "2026-09-02" },
      now(),
    );
    await requestStop(operations, { entityId: "MODA-EU", runId }, now());
    const [held] = await rows(
      "SELECT reference FROM document WHERE entity_id = 'MODA-EU' AND side = 'erp' AND reference IS NOT NULL LIMIT 1",
    );
    clock += 60_000;
    await runSync({ orderReference: String(held?.["reference"]) }, context);
    const feed = (await findFeeds(["MODA-EU"])).find((one) => one.id === LEDGER);
    expect(feed?.lastRun).toMatchObject({ kind: "sync", scope: { full: false } });
    const list = async (withNamed: boolean) =>
      (await findRuns(["MODA-EU"], { feedId: LEDGER, withNamed, limit: 2 })).map((run) => run.scope);
    expect(await list(false)).toEqual([{ from: "2026-09-01", to: "2026-09-02" }, { full: false }]);
    expect(await list(true)).toEqual([
      { order: held?.["reference"] },
      { from: "2026-09-01", to: "2026-09-02" },
    ]);
  });

  it("is told which days and feeds can't be", async () => {
    const plan = (feedId: string, from: string, to: string) =>
      inTransaction(database.ownerPool, (client) =>
        planBackfill(client, feedId, { from, to }, { name: "t", at: now() }),
      );
    await expect(plan(LEDGER, "2026-09-31", "2026-10-01")).rejects.toThrow(/dates/);
    await expect(plan(LEDGER, "2026-10-02", "2026-10-01")).rejects.toThrow(/before they begin/);
    await expect(plan("MODA-EU/scayle/invoices", "2026-10-01", "2026-10-02")).rejects.toThrow(/by days/);
    await expect(plan("nobody", "2026-10-01", "2026-10-02")).rejects.toThrow(/no feed/);
  });
});

/** Every answer takes long enough for a wish to stop to be heard. */
function slowly(): HttpClient {
  const http = createHttpClient({ fetch, now, sleep, random: Math.random });
  return {
    now,
    send: async (request) => {
      const answer = await http.send(request);
      if (/cursor=/.test(request.url)) await sleep(2500, request.signal);
      return answer;
    },
  };
}
