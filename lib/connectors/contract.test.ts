import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { BookDocument } from "@/lib/domain/document";
import type { SalesOrder } from "@/lib/domain/order";
import { type SandboxConnection, sandboxConnections } from "@/lib/sandbox/connections";
import { type Sandbox, startSandbox } from "@/lib/sandbox/server";
import { makeStock } from "@/lib/sandbox/stock";
import { makeWorld } from "@/lib/sandbox/world";
import type { LedgerSource, OrderSource, Page, Reading } from "./contract";
import { createHttpClient } from "./http";
import { businessCentralConnector, scayleConnector } from "./registry";
import { sleep } from "./sleep";
import type { ItemStock } from "./stock";

// The contract that every connector keeps, run over HTTP against systems that behave like the real ones.
const world = makeWorld({ seed: 1, orders: 300, anchor: "2026-10", faults: "planted" });
const NOW = Date.parse("2026-11-20T12:00:00Z");
let sandbox: Sandbox;
let store: OrderSource;
let ledger: LedgerSource;
let shops: readonly string[];

const client = () =>
  createHttpClient({ fetch, now: () => new Date(), sleep, random: Math.random, timeoutMilliseconds: 10_000 });
const io = () => ({ http: client(), signal: new AbortController().signal });

function openBoth({ scayle, businessCentral }: SandboxConnection, secrets = { token: "", client: "" }): void {
  shops = scayle.shops.map(({ shopKey, countryCode }) => `${shopKey}/${countryCode}`);
  store = scayleConnector.open(
    scayleConnector.settings.parse({ ...scayle, shops }),
    { accessToken: secrets.token || scayle.accessToken },
    io(),
  );
  ledger = businessCentralConnector.open(
    businessCentralConnector.settings.parse(businessCentral),
    { clientSecret: secrets.client || businessCentral.clientSecret },
    io(),
  );
}

const connection = (): SandboxConnection => {
  const [first] = sandboxConnections(sandbox.url);
  if (!first) throw new Error("The sandbox has no entity.");
  return first;
};

async function allOf<T>(
  pages: AsyncIterable<Page<T>>,
): Promise<{ pages: Page<T>[]; readings: Reading<T>[] }> {
  const found: Page<T>[] = [];
  for await (const page of pages) found.push(page);
  return { pages: found, readings: found.flatMap((page) => page.readings) };
}

/** Where a source has no such list. */
async function* none(): AsyncGenerator<Page<ItemStock>> {}

const values = <T>(readings: readonly Reading<T>[]): T[] =>
  readings.flatMap(({ result }) => (result.ok ? [result.value] : []));

async function everyOrder(): Promise<Reading<SalesOrder>[]> {
  const readings: Reading<SalesOrder>[] = [];
  for (const shop of shops)
    readings.push(...(await allOf(store.orders(shop, { modifiedSince: null }))).readings);
  return readings;
}

beforeAll(async () => {
  sandbox = await startSandbox({ world, now: () => NOW, port: 0, scayleLimit: 100_000 });
  openBoth(connection());
});
afterAll(() => sandbox.close());

