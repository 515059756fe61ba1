import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Actor } from "@/lib/auth/actor";
import { type Answered, answered, httpThrough } from "@/lib/connectors/fixtures";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { runReconciliation } from "@/lib/matching/reconcile";
import { type Sandbox, startSandbox } from "@/lib/sandbox/server";
import { makeWorld } from "@/lib/sandbox/world";
import { connectSandbox } from "@/lib/settings/sandbox";
import { runSync, type SyncContext } from "@/lib/sync/run";
import { requestResyncs, resumeResyncs, stopResyncs } from "./mutations";
import { resyncSourceRecord } from "./resync";
import { runResyncs } from "./run-resyncs";
import type { Selection } from "./schema";

process.env["TIEOUT_SECRET"] = "a secret of thirty-two characters or more";

const ENTITY = "MODA-EU";
const clock = Date.parse("2026-11-15T09:00:00Z");
const now = (): Date => new Date(clock);
let database: TestDatabase;
let sandbox: Sandbox;
const context: SyncContext = { actorName: "test", now };
const person = (role: Actor["grants"][number]["role"], entityId: string | null = null): Actor => ({
  id: "33333333-3333-3333-3333-333333333333",
  name: "Omar",
  email: "omar@example.com",
  grants: [{ role, entityId }],
  demo: false,
});
const operations = person("operations", ENTITY);

