import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { writeBooks } from "@/lib/cli/bench/files";
import { inTransaction } from "@/lib/db/pool";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { idOf } from "@/lib/domain/identity";
import { builtInProfile } from "@/lib/import/profile";
import { parseImport } from "@/lib/import/read";
import { importFile } from "../import";
import type { StoreContext } from "./context";
import { writeFileOrders } from "./file-orders";
import { writeLedger } from "./ledger";

type Side = "sales" | "ledger";
type File = readonly [Side, string];

const AT = new Date("2026-11-02T08:00:00Z");
const TABLES = ["sales_order", "order_alias", "document", "document_version", "line", "dirty_group", "shop"];
/** What says by which way and run a row came, and not what it says. */
const WAYS = ["run_id", "source_record_id"];

let database: TestDatabase;
let folder: string;
let sales: string;
let ledger: string;
beforeAll(async () => {
  database = await createTestDatabase();
  folder = await mkdtemp(path.join(tmpdir(), "tieout-file-store-"));
  const books = await writeBooks(folder, 1500, 7);
  sales = await readFile(books.sales, "utf8");
  ledger = await readFile(books.ledger, "utf8");
});
afterAll(async () => {
  await database.close();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  await database.ownerPool.query(
    "INSERT INTO entity (id, name, currency, time_zone) VALUES ('F', 'Files', 'EUR', 'Europe/Berlin') ON CONFLICT DO NOTHING",
  );
  await clear();
});

const bytes = (text: string) =>
  async function* (): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < text.length; at += 10_000)
      yield new TextEncoder().encode(text.slice(at, at + 10_000));
  };

/** Imports as the product does: new documents by COPY. */
async function quickly([side, text]: File) {
  return importFile(
    {
      side,
      entityId: "F",
      fileName: `${side}.csv`,
      open: () => bytes(text)(),
      profile: builtInProfile(side),
    },
    { actorName: "test", actor: { kind: "command-line", id: "test", name: "test" }, now: () => AT },
  );
}

/** Stores document by document as records of connectors are, comparing versions. */
async function carefully([side, text]: File): Promise<void> {
  const { documents } = await parseImport(bytes(text)(), {
    profile: builtInProfile(side),
    entity: { currency: "EUR", timeZone: "Europe/Berlin" },
  });
  const kind = `file-${side}`;
  const connectionId = idOf("connection", "F", kind, side === "sales" ? "Sales files" : "Ledger files");
  await database.ownerPool.query(
    `INSERT INTO connection (id, entity_id, kind, side, name, settings)
     VALUES ($1, 'F', $2, $3, $2, '{}') ON CONFLICT DO NOTHING`,
    [connectionId, kind, side === "sales" ? "scayle" : "erp"],
  );
  const context: StoreContext = {
    entityId: "F",
    connectionId,
    feedId: `F/file/${side}`,
    runId: "00000000-0000-0000-0000-000000000000",
    at: AT,
    policy: { recognition: "shipped", timeZone: "Europe/Berlin", shippingRefund: "whole-order" },
    rederive: false,
  };
  await inTransaction(database.ownerPool, (client) =>
    side === "sales"
      ? writeFileOrders(client, context, documents)
      : writeLedger(
          client,
          context,
          documents.map((document) => ({ document, recordId: null })),
        ),
  );
}

async function clear(): Promise<void> {
  const all = [...TABLES, "source_record", "imported_file", "feed", "run", "connection", "audit_event"];
  await database.ownerPool.query(`TRUNCATE ${all.map((table) => `"${table}"`).join(", ")} CASCADE`);
}

/** Everything that is stored, as text, in an order of its own. */
async function books(): Promise<Readonly<Record<string, readonly string[]>>> {
  const stored: Record<string, readonly string[]> = {};
  for (const table of TABLES) {
    const { rows } = await database.ownerPool.query<{ row: string }>(
      `SELECT (to_jsonb(t) - $1::text[])::text AS row FROM "${table}" t ORDER BY 1`,
      [WAYS],
    );
    stored[table] = rows.map((row) => row.row);
  }
  return stored;
}

