import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { chargedFor } from "@/lib/sandbox/basket";
import { sandboxConnections } from "@/lib/sandbox/connections";
import { recalculatedCost, unitFigures } from "@/lib/sandbox/cost";
import type { ErpDocument, SandboxOrder, World } from "@/lib/sandbox/model";
import { type Sandbox, type SandboxSettings, startSandbox } from "@/lib/sandbox/server";
import { rememberedHappenings } from "@/lib/sandbox/state";
import { makeWorld } from "@/lib/sandbox/world";

/* What the sandbox's two systems answer to whoever writes, and what goes wrong with it on demand. */

const NOW = Date.parse("2026-11-20T12:00:00Z");
const TOKEN = "sandbox-scayle-token";
const faultless = makeWorld({ seed: 2, orders: 240, anchor: "2026-10", faults: "none" });
const planted = makeWorld({ seed: 2, orders: 400, anchor: "2026-10", faults: "planted" });

const running: Sandbox[] = [];
afterEach(async () => {
  for (const one of running.splice(0)) await one.close();
});

const answerSchema = z.looseObject({});

/** A sandbox, and what is needed to speak to it as its clients do. */
async function open(world: World = faultless, settings: Partial<SandboxSettings> = {}) {
  const sandbox = await startSandbox({ world, now: () => NOW, port: 0, ...settings });
  running.push(sandbox);
  const [europe] = sandboxConnections(sandbox.url);
  if (!europe) throw new Error("The sandbox has no entity.");
  const { businessCentral } = europe;
  const form = { grant_type: "client_credentials", client_id: businessCentral.clientId };
  const granted = await fetch(businessCentral.tokenUrl, {
    method: "POST",
    body: new URLSearchParams({ ...form, client_secret: businessCentral.clientSecret }),
  });
  const { access_token: bearer } = z.object({ access_token: z.string() }).parse(await granted.json());
  const send = async (method: string, url: string, headers: Record<string, string>, body?: unknown) => {
    const response = await fetch(url, {
      method,
      headers: { ...headers, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: answerSchema.parse(text === "" ? {} : JSON.parse(text)) };
  };
  return {
    url: sandbox.url,
    scayle: (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
      send(method, `${europe.scayle.baseUrl}${path}`, { "x-access-token": TOKEN, ...headers }, body),
    central: (method: string, path: string, body?: unknown) =>
      send(
        method,
        `${businessCentral.baseUrl}/companies(${businessCentral.companyId})${path}`,
        { authorization: `Bearer ${bearer}` },
        body,
      ),
    faults: (method: string, body?: unknown) =>
      send(method, `${sandbox.url}/sandbox/faults`, { "x-access-token": TOKEN }, body),
  };
}
type Open = Awaited<ReturnType<typeof open>>;

const orderPath = (order: SandboxOrder) =>
  `/shops/${order.shop.shopKey}/countries/${order.shop.countryCode.toLowerCase()}/orders/${order.id}`;

const soldOrder = (world: World = faultless): SandboxOrder => {
  const found = world.affairs.find(
    ({ order }) =>
      order.entity === "MODA-EU" &&
      order.outlet.channel === null &&
      order.shipments.length === 1 &&
      (order.shipments[0]?.at ?? NOW) < NOW - 86_400_000 &&
      order.credits.length === 0 &&
      order.units.length > 1 &&
      order.units.every((unit) => unit.cancelledAt === null),
  );
  if (!found) throw new Error("The world has no such order.");
  return found.order;
};

const refundOf = (order: SandboxOrder, count = 2) => {
  const items = order.units.slice(0, count).map((unit) => ({
    item_id: unit.id,
    quantity: 1,
    ...Object.fromEntries(Object.entries(unitFigures(unit)).map(([name, amount]) => [name, Number(amount)])),
    gross: Number(chargedFor(unit)),
  }));
  return { amount: items.reduce((sum, item) => sum + item.gross, 0), refund_items: items };
};

const statusesOf = async ({ scayle }: Open, order: SandboxOrder): Promise<string[]> => {
  const { body } = await scayle("GET", orderPath(order));
  const items = z.array(z.object({ status: z.string() })).parse(body["items"]);
  return items.map(({ status }) => status);
};
const notesOf = async ({ scayle }: Open, order: SandboxOrder): Promise<number> => {
  const { body } = await scayle("GET", `${orderPath(order)}/invoices`);
  const entries = z.array(z.object({ type: z.string() })).parse(body["entities"]);
  return entries.filter(({ type }) => type === "corrective_invoice").length;
};

describe("a refund", () => {
  it("takes the items back, writes a corrective invoice, and lowers the order's cost", async () => {
    const sandbox = await open();
    const order = soldOrder();
    expect((await sandbox.scayle("POST", `${orderPath(order)}/refunds`, refundOf(order, 1))).status).toBe(
      201,
    );
    expect((await statusesOf(sandbox, order)).filter((one) => one === "returned")).toHaveLength(1);
    expect(await notesOf(sandbox, order)).toBe(1);
    const { body } = await sandbox.scayle("GET", orderPath(order));
    const { withTax } = z.object({ withTax: z.number() }).parse(body["cost"]);
    const [first] = order.units;
    expect(withTax).toBe(Number(recalculatedCost(order, NOW).gross - (first ? chargedFor(first) : 0n)));
    expect(body["updatedAt"]).toBe("2026-11-20T12:00:00+00:00");
  });

  it.each([
    ["its amount", (refund: ReturnType<typeof refundOf>) => ({ refund_items: refund.refund_items })],
    ["its items", (refund: ReturnType<typeof refundOf>) => ({ amount: refund.amount })],
  ])("without %s is accepted and makes no credit note", async (_, lacking) => {
    const sandbox = await open();
    const order = soldOrder();
    const { status } = await sandbox.scayle("POST", `${orderPath(order)}/refunds`, lacking(refundOf(order)));
    expect(status).toBe(201);
    expect(await statusesOf(sandbox, order)).not.toContain("returned");
    expect(await notesOf(sandbox, order)).toBe(0);
  });

  it("is made once for one key, however often it is asked for", async () => {
    const sandbox = await open();
    const order = soldOrder();
    const ask = (key: string) =>
      sandbox.scayle("POST", `${orderPath(order)}/refunds`, refundOf(order, 1), { "idempotency-key": key });
    expect((await ask("a")).body).toMatchObject({ status: "accepted" });
    expect((await ask("a")).body).toMatchObject({ status: "known" });
    expect(await notesOf(sandbox, order)).toBe(1);
    // Another key is another refund, and the item is gone.
    expect(await ask("b")).toMatchObject({
      status: 409,
      body: { errors: [{ errorKey: "ORDER_ITEM_ALREADY_RETURNED" }] },
    });
  });

  it.each([
    ["an amount that isn't the sum", { amount: 1 }, 400, /is not the sum/],
    ["more than was paid", { amount: 9_999_999, gross: 9_999_999 }, 400, /less than 9999999/],
  ])("of %s is refused", async (_, change, status, words) => {
    const sandbox = await open();
    const order = soldOrder();
    const refund = refundOf(order, 1);
    const items = refund.refund_items.map((item) => ({
      ...item,
      ...("gross" in change && { gross: change.gross }),
    }));
    const answer = await sandbox.scayle("POST", `${orderPath(order)}/refunds`, {
      amount: change.amount,
      refund_items: items,
    });
    expect(answer.status).toBe(status);
    expect(JSON.stringify(answer.body)).toMatch(words);
    expect(await notesOf(sandbox, order)).toBe(0);
  });
});

describe("line values", () => {
  const stale = planted.affairs.find(
    ({ order }) => order.staleCost !== null && order.entity === "MODA-EU",
  )?.order;
  const values = (order: SandboxOrder) => ({
    items: order.units
      .filter((unit) => unit.cancelledAt === null && unit.credit === null)
      .map((unit) => ({
        item_id: unit.id,
        net: Number(unitFigures(unit).net),
        tax: Number(unitFigures(unit).tax),
        gross: Number(unitFigures(unit).gross),
      })),
  });
  const costOf = async ({ scayle }: Open, order: SandboxOrder) => {
    const { body } = await scayle("GET", orderPath(order));
    return z.looseObject({ withTax: z.number(), withoutTax: z.number() }).parse(body["cost"]);
  };

  it("of all live items have SCAYLE reckon its cost anew; of some they change nothing", async () => {
    if (!stale) throw new Error("The world has no cost that is stale.");
    const sandbox = await open(planted);
    const right = recalculatedCost(stale, NOW);
    const before = await costOf(sandbox, stale);
    expect(before.withoutTax).not.toBe(Number(right.net));
    const all = values(stale);
    const path = `${orderPath(stale)}/line-values`;
    expect((await sandbox.scayle("PUT", path, { items: all.items.slice(1) })).status).toBe(200);
    expect(await costOf(sandbox, stale)).toEqual(before);
    expect((await sandbox.scayle("PUT", path, all)).status).toBe(200);
    expect(await costOf(sandbox, stale)).toMatchObject({
      withTax: Number(right.gross),
      withoutTax: Number(right.net),
    });
  });

  it("that are not the items' own are refused", async () => {
    if (!stale) throw new Error("The world has no cost that is stale.");
    const sandbox = await open(planted);
    const items = values(stale).items.map((item) => ({ ...item, gross: item.gross + 1 }));
    const answer = await sandbox.scayle("PUT", `${orderPath(stale)}/line-values`, { items });
    expect(answer).toMatchObject({
      status: 400,
      body: { errors: [{ message: expect.stringMatching(/was sold for/) }] },
    });
  });
});

const invoiceOf = (world: World, fits: (document: ErpDocument) => boolean = () => true): ErpDocument => {
  const found = world.affairs
    .flatMap((affair) => affair.documents)
    .find(
      (one) =>
        one.entity === "MODA-EU" &&
        one.kind === "sale" &&
        one.postedAt !== null &&
        one.postedAt < NOW &&
        one.postingDate >= "2026-08-01" &&
        one.lines.length > 1 &&
        fits(one),
    );
  if (!found) throw new Error("The world has no such invoice.");
  return found;
};

const draftOf = (
  document: ErpDocument,
  change: Record<string, unknown> = {},
  line: Record<string, unknown> = {},
) => ({
  customerNumber: "C-WEB",
  externalDocumentNumber: document.reference,
  postingDate: document.postingDate,
  currencyCode: document.currency,
  ...change,
  salesInvoiceLines: [
    { lineType: "Comment", description: "Tieout a-key" },
    ...document.lines.map((one) => ({
      lineType: one.kind,
      lineObjectNumber: one.number,
      description: one.description,
      quantity: Number(one.quantity),
      unitPrice: Number(one.unitPrice) / 100,
      discountAmount: Number(one.discount) / 100,
      taxCode: one.taxCode,
      ...line,
    })),
  ],
});

const documentSchema = z.looseObject({
  id: z.string(),
  number: z.string(),
  status: z.string(),
  totalAmountIncludingTax: z.number(),
});
const ofReference = async ({ central }: Open, set: string, reference: string) => {
  const filter = encodeURIComponent(`externalDocumentNumber eq '${reference}'`);
  const lines = set === "salesInvoices" ? "salesInvoiceLines" : "salesCreditMemoLines";
  const { body } = await central("GET", `/${set}?$filter=${filter}&$expand=${lines}`);
  return z.array(documentSchema).parse(body["value"]);
};

describe("a draft of Business Central's", () => {
  it("is made, taxed as the rest of the books, shown with its comment, posted under a new number, and listed as changed", async () => {
    const sandbox = await open();
    const invoice = invoiceOf(faultless);
    const made = await sandbox.central("POST", "/salesInvoices", draftOf(invoice));
    expect(made).toMatchObject({ status: 201, body: { status: "Draft" } });
    const id = String(made.body["id"]);
    const shown = await sandbox.central("GET", `/salesInvoices(${id})?$expand=salesInvoiceLines`);
    const gross = invoice.lines.reduce((sum, line) => sum + line.gross, 0n);
    expect(shown.body).toMatchObject({ status: "Draft", totalAmountIncludingTax: Number(gross) / 100 });
    const lines = z
      .array(z.looseObject({ lineType: z.string(), description: z.string() }))
      .parse(shown.body["salesInvoiceLines"]);
    expect(lines[0]).toMatchObject({ lineType: "Comment", description: "Tieout a-key" });
    expect(lines).toHaveLength(invoice.lines.length + 1);
    expect((await sandbox.central("POST", `/salesInvoices(${id})/Microsoft.NAV.Post`)).status).toBe(405);
    expect((await sandbox.central("POST", `/salesInvoices(${id})/Microsoft.NAV.post`)).status).toBe(204);
    const posted = (await ofReference(sandbox, "salesInvoices", invoice.reference)).find(
      (one) => one.id === id,
    );
    expect(posted).toMatchObject({
      number: "PSIW-100001",
      status: "Open",
      lastModifiedDateTime: "2026-11-20T12:00:00.000Z",
    });
    const again = await sandbox.central("POST", `/salesInvoices(${id})/Microsoft.NAV.post`);
    expect(JSON.stringify(again.body)).toContain("The action can be applied to a draft invoice only.");
    expect((await sandbox.central("DELETE", `/salesInvoices(${id})`)).status).toBe(400);
  });

  it("takes one more line, and can be taken away", async () => {
    const sandbox = await open();
    const invoice = invoiceOf(faultless);
    const { body } = await sandbox.central("POST", "/salesInvoices", draftOf(invoice));
    const id = String(body["id"]);
    const line = { lineType: "Account", lineObjectNumber: "8490", quantity: 1, unitPrice: 0.01, taxCode: "" };
    expect((await sandbox.central("POST", `/salesInvoices(${id})/salesInvoiceLines`, line)).status).toBe(201);
    const gross = invoice.lines.reduce((sum, one) => sum + one.gross, 1n);
    const shown = await sandbox.central("GET", `/salesInvoices(${id})`);
    expect(shown.body).toMatchObject({ totalAmountIncludingTax: Number(gross) / 100 });
    expect((await sandbox.central("DELETE", `/salesInvoices(${id})`)).status).toBe(204);
    expect((await sandbox.central("GET", `/salesInvoices(${id})`)).status).toBe(404);
    expect((await sandbox.central("DELETE", `/salesInvoices(${id})`)).status).toBe(404);
  });

  it.each([
    [
      "no customer",
      { customerNumber: "" },
      {},
      /A \\"customerNumber\\" or a \\"customerId\\" must be provided\./,
    ],
    ["another customer", { customerNumber: "C-1" }, {}, /The sell-to customer cannot be found\./],
    ["an unknown currency", { currencyCode: "XXX" }, {}, /does not match to a Currency/],
    ["an unknown item", {}, { lineType: "Item", lineObjectNumber: "NO-SUCH" }, /Item does not exist\./],
    ["an unknown account", {}, { lineType: "Account", lineObjectNumber: "1" }, /Account does not exist\./],
    ["an unknown tax code", {}, { taxCode: "UST99" }, /\(UST99\) that cannot be found in the related table/],
    [
      "a long reference",
      { externalDocumentNumber: "x".repeat(36) },
      {},
      /less than or equal to 35 characters/,
    ],
  ])("with %s is refused", async (_, header, line, words) => {
    const sandbox = await open();
    const answer = await sandbox.central(
      "POST",
      "/salesInvoices",
      draftOf(invoiceOf(faultless), header, line),
    );
    expect(answer.status).toBe(400);
    expect(JSON.stringify(answer.body)).toMatch(words);
  });

  it("is not posted into a period that is closed, by itself or on demand", async () => {
    const sandbox = await open();
    const invoice = invoiceOf(faultless);
    const early = await sandbox.central(
      "POST",
      "/salesInvoices",
      draftOf(invoice, { postingDate: "2026-07-31" }),
    );
    const late = await sandbox.central(
      "POST",
      "/salesInvoices",
      draftOf(invoice, { postingDate: "2026-09-30" }),
    );
    const post = (one: typeof early) =>
      sandbox.central("POST", `/salesInvoices(${String(one.body["id"])})/Microsoft.NAV.post`);
    expect(JSON.stringify((await post(early)).body)).toContain(
      "Posting Date is not within your range of allowed posting dates",
    );
    await sandbox.faults("POST", { booksOpenFrom: "2026-10-01" });
    expect((await post(late)).status).toBe(400);
  });
});

describe("a document that is cancelled in Business Central", () => {
  it("is undone by a credit memo on its own posting date, once", async () => {
    const sandbox = await open();
    const invoice = invoiceOf(faultless, ({ paidAt }) => paidAt === null);
    const cancel = () => sandbox.central("POST", `/salesInvoices(${invoice.id})/Microsoft.NAV.cancel`);
    expect((await cancel()).status).toBe(204);
    expect((await sandbox.central("GET", `/salesInvoices(${invoice.id})`)).body).toMatchObject({
      status: "Canceled",
    });
    const memos = await ofReference(sandbox, "salesCreditMemos", invoice.reference);
    expect(memos.filter(({ status }) => status === "Corrective")).toMatchObject([
      { number: "PSCMW-100001", postingDate: invoice.postingDate, invoiceNumber: invoice.number },
    ]);
    expect(JSON.stringify((await cancel()).body)).toContain("has already been canceled");
  });

  it("must not be paid", async () => {
    const sandbox = await open();
    const invoice = invoiceOf(faultless, ({ paidAt }) => paidAt !== null && paidAt < NOW);
    const answer = await sandbox.central("POST", `/salesInvoices(${invoice.id})/Microsoft.NAV.cancel`);
    expect(answer.status).toBe(400);
    expect(JSON.stringify(answer.body)).toContain("because it is fully paid");
  });
});

describe("what goes wrong on demand", () => {
  const order = soldOrder();
  const refund = (sandbox: Open) => sandbox.scayle("POST", `${orderPath(order)}/refunds`, refundOf(order));
  const invoice = invoiceOf(faultless, ({ paidAt }) => paidAt === null);
  const draft = (sandbox: Open) => sandbox.central("POST", "/salesInvoices", draftOf(invoice));
  const drafts = async (sandbox: Open) =>
    (await ofReference(sandbox, "salesInvoices", invoice.reference)).filter(
      ({ status }) => status === "Draft",
    );

  it.each([
    ["reject", 409, 0],
    ["error-before", 500, 0],
    ["error-after", 500, 1],
    ["ignored", 201, 0],
    ["partial", 201, 1],
  ] as const)("with a refund: %s", async (fault, status, notes) => {
    const sandbox = await open();
    await sandbox.faults("POST", { faults: [{ fault, on: "refund" }] });
    expect((await refund(sandbox)).status).toBe(status);
    expect(await notesOf(sandbox, order)).toBe(notes);
    const back = (await statusesOf(sandbox, order)).filter((one) => one === "returned").length;
    expect(back).toBe(notes === 0 ? 0 : fault === "partial" ? 1 : 2);
    expect((await sandbox.faults("GET")).body).toMatchObject({ faults: [] });
  });

  it.each([
    ["reject", 400, 0],
    ["error-before", 500, 0],
    ["error-after", 500, 1],
    ["ignored", 201, 0],
  ] as const)("with a draft: %s", async (fault, status, count) => {
    const sandbox = await open();
    await sandbox.faults("POST", { faults: [{ fault }] });
    expect((await draft(sandbox)).status).toBe(status);
    expect(await drafts(sandbox)).toHaveLength(count);
  });

  it("loses an answer to what was done", async () => {
    const sandbox = await open();
    await sandbox.faults("POST", { faults: [{ fault: "lost", times: 2 }] });
    await expect(refund(sandbox)).rejects.toThrow();
    await expect(draft(sandbox)).rejects.toThrow();
    expect(await notesOf(sandbox, order)).toBe(1);
    expect(await drafts(sandbox)).toHaveLength(1);
  });

  it("does it later, and lets nobody post twice meanwhile", async () => {
    let now = NOW;
    const sandbox = await open(faultless, { now: () => now });
    await sandbox.faults("POST", { faults: [{ fault: "delay", seconds: 30, times: 2 }] });
    expect((await refund(sandbox)).status).toBe(201);
    const made = await draft(sandbox);
    const id = String(made.body["id"]);
    expect(await notesOf(sandbox, order)).toBe(0);
    expect((await sandbox.central("GET", `/salesInvoices(${id})`)).status).toBe(404);
    now += 30_000;
    expect(await notesOf(sandbox, order)).toBe(1);
    expect(await drafts(sandbox)).toMatchObject([{ id, lastModifiedDateTime: "2026-11-20T12:00:30.000Z" }]);
    await sandbox.faults("POST", { faults: [{ fault: "delay", seconds: 30, on: "post" }] });
    const post = () => sandbox.central("POST", `/salesInvoices(${id})/Microsoft.NAV.post`);
    expect((await post()).status).toBe(204);
    expect(await drafts(sandbox)).toHaveLength(1);
    expect(JSON.stringify((await post()).body)).toContain("being changed by another user");
    now += 30_000;
    expect(await drafts(sandbox)).toHaveLength(0);
    const all = await ofReference(sandbox, "salesInvoices", invoice.reference);
    expect(all.filter(({ number }) => number.startsWith("PSIW"))).toHaveLength(1);
  });

  it("makes a draft that lacks a line, and leaves a draft of a reversal that failed", async () => {
    const sandbox = await open();
    await sandbox.faults("POST", { faults: [{ fault: "partial", times: 2 }] });
    await draft(sandbox);
    const [short] = await drafts(sandbox);
    const gross = invoice.lines.reduce((sum, line) => sum + line.gross, 0n);
    expect(short?.totalAmountIncludingTax).toBeLessThan(Number(gross) / 100);
    const answer = await sandbox.central("POST", `/salesInvoices(${invoice.id})/Microsoft.NAV.cancel`);
    expect(answer.status).toBe(400);
    expect(JSON.stringify(answer.body)).toContain("A credit memo is created but not posted.");
    expect((await sandbox.central("GET", `/salesInvoices(${invoice.id})`)).body["status"]).not.toBe(
      "Canceled",
    );
  });

  it("happens to the orders, the kinds and as often as was asked, and no more once it is struck out", async () => {
    const sandbox = await open();
    await sandbox.faults("POST", {
      faults: [
        { fault: "reject", on: "post", times: 5 },
        { fault: "reject", order: "another", times: 5 },
        { fault: "reject", order: invoice.reference, on: "draft", times: 2 },
      ],
    });
    expect([
      (await draft(sandbox)).status,
      (await draft(sandbox)).status,
      (await draft(sandbox)).status,
    ]).toEqual([400, 400, 201]);
    await sandbox.faults("DELETE");
    expect((await sandbox.faults("GET")).body).toMatchObject({ faults: [] });
  });

  it("hits some of many, the same ones for the same seed", async () => {
    const run = async () => {
      const sandbox = await open(faultless, {
        writeFaults: [{ fault: "reject", on: "draft", times: 1_000, chance: 0.4, seconds: 0 }],
      });
      const statuses: number[] = [];
      for (let count = 0; count < 20; count += 1) statuses.push((await draft(sandbox)).status);
      return statuses;
    };
    const first = await run();
    expect(new Set(first)).toEqual(new Set([201, 400]));
    expect(await run()).toEqual(first);
  });

  it("is arranged by whoever has the token, in words that are known", async () => {
    const { url, faults } = await open();
    const strange = await fetch(`${url}/sandbox/faults`, { method: "POST", body: "{}" });
    expect(strange.status).toBe(401);
    expect((await faults("POST", { faults: [{ fault: "explode" }] })).status).toBe(400);
    expect((await faults("PUT", {})).status).toBe(405);
  });
});

describe("a sandbox that is started again", () => {
  it("has everything that was written, as it was, what was still to come included", async () => {
    const folder = mkdtempSync(join(tmpdir(), "tieout-sandbox-"));
    try {
      let now = NOW;
      const start = () => {
        const { happened, keep } = rememberedHappenings(join(folder, "sandbox-state.json"));
        return open(planted, { now: () => now, happened, onHappened: keep });
      };
      const order = soldOrder(planted);
      const invoice = invoiceOf(planted, ({ paidAt }) => paidAt === null);
      const first = await start();
      await first.scayle("POST", `${orderPath(order)}/refunds`, refundOf(order, 1), {
        "idempotency-key": "k",
      });
      const { body } = await first.central("POST", "/salesInvoices", draftOf(invoice));
      await first.central("POST", `/salesInvoices(${String(body["id"])})/Microsoft.NAV.post`);
      const gone = await first.central("POST", "/salesInvoices", draftOf(invoice));
      await first.central("DELETE", `/salesInvoices(${String(gone.body["id"])})`);
      await first.faults("POST", { faults: [{ fault: "delay", seconds: 60 }] });
      await first.central("POST", `/salesInvoices(${invoice.id})/Microsoft.NAV.cancel`);
      const picture = async (sandbox: Open) => [
        (await sandbox.scayle("GET", orderPath(order))).body,
        (await sandbox.scayle("GET", `${orderPath(order)}/invoices`)).body,
        await ofReference(sandbox, "salesInvoices", invoice.reference),
        await ofReference(sandbox, "salesCreditMemos", invoice.reference),
      ];
      const before = await picture(first);
      const second = await start();
      expect(await picture(second)).toEqual(before);
      const again = await second.scayle("POST", `${orderPath(order)}/refunds`, refundOf(order, 1), {
        "idempotency-key": "k",
      });
      expect(again.body).toMatchObject({ status: "known" });
      now += 60_000;
      const memos = await ofReference(second, "salesCreditMemos", invoice.reference);
      expect(memos.filter(({ status }) => status === "Corrective")).toHaveLength(1);
      const next = await second.central("POST", "/salesInvoices", draftOf(invoice));
      const id = String(next.body["id"]);
      await second.central("POST", `/salesInvoices(${id})/Microsoft.NAV.post`);
      const posted = await second.central("GET", `/salesInvoices(${id})`);
      // The series goes on where it was, without a gap.
      expect(posted.body["number"]).toBe("PSIW-100002");
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

describe("what was written", () => {
  it("is told to those who subscribed, after the answer", async () => {
    const told: string[] = [];
    const sandbox = await open(faultless, {
      post: async (_, __, body) => {
        told.push(z.looseObject({ type: z.string() }).parse(JSON.parse(body)).type);
        return { status: 200 };
      },
    });
    const subscription = { eventName: "order-corrective-invoiced", url: "http://127.0.0.1:9/hook" };
    await sandbox.scayle("POST", "/webhooks/producers/sandbox/subscriptions", subscription);
    const order = soldOrder();
    await sandbox.scayle("POST", `${orderPath(order)}/refunds`, refundOf(order, 1));
    await expect.poll(() => new Set(told)).toEqual(new Set(["order-corrective-invoiced"]));
  });
});

describe("what is asked to happen to the world's own orders", () => {
  const wish = async (url: string, body: object) => {
    const answer = await fetch(`${url}/sandbox/happenings`, {
      method: "POST",
      headers: { "x-access-token": TOKEN, "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    return { status: answer.status, body: answerSchema.parse(await answer.json()) };
  };

  it("puts a payload right that nobody could read, and lists the order as changed", async () => {
    const broken = planted.affairs.find(({ order }) => order.broken && order.createdAt < NOW)?.order;
    if (!broken) throw new Error("The world has no broken payload.");
    const sandbox = await open(planted);
    const path = `/shops/${broken.shop.shopKey}/countries/${broken.shop.countryCode}/orders/${broken.id}`;
    const before = await sandbox.scayle("GET", path);
    expect(JSON.stringify(before.body)).toContain("12.9x");
    expect(await wish(sandbox.url, { what: "mend", order: broken.reference })).toMatchObject({
      status: 200,
      body: { happened: 1, orders: [broken.reference] },
    });
    const after = await sandbox.scayle("GET", path);
    expect(JSON.stringify(after.body)).not.toContain("12.9x");
    expect(after.body["updatedAt"]).not.toBe(before.body["updatedAt"]);
    expect((await wish(sandbox.url, { what: "mend", order: broken.reference })).status).toBe(404);
  });

  it("posts an order's invoice again on the same day of the books", async () => {
    const invoice = invoiceOf(faultless);
    const sandbox = await open();
    expect((await wish(sandbox.url, { what: "post-again", order: invoice.reference })).body["happened"]).toBe(
      1,
    );
    const numbers = (await ofReference(sandbox, "salesInvoices", invoice.reference)).map((one) => one.number);
    expect(numbers.filter((number) => number.endsWith("-2"))).toHaveLength(1);
    expect((await wish(sandbox.url, { what: "post-again", order: invoice.reference })).status).toBe(409);
    expect((await wish(sandbox.url, { what: "post-again" })).status).toBe(404);
  });
});
