import { describe, expect, it } from "vitest";
import { Refusal } from "@/lib/domain/faults";
import { draftBody } from "./business-central/draft";
import { businessCentralSettings } from "./business-central/settings";
import { type HttpFault, httpRefusal } from "./fault";
import { createHttpClient } from "./http";
import { scayleConnector, trytonConnector } from "./registry";
import { draftInvoice } from "./tryton/draft";
import { afterTaking, type DraftDocument, type DraftLine, isRejected, type StoreWrite } from "./write";

const fault = (change: Partial<HttpFault>) =>
  httpRefusal({
    ...{
      kind: "status",
      status: null,
      address: "https://x",
      sourceKey: null,
      sourceMessage: null,
      attempts: 1,
    },
    ...change,
  });

describe("an error of a write", () => {
  it.each([
    ["400", fault({ status: 400 }), true],
    ["409", fault({ status: 409 }), true],
    ["403", fault({ status: 403 }), true],
    ["a refusal in an answer of its own", fault({ kind: "refused" }), true],
    ["what can't be told", new Refusal("invalid", "no account"), true],
    ["408", fault({ status: 408 }), false],
    ["429", fault({ status: 429 }), false],
    ["500", fault({ status: 500 }), false],
    ["503", fault({ status: 503 }), false],
    ["no answer", fault({ kind: "network" }), false],
    ["no answer in time", fault({ kind: "timeout" }), false],
    ["an answer that isn't understood", fault({ kind: "unexpected" }), false],
    ["what isn't there", new Refusal("not-found", "no order"), false],
    ["a mistake of ours", new TypeError("x"), false],
  ])("means that nothing is there, or nobody knows: %s", (_, error, rejected) => {
    expect(isRejected(error)).toBe(rejected);
  });

  it("of the reading after it never counts as its refusal", async () => {
    const reading = (error: unknown) =>
      afterTaking("https://x/orders/1", () => Promise.reject(error)).catch((reason: unknown) => reason);
    expect(isRejected(await reading(fault({ status: 404 })))).toBe(false);
    expect(String(await reading(fault({ status: 403 })))).toMatch(
      /It took the request, and could not be read after it/,
    );
    expect(await reading(new TypeError("x"))).toBeInstanceOf(TypeError);
  });
});

type Told = Readonly<{
  item?: Record<string, unknown>;
  notes?: readonly string[];
  cost?: Record<string, unknown>;
}>;

/** A writer of a SCAYLE that shows one order so. */
function scayleWith(write: Record<string, unknown> | undefined, told: Told = {}) {
  const order = {
    id: 7,
    currencyCode: "EUR",
    items: [1, 2].map((id) => ({
      ...{ id, status: "delivered", price: { withTax: 1000 }, variant: { referenceKey: "SKU" } },
      ...(id === 1 && told.item),
    })),
    cost: told.cost ?? {},
  };
  const invoices = (told.notes ?? []).map((type, index) => ({
    id: index + 1,
    type,
    invoice: { fullNumber: `CN-${index + 1}` },
  }));
  const http = createHttpClient({
    fetch: async (input) =>
      Response.json(String(input).includes("/invoices") ? { entities: invoices } : order),
    now: () => new Date(),
    sleep: async () => undefined,
    random: () => 0,
  });
  const settings = scayleConnector.settings.parse({
    ...{ baseUrl: "https://acme.example/api/admin/v1", shops: ["ms/de"] },
    ...(write && { write }),
  });
  const source = scayleConnector.open(
    settings,
    { accessToken: "t" },
    { http, signal: new AbortController().signal },
  );
  if (!source.write) throw new Error("It has no writer.");
  return { writer: source.write, capabilities: source.capabilities };
}

const refund: Extract<StoreWrite, { kind: "refund" }> = {
  ...{ kind: "refund", shop: "ms/de", orderId: "7", currency: "EUR", amount: 1000n, reason: "Return" },
  items: [{ itemId: "1", quantity: 1, net: 840n, tax: 160n, gross: 1000n }],
};
const paths = {
  refundPath: "/x/{shopKey}/{countryCode}/{orderId}/refund",
  lineValuesPath: "/x/{orderId}/values",
};

