import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Actor } from "@/lib/auth/actor";
import { httpThrough } from "@/lib/connectors/fixtures";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import type { Missing } from "@/lib/domain/missing";
import { handlers } from "@/lib/jobs/handlers";
import { runReconciliation } from "@/lib/matching/reconcile";
import { runResyncs } from "@/lib/orders/run-resyncs";
import { type Sandbox, startSandbox } from "@/lib/sandbox/server";
import { makeWorld } from "@/lib/sandbox/world";
import { runSync, type SyncContext } from "@/lib/sync/run";
import { connectSandbox } from "../sandbox";
import { findLacksOfException, findLacksOfFailed, type Lack } from "./lacking";
import { previewSettings, saveSettingsAndResync } from "./mutations";
import { readDraft } from "./schema";
import { lackWords } from "./words";

process.env["TIEOUT_SECRET"] = "a secret of thirty-two characters or more";

const ENTITY = "MODA-EU";
let clock = Date.parse("2026-11-15T09:00:00Z");
const now = (): Date => new Date(clock);
let database: TestDatabase;
let sandbox: Sandbox;
const person = (role: Actor["grants"][number]["role"]): Actor => ({
  id: "33333333-3333-3333-3333-333333333333",
  name: "Ada",
  email: "ada@example.com",
  grants: [{ role, entityId: ENTITY }],
  demo: false,
});
const admin = person("administrator");

type Document = { number: string; [field: string]: unknown };
/** What Business Central says of its documents otherwise than the sandbox does. */
let otherwise: (document: Document) => Document = (document) => document;

function rewritten(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(rewritten);
  if (typeof value !== "object" || value === null) return value;
  const members = Object.fromEntries(Object.entries(value).map(([key, member]) => [key, rewritten(member)]));
  const isDocument = typeof members["number"] === "string" && "externalDocumentNumber" in members;
  return isDocument ? otherwise(members as Document) : members;
}

const http = httpThrough(now, (_, body) => rewritten(body));
const context: SyncContext = { actorName: "test", now, http };

const rows = async (sql: string, values: unknown[] = []): Promise<Record<string, unknown>[]> =>
  (await database.ownerPool.query(sql, values)).rows;
const reconcile = () => runReconciliation({ entityId: ENTITY }, { actorName: "test", now });
const readAll = async (): Promise<void> => {
  clock += 1000;
  await runSync({ entityId: ENTITY, full: true }, context);
  await reconcile();
};

/** Some posted invoices with one item at 19 % in DE, by number. */
async function invoices(count: number): Promise<readonly Readonly<{ number: string; sku: string }>[]> {
  const found = await rows(
    `SELECT d.number, min(l.sku) AS sku FROM document d JOIN line l ON l.order_key = d.order_key AND l.document_id = d.id
       JOIN sales_order o ON o.order_key = d.order_key
      WHERE d.entity_id = $1 AND d.side = 'erp' AND d.kind = 'sale' AND o.ship_to = 'DE' AND l.kind = 'item' AND l.tax_rate = 0.19
        AND d.posting_day < '2026-11-01'
      GROUP BY d.number HAVING count(*) = 1 ORDER BY d.number LIMIT $2`,
    [ENTITY, count],
  );
  return found.map((row) => ({ number: String(row["number"]), sku: String(row["sku"]) }));
}

const open = async (cause: string): Promise<readonly Readonly<{ id: string; order: string }>[]> => {
  const found = await rows(
    `SELECT id, order_key FROM exception WHERE entity_id = $1 AND cause = $2 AND state NOT IN ('resolved', 'explained')
      ORDER BY id`,
    [ENTITY, cause],
  );
  return found.map((row) => ({ id: String(row["id"]), order: String(row["order_key"]) }));
};

async function setIt(lack: Lack, { all, actor = admin }: { all: boolean; actor?: Actor }) {
  const { change } = readDraft(lack.kind, lack.draft);
  if (!change) throw new Error("the draft states no change");
  const { seal, effect } = await previewSettings(actor, ENTITY, change, { now });
  const again = all ? lack.all : lack.one;
  const planned = await saveSettingsAndResync(
    actor,
    { entityId: ENTITY, change, seal, again },
    { now: now() },
  );
  return { ...planned, effect };
}
const statesOf = async (runId: string) =>
  (await rows("SELECT state FROM resync_record WHERE run_id = $1 ORDER BY name", [runId])).map(
    (row) => row["state"],
  );
const changesOf = async (runId: string): Promise<readonly string[]> =>
  (await rows("SELECT changes FROM resync_record WHERE run_id = $1 ORDER BY name", [runId])).flatMap(
    (row) => row["changes"] as string[],
  );

