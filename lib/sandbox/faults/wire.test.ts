import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { BC_CLIENT_ID, BC_CLIENT_SECRET, sandboxConnections } from "@/lib/sandbox/connections";
import type { FaultName, World } from "@/lib/sandbox/model";
import { ENTITIES, SHIPPING_ACCOUNT } from "@/lib/sandbox/retailer";
import { type Sandbox, startSandbox } from "@/lib/sandbox/server";
import { makeWorld } from "@/lib/sandbox/world";

/* What each planted fault looks like to somebody who can only ask the two systems. Amounts are cents. */

const NOW = Date.parse("2026-11-23T08:00:00Z");
const SETTINGS = { seed: 1, orders: 900, anchor: "2026-10", faultsPerKind: 3 } as const;

const vatSchema = z.object({ amount: z.number(), rate: z.number() });
const orderSchema = z.object({
  currencyCode: z.string(),
  items: z.array(
    z.object({
      status: z.string(),
      price: z.object({
        withTax: z.number(),
        tax: z.object({ vat: vatSchema }),
        absoluteVoucherReducedPrice: z.object({ withTax: z.number() }).optional(),
      }),
      variant: z.object({ referenceKey: z.string() }),
    }),
  ),
  cost: z.object({
    withTax: z.number(),
    withoutTax: z.number(),
    tax: z.object({ vat: z.object({ amount: z.number() }) }),
    appliedFees: z.array(
      z.object({
        category: z.string(),
        amount: z.object({ withTax: z.number() }),
        tax: z.object({ vat: vatSchema }),
      }),
    ),
  }),
});
const cents = z.number().transform((amount) => Math.round(amount * 100));
const lineSchema = z.object({
  lineType: z.string(),
  lineObjectNumber: z.string(),
  quantity: z.number(),
  unitPrice: cents,
  taxCode: z.string(),
  taxPercent: z.number(),
  invoiceDiscountAllocation: cents,
  netAmountIncludingTax: cents,
  netTaxAmount: cents,
});
const documentSchema = z.object({
  number: z.string(),
  currencyCode: z.string(),
  totalAmountIncludingTax: cents,
  salesInvoiceLines: z.array(lineSchema).optional(),
  salesCreditMemoLines: z.array(lineSchema).optional(),
});
type Order = z.infer<typeof orderSchema>;
type Line = z.infer<typeof lineSchema>;
type Document = Omit<z.infer<typeof documentSchema>, "salesInvoiceLines" | "salesCreditMemoLines"> & {
  lines: Line[];
};
type Evidence = { order: Order; invoices: Document[]; memos: Document[] };

const worlds = new Map<"planted" | "resolved", { world: World; sandbox: Sandbox; bearer: string }>();

async function tokenOf(url: string): Promise<string> {
  const [connection] = sandboxConnections(url);
  const response = await fetch(connection?.businessCentral.tokenUrl ?? "", {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "client_credentials",
      client_id: BC_CLIENT_ID,
      client_secret: BC_CLIENT_SECRET,
    }),
  });
  return z.object({ access_token: z.string() }).parse(await response.json()).access_token;
}

beforeAll(async () => {
  for (const faults of ["planted", "resolved"] as const) {
    const world = makeWorld({ ...SETTINGS, faults });
    const sandbox = await startSandbox({ world, now: () => NOW, port: 0, scayleLimit: 100_000 });
    worlds.set(faults, { world, sandbox, bearer: await tokenOf(sandbox.url) });
  }
});
afterAll(async () => {
  for (const { sandbox } of worlds.values()) await sandbox.close();
});

function servedBy(mode: "planted" | "resolved") {
  const served = worlds.get(mode);
  if (!served) throw new Error(`No world is ${mode}.`);
  return served;
}

