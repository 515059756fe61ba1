import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { type SandboxConnection, sandboxConnections } from "@/lib/sandbox/connections";
import { type Sandbox, startSandbox } from "@/lib/sandbox/server";
import { makeWorld } from "@/lib/sandbox/world";

const world = makeWorld({ seed: 1, orders: 600, anchor: "2026-10", faults: "planted" });
const NOW = Date.parse("2026-11-05T12:00:00Z");
let clock = NOW;
let sandbox: Sandbox;
let europe: SandboxConnection;
let bearer: string;

const listSchema = z.object({
  entities: z.array(z.looseObject({ id: z.number(), referenceKey: z.string(), updatedAt: z.string() })),
  cursor: z.object({ next: z.string().nullable() }),
});
const setSchema = z.looseObject({
  value: z.array(z.looseObject({ id: z.string(), number: z.string() })),
  "@odata.nextLink": z.string().optional(),
});

async function tokenOf(url: string): Promise<string> {
  const [connection] = sandboxConnections(url);
  const form = {
    grant_type: "client_credentials",
    client_id: "tieout-sandbox",
    client_secret: "sandbox-bc-secret",
  };
  const response = await fetch(connection?.businessCentral.tokenUrl ?? "", {
    method: "POST",
    body: new URLSearchParams(form),
  });
  const schema = z.object({
    access_token: z.string(),
    expires_in: z.number(),
    token_type: z.literal("Bearer"),
  });
  return schema.parse(await response.json()).access_token;
}

beforeAll(async () => {
  sandbox = await startSandbox({ world, now: () => clock, port: 0, scayleLimit: 100_000 });
  const [first] = sandboxConnections(sandbox.url);
  if (!first) throw new Error("The sandbox has no entity.");
  europe = first;
  bearer = await tokenOf(sandbox.url);
});
afterAll(() => sandbox.close());

const scayle = (path: string, token = europe.scayle.accessToken) =>
  fetch(`${europe.scayle.baseUrl}${path}`, { headers: { "X-Access-Token": token } });
const company = () => `${europe.businessCentral.baseUrl}/companies(${europe.businessCentral.companyId})`;
const central = (url: string, headers: Record<string, string> = {}) =>
  fetch(url, { headers: { Authorization: `Bearer ${bearer}`, ...headers } });

async function allOrders(query = ""): Promise<z.infer<typeof listSchema>["entities"]> {
  const orders: z.infer<typeof listSchema>["entities"] = [];
  let cursor = "";
  do {
    const page = await scayle(`/shops/ms/countries/de/orders?limit=37${query}${cursor}`);
    const { entities, cursor: place } = listSchema.parse(await page.json());
    orders.push(...entities);
    cursor = place.next === null ? "" : `&cursor=${place.next}`;
  } while (cursor);
  return orders;
}

async function allDocuments(set: string, query: string): Promise<z.infer<typeof setSchema>["value"]> {
  const documents: z.infer<typeof setSchema>["value"] = [];
  let url: string | undefined = `${company()}/${set}?${query}`;
  while (url) {
    const response = await central(url, { Prefer: "odata.maxpagesize=23" });
    const page: z.infer<typeof setSchema> = setSchema.parse(await response.json());
    expect(page.value.length).toBeLessThanOrEqual(23);
    documents.push(...page.value);
    url = page["@odata.nextLink"];
  }
  return documents;
}

