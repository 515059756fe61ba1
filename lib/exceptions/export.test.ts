import { strFromU8, unzipSync } from "fflate";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Actor } from "@/lib/auth/actor";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { totalExceptions } from "./data";
import { exportExceptions } from "./export";
import { makeEntity, makeException, makeUser } from "./fixtures";
import { ExceptionQuery } from "./schema";
import { workbook } from "./xlsx";

const ENTITY = "EXPORT";
const COUNT = 2_345;
const now = new Date("2026-11-05T09:00:00Z");
let database: TestDatabase;
let auditor: Actor;

beforeAll(async () => {
  database = await createTestDatabase();
  const pool = database.ownerPool;
  await makeEntity(pool, ENTITY);
  auditor = await makeUser(pool, "auditor", ENTITY);
  const first = await makeException(pool, {
    entityId: ENTITY,
    name: "=SUM(A1)",
    gross: -123_456_789_012_345_678n,
    day: "2026-10-06",
  });
  await makeException(pool, {
    entityId: ENTITY,
    name: 'semi;"quoted", <b>&\u0001',
    gross: 5n,
    currency: "JPY",
  });
  await makeException(pool, { entityId: ENTITY, name: "other cause", cause: "cut-off" });
  const [item, step] = [
    await makeException(pool, { entityId: ENTITY, name: "of an item", cause: "stock-drift", gross: 0n }),
    await makeException(pool, {
      ...{ entityId: ENTITY, name: "DE-7", cause: "status-drift", gross: 0n },
      evidence: { worth: "5990" },
    }),
  ];
  await pool.query(
    "UPDATE exception SET order_reference = NULL, about = 'SKU-1 in central', matter = '3 too many' WHERE id = $1",
    [item],
  );
  await pool.query("UPDATE exception SET matter = 'missing: a → b' WHERE id = $1", [step]);
  // Copies of one, so that more than one batch is read.
  await pool.query(
    `INSERT INTO exception (order_key, id, subject_key, entity_id, cause, order_reference, document_kind, signature, state, bucket,
       severity, owner_team, currency, period, net, tax, gross, amounts, explanation, resolution, first_seen_at, last_seen_at)
     SELECT md5('k' || n)::uuid, md5('i' || n)::uuid, md5('i' || n)::uuid, entity_id, cause, 'n-' || n, document_kind, signature, state,
       bucket, severity, owner_team, currency, period, 0, n, n, '[]', explanation, resolution, first_seen_at, last_seen_at
     FROM exception, generate_series(1, ${COUNT - 2}) n WHERE id = $1`,
    [first],
  );
});
afterAll(() => database.close());

const scope = () => ({ entityIds: [ENTITY], actorId: auditor.id, today: "2026-11-05" });
async function exported(format: "csv" | "xlsx", asked: object): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  const request = {
    format,
    scope: scope(),
    query: ExceptionQuery.parse({ ...asked, entity: ENTITY }),
    entity: { id: ENTITY, name: "Export & Sons", timeZone: "Europe/Berlin" },
    now,
    by: "auditor",
  };
  for await (const piece of exportExceptions(auditor, request, database.appPool)) pieces.push(piece);
  return Buffer.concat(pieces);
}

