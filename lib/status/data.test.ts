import { afterAll, beforeAll, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { orderKeyOf } from "@/lib/domain/identity";
import { runReconciliation } from "@/lib/matching/reconcile";
import { createWorlds, plant, readWorlds } from "@/lib/resolutions/fixtures";
import { prepare } from "@/lib/sync/store/fixtures";
import { shopIdOf } from "@/lib/sync/store/shop-id";
import { findStatus, listWaiting } from "./data";

let database: TestDatabase;
const now = () => new Date("2026-11-02T08:00:00Z");

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

it("names the exception of the books where they say of a step what its own exception would", async () => {
  const pool = database.ownerPool;
  const contexts = await prepare(pool);
  await pool.query(
    `INSERT INTO shop (id, entity_id, connection_id, shop_key, country_code, name) VALUES ($2, 'E1', $1, 'ms', 'de', 'DE')`,
    [contexts.orders.connectionId, shopIdOf("E1", "ms/de")],
  );
  const worlds = createWorlds(now, () => "answers");
  plant(worlds, "8001", "credit-note-failed");
  plant(worlds, "8002", "sale-missing-in-erp");
  await readWorlds(worlds, contexts, pool, ["8001", "8002"], now());
  const keys = ["8001", "8002"].map((id) => orderKeyOf(contexts.orders.connectionId, id));
  await runReconciliation({ entityId: "E1", orderKeys: keys }, { actorName: "test", now, pool });
  const { shops } = await findStatus(pool, "E1", now());
  const rows = [];
  for (const step of ["tell-return", "post"] as const)
    for (const { shopId } of shops) {
      const query = { entity: "E1", shop: shopId, step, as: "stuck", page: 1 } as const;
      rows.push(...(await listWaiting(pool, "E1", query, now())).rows);
    }
  const open = await pool.query("SELECT id, cause FROM exception WHERE state <> 'resolved' ORDER BY cause");
  expect(open.rows.map((row) => row.cause)).toEqual(["credit-note-failed", "sale-missing-in-erp"]);
  expect(
    rows.map(({ exceptionId, cause, items, reference }) => ({ id: exceptionId, cause, items, reference })),
  ).toEqual([
    { ...open.rows[0], items: 1, reference: "DE-8001" },
    { ...open.rows[1], items: 1, reference: "DE-8002" },
  ]);
});
