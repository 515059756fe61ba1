import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { idOf } from "@/lib/domain/identity";
import { openStates } from "@/lib/exceptions/machine";
import { findOrder, findUnread } from "./data";
import { searchOrders, soleHit } from "./search";

const connection = idOf("connection");
let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
  const run = (sql: string, values: unknown[]) => database.ownerPool.query(sql, values);
  for (const entity of ["MODA-EU", "MODA-UK"]) {
    await run("INSERT INTO entity (id, name, currency, time_zone) VALUES ($1, $1, 'EUR', 'UTC')", [entity]);
  }
  const makeOrder = async (entity: string, reference: string) => {
    const key = idOf("order", entity, reference);
    await run(
      `INSERT INTO sales_order (order_key, entity_id, connection_id, source_id, reference, currency, content, checked_at)
       VALUES ($1, $2, $3, $4, $4, 'EUR', '{"items":[{"id":"1","sku":"TEE","gross":"1999"}]}', '2026-11-01T00:00:00Z')`,
      [key, entity, connection, reference],
    );
    await run("INSERT INTO order_alias (order_key, entity_id, alias) VALUES ($1, $2, $3)", [
      key,
      entity,
      reference.toLowerCase(),
    ]);
    return key;
  };
  const shipped = await makeOrder("MODA-EU", "DE-100");
  await makeOrder("MODA-EU", "DE-1001");
  await makeOrder("MODA-UK", "DE-100");
  const makeDocument = (key: string, number: string, stated: string | null = null) =>
    run(
      `INSERT INTO document (order_key, id, entity_id, connection_id, side, kind, source_id, number, reference, posted, order_known,
         currency, version, content_hash, seen_at)
       VALUES ($1, $2, 'MODA-EU', $3, 'erp', 'sale', $4, $4, $5, true, $5::text IS NULL, 'EUR', 1, 'h', '2026-11-01T00:00:00Z')`,
      [key, idOf("document", number), connection, number, stated],
    );
  await makeDocument(shipped, "PSI-7");
  await makeDocument(idOf("stray"), "PSI-8", "AT-70000043");
  await run(
    `INSERT INTO failed_record (order_key, id, entity_id, connection_id, feed_id, resource, source_id, reference, reason,
       payload, first_seen_at, last_seen_at)
     VALUES ($1, $1, 'MODA-EU', $2, 'f', 'orders', '77', 'DE-BROKEN', 'no price', '{}', '2026-11-01T00:00:00Z', '2026-11-01T00:00:00Z')`,
    [idOf("broken"), connection],
  );
});
afterAll(() => database.close());

const search = async (text: string, entities = ["MODA-EU"]) =>
  (await searchOrders(entities, text, openStates)).map((hit) => hit.reference ?? hit.document);

describe("finding an order", () => {
  it("takes what is named exactly, in any case, before what begins like it", async () => {
    expect(await search(" de-100 ")).toEqual(["DE-100"]);
    expect((await search("DE-10")).sort()).toEqual(["DE-100", "DE-1001"]);
    expect(await search("%")).toEqual([]);
  });

  it("finds by ERP document number, also one without a known order", async () => {
    expect(await search("PSI-7")).toEqual(["DE-100"]);
    expect(await search("psi-8")).toEqual(["PSI-8"]);
  });

  it("finds an ERP document by the reference that it states, before any order whose number is similar", async () => {
    for (const [asked, closeness] of [
      [" at-70000043", "exact"],
      ["AT 70000043", "exact"],
      ["70000043", "part"],
      ["AT-7000", "part"],
    ]) {
      const hits = await searchOrders(["MODA-EU"], asked ?? "", openStates);
      expect(hits).toMatchObject([
        { orderKey: idOf("stray"), reference: null, document: "PSI-8", by: "reference", closeness },
      ]);
      expect(hits[0]?.stated).toBe("AT-70000043");
    }
    expect(await search("AT-70000043", ["MODA-UK"])).toEqual([]);
  });

  it("finds an order that could not be read, and says why", async () => {
    const [hit] = await searchOrders(["MODA-EU"], "DE-BROKEN", openStates);
    expect(hit?.reference).toBe("DE-BROKEN");
    expect(await findUnread(["MODA-EU"], hit?.orderKey ?? "")).toMatchObject([{ reason: "no price" }]);
  });

  it("opens by itself what is found alone, and never what is only similar", async () => {
    const sole = async (text: string) =>
      soleHit(await searchOrders(["MODA-UK"], text, openStates))?.reference ?? null;
    expect(await sole("DE-100")).toBe("DE-100");
    expect(await sole("DE-10")).toBe("DE-100");
    expect(await searchOrders(["MODA-UK"], "DE-1001", openStates)).toMatchObject([{ closeness: "alike" }]);
    expect(await sole("DE-1001")).toBeNull();
    expect(soleHit([])).toBeNull();
  });

  it("never leaves the scope", async () => {
    expect(await search("DE-100", ["MODA-UK"])).toEqual(["DE-100"]);
    // One slip away from the one that is there.
    expect(await search("DE-1001", ["MODA-UK"])).toEqual(["DE-100"]);
    expect(await search("PSI-7", ["MODA-UK"])).toEqual([]);
    expect(await findOrder(["MODA-UK"], idOf("order", "MODA-EU", "DE-100"))).toBeNull();
    expect(await findOrder(["MODA-EU"], idOf("order", "MODA-EU", "DE-100"))).toMatchObject({
      content: { items: [{ sku: "TEE", gross: 1999n }] },
    });
  });
});
