import { randomUUID } from "node:crypto";
import type pg from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createHttpClient } from "@/lib/connectors/http";
import { businessCentralConnector, scayleConnector } from "@/lib/connectors/registry";
import type { DraftLine, LedgerWrite, StoreWrite, Writer } from "@/lib/connectors/write";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { runReconciliation } from "@/lib/matching/reconcile";
import { chargedFor } from "@/lib/sandbox/basket";
import { sandboxConnections } from "@/lib/sandbox/connections";
import { liveUnits, recalculatedCost, unitFigures } from "@/lib/sandbox/cost";
import type { Affair, ErpDocument, ErpLine, FaultName, PlantedFault } from "@/lib/sandbox/model";
import { naturalDocuments } from "@/lib/sandbox/postings";
import { type Sandbox, startSandbox } from "@/lib/sandbox/server";
import { makeWorld } from "@/lib/sandbox/world";
import { connectSandbox } from "@/lib/settings/sandbox";
import { runSync } from "@/lib/sync/run";
import { ANCHOR, NOW } from "./support/sandbox-world";

/*
 * What is written to the sandbox's systems, as a person would have it written: it is read back by the next sync, and the next
 * reconciliation finds nothing wrong any more with the orders that it was about.
 */

const ENTITY = "MODA-EU";
const HOUR = 3_600_000;
const world = makeWorld({ seed: 11, orders: 600, anchor: ANCHOR, faults: "planted", faultsPerKind: 8 });
let clock = NOW.getTime();
let database: TestDatabase;
let sandbox: Sandbox;

beforeAll(async () => {
  process.env["TIEOUT_SECRET"] = "a secret of this test alone, of thirty-two characters";
  database = await createTestDatabase();
  const limit = Number.MAX_SAFE_INTEGER;
  const limits = { scayleLimit: limit, businessCentralLimit: limit };
  sandbox = await startSandbox({ world, now: () => clock, port: 0, ...limits });
  const actor = { kind: "machine", id: "test", name: "Test" } as const;
  await connectSandbox(sandbox.url, { pool: database.ownerPool, actor, at: NOW });
});
afterAll(async () => {
  await sandbox?.close();
  await database?.close();
});

const now = () => new Date(clock);
async function readAgain(): Promise<void> {
  const report = await runSync({}, { actorName: "Test", now });
  expect(report.feeds.map((feed) => feed.state)).toEqual(report.feeds.map(() => "done"));
  await runReconciliation({}, { actorName: "Test", now });
}

function writers(): Readonly<{ store: Writer<StoreWrite>; ledger: Writer<LedgerWrite> }> {
  const connection = sandboxConnections(sandbox.url).find(({ entity }) => entity.code === ENTITY);
  if (!connection) throw new Error(`The sandbox has no ${ENTITY}.`);
  const { scayle, businessCentral } = connection;
  const http = createHttpClient({ fetch, now, sleep: async () => undefined, random: () => 0 });
  const io = { http, signal: new AbortController().signal };
  const shops = scayle.shops.map(({ shopKey, countryCode }) => `${shopKey}/${countryCode}`);
  const store = scayleConnector.open(
    scayleConnector.settings.parse({ ...scayle, shops }),
    { accessToken: scayle.accessToken },
    io,
  ).write;
  const { clientSecret, ...settings } = businessCentral;
  const ledger = businessCentralConnector.open(
    businessCentralConnector.settings.parse({ ...settings, localCurrency: "EUR" }),
    { clientSecret },
    io,
  ).write;
  if (!store || !ledger) throw new Error("They can't be written to.");
  return { store, ledger };
}

async function carriedOut<W extends Readonly<{ kind: string }>>(writer: Writer<W>, write: W): Promise<void> {
  const key = randomUUID();
  let seen = await writer.look(write, key);
  for (let step = 0; step < 3 && seen.state !== "done"; step += 1)
    seen = await writer.advance(write, key, seen);
  expect(seen).toMatchObject({ state: "done" });
}

type Case = Readonly<{ affair: Affair; fault: PlantedFault; document: ErpDocument | undefined }>;

const casesOf = (cause: FaultName): Case[] =>
  world.planted
    .filter((fault) => fault.cause === cause && fault.entity === ENTITY)
    .flatMap((fault) => {
      const named = (one: ErpDocument) => one.number === fault.erpDocument && one.entity === fault.entity;
      const affair = world.affairs.find(({ order, documents }) =>
        fault.orderId === null ? documents.some(named) : String(order.id) === fault.orderId,
      );
      const isAlone =
        world.planted.filter((other) => other.orderReference === fault.orderReference).length === 1;
      return affair && isAlone ? [{ affair, fault, document: affair.documents.find(named) }] : [];
    });

const linesOf = (lines: readonly ErpLine[]): readonly DraftLine[] =>
  lines.map((line) => ({
    kind: line.kind === "Item" ? "item" : "shipping",
    number: line.number,
    description: line.description,
    quantity: String(line.quantity),
    net: line.net,
    tax: line.tax,
    gross: line.gross,
    taxCode: line.taxCode,
    taxRate: (Number(line.rate) / 1000).toString(),
  }));

