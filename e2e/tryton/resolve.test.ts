import { afterAll, beforeAll, describe, expect, it, test } from "vitest";
import type { Actor } from "@/lib/auth/actor";
import type { LedgerSource } from "@/lib/connectors/contract";
import { createHttpClient } from "@/lib/connectors/http";
import { trytonConnector } from "@/lib/connectors/registry";
import type { LedgerWrite, StoreWrite, Writer } from "@/lib/connectors/write";
import { inTransaction } from "@/lib/db/pool";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { orderKeyOf } from "@/lib/domain/identity";
import { makeUser } from "@/lib/exceptions/fixtures";
import { runReconciliation } from "@/lib/matching/reconcile";
import { contextsOf } from "@/lib/resolutions/context";
import { isPlan } from "@/lib/resolutions/contract";
import { createWorlds, readWorlds } from "@/lib/resolutions/fixtures";
import { isEnded } from "@/lib/resolutions/machine";
import { startResolution, writtenOf } from "@/lib/resolutions/mutations";
import { basisOfPlan } from "@/lib/resolutions/preview";
import { type RunnerContext, runResolution } from "@/lib/resolutions/run";
import type { StoreContext } from "@/lib/sync/store/context";
import { item, order, prepare } from "@/lib/sync/store/fixtures";
import { storeLedger } from "@/lib/sync/store/ledger";
import type { Clerk } from "./api";
import type { Company } from "./company";
import { openTryton } from "./open";
import type { Plan } from "./plan";
import { makeProducts } from "./post";
import { ADMIN, DATABASE, obtainTryton, type TrytonServer } from "./server";

/*
 * Exceptions put right in a real Tryton by the runner itself: planned, claimed, posted through Tryton's own workflow, read
 * back from it, matched again, and closed with proof; what Tryton refuses is shown in its words. SCAYLE's side is in memory.
 */

const missing = await obtainTryton((line) => console.info(`Tryton: ${line}`));
if (missing === null) {
  describe("the runner on a real Tryton", () => checkRunner());
} else {
  test("there is no Tryton here, so nothing was put right in a real ERP", () => {
    console.warn(`\n*** NOTHING PUT RIGHT IN A REAL ERP: ${missing}. ***\n`);
    expect(missing).not.toBe("");
  });
}

const STANDARD = "Umsatzsteuer – Normalsatz";

