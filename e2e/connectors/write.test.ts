import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LedgerSource, OrderSource } from "@/lib/connectors/contract";
import { createHttpClient, type HttpClient } from "@/lib/connectors/http";
import { businessCentralConnector, scayleConnector } from "@/lib/connectors/registry";
import type { DraftLine, LedgerWrite, OrderWrite } from "@/lib/connectors/write";
import { sandboxConnections } from "@/lib/sandbox/connections";
import { liveUnits, recalculatedCost, unitFigures } from "@/lib/sandbox/cost";
import type { Affair, ErpDocument, SandboxOrder } from "@/lib/sandbox/model";
import { type Sandbox, startSandbox } from "@/lib/sandbox/server";
import { makeWorld } from "@/lib/sandbox/world";
import { type SentRequest, writerContract } from "./writer-contract";

const ENTITY = "MODA-EU";
const NOW = Date.parse("2026-11-20T12:00:00Z");
const world = makeWorld({ seed: 3, orders: 600, anchor: "2026-10", faults: "none" });
// Enough orders whose cost nobody has reckoned anew.
const planted = makeWorld({
  seed: 3,
  orders: 1_200,
  anchor: "2026-10",
  faults: "planted",
  faultsPerKind: 12,
});
let sandbox: Sandbox;
let staleSandbox: Sandbox;

const connection = (of = sandbox) => {
  const own = sandboxConnections(of.url).find(({ entity }) => entity.code === ENTITY);
  if (!own) throw new Error(`The sandbox has no ${ENTITY}.`);
  return own;
};
const io = (http: HttpClient) => ({ http, signal: new AbortController().signal });
const plain = () =>
  createHttpClient({ fetch, now: () => new Date(), sleep: async () => undefined, random: () => 0 });

function openStore(http: HttpClient, of = sandbox): OrderSource {
  const { scayle } = connection(of);
  const shops = scayle.shops.map(({ shopKey, countryCode }) => `${shopKey}/${countryCode}`);
  return scayleConnector.open(
    scayleConnector.settings.parse({ ...scayle, shops }),
    { accessToken: scayle.accessToken },
    io(http),
  );
}

function openLedger(http: HttpClient): LedgerSource {
  const { clientSecret, ...settings } = connection().businessCentral;
  return businessCentralConnector.open(
    businessCentralConnector.settings.parse({ ...settings, localCurrency: "EUR" }),
    { clientSecret },
    io(http),
  );
}

const writerOf = <W>(writer: W | undefined): W => {
  if (!writer) throw new Error("It can't be written to.");
  return writer;
};

beforeAll(async () => {
  const settings = { now: () => NOW, port: 0, scayleLimit: 1_000_000, businessCentralLimit: 1_000_000 };
  sandbox = await startSandbox({ world, ...settings });
  staleSandbox = await startSandbox({ world: planted, ...settings });
});
afterAll(async () => {
  await sandbox.close();
  await staleSandbox.close();
});

const shopOf = ({ shop }: SandboxOrder): string => `${shop.shopKey}/${shop.countryCode.toLowerCase()}`;
const own = world.affairs.filter(({ order }) => order.entity === ENTITY && order.netKnown);

/** Affairs that nothing was done to yet, each once. */
function supply(fits: (affair: Affair) => boolean): () => Affair {
  const left = own.filter(fits);
  return () => {
    const next = left.shift();
    if (!next) throw new Error("The world has no more orders of this kind.");
    return next;
  };
}

const isSold = ({ order }: Affair): boolean =>
  order.outlet.channel === null &&
  order.shipments.length === 1 &&
  order.credits.length === 0 &&
  (order.shipments[0]?.at ?? NOW) < NOW - 86_400_000 &&
  order.units.every((unit) => unit.shipment === 0 && unit.cancelledAt === null);

const isPosted = (at: number | null): boolean => at !== null && at < NOW;

const ROOT = /^https?:\/\/[^/]+(?:\/scayle\/api\/admin\/v1|\/bc\/v2\.0\/[^/]+\/[^/]+\/api\/v2\.0)/;
const shown = ({ method, url, body }: SentRequest) => ({
  method,
  path: url.replace(ROOT, ""),
  body: body === "" ? null : JSON.parse(body),
});
const changes = ({ method, url }: SentRequest): boolean => method !== "GET" && !url.endsWith("/token");