describe("an order source", () => {
  it("lists every order once, page by page, and says which page is the last", async () => {
    const [shop = ""] = shops;
    const { pages, readings } = await allOf(store.orders(shop, { modifiedSince: null, pageSize: 20 }));
    expect(pages.length).toBeGreaterThan(2);
    expect(pages.map((page) => page.last)).toEqual(pages.map((_, index) => index === pages.length - 1));
    expect(new Set(readings.map((one) => one.sourceId)).size).toBe(readings.length);
  });

  it("tells the source's own time", async () => {
    const { pages } = await allOf(store.orders(shops[0] ?? "", { modifiedSince: null }));
    expect(pages[0]?.sourceTime?.getTime()).toBe(NOW);
  });

  it("lists only what changed since a moment", async () => {
    const since = new Date("2026-11-10T00:00:00Z");
    const { readings } = await allOf(store.orders(shops[0] ?? "", { modifiedSince: since }));
    expect(readings.length).toBeGreaterThan(0);
    expect(readings.every((one) => one.modifiedAt !== null && one.modifiedAt >= since)).toBe(true);
    expect(store.capabilities["incrementalOrders"]).toBe(true);
  });

  it("reads a broken order as a failure with a reason, and the orders around it all the same", async () => {
    const readings = await everyOrder();
    const failed = readings.filter(({ result }) => !result.ok);
    expect(failed.length).toBeGreaterThan(0);
    for (const { result, sourceId, payload } of failed) {
      expect(sourceId).not.toBe("");
      expect(payload).toBeTypeOf("object");
      expect(result.ok ? "" : result.reason).toMatch(
        /^items\[\d+\]\.price\.withTax: expected a whole number/,
      );
    }
    expect(values(readings).length).toBe(readings.length - failed.length);
  });

  it("keeps nothing personal in a payload, broken ones included", async () => {
    const readings = await everyOrder();
    expect(readings.every((one) => one.personal !== null)).toBe(true);
    const text = JSON.stringify(readings.map((one) => one.payload));
    for (const word of ["firstName", "lastName", "email", "street", "zipCode", "phone"])
      expect(text).not.toContain(`"${word}"`);
  });

  it("finds one order by id and by reference, and none where there is none", async () => {
    const [shop = ""] = shops;
    const [order] = values((await allOf(store.orders(shop, { modifiedSince: null }))).readings);
    const byId = await store.order(shop, { id: order?.id ?? "" });
    const byReference = await store.order(shop, { reference: order?.reference ?? "" });
    expect(byId?.result).toEqual({ ok: true, value: order });
    expect(byReference?.result).toEqual({ ok: true, value: order });
    expect(await store.order(shop, { id: "1" })).toBeNull();
    expect(await store.order(shop, { reference: "no such order" })).toBeNull();
  });

  it("lists an order's invoices, and the channels with what they invoice", async () => {
    const [shop = ""] = shops;
    const orders = values((await allOf(store.orders(shop, { modifiedSince: null }))).readings);
    const returned = orders.find(
      (order) => order.channelType === "shop" && order.items.some((item) => item.returnedAt !== null),
    );
    const list = await store.invoices(shop, returned?.id ?? "");
    expect(list.result.ok && list.result.value.map((one) => one.type)).toContain("corrective_invoice");
    const channels = await store.channels();
    expect(channels.find((one) => one.type === "marketplace")?.invoicesEnabled).toBe(false);
  });

  it("counts what was placed on some days again, by another way, to the same", async () => {
    const [shop = ""] = shops;
    const days = { from: "2026-10-05", to: "2026-10-20" };
    const counted = await store.count?.(shop, days);
    const { readings } = await allOf(store.orders(shop, { modifiedSince: null }));
    const placed = readings.filter(({ controls }) => {
      const day = controls[0]?.day ?? "";
      return day >= days.from && day <= days.to;
    });
    expect(placed.length).toBeGreaterThan(3);
    expect(counted?.records.map((one) => one.sourceId).sort()).toEqual(
      placed.map((one) => one.sourceId).sort(),
    );
    expect(counted?.stated).toBeNull();
    expect(store.capabilities["secondCount"]).toContain("no total");
  });

  it("says what may be sold of a variant in each warehouse, at its own time, and null where there is no such variant", async () => {
    const [variant] = world.catalogue;
    const reading = await store.stock?.of(variant.sku);
    const levels = makeStock(world, [])(variant, NOW);
    expect(reading).toMatchObject({ sourceId: variant.sku, personal: null, controls: [] });
    expect(reading?.result).toEqual({
      ok: true,
      value: {
        itemKey: variant.sku,
        answeredAt: new Date(NOW),
        levels: levels.map((level) => ({
          warehouse: level.warehouse.referenceKey,
          merchant: "moda",
          measure: "sellable",
          quantity: String(level.quantity),
          withoutStock: false,
          changedAt: new Date(level.changedAt),
        })),
      },
    });
    // An order whose variant has no reference knows it by its number.
    expect((await store.stock?.of(String(variant.id)))?.result.ok).toBe(true);
    expect(await store.stock?.of("no such variant")).toBeNull();
    expect(store.capabilities["stock"]).toContain("one variant at a time");
  });

  it("says what it sees, or that its token is not accepted, without showing the token", async () => {
    expect(await store.test()).toMatchObject({ ok: true, problems: [] });
    openBoth(connection(), { token: "wrong-secret-token", client: "" });
    const sight = await store.test();
    openBoth(connection());
    expect(sight.ok).toBe(false);
    expect(sight.problems.join(" ")).toContain("401");
    expect(JSON.stringify(sight)).not.toContain("wrong-secret-token");
  });
});

