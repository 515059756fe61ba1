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
const since = at(6);

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

it("counts how far orders have come, and calls stuck what waits longer than nineteen of twenty did", async () => {
  // Too few to say anything of what is normal.
  await keep("1", at(7), null);
  expect(await findOrderFlow("E1", since, now)).toMatchObject({
    ...{ placed: 1, confirmed: 1, shipped: 0, stuckBeforeShipping: 0, shippingHours: null },
  });
  // Before: twenty-five orders, each shipped a day after.
  for (let n = 0; n < 25; n++) await keep(`9${n}`, at(2, n % 20), at(3, n % 20));
  await keep("2", at(8), at(9));
  await keep("3", at(9), at(10));
  await keep("4", at(12, 6), null);
  await keep("5", at(11), null, "cancelled");
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
  const flow = await findOrderFlow("E1", since, now);
  expect(flow).toMatchObject({
    ...{ placed: 5, cancelled: 1, confirmed: 4, shipped: 2, posted: 1, agree: 1 },
    // Order 1 waits for five days, order 4 for six hours.
    ...{ stuckBeforeShipping: 1, stuckBeforePosting: 1, differing: 0 },
  });
  expect(flow.shippingHours).toBeCloseTo(24, 5);
  expect(await findOrderFlow("E2", since, now)).toMatchObject({ placed: 0, shippingHours: null });
});

it("ticks a check when there is nothing of it", async () => {
  const counts = Object.fromEntries(
    (await findDailyChecks("E1", now, "2026-10-12")).map(({ key, count }) => [key, count]),
  );
  expect(counts).toMatchObject({ failed: 0, jobs: 0, webhooks: 0, overdue: 1, unassigned: 1 });
  expect((await findDailyChecks("E2", now, "2026-10-12")).every(({ count }) => count === 0)).toBe(true);
});