describe("SCAYLE", () => {
  const next = supply((affair) => isSold(affair) && affair.order.units.length > 1);
  const refundOf = ({ order }: Affair): Extract<OrderWrite, { kind: "refund" }> => {
    const items = order.units.slice(0, 2).map((unit) => ({
      itemId: String(unit.id),
      quantity: 1,
      ...unitFigures(unit),
    }));
    return {
      kind: "refund",
      shop: shopOf(order),
      orderId: String(order.id),
      currency: "EUR",
      amount: items.reduce((sum, item) => sum + item.gross, 0n),
      items,
      reason: "Credit memo of the ERP",
    };
  };
  const notes = async ({ shop, orderId }: OrderWrite): Promise<number> => {
    const { result } = await openStore(plain()).invoices(shop, orderId);
    return result.ok ? result.value.filter(({ type }) => type === "corrective_invoice").length : Number.NaN;
  };
  writerContract<OrderWrite>(
    "SCAYLE's refund",
    () => ({
      open: (http) => writerOf(openStore(http).write),
      fresh: async () => ({ write: refundOf(next()), key: randomUUID() }),
      effects: notes,
      changes,
      shown,
      async refused() {
        const write = refundOf(next());
        const [first, ...others] = write.items;
        if (!first) throw new Error("It has no items.");
        const unknown = { ...first, itemId: "1" };
        return {
          write: { ...write, items: [unknown, ...others] },
          key: randomUUID(),
          words: /ORDER_ITEM_NOT_FOUND: The order has no item 1\./,
        };
      },
    }),
    1,
  );

  const stale = planted.affairs.filter(({ order }) => order.staleCost !== null && order.entity === ENTITY);
  const nextStale = (): SandboxOrder => {
    const affair = stale.shift();
    if (!affair) throw new Error("The world has no more orders of this kind.");
    return affair.order;
  };
  const valuesOf = (order: SandboxOrder): Extract<OrderWrite, { kind: "line-values" }> => ({
    kind: "line-values",
    shop: shopOf(order),
    orderId: String(order.id),
    currency: "EUR",
    items: liveUnits(order, NOW).map((unit) => ({
      itemId: String(unit.id),
      ...unitFigures(unit),
      taxRate: (Number(unit.rate) / 1000).toString(),
    })),
    total: recalculatedCost(order, NOW),
  });
  writerContract<OrderWrite>(
    "SCAYLE's line values",
    () => ({
      open: (http) => writerOf(openStore(http, staleSandbox).write),
      fresh: async () => ({ write: valuesOf(nextStale()), key: randomUUID() }),
      async effects(write) {
        const reading = await openStore(plain(), staleSandbox).order(write.shop, { id: write.orderId });
        const cost = reading?.result.ok ? reading.result.value.cost : null;
        const { total } = write as Extract<OrderWrite, { kind: "line-values" }>;
        return cost?.net === total.net && cost.gross === total.gross ? 1 : 0;
      },
      changes,
      shown,
      async refused() {
        const write = valuesOf(nextStale());
        const items = write.items.map((item) => ({ ...item, gross: item.gross + 100n }));
        return { write: { ...write, items }, key: randomUUID(), words: /was sold for/ };
      },
    }),
    1,
  );

  it("is not begun where a part of the items is back: what is missing is said, and nobody sends it again", async () => {
    const write = refundOf(next());
    const faults = { faults: [{ fault: "partial" }] };
    await fetch(`${sandbox.url}/sandbox/faults`, {
      method: "POST",
      headers: { "x-access-token": connection().scayle.accessToken },
      body: JSON.stringify(faults),
    });
    const writer = writerOf(openStore(plain()).write);
    const key = randomUUID();
    const seen = await writer.advance(write, key, { state: "none" });
    expect(seen).toMatchObject({
      state: "done",
      missing: `SCAYLE still has 1 item as sold: ${write.items[1]?.itemId}.`,
    });
    expect(await writer.advance(write, key, seen)).toEqual(seen);
    expect(await notes(write)).toBe(1);
  });

  it("takes the goods back on the day that the ERP has them, and shows the order as changed now", async () => {
    const affair = next();
    const write = {
      ...refundOf(affair),
      returnedOn: new Date((affair.order.shipments[0]?.at ?? 0) + 3 * 86_400_000).toISOString().slice(0, 10),
    };
    await writerOf(openStore(plain()).write).advance(write, randomUUID(), { state: "none" });
    const reading = await openStore(plain()).order(write.shop, { id: write.orderId });
    const order = reading?.result.ok ? reading.result.value : null;
    expect(order?.updatedAt?.getTime()).toBe(NOW);
    const item = order?.items.find(({ id }) => id === write.items[0]?.itemId);
    expect(item?.returnedAt?.toISOString().slice(0, 10)).toBe(write.returnedOn);
    expect(item?.status).toBe("returned");
  });
});