describe("the sandbox's SCAYLE", () => {
  it("lists each order of the shop once, oldest change first, when paged to the end", async () => {
    const ids = (await allOrders()).map((order) => order.id);
    const expected = world.affairs
      .map((affair) => affair.order)
      .filter((order) => order.shop.countryCode === "DE" && order.createdAt <= NOW)
      .map((order) => order.id);
    expect([...ids].sort((one, other) => one - other)).toEqual(expected);
    const times = (await allOrders()).map((order) => order.updatedAt);
    expect(times).toEqual([...times].sort());
  });

  it("filters by last change and by id", async () => {
    const since = "2026-10-20T00:00:00+00:00";
    const recent = await allOrders(`&filters[minUpdatedAt]=${encodeURIComponent(since)}`);
    const all = await allOrders();
    expect(recent).toEqual(all.filter((order) => order.updatedAt >= since));
    const [first, second] = all;
    const two = await allOrders(`&filters[id]=${first?.id},${second?.id}`);
    expect(two).toEqual([first, second]);
  });

  it("shows one order by id or reference, its status, and its invoices", async () => {
    const [order] = await allOrders();
    const path = "/shops/ms/countries/de/orders";
    const byKey = await scayle(`${path}/${encodeURIComponent(`key=${order?.referenceKey}`)}`);
    expect(await byKey.json()).toEqual(order);
    expect(await (await scayle(`${path}/${order?.id}`)).json()).toEqual(order);
    expect(await (await scayle(`${path}/${order?.id}/status`)).json()).toEqual({
      status: order?.["status"],
      detailedStatus: order?.["detailedStatus"],
    });
    const invoices = await scayle(`${path}/${order?.id}/invoices`);
    expect(invoices.status).toBe(200);
  });

  it("writes a corrective invoice for a return, and none for a credit that only the ERP made", async () => {
    const typesOf = async (id: string | number) => {
      const response = await scayle(`/shops/ms/countries/de/orders/${id}/invoices`);
      const schema = z.object({ entities: z.array(z.object({ type: z.string() })) });
      return schema.parse(await response.json()).entities.map((entry) => entry.type);
    };
    const returned = world.affairs.find(
      ({ order }) =>
        order.credits[0] && order.credits[0].at < NOW - 3_600_000 && order.outlet.channel === null,
    );
    expect(await typesOf(returned?.order.id ?? 0)).toContain("corrective_invoice");
    const failed = world.planted.find((fault) => fault.cause === "credit-note-failed");
    expect(await typesOf(failed?.orderId ?? 0)).toEqual(["invoice"]);
  });

  it("names the channels and which of them get no invoices", async () => {
    const response = await scayle("/companies/1/channels");
    const schema = z.object({
      entities: z.array(
        z.object({ key: z.string(), type: z.string(), configs: z.object({ invoicesEnabled: z.boolean() }) }),
      ),
    });
    expect(schema.parse(await response.json()).entities).toEqual([
      { key: "marketplace_zalando_de", type: "marketplace", configs: { invoicesEnabled: false } },
      { key: "store_berlin", type: "in_store", configs: { invoicesEnabled: true } },
    ]);
  });

  it.each([
    ["/shops/ms/countries/de/orders", "wrong-token", 401, "UNAUTHORIZED"],
    ["/shops/xx/countries/de/orders", undefined, 404, "NOT_FOUND"],
    ["/shops/ms/countries/de/orders/1", undefined, 404, "NOT_FOUND"],
    ["/shops/ms/countries/de/orders?limit=101", undefined, 400, "INVALID_REQUEST"],
    ["/shops/ms/countries/de/orders?cursor=nonsense", undefined, 400, "INVALID_REQUEST"],
    ["/shops/ms/countries/de/orders?filters[colour]=red", undefined, 400, "INVALID_REQUEST"],
    ["/nothing", undefined, 404, "NOT_FOUND"],
  ])("refuses %s in SCAYLE's own shape", async (path, token, status, errorKey) => {
    const response = await scayle(path, token);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ errors: [{ errorKey, context: {} }] });
  });

  it("breaks the contract of exactly the orders whose records fail", async () => {
    const schema = z.object({ items: z.array(z.object({ price: z.object({ withTax: z.int() }) })) });
    const unreadable = (await allOrders()).filter((order) => !schema.safeParse(order).success);
    const expected = world.planted.filter(
      (one) => one.cause === "record-failed" && !one.orderReference.startsWith("GB"),
    );
    expect(unreadable.map((order) => order.referenceKey).sort()).toEqual(
      expected
        .map((one) => one.orderReference)
        .filter((reference) => !reference.startsWith("AT"))
        .sort(),
    );
  });

  it("moves on with its clock: what has not happened is not shown", async () => {
    clock = Date.parse("2026-08-02T00:00:00Z");
    const early = await allOrders();
    clock = NOW;
    expect(early.length).toBeLessThan(30);
    expect(early.every((order) => order.updatedAt <= "2026-08-02T00:00:00+00:00")).toBe(true);
    expect((await scayle("/companies/1/channels")).headers.get("date")).toBe("Thu, 05 Nov 2026 12:00:00 GMT");
  });
});

