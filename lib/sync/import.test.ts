import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { builtInProfile } from "@/lib/import/profile";
import { type ImportReport, importFile } from "./import";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
  await database.ownerPool.query(
    "INSERT INTO entity (id, name, currency, time_zone) VALUES ('F', 'Files', 'EUR', 'Europe/Berlin')",
  );
});
afterAll(() => database.close());

const rows = async (sql: string): Promise<Record<string, unknown>[]> =>
  (await database.ownerPool.query(sql)).rows;

async function* bytes(text: string): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(text);
}

let now = new Date("2026-11-02T08:00:00Z");
const importText = (
  side: "sales" | "ledger",
  text: string,
  entityId = "F",
  exportedAt?: Date,
): Promise<ImportReport> =>
  importFile(
    {
      side,
      entityId,
      fileName: `${side}.csv`,
      open: () => bytes(text),
      profile: builtInProfile(side),
      exportedAt,
    },
    {
      actorName: "test",
      actor: { kind: "command-line", id: "test", name: "test" },
      now: () => now,
    },
  );

const SALES = `shop,order_no,document_type,document_no,line_no,sold_at,currency,line_kind,sku,quantity,gross_amount
web/de,O-1,invoice,O-1,1,2026-10-05,EUR,item,A,1,10.00
web/de,O-1,invoice,O-1,2,2026-10-05,EUR,shipping,,1,4.90
web/de,O-2,invoice,O-2,1,2026-10-31,EUR,item,B,1,20.00
`;
const LEDGER = `document_type,document_no,line_no,posting_date,currency,external_order_no,gl_account,gross_amount
invoice,R-1,1,2026-10-05,EUR,o-1,8400,14.90
invoice,R-2,1,2026-10-31,EUR,O-9,8400,20.00
`;