describe("an export", () => {
  it("as CSV has every row of the filter once, amounts to the last digit, and no formula", async () => {
    const bytes = await exported("csv", { cause: "rounding" });
    expect([...bytes.slice(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
    const text = strFromU8(bytes);
    const lines = text.trimEnd().split("\r\n");
    expect(lines).toHaveLength(1 + COUNT);
    const danger = lines.find((line) => line.includes("SUM(A1)"));
    expect(danger).toContain(",'=SUM(A1),");
    expect(danger).toContain(",-1234567890123456.78,");
    expect(danger).toContain(",2026-10-06,30,");
    expect(lines.find((line) => line.includes("semi"))).toContain('"semi;""quoted"", <b>&');
    expect(text).not.toContain("other cause");
  });

  it("as XLSX has typed cells, and a sheet that says as of when, by what filter, and what it sums to", async () => {
    const files = unzipSync(await exported("xlsx", { cause: "rounding", state: "new" }));
    const part = (path: string) => strFromU8(files[path] ?? new Uint8Array());
    const rows = part("xl/worksheets/sheet1.xml");
    expect(rows.match(/<row>/g)).toHaveLength(1 + COUNT);
    expect(rows).toContain('<c s="5"><v>-1234567890123456.78</v></c>');
    expect(rows).toContain('<c s="3"><v>5</v></c>');
    // 6 October 2026, as spreadsheets count days.
    expect(rows).toContain('<c s="2"><v>46301</v></c>');
    expect(rows).toContain('<t xml:space="preserve">=SUM(A1)</t>');
    expect(rows).toContain("&lt;b&gt;&amp;<");
    expect(rows).toContain(`<autoFilter ref="A1:AD${1 + COUNT}"/>`);
    const about = part("xl/worksheets/sheet2.xml");
    for (const said of ["Export &amp; Sons (EXPORT)", "not reconciled yet", "Rounding", ">New<"]) {
      expect(about).toContain(said);
    }
    // 5 November 2026, 10:00 on the entity's wall, as a day and a part of one.
    expect(about).toContain('<c s="8"><v>46331.416667</v></c>');
    const totals = await totalExceptions(scope(), ExceptionQuery.parse({ cause: "rounding", state: "new" }));
    for (const { count } of totals) expect(about).toContain(`<c><v>${count}</v></c>`);
    expect(part("xl/workbook.xml")).toMatch(/name="About" sheetId="2".*name="Exceptions" sheetId="1"/);
  });

  it("says of what stands beside the books what it is about, what it comes to and the money, and sums none of it", async () => {
    const head = strFromU8(await exported("csv", { cause: "stock-drift" }));
    expect(head.split("\r\n")[0]).toContain("Document,About,Comes to,Worth,");
    expect(head).toContain(",SKU-1 in central,3 too many,,");
    const csv = strFromU8(await exported("csv", { cause: "status-drift" }));
    expect(csv).toContain(",DE-7,,,missing: a → b,59.90,");
    expect(csv).toContain(",0.00,0.00,0.00,0.00,");
    const xlsx = strFromU8(await exported("xlsx", { cause: "stock-drift" }), true);
    expect(xlsx.length).toBeGreaterThan(0);
  });

  it("names what has a name and a code in two columns, in both formats", async () => {
    const text = strFromU8(await exported("csv", { cause: "cut-off" }));
    const [head = "", row = ""] = text.replace("\ufeff", "").trimEnd().split("\r\n");
    const cells = new Map(head.split(",").map((title, at) => [title, row.split(",")[at]]));
    const pairs = [...cells.keys()].filter((title) => cells.has(`${title} code`));
    expect(pairs).toEqual(["Cause", "Shop", "Owner", "State", "Severity"]);
    expect(cells.get("Cause code")).toBe("cut-off");
    expect(cells.get("Owner code")).toBe("finance");
    expect(cells.get("State code")).toBe("new");
    expect([cells.get("State"), cells.get("Severity")]).toEqual(["New", "Medium"]);
    expect(cells.get("Cause")).not.toBe("cut-off");
  });

  it("says every filter, days as days", async () => {
    const files = unzipSync(
      await exported("xlsx", {
        amountFrom: "2.5",
        currency: "EUR",
        channel: "market",
        due: "week",
        dueFrom: "2026-10-06",
      }),
    );
    const about = strFromU8(files["xl/worksheets/sheet2.xml"] ?? new Uint8Array());
    for (const said of ["Absolute amount from", "2.5", "Channel code", "market", "Monday to Sunday"])
      expect(about).toContain(said);
    expect(about).toContain('<c s="2"><v>46301</v></c>');
  });

  it("is in the audit trail, and gives its connection back when the reader goes away", async () => {
    const asked = {
      format: "csv" as const,
      scope: scope(),
      query: ExceptionQuery.parse({ entity: ENTITY }),
      entity: { id: ENTITY, name: ENTITY, timeZone: "Europe/Berlin" },
      now,
      by: "auditor",
    };
    for (let at = 0; at < 15; at++) {
      const pieces = exportExceptions(auditor, asked, database.appPool);
      await pieces.next();
      await pieces.return();
    }
    expect(database.appPool.idleCount + database.appPool.waitingCount).toBe(database.appPool.totalCount);
    const { rows } = await database.ownerPool.query(
      "SELECT after FROM audit_event WHERE action = 'exceptions.export' AND chain = $1 ORDER BY seq LIMIT 1",
      [ENTITY],
    );
    expect(rows).toMatchObject([{ after: { format: "csv", filter: { Cause: "Rounding" } } }]);
  });
});

describe("a workbook", () => {
  it("asks for rows only as its bytes are taken", async () => {
    let given = 0;
    async function* rows() {
      for (; given < 1000; given++) {
        yield Array.from({ length: 200 }, (_, at) => [
          { kind: "text" as const, text: `${given}-${at}-${Math.sin(at + given)}` },
        ]);
      }
    }
    const pieces = workbook([{ name: "Rows", widths: [10], header: ["Row"], rows: rows() }]);
    await pieces.next();
    expect(given).toBeLessThan(100);
    await pieces.return();
  });
});
