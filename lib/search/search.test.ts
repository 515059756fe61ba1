import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Actor } from "@/lib/auth/actor";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { idOf } from "@/lib/domain/identity";
import { makeEntity, makeException, makeUser } from "@/lib/exceptions/fixtures";
import { RecordSearch } from "./schema";
import { searchRecords } from "./search";

const connection = idOf("connection");
const now = new Date("2026-11-05T09:00:00Z");
let database: TestDatabase;
let preparer: Actor;
let service: Actor;
let ofUk: Actor;

beforeAll(async () => {
  database = await createTestDatabase();
  const pool = database.ownerPool;
  for (const entity of ["FOUND-EU", "FOUND-UK"]) {
    await makeEntity(pool, entity);
    const key = idOf("order", entity, "DE-100");
    await pool.query(
      `INSERT INTO sales_order (order_key, entity_id, connection_id, source_id, reference, currency, content, checked_at)
       VALUES ($1, $2, $3, '77', 'DE-100', 'EUR', '{}', '2026-11-01T00:00:00Z')`,
      [key, entity, connection],
    );
    await pool.query(
      "INSERT INTO order_alias (order_key, entity_id, alias) VALUES ($1, $2, 'de-100'), ($1, $2, 'customer-5')",
      [key, entity],
    );
    await pool.query(
      `INSERT INTO document (order_key, id, entity_id, connection_id, side, kind, source_id, number, posted, order_known,
         currency, version, content_hash, seen_at, posting_day)
       VALUES ($1, $2, $3, $4, 'erp', 'sale', 'd', 'PSI-7', true, true, 'EUR', 1, 'h', '2026-11-01T00:00:00Z', '2026-10-06')`,
      [key, idOf("document", entity), entity, connection],
    );
    await makeException(pool, { entityId: entity, name: "DE-100", due: "2026-11-06", gross: 123_456n });
  }
  preparer = await makeUser(pool, "finance-preparer", null);
  service = await makeUser(pool, "customer-service", null);
  ofUk = await makeUser(pool, "finance-preparer", "FOUND-UK");
});
afterAll(() => database.close());

const found = async (actor: Actor, text: string) =>
  (await searchRecords(actor, text, { now })).records.map(({ kind, label, detail }) => [kind, label, detail]);

describe("records", () => {
  it("are orders by any of their names or by a document, exceptions by their words", async () => {
    expect(await found(ofUk, "DE-10")).toEqual([
      ["order", "Order DE-100", ""],
      ["exception", "Rounding: DE-100", "New · due 6 Nov 2026 · Finance"],
    ]);
    expect(await found(ofUk, "psi-")).toEqual([["document", "ERP document PSI-7", "order DE-100"]]);
    expect(await found(ofUk, "Customer-5")).toEqual([["order", "Order DE-100", ""]]);
    expect(await found(ofUk, "once per invoice")).toEqual([
      ["exception", "Rounding: DE-100", "New · due 6 Nov 2026 · Finance"],
    ]);
  });

  it("say where they are only similar", async () => {
    expect(await found(ofUk, "DE-1001")).toEqual([["order", "Order DE-100", "similar"]]);
  });

  it("name their entity to who sees several, and never leave those that somebody may see", async () => {
    const all = await found(preparer, "DE-100");
    expect(all.map(([kind, , detail]) => [kind, detail?.slice(-8)]).sort()).toEqual([
      ["exception", "FOUND-EU"],
      ["exception", "FOUND-UK"],
      ["order", "FOUND-EU"],
      ["order", "FOUND-UK"],
    ]);
    expect(await found(ofUk, "DE-100")).toHaveLength(2);
  });

  it("are orders alone for customer service, without a figure", async () => {
    const { records, among } = await searchRecords(service, "PSI-7", { now });
    expect(among).toBe("orders, documents");
    expect(records.map(({ kind, label }) => [kind, label]).sort()).toEqual([
      ["document", "ERP document PSI-7"],
      ["document", "ERP document PSI-7"],
    ]);
    expect(await found(service, "once per invoice")).toEqual([]);
    expect(JSON.stringify(await found(service, "DE-100"))).not.toMatch(/1,?234/);
  });

  it("are not looked for by one letter, and wildcards are letters", async () => {
    expect(await found(preparer, "D")).toEqual([]);
    expect(await found(preparer, "%%")).toEqual([]);
    expect(RecordSearch.parse(null)).toBe("");
    expect(RecordSearch.parse("x".repeat(500))).toBe("");
  });

  it("lead to their pages", async () => {
    const { records } = await searchRecords(ofUk, "DE-100", { now });
    expect(records.map(({ href }) => href)).toEqual([
      `/orders/${idOf("order", "FOUND-UK", "DE-100")}`,
      `/exceptions/${idOf("exception", "FOUND-UK", "DE-100")}`,
    ]);
  });
});