describe("Business Central", () => {
  const invoices = () => own.flatMap((affair) => affair.documents.map((document) => ({ affair, document })));
  const linesOf = (document: ErpDocument): DraftLine[] =>
    document.lines.map((line) => ({
      kind: line.kind === "Item" ? "item" : "shipping",
      number: line.number,
      description: line.description,
      quantity: String(line.quantity),
      net: line.net,
      tax: line.tax,
      gross: line.gross,
      taxCode: line.taxCode,
      taxRate: null,
    }));
  const references = new Set<string>();
  const left = invoices().filter(
    ({ document }) =>
      document.kind === "sale" && isPosted(document.postedAt) && document.postingDate >= "2026-08-01",
  );
  const take = (fits: (document: ErpDocument) => boolean = () => true): ErpDocument => {
    const index = left.findIndex(({ document }) => !references.has(document.reference) && fits(document));
    const [found] = left.splice(index, 1);
    if (index < 0 || !found) throw new Error("The world has no more documents of this kind.");
    references.add(found.document.reference);
    return found.document;
  };
  const posting = (document: ErpDocument, kind: "sale" | "credit"): LedgerWrite => ({
    kind: "post-document",
    document: {
      kind,
      reference: document.reference,
      currency: document.currency,
      postingDay: document.postingDate,
      shipTo: "DE",
      corrects: kind === "credit" ? { sourceId: document.id, number: document.number } : null,
      lines: linesOf(document),
    },
  });
  const common = { open: (http: HttpClient) => writerOf(openLedger(http).write), changes, shown };
  /** Posted documents of the reference that are not the world's own. */
  const added = async (reference: string) => {
    const known = new Set(own.flatMap((affair) => affair.documents.map(({ id }) => id)));
    const readings = await openLedger(plain()).documentsOf(reference);
    return readings.flatMap(({ result }) =>
      result.ok && result.value.posted && !known.has(result.value.sourceId) ? [result.value] : [],
    );
  };
  for (const kind of ["sale", "credit"] as const)
    writerContract<LedgerWrite>(
      `Business Central's posting of a ${kind}`,
      () => ({
        ...common,
        fresh: async () => ({ write: posting(take(), kind), key: randomUUID() }),
        effects: async ({ document }) => (await added(document.reference)).length,
        async refused() {
          const write = posting(take(), kind);
          if (write.kind !== "post-document") throw new Error("It is no posting.");
          const early = { ...write.document, postingDay: "2026-03-31" };
          return {
            write: { ...write, document: early },
            key: randomUUID(),
            words: /Posting Date is not within your range of allowed posting dates/,
          };
        },
      }),
      2,
    );
  writerContract<LedgerWrite>(
    "Business Central's reversal",
    () => ({
      ...common,
      fresh: async () => {
        const document = take(({ paidAt, canceledAt }) => paidAt === null && canceledAt === null);
        const { kind, id: sourceId, number, reference, postingDate } = document;
        return {
          write: {
            kind: "reverse-document",
            document: { kind, sourceId, number, reference },
            postingDay: postingDate,
          },
          key: randomUUID(),
        };
      },
      effects: async ({ document }) => (await added(document.reference)).length,
      async refused() {
        const document = take(({ paidAt }) => isPosted(paidAt));
        const { kind, id: sourceId, number, reference, postingDate } = document;
        return {
          write: {
            kind: "reverse-document",
            document: { kind, sourceId, number, reference },
            postingDay: postingDate,
          },
          key: randomUUID(),
          words: /because it is fully paid/,
        };
      },
    }),
    1,
  );

  it("makes of a draft what the original was, to the cent and line by line", async () => {
    const document = take(({ lines }) => lines.length > 1);
    const write = posting(document, "sale");
    const writer = writerOf(openLedger(plain()).write);
    const key = randomUUID();
    const begun = await writer.advance(write, key, { state: "none" });
    const total = document.lines.reduce(
      (sum, line) => ({ net: sum.net + line.net, tax: sum.tax + line.tax, gross: sum.gross + line.gross }),
      { net: 0n, tax: 0n, gross: 0n },
    );
    expect(begun).toMatchObject({ state: "begun", figures: total });
    await writer.advance(write, key, begun);
    const [posted] = await added(document.reference);
    expect(posted?.lines.map(({ net, tax, gross, taxCode }) => ({ net, tax, gross, taxCode }))).toEqual(
      document.lines.map(({ net, tax, gross, taxCode }) => ({ net, tax, gross, taxCode })),
    );
    expect(posted?.modifiedAt?.getTime()).toBe(NOW);
  });
});
