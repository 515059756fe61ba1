import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createHttpClient } from "@/lib/connectors/http";
import { sleep } from "@/lib/connectors/sleep";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { SANDBOX_WHY } from "@/lib/domain/sandbox-words";
import { findConnections } from "@/lib/manual/data";
import { sandboxConnections } from "@/lib/sandbox/connections";
import { type Sandbox, startSandbox } from "@/lib/sandbox/server";
import { makeWorld } from "@/lib/sandbox/world";
import { connectEntity } from "./connect";
import { candidatesFrom } from "./connections";
import { connectSandbox, sandboxStatus } from "./sandbox";
import type { EntitySetup } from "./setup";

process.env["TIEOUT_SECRET"] = "a secret of thirty-two characters or more";

const at = new Date("2026-11-15T09:00:00Z");
const actor = { kind: "command-line", id: "test", name: "test" } as const;
const io = {
  http: createHttpClient({ fetch, now: () => new Date(), sleep, random: () => 0, attemptsMax: 1 }),
  signal: new AbortController().signal,
};
let database: TestDatabase;
let sandbox: Sandbox;

beforeAll(async () => {
  database = await createTestDatabase();
  const world = makeWorld({ seed: 1, orders: 60, anchor: "2026-10", faults: "none" });
  sandbox = await startSandbox({ world, now: () => at.getTime(), port: 0 });
});
afterAll(async () => {
  await sandbox.close();
  await database.close();
});

const rows = async (sql: string, values: unknown[] = []): Promise<Record<string, unknown>[]> =>
  (await database.ownerPool.query(sql, values)).rows;
const setup = (changes: Partial<EntitySetup> = {}): EntitySetup => ({
  code: "SHOP-DE",
  name: null,
  currency: "EUR",
  timeZone: "Europe/Berlin",
  acceptProposals: true,
  sandbox: false,
  ...changes,
});
const environmentOf = (changes: Record<string, string> = {}) => {
  const [connection] = sandboxConnections(sandbox.url);
  return {
    SCAYLE_BASE_URL: connection?.scayle.baseUrl,
    SCAYLE_ACCESS_TOKEN: connection?.scayle.accessToken,
    SCAYLE_SHOPS: "ms/de, MS/at",
    BC_BASE_URL: connection?.businessCentral.baseUrl,
    BC_TOKEN_URL: connection?.businessCentral.tokenUrl,
    BC_CLIENT_ID: connection?.businessCentral.clientId,
    BC_CLIENT_SECRET: connection?.businessCentral.clientSecret,
    BC_COMPANY_ID: connection?.businessCentral.companyId,
    ...changes,
  };
};
const connect = (changes: Partial<EntitySetup> = {}, environment = environmentOf()) =>
  connectEntity(setup(changes), candidatesFrom(environment, "EUR"), {
    pool: database.ownerPool,
    io,
    actor,
    at,
  });