/** What both systems say of an order. */
async function ask(mode: "planted" | "resolved", id: string, reference: string): Promise<Evidence> {
  const { world, sandbox, bearer } = servedBy(mode);
  const order = world.affairs.find((affair) => String(affair.order.id) === id)?.order;
  if (!order) throw new Error(`There is no order ${id}.`);
  const connection = sandboxConnections(sandbox.url).find((one) => one.entity.code === order.entity);
  const path = `/shops/${order.shop.shopKey}/countries/${order.shop.countryCode.toLowerCase()}/orders/${id}`;
  const response = await fetch(`${connection?.scayle.baseUrl}${path}`, {
    headers: { "X-Access-Token": connection?.scayle.accessToken ?? "" },
  });
  const documents = async (set: string, lines: string): Promise<Document[]> => {
    const company = `${connection?.businessCentral.baseUrl}/companies(${ENTITIES[order.entity].companyId})`;
    const filter = encodeURIComponent(`externalDocumentNumber eq '${reference}'`);
    const answer = await fetch(`${company}/${set}?$filter=${filter}&$expand=${lines}`, {
      headers: { Authorization: `Bearer ${bearer}` },
    });
    const { value } = z.object({ value: z.array(documentSchema) }).parse(await answer.json());
    return value.map(({ salesInvoiceLines, salesCreditMemoLines, ...header }) => ({
      ...header,
      lines: salesInvoiceLines ?? salesCreditMemoLines ?? [],
    }));
  };
  return {
    order: orderSchema.parse(await response.json()),
    invoices: await documents("salesInvoices", "salesInvoiceLines"),
    memos: await documents("salesCreditMemos", "salesCreditMemoLines"),
  };
}

/** What both systems say of the orders that bear this fault alone. */
async function evidenceOf(cause: FaultName, kind: "sale" | "credit" = "sale"): Promise<Evidence[]> {
  const { world } = servedBy("planted");
  const rows = world.planted.filter(
    (fault) =>
      fault.cause === cause &&
      fault.documentKind === kind &&
      world.planted.filter((other) => other.orderId === fault.orderId).length === 1,
  );
  expect(rows.length).toBeGreaterThan(0);
  return Promise.all(rows.map((row) => ask("planted", row.orderId ?? "", row.orderReference)));
}

const chargedFor = (item: Order["items"][number]) =>
  item.price.absoluteVoucherReducedPrice?.withTax ?? item.price.withTax;
const isLive = (item: Order["items"][number]) => !["cancelled", "returned"].includes(item.status);
const total = (amounts: readonly number[]) => amounts.reduce((sum, one) => sum + one, 0);
const itemsOf = (document: Document | undefined) =>
  (document?.lines ?? []).filter((line) => line.lineType === "Item");
const shippingOf = (document: Document | undefined) =>
  (document?.lines ?? []).filter((line) => line.lineObjectNumber === SHIPPING_ACCOUNT);
const deliveryOf = (order: Order) => order.cost.appliedFees.filter((fee) => fee.category === "delivery");
const rateOf = (order: Order, sku: string) =>
  order.items.find((item) => item.variant.referenceKey === sku)?.price.tax.vat.rate;

function grossBySku(lines: readonly { sku: string; gross: number }[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const { sku, gross } of lines) sums[sku] = (sums[sku] ?? 0) + gross;
  return sums;
}
const soldBySku = (order: Order) =>
  grossBySku(order.items.map((item) => ({ sku: item.variant.referenceKey, gross: chargedFor(item) })));
const postedBySku = (document: Document | undefined) =>
  grossBySku(
    itemsOf(document).map((line) => ({ sku: line.lineObjectNumber, gross: line.netAmountIncludingTax })),
  );