describe("importing files", () => {
  it("stores sales as orders with their documents, and ledger documents under them", async () => {
    expect(await importText("sales", SALES)).toMatchObject({
      state: "imported",
      rows: 3,
      documents: 2,
      stored: 2,
    });
    expect(await importText("ledger", LEDGER)).toMatchObject({ state: "imported", rows: 2, documents: 2 });
    expect(
      await rows("SELECT number, side, order_known, posting_day FROM document ORDER BY side DESC, number"),
    ).toEqual([
      { number: "O-1", side: "scayle", order_known: true, posting_day: "2026-10-05" },
      { number: "O-2", side: "scayle", order_known: true, posting_day: "2026-10-31" },
      { number: "R-1", side: "erp", order_known: true, posting_day: "2026-10-05" },
      { number: "R-2", side: "erp", order_known: false, posting_day: "2026-10-31" },
    ]);
    expect(
      await rows("SELECT side, item_key, granularity, net, gross FROM line ORDER BY side DESC, gross"),
    ).toEqual([
      { side: "scayle", item_key: "charge", granularity: "item", net: null, gross: 490n },
      { side: "scayle", item_key: "A", granularity: "item", net: null, gross: 1000n },
      { side: "scayle", item_key: "B", granularity: "item", net: null, gross: 2000n },
      { side: "erp", item_key: "document", granularity: "document", net: null, gross: 1490n },
      { side: "erp", item_key: "document", granularity: "document", net: null, gross: 2000n },
    ]);
    expect(await rows("SELECT id, resource FROM feed ORDER BY id")).toEqual([
      { id: "F/file/ledger", resource: "file" },
      { id: "F/file/sales", resource: "file" },
    ]);
  });

  it("does nothing with the same bytes a second time", async () => {
    expect(await importText("sales", SALES)).toMatchObject({ state: "already-imported", stored: 0 });
    expect(await rows("SELECT count(*)::int AS files FROM imported_file")).toEqual([{ files: 2 }]);
  });

  it("takes the same bytes as word of a later moment only where it is said when they were exported", async () => {
    const confirmed = async () =>
      (await rows("SELECT confirmed_until FROM feed WHERE id = 'F/file/sales'"))[0]?.["confirmed_until"];
    const acts = async () => (await rows("SELECT FROM audit_event WHERE action = 'run.import'")).length;
    const before = now;
    const [was, had] = [await confirmed(), await acts()];
    expect(was).toEqual(before);
    now = new Date("2026-11-05T08:00:00Z");
    // An old file that is handed over once more says nothing of its source today.
    expect(await importText("sales", SALES)).toMatchObject({
      state: "already-imported",
      confirmedUntil: null,
    });
    expect([await confirmed(), await acts()]).toEqual([was, had]);
    // Exported anew and still the same: up to then there was nothing newer, and that is in the trail.
    const exported = new Date("2026-11-04T22:00:00Z");
    expect(await importText("sales", SALES, "F", exported)).toMatchObject({
      state: "already-imported",
      stored: 0,
      confirmedUntil: exported,
    });
    expect([await confirmed(), await acts()]).toEqual([exported, had + 1]);
    // Never back, and never ahead of us.
    expect(await importText("sales", SALES, "F", before)).toMatchObject({ confirmedUntil: null });
    expect([await confirmed(), await acts()]).toEqual([exported, had + 1]);
    await expect(importText("sales", SALES, "F", new Date("2026-11-06T00:00:00Z"))).rejects.toThrow(
      /in the future/,
    );
    // What is new counts as of its export too, where that is said.
    await rows("UPDATE feed SET confirmed_until = '2026-11-01T00:00:00Z' WHERE id = 'F/file/sales'");
    const more = `${SALES.trim()}\nweb/de,O-7,invoice,O-7,1,2026-10-31,EUR,item,B,1,20.00\n`;
    const stated = new Date("2026-11-03T22:00:00Z");
    expect(await importText("sales", more, "F", stated)).toMatchObject({
      state: "imported",
      confirmedUntil: stated,
    });
    expect(await confirmed()).toEqual(stated);
    await rows("DELETE FROM line WHERE document_id IN (SELECT id FROM document WHERE number = 'O-7')");
    await rows("DELETE FROM document WHERE number = 'O-7'");
    now = before;
  });

  it("stores the whole file or nothing, and says which rows are wrong", async () => {
    const broken = `${LEDGER.trim()}\ninvoice,R-3,1,2026-10-31,EUR,O-3,8400,twelve\n`.replace(
      "R-1,1",
      "R-7,1",
    );
    const report = await importText("ledger", broken);
    expect(report).toMatchObject({ state: "rejected", stored: 0, errorCount: 1 });
    expect(report.errors[0]).toMatchObject({ row: 4, column: "gross_amount", found: "twelve" });
    expect(await rows("SELECT FROM document WHERE number = 'R-7'")).toEqual([]);
    expect(await rows("SELECT state FROM run WHERE state <> 'done'")).toEqual([{ state: "failed" }]);
  });

  it("shows a changed line of a posted document, as a new version", async () => {
    const report = await importText("ledger", LEDGER.replace("14.90", "14.91"));
    expect(report).toMatchObject({ state: "imported", stored: 1, unchanged: 1 });
    expect(report.changed).toMatchObject([{ number: "R-1", version: 2 }]);
    expect(await rows("SELECT reason FROM document_version WHERE version = 2")).toEqual([
      { reason: "posted-changed" },
    ]);
  });

  it("joins a ledger document to the order that a later file of sales brings", async () => {
    await importText("sales", SALES.replaceAll("O-2", "O-9"));
    expect(await rows("SELECT order_known, version FROM document WHERE number = 'R-2'")).toEqual([
      { order_known: true, version: 2 },
    ]);
  });

  it("is refused when the file changes while it is read, and nothing of it is kept", async () => {
    const contents = [LEDGER.replaceAll("R-", "Q-"), LEDGER.replaceAll("R-", "P-")];
    const changing = importFile(
      {
        side: "ledger",
        entityId: "F",
        fileName: "ledger.csv",
        open: () => bytes(contents.shift() ?? ""),
        profile: builtInProfile("ledger"),
      },
      {
        actorName: "test",
        actor: { kind: "command-line", id: "test", name: "test" },
        now: () => new Date("2026-11-02T08:00:00Z"),
      },
    );
    await expect(changing).rejects.toThrow(/changed while it was read/);
    expect(await rows("SELECT FROM document WHERE number ~ '^[PQ]-'")).toEqual([]);
  });

  it("of thousands of documents keeps nothing of a reading that was given up on the way", async () => {
    const many = (last: string): string =>
      [
        LEDGER.split("\n")[0],
        ...Array.from(
          { length: 5000 },
          (_, index) => `invoice,L-${index},1,2026-10-05,EUR,L-${index},8400,10.00`,
        ),
        last,
        "",
      ].join("\n");
    // The last row is wrong: pieces of the file are being written when that is seen.
    const broken = await importText("ledger", many("invoice,L-6000,1,2026-10-05,EUR,L-6000,8400,twelve"));
    expect(broken).toMatchObject({ state: "rejected", stored: 0 });
    // The last row belongs to the first document, which was handed on long before: the file is read as a whole instead.
    const scattered = await importText("ledger", many("invoice,L-0,2,2026-10-05,EUR,L-0,8400,5.00"));
    expect(scattered).toMatchObject({ state: "imported", documents: 5000, stored: 5000, changed: [] });
    const versions = await rows(
      `SELECT v.reason, count(*)::int AS n FROM document_version v JOIN document d ON d.order_key = v.order_key AND d.id = v.document_id
        WHERE d.number LIKE 'L-%' GROUP BY v.reason`,
    );
    expect(versions).toEqual([{ reason: "created", n: 5000 }]);
  });

  it("is refused for an entity that there isn't", async () => {
    await expect(importText("sales", SALES, "NOPE")).rejects.toThrow(/no entity NOPE/);
  });
});