beforeAll(async () => {
  database = await createTestDatabase();
  const world = makeWorld({ seed: 3, orders: 80, anchor: "2026-10", faults: "none" });
  sandbox = await startSandbox({ world, now: () => clock, port: 0 });
  await connectSandbox(sandbox.url, {
    pool: database.ownerPool,
    actor: { kind: "command-line", id: "test", name: "test" },
    at: now(),
  });
}, 120_000);
afterAll(async () => {
  await sandbox.close();
  await database.close();
});
beforeEach(async () => {
  otherwise = (document) => document;
  await readAll();
});

describe("an ERP item that the mapping doesn't know", () => {
  it("is set from its exception, and every order that lacks it is solved", async () => {
    const [one] = await invoices(1);
    const sku = one?.sku ?? "";
    otherwise = (document) =>
      JSON.parse(
        JSON.stringify(document).replaceAll(`"lineObjectNumber":"${sku}"`, `"lineObjectNumber":"OLD-7"`),
      );
    await readAll();
    const found = await open("item-wrong");
    const orders = new Set(found.map((each) => each.order)).size;
    expect(orders).toBeGreaterThan(1);
    const id = found[0]?.id ?? "";
    const lacks = await findLacksOfException(ENTITY, id);
    expect(lacks).toMatchObject([
      {
        kind: "item",
        draft: { erpKind: "item", erpItem: "OLD-7", erpVariant: "", lineKind: "item", sku },
        count: orders,
      },
    ]);
    const [lack] = lacks;
    if (!lack) throw new Error("nothing is lacking");
    expect(lackWords(lack)).toMatchObject({ raw: "OLD-7", suggested: expect.stringContaining(sku) });
    const { runId, count, effect } = await setIt(lack, { all: true });
    expect(effect).toMatchObject({ matchesLost: 0, cleared: [{ cause: "item-wrong", count: found.length }] });
    expect(count).toBe(orders);
    // The change and the run that follows it were made together, by the same person.
    const made = await rows(
      "SELECT action, actor_name FROM audit_event WHERE chain = $1 ORDER BY seq DESC LIMIT 2",
      [ENTITY],
    );
    expect(made).toEqual([
      { action: "record.resync-many", actor_name: "Ada" },
      { action: "settings.item", actor_name: "Ada" },
    ]);
    expect(await rows("SELECT scope FROM run WHERE id = $1", [runId])).toMatchObject([
      { scope: { by: "exceptions-lacking", after: "item" } },
    ]);
    await runResyncs(runId, context);
    // The ERP changed what it had posted, which is an exception of its own: the orders are not wholly solved.
    const lines = await changesOf(runId);
    expect(lines.filter((line) => /^Item wrong .* is settled\.$/.test(line))).toHaveLength(found.length);
    // Then the rest of the entity is matched with the mapping, by a job of its own.
    const waiting = "SELECT FROM graphile_worker.jobs WHERE key = $1";
    expect(await rows(waiting, [`reconcile:${ENTITY}`])).toHaveLength(0);
    await handlers["resync-orders"](
      { runId },
      { pool: database.ownerPool, now, signal: new AbortController().signal, lastAttempt: false },
    );
    expect(await rows(waiting, [`reconcile:${ENTITY}`])).toHaveLength(1);
    expect(await open("item-wrong")).toEqual([]);
    expect(await findLacksOfException(ENTITY, id)).toEqual([]);
  });
});

