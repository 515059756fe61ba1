import type pg from "pg";
import { afterAll, beforeAll, beforeEach } from "vitest";
import type { Actor } from "@/lib/auth/actor";
import type { Role } from "@/lib/auth/permissions";
import { inTransaction } from "@/lib/db/pool";
import { createTestDatabase, emptyTables, type TestDatabase } from "@/lib/db/testing";
import type { BookDocument } from "@/lib/domain/document";
import { orderKeyOf, strayKeyOf } from "@/lib/domain/identity";
import type { SalesOrder } from "@/lib/domain/order";
import { runReconciliation } from "@/lib/matching/reconcile";
import type { StoreContext } from "@/lib/sync/store/context";
import { prepare, reading } from "@/lib/sync/store/fixtures";
import { storeLedger } from "@/lib/sync/store/ledger";
import { storeOrders } from "@/lib/sync/store/orders";

/** When the tests' reconciliations speak: long after everything was posted. */
export const NOW = new Date("2026-12-20T08:00:00Z");

/** A person with one role in entity E1. */
export const personWith = (role: Role): Actor => ({
  id: `id-${role}`,
  name: role,
  email: `${role}@example.test`,
  grants: [{ role, entityId: "E1" }],
  demo: false,
});

const TABLES =
  "line document document_version sales_order order_alias source_record failed_record dirty_group pair pair_line cause exception exception_event period_summary run audit_event tax_mapping placement_decision hand_pair alias_form group_member tally tally_event invariant_breach fetch_control control_remainder reference_rule".split(
    " ",
  );

/** What a test of pairing has: a database of its own, emptied before each test, and what it does with it. */
export function testBooks() {
  let database: TestDatabase;
  let contexts: Readonly<{ orders: StoreContext; ledger: StoreContext }>;
  beforeAll(async () => {
    database = await createTestDatabase();
    contexts = await prepare(database.ownerPool);
  });
  afterAll(() => database.close());
  beforeEach(async () => {
    await emptyTables(database.ownerPool, TABLES);
  });
  return {
    pool: () => database.ownerPool,
    contexts: () => contexts,
    rows: async (sql: string, values: readonly unknown[] = []): Promise<Record<string, unknown>[]> =>
      (await database.ownerPool.query(sql, [...values])).rows,
    come: (...records: Parameters<typeof arrive>[2]) => arrive(database.ownerPool, contexts, records),
    again: (full = false) => reconcile(database.ownerPool, full),
    keyOf: (sourceId: string) => orderKeyOf(contexts.orders.connectionId, sourceId),
    strayOf: (sourceId: string) => strayKeyOf(contexts.ledger.connectionId, sourceId),
  };
}

/** Stores records one by one, in the order given, as syncs would. */
export async function arrive(
  pool: pg.Pool,
  contexts: Readonly<{ orders: StoreContext; ledger: StoreContext }>,
  records: readonly (SalesOrder | BookDocument)[],
): Promise<void> {
  for (const record of records) {
    await inTransaction(pool, async (client) =>
      "items" in record
        ? storeOrders(client, contexts.orders, [reading(record)])
        : storeLedger(client, contexts.ledger, [reading(record)]),
    );
  }
}

/** Reconciles what changed, or everything. */
export const reconcile = (pool: pg.Pool, full = false) =>
  runReconciliation({ full }, { actorName: "Test", now: () => NOW, pool });