describe("connecting", () => {
  it("begins with the sandbox: two entities, feeds, confirmed settings, demo users", async () => {
    const status = await connectSandbox(`${sandbox.url}/`, { pool: database.ownerPool, actor, at });
    expect(status).toMatchObject({ connected: true, url: sandbox.url });
    expect(status.demoUsers).toHaveLength(7);
    expect(await rows("SELECT id FROM entity ORDER BY id")).toEqual([{ id: "MODA-EU" }, { id: "MODA-UK" }]);
    expect(await rows("SELECT count(*)::int AS open FROM tax_mapping WHERE confirmed_at IS NULL")).toEqual([
      { open: 0 },
    ]);
    // The manual says who connected them and why.
    expect(await findConnections(database.ownerPool, ["MODA-UK"])).toMatchObject([
      { connectedBy: "test", connectedWhy: SANDBOX_WHY.connected },
      { connectedBy: "test", connectedWhy: SANDBOX_WHY.connected },
    ]);
    // Again, elsewhere: the same entities at another address.
    const moved = await connectSandbox("http://127.0.0.1:1", { pool: database.ownerPool, actor, at });
    expect(moved.url).toBe("http://127.0.0.1:1");
    expect(await rows("SELECT count(*)::int AS feeds FROM feed")).toEqual([{ feeds: 14 }]);
  });

  it("keeps nothing of a connection that can't be used, and says which and why", async () => {
    const wrong = environmentOf({ SCAYLE_ACCESS_TOKEN: "wrong" });
    await expect(connect({}, wrong)).rejects.toThrow(/SCAYLE can't be used, and nothing was changed.*401/);
    expect(await rows("SELECT FROM entity WHERE id = 'SHOP-DE'")).toEqual([]);
    expect((await sandboxStatus(database.ownerPool)).connected).toBe(true);
  });

  it("names what is missing of a system that is described in part", () => {
    expect(() => candidatesFrom({ SCAYLE_BASE_URL: "http://127.0.0.1:1" }, "EUR")).toThrow(
      /SCAYLE_ACCESS_TOKEN, SCAYLE_SHOPS/,
    );
  });

  it("takes one ERP: Business Central or Tryton", () => {
    const tryton = {
      TRYTON_BASE_URL: "http://127.0.0.1:1",
      TRYTON_DATABASE: "erp",
      TRYTON_USER: "tieout",
      TRYTON_PASSWORD: "secret",
    };
    const [candidate] = candidatesFrom(tryton, "EUR");
    expect(candidate?.setup).toMatchObject({
      kind: "tryton",
      settings: { baseUrl: "http://127.0.0.1:1", database: "erp", user: "tieout" },
      feeds: [{ suffix: "tryton/documents", resource: "ledger-documents" }],
    });
    expect(JSON.stringify(candidate?.setup.settings)).not.toContain("secret");
    expect(() => candidatesFrom({ TRYTON_USER: "tieout" }, "EUR")).toThrow(
      /TRYTON_BASE_URL, TRYTON_DATABASE/,
    );
    expect(() => candidatesFrom({ ...environmentOf(), ...tryton }, "EUR")).toThrow(/one ERP/);
  });

  it("are posted through only where it is said how", () => {
    const writes = (environment: Parameters<typeof candidatesFrom>[0]) =>
      candidatesFrom(environment, "EUR").map(({ setup: { settings } }) =>
        Reflect.get(Object(settings), "write"),
      );
    expect(writes(environmentOf())).toEqual([undefined, undefined]);
    const path = "/shops/{shopKey}/countries/{countryCode}/orders/{orderId}/refunds";
    expect(
      writes(
        environmentOf({
          ...{ SCAYLE_REFUND_PATH: path, BC_CUSTOMER_NUMBER: "C-1" },
          BC_PRICES_INCLUDE_TAX: "no",
          BC_ROUNDING_ACCOUNT: "8490",
        }),
      ),
    ).toEqual([
      { refundPath: path, settlesSeconds: 120 },
      { customerNumber: "C-1", pricesIncludeTax: false, accounts: { rounding: "8490" }, settlesSeconds: 600 },
    ]);
    for (const wrong of ["refunds", "/refunds", "/orders/{orderId}/{secret}", "/orders/{orderId}?x=1"])
      expect(() => writes(environmentOf({ SCAYLE_REFUND_PATH: wrong }))).toThrow(/write\.refundPath: /);
  });

  it("makes the entity with its feeds, says what it sees, and retires the sandbox", async () => {
    const connected = await connect();
    expect(connected).toMatchObject({
      created: true,
      retiredSandbox: true,
      connections: ["SCAYLE", "Business Central"],
    });
    expect(connected.sees.join("\n")).toMatch(/ms\/de/);
    expect(await rows("SELECT id FROM feed WHERE entity_id = 'SHOP-DE' ORDER BY id")).toEqual(
      [
        "business-central/documents",
        "business-central/stock",
        "scayle/invoices",
        "scayle/orders/ms-at",
        "scayle/orders/ms-de",
        "scayle/status/ms-at",
        "scayle/status/ms-de",
        "scayle/stock",
      ].map((suffix) => ({ id: `SHOP-DE/${suffix}` })),
    );
    expect(
      await rows(
        `SELECT lane, resource, interval_seconds AS seconds FROM feed WHERE entity_id = 'SHOP-DE'
          GROUP BY 1, 2, 3 ORDER BY 1 DESC, 2`,
      ),
    ).toEqual([
      { lane: "live", resource: "status", seconds: 120 },
      { lane: "live", resource: "stock", seconds: 300 },
      { lane: "financial", resource: "invoices", seconds: 900 },
      { lane: "financial", resource: "ledger-documents", seconds: 900 },
      { lane: "financial", resource: "orders", seconds: 900 },
    ]);
    expect(await sandboxStatus(database.ownerPool)).toEqual({ connected: false, demoUsers: [], url: null });
    expect(await rows("SELECT FROM connection WHERE encode(secret, 'escape') LIKE '%sandbox%'")).toEqual([]);
    await expect(connectSandbox(sandbox.url, { pool: database.ownerPool, actor, at })).rejects.toThrow(
      /real books/,
    );
  });

  it("again updates: a shop less is a feed less, another address begins anew", async () => {
    await rows("UPDATE feed SET watermark = now(), confirmed_until = now()");
    await connect({}, environmentOf({ SCAYLE_SHOPS: "ms/de" }));
    expect(
      await rows("SELECT id FROM feed WHERE entity_id = 'SHOP-DE' AND watermark IS NOT NULL ORDER BY id"),
    ).toEqual([
      { id: "SHOP-DE/business-central/documents" },
      { id: "SHOP-DE/business-central/stock" },
      { id: "SHOP-DE/scayle/invoices" },
      { id: "SHOP-DE/scayle/orders/ms-de" },
      { id: "SHOP-DE/scayle/status/ms-de" },
      { id: "SHOP-DE/scayle/stock" },
    ]);
    const [scayle] = await rows("SELECT id FROM connection WHERE entity_id = 'SHOP-DE' AND side = 'scayle'");
    await rows(
      `INSERT INTO stock_item (connection_id, item_key, entity_id, checked_at, answered_at) VALUES ($1, 'SKU-1', 'SHOP-DE', now(), now())`,
      [scayle?.["id"]],
    );
    await rows(
      `INSERT INTO stock_level (connection_id, item_key, warehouse, merchant, measure, entity_id, quantity, answered_at, seen_at)
       VALUES ($1, 'SKU-1', 'central', '', 'sellable', 'SHOP-DE', 5, now(), now())`,
      [scayle?.["id"]],
    );
    const elsewhere = environmentOf({ SCAYLE_SHOPS: "ms/de" });
    await connect(
      {},
      { ...elsewhere, SCAYLE_BASE_URL: String(elsewhere.SCAYLE_BASE_URL).replace("127.0.0.1", "localhost") },
    );
    expect(
      await rows("SELECT id FROM feed WHERE entity_id = 'SHOP-DE' AND watermark IS NOT NULL ORDER BY id"),
    ).toEqual([{ id: "SHOP-DE/business-central/documents" }, { id: "SHOP-DE/business-central/stock" }]);
    // What another system said is no stock of this one; its items are asked for again.
    expect(await rows("SELECT item_key, answered_at FROM stock_item")).toEqual([
      { item_key: "SKU-1", answered_at: null },
    ]);
    expect(await rows("SELECT FROM stock_level")).toEqual([]);
  });

  it("makes an entity of files where nothing is described", async () => {
    expect(
      await connect({ code: "FILES", currency: "BRL", timeZone: "America/Sao_Paulo" }, environmentNone),
    ).toMatchObject({
      connections: [],
      created: true,
    });
  });

  it("refuses what can't be an entity", async () => {
    await expect(connect({ code: "a b" }, environmentNone)).rejects.toThrow(/entity's code/);
    await expect(connect({ currency: "EURO" }, environmentNone)).rejects.toThrow(/ISO 4217/);
    await expect(connect({ timeZone: "Mars/Base" }, environmentNone)).rejects.toThrow(/IANA/);
    await expect(connect({ code: "MODA-EU" }, environmentNone)).rejects.toThrow(/sandbox entity/);
  });
});

const environmentNone = {} as ReturnType<typeof environmentOf>;