describe("a planted fault, as both systems show it", () => {
  it("tax-code-wrong: one item at another rate under another code, same gross", async () => {
    for (const { order, invoices } of await evidenceOf("tax-code-wrong")) {
      const wrong = itemsOf(invoices[0]).filter(
        (line) => line.taxPercent / 100 !== rateOf(order, line.lineObjectNumber),
      );
      expect(wrong).toHaveLength(1);
      expect(["UST7", "UST19", "AT10", "AT20", "ZERO", "STD20"]).toContain(wrong[0]?.taxCode);
      expect(postedBySku(invoices[0])).toEqual(soldBySku(order));
    }
  });

  it("shipping-tax-basis: same fee, at the country's rate on one side and at the goods' on the other", async () => {
    for (const { order, invoices } of await evidenceOf("shipping-tax-basis")) {
      const [fee] = deliveryOf(order);
      const [line] = shippingOf(invoices[0]);
      expect(line?.netAmountIncludingTax).toBe(fee?.amount.withTax);
      const rates = [fee?.tax.vat.rate ?? 0, (line?.taxPercent ?? 0) / 100];
      const country =
        order.currencyCode === "GBP" || invoices[0]?.lines.some((one) => one.taxCode === "AT20");
      expect(rates).toContain(country ? 0.2 : 0.19);
      expect(Math.min(...rates)).toBeLessThan(0.19);
      expect(line?.taxCode).toMatch(line?.taxPercent === 20 ? /^AT20$/ : /-MIX$/);
    }
  });

  it("shipping-missing: a fee that no line answers, in an invoice or in a memo", async () => {
    for (const { order, invoices } of await evidenceOf("shipping-missing")) {
      expect(deliveryOf(order)).toHaveLength(1);
      expect(shippingOf(invoices[0])).toEqual([]);
      expect(postedBySku(invoices[0])).toEqual(soldBySku(order));
    }
    for (const { order, invoices, memos } of await evidenceOf("shipping-missing", "credit")) {
      expect(order.items.filter(isLive)).toEqual([]);
      expect(shippingOf(invoices[0])).toHaveLength(1);
      expect(shippingOf(memos[0])).toEqual([]);
    }
  });

  it("voucher-allocation: the same total, spread over the items in another way", async () => {
    for (const { order, invoices } of await evidenceOf("voucher-allocation")) {
      expect(postedBySku(invoices[0])).not.toEqual(soldBySku(order));
      expect(total(Object.values(postedBySku(invoices[0])))).toBe(total(Object.values(soldBySku(order))));
      const off = total(order.items.map((item) => item.price.withTax - chargedFor(item)));
      expect(total(itemsOf(invoices[0]).map((line) => line.invoiceDiscountAllocation))).toBe(off);
    }
  });

  it("refund-amount-wrong: a memo's line at another price, right in itself", async () => {
    for (const { order, memos } of await evidenceOf("refund-amount-wrong", "credit")) {
      const prices = new Set(order.items.map((item) => `${item.variant.referenceKey} ${item.price.withTax}`));
      const wrong = itemsOf(memos[0]).filter(
        (line) => !prices.has(`${line.lineObjectNumber} ${line.unitPrice}`),
      );
      expect(wrong).toHaveLength(1);
      expect(wrong[0]?.netAmountIncludingTax).toBe((wrong[0]?.unitPrice ?? 0) * (wrong[0]?.quantity ?? 0));
    }
  });

  it("item-wrong: an item that the order doesn't have, in place of one that it has", async () => {
    for (const { order, invoices } of await evidenceOf("item-wrong")) {
      const [sold, posted] = [soldBySku(order), postedBySku(invoices[0])];
      const strange = Object.keys(posted).filter((sku) => !(sku in sold));
      const absent = Object.keys(sold).filter((sku) => !(sku in posted));
      expect([strange.length, absent.length]).toEqual([1, 1]);
      expect(posted[strange[0] ?? ""]).toBe(sold[absent[0] ?? ""]);
    }
  });

  it("currency-wrong: the same figures in another currency, said in the document's header", async () => {
    for (const { order, invoices } of await evidenceOf("currency-wrong")) {
      expect([order.currencyCode, invoices[0]?.currencyCode].sort()).toEqual(["EUR", "GBP"]);
      expect(postedBySku(invoices[0])).toEqual(soldBySku(order));
    }
  });

  it("tax-not-recalculated: a cost that still has the cancelled pieces, or their tax, until line values are sent", async () => {
    const beyond = ({ order }: Evidence) => {
      const live = order.items.filter(isLive);
      const fees = order.cost.appliedFees;
      const gross = total([...live.map(chargedFor), ...fees.map((fee) => fee.amount.withTax)]);
      const tax = total([
        ...live.map((item) => item.price.tax.vat.amount),
        ...fees.map((fee) => fee.tax.vat.amount),
      ]);
      expect(order.cost.withoutTax + order.cost.tax.vat.amount).toBe(order.cost.withTax);
      return { gross: order.cost.withTax - gross, tax: order.cost.tax.vat.amount - tax };
    };
    const { world } = servedBy("planted");
    for (const fault of world.planted.filter((one) => one.cause === "tax-not-recalculated")) {
      const stated = beyond(await ask("planted", fault.orderId ?? "", fault.orderReference));
      expect(stated.gross).toBe(Number(fault.amounts[0]?.gross));
      expect(Math.abs(stated.tax - Number(fault.amounts[0]?.tax))).toBeLessThanOrEqual(3);
      expect(stated.tax).toBeGreaterThan(5);
      const sent = beyond(await ask("resolved", fault.orderId ?? "", fault.orderReference));
      expect(sent.gross).toBe(0);
      expect(Math.abs(sent.tax)).toBeLessThanOrEqual(3);
    }
  });

  it("price-wrong and a forgotten shipping on one invoice, each on its own line", async () => {
    const { world } = servedBy("planted");
    const orders = world.affairs.filter(({ order }) => {
      const causes = world.planted.filter((one) => one.orderId === String(order.id)).map((one) => one.cause);
      return causes.length === 2 && causes.includes("price-wrong") && causes.includes("shipping-missing");
    });
    expect(orders.length).toBeGreaterThan(0);
    for (const { order } of orders) {
      const said = await ask("planted", String(order.id), order.reference);
      const [sold, posted] = [soldBySku(said.order), postedBySku(said.invoices[0])];
      expect(Object.keys(sold).filter((sku) => sold[sku] !== posted[sku])).toHaveLength(1);
      expect(deliveryOf(said.order)).toHaveLength(1);
      expect(shippingOf(said.invoices[0])).toEqual([]);
    }
  });
});

