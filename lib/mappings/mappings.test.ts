import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Actor } from "@/lib/auth/actor";
import { inTransaction, whileLocked } from "@/lib/db/pool";
import { createTestDatabase, emptyTables, type TestDatabase } from "@/lib/db/testing";
import { runReconciliation } from "@/lib/matching/reconcile";
import { previewSettings, saveSettings, saveSettingsAndResync } from "@/lib/settings/change/mutations";
import type { StoreContext } from "@/lib/sync/store/context";
import { invoice, item, line, order, prepare, reading } from "@/lib/sync/store/fixtures";
import { storeLedger } from "@/lib/sync/store/ledger";
import { storeOrders } from "@/lib/sync/store/orders";
import { askForProposals } from "./ask-for-proposals";
import {
  findForFile,
  findItemMappings,
  findRequest,
  findRequests,
  findRowHistory,
  findTaxMappings,
} from "./data";
import { readMappingFile, writeMappingFile } from "./file";
import { askForRow, importMappings } from "./import";
import { findGtinProposals, findItemProposals, findTaxProposals, isWeak } from "./proposals";
import { askForMappings, decideRequest, editRequest, setSecondPerson } from "./requests";
import { type MappingAsk, type MappingChange, MappingDecision, mappingTables } from "./schema";
import { countWaitingFor, findOwnRequests } from "./waiting";

process.env["TIEOUT_SECRET"] = "a secret of thirty-two characters or more";

const E = "E1";
const NOW = new Date("2026-12-20T08:00:00Z");
const TABLES =
  "line document document_version sales_order order_alias source_record dirty_group pair pair_line tally cause exception exception_event period_summary run resync_record audit_event tax_mapping item_mapping reference_rule payment_mapping payment_use mapping_request".split(
    " ",
  );
let database: TestDatabase;
let stores: Readonly<{ orders: StoreContext; ledger: StoreContext }>;
// Runs are told apart by when they ended.
let ticks = 0;
const now = () => new Date(NOW.getTime() + ticks++);

const person = (name: string, role: Actor["grants"][number]["role"]): Actor => ({
  id: `33333333-3333-3333-3333-${name.padEnd(12, "0").slice(0, 12)}`,
  name,
  email: `${name}@example.com`,
  grants: [{ role, entityId: E }],
  demo: false,
});
const ada = person("ada", "administrator");
const bea = person("bea", "administrator");
const rosa = person("rosa", "finance-reviewer");

const rows = async (sql: string, values: unknown[] = []) =>
  (await database.ownerPool.query(sql, values)).rows;
const reconcile = () => runReconciliation({}, { actorName: "Test", now, pool: database.ownerPool });

beforeAll(async () => {
  database = await createTestDatabase();
  stores = await prepare(database.ownerPool);
});
afterAll(() => database.close());
beforeEach(async () => {
  await emptyTables(database.ownerPool, TABLES);
  await rows("UPDATE entity SET none_tax_codes = '{}', posting_lag_hours = 72, second_person = true");
});

/** Orders whose invoices name an item the shop doesn't know; the third agrees. */
async function books(count = 3): Promise<void> {
  await inTransaction(database.ownerPool, async (client) => {
    for (const id of Array.from({ length: count }, (_, index) => String(index + 1))) {
      await storeOrders(client, stores.orders, [
        reading(order({ id, reference: `R-${id}`, items: [item({ id: `${id}-1` })] })),
      ]);
      const posted = line(id === "3" ? {} : { sku: "OLD-7" });
      await storeLedger(client, stores.ledger, [
        reading(invoice({ sourceId: `g-${id}`, number: `N-${id}`, reference: `R-${id}`, lines: [posted] })),
      ]);
    }
  });
  await reconcile();
}

const mapped: MappingChange = {
  kind: "item",
  erpKind: "item",
  erpItem: "OLD-7",
  erpVariant: "",
  lineKind: "item",
  sku: "SKU-1",
};
const code: MappingChange = {
  kind: "tax-code",
  shipTo: "DE",
  channel: "*",
  rate: "0.19",
  taxCode: "VAT19",
  right: true,
};
const ask = (actor = ada, changes: MappingChange[] = [mapped], more: Partial<MappingAsk> = {}) =>
  askForMappings(actor, { entityId: E, changes, source: "change", ...more }, { now });
const decide = (actor: Actor, id: string, decision: MappingDecision["decision"] = "approve", version = 1) =>
  decideRequest(actor, { entityId: E, id, version, decision, why: "" }, { now });
const open = async () =>
  (
    await rows(
      "SELECT order_reference, cause FROM exception WHERE state NOT IN ('resolved', 'explained', 'accepted') ORDER BY 1, 2",
    )
  ).map((row) => `${row.order_reference} ${row.cause}`);
const trail = async () =>
  await rows(
    "SELECT action, actor_name, subject FROM audit_event WHERE action NOT LIKE 'run.%' ORDER BY seq",
  );
const items = () => rows("SELECT erp_item, sku, confirmed_by FROM item_mapping ORDER BY 1");