beforeAll(async () => {
  database = await createTestDatabase();
  const world = makeWorld({ seed: 3, orders: 80, anchor: "2026-10", faults: "none" });
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

/** Orders whose sale the ERP has posted, by source id. */
async function some(
  count: number,
): Promise<readonly Readonly<{ key: string; id: string; reference: string }>[]> {
  const found = await rows(
    `SELECT DISTINCT o.order_key, o.source_id, o.reference FROM sales_order o JOIN document d ON d.order_key = o.order_key
      WHERE o.entity_id = $1 AND d.side = 'erp' AND d.kind = 'sale' AND d.posting_day < '2026-10-20' ORDER BY o.source_id LIMIT $2`,
    [ENTITY, count],
  );
  return found.map((row) => ({
    key: String(row["order_key"]),
    id: String(row["source_id"]),
    reference: String(row["reference"]),
  }));
}

const through = (change: Answered, around?: Parameters<typeof httpThrough>[2]) =>
  httpThrough(now, change, around);
const same: Answered = (_, body) => body;

const request = (selection: Selection, actor = operations) =>
  requestResyncs(actor, { entityId: ENTITY, selection }, { now: now(), pool: database.ownerPool });
const states = async (runId: string) =>
  rows("SELECT name, state, reason FROM resync_record WHERE run_id = $1 ORDER BY name", [runId]);
const runOf = async (runId: string) =>
  (
    await rows("SELECT state, found, stored, unchanged, failed, expected, error FROM run WHERE id = $1", [
      runId,
    ])
  )[0];

describe("the resync of many orders", () => {
  it("reads what a filter means again, through SCAYLE's list, and keeps what came of each", async () => {
    const lost = await some(3);
    const keys = lost.map((one) => one.key);
    await rows("DELETE FROM line WHERE order_key = ANY($1) AND side = 'erp' AND document_kind = 'sale'", [
      keys,
    ]);
    await rows("DELETE FROM document WHERE order_key = ANY($1) AND side = 'erp' AND kind = 'sale'", [keys]);
    await runReconciliation({ entityId: ENTITY, orderKeys: keys }, { actorName: "test", now });
    expect(
      await rows(
        "SELECT DISTINCT cause FROM exception WHERE order_key = ANY($1) AND state = 'new' AND document_kind = 'sale'",
        [keys],
      ),
    ).toEqual([{ cause: "sale-missing-in-erp" }]);
    const filter = { cause: "sale-missing-in-erp", state: "open" };
    const { runId, count } = await request({ by: "exceptions-matching", filter });
    expect(count).toBe(3);
    expect(
      await rows("SELECT task_identifier FROM graphile_worker.jobs WHERE key = $1", [`resync:${runId}`]),
    ).toEqual([{ task_identifier: "resync-orders" }]);
    const urls: string[] = [];
    const http = through((url, body) => {
      urls.push(url);
      return body;
    });
    expect(await runResyncs(runId, { ...context, http })).toMatchObject({ solved: 3, waiting: 0, failed: 0 });
    expect(await states(runId)).toEqual(
      lost
        .map((one) => ({ name: one.reference, state: "solved", reason: null }))
        .sort((a, b) => (a.name < b.name ? -1 : 1)),
    );
    expect(await runOf(runId)).toMatchObject({ state: "done", found: 3, stored: 3, expected: 3 });
    expect(urls.filter((url) => url.includes("filters[id]=")).length).toBeGreaterThan(0);
    expect(urls.filter((url) => /\/orders\/[^/]+$/.test(url))).toEqual([]);
    const trail = await rows("SELECT action FROM audit_event WHERE subject = $1 ORDER BY seq", [
      `run:${runId}`,
    ]);
    expect(trail.map((one) => one["action"])).toEqual(["record.resync-many", "run.resync"]);
    // A run that is done is left alone, however often its job comes.
    expect(await runResyncs(runId, context)).toBeNull();
  });

  it("is for those who may resync, of their entity, and of something", async () => {
    const ids = (await some(1)).map((one) => one.key);
    await expect(request({ by: "orders", ids }, person("auditor"))).rejects.toThrow(/may not/);
    await expect(request({ by: "orders", ids }, person("operations", "MODA-UK"))).rejects.toThrow(/may not/);
    await expect(
      request({ by: "exceptions-matching", filter: {} }, person("customer-service")),
    ).rejects.toThrow(/may not see exceptions/);
    await expect(request({ by: "orders", ids: ["99999999-9999-9999-9999-999999999999"] })).rejects.toThrow(
      /no order among them/,
    );
    expect(await request({ by: "orders", ids }, person("customer-service"))).toMatchObject({ count: 1 });
  });

  it("of two runs over the same orders, reads no order twice at once", async () => {
    const orders = await some(12);
    const ids = orders.map((one) => one.key);
    const runs = [await request({ by: "orders", ids }), await request({ by: "orders", ids })];
    const asked = new Map<string, number>();
    const meetings: string[] = [];
    const http = through(same, async (url, send) => {
      const name = orders.find(({ reference }) =>
        url.includes(`externalDocumentNumber eq '${reference}'`),
      )?.reference;
      if (name === undefined) return send();
      asked.set(name, (asked.get(name) ?? 0) + 1);
      if ((asked.get(name) ?? 0) > 1) meetings.push(name);
      try {
        return await send();
      } finally {
        asked.set(name, (asked.get(name) ?? 1) - 1);
      }
    });
    const done = await Promise.all(runs.map(({ runId }) => runResyncs(runId, { ...context, http })));
    expect(done).toMatchObject([
      { unchanged: 12, waiting: 0 },
      { unchanged: 12, waiting: 0 },
    ]);
    expect(asked.size).toBe(12);
    expect(meetings).toEqual([]);
  });

  it("says of an order that SCAYLE has deleted that it is gone, keeps its last version, and does the others", async () => {
    const [gone, other] = await some(2);
    if (!gone || !other) throw new Error("no orders");
    const http = through((url, body) => {
      if (url.endsWith(`/orders/${gone.id}`)) throw answered(404, url);
      const { entities } = body as { entities?: { id: unknown }[] };
      return entities
        ? { ...(body as object), entities: entities.filter((one) => String(one.id) !== gone.id) }
        : body;
    });
    const { runId } = await request({ by: "orders", ids: [gone.key, other.key] });
    expect(await runResyncs(runId, { ...context, http })).toMatchObject({ failed: 1, unchanged: 1 });
    const [failed] = (await states(runId)).filter((one) => one["state"] === "failed");
    expect(failed).toMatchObject({
      name: gone.reference,
      reason: expect.stringContaining("no longer has this order"),
    });
    expect(
      await rows("SELECT gone_at FROM failed_record WHERE order_key = $1 AND resolved_at IS NULL", [
        gone.key,
      ]),
    ).toEqual([{ gone_at: now() }]);
    expect(
      await rows("SELECT count(*)::int AS n FROM document WHERE order_key = $1 AND side = 'scayle'", [
        gone.key,
      ]),
    ).not.toEqual([{ n: 0 }]);
    // It is there again: nothing is left of it.
    const again = await request({ by: "failed-matching", filter: { state: "gone" } });
    expect(again.count).toBe(1);
    expect(await runResyncs(again.runId, context)).toMatchObject({ failed: 0 });
    expect(
      await rows("SELECT FROM failed_record WHERE order_key = $1 AND resolved_at IS NULL", [gone.key]),
    ).toEqual([]);
  });

  it("is stopped and goes on; a source that is away ends it, and what waits is read when it is back", async () => {
    const ids = (await some(5)).map((one) => one.key);
    const { runId } = await request({ by: "orders", ids });
    const asked = { entityId: ENTITY, runId };
    const at = { now: now(), pool: database.ownerPool };
    await expect(stopResyncs(person("auditor"), asked, at)).rejects.toThrow(/may not/);
    await stopResyncs(operations, asked, at);
    expect(await runResyncs(runId, context)).toBeNull();
    await expect(stopResyncs(operations, asked, at)).rejects.toThrow(/has ended/);
    await resumeResyncs(operations, asked, at);
    const down = through((url, body) => {
      if (url.includes("/salesInvoices")) throw answered(401, url);
      return body;
    });
    expect(await runResyncs(runId, { ...context, http: down })).toMatchObject({ waiting: 5 });
    expect(await runOf(runId)).toMatchObject({
      state: "failed",
      found: 0,
      error: expect.stringContaining("401"),
    });
    await resumeResyncs(operations, asked, at);
    expect(await runResyncs(runId, context)).toMatchObject({ waiting: 0, unchanged: 5 });
    expect(await runOf(runId)).toMatchObject({ state: "done", found: 5, error: null });
  });
});

describe("the resync of a record as its source names it", () => {
  const ORDERS = "MODA-EU/scayle/orders/ms-de";
  const LEDGER = "MODA-EU/business-central/documents";
  const resyncIt = (feedId: string, sourceId: string, kind: "sale" | "credit" = "sale", actor = operations) =>
    resyncSourceRecord(actor, { entityId: ENTITY, record: { feedId, kind, sourceId } }, now);

  it("brings in an order and a document of which nothing is held, each with what belongs to it", async () => {
    const [one] = await rows(
      `SELECT o.order_key, o.source_id, o.reference, d.source_id AS document FROM sales_order o
         JOIN document d ON d.order_key = o.order_key AND d.side = 'erp' AND d.kind = 'sale' JOIN shop s ON s.id = o.shop_id
        WHERE o.entity_id = $1 AND s.shop_key = 'ms' AND s.country_code = 'de' ORDER BY o.source_id DESC LIMIT 1`,
      [ENTITY],
    );
    const [key, id, document] = [one?.["order_key"], String(one?.["source_id"]), String(one?.["document"])];
    const forget = async () => {
      for (const table of ["line", "document_version", "document", "order_alias", "sales_order"])
        await rows(`DELETE FROM ${table} WHERE order_key = $1`, [key]);
      await runReconciliation({ entityId: ENTITY, orderKeys: [String(key)] }, { actorName: "test", now });
    };
    const held = "SELECT DISTINCT side FROM document WHERE order_key = $1 ORDER BY side";
    await forget();
    const [first, second] = await Promise.all([resyncIt(ORDERS, id), resyncIt(ORDERS, id)]);
    expect([first, second]).toMatchObject([{ orderKey: key }, { orderKey: key }]);
    expect([first.joined, second.joined].sort()).toEqual([false, true]);
    const did = first.joined ? second : first;
    expect(did.problems).toEqual([]);
    expect(did.changes).toEqual(
      expect.arrayContaining([expect.stringMatching(/^The ERP's sale .* is new\.$/)]),
    );
    expect(await rows(held, [key])).toEqual([{ side: "erp" }, { side: "scayle" }]);
    // By now it is held: it is read again as what it is.
    expect(await resyncIt(ORDERS, id)).toMatchObject({ orderKey: key, changes: [], joined: false });

    await forget();
    const posted = await resyncIt(LEDGER, document);
    // The document names its order, which is read with it.
    expect(posted).toMatchObject({ orderKey: key, problems: [] });
    expect(posted.changes).toEqual(expect.arrayContaining([...did.changes]));
    expect(await rows(held, [key])).toEqual([{ side: "erp" }, { side: "scayle" }]);
  });

  it("says that its source has none, and refuses who may not", async () => {
    await expect(resyncIt(ORDERS, "999999999")).rejects.toThrow(/does not have this record/);
    const nobody = "00000000-0000-4000-8000-000000000000";
    await expect(resyncIt(LEDGER, nobody, "credit")).rejects.toThrow(/does not have this record/);
    await expect(resyncIt("MODA-UK/scayle/orders/mu-gb", "1")).rejects.toThrow(/no such feed/);
    await expect(resyncIt(ORDERS, "1", "sale", person("auditor"))).rejects.toThrow(/may not/);
  });
});