describe("a SCAYLE tenant", () => {
  it("says what it lacks where it names no call of its own, and refuses to be asked", () => {
    const { writer, capabilities } = scayleWith(undefined);
    expect(writer.lacks("refund")).toMatch(/no call for a refund.*Make the refund in SCAYLE/);
    expect(writer.lacks("line-values")).toMatch(/no call that updates the values/);
    expect(capabilities).toMatchObject({ refund: false, updateLineValues: false });
    expect(() => writer.requests(refund, "k")).toThrow(Refusal);
    const some = scayleWith({ refundPath: paths.refundPath });
    expect([some.writer.lacks("refund"), some.writer.lacks("line-values")]).toEqual([
      null,
      expect.any(String),
    ]);
    expect(some.capabilities).toMatchObject({ refund: true, updateLineValues: false });
  });

  it("is told a refund with its amount, its items and our key", () => {
    const [request] = scayleWith(paths).writer.requests({ ...refund, returnedOn: "2026-10-12" }, "key-1");
    expect(request).toMatchObject({
      method: "POST",
      path: "/x/ms/de/7/refund",
      body: {
        amount: 1000,
        currency: "EUR",
        refund_items: [{ item_id: 1, quantity: 1, net: 840, tax: 160, gross: 1000 }],
        reason: "Return",
        received: "2026-10-12",
        reference: "key-1",
      },
    });
  });

  it("is told of goods and of its reference by the calls of its SDKs, where it may be", () => {
    const about = { shop: "ms/de", orderId: "7" };
    const itemIds = ["1", "2"];
    const { writer } = scayleWith({ fulfilment: true });
    const sent = (told: StoreWrite) => writer.requests(told, "k").map(({ does: _, ...request }) => request);
    expect(sent({ kind: "shipment", ...about, itemIds, carrier: "dhl", shipmentKey: "JD1" })).toEqual([
      {
        method: "POST",
        path: "/fulfillment/shipments",
        body: {
          ...{ shopKey: "ms", countryCode: "de", orderId: 7, carrier: "dhl", shipmentKey: "JD1" },
          items: [
            { orderItemId: 1, returnKey: "1" },
            { orderItemId: 2, returnKey: "2" },
          ],
        },
      },
    ]);
    expect(sent({ kind: "cancellation", ...about, itemIds })).toMatchObject([
      { path: "/fulfillment/cancellations", body: { items: [{ orderItemId: 1 }, { orderItemId: 2 }] } },
    ]);
    expect(sent({ kind: "return", ...about, itemIds: ["1"], returnedOn: "2026-10-12" })).toMatchObject([
      { path: "/fulfillment/return-items", body: [{ returnKey: "1", received: "2026-10-12 12:00:00" }] },
    ]);
    expect(sent({ kind: "reference-key", ...about, referenceKey: "SO-1" })).toMatchObject([
      {
        method: "PUT",
        path: "/shops/ms/countries/de/orders/7/reference-key",
        body: { referenceKey: "SO-1" },
      },
    ]);
    const silent = scayleWith(paths).writer;
    expect(silent.lacks("shipment")).toMatch(/may not tell SCAYLE of shipments/);
    expect(() => silent.requests({ kind: "cancellation", ...about, itemIds }, "k")).toThrow(Refusal);
  });

  it.each([
    ["an amount that isn't the sum", { amount: 999n }],
    ["no items", { items: [], amount: 0n }],
    [
      "more digits than a number holds",
      {
        amount: 10n ** 16n,
        items: [
          { ...refund.items[0], itemId: "1", quantity: 1, net: 10n ** 16n, tax: 0n, gross: 10n ** 16n },
        ],
      },
    ],
  ])("can't be told a refund of %s", (_, change) => {
    expect(() => scayleWith(paths).writer.requests({ ...refund, ...change }, "k")).toThrow(Refusal);
  });

  it.each([
    ["nothing", {}, { state: "none" }],
    ["a credit note of other items", { notes: ["corrective_invoice"] }, { state: "none" }],
    [
      "the item back, and no credit note yet",
      { item: { status: "returned" } },
      { state: "begun", id: "7", figures: null },
    ],
    [
      "the item back, and a charge only",
      { item: { status: "returned" }, notes: ["invoice", "return_cost_corrective_invoice"] },
      { state: "begun", id: "7", figures: null },
    ],
    [
      "the item back with a credit note",
      {
        item: { returnedAt: "2026-10-12T10:00:00+00:00" },
        notes: ["invoice", "merchant_corrective_invoice"],
      },
      { state: "done", id: "2", number: "CN-2" },
    ],
  ])("shows what it has of a refund: %s", async (_, told, trace) => {
    expect(await scayleWith(paths, told).writer.look(refund, "k")).toEqual(trace);
  });

  it("has taken line values when its total is the one that was told", async () => {
    const write: StoreWrite = {
      ...{ kind: "line-values", shop: "ms/de", orderId: "7", currency: "EUR", items: [] },
      total: { net: 840n, tax: 160n, gross: 1000n },
    };
    const old = { withTax: 1000, withoutTax: 839 };
    expect(await scayleWith(paths, { cost: old }).writer.look(write, "k")).toEqual({ state: "none" });
    const right = { withTax: 1000, withoutTax: 840 };
    expect(await scayleWith(paths, { cost: right }).writer.look(write, "k")).toMatchObject({ state: "done" });
  });
});

