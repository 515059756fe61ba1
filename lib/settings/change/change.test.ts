import type pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import type { Actor } from "@/lib/auth/actor";
import { inTransaction, whileLocked } from "@/lib/db/pool";
import { createTestDatabase, emptyTables, type TestDatabase } from "@/lib/db/testing";
import { idOf } from "@/lib/domain/identity";
import { runReconciliation } from "@/lib/matching/reconcile";
import type { StoreContext } from "@/lib/sync/store/context";
import { invoice, item, line, order, prepare, reading } from "@/lib/sync/store/fixtures";
import { storeLedger } from "@/lib/sync/store/ledger";
import { storeOrders } from "@/lib/sync/store/orders";
import { previewChangeBy, saveChangeBy } from "./make";
import { previewSettings, saveSettings } from "./mutations";
import { SettingsChange } from "./schema";
import { unknownSentence } from "./words";

process.env["TIEOUT_SECRET"] = "a secret of thirty-two characters or more";

const TABLES =
  "line document document_version sales_order order_alias source_record dirty_group pair pair_line tally cause exception exception_event period_summary run audit_event tax_mapping item_mapping".split(
    " ",
  );
let database: TestDatabase;
let contexts: Readonly<{ orders: StoreContext; ledger: StoreContext }>;
const NOW = new Date("2026-12-20T08:00:00Z");
const person = (role: Actor["grants"][number]["role"], entityId: string | null = null): Actor => ({
  id: "33333333-3333-3333-3333-333333333333",
  name: "Ada",
  email: "ada@example.com",
  grants: [{ role, entityId }],
  demo: false,
});
const admin = person("administrator");

beforeAll(async () => {
  database = await createTestDatabase();
  contexts = await prepare(database.ownerPool);
  context.pool = database.ownerPool;
});
afterAll(() => database.close());
beforeEach(async () => {
  await emptyTables(database.ownerPool, TABLES);
  await database.ownerPool.query(
    "UPDATE entity SET none_tax_codes = '{}', posting_lag_hours = 72, second_person = false; UPDATE connection SET rounding = NULL, rounding_confirmed_at = NULL",
  );
});

/** Orders whose invoices name an item the shop doesn't know, and have no tax code. */
async function books(): Promise<void> {
  await inTransaction(database.ownerPool, async (client) => {
    for (const id of ["1", "2", "3"]) {
      const one = order({ id, reference: `R-${id}`, items: [item({ id: `${id}-1` })] });
      await storeOrders(client, contexts.orders, [reading(one)]);
      const posted = line(id === "3" ? {} : { sku: "OLD-7", taxCode: "NONE" });
      await storeLedger(client, contexts.ledger, [
        reading(invoice({ sourceId: `g-${id}`, number: `N-${id}`, reference: `R-${id}`, lines: [posted] })),
      ]);
    }
  });
  await reconcile();
}

// Runs are told apart by when they ended.
let ticks = 0;
const reconcile = () =>
  runReconciliation(
    {},
    { actorName: "Test", now: () => new Date(NOW.getTime() + ticks++), pool: database.ownerPool },
  );
const open = async () =>
  (
    await database.ownerPool.query(
      "SELECT order_reference, cause FROM exception WHERE state NOT IN ('resolved', 'explained', 'accepted') ORDER BY 1, 2",
    )
  ).rows.map((row) => `${row.order_reference} ${row.cause}`);
const stored = async () =>
  (
    await database.ownerPool.query(
      `SELECT (SELECT jsonb_agg(to_jsonb(p) ORDER BY order_key, id, period) FROM pair p) AS pairs,
              (SELECT jsonb_agg(to_jsonb(e) ORDER BY order_key, id) FROM exception e) AS exceptions,
              (SELECT jsonb_agg(to_jsonb(l) ORDER BY order_key, id) FROM line l) AS lines,
              (SELECT jsonb_agg(to_jsonb(t) ORDER BY period, kind, key) FROM tally t) AS tally,
              (SELECT count(*) FROM tax_mapping) AS rules, (SELECT count(*) FROM item_mapping) AS items`,
    )
  ).rows;