const posting = (right: ErpDocument, corrects: ErpDocument | null = null): LedgerWrite => ({
  kind: "post-document",
  document: {
    kind: right.kind,
    reference: right.reference,
    currency: right.currency,
    postingDay: right.postingDate,
    shipTo: "DE",
    corrects: corrects && { sourceId: corrects.id, number: corrects.number },
    lines: linesOf(right.lines),
  },
});
const reversing = ({ kind, id, number, reference, postingDate }: ErpDocument): LedgerWrite => ({
  kind: "reverse-document",
  document: { kind, sourceId: id, number, reference },
  postingDay: postingDate,
});
const isPaid = ({ paidAt }: ErpDocument): boolean => paidAt !== null && paidAt <= clock;
/** What undoes a document: its reversal, or where it is paid a document of the other kind with its lines. */
const undoing = (document: ErpDocument): LedgerWrite =>
  isPaid(document)
    ? posting({ ...document, kind: document.kind === "sale" ? "credit" : "sale" }, document)
    : reversing(document);
const saleOf = ({ order }: Affair, kind: "sale" | "credit" = "sale"): ErpDocument => {
  const found = naturalDocuments(order).find((one) => one.kind === kind);
  if (!found) throw new Error("The order has no such document.");
  return found;
};

type Resolve = (one: Case) => readonly (LedgerWrite | StoreWrite)[];
const named = (document: ErpDocument | undefined): ErpDocument => {
  if (!document) throw new Error("The fault names no document.");
  return document;
};
const again: Resolve = ({ affair, document }) => [undoing(named(document)), posting(saleOf(affair))];

const RESOLUTIONS: Partial<Record<FaultName, Resolve>> = {
  "credit-note-failed": ({ affair: { order }, document }) => {
    const memo = named(document);
    const credited = new Map(memo.lines.map((line) => [line.number, line.gross]));
    const units = order.units
      .filter((unit) => unit.voucherPrice === null && credited.get(unit.variant.sku) === chargedFor(unit))
      .slice(0, 1);
    const items = units.map((unit) => ({ itemId: String(unit.id), quantity: 1, ...unitFigures(unit) }));
    return [
      {
        kind: "refund",
        shop: `${order.shop.shopKey}/${order.shop.countryCode.toLowerCase()}`,
        orderId: String(order.id),
        currency: "EUR",
        amount: items.reduce((sum, item) => sum + item.gross, 0n),
        items,
        reason: `Credit memo ${memo.number}`,
        returnedOn: memo.postingDate,
      },
    ];
  },
  "tax-not-recalculated": ({ affair: { order } }) => [
    {
      kind: "line-values",
      shop: `${order.shop.shopKey}/${order.shop.countryCode.toLowerCase()}`,
      orderId: String(order.id),
      currency: "EUR",
      items: liveUnits(order, clock).map((unit) => ({
        itemId: String(unit.id),
        ...unitFigures(unit),
        taxRate: (Number(unit.rate) / 1000).toString(),
      })),
      total: recalculatedCost(order, clock),
    },
  ],
  "sale-missing-in-erp": ({ affair }) => [posting(saleOf(affair))],
  "credit-missing-in-erp": ({ affair }) => [
    posting(saleOf(affair, "credit"), affair.documents.find(({ kind }) => kind === "sale") ?? null),
  ],
  "duplicate-in-erp": ({ document }) => [undoing(named(document))],
  "cancelled-but-invoiced": ({ document }) => [undoing(named(document))],
  "sale-missing-in-scayle": ({ document }) => [undoing(named(document))],
  "tax-code-missing": again,
  "tax-code-wrong": again,
  "quantity-wrong": again,
  "price-wrong": again,
};

const open = async (pool: pg.Pool): Promise<readonly string[]> => {
  const { rows } = await pool.query<{ subject: string }>(
    `SELECT cause || ' ' || coalesce(order_source_id, document_number) AS subject FROM exception
      WHERE state <> 'resolved' AND entity_id = $1 AND cause <> 'rounding'`,
    [ENTITY],
  );
  return rows.map((row) => row.subject);
};

it("is read back, and leaves nothing wrong with what it was about", async () => {
  await readAgain();
  const before = await open(database.ownerPool);
  const subjectOf = ({ fault, document }: Case) => `${fault.cause} ${fault.orderId ?? document?.number}`;
  const all = Object.entries(RESOLUTIONS).flatMap(([cause, resolve]) => {
    const cases = casesOf(cause as FaultName)
      .filter((one) => before.includes(subjectOf(one)))
      .slice(0, 3);
    expect([cause, cases.length > 0]).toEqual([cause, true]);
    return cases.map((one) => ({ one, resolve }));
  });
  clock += HOUR;
  const { store, ledger } = writers();
  for (const { one, resolve } of all)
    for (const write of resolve(one)) {
      if (write.kind === "refund" || write.kind === "line-values") await carriedOut(store, write);
      else await carriedOut(ledger, write);
    }
  clock += HOUR;
  await readAgain();
  const after = await open(database.ownerPool);
  const orders = new Set(all.map(({ one }) => one.fault.orderId ?? one.document?.number));
  const left = after.filter((subject) => orders.has(subject.split(" ").at(-1)));
  console.info(
    `Written to ${all.length} orders or documents, by ${Object.keys(RESOLUTIONS).length} causes; open before ${before.length}, after ${after.length}.`,
  );
  expect(left).toEqual([]);
  // And nothing else moved.
  expect([...after].sort()).toEqual(
    before.filter((subject) => !orders.has(subject.split(" ").at(-1))).sort(),
  );
});
