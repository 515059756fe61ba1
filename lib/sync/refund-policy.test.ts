import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { inTransaction } from "@/lib/db/pool";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import type { Feed } from "./feeds";
import { settleRefundPolicy } from "./refund-policy";
import type { StoreContext } from "./store/context";
import { invoice, item, line, order, prepare, reading } from "./store/fixtures";
import { storeLedger } from "./store/ledger";
import { storeOrders } from "./store/orders";

let database: TestDatabase;
let contexts: Readonly<{ orders: StoreContext; ledger: StoreContext }>;
beforeAll(async () => {
  database = await createTestDatabase();
  contexts = await prepare(database.ownerPool);
});
afterAll(() => database.close());

const rows = async (sql: string): Promise<Record<string, unknown>[]> =>
  (await database.ownerPool.query(sql)).rows;

/** An order that came back whole, and the ERP's credit memo for its item, without the shipping. */
async function withdraw(id: string): Promise<void> {
  const returnedAt = new Date("2026-10-20T12:00:00Z");
  const fee = { key: "base_shipping_service_cost", category: "delivery", net: 412n, tax: 78n, gross: 490n };
  const whole = order({
    id,
    reference: `DE-${id}`,
    items: [item({ status: "returned", returnedAt })],
    fees: [{ ...fee, taxRate: "0.19", refundTriggered: null }],
  });
  const credit = invoice({
    kind: "credit",
    sourceId: `guid-${id}`,
    number: `CM-${id}`,
    reference: `DE-${id}`,
    lines: [line({ quantity: "-1", net: -10_000n, tax: -1_900n, gross: -11_900n })],
  });
  await inTransaction(database.ownerPool, (client) => storeOrders(client, contexts.orders, [reading(whole)]));
  await inTransaction(database.ownerPool, (client) =>
    storeLedger(client, contexts.ledger, [reading(credit)]),
  );
}

const settle = () => {
  const feed: Feed = {
    id: contexts.ledger.feedId,
    resource: "ledger-documents",
    lane: "financial",
    storesAs: contexts.ledger.feedId,
    entityId: "E1",
    connectionId: contexts.ledger.connectionId,
    connectionKind: "business-central",
    shop: null,
    watermark: null,
    intervalSeconds: 900,
    overlapSeconds: 600,
    stretch: 1,
    position: null,
    policy: contexts.ledger.policy,
    connection: { settings: {}, secret: null },
  };
  const now = () => contexts.ledger.at;
  return settleRefundPolicy(feed, contexts.ledger.runId, {
    pool: database.ownerPool,
    now,
    actorName: "test",
  });
};
const refundedShipping = () =>
  rows("SELECT count(*)::int AS lines FROM line WHERE document_kind = 'credit' AND kind = 'shipping'");

describe("whether an ERP refunds the shipping of withdrawn orders", () => {
  it("is not said after two orders", async () => {
    await withdraw("1");
    await withdraw("2");
    expect(await settle()).toBeNull();
  });

  it("is told to a person where proposals have to be confirmed", async () => {
    await withdraw("3");
    expect(await settle()).toMatch(/kept the shipping of 3 of 3 orders.*--shipping-refund never/);
    expect(await refundedShipping()).toEqual([{ lines: 3 }]);
  });

  it("becomes the policy, and moves the books, where proposals were accepted in advance", async () => {
    await rows("UPDATE entity SET accept_proposals = true");
    await rows("DELETE FROM dirty_group");
    expect(await settle()).toMatch(/taken as its policy/);
    expect(await rows("SELECT shipping_refund FROM entity")).toEqual([{ shipping_refund: "never" }]);
    expect(await refundedShipping()).toEqual([{ lines: 0 }]);
    expect(await rows("SELECT count(*)::int AS groups FROM dirty_group")).toEqual([{ groups: 3 }]);
    expect(await rows("SELECT action FROM audit_event")).toEqual([{ action: "proposal.accept" }]);
  });
});
