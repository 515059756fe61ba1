import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";

type Ended = Readonly<{ code: number; out: string; err: string }>;

let database: TestDatabase;
let folder: string;
beforeAll(async () => {
  database = await createTestDatabase();
  folder = await mkdtemp(path.join(tmpdir(), "tieout-cli-"));
});
afterAll(async () => {
  await database.close();
  await rm(folder, { recursive: true, force: true });
});

/** Runs the command as the launcher does once the database is up. */
function tieout(...words: string[]): Promise<Ended> {
  const program = ["--conditions=react-server", "--import", "tsx", "lib/cli/tieout.ts", ...words];
  const env: NodeJS.ProcessEnv = {
    NODE_ENV: "test",
    PATH: process.env["PATH"],
    DATABASE_URL: database.ownerUrl,
    DATABASE_APP_URL: database.appUrl,
    TIEOUT_SECRET: "a secret of thirty-two characters or more",
    INIT_CWD: folder,
  };
  return new Promise((resolve) => {
    execFile(process.execPath, program, { env }, (error, out, err) => {
      resolve({ code: error ? Number(error.code) : 0, out, err });
    });
  });
}

describe("the command line", () => {
  it("exits with 2 and says how it is called when it is called wrongly", async () => {
    const [wrong, missing, json] = await Promise.all([
      tieout("summary", "--period", "2026-13"),
      tieout("summary"),
      tieout("exceptions", "--cause", "nonsense", "--json"),
    ]);
    expect(wrong).toMatchObject({ code: 2, out: "" });
    expect(wrong.err).toMatch(/month, like 2026-10/);
    expect(missing.code).toBe(2);
    expect(json.code).toBe(2);
    expect(JSON.parse(json.out)).toMatchObject({ error: { code: "usage" } });
  });

  it("exits with 0 for help", async () => {
    expect(await tieout("exceptions", "--help")).toMatchObject({ code: 0, err: "" });
  });

  it("exits with 1 and one plain sentence when it fails; as JSON too where that was asked for", async () => {
    const failed = await tieout("sync", "--feed", "X/none", "--json");
    expect(failed.code).toBe(1);
    expect(failed.err).toBe("There is no feed X/none in use.\n");
    expect(JSON.parse(failed.out)).toEqual({
      error: { code: "not-found", message: "There is no feed X/none in use." },
    });
  });

  it("takes files from connect to exceptions, with amounts as integer texts", async () => {
    const connect = ["connect", "--entity", "F", "--currency", "eur", "--timezone", "Europe/Berlin"];
    expect(await tieout(...connect)).toMatchObject({ code: 0, err: "" });
    await writeFile(
      path.join(folder, "sales.csv"),
      `order_no,document_type,document_no,line_no,sold_at,currency,sku,quantity,gross_amount
O-1,invoice,O-1,1,2026-10-05,EUR,A,1,10.00
O-2,invoice,O-2,1,2026-10-06,EUR,B,1,20.00
`,
    );
    await writeFile(
      path.join(folder, "ledger.csv"),
      `document_type,document_no,line_no,posting_date,currency,external_order_no,sku,quantity,tax_code,gross_amount
invoice,R-1,1,2026-10-05,EUR,O-1,A,1,V,10.00
`,
    );
    expect(await tieout("import", "sales", "sales.csv", "--entity", "F")).toMatchObject({ code: 0 });
    expect(await tieout("import", "ledger", "ledger.csv", "--entity", "F", "--json")).toMatchObject({
      code: 0,
    });
    const again = await tieout("import", "ledger", "ledger.csv", "--entity", "F");
    expect(again).toMatchObject({ code: 0 });
    expect(again.out).toMatch(/imported before/);
    expect(await tieout("reconcile")).toMatchObject({ code: 0, err: "" });

    const { summaries } = JSON.parse(
      (await tieout("summary", "--period", "2026-10", "--entity", "F", "--json")).out,
    );
    expect(summaries).toHaveLength(1);
    expect(summaries[0]).toMatchObject({
      entity: "F",
      period: "2026-10",
      currency: "EUR",
      scayle: { lines: 2, gross: "3000" },
      erp: { lines: 1, gross: "1000" },
      tiesOut: expect.any(Boolean),
    });
    const { exceptions } = JSON.parse((await tieout("exceptions", "--period", "2026-10", "--json")).out);
    expect(exceptions).toEqual([
      expect.objectContaining({
        entity: "F",
        order: "O-2",
        orderId: "O-2",
        document: null,
        cause: "sale-missing-in-erp",
        state: "new",
        owner: "operations",
        assignee: null,
        period: "2026-10",
        currency: "EUR",
        gross: "2000",
      }),
    ]);
  });

  it("previews a change of settings on all orders, makes it with --save, and keeps who did", async () => {
    const change = ["change", "--entity", "F", "--item", "A=OTHER"];
    const preview = await tieout(...change);
    expect(preview).toMatchObject({ code: 0, err: "" });
    expect(preview.out).toMatch(/^Makes \d exceptions? over .* EUR, loses 1 match\.\n/);
    expect(preview.out).toMatch(/Nothing was stored\. With --save the change is made\./);
    // A mapping is changed by two people, unless the entity leaves it to one.
    const asked = await tieout(...change, "--save");
    expect(asked.out).toMatch(/Asked for\. It holds once somebody else approves it/);
    const waiting = await database.ownerPool.query(
      "SELECT state, made_by_id <> '' AS made FROM mapping_request",
    );
    expect(waiting.rows).toEqual([{ state: "asked", made: true }]);
    await database.ownerPool.query("UPDATE entity SET second_person = false WHERE id = 'F'");
    const saved = await tieout(...change, "--save", "--json");
    expect(JSON.parse(saved.out)).toMatchObject({
      entity: "F",
      change: { kind: "item", erpItem: "A", sku: "OTHER" },
      effect: { groups: 2, matchesWon: 0, matchesLost: 1, lost: ["O-1"], cleared: [] },
      changedGroups: 0,
      unusedSettings: false,
      saved: true,
    });
    const { rows } = await database.ownerPool.query(
      "SELECT actor_kind, subject, before, after FROM audit_event WHERE action = 'settings.item'",
    );
    const after = { sku: "OTHER", lineKind: "item" };
    expect(rows).toEqual([{ actor_kind: "command-line", subject: "item A", before: null, after }]);

    const [two, none, nobody] = await Promise.all([
      tieout("change", "--entity", "F", "--none-codes", "V", "--posting-lag", "2"),
      tieout("change", "--entity", "F"),
      tieout("change", "--entity", "F", "--rounding", "No one=line/half-up/gross/tax"),
    ]);
    expect(two).toMatchObject({ code: 2, out: "", err: expect.stringMatching(/One change at a time/) });
    expect(none).toMatchObject({ code: 2, out: "", err: expect.stringMatching(/say what to change/) });
    expect(nobody).toMatchObject({
      code: 1,
      err: expect.stringMatching(/^F has no connection No one\. It has: /),
    });
  });

  it("adds a user and tells the password once", async () => {
    const words = ["user", "add", "ada@example.com", "--role", "auditor", "--entity", "all", "--json"];
    const { code, out } = await tieout(...words);
    expect(code).toBe(0);
    expect(JSON.parse(out).user).toMatchObject({ email: "ada@example.com", entityId: null });
    expect((await tieout(...words)).code).toBe(1);
  });

  it("ends a proof with 3 where nothing was counted again, with 1 where it fails, and with 0 where it holds", async () => {
    const [connection, count] = [
      "66666666-6666-4666-8666-666666666666",
      "77777777-7777-4777-8777-777777777777",
    ];
    const sql = (text: string, values: readonly unknown[] = []) =>
      database.ownerPool.query(text, [...values]);
    await sql(
      "INSERT INTO entity (id, name, currency, time_zone) VALUES ('P', 'Proved', 'EUR', 'Europe/Berlin')",
    );
    await sql(
      "INSERT INTO connection (id, entity_id, kind, side, name, settings) VALUES ($1, 'P', 'scayle', 'scayle', 'SCAYLE', '{}')",
      [connection],
    );
    await sql(
      "INSERT INTO feed (id, connection_id, entity_id, resource) VALUES ('P/orders', $1, 'P', 'orders')",
      [connection],
    );
    const proof = () => tieout("proof", "--entity", "P", "--period", "2026-10");
    const unproved = await proof();
    expect(unproved).toMatchObject({ code: 3, err: "" });
    expect(unproved.out).toContain("not proved yet");
    await sql(
      `INSERT INTO source_count (id, entity_id, feed_id, period, state, method, asked_at, result)
       VALUES ($1, 'P', 'P/orders', '2026-10', 'differs', 'by day', '2026-11-02', '{"source": 2, "stated": null, "held": 1}')`,
      [count],
    );
    expect(await proof()).toMatchObject({ code: 1 });
    await sql("UPDATE source_count SET state = 'agrees' WHERE id = $1", [count]);
    expect(await proof()).toMatchObject({ code: 0 });
  });
});
