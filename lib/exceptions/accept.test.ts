import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Actor } from "@/lib/auth/actor";
import type { Role } from "@/lib/auth/permissions";
import { inTransaction } from "@/lib/db/pool";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { runReconciliation } from "@/lib/matching/reconcile";
import type { StoreContext } from "@/lib/sync/store/context";
import { invoice, item, line, order, prepare, reading, unreadable } from "@/lib/sync/store/fixtures";
import { storeLedger } from "@/lib/sync/store/ledger";
import { storeOrders } from "@/lib/sync/store/orders";
import { acceptException } from "./acceptance";

let database: TestDatabase;
let contexts: Readonly<{ orders: StoreContext; ledger: StoreContext }>;
const NOW = new Date("2026-12-20T08:00:00Z");
const person = (role: Role): Actor => ({
  id: "33333333-3333-3333-3333-333333333333",
  name: "Petra",
  email: "petra@example.com",
  grants: [{ role, entityId: null }],
  demo: false,
});
const finance = person("finance-preparer");

beforeAll(async () => {
  database = await createTestDatabase();
  contexts = await prepare(database.ownerPool);
});
afterAll(() => database.close());

const rows = async (sql: string, values: unknown[] = []) =>
  (await database.ownerPool.query(sql, values)).rows;
let ticks = 0;
const reconcile = () =>
  runReconciliation(
    {},
    { actorName: "Test", now: () => new Date(NOW.getTime() + ticks++), pool: database.ownerPool },
  );
/** The invoice as the ledger has it now: changed so often, each time with another description of its tax. */
const post = (times: number, taxCode: string) =>
  inTransaction(database.ownerPool, async (client) => {
    const modifiedAt = new Date(Date.parse("2026-10-06T12:00:00Z") + times * 3_600_000);
    await storeLedger(client, contexts.ledger, [
      reading(invoice({ reference: "DE-1001", modifiedAt, lines: [line({ taxCode })] })),
    ]);
  });
const changed = async () =>
  (await rows("SELECT id, state, version FROM exception WHERE cause = 'posted-changed'"))[0];
const accept = (input: Readonly<{ id: string; version: number }>, actor = finance) =>
  acceptException(
    actor,
    { entityId: "E1", reason: "The tax office asked for this code.", ...input },
    { now: NOW, pool: database.ownerPool },
  );

describe("accepting a posted document that changed", () => {
  it("is finance's, holds over reconciliations, and ends when the document changes again", async () => {
    await inTransaction(database.ownerPool, (client) =>
      storeOrders(client, contexts.orders, [reading(order({ items: [item()] }))]),
    );
    await post(0, "VAT19");
    await post(1, "ELSE");
    await reconcile();
    const found = await changed();
    expect(found).toMatchObject({ state: "new" });
    await expect(accept(found, person("operations"))).rejects.toThrow(/may not accept/);
    await expect(accept(found, person("auditor"))).rejects.toThrow(/may not accept/);
    await expect(accept({ ...found, version: found.version + 1 })).rejects.toMatchObject({
      code: "conflict",
    });
    const accepted = await accept(found);
    await expect(accept({ id: found.id, version: accepted.version })).rejects.toThrow(/is accepted/);
    await reconcile();
    await reconcile();
    expect(await changed()).toMatchObject({ state: "accepted", version: accepted.version });

    await post(2, "OTHER");
    await reconcile();
    const again = await changed();
    expect(again).toMatchObject({ state: "new" });
    await accept(again);
    // Back to what was accepted first is another change all the same.
    await post(3, "ELSE");
    await reconcile();
    expect(await changed()).toMatchObject({ state: "new" });
    // And set back to what it was, there is nothing left to accept.
    await post(4, "VAT19");
    await reconcile();
    expect(await changed()).toMatchObject({ state: "resolved" });

    expect(
      await rows("SELECT kind FROM exception_event WHERE exception_id = $1 ORDER BY at, kind", [found.id]),
    ).toEqual(
      expect.arrayContaining(["found", "accepted", "reopened", "resolved"].map((kind) => ({ kind }))),
    );
    expect(
      await rows(
        "SELECT actor_name, subject, after ->> 'reason' AS reason FROM audit_event WHERE action = 'exception.accept' ORDER BY seq LIMIT 1",
      ),
    ).toEqual([
      {
        actor_name: "Petra",
        subject: `exception:${found.id}`,
        reason: "The tax office asked for this code.",
      },
    ]);
  });

  it("is not there for a cause that is resolved by a proof", async () => {
    await inTransaction(database.ownerPool, (client) =>
      storeOrders(client, contexts.orders, [
        unreadable("1002", new Date("2026-10-06T00:00:00Z"), "no price"),
      ]),
    );
    await reconcile();
    const [other] = await rows("SELECT id, version FROM exception WHERE cause = 'record-failed'");
    expect(other).toBeDefined();
    await expect(accept(other)).rejects.toMatchObject({ code: "invalid" });
  });
});