describe("the sandbox's Business Central", () => {
  it("grants a token for the right client only, and serves nothing without one", async () => {
    const form = { grant_type: "client_credentials", client_id: "tieout-sandbox", client_secret: "wrong" };
    const refused = await fetch(europe.businessCentral.tokenUrl, {
      method: "POST",
      body: new URLSearchParams(form),
    });
    expect(refused.status).toBe(401);
    const without = await fetch(`${europe.businessCentral.baseUrl}/companies`);
    expect(without.status).toBe(401);
    expect(await without.json()).toMatchObject({ error: { code: "Authentication_InvalidCredentials" } });
  });

  it("pages through all invoices by nextLink, each once, and leaves drafts out where the filter says so", async () => {
    const all = await allDocuments("salesInvoices", "$expand=salesInvoiceLines");
    const posted = await allDocuments("salesInvoices", "$filter=status ne 'Draft'");
    const expected = world.affairs
      .flatMap((affair) => affair.documents)
      .filter((one) => one.entity === "MODA-EU" && one.kind === "sale" && (one.postedAt ?? Infinity) <= NOW);
    expect(new Set(all.map((one) => one.id)).size).toBe(all.length);
    expect(posted.map((one) => one.id).sort()).toEqual(expected.map((one) => one.id).sort());
    expect(all.length).toBeGreaterThan(posted.length);
    expect(all.every((one) => Array.isArray(one["salesInvoiceLines"]))).toBe(true);
  });

  it("filters by last change, reference, number and id", async () => {
    const since = "2026-10-20T00:00:00Z";
    const recent = await allDocuments("salesCreditMemos", `$filter=lastModifiedDateTime gt ${since}`);
    const all = await allDocuments("salesCreditMemos", "");
    const changed = (one: (typeof all)[number]) => Date.parse(String(one["lastModifiedDateTime"]));
    expect(recent).toEqual(all.filter((one) => changed(one) > Date.parse(since)));
    const [memo] = all;
    for (const filter of [
      `number eq '${memo?.number}'`,
      `id eq ${memo?.id}`,
      `externalDocumentNumber eq '${memo?.["externalDocumentNumber"]}' and status ne 'Draft'`,
    ]) {
      expect(await allDocuments("salesCreditMemos", `$filter=${encodeURIComponent(filter)}`)).toContainEqual(
        memo,
      );
    }
  });

  it("shows credit memos positive, with the invoice they belong to, and totals that foot", async () => {
    const lineSchema = z.looseObject({
      netAmount: z.number(),
      netTaxAmount: z.number(),
      netAmountIncludingTax: z.number(),
    });
    const schema = z.looseObject({
      invoiceNumber: z.string(),
      totalAmountIncludingTax: z.number().positive(),
      salesCreditMemoLines: z.array(lineSchema),
    });
    const cents = (amount: number) => Math.round(amount * 100);
    const invoices = new Set((await allDocuments("salesInvoices", "")).map((one) => one.number));
    for (const memo of await allDocuments("salesCreditMemos", "$expand=salesCreditMemoLines")) {
      const { invoiceNumber, totalAmountIncludingTax, salesCreditMemoLines } = schema.parse(memo);
      expect(invoices.has(invoiceNumber)).toBe(true);
      const gross = salesCreditMemoLines.reduce((sum, line) => sum + cents(line.netAmountIncludingTax), 0);
      const parts = salesCreditMemoLines.reduce(
        (sum, line) => sum + cents(line.netAmount) + cents(line.netTaxAmount),
        0,
      );
      expect([gross, parts]).toEqual([cents(totalAmountIncludingTax), cents(totalAmountIncludingTax)]);
    }
  });

  it("serves one document with its lines, the items and the tax groups", async () => {
    const [invoice] = await allDocuments("salesInvoices", "$expand=salesInvoiceLines");
    const one = await central(`${company()}/salesInvoices(${invoice?.id})?$expand=salesInvoiceLines`);
    expect(await one.json()).toEqual(invoice);
    const items = await allDocuments("items", "$filter=number eq 'MD-1001-S'");
    expect(items).toHaveLength(1);
    const groups = await central(`${company()}/taxGroups`);
    const codes = z.object({ value: z.array(z.object({ code: z.string() })) }).parse(await groups.json());
    expect(codes.value.map((group) => group.code)).toEqual([
      "UST19",
      "UST7",
      "UST-MIX",
      "AT20",
      "AT10",
      "AT-MIX",
    ]);
  });

  it.each([
    ["/salesInvoiceLines", 400, "Application_DialogException"],
    ["/salesInvoices?$filter=colour eq 'red'", 400, "BadRequest"],
    ["/salesInvoices?$filter=number gibberish", 400, "BadRequest"],
    ["/salesInvoices(40587f6c-0000-4f50-87e8-454a575e94c9)", 404, "BadRequest_NotFound"],
    ["/customers", 404, "BadRequest_NotFound"],
  ])("refuses %s in Business Central's own shape", async (path, status, code) => {
    const response = await central(`${company()}${path}`);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({
      error: { code, message: expect.stringContaining("CorrelationId") },
    });
  });
});