describe("a request to change mappings", () => {
  it("holds nothing until a second person approves it; then exactly its preview comes true by itself", async () => {
    await books();
    expect(await open()).toEqual(["R-1 item-wrong", "R-2 item-wrong"]);
    const { id } = await ask();
    expect(await items()).toEqual([]);
    const request = await findRequest(E, id);
    expect(request).toMatchObject({
      state: "asked",
      madeBy: "ada",
      foreseen: { effect: { matchesWon: 2, matchesLost: 0, cleared: [{ cause: "item-wrong", count: 2 }] } },
    });
    expect(await decide(rosa, id)).toEqual({ state: "made", runId: null });
    expect(await items()).toEqual([
      { erp_item: "OLD-7", sku: "SKU-1", confirmed_by: "ada, approved by rosa" },
    ]);
    // Matching follows without anybody's doing.
    expect(
      await rows("SELECT task_identifier FROM graphile_worker.jobs WHERE key = $1", [`reconcile:${E}`]),
    ).toEqual([{ task_identifier: "reconcile" }]);
    await reconcile();
    expect(await open()).toEqual([]);
    // What it did is counted and kept beside what was foreseen, once.
    const made = await findRequest(E, id);
    const { groups: _, ...effect } = request?.foreseen?.effect ?? { groups: 0 };
    expect(made?.actual).toMatchObject({ effect, together: 1 });
    await reconcile();
    expect((await findRequest(E, id))?.actual).toEqual(made?.actual);
    expect(await trail()).toEqual([
      { action: "mapping-request.ask", actor_name: "ada", subject: `mapping-request:${id}` },
      { action: "settings.item", actor_name: "rosa", subject: "item OLD-7" },
      { action: "mapping-request.approve", actor_name: "rosa", subject: `mapping-request:${id}` },
    ]);
  });

  it("is not approved by who made it, administrators included, nor by who may not approve", async () => {
    await books();
    const { id } = await ask();
    await expect(decide(ada, id)).rejects.toMatchObject({ code: "not-allowed", message: /asked for/ });
    for (const role of ["finance-preparer", "operations", "auditor"] as const)
      await expect(decide(person("otto", role), id)).rejects.toMatchObject({ code: "not-allowed" });
    await expect(ask(rosa)).rejects.toMatchObject({ code: "not-allowed" });
    expect(await items()).toEqual([]);
    expect((await decide(bea, id)).state).toBe("made");
  });

  it("is not approved by who edited it last; whoever made it still may not either", async () => {
    await books();
    const { id } = await ask(ada, [mapped, code]);
    const edit = { entityId: E, id, version: 1, changes: [mapped] };
    await expect(
      editRequest(bea, { ...edit, changes: [{ ...mapped, sku: "SKU-9" } as MappingChange] }, { now }),
    ).rejects.toMatchObject({ code: "invalid" });
    expect(await editRequest(bea, edit, { now })).toEqual({ version: 2 });
    await expect(decide(rosa, id)).rejects.toMatchObject({
      code: "conflict",
      message: /not what you looked/,
    });
    await expect(decide(bea, id, "approve", 2)).rejects.toMatchObject({
      code: "not-allowed",
      message: /edited/,
    });
    await expect(decide(ada, id, "approve", 2)).rejects.toMatchObject({ code: "not-allowed" });
    expect((await decide(rosa, id, "approve", 2)).state).toBe("made");
    expect(await rows("SELECT 1 FROM tax_mapping WHERE confirmed_at IS NOT NULL")).toEqual([]);
  });

  it("whose preview no longer holds is refused, previewed again, and approved as it then is", async () => {
    await books(2);
    const { id } = await ask();
    await books(5);
    await expect(decide(rosa, id)).rejects.toMatchObject({
      code: "conflict",
      message: /previewed again/,
    });
    expect(await items()).toEqual([]);
    expect(await findRequest(E, id)).toMatchObject({
      version: 2,
      foreseen: { effect: { cleared: [{ cause: "item-wrong", count: 4 }] } },
    });
    await expect(decide(rosa, id)).rejects.toMatchObject({ code: "conflict" });
    expect((await decide(rosa, id, "approve", 2)).state).toBe("made");
    expect((await trail()).map((one) => one.action)).toEqual([
      "mapping-request.ask",
      "mapping-request.preview",
      "settings.item",
      "mapping-request.approve",
    ]);
  });

  it("is approved where figures moved that its effect does not touch", async () => {
    await books();
    const { id } = await ask();
    await inTransaction(database.ownerPool, (client) =>
      storeOrders(client, stores.orders, [
        reading(order({ id: "9", reference: "R-9", items: [item({ id: "9-1", sku: "SKU-9" })] })),
      ]),
    );
    await reconcile();
    expect((await decide(rosa, id)).state).toBe("made");
  });

  it("is decided once, by one of two who approve at the same time", async () => {
    await books();
    const { id } = await ask();
    const both = await Promise.allSettled([decide(rosa, id), decide(bea, id)]);
    expect(both.map((one) => one.status).sort()).toEqual(["fulfilled", "rejected"]);
    expect((await trail()).filter((one) => one.action === "mapping-request.approve")).toHaveLength(1);
    await expect(decide(bea, id)).rejects.toMatchObject({ code: "conflict" });
    await expect(decide(bea, id, "reject")).rejects.toMatchObject({ code: "conflict" });
  });

  it("waits for a reconciliation at work", async () => {
    await books();
    const { id } = await ask();
    await whileLocked(database.ownerPool, `reconcile:${E}`, () =>
      expect(decide(rosa, id)).rejects.toMatchObject({ code: "conflict", message: /is at work/ }),
    );
  });

  it("is rejected by others and withdrawn by its maker alone", async () => {
    await books();
    const { id } = await ask();
    await expect(decide(rosa, id, "withdraw")).rejects.toMatchObject({ code: "not-allowed" });
    expect((await decide(ada, id, "withdraw")).state).toBe("withdrawn");
    const other = await ask();
    expect((await decide(rosa, other.id, "reject")).state).toBe("rejected");
    expect(await items()).toEqual([]);
    expect((await findRequests(E, 1)).rows.map((one) => one.state)).toEqual(["rejected", "withdrawn"]);
  });

  it("is counted for whoever can decide it, and told to who asked; a rejection has a reason", async () => {
    await books();
    const { id } = await ask(ada, [mapped, code]);
    const waits = async (actor: Actor) => (await countWaitingFor(actor, [E]))[0]?.count ?? 0;
    expect([await waits(ada), await waits(bea), await waits(rosa)]).toEqual([0, 1, 1]);
    expect(await waits(person("otto", "auditor"))).toBe(0);
    await editRequest(bea, { entityId: E, id, version: 1, changes: [mapped] }, { now });
    expect([await waits(bea), await waits(rosa)]).toEqual([0, 1]);
    const rejection = { entityId: E, id, version: 2, decision: "reject" as const };
    expect(MappingDecision.safeParse({ ...rejection, why: " " }).success).toBe(false);
    expect(MappingDecision.safeParse({ ...rejection, decision: "approve" }).success).toBe(true);
    await decideRequest(rosa, { ...rejection, why: "It is another item." }, { now });
    expect(await waits(rosa)).toBe(0);
    expect(await findOwnRequests(E, ada.id, NOW)).toMatchObject([
      { id, state: "rejected", first: mapped, rows: 1, decidedBy: "rosa", decidedWhy: "It is another item." },
    ]);
    expect(await findOwnRequests(E, ada.id, new Date(NOW.getTime() + 1_000_000))).toEqual([]);
    expect(await findOwnRequests(E, bea.id, NOW)).toEqual([]);
  });

  it("takes a mapping away again, and has the records read again that lacked one", async () => {
    await books();
    const { rows: exceptions } = await database.ownerPool.query<{ id: string }>(
      "SELECT id FROM exception WHERE cause = 'item-wrong' ORDER BY order_reference LIMIT 1",
    );
    const again = { by: "exceptions" as const, ids: exceptions.map((one) => one.id) };
    const { id } = await ask(ada, [mapped], { source: "record", again });
    const { runId } = await decide(rosa, id);
    expect(await rows("SELECT run_id, name FROM resync_record")).toEqual([{ run_id: runId, name: "R-1" }]);
    await reconcile();
    // Without any record left that lacked it, the change still holds and everything is matched.
    const gone = await ask(ada, [{ kind: "item-gone", erpKind: "item", erpItem: "OLD-7", erpVariant: "" }]);
    expect((await decide(rosa, gone.id)).state).toBe("made");
    await reconcile();
    expect(await items()).toEqual([]);
    expect(await open()).toEqual(["R-1 item-wrong", "R-2 item-wrong"]);
    await expect(
      ask(ada, [{ kind: "item-gone", erpKind: "item", erpItem: "OLD-7", erpVariant: "" }]),
    ).rejects.toMatchObject({ code: "not-found" });
  });

  it("says nothing twice of one place", async () => {
    await books();
    await expect(ask(ada, [mapped, { ...mapped, sku: "SKU-2" } as MappingChange])).rejects.toMatchObject({
      code: "invalid",
    });
    const { id } = await ask(ada, [mapped, mapped]);
    expect((await findRequest(E, id))?.changes).toHaveLength(1);
  });
});