describe("a tax code that the mapping doesn't have", () => {
  it("is lacking where the rate is right, and not where the ERP taxed at another rate", async () => {
    const [first, second] = await invoices(2);
    otherwise = (document) =>
      document.number === first?.number
        ? JSON.parse(JSON.stringify(document).replaceAll(/"taxCode":"[^"]*"/g, '"taxCode":"NEW19"'))
        : document;
    await readAll();
    const found = await open("tax-code-wrong");
    expect(found).toHaveLength(1);
    const [lack] = await findLacksOfException(ENTITY, found[0]?.id ?? "");
    expect(lack).toMatchObject({
      kind: "tax-code",
      draft: { shipTo: "DE", rate: "0.19", taxCode: "NEW19", right: "yes" },
      count: 1,
    });
    if (!lack) throw new Error("nothing is lacking");
    const { runId } = await setIt(lack, { all: false });
    await runResyncs(runId, context);
    expect(await changesOf(runId)).toEqual(["Tax code wrong (0.00 EUR) is settled."]);
    expect(await open("tax-code-wrong")).toEqual([]);

    const { rows: codes } = await database.ownerPool.query<{ code: string }>(
      "SELECT tax_code AS code FROM tax_mapping WHERE entity_id = $1 AND ship_to = 'DE' AND rate = 0.07 LIMIT 1",
      [ENTITY],
    );
    otherwise = (document) =>
      document.number === second?.number ? taxedAt7(document, codes[0]?.code ?? "") : document;
    await readAll();
    const [wrong] = await open("tax-code-wrong");
    expect(wrong).toBeDefined();
    expect(await findLacksOfException(ENTITY, wrong?.id ?? "")).toEqual([]);
  });
});

/** An invoice of one item as if it had been taxed at 7 %, its gross kept. */
function taxedAt7(document: Document, code: string): Document {
  const lines = document["salesInvoiceLines"] as Record<string, unknown>[];
  const taxed = lines.map((line) => {
    const gross = BigInt(Math.round(Number(line["netAmountIncludingTax"]) * 100));
    const net = (gross * 100n * 2n + 107n) / (107n * 2n);
    const text = (minor: bigint) => (Number(minor) / 100).toFixed(2);
    return {
      ...line,
      taxCode: code,
      taxPercent: "7",
      netAmount: text(net),
      netTaxAmount: text(gross - net),
      amountExcludingTax: text(net),
      totalTaxAmount: text(gross - net),
    };
  });
  return { ...document, salesInvoiceLines: taxed };
}

describe("a document that names no currency", () => {
  it("says what it lacks; one press sets it and reads every record again that lacks it", async () => {
    const numbers = (await invoices(4)).map((one) => one.number);
    await rows("UPDATE connection SET settings = settings - 'localCurrency' WHERE kind = 'business-central'");
    otherwise = (document) =>
      numbers.includes(document.number) ? { ...document, currencyCode: "" } : document;
    await readAll();
    const failed = (await rows(
      `SELECT id, connection_id AS "connectionId", missing, error_class, reference FROM failed_record
        WHERE resolved_at IS NULL ORDER BY reference`,
    )) as Readonly<{ id: string; connectionId: string; missing: Missing }>[];
    expect(failed).toMatchObject(
      numbers.map((number) => ({
        error_class: "missing-reference",
        missing: { kind: "local-currency" },
        reference: number,
      })),
    );
    const lacks = await findLacksOfFailed(ENTITY, failed);
    expect(lacks.size).toBe(4);
    const lack = lacks.get(failed[0]?.id ?? "");
    if (!lack) throw new Error("nothing is lacking");
    expect(lack).toMatchObject({ kind: "local-currency", draft: { currency: "EUR" }, count: 4 });

    // Whoever may not set it changes nothing and has nothing read.
    const { change } = readDraft(lack.kind, lack.draft);
    if (!change) throw new Error("the draft states no change");
    const { seal } = await previewSettings(admin, ENTITY, change, { now });
    const asked = { entityId: ENTITY, change, seal, again: lack.all };
    const runs = await rows("SELECT id FROM run WHERE kind = 'resync'");
    await expect(saveSettingsAndResync(person("operations"), asked)).rejects.toThrow(
      /may not change the settings/,
    );
    // Nor does somebody who was shown another preview; and where nothing is to be read, nothing is set either.
    await expect(saveSettingsAndResync(admin, { ...asked, seal: "another" })).rejects.toThrow(
      /no longer holds/,
    );
    const nothing = { by: "failed" as const, ids: ["00000000-0000-4000-8000-000000000000"] };
    await expect(saveSettingsAndResync(admin, { ...asked, again: nothing })).rejects.toThrow(
      /no order among them/,
    );
    expect(await rows("SELECT id FROM run WHERE kind = 'resync'")).toEqual(runs);
    expect(
      await rows("SELECT id FROM connection WHERE settings ? 'localCurrency' AND entity_id = $1", [ENTITY]),
    ).toEqual([]);

    // First one of them alone, then all that are left; the currency stands by then.
    const single = await setIt(lack, { all: false });
    expect(single.count).toBe(1);
    await runResyncs(single.runId, context);
    expect(await statesOf(single.runId)).toEqual(["solved"]);
    const rest = await setIt(
      { ...lack, all: { by: "failed-lacking", id: failed[1]?.id ?? "" } },
      { all: true },
    );
    expect(rest.count).toBe(3);
    await runResyncs(rest.runId, context);
    expect(await statesOf(rest.runId)).toEqual(["solved", "solved", "solved"]);
    expect(await rows("SELECT id FROM failed_record WHERE resolved_at IS NULL")).toEqual([]);
    const other = { ...change, currency: "USD" } as typeof change;
    await expect(previewSettings(admin, ENTITY, other, { now })).rejects.toThrow(/are read as EUR already/);
  });
});