describe("what a world can be asked for besides faults", () => {
  const base = { ...SETTINGS, faults: "planted" } as const;

  it("posts a marketplace's days as one document each, which nets the same pieces and names no order", () => {
    const plain = makeWorld({ ...base, faults: "none" });
    const world = makeWorld({ ...base, faults: "none", summaryPostings: true });
    const ofMarketplace = world.affairs.filter(({ order }) => order.outlet.channel?.type === "marketplace");
    expect(ofMarketplace.length).toBeGreaterThan(50);
    expect(ofMarketplace.every(({ documents, order }) => documents.length === 0 && order.netKnown)).toBe(
      true,
    );
    const grossOf = (lines: readonly { gross: bigint }[]) =>
      lines.reduce((sum, line) => sum + line.gross, 0n);
    const grossBefore = plain.affairs
      .filter(({ order }) => order.outlet.channel?.type === "marketplace")
      .flatMap(({ documents }) => documents)
      .filter((document) => document.kind === "sale" && document.postedAt !== null)
      .map((document) => grossOf(document.lines));
    const sales = world.summaries.map((one) => one.document).filter((document) => document.kind === "sale");
    expect(sales.map((document) => grossOf(document.lines)).reduce((a, b) => a + b, 0n)).toBe(
      grossBefore.reduce((a, b) => a + b, 0n),
    );
    expect(world.summaries.some((one) => one.orderIds.length > 1)).toBe(true);
    const references = new Set(world.affairs.map(({ order }) => order.reference));
    for (const { document, rounding } of world.summaries) {
      expect(document.reference).toBe(`ZAL-${document.postingDate}`);
      expect(references.has(document.reference)).toBe(false);
      expect(rounding.gross).toBe(0n);
    }
  });

  it("loses prefix, suffix or leading zeros of references in the ERP, and never the number itself", () => {
    const world = makeWorld({ ...base, lostReferences: true });
    const written = new Map<string, number>();
    for (const { order, documents } of world.affairs) {
      expect(order.reference).toMatch(/^[A-Z]{2,3}-000010\d{6}-W$/);
      for (const { reference, writtenReference = "" } of documents) {
        if (reference !== order.reference) continue;
        expect(reference).toContain(writtenReference.replace(/^([A-Z]+-)(?=1)/, ""));
        expect(writtenReference).toContain(String(order.id));
        const shape = writtenReference.replace(/\d+/, (digits) => (digits.startsWith("0") ? "0n" : "n"));
        written.set(shape, (written.get(shape) ?? 0) + 1);
      }
    }
    expect([...written.keys()].filter((shape) => /^[A-Z]{2}-0n-W$/.test(shape)).length).toBe(3);
    for (const shape of ["0n-W", "DE-0n", "DE-n-W", "n"]) expect(written.get(shape)).toBeGreaterThan(10);
    expect(
      makeWorld(base)
        .affairs.flatMap((one) => one.documents)
        .some((one) => one.writtenReference),
    ).toBe(false);
  });
});