describe("where two people change mappings", () => {
  it("nobody saves one alone, by whatever way", async () => {
    await books();
    const { seal } = await previewSettings(ada, E, mapped, { now: () => NOW, pool: database.ownerPool });
    const refusal = { code: "not-allowed", message: /two people/ };
    await expect(saveSettings(ada, E, mapped, seal, { pool: database.ownerPool })).rejects.toMatchObject(
      refusal,
    );
    await expect(
      saveSettingsAndResync(
        ada,
        { entityId: E, change: mapped, seal, again: { by: "orders", ids: [] } },
        { pool: database.ownerPool },
      ),
    ).rejects.toMatchObject(refusal);
    expect(await items()).toEqual([]);
    // Other settings are as they were.
    const lag = { kind: "posting-lag", hours: 71 } as const;
    const other = await previewSettings(ada, E, lag, { now: () => NOW, pool: database.ownerPool });
    await saveSettings(ada, E, lag, other.seal, { pool: database.ownerPool });
  });

  it("only two people turn that off, and one person turns it on; meanwhile one who may change settings is enough", async () => {
    await books();
    const off = await setSecondPerson(ada, { entityId: E, needed: false }, { now });
    expect(await rows("SELECT second_person FROM entity WHERE id = 'E1'")).toEqual([{ second_person: true }]);
    await expect(decide(ada, off.id ?? "")).rejects.toMatchObject({ code: "not-allowed" });
    await decide(rosa, off.id ?? "");
    expect(await rows("SELECT second_person FROM entity WHERE id = 'E1'")).toEqual([
      { second_person: false },
    ]);
    const { id } = await ask();
    expect((await decide(ada, id)).state).toBe("made");
    expect(await items()).toMatchObject([{ confirmed_by: "ada" }]);
    await expect(setSecondPerson(rosa, { entityId: E, needed: true }, { now })).rejects.toMatchObject({
      code: "not-allowed",
    });
    expect(await setSecondPerson(ada, { entityId: E, needed: true }, { now })).toEqual({ id: null });
    await expect(setSecondPerson(ada, { entityId: E, needed: true }, { now })).rejects.toMatchObject({
      code: "conflict",
    });
    const last = await ask(ada, [code]);
    await expect(decide(ada, last.id)).rejects.toMatchObject({ code: "not-allowed" });
  });
});

const HEAD = "erp_kind,erp_item,variant,stands_for,sku\r\n";
const load = (text: string, table: "items" | "tax-codes" = "items", actor = ada) =>
  importMappings(actor, { entityId: E, table, text, reason: "" }, { now });