/** The first `share` of a file's rows, and the others, each with the header. */
function halves(text: string, share: number): readonly [string, string] {
  const [header = "", ...rows] = text.trimEnd().split("\n");
  const at = Math.floor(rows.length * share);
  return [[header, ...rows.slice(0, at)].join("\n"), [header, ...rows.slice(at)].join("\n")];
}

const withoutCredits = (text: string): string =>
  text
    .split("\n")
    .filter((row) => !row.includes("credit_memo"))
    .join("\n");
const creditsOnly = (text: string): string =>
  text
    .split("\n")
    .filter((row, index) => index === 0 || row.includes("credit_memo"))
    .join("\n");
describe("documents stored by COPY", () => {
  it.each<[string, () => readonly File[]]>([
    [
      "sales and then the ledger",
      () => [
        ["sales", sales],
        ["ledger", ledger],
      ],
    ],
    [
      "the ledger and then sales",
      () => [
        ["ledger", ledger],
        ["sales", sales],
      ],
    ],
    [
      "both in halves, crosswise",
      () => [
        ["sales", halves(sales, 0.4)[0]],
        ["ledger", halves(ledger, 0.6)[0]],
        ["sales", halves(sales, 0.4)[1]],
        ["ledger", halves(ledger, 0.6)[1]],
      ],
    ],
    [
      "credits before and after what they credit",
      () => [
        ["ledger", creditsOnly(ledger)],
        ["sales", withoutCredits(sales)],
        ["sales", creditsOnly(sales)],
        ["ledger", withoutCredits(ledger)],
      ],
    ],
    [
      "a file that overlaps one before it, with other figures here and there",
      () => [
        ["sales", halves(sales, 0.5)[0]],
        ["ledger", halves(ledger, 0.5)[0]],
        ["sales", sales.replaceAll("Article 2", "Item 2")],
        ["ledger", ledger.replaceAll("Article 1", "Item 1")],
      ],
    ],
  ])("are what comparing each of them stores: %s", async (_name, files) => {
    for (const file of files()) await carefully(file);
    const expected = await books();
    await clear();
    for (const file of files()) {
      const report = await quickly(file);
      if (report.state !== "imported") throw new Error(JSON.stringify(report.errors.slice(0, 2)));
      expect(report.stored + report.unchanged).toBe(report.documents);
    }
    const found = await books();
    for (const table of TABLES) expect(found[table], table).toEqual(expected[table]);
    expect(expected["line"]?.length).toBeGreaterThan(1000);
  });

  it("keep the rows they came from, every one of them once", async () => {
    await quickly(["ledger", ledger]);
    const { rows } = await database.ownerPool.query<{ lines: string; text: string }>(
      `SELECT payload->>'lines' AS lines, payload->>'text' AS text FROM source_record WHERE resource = 'file-rows'`,
    );
    const kept = rows
      .flatMap((row) => row.lines.split(" "))
      .map(Number)
      .sort((a, b) => a - b);
    const [, ...written] = ledger.trimEnd().split("\n");
    expect(kept).toEqual(written.map((_, index) => index + 2));
    expect(rows.flatMap((row) => row.text.split("\n")).length).toBe(written.length);
    const { rows: lost } = await database.ownerPool.query(
      `SELECT FROM document d LEFT JOIN source_record r ON r.id = d.source_record_id
        WHERE position(d.number in r.payload->>'text') = 0 OR r.id IS NULL`,
    );
    expect(lost).toEqual([]);
  });

  it("are none of them there when the last row is wrong", async () => {
    const wrong = "invoice,RE-X,1,2026-10-05,EUR,B1,item,S,,1,1.00,1.00,,0,0.00,x,";
    const report = await quickly(["ledger", `${ledger.trimEnd()}\n${wrong}\n`]);
    expect(report).toMatchObject({ state: "rejected", stored: 0, documents: 0, errorCount: 1 });
    expect((await books())["document"]).toEqual([]);
  });

  it("are stored too where a document's rows come far apart", async () => {
    const [header = "", first = "", ...rows] = ledger.trimEnd().split("\n");
    const report = await quickly(["ledger", [header, ...rows, first].join("\n")]);
    expect(report).toMatchObject({ state: "imported", errorCount: 0 });
    expect((await books())["line"]?.length).toBe(rows.length + 1);
  });
});