const context = { now: () => NOW, pool: undefined as pg.Pool | undefined };
/** Previews a change and saves it as it was previewed. */
async function save(change: SettingsChange): Promise<void> {
  const { seal } = await previewSettings(admin, "E1", change, context);
  await saveSettings(admin, "E1", change, seal, { pool: database.ownerPool });
}
const trail = async () =>
  (
    await database.ownerPool.query(
      "SELECT actor_kind, actor_name, action, subject FROM audit_event WHERE action LIKE 'settings.%' ORDER BY seq",
    )
  ).rows;

const changes: readonly SettingsChange[] = [
  { kind: "tax-code", shipTo: "DE", channel: "*", rate: "0.19", taxCode: "VAT19", right: true },
  { kind: "none-tax-codes", taxCodes: ["NONE"] },
  { kind: "item", erpKind: "item", erpItem: "OLD-7", erpVariant: "", lineKind: "item", sku: "SKU-1" },
  { kind: "posting-lag", hours: 2000 },
];

describe("a change of settings", () => {
  it("names a connection by the id that it has", async () => {
    await books();
    const { rows } = await database.ownerPool.query<{ id: string }>("SELECT id FROM connection");
    const policy = { level: "document", mode: "half-up", basis: "gross", first: "tax" } as const;
    for (const { id } of rows)
      expect(SettingsChange.parse({ kind: "rounding", connectionId: id, policy })).toMatchObject({
        connectionId: id,
      });
    // Hashes in the shape of a UUID, of no version: one that happens to have one says nothing.
    const id = idOf("connection", "E1", "file-ledger", "Ledger files");
    expect(SettingsChange.safeParse({ kind: "rounding", connectionId: id, policy }).success).toBe(true);
    expect(z.uuid().safeParse(id).success).toBe(false);
  });

  it("has exactly the effect that its preview says, and the preview stores nothing", async () => {
    await books();
    const settle = await database.ownerPool.query("SELECT id FROM connection WHERE side = 'erp'");
    const policy = { level: "document", mode: "half-up", basis: "gross", first: "tax" } as const;
    for (const change of [
      ...changes,
      { kind: "rounding", connectionId: settle.rows[0].id, policy } as const,
    ]) {
      const before = { stored: await stored(), open: await open() };
      const { effect, seal, ...waiting } = await previewSettings(admin, "E1", change, context);
      expect(await stored()).toEqual(before.stored);
      expect(waiting).toEqual({ changedGroups: 0, unusedSettings: false, unknownCodes: [] });
      await saveSettings(admin, "E1", change, seal, { pool: database.ownerPool });
      await reconcile();
      const after = await open();
      const count = (rows: readonly { count: number }[]) => rows.reduce((all, row) => all + row.count, 0);
      const cleared = before.open.filter((one) => !after.includes(one)).length;
      const made = after.filter((one) => !before.open.includes(one)).length;
      expect([count(effect.cleared), count(effect.made)], change.kind).toEqual([cleared, made]);
      expect(effect.groups).toBe(3);
    }
  });

  it("says which matches it would win, and which it would lose, by the orders' names", async () => {
    await books();
    const mapped = { kind: "item", erpKind: "item", erpVariant: "", lineKind: "item" } as const;
    expect(
      await previewSettings(admin, "E1", { ...mapped, erpItem: "OLD-7", sku: "SKU-1" }, context),
    ).toMatchObject({ effect: { matchesWon: 2, matchesLost: 0, lost: [], made: [] } });
    expect(
      await previewSettings(admin, "E1", { ...mapped, erpItem: "SKU-1", sku: "OTHER" }, context),
    ).toMatchObject({ effect: { matchesWon: 0, matchesLost: 1, lost: ["R-3"] } });
  });

  it("says which of its tax codes are unknown, and which known ones are spelt most like them", async () => {
    await books();
    const rule = (taxCode: string) =>
      ({ kind: "tax-code", shipTo: "DE", channel: "*", rate: "0.19", taxCode, right: true }) as const;
    const mistyped = await previewSettings(admin, "E1", rule("VAT91"), context);
    expect(mistyped.unknownCodes).toEqual([{ code: "VAT91", nearest: expect.arrayContaining(["VAT19"]) }]);
    expect(unknownSentence(mistyped.unknownCodes)).toContain("VAT91 (nearest: VAT19");
    // Posted on lines, though no rule has it.
    expect((await previewSettings(admin, "E1", rule("NONE"), context)).unknownCodes).toEqual([]);
    const none: SettingsChange = { kind: "none-tax-codes", taxCodes: ["NONE", "NOEN"] };
    expect((await previewSettings(admin, "E1", none, context)).unknownCodes).toMatchObject([
      { code: "NOEN" },
    ]);
  });

  it("is in the audit trail with what it replaced; without the right it is refused", async () => {
    await books();
    const [first] = changes;
    if (!first) throw new Error("no change");
    await save(first);
    const { rows } = await database.ownerPool.query(
      "SELECT actor_name, action, subject, before, after FROM audit_event WHERE action LIKE 'settings.%'",
    );
    expect(rows).toEqual([
      {
        actor_name: "Ada",
        action: "settings.tax-code",
        subject: "tax-code DE * 0.19 VAT19",
        // It had been proposed from what is posted; nobody had said anything of it.
        before: null,
        after: { right: true },
      },
    ]);
    for (const other of [person("auditor"), person("operations"), person("administrator", "E2")]) {
      await expect(saveSettings(other, "E1", first, "")).rejects.toMatchObject({ code: "not-allowed" });
      await expect(previewSettings(other, "E1", first, context)).rejects.toMatchObject({
        code: "not-allowed",
      });
    }
  });

  it("of how a connection rounds is made by who may confirm that, and nothing else by them", async () => {
    await books();
    const { rows } = await database.ownerPool.query("SELECT id FROM connection WHERE side = 'erp'");
    const policy = { level: "document", mode: "half-up", basis: "gross", first: "tax" } as const;
    const rounds: SettingsChange = { kind: "rounding", connectionId: rows[0].id, policy };
    const reviewer = person("finance-reviewer");
    const { seal } = await previewSettings(reviewer, "E1", rounds, context);
    await saveSettings(reviewer, "E1", rounds, seal, { pool: database.ownerPool });
    for (const change of changes)
      await expect(previewSettings(reviewer, "E1", change, context)).rejects.toMatchObject({
        code: "not-allowed",
      });
    await expect(previewSettings(person("operations"), "E1", rounds, context)).rejects.toMatchObject({
      code: "not-allowed",
    });
  });

  it("is refused where it can't hold", async () => {
    const nowhere = "44444444-4444-4444-4444-444444444444";
    const policy = { level: "line", mode: "half-up", basis: "gross", first: "tax" } as const;
    await expect(
      previewSettings(admin, "E1", { kind: "rounding", connectionId: nowhere, policy }, context),
    ).rejects.toMatchObject({ code: "not-found" });
    await expect(
      previewSettings(
        admin,
        "E1",
        {
          kind: "item",
          erpKind: "account",
          erpItem: "8400",
          erpVariant: "",
          lineKind: "shipping",
          sku: "SKU-1",
        },
        context,
      ),
    ).rejects.toMatchObject({ code: "invalid" });
  });

  it("stays refused: a code that a person said no to is not proposed again, nor taken in advance", async () => {
    await books();
    const rule = { kind: "tax-code", shipTo: "DE", channel: "*", rate: "0.19", taxCode: "VAT19" } as const;
    await save({ ...rule, right: false });
    await database.ownerPool.query("UPDATE entity SET accept_proposals = true WHERE id = 'E1'");
    await reconcile();
    await database.ownerPool.query("UPDATE entity SET accept_proposals = false WHERE id = 'E1'");
    const { rows } = await database.ownerPool.query(
      "SELECT confirmed_at, confirmed_by FROM tax_mapping WHERE tax_code = 'VAT19'",
    );
    expect(rows).toEqual([{ confirmed_at: null, confirmed_by: "Ada" }]);
  });
});

