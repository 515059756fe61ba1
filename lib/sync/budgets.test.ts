import { afterAll, beforeAll, expect, it } from "vitest";
import type { Io } from "@/lib/connectors/contract";
import { createPacing } from "@/lib/connectors/pacing";
import { inTransaction } from "@/lib/db/pool";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { findBacklogs, findRateBudgets, findSlowFeeds, findWaitingWebhooks } from "./data-load";
import { loadFeeds } from "./feeds";
import { keepBudgets } from "./slow-down";
import { prepare } from "./store/fixtures";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
  await prepare(database.ownerPool);
  await database.ownerPool.query(
    `UPDATE connection SET settings = '{"baseUrl": "https://shop.example.com/api"}' WHERE side = 'scayle'`,
  );
  await database.ownerPool.query(
    `INSERT INTO feed (id, connection_id, entity_id, resource, stretch, stretch_reason)
     SELECT 'E1/orders', id, 'E1', 'orders', 2, 'Slowed down to every 30 min: 200 webhooks wait.' FROM connection WHERE side = 'scayle'`,
  );
});
afterAll(() => database.close());

const SHOP = "https://shop.example.com/api";
const NOON = new Date("2026-11-10T12:00:00Z");
const later = (seconds: number): Date => new Date(NOON.getTime() + seconds * 1000);

/** A client that was answered with these headers at these moments. */
function answered(
  answers: readonly Readonly<{ at: Date; scope: string; headers: Record<string, string>; url?: string }>[],
): Io {
  let now = NOON;
  const pacing = createPacing({ concurrency: 1, now: () => now, sleep: async () => undefined });
  for (const { at, scope, headers, url = `${SHOP}/${scope}` } of answers) {
    now = at;
    pacing.learn({ origin: "https://shop.example.com", scope }, new Headers(headers), url);
  }
  const http = {
    send: () => Promise.reject(new Error("nothing is sent")),
    now: () => now,
    rateStated: pacing.stated,
  };
  return { http, signal: new AbortController().signal };
}
const limit = (of: number, remaining: number, reset: number, scope?: string) => ({
  ...{ "x-ratelimit-limit": String(of), "x-ratelimit-remaining": String(remaining) },
  ...{ "x-ratelimit-reset": String(reset), ...(scope ? { "x-ratelimit-scope": scope } : {}) },
});
async function keep(io: Io): Promise<void> {
  const [feed] = await loadFeeds(database.ownerPool, { feedId: "E1/orders" });
  if (!feed) throw new Error("there is a feed");
  await inTransaction(database.ownerPool, (client) => keepBudgets(client, feed, io));
}

it("keeps what a source stated last of each of its limits, by its own name for it; what was stated before stays behind", async () => {
  await keep(
    answered([
      { at: NOON, scope: "orders", headers: limit(1000, 990, 60, "global") },
      { at: later(1), scope: "invoices", headers: limit(1000, 989, 59, "global") },
      { at: later(2), scope: "stock", headers: limit(60, 3, 30) },
      { at: later(3), scope: "shops", headers: {} },
      // Another system of the same origin.
      {
        ...{ at: later(3), scope: "erp", headers: limit(10, 9, 30) },
        url: "https://shop.example.com/api-of-the-erp/documents",
      },
    ]),
  );
  const stated = [
    {
      connection: "SCAYLE",
      scope: "global",
      limit: 1000,
      remaining: 989,
      resetAt: later(60),
      statedAt: later(1),
    },
    { connection: "SCAYLE", scope: "stock", limit: 60, remaining: 3, resetAt: later(32), statedAt: later(2) },
  ];
  expect(await findRateBudgets("E1")).toMatchObject(stated);
  await keep(answered([{ at: later(-5), scope: "stock", headers: limit(60, 59, 30) }]));
  expect(await findRateBudgets("E1")).toMatchObject(stated);
  await keep(answered([{ at: later(40), scope: "stock", headers: limit(60, 59, 30) }]));
  expect((await findRateBudgets("E1"))[1]).toMatchObject({ remaining: 59, statedAt: later(40) });
});

it("stops no reading where a source states numbers that no limit has", async () => {
  const most = Number.MAX_SAFE_INTEGER;
  await keep(answered([{ at: later(50), scope: "stock", headers: limit(most, most, 60) }]));
  expect((await findRateBudgets("E1"))[1]).toMatchObject({ limit: 2_147_483_647, remaining: 2_147_483_647 });
  await keep(answered([{ at: later(60), scope: "stock", headers: limit(60, 3, most) }]));
  expect((await findRateBudgets("E1"))[1]).toMatchObject({ remaining: 3, resetAt: later(60 + 86_400) });
});

it("says which feeds are slowed down and why, how many webhooks wait, and what sources were counted to have beyond ours", async () => {
  expect(await findSlowFeeds("E1")).toMatchObject([
    { id: "E1/orders", reason: expect.stringContaining("200 webhooks") },
  ]);
  expect(await findWaitingWebhooks("E1")).toEqual([]);
  expect((await findBacklogs("E1")).size).toBe(0);
});

it("slows a system down by its own limits, and not by those of another one at the same origin", () => {
  const pacing = createPacing({ concurrency: 1, now: () => NOON, sleep: async () => undefined });
  const erp = "https://shop.example.com/api-of-the-erp";
  const learn = (scope: string, url: string, headers: Record<string, string>) =>
    pacing.learn({ origin: "https://shop.example.com", scope }, new Headers(headers), url);
  learn("orders", `${SHOP}/orders?page=2`, limit(1000, 900, 60));
  learn("documents", `${erp}/documents`, limit(100, 2, 60));
  expect(pacing.left(SHOP)).toEqual({ remaining: 900, limit: 1000 });
  expect(pacing.left(erp)).toEqual({ remaining: 2, limit: 100 });
  expect(pacing.left("https://shop.example.com/nothing")).toBeNull();
});