const shirt: DraftLine = {
  ...{
    kind: "item",
    number: "TEE",
    description: "T-shirt",
    quantity: "3",
    taxCode: "VAT19",
    taxRate: "0.19",
  },
  ...{ net: 841n, tax: 159n, gross: 1000n },
};
const document = (lines: readonly DraftLine[], change: Partial<DraftDocument> = {}): DraftDocument => ({
  ...{
    kind: "sale",
    reference: "DE-1",
    currency: "EUR",
    postingDay: "2026-10-12",
    shipTo: null,
    corrects: null,
  },
  lines,
  ...change,
});

describe("a draft of Business Central's", () => {
  const settings = (write: Record<string, unknown> = {}) => {
    const parsed = businessCentralSettings.parse({
      ...{ baseUrl: "https://bc.example", tokenUrl: "https://bc.example/t", clientId: "c", companyId: "1" },
      write: { customerNumber: "C-1", ...write },
    });
    if (!parsed.write) throw new Error("It has no settings for writing.");
    return parsed.write;
  };
  const lineOf = (line: DraftLine, write: Record<string, unknown> = {}) => {
    const body = draftBody(document([line]), "k", settings(write)) as { salesInvoiceLines: unknown[] };
    return body.salesInvoiceLines[1];
  };

  it("comes to the gross exactly, by a discount where it doesn't divide by the quantity", () => {
    expect(lineOf(shirt)).toMatchObject({ quantity: 3, unitPrice: 3.34, discountAmount: 0.02 });
    expect(lineOf({ ...shirt, quantity: "2" })).toMatchObject({ quantity: 2, unitPrice: 5 });
    expect(lineOf({ ...shirt, quantity: "2" })).not.toHaveProperty("discountAmount");
    expect(lineOf(shirt, { pricesIncludeTax: false })).toMatchObject({
      unitPrice: 2.81,
      discountAmount: 0.02,
    });
  });

  it("has cents that nobody owes on the account that is named for them, up or down", () => {
    const cent: DraftLine = {
      ...shirt,
      kind: "rounding",
      number: "",
      quantity: "1",
      net: -1n,
      tax: 0n,
      gross: -1n,
    };
    expect(lineOf(cent, { accounts: { rounding: "8490" } })).toMatchObject({
      ...{ lineType: "Account", lineObjectNumber: "8490", quantity: -1, unitPrice: 0.01 },
    });
    expect(() => lineOf(cent)).toThrow(/No account is named for rounding/);
  });

  it("is found again by its first line, and names what it corrects", () => {
    const body = draftBody(
      document([shirt], { kind: "credit", corrects: { sourceId: "x", number: "PSI-1" } }),
      "key-1",
      settings(),
    );
    expect(body).toMatchObject({
      ...{
        customerNumber: "C-1",
        externalDocumentNumber: "DE-1",
        postingDate: "2026-10-12",
        invoiceNumber: "PSI-1",
      },
      salesCreditMemoLines: [
        { lineType: "Comment", description: "Tieout key-1" },
        { lineObjectNumber: "TEE" },
      ],
    });
  });

  it.each([
    [
      "a reference that is too long to be kept",
      document([shirt], { reference: "x".repeat(36) }),
      /35 characters/,
    ],
    ["no lines", document([]), /without lines/],
    ["an item without a number", document([{ ...shirt, number: "" }]), /names no item/],
    ["a quantity of nothing", document([{ ...shirt, quantity: "0" }]), /above nothing/],
  ])("can't be told %s", (_, given, words) => {
    expect(() => draftBody(given, "k", settings())).toThrow(words);
  });
});

describe("a draft of Tryton's", () => {
  const settings = { partyCode: "2", accounts: {}, settlesSeconds: 60 };
  const priceOf = (line: DraftLine) => {
    const { lines } = draftInvoice(document([line]), "k", settings) as {
      lines: [[string, [{ unit_price: { decimal: string } }]]];
    };
    return lines[0][1][0].unit_price.decimal;
  };

  it("has the price without tax from which both net and gross come, else the one from which the net comes", () => {
    // Of 10.00 with 19 %: 3 × 2.8011 is 8.40, so the net that is asked for decides.
    expect(priceOf(shirt)).toBe("2.8033");
    expect(priceOf({ ...shirt, quantity: "1", net: 1681n, tax: 319n, gross: 2000n })).toBe("16.8067");
  });

  it("can't be told a net that no price comes to", () => {
    expect(() => priceOf({ ...shirt, quantity: "1000", net: 8410001n, gross: 10_000_000n })).toThrow(Refusal);
  });

  it("lacks a party until one is named", () => {
    const http = createHttpClient({
      fetch,
      now: () => new Date(),
      sleep: async () => undefined,
      random: () => 0,
    });
    const parsed = trytonConnector.settings.parse({
      baseUrl: "https://erp.example",
      database: "erp",
      user: "u",
    });
    const source = trytonConnector.open(
      parsed,
      { password: "p" },
      { http, signal: new AbortController().signal },
    );
    expect(source.write?.lacks("post-document")).toMatch(/which party sales are posted to/);
    expect(source.capabilities["write"]).toBe(false);
  });
});