describe("a file of mappings", () => {
  it("becomes one request of the rows that change something, and comes out as it went in", async () => {
    await books();
    const file = `${HEAD}item,OLD-7,,item,SKU-1\r\naccount,8400,,shipping,\r\nitem,"A,1",V,item,'=SUM(A1)\r\n`;
    const first = await load(file);
    expect(first).toMatchObject({ changed: 3, same: 0, problems: [] });
    expect(await items()).toEqual([]);
    await decide(rosa, first.id ?? "");
    const written = writeMappingFile("items", await findForFile(E, "items"));
    expect(written).toBe(
      `${HEAD.trim()},valid_from,valid_until\r\naccount,8400,,shipping,,,\r\nitem,"A,1",V,item,'=SUM(A1),,\r\nitem,OLD-7,,item,SKU-1,,\r\n`,
    );
    expect(await rows("SELECT sku FROM item_mapping WHERE erp_item = 'A,1'")).toEqual([{ sku: "=SUM(A1)" }]);
    await expect(load(written)).rejects.toMatchObject({ code: "invalid", message: /nothing to change/ });
    expect(await load(`${HEAD}item,OLD-7,,nothing,\r\nitem,NEVER,,nothing,\r\n`)).toMatchObject({
      changed: 1,
      same: 1,
    });
    const codes =
      "ships_to;channel;rate;tax_code;right;valid_from;valid_until\nde;any;0.19;VAT19;yes;2026-01-01;\nAT;In store;0.2;VAT20;NO;;\n";
    expect(await load(codes, "tax-codes")).toMatchObject({ changed: 2, problems: [] });
    await rows(
      "INSERT INTO channel (connection_id, key, name, type) VALUES ($1, 'bazaar', 'Bazaar', 'marketplace') ON CONFLICT DO NOTHING",
      [stores.orders.connectionId],
    );
    const one = "ships_to,channel,rate,tax_code,right\nDE,key:bazaar,0.07,VAT7-B,yes\n";
    expect(await load(one, "tax-codes")).toMatchObject({ changed: 1, problems: [] });
    expect((await load(one.replace("key:", "only "), "tax-codes")).problems).toMatchObject([
      { column: "channel", advice: expect.stringContaining("key: and the channel’s key") },
    ]);
  });

  it("with one bad row changes nothing, and says of every bad row where, what and what to do", async () => {
    await books();
    const { id, problems } = await load(
      `${HEAD}item,OLD-7,,item,SKU-1\r\nitem,OLD-8,,item,\r\nthing,"a\r\nb",,fee,SKU\r\nitem,OLD-7,,fee,\r\naccount,1\r\n`,
    );
    expect(id).toBeNull();
    expect(problems.map(({ line: at, column }) => `${at} ${column}`)).toEqual([
      "3 sku",
      "4 erp_kind",
      "4 erp_item",
      "4 sku",
      "6 (all)",
      "7 (all)",
    ]);
    expect(problems.every((one) => one.what !== "" && one.advice !== "")).toBe(true);
    expect(await rows("SELECT 1 FROM mapping_request")).toEqual([]);
    await expect(load(`${HEAD}item,OLD-7,,item,SKU-1`, "items", rosa)).rejects.toMatchObject({
      code: "not-allowed",
    });
    expect(readMappingFile("items", "erp_kind,sku\nitem,S").problems.map((one) => one.column)).toEqual([
      "erp_item",
      "variant",
      "stands_for",
    ]);
    expect(readMappingFile("items", HEAD).problems).toHaveLength(1);
    const many = HEAD + Array.from({ length: 501 }, (_, index) => `item,I${index},,item,S\r\n`).join("");
    expect(readMappingFile("items", many).problems).toMatchObject([{ line: 502, column: "(all)" }]);
  });

  it("never fails on naughty files, and never writes a formula", () => {
    const naughty = [
      "",
      "\uFEFF",
      '"',
      `${HEAD}item,"x`,
      `${HEAD}item,\u0000,,item,S`,
      `${HEAD}=cmd|' /C calc'!A0,@SUM(1),-1,+1,'=1`,
    ];
    // Files that nobody on the team wrote, where they are there.
    const folder = process.env["TIEOUT_SHARED_DATA"] ?? path.resolve("../shared/data");
    for (const under of ["fuzz/csv-spectrum/csvs", "fuzz/csv-test-data/csv", "fuzz/csv-injection/Intruder"]) {
      const at = path.join(folder, under);
      if (!existsSync(at)) continue;
      for (const name of readdirSync(at)) naughty.push(readFileSync(path.join(at, name), "utf8"));
    }
    for (const text of naughty) {
      for (const table of mappingTables) {
        const read = readMappingFile(table, text);
        expect(read.problems.length).toBeGreaterThan(0);
      }
    }
    for (const payload of naughty.flatMap((text) => text.split(/\r?\n/)).filter((one) => one.trim() !== "")) {
      const sku = payload.trim().slice(0, 40).trim();
      const draft = { erpKind: "item", erpItem: "X", erpVariant: "", lineKind: "item", sku };
      const written = writeMappingFile("items", [draft]);
      const cell = written.slice(HEAD.length).split(",").slice(4).join(",");
      expect(cell).not.toMatch(/^"?[=+\-@\t\r]/);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: such are refused
      if (!/[\u0000-\u001f\u007f\uFEFF]/.test(sku))
        expect(readMappingFile("items", written).rows, sku).toMatchObject([{ change: { sku } }]);
    }
  });
});

describe("a tax code that is right from one day to another", () => {
  it("is so on the posting days between, and matching honours it in either place that looks at codes", async () => {
    await books();
    await rows("UPDATE entity SET second_person = false");
    const make = async (changes: MappingChange[]) => {
      const { id } = await ask(ada, changes);
      await decide(ada, id);
      await reconcile();
    };
    const wrong = async () => (await open()).filter((one) => one.endsWith("tax-code-wrong"));
    await make([mapped, code]);
    expect(await open()).toEqual([]);
    // Posted on 5 October, when another code was the right one.
    const other = { ...code, taxCode: "VAT-OLD", validUntil: "2026-10-05" } as MappingChange;
    // Rows of one code share no day, unless one says which it takes the place of.
    await expect(ask(ada, [{ ...code, validFrom: "2026-10-06" } as MappingChange])).rejects.toMatchObject({
      code: "invalid",
      message:
        /VAT19 for DE at 19 % share days: one holds (always, the other from 6 Oct 2026|from 6 Oct 2026, the other always)/,
    });
    await make([{ ...code, validFrom: "2026-10-06", replaces: "beginning" } as MappingChange, other]);
    expect(await wrong()).toEqual(["R-1", "R-2", "R-3"].map((one) => `${one} tax-code-wrong`));
    const days = "valid_from, valid_until";
    expect(await rows(`SELECT tax_code, ${days} FROM tax_mapping ORDER BY 1`)).toEqual([
      { tax_code: "VAT-OLD", valid_from: null, valid_until: "2026-10-05" },
      { tax_code: "VAT19", valid_from: "2026-10-06", valid_until: null },
    ]);
    await make([{ ...code, validFrom: "2026-10-05", replaces: "2026-10-06" } as MappingChange]);
    expect(await open()).toEqual([]);
    // Where no code is right on the day, none is held to be wrong.
    await make([
      { ...code, validFrom: "2026-10-06", replaces: "2026-10-05" } as MappingChange,
      { ...other, validUntil: "2026-10-04" } as MappingChange,
    ]);
    expect(await open()).toEqual([]);
    await expect(
      ask(ada, [{ ...code, validFrom: "2026-10-06", validUntil: "2026-10-05" } as MappingChange]),
    ).rejects.toMatchObject({ code: "invalid" });
    expect(writeMappingFile("tax-codes", await findForFile(E, "tax-codes"))).toContain(
      "DE,any,0.19,VAT19,yes,2026-10-06,\r\n",
    );
  });

  it("holds in several spans; each is stated alone, and saying it twice is saying it once", async () => {
    await books();
    await rows("UPDATE entity SET second_person = false");
    const make = async (...changes: Partial<typeof code>[]) => {
      const { id } = await ask(
        ada,
        changes.map((one) => ({ ...code, ...one }) as MappingChange),
      );
      await decide(ada, id);
      await reconcile();
    };
    const spans = async () =>
      (
        await rows(
          "SELECT valid_from, valid_until FROM tax_mapping WHERE tax_code = 'VAT19' AND confirmed_at IS NOT NULL ORDER BY 1 NULLS FIRST",
        )
      ).map((row) => [row.valid_from, row.valid_until]);
    await make({ validUntil: "2026-06-30" }, { validFrom: "2027-01-01" });
    expect(await spans()).toEqual([
      [null, "2026-06-30"],
      ["2027-01-01", null],
    ]);
    const moved = { validFrom: "2026-12-01", replaces: "2027-01-01" };
    await make(moved);
    await make(moved);
    expect(await spans()).toEqual([
      [null, "2026-06-30"],
      ["2026-12-01", null],
    ]);
    await expect(make({ validFrom: "2026-07-01", replaces: "2026-01-01" })).rejects.toMatchObject({
      code: "not-found",
    });
    // The database holds it as well.
    await expect(
      rows(
        `INSERT INTO tax_mapping (id, entity_id, ship_to, rate, tax_code, confirmed_at, valid_from)
         VALUES (gen_random_uuid(), 'E1', 'DE', 0.19, 'VAT19', now(), '2026-06-01')`,
      ),
    ).rejects.toThrow(/tax_mapping_spans/);
    // The export states every span; with the first one longer it moves that one alone.
    const file = writeMappingFile("tax-codes", await findForFile(E, "tax-codes"));
    const longer = file.replace("2026-06-30", "2026-09-30");
    const { id } = await importMappings(
      ada,
      { entityId: E, table: "tax-codes", text: longer, reason: "" },
      { now },
    );
    await decide(ada, id ?? "");
    expect(await spans()).toEqual([
      [null, "2026-09-30"],
      ["2026-12-01", null],
    ]);
    const begun = longer.replace("yes,,2026-09-30", "yes,2026-02-01,2026-09-30");
    const next = await importMappings(
      ada,
      { entityId: E, table: "tax-codes", text: begun, reason: "" },
      { now },
    );
    await decide(ada, next.id ?? "");
    expect(await spans()).toEqual([
      ["2026-02-01", "2026-09-30"],
      ["2026-12-01", null],
    ]);
  });
});

describe("an item that stands for a product from one day to another", () => {
  it("does so for documents of those days alone, and each of its rows is taken away by itself", async () => {
    await books();
    await rows("UPDATE entity SET second_person = false");
    const make = async (...changes: MappingChange[]) => {
      const { id } = await ask(ada, changes);
      await decide(ada, id);
      await reconcile();
    };
    // Posted on 5 October.
    await make({ ...mapped, validFrom: "2026-10-06" } as MappingChange);
    expect(await open()).toEqual(["R-1 item-wrong", "R-2 item-wrong"]);
    await make({ ...mapped, validUntil: "2026-10-05" } as MappingChange);
    expect(await open()).toEqual([]);
    await expect(ask(ada, [mapped])).rejects.toMatchObject({
      code: "invalid",
      message: /item OLD-7 share days/,
    });
    const file = writeMappingFile("items", await findForFile(E, "items"));
    expect(file).toContain("item,OLD-7,,item,SKU-1,,2026-10-05\r\n");
    expect(file).toContain("item,OLD-7,,item,SKU-1,2026-10-06,\r\n");
    await expect(
      importMappings(ada, { entityId: E, table: "items", text: file, reason: "" }, { now }),
    ).rejects.toMatchObject({ code: "invalid", message: /holds already/ });
    const gone = { kind: "item-gone", erpKind: "item", erpItem: "OLD-7", erpVariant: "" } as const;
    await make({ ...gone, begins: "2026-10-06" });
    expect(await open()).toEqual([]);
    // A document that comes now is read with the mapping of its day.
    await inTransaction(database.ownerPool, async (client) => {
      await storeOrders(client, stores.orders, [
        reading(order({ id: "7", reference: "R-7", items: [item({ id: "7-1" })] })),
      ]);
      await storeLedger(client, stores.ledger, [
        reading(
          invoice({ sourceId: "g-7", number: "N-7", reference: "R-7", lines: [line({ sku: "OLD-7" })] }),
        ),
      ]);
    });
    await reconcile();
    expect(await open()).toEqual([]);
    await make(gone);
    expect(await items()).toEqual([]);
    expect(await open()).toEqual(["R-1 item-wrong", "R-2 item-wrong", "R-7 item-wrong"]);
  });
});

describe("a row of tax codes or items in a form", () => {
  const ADD = { holds: "yes", validFrom: "", validUntil: "" };
  const form = (table: "tax-codes" | "items", draft: Record<string, string>, more: object = {}) =>
    askForRow(
      ada,
      { entityId: E, table, draft: { ...ADD, ...draft }, replaces: "beginning", reason: "", ...more },
      { now },
    );
  const coded = { shipTo: "DE", channel: "*", rate: "0.19", taxCode: "VAT19", right: "yes" };
  const make = async (asked: Awaited<ReturnType<typeof form>>) => {
    expect(asked.problems).toEqual([]);
    await decide(ada, asked.id ?? "");
    await reconcile();
  };
  const codes = async () =>
    (
      await rows(
        "SELECT tax_code, confirmed_at IS NOT NULL AS right, valid_from, valid_until FROM tax_mapping ORDER BY valid_from NULLS FIRST, 1",
      )
    ).map((row) => [row.tax_code, row.right, row.valid_from, row.valid_until]);
  const meanings = async () =>
    (
      await rows(
        "SELECT line_kind, sku, valid_from, valid_until FROM item_mapping ORDER BY valid_from NULLS FIRST",
      )
    ).map((row) => [row.line_kind, row.sku, row.valid_from, row.valid_until]);

  it("gives way to another tax code from a day on, and holds until the day before", async () => {
    await books();
    await rows("UPDATE entity SET second_person = false");
    const { id } = await ask(ada, [mapped, { ...code, taxCode: "VAT-OLD" } as MappingChange]);
    await decide(ada, id);
    // Everything is posted on 5 October with VAT19: wrong as long as VAT-OLD is the one.
    await reconcile();
    const wrong = ["R-1", "R-2", "R-3"].map((one) => `${one} tax-code-wrong`);
    expect(await open()).toEqual(wrong);
    // Which days are whose has to be said.
    expect((await form("tax-codes", coded, { was: "VAT-OLD", keeps: true })).problems).toMatchObject([
      { column: "valid_from", what: expect.stringContaining("VAT-OLD") },
    ]);
    await make(await form("tax-codes", { ...coded, validFrom: "2026-10-06" }, { was: "VAT-OLD" }));
    expect(await codes()).toEqual([
      ["VAT-OLD", true, null, "2026-10-05"],
      ["VAT19", true, "2026-10-06", null],
    ]);
    expect(await open()).toEqual(wrong);
    // A day earlier it is right for what is posted then, and the books agree.
    await make(
      await form(
        "tax-codes",
        { ...coded, validFrom: "2026-10-05" },
        { was: "VAT19", replaces: "2026-10-06" },
      ),
    );
    expect(await codes()).toEqual([
      ["VAT-OLD", true, null, "2026-10-05"],
      ["VAT19", true, "2026-10-05", null],
    ]);
    expect(await open()).toEqual([]);
    // Both changes are in the history of their own rows.
    expect((await findRowHistory(E, "tax-code DE * 0.19 VAT-OLD")).map((one) => one.after)).toEqual([
      { right: true, validUntil: "2026-10-05" },
      { right: true },
    ]);
  });

  it("is not right any more from a day on, and was until the day before", async () => {
    await books();
    await rows("UPDATE entity SET second_person = false");
    await decide(ada, (await ask(ada, [code])).id);
    const no = { ...coded, right: "no", validFrom: "2027-01-01" };
    await make(await form("tax-codes", no, { was: "VAT19", keeps: true }));
    expect(await codes()).toEqual([
      ["VAT19", true, null, "2026-12-31"],
      ["VAT19", false, "2027-01-01", null],
    ]);
    await expect(
      form("tax-codes", no, { was: "VAT19", replaces: "2027-01-01", keeps: true }),
    ).rejects.toMatchObject({ code: "invalid", message: /holds already/ });
    // What ended before by itself stays as it is.
    const ended = { ...coded, taxCode: "VAT-NEW", validFrom: "2027-02-01" };
    await make(await form("tax-codes", ended, { was: "VAT19" }));
    expect(await codes()).toEqual([
      ["VAT19", true, null, "2026-12-31"],
      ["VAT19", false, "2027-01-01", null],
      ["VAT-NEW", true, "2027-02-01", null],
    ]);
  });

  it("stands for another product from a day on, and for the former until the day before", async () => {
    await books();
    await rows("UPDATE entity SET second_person = false");
    await decide(ada, (await ask(ada, [mapped])).id);
    await reconcile();
    expect((await open()).filter((one) => one.endsWith("item-wrong"))).toEqual([]);
    const item = { erpKind: "item", erpItem: "OLD-7", erpVariant: "", lineKind: "item", sku: "SKU-NEW" };
    await make(await form("items", { ...item, validFrom: "2026-10-06" }, { keeps: true }));
    expect(await meanings()).toEqual([
      ["item", "SKU-1", null, "2026-10-05"],
      ["item", "SKU-NEW", "2026-10-06", null],
    ]);
    // What is posted on the 5th keeps its meaning.
    expect((await open()).filter((one) => one.endsWith("item-wrong"))).toEqual([]);
    await make(
      await form(
        "items",
        { ...item, lineKind: "fee", sku: "", validFrom: "2027-01-01" },
        { keeps: true, replaces: "2026-10-06" },
      ),
    );
    expect(await meanings()).toEqual([
      ["item", "SKU-1", null, "2026-10-05"],
      ["item", "SKU-NEW", "2026-10-06", "2026-12-31"],
      ["fee", null, "2027-01-01", null],
    ]);
    expect((await form("items", { ...item, sku: "" })).problems).toMatchObject([{ column: "sku" }]);
  });
});

describe("proposals", () => {
  it("say how many posted lines and open orders speak for them, and what speaks against", async () => {
    await books(4);
    // One order posts another code at the same place, one sells the ERP's item itself.
    await inTransaction(database.ownerPool, async (client) => {
      await storeOrders(client, stores.orders, [
        reading(
          order({
            id: "8",
            reference: "R-8",
            items: [item({ id: "8-1" }), item({ id: "8-2", sku: "OLD-7" })],
          }),
        ),
      ]);
      const lines = [line({ taxCode: "VAT-A" }), line({ sourceLineId: "20000", sku: "OLD-7" })];
      const stated = { net: 20_000n, tax: 3_800n, gross: 23_800n };
      await storeLedger(client, stores.ledger, [
        reading(invoice({ sourceId: "g-8", number: "N-8", reference: "R-8", lines, stated })),
      ]);
    });
    await reconcile();
    expect(await findItemProposals(E)).toEqual([
      {
        change: mapped,
        speaking: [{ what: "open orders that show it in the place of the product", count: 3 }],
        against: [{ what: "the ERP posted it where SCAYLE sold OLD-7 itself", count: 1, examples: ["R-8"] }],
        examples: ["R-1", "R-2", "R-4"],
      },
    ]);
    const codes = await findTaxProposals(E);
    expect(codes.map(({ change, speaking, against }) => [change, speaking[0]?.count, against])).toEqual([
      [code, 5, [{ what: "VAT-A at the same place and rate", count: 1, examples: ["R-8"] }]],
      [
        { ...code, taxCode: "VAT-A" },
        1,
        [{ what: "VAT19 at the same place and rate", count: 5, examples: ["R-1", "R-8"] }],
      ],
    ]);
    // Several at once are one request; what was confirmed or refused is proposed no more.
    const { id } = await ask(ada, [code, { ...code, taxCode: "VAT-A", right: false }, mapped], {
      source: "proposals",
    });
    await decide(rosa, id);
    await reconcile();
    expect(await findTaxProposals(E)).toEqual([]);
    expect(await findItemProposals(E)).toEqual([]);
  });
});

describe("proposals from the ERP’s item master", () => {
  const stocked = (
    side: "erp" | "scayle",
    items: readonly (readonly [string, string | null, string | null])[],
  ) =>
    rows(
      `INSERT INTO stock_item (connection_id, item_key, entity_id, gtin, tax_code)
       SELECT (SELECT id FROM connection WHERE entity_id = $1 AND side = $2 LIMIT 1), i.item, $1, i.gtin, i.code
         FROM unnest($3::text[], $4::text[], $5::text[]) AS i(item, gtin, code)`,
      [E, side, ...[0, 1, 2].map((at) => items.map((one) => one[at]))],
    );

  it("take a GTIN that is a SKU, and a tax group of items that are posted without a code", async () => {
    await rows("TRUNCATE stock_item");
    await stocked("scayle", [
      ["SKU-1", null, null],
      ["4006381333931", null, null],
    ]);
    await stocked("erp", [
      ["SKU-1", null, "VAT19"],
      ["OLD-7", null, "VAT-B"],
      ["ART-1", "4006381333931", "VAT19"],
      ["ART-2", "4006381333931", "VAT19"],
      ["ART-3", "4006381000000", "VAT19"],
    ]);
    await books(3);
    await inTransaction(database.ownerPool, async (client) => {
      await storeOrders(client, stores.orders, [
        reading(order({ id: "8", reference: "R-8", shipTo: "AT", items: [item({ id: "8-1" })] })),
      ]);
      await storeLedger(client, stores.ledger, [
        reading(
          invoice({ sourceId: "g-8", number: "N-8", reference: "R-8", lines: [line({ taxCode: null })] }),
        ),
      ]);
    });
    await reconcile();
    const codes = await findTaxProposals(E);
    expect(codes).toEqual([
      {
        change: code,
        speaking: [
          { what: "posted with it", count: 3 },
          { what: "of these of items that have it in the ERP’s item master", count: 1 },
        ],
        against: [
          {
            what: "posted with it, of items that have VAT-B in the ERP’s item master",
            count: 2,
            examples: ["R-1", "R-2"],
          },
        ],
        examples: ["R-1", "R-3"],
      },
      {
        change: { ...code, shipTo: "AT" },
        speaking: [
          { what: "posted without a code, of items that have it in the ERP’s item master", count: 1 },
        ],
        against: [],
        examples: ["R-8"],
      },
    ]);
    // Without a line that is posted so, it is never taken in advance.
    await rows("UPDATE entity SET accept_proposals = true, second_person = false");
    await reconcile();
    await rows("UPDATE entity SET accept_proposals = false");
    expect(
      await rows("SELECT ship_to, confirmed_at IS NOT NULL AS taken FROM tax_mapping ORDER BY 1"),
    ).toEqual([
      { ship_to: "AT", taken: false },
      { ship_to: "DE", taken: true },
    ]);

    const twin = (other: string, ...examples: string[]) => [
      { what: `ERP item ${other} with the same GTIN`, count: 1, examples },
    ];
    expect(await findGtinProposals(E)).toMatchObject([
      { change: { erpItem: "ART-1", sku: "4006381333931" }, against: twin("ART-2"), examples: [] },
      { change: { erpItem: "ART-2", sku: "4006381333931" }, against: twin("ART-1") },
    ]);
    // Where the other one is posted, an order of it is named; so is one that was sold SCAYLE's own product of that name.
    await stocked("scayle", [["ART-1", null, null]]);
    await inTransaction(database.ownerPool, async (client) => {
      await storeOrders(client, stores.orders, [
        reading(
          order({
            id: "9",
            reference: "R-9",
            items: [item({ id: "9-1" }), item({ id: "9-2", sku: "ART-1" })],
          }),
        ),
      ]);
      const lines = [line({}), line({ sourceLineId: "20000", sku: "ART-2" })];
      const stated = { net: 20_000n, tax: 3_800n, gross: 23_800n };
      await storeLedger(client, stores.ledger, [
        reading(invoice({ sourceId: "g-9", number: "N-9", reference: "R-9", lines, stated })),
      ]);
    });
    await reconcile();
    expect(await findGtinProposals(E)).toMatchObject([
      { change: { erpItem: "ART-2" }, against: twin("ART-1"), examples: ["R-9"] },
      {
        change: { erpItem: "ART-1" },
        against: [
          ...twin("ART-2", "R-9"),
          { what: "SCAYLE’s own product ART-1", count: 1, examples: ["R-9"] },
        ],
      },
    ]);
    await rows(
      `INSERT INTO item_mapping (id, entity_id, erp_kind, erp_item, sku, confirmed_at) VALUES (gen_random_uuid(), 'E1', 'item', 'ART-2', 'S', now())`,
    );
    expect((await findGtinProposals(E)).map((one) => one.change)).toMatchObject([{ erpItem: "ART-1" }]);
    await rows("TRUNCATE stock_item");
  });
});

describe("proposals of an entity that takes them in advance", () => {
  const propose = () => askForProposals(E, { pool: database.ownerPool, now });

  it("are asked for once, and hold when a person approves them; how the systems round holds at once", async () => {
    await rows("UPDATE entity SET accept_proposals = true");
    try {
      await books();
      expect(await rows("SELECT 1 FROM tax_mapping WHERE confirmed_at IS NOT NULL")).toEqual([]);
      const asked = await propose();
      expect(await propose()).toBeNull();
      const { id, changes, madeBy } = (await findRequest(E, asked?.id ?? "")) ?? {};
      expect([changes, madeBy]).toEqual([[code], "Tieout, as agreed when the entity was connected"]);
      await decide(rosa, id ?? "", "reject");
      // A no is an answer.
      expect(await propose()).toBeNull();
      await rows("TRUNCATE mapping_request");
      await decide(rosa, (await propose())?.id ?? "");
      expect(await rows("SELECT tax_code, confirmed_by FROM tax_mapping")).toEqual([
        { tax_code: "VAT19", confirmed_by: `${madeBy}, approved by rosa` },
      ]);
      expect(await propose()).toBeNull();
    } finally {
      await rows("UPDATE entity SET accept_proposals = false");
    }
  });

  it("hold at once where one person is enough", async () => {
    await rows("UPDATE entity SET accept_proposals = true, second_person = false");
    try {
      await books();
      expect(await rows("SELECT tax_code FROM tax_mapping WHERE confirmed_at IS NOT NULL")).toEqual([
        { tax_code: "VAT19" },
      ]);
      expect(await propose()).toBeNull();
    } finally {
      await rows("UPDATE entity SET accept_proposals = false");
    }
  });
});

describe("the tables", () => {
  it("are searched and paged, by texts that mean nothing to a pattern", async () => {
    await rows(
      `INSERT INTO item_mapping (id, entity_id, erp_kind, erp_item, sku, confirmed_at, confirmed_by)
       SELECT gen_random_uuid(), 'E1', 'item', 'I-' || lpad(n::text, 3, '0'), CASE WHEN n = 7 THEN '100%_A' ELSE 'S' END, now(), 'ada'
         FROM generate_series(1, 120) n`,
    );
    const page = await findItemMappings(E, "", 3);
    expect([page.total, page.rows.length, page.rows[0]?.erpItem]).toEqual([120, 20, "I-101"]);
    expect((await findItemMappings(E, "100%_", 1)).rows).toMatchObject([{ erpItem: "I-007" }]);
    expect((await findItemMappings(E, "%", 1)).total).toBe(1);
    expect((await findTaxMappings(E, "'; DROP", 1)).total).toBe(0);
  });
});

it("calls a proposal weak where more speaks against it than for it, or nothing for it", () => {
  const said = (count: number) => [{ what: "posted lines", count }];
  expect(isWeak({ speaking: said(1), against: said(72) })).toBe(true);
  expect(isWeak({ speaking: [], against: [] })).toBe(true);
  expect(isWeak({ speaking: said(72), against: said(1) })).toBe(false);
});
