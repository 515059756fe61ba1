import { afterAll, beforeAll, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { SANDBOX_CONFIRMED_BY, SANDBOX_WHY } from "@/lib/domain/sandbox-words";
import { makeUser } from "@/lib/exceptions/fixtures";
import { setFeed } from "@/lib/sync/mutations";
import { setCutOff } from "@/lib/sync/mutations-cut-off";
import { prepare } from "@/lib/sync/store/fixtures";
import {
  findConnections,
  findCutOffs,
  findFeedsInForce,
  findMonthEndTasks,
  findOwners,
  findTeamsOf,
} from "./data";
import { findMappingsInForce } from "./mappings";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
  await prepare(database.ownerPool);
});
afterAll(() => database.close());

const at = new Date("2026-11-10T09:00:00Z");

it("reads what is in force, and nothing of other entities", async () => {
  const pool = database.appPool;
  const run = (sql: string, values: unknown[] = []) => database.ownerPool.query(sql, values);
  await run(
    `INSERT INTO feed (id, connection_id, entity_id, resource, interval_seconds, promise_seconds, held_at, held_reason)
     SELECT 'E1/orders', id, 'E1', 'orders', 900, 3600, $1, 'The password was refused.' FROM connection WHERE side = 'scayle'`,
    [at],
  );
  await run(
    `INSERT INTO period_cut_off (entity_id, month, hours, reason, set_at, set_by) VALUES ('E1', '2026-10', 12, 'A holiday.', $1, 'Rosa')`,
    [at],
  );
  expect(await findFeedsInForce(pool, ["E1"])).toMatchObject([
    { id: "E1/orders", side: "scayle", intervalSeconds: 900, reason: "The password was refused." },
  ]);
  expect(await findCutOffs(pool, ["E1"])).toEqual([
    expect.objectContaining({ month: null, hours: 72, setBy: null }),
    { entityId: "E1", month: "2026-10", hours: 12, setBy: "Rosa", reason: "A holiday." },
  ]);
  expect(await findConnections(pool, ["E1"])).toMatchObject([{ side: "scayle" }, { side: "erp" }]);
  expect((await findTeamsOf(pool)).map((team) => team.id)).toEqual(
    expect.arrayContaining(["finance", "operations"]),
  );
  expect(await findOwners(pool, ["E1"])).toEqual(expect.any(Array));
  expect((await findMonthEndTasks(pool, ["E1"])).map((task) => task.title)).toContain("The proof is green");
  for (const find of [findFeedsInForce, findCutOffs, findConnections, findMonthEndTasks])
    expect(await find(pool, ["E2"])).toEqual(find === findMonthEndTasks ? expect.any(Array) : []);
});

it("says of intervals and cut-offs who set them last and why, at once", async () => {
  const admin = await makeUser(database.ownerPool, "administrator", null);
  const pool = database.appPool;
  const set = (intervalMinutes: number, reason: string) =>
    setFeed(
      admin,
      {
        entityId: "E1",
        feedId: "E1/orders",
        intervalMinutes,
        overlapMinutes: 10,
        promiseMinutes: 60,
        reason,
      },
      at,
    );
  expect(await findFeedsInForce(pool, ["E1"])).toMatchObject([{ setBy: null, why: null }]);
  await set(30, "The ERP posts in bursts.");
  await set(20, "It posts more often now.");
  expect(await findFeedsInForce(pool, ["E1"])).toMatchObject([
    { intervalSeconds: 1200, setBy: "administrator", why: "It posts more often now." },
  ]);
  await setCutOff(admin, { entityId: "E1", month: null, hours: 48, reason: "The carrier reports late." }, at);
  expect((await findCutOffs(pool, ["E1"]))[0]).toEqual({
    ...{ entityId: "E1", month: null, hours: 48 },
    ...{ setBy: "administrator", reason: "The carrier reports late." },
  });
});

it("lists each mapping in force, with who confirmed it when, and the reason of its request", async () => {
  const run = (sql: string, values: unknown[] = []) => database.ownerPool.query(sql, values);
  await run("DELETE FROM item_mapping");
  await run("DELETE FROM tax_mapping");
  await run(
    `INSERT INTO item_mapping (id, entity_id, erp_kind, erp_item, line_kind, sku, valid_until, confirmed_at, confirmed_by)
     VALUES (gen_random_uuid(), 'E1', 'item', 'OLD-7', 'item', 'SKU-1', NULL, $1, 'Rosa'),
            (gen_random_uuid(), 'E1', 'account', '8510', 'shipping', NULL, NULL, $1, 'Rosa'),
            (gen_random_uuid(), 'E1', 'item', 'PAST', 'item', 'SKU-2', '2026-11-01', $1, 'Rosa')`,
    [at],
  );
  await run(
    `INSERT INTO payment_mapping (id, entity_id, connection_id, payment_key, erp_code, confirmed_at, confirmed_by)
     SELECT gen_random_uuid(), 'E1', id, 'paypal', 'PP', $1, 'Rosa' FROM connection WHERE side = 'scayle'`,
    [at],
  );
  const change = {
    ...{ kind: "item", erpKind: "item", erpItem: "OLD-7", erpVariant: "", lineKind: "item", sku: "SKU-1" },
  };
  await run(
    `INSERT INTO mapping_request (id, entity_id, state, source, reason, changes, foreseen_at, made_at, made_by_id, made_by, decided_at, decided_by_id, decided_by)
     VALUES (gen_random_uuid(), 'E1', 'made', 'change', 'It was renamed.', $1::jsonb, $2, $2, 'r', 'Rosa', $2, 's', 'Sam')`,
    [JSON.stringify([change]), at],
  );
  const [found] = await findMappingsInForce(database.appPool, ["E1"], at);
  const of = (kind: string) => found?.kinds.find((one) => one.kind === kind);
  expect(of("item")).toEqual({
    kind: "item",
    count: 2,
    rows: [
      { says: "ERP account 8510 stands for shipping", by: "Rosa", day: "2026-11-10", reason: null },
      { says: "ERP item OLD-7 stands for SKU-1", by: "Rosa", day: "2026-11-10", reason: "It was renamed." },
    ],
  });
  expect(of("payment")?.rows).toMatchObject([
    { says: "Payment by paypal, any shop, is PP in the ERP", reason: null },
  ]);
  expect(of("tax-code")).toEqual({ kind: "tax-code", count: 0, rows: [] });
  // What the sandbox comes with says itself why it is so.
  await run("UPDATE payment_mapping SET confirmed_by = $1", [SANDBOX_CONFIRMED_BY]);
  const [own] = await findMappingsInForce(database.appPool, ["E1"], at);
  expect(own?.kinds.find((one) => one.kind === "payment")?.rows).toMatchObject([
    { by: SANDBOX_CONFIRMED_BY, reason: SANDBOX_WHY.mapped },
  ]);
});