function checkRunner(): void {
  let tryton: TrytonServer;
  let clerk: Clerk;
  let company: Company;
  let ledger: LedgerSource;
  let database: TestDatabase;
  let contexts: Readonly<{ orders: StoreContext; ledger: StoreContext }>;
  let preparer: Actor;
  let clock = Date.parse("2026-11-02T08:00:00Z");
  const now = () => new Date(clock);
  const worlds = createWorlds(now, () => "answers");

  beforeAll(async () => {
    database = await createTestDatabase();
    const pool = database.ownerPool;
    contexts = await prepare(pool);
    await pool.query(
      `INSERT INTO tax_mapping (id, entity_id, ship_to, channel, rate, tax_code, confirmed_at, confirmed_by)
       VALUES (gen_random_uuid(), 'E1', 'DE', '*', 0.19, $1, now(), 'test')`,
      [STANDARD],
    );
    preparer = await makeUser(pool, "finance-preparer", "E1");
    ({ tryton, clerk, company } = await openTryton());
    const product = {
      ...{
        product: "SKU-1",
        isService: false,
        name: "Shirt",
        quantity: 1n,
        netPrice: 1_000_000n,
        rate: 190n,
      },
    };
    await makeProducts(clerk, company, { documents: [{ lines: [product] }] } as unknown as Plan);
    const [party] = await clerk.find("party.party", [["id", "=", company.party]], ["code"]);
    const http = createHttpClient({
      ...{ fetch, now: () => new Date(), sleep: async () => undefined, random: () => 0 },
    });
    ledger = trytonConnector.open(
      trytonConnector.settings.parse({
        ...{ baseUrl: tryton.url, database: DATABASE, user: ADMIN.user },
        write: { partyCode: String(party?.["code"]), revenueAccount: "8400", settlesSeconds: 1 },
      }),
      { password: ADMIN.password },
      { http, signal: new AbortController().signal },
    );
  }, 400_000);
  afterAll(async () => {
    await tryton?.close();
    await database?.close();
  }, 60_000);

  /** The runner over SCAYLE in memory and the real Tryton: what it reads back is what Tryton answers. */
  const runner = (): RunnerContext => ({
    pool: database.ownerPool,
    now,
    writers: async () => ({
      of: ({ connectionId }) =>
        connectionId === contexts.orders.connectionId
          ? { system: "SCAYLE", writer: worlds.store as Writer<LedgerWrite | StoreWrite> }
          : { system: "Tryton", writer: (ledger.write ?? null) as Writer<LedgerWrite | StoreWrite> | null },
    }),
    async readBack(entityId, orderKeys) {
      for (const [id, held] of worlds.orders) {
        if (!orderKeys.includes(orderKeyOf(contexts.orders.connectionId, id))) continue;
        await readWorlds(worlds, contexts, database.ownerPool, [id], now());
        const readings = await ledger.documentsOf(held.reference);
        await inTransaction(database.ownerPool, (client) =>
          storeLedger(client, { ...contexts.ledger, at: now() }, readings),
        );
      }
      await runReconciliation({ entityId, orderKeys }, { actorName: "test", now, pool: database.ownerPool });
      clock += 1000;
      return { problems: new Map(), broken: [] };
    },
  });

  /** Finds the exception of an order and sends its resolution to the end. */
  async function putRight(id: string, cause: string, code: string) {
    const orderKey = orderKeyOf(contexts.orders.connectionId, id);
    await runner().readBack("E1", [orderKey], { kind: "machine", id: "test", name: "test" });
    const pool = database.ownerPool;
    const { rows } = await pool.query<{ id: string }>(
      "SELECT id FROM exception WHERE order_key = $1 AND cause = $2 AND state = 'new'",
      [orderKey, cause],
    );
    const exceptionId = rows[0]?.id ?? "";
    const found = (await contextsOf(pool, "E1", [{ orderKey, id: exceptionId }], now())).get(exceptionId);
    const plan = found ? writtenOf(code).plan(found) : null;
    if (!plan || !isPlan(plan)) throw new Error(plan ? plan.cannot : `${cause} was not found`);
    const begun = await startResolution(
      preparer,
      { entityId: "E1", exceptionId, code, basis: basisOfPlan(code, plan) },
      { now: now(), pool, writers: runner().writers },
    );
    for (let times = 0; times < 30; times += 1) {
      await runResolution({ orderKey, id: begun.id }, runner());
      const attempt = await pool.query(
        `SELECT a.state, a.outcome, a.next_at, e.state AS exception, a.after FROM resolution_attempt a
           JOIN exception e ON e.order_key = a.order_key AND e.id = a.exception_id WHERE a.id = $1`,
        [begun.id],
      );
      const [row] = attempt.rows;
      if (isEnded(row.state)) return row;
      clock = Math.max(clock + 1000, row.next_at?.getTime() ?? 0);
    }
    throw new Error("it never ended");
  }

  const sold = (id: string, day: string) =>
    order({
      ...{ id, reference: `SHOP-${id}`, aliases: [id, `SHOP-${id}`] },
      items: [item({ id: `${id}1`, shippedAt: new Date(`${day}T12:00:00Z`) })],
    });
  const booksOf = async (reference: string) =>
    (await ledger.documentsOf(reference)).flatMap(({ result }) => (result.ok ? [result.value] : []));

  it("posts a missing sale, and a missing credit of it, and closes both by what it reads back", async () => {
    worlds.orders.set("8001", sold("8001", "2026-10-20"));
    worlds.invoices.set("8001", []);
    const sale = await putRight("8001", "sale-missing-in-erp", "post-missing-sale");
    expect(sale).toMatchObject({ state: "proved", exception: "resolved" });
    const [posted] = await booksOf("SHOP-8001");
    expect(posted).toMatchObject({
      ...{ kind: "sale", posted: true, postingDay: "2026-10-20" },
      stated: { net: 10_000n, tax: 1_900n, gross: 11_900n },
    });
    expect(sale.after.documents.map((one: { number: string }) => one.number)).toContain(posted?.number);

    const back = new Date("2026-10-22T10:00:00Z");
    const held = worlds.orders.get("8001");
    if (!held) throw new Error("no order");
    worlds.orders.set("8001", {
      ...held,
      items: held.items.map((one) => ({ ...one, status: "returned", returnedAt: back })),
      updatedAt: new Date("2026-10-22T10:00:00Z"),
    });
    worlds.invoices.set("8001", [
      { id: "n8001", type: "corrective_invoice", number: "N-8001", createdAt: back },
    ]);
    const credit = await putRight("8001", "credit-missing-in-erp", "post-missing-credit");
    expect(credit).toMatchObject({ state: "proved", exception: "resolved" });
    const memo = (await booksOf("SHOP-8001")).find(({ kind }) => kind === "credit");
    expect(memo).toMatchObject({
      ...{ posted: true, originalNumber: posted?.number },
      stated: { net: -10_000n, tax: -1_900n, gross: -11_900n },
    });
  });

  it("shows what Tryton refuses in Tryton’s own words, opens the exception again, and leaves no draft", async () => {
    // Tryton numbers invoices in the order of their days: one of before the last is refused.
    worlds.orders.set("8002", sold("8002", "2026-10-05"));
    worlds.invoices.set("8002", []);
    const refused = await putRight("8002", "sale-missing-in-erp", "post-missing-sale");
    expect(refused).toMatchObject({ state: "reopened", exception: "assigned" });
    expect(refused.outcome).toMatch(/^Tryton refused it: .*accounting date/i);
    expect(refused.outcome).not.toMatch(/https?:/);
    expect(await booksOf("SHOP-8002")).toEqual([]);
    const { rows } = await database.ownerPool.query(
      "SELECT text FROM resolution_step WHERE kind = 'rejected' ORDER BY at DESC LIMIT 1",
    );
    expect(rows[0].text).toMatch(/accounting date/i);
  });
}
