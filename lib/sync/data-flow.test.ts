import { afterAll, beforeAll, expect, it } from "vitest";
import { inTransaction } from "@/lib/db/pool";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { idOf, orderKeyOf } from "@/lib/domain/identity";
import { findDailyChecks, findOrderFlow } from "./data-flow";
import type { StoreContext } from "./store/context";
import { invoice, item, order, prepare, reading } from "./store/fixtures";
import { storeLedger } from "./store/ledger";
import { storeOrders } from "./store/orders";

let database: TestDatabase;
let contexts: Readonly<{ orders: StoreContext; ledger: StoreContext }>;
const now = new Date("2026-10-12T12:00:00Z");
const at = (day: number, hour = 12): Date => new Date(Date.UTC(2026, 9, day, hour));

beforeAll(async () => {
  database = await createTestDatabase();
  contexts = await prepare(database.ownerPool);
});
afterAll(() => database.close());

const keep = (id: string, placed: Date, shipped: Date | null, status = "shipped"): Promise<unknown> =>
  inTransaction(database.ownerPool, (client) =>
    storeOrders(client, contexts.orders, [
      reading(
        order({
          ...{ id, reference: `DE-${id}`, createdAt: placed, confirmedAt: placed, status, updatedAt: placed },
          items: [item({ shippedAt: shipped, ...(status === "cancelled" && { cancelledAt: placed }) })],
        }),
      ),
    ]),
  );

it("counts how far the orders of today and of seven days have come", async () => {
  // Of an earlier week: not counted.
  await keep("9", at(2), at(3));
  await keep("1", at(7), null, "order_pended");
  await keep("2", at(8), at(9));
  await keep("3", at(9), at(10));
  await keep("4", at(12, 6), null);
  await keep("5", at(11), null, "cancelled");
  await database.ownerPool.query("UPDATE sales_order SET confirmed_at = NULL WHERE source_id = '1'");
  await database.ownerPool.query(
    `UPDATE sales_order SET content = jsonb_set(content, '{items,0,delegatedAt}', '"2026-10-12T07:00:00Z"') WHERE source_id = '4'`,
  );
  await inTransaction(database.ownerPool, (client) =>
    storeLedger(client, contexts.ledger, [
      reading(invoice({ sourceId: "g2", number: "I-2", reference: "DE-2" })),
    ]),
  );
  await database.ownerPool.query(
    `INSERT INTO exception (order_key, id, subject_key, entity_id, cause, document_kind, signature, state, bucket, severity, owner_team, due,
       currency, period, net, tax, gross, amounts, explanation, evidence, resolution, first_seen_at, last_seen_at)
     VALUES ($1, $2, $2, 'E1', 'sale-missing-in-erp', 'sale', '', 'new', 'open', 'high', 'operations', '2026-10-11', 'EUR', '2026-10', 0, 0, 0, '[]', '', '{}', '', $3, $3)`,
    [orderKeyOf(contexts.orders.connectionId, "3"), idOf("x"), at(10)],
  );
  const { today, week } = await findOrderFlow("E1", now);
  expect(week).toMatchObject({
    ...{ placed: 5, cancelled: 1, confirmed: 3, passedOn: 3, shipped: 2, posted: 1, agree: 1, differing: 0 },
    unconfirmedStates: [expect.stringContaining("pended")],
  });
  expect(today).toMatchObject({ placed: 1, confirmed: 1, passedOn: 1, shipped: 0, unconfirmedStates: [] });
  expect((await findOrderFlow("E2", now)).week.placed).toBe(0);
});

it("ticks a check when there is nothing of it, and says where nothing came", async () => {
  const counted = async (entityId: string) =>
    Object.fromEntries(
      (await findDailyChecks(entityId, now, "2026-10-12")).map(({ key, ...check }) => [key, check]),
    );
  const is = (count: number) => ({ count, isIdle: false });
  await database.ownerPool.query(
    `INSERT INTO alert (id, entity_id, kind, subject, title, body, owner_team, first_action, href, opened_at)
     VALUES (gen_random_uuid(), 'E1', 'feed-behind', 'feed:x', '', '', 'operations', '', '', $1),
            (gen_random_uuid(), 'E1', 'large-exception', 'exception:x', '', '', 'finance', '', '', $1)`,
    [now],
  );
  expect(await counted("E1")).toEqual({
    ...{ alerts: is(1), feeds: is(0), failed: is(0), jobs: is(0), overdue: is(1), unassigned: is(1) },
    ...{ webhooks: { count: 0, isIdle: true }, oversell: is(0), drift: is(0) },
  });
  expect(Object.values(await counted("E2")).every(({ count }) => count === 0)).toBe(true);
});
