import type pg from "pg";
import type { Actor } from "@/lib/auth/actor";
import type { Role } from "@/lib/auth/permissions";
import { inTransaction } from "@/lib/db/pool";
import type { BookDocument } from "@/lib/domain/document";
import type { SalesOrder } from "@/lib/domain/order";
import { runReconciliation } from "@/lib/matching/reconcile";
import type { StoreContext } from "@/lib/sync/store/context";
import { reading } from "@/lib/sync/store/fixtures";
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