describe("the sandbox's limits", () => {
  it("answers 429 beyond SCAYLE's allowance, says when to come back, and serves again after it", async () => {
    let elapsed = 0;
    const strict = await startSandbox({
      world,
      now: () => NOW,
      port: 0,
      scayleLimit: 2,
      wallClock: () => elapsed,
    });
    const ask = () =>
      fetch(`${strict.url}/scayle/api/admin/v1/shops/ms/countries/de/orders/1/invoices`, {
        headers: { "X-Access-Token": europe.scayle.accessToken },
      });
    const answers = [await ask(), await ask(), await ask()];
    expect(answers.map((one) => one.status)).toEqual([404, 404, 429]);
    expect(answers.map((one) => one.headers.get("x-ratelimit-remaining"))).toEqual(["1", "0", "0"]);
    expect(answers[2]?.headers.get("x-ratelimit-reset")).toBe("60");
    expect(await answers[2]?.json()).toMatchObject({ errors: [{ errorKey: "RATE_LIMIT_EXCEED" }] });
    elapsed = 60_000;
    expect((await ask()).status).toBe(404);
    await strict.close();
  });

  it("answers 429 without Retry-After beyond Business Central's allowance", async () => {
    const strict = await startSandbox({ world, now: () => NOW, port: 0, businessCentralLimit: 1 });
    const headers = { Authorization: `Bearer ${await tokenOf(strict.url)}` };
    const [connection] = sandboxConnections(strict.url);
    const ask = () => fetch(`${connection?.businessCentral.baseUrl}/companies`, { headers });
    expect((await ask()).status).toBe(200);
    const refused = await ask();
    expect(refused.status).toBe(429);
    expect(refused.headers.get("retry-after")).toBeNull();
    expect(await refused.json()).toMatchObject({ error: { code: "Application_TooManyRequests" } });
    await strict.close();
  });

  it("lets tokens run out", async () => {
    let elapsed = 1_000;
    const strict = await startSandbox({ world, now: () => NOW, port: 0, wallClock: () => elapsed });
    const headers = { Authorization: `Bearer ${await tokenOf(strict.url)}` };
    const [connection] = sandboxConnections(strict.url);
    const ask = () => fetch(`${connection?.businessCentral.baseUrl}/companies`, { headers });
    expect((await ask()).status).toBe(200);
    elapsed += 3_600_000;
    expect((await ask()).status).toBe(401);
    await strict.close();
  });
});