describe("a ledger source", () => {
  const documents = async (since: Date | null = null): Promise<Reading<BookDocument>[]> =>
    (await allOf(ledger.documents({ modifiedSince: since, pageSize: 50 }))).readings;

  it("lists every document of both kinds once, and says which page is the last", async () => {
    const { pages, readings } = await allOf(ledger.documents({ modifiedSince: null, pageSize: 50 }));
    expect(pages.filter((page) => page.last)).toEqual([pages.at(-1)]);
    expect(new Set(readings.map((one) => one.sourceId)).size).toBe(readings.length);
    expect(readings.every(({ result }) => result.ok)).toBe(true);
    expect(new Set(values(readings).map((one) => one.kind))).toEqual(new Set(["sale", "credit"]));
    expect(pages[0]?.sourceTime?.getTime()).toBe(NOW);
  });

  it("has sales positive, credits negative, and lines that foot", async () => {
    const found = values(await documents());
    for (const { kind, lines, stated } of found) {
      for (const line of lines) expect((line.net ?? 0n) + (line.tax ?? 0n)).toBe(line.gross);
      const gross = lines.reduce((sum, line) => sum + line.gross, 0n);
      expect(gross).toBe(stated.gross);
      expect(kind === "credit" ? gross <= 0n : gross >= 0n).toBe(true);
      const items = lines.filter((line) => line.kind === "item");
      expect(items.every((line) => line.quantity.startsWith("-") === (kind === "credit"))).toBe(true);
    }
  });

  it("takes documents as posted unless they are drafts", async () => {
    const found = values(await documents());
    expect(found.map((one) => one.posted)).toEqual(found.map((one) => one.status !== "Draft"));
  });

  it("lists only what changed since a moment", async () => {
    const since = new Date("2026-11-15T00:00:00Z");
    const changed = await documents(since);
    expect(changed.length).toBeGreaterThan(0);
    expect(changed.every((one) => one.modifiedAt !== null && one.modifiedAt > since)).toBe(true);
  });

  it("finds the documents of one order by its reference, quotes in it included", async () => {
    const [first] = values(await documents()).filter((one) => one.reference !== null);
    const found = values(await ledger.documentsOf(first?.reference ?? ""));
    expect(found.map((one) => one.sourceId)).toContain(first?.sourceId);
    expect(found.every((one) => one.reference === first?.reference)).toBe(true);
    expect(await ledger.documentsOf("it's none")).toEqual([]);
  });

  it("counts what was posted on some days again, by another way, to the same and to the total it states", async () => {
    const counted = await ledger.count?.({ from: "2026-10-05", to: "2026-10-20" });
    const posted = values(await documents()).filter(
      ({ postingDay }) => postingDay !== null && postingDay >= "2026-10-05" && postingDay <= "2026-10-20",
    );
    expect(posted.length).toBeGreaterThan(3);
    expect(counted?.records.map((one) => one.sourceId).sort()).toEqual(
      posted.map((one) => one.sourceId).sort(),
    );
    expect(counted?.stated).toBe(posted.length);
  });

  it("says in figures what its payload says, as its translation does", async () => {
    for (const { controls, result } of await documents()) {
      if (!result.ok) continue;
      const gross = result.value.lines.reduce((sum, line) => sum + line.gross, 0n);
      expect(controls).toMatchObject([
        { kind: result.value.kind, unreadable: 0, sums: { lines: result.value.lines.length, gross } },
      ]);
    }
  });

  it("lists what is on hand of every item once, page by page, and one of them alone", async () => {
    const { pages, readings } = await allOf(ledger.stock?.all?.({ pageSize: 50 }) ?? none());
    expect(pages.map((page) => page.last)).toEqual(pages.map((_, index) => index === pages.length - 1));
    expect(pages.length).toBeGreaterThan(2);
    expect(readings.map((one) => one.sourceId).sort()).toEqual(world.catalogue.map((one) => one.sku).sort());
    const [variant] = world.catalogue;
    const levels = makeStock(world, [])(variant, NOW);
    const own = levels.filter((level) => level.warehouse.entity === "MODA-EU");
    const quantity = String(own.reduce((sum, level) => sum + level.quantity + level.reserved, 0));
    const level = {
      warehouse: null,
      merchant: null,
      measure: "on-hand",
      withoutStock: null,
      changedAt: null,
    };
    const master = { name: variant.name, gtin: variant.gtin, taxCode: "UST19" };
    const value = {
      itemKey: variant.sku,
      answeredAt: new Date(NOW),
      levels: [{ ...level, quantity }],
      master,
    };
    expect(values(readings).find((one) => one.itemKey === variant.sku)).toEqual(value);
    expect((await ledger.stock?.of(variant.sku))?.result).toEqual({ ok: true, value });
    expect(await ledger.stock?.of("it's none")).toBeNull();
    expect(ledger.capabilities["stock"]).toContain("over all its locations");
  });

  it("reads the tax codes", async () => {
    expect((await ledger.taxCodes()).length).toBeGreaterThan(0);
  });

  it("says what it sees, or that its secret is not accepted, without showing it", async () => {
    expect(await ledger.test()).toMatchObject({ ok: true, problems: [] });
    openBoth(connection(), { token: "", client: "wrong-client-secret" });
    const sight = await ledger.test();
    openBoth(connection());
    expect(sight.ok).toBe(false);
    expect(sight.problems.join(" ")).toContain("401");
    expect(JSON.stringify(sight)).not.toContain("wrong-client-secret");
  });
});