describe("saving", () => {
  const lag: SettingsChange = { kind: "posting-lag", hours: 2000 };
  const none: SettingsChange = { kind: "none-tax-codes", taxCodes: ["NONE"] };
  const preview = async (change: SettingsChange) =>
    (await previewSettings(admin, "E1", change, context)).seal;
  const refused = async (change: SettingsChange, seal: string, actor = admin) => {
    const before = await stored();
    const { length } = await trail();
    await expect(saveSettings(actor, "E1", change, seal, { pool: database.ownerPool })).rejects.toMatchObject(
      { code: "conflict", message: expect.stringMatching(/Nothing was saved/) },
    );
    expect(await stored()).toEqual(before);
    expect(await trail()).toHaveLength(length);
  };

  it("takes the change that was previewed and no other, by who previewed it and nobody else", async () => {
    await books();
    const seal = await preview(lag);
    await refused({ ...lag, hours: 1999 }, seal);
    await refused(none, seal);
    await refused(lag, "");
    await refused(lag, seal, { ...admin, id: "55555555-5555-5555-5555-555555555555" });
    await saveSettings(admin, "E1", lag, seal, { pool: database.ownerPool });
    expect(await trail()).toHaveLength(1);
  });

  it("is refused when a reconciliation moved figures since the preview, and not by one that moved none", async () => {
    await books();
    const seal = await preview(lag);
    await reconcile();
    await inTransaction(database.ownerPool, (client) =>
      storeOrders(client, contexts.orders, [
        reading(order({ id: "4", reference: "R-4", items: [item({ id: "4-1" })] })),
      ]),
    );
    const whole = await previewSettings(admin, "E1", lag, context);
    expect(whole.changedGroups).toBe(1);
    expect(whole.seal).toBe(seal);
    await reconcile();
    await refused(lag, seal);
    await saveSettings(admin, "E1", lag, await preview(lag), { pool: database.ownerPool });
  });

  it("is refused when another change was saved since the preview, of an item mapping too", async () => {
    await books();
    for (const [change, other] of [
      [lag, none],
      [none, changes[2]],
    ] as const) {
      if (!other) throw new Error("no change");
      const seal = await preview(change);
      await save(other);
      await refused(change, seal);
    }
    expect((await previewSettings(admin, "E1", lag, context)).unusedSettings).toBe(true);
  });

  it("is refused while a reconciliation is at work", async () => {
    await books();
    const seal = await preview(lag);
    await whileLocked(database.ownerPool, "reconcile:E1", () =>
      expect(saveSettings(admin, "E1", lag, seal, { pool: database.ownerPool })).rejects.toMatchObject({
        code: "conflict",
        message: expect.stringMatching(/is at work/),
      }),
    );
  });

  it("is previewed once the reconciliation that is at work is done, and is told where that takes long", async () => {
    await books();
    let give = () => {};
    const held = whileLocked(
      database.ownerPool,
      "reconcile:E1",
      () => new Promise<void>((done) => (give = done)),
    );
    await expect(previewSettings(admin, "E1", lag, { ...context, patienceMs: 50 })).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringMatching(/is at work/),
    });
    const waiting = previewSettings(admin, "E1", lag, context);
    give();
    await held;
    expect((await waiting).seal).not.toBe("");
  });

  it("is in the trail under the name of the command line when it was made there", async () => {
    await books();
    const shell = { kind: "command-line", id: "ada", name: "ada" } as const;
    const { seal } = await previewChangeBy(shell, "E1", lag, context);
    await saveChangeBy(shell, "E1", lag, seal, { pool: database.ownerPool });
    expect(await trail()).toEqual([
      {
        actor_kind: "command-line",
        actor_name: "ada",
        action: "settings.posting-lag",
        subject: "posting-lag-hours",
      },
    ]);
  });
});
