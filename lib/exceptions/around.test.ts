import { afterAll, beforeAll, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { orderKeyOf } from "@/lib/domain/identity";
import { createWorlds, plant, readWorlds } from "@/lib/resolutions/fixtures";
import type { StoreContext } from "@/lib/sync/store/context";
import { prepare } from "@/lib/sync/store/fixtures";
import { findPayloads, findSourceMoments } from "./around";

let database: TestDatabase;
let contexts: Readonly<{ orders: StoreContext; ledger: StoreContext }>;
const at = new Date("2026-11-02T08:00:00Z");

beforeAll(async () => {
  database = await createTestDatabase();
  contexts = await prepare(database.ownerPool);
  const worlds = createWorlds(
    () => at,
    () => "answers",
  );
  plant(worlds, "1", "tax-code-missing");
  plant(worlds, "2", "tax-code-missing");
  await readWorlds(worlds, contexts, database.ownerPool, ["1", "2"], at);
});
afterAll(() => database.close());

const keyed = (id: string, entityId = "E1") => ({
  entityId,
  orderKey: orderKeyOf(contexts.orders.connectionId, id),
});

it("tells when the order and its documents were read, and what SCAYLE told of it, newest first", async () => {
  await database.ownerPool.query(
    `INSERT INTO webhook_endpoint (id, entity_id, connection_id, kind, secret, rotated_at, created_at, created_by)
     VALUES ('w', 'E1', $1, 'scayle', 'x', $2, $2, 'test')`,
    [contexts.orders.connectionId, at],
  );
  const event = (id: string, sourceId: string, subject: string) =>
    database.ownerPool.query(
      `INSERT INTO webhook_event (id, endpoint_id, connection_id, entity_id, event_key, body_hash, type, stated_type, received_at,
         subject, source_id, body, state, outcome)
       VALUES (gen_random_uuid(), 'w', $1, 'E1', $2, $2, 'order-updated', 'order-updated', $3, $4, $5, '{}', 'done', 'Read again.')`,
      [contexts.orders.connectionId, id, new Date(at.getTime() + 60_000), subject, sourceId],
    );
  await event("a", "1", "order");
  await event("b", "2", "order");
  await event("c", "1", "stock");
  const moments = await findSourceMoments(keyed("1"));
  expect(moments[0]).toMatchObject({
    kind: "event",
    what: "order-updated",
    where: "SCAYLE",
    text: "Read again.",
  });
  expect(moments.filter(({ kind }) => kind === "event")).toHaveLength(1);
  expect(moments.map(({ kind, what, where }) => [kind, what, where])).toEqual(
    expect.arrayContaining([
      ["order", "orders", "SCAYLE"],
      ["document", "created", "BC"],
    ]),
  );
});

it("gives the payloads of the order and its documents, and of no other and no other entity’s", async () => {
  const payloads = await findPayloads(keyed("1"));
  expect(payloads.map(({ resource, name, system }) => [resource, name, system])).toEqual(
    expect.arrayContaining([
      ["orders", "DE-1", "SCAYLE"],
      ["ledger-documents", "INV-1", "BC"],
    ]),
  );
  expect(payloads.every(({ name }) => !name.includes("2"))).toBe(true);
  expect(await findPayloads(keyed("1", "E2"))).toEqual([]);
});
