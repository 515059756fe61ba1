import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createHttpClient } from "@/lib/connectors/http";
import { sleep } from "@/lib/connectors/sleep";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { prove } from "@/lib/matching/proof/proof";
import { runReconciliation } from "@/lib/matching/reconcile";
import { loadSummaries } from "@/lib/matching/summary";
import { type Sandbox, startSandbox } from "@/lib/sandbox/server";
import { makeWorld } from "@/lib/sandbox/world";
import { connectSandbox } from "@/lib/settings/sandbox";
import { compareCounts, type HeldRecord } from "./count-compare";
import { runSync } from "./run";
import { runRecount } from "./run-recount";

process.env["TIEOUT_SECRET"] = "a secret of thirty-two characters or more";

const ENTITY = "MODA-EU";
const PERIOD = "2026-10";
let clock = Date.parse("2026-11-15T09:00:00Z");
let database: TestDatabase;
let sandbox: Sandbox;
const context = { actorName: "test", now: () => new Date(clock++) };
const dropped: string[] = [];

/** The network of a sync that loses a page of orders and one of invoices: the answer comes, without its records. */
async function leaky(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  const answer = await fetch(input, init);
  const url = String(input);
  const member = url.includes("cursor=") ? "entities" : url.includes("skiptoken") ? "value" : null;
  if (member === null || dropped.some((one) => one.startsWith(member))) return answer;
  const body = (await answer.json()) as Record<string, { id: unknown }[]>;
  for (const record of body[member] ?? []) dropped.push(`${member} ${record.id}`);
  return Response.json({ ...body, [member]: [] }, { headers: answer.headers });
}

beforeAll(async () => {
  database = await createTestDatabase();
  const world = makeWorld({ seed: 3, orders: 900, anchor: "2026-10", faults: "planted" });
  sandbox = await startSandbox({ world, now: () => clock, port: 0, scayleLimit: 100_000 });
  await connectSandbox(sandbox.url, {
    pool: database.ownerPool,
    actor: { kind: "command-line", id: "test", name: "test" },
    at: new Date(clock),
  });
  const http = createHttpClient({ fetch: leaky, now: () => new Date(), sleep, random: Math.random });
  // The financial lane alone: a status feed begins where the orders' own feed says that it stands, and finds such a page.
  const { rows } = await database.ownerPool.query<{ id: string }>(
    "SELECT id FROM feed WHERE entity_id = $1 AND lane = 'financial' ORDER BY resource DESC, id",
    [ENTITY],
  );
  for (const { id } of rows) await runSync({ feedId: id }, { ...context, http });
  await runReconciliation({ entityId: ENTITY }, context);
});
afterAll(async () => {
  await sandbox.close();
  await database.close();
});

const tiesOut = async () => {
  const [summary] = (await loadSummaries(database.ownerPool, {
    period: PERIOD,
    entityId: ENTITY,
  })) as unknown as {
    proofs: { name: string; ok: boolean; detail: string }[];
    tiesOut: boolean;
  }[];
  return summary;
};

describe("a second count", () => {
  it("names every record of a page that the sync lost, and the month does not tie out", async () => {
    expect(dropped.length).toBeGreaterThan(100);
    expect((await prove(database.ownerPool, ENTITY, PERIOD, { deep: false })).state).not.toBe("holds");
    const counts = await runRecount({ entityId: ENTITY, period: PERIOD }, context);
    const lost = new Set(dropped.map((one) => one.split(" ")[1]));
    const missing = counts.flatMap((count) => count.result?.missing.ids ?? []);
    expect(missing.length).toBeGreaterThan(0);
    for (const name of missing) expect(lost).toContain(/\(([^)]+)\)$/.exec(name)?.[1] ?? name);
    const report = await prove(database.ownerPool, ENTITY, PERIOD, { deep: false });
    expect(report.state).toBe("fails");
    expect(counts.filter((count) => count.state === "differs").length).toBeGreaterThan(0);
    await runReconciliation({ entityId: ENTITY }, context);
    const summary = await tiesOut();
    expect(summary?.tiesOut).toBe(false);
    expect(summary?.proofs.find((proof) => proof.name === "source-agrees")).toMatchObject({ ok: false });
  });

  it("agrees once everything was read, and says by what way and when", async () => {
    await runSync({ entityId: ENTITY, full: true }, context);
    await runReconciliation({ entityId: ENTITY }, context);
    const counts = await runRecount({ entityId: ENTITY, period: PERIOD }, context);
    expect(counts.map((count) => [count.feed, count.state, count.result?.differing])).toEqual(
      counts.map((count) => [count.feed, "agrees", 0]),
    );
    const ledger = counts.find((count) => count.feed.includes("business-central"));
    expect(ledger?.result?.stated).toBe(ledger?.result?.source);
    expect(ledger?.result?.held).toBe(ledger?.result?.source);
    expect((await prove(database.ownerPool, ENTITY, PERIOD, { deep: true })).state).toBe("holds");
    await runReconciliation({ entityId: ENTITY }, context);
    expect((await tiesOut())?.proofs.find((proof) => proof.name === "source-agrees")).toMatchObject({
      ok: true,
    });
  });

  it("leaves what changed since the last sync to the next one", async () => {
    clock += 3 * 86_400_000;
    const counts = await runRecount({ entityId: ENTITY, period: "2026-11" }, context);
    expect(counts.reduce((sum, count) => sum + (count.result?.fresh.count ?? 0), 0)).toBeGreaterThan(0);
    expect(counts.every((count) => count.result?.differing === 0)).toBe(true);
  });

  it("says that a source could not be asked, and proves nothing then", async () => {
    const broken = createHttpClient({
      fetch: async () => new Response("", { status: 403 }),
      now: () => new Date(),
      sleep: async () => undefined,
      random: () => 0,
      attemptsMax: 1,
    });
    const counts = await runRecount({ entityId: ENTITY, period: PERIOD }, { ...context, http: broken });
    expect(counts.every((count) => count.state === "unavailable")).toBe(true);
    expect((await prove(database.ownerPool, ENTITY, PERIOD, { deep: false })).state).toBe("unproved");
  });
});

describe("comparing a count with what was fetched", () => {
  const at = (hour: number): Date => new Date(Date.UTC(2026, 9, 5, hour));
  const held = (id: string, hour: number, change: Partial<HeldRecord> = {}): HeldRecord => ({
    kind: "sale",
    sourceId: id,
    number: null,
    modifiedAt: at(hour),
    inDays: true,
    draft: false,
    ...change,
  });
  const listed = (id: string, hour: number) => ({
    kind: "sale" as const,
    sourceId: id,
    number: null,
    day: "2026-10-05",
    modifiedAt: at(hour),
  });
  const count = (records: ReturnType<typeof listed>[], stated: number | null = records.length) => ({
    method: "",
    records,
    stated,
    sourceTime: null,
  });

  it("tells what is missing, surplus, stale and only later apart", () => {
    const source = count([listed("1", 1), listed("2", 1), listed("3", 2), listed("4", 9), listed("5", 9)]);
    const mine = [held("1", 1), held("3", 1), held("5", 1), held("6", 1), held("7", 1, { draft: true })];
    expect(compareCounts(source, mine, at(5))).toMatchObject({
      source: 5,
      held: 5,
      differing: 3,
      missing: { count: 1, ids: ["2"], records: [{ kind: "sale", sourceId: "2", name: "2" }] },
      surplus: { count: 1, ids: ["6"] },
      stale: { count: 1, ids: ["3"] },
      fresh: { count: 2, ids: ["4", "5"] },
    });
  });

  it("doesn't agree with a source whose own total is another than its list", () => {
    expect(compareCounts(count([listed("1", 1)], 2), [held("1", 1)], at(5)).differing).toBe(1);
    expect(compareCounts(count([listed("1", 1), listed("1", 1)]), [held("1", 1)], at(5)).differing).toBe(1);
    expect(compareCounts(count([listed("1", 1)], null), [held("1", 1)], at(5)).differing).toBe(0);
  });

  it("names fifty at most, and says how many there are", () => {
    const source = count(Array.from({ length: 80 }, (_, index) => listed(`id-${index}`, 1)));
    const { missing } = compareCounts(source, [], at(5));
    expect(missing.count).toBe(80);
    expect(missing.ids).toHaveLength(50);
  });
});
