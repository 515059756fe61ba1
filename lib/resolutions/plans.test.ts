import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Actor } from "@/lib/auth/actor";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { orderKeyOf } from "@/lib/domain/identity";
import { makeUser } from "@/lib/exceptions/fixtures";
import { runReconciliation } from "@/lib/matching/reconcile";
import type { StoreContext } from "@/lib/sync/store/context";
import { invoice, item, line, order, prepare } from "@/lib/sync/store/fixtures";
import { contextsOf } from "./context";
import { isPlan, type Plan } from "./contract";
import { contextOver, createWorlds, readWorlds, type Worlds } from "./fixtures";
import { isEnded } from "./machine";
import { startResolution, writtenOf } from "./mutations";
import { basisOfPlan } from "./preview";
import { runResolution } from "./run";

/* Plans for what is wrong in a document of the ERP: what is sent, and that nothing is wrong any more once it is read back. */

let database: TestDatabase;
let contexts: Readonly<{ orders: StoreContext; ledger: StoreContext }>;
let preparer: Actor;
let clock = Date.parse("2026-11-02T08:00:00Z");
const now = () => new Date(clock);
let nextId = 3000;

beforeAll(async () => {
  database = await createTestDatabase();
  const pool = database.ownerPool;
  contexts = await prepare(pool);
  await pool.query(
    `INSERT INTO tax_mapping (id, entity_id, ship_to, channel, rate, tax_code, confirmed_at, confirmed_by)
     VALUES (gen_random_uuid(), 'E1', 'DE', '*', 0.19, 'VAT19', now(), 'test')`,
  );
  preparer = await makeUser(pool, "finance-preparer", "E1");
  await pool.query(
    `INSERT INTO resolution_limit (entity_id, code, currency, minor, set_at, set_by_id, set_by)
     SELECT 'E1', code, currency, 100000000, $1, 'somebody', 'Somebody'
       FROM unnest(ARRAY['correct-line', 'correct-charge']) AS code, unnest(ARRAY['EUR', 'CHF']) AS currency`,
    [now()],
  );
});
afterAll(() => database.close());

/** What is found of an order, put right; the plan as it was sent. */
async function putRight(cause: string, code: string, fill: (worlds: Worlds, id: string) => void) {
  nextId += 1;
  clock += 1000;
  const id = String(nextId);
  const worlds = createWorlds(now, () => "answers");
  fill(worlds, id);
  const pool = database.ownerPool;
  await readWorlds(worlds, contexts, pool, [id], now());
  const orderKey = orderKeyOf(contexts.orders.connectionId, id);
  await runReconciliation({ entityId: "E1", orderKeys: [orderKey] }, { actorName: "test", now, pool });
  const open = async () => {
    const { rows } = await pool.query<{ id: string; cause: string }>(
      "SELECT id, cause FROM exception WHERE order_key = $1 AND state IN ('new', 'assigned', 'in-progress', 'waiting')",
      [orderKey],
    );
    return rows;
  };
  const before = await open();
  expect(before.map((row) => row.cause)).toEqual([cause]);
  const exceptionId = before[0]?.id ?? "";
  const found = await contextsOf(pool, "E1", [{ orderKey, id: exceptionId }], now());
  const one = found.get(exceptionId);
  const plan = one ? writtenOf(code).plan(one) : null;
  if (!plan || !isPlan(plan)) throw new Error(plan ? plan.cannot : "no context");
  const context = contextOver(worlds, contexts, {
    pool,
    reading: pool,
    now,
    onRead: () => {
      clock += 1000;
    },
  });
  const begun = await startResolution(
    preparer,
    { entityId: "E1", exceptionId, code, basis: basisOfPlan(code, plan) },
    { now: now(), pool, writers: context.writers },
  );
  expect(begun.state).toBe("claimed");
  let attempt = { state: "", outcome: "" };
  for (let times = 0; times < 30 && !isEnded(attempt.state); times += 1) {
    await runResolution({ orderKey, id: begun.id }, context);
    const { rows } = await pool.query(
      "SELECT state, outcome, next_at FROM resolution_attempt WHERE id = $1",
      [begun.id],
    );
    attempt = rows[0];
    clock = Math.max(clock + 1000, rows[0].next_at?.getTime() ?? 0);
  }
  return { plan, attempt, left: (await open()).map((row) => row.cause) };
}

const kinds = ({ writes }: Plan): readonly string[] => writes.map(({ write }) => write.kind);

describe("a plan for the ERP’s document", () => {
  it("in the wrong currency takes it back and posts it in the order’s", async () => {
    const { plan, attempt, left } = await putRight("currency-wrong", "correct-line", (worlds, id) => {
      worlds.orders.set(id, order({ id, reference: `DE-${id}`, aliases: [id, `DE-${id}`] }));
      worlds.documents.push(
        invoice({ sourceId: `s-${id}`, number: `INV-${id}`, reference: `DE-${id}`, currency: "CHF" }),
      );
    });
    expect(kinds(plan)).toEqual(["reverse-document", "post-document"]);
    expect(plan.sentence).toContain("posts it again in EUR");
    expect(plan.writes[1]?.write).toMatchObject({ document: { currency: "EUR" } });
    expect(attempt).toMatchObject({ state: "proved" });
    expect(left).toEqual([]);
  });

  it("that lacks the shipping posts the shipping by itself", async () => {
    const { plan, attempt, left } = await putRight("shipping-missing", "correct-charge", (worlds, id) => {
      worlds.orders.set(
        id,
        order({
          ...{ id, reference: `DE-${id}`, aliases: [id, `DE-${id}`] },
          fees: [
            { category: "shipping", key: "standard", ...money(490n), taxRate: "0.19", refundTriggered: null },
          ],
        }),
      );
      worlds.documents.push(invoice({ sourceId: `s-${id}`, number: `INV-${id}`, reference: `DE-${id}` }));
    });
    expect(kinds(plan)).toEqual(["post-document"]);
    expect(plan.sentence).toContain("4.90 EUR");
    expect(attempt).toMatchObject({ state: "proved" });
    expect(left).toEqual([]);
  });

  it("with a charge that SCAYLE doesn’t have posts it again without it", async () => {
    const { plan, attempt, left } = await putRight("shipping-missing", "correct-charge", (worlds, id) => {
      worlds.orders.set(id, order({ id, reference: `DE-${id}`, aliases: [id, `DE-${id}`] }));
      worlds.documents.push(
        invoice({
          ...{ sourceId: `s-${id}`, number: `INV-${id}`, reference: `DE-${id}` },
          stated: { net: 10_412n, tax: 1_978n, gross: 12_390n },
          lines: [
            line(),
            line({
              ...{ sourceLineId: "20000", kind: "shipping", sku: null, account: "SHIP", unitPrice: "4.90" },
              ...money(490n),
              description: "Shipping",
            }),
          ],
        }),
      );
    });
    expect(kinds(plan)).toEqual(["reverse-document", "post-document"]);
    expect(plan.sentence).toContain("without the charge");
    expect(attempt).toMatchObject({ state: "proved" });
    expect(left).toEqual([]);
  });

  it("with a voucher on another line posts it again with SCAYLE’s lines", async () => {
    const { plan, attempt, left } = await putRight("voucher-allocation", "correct-line", (worlds, id) => {
      const dear = item({ id: `${id}1`, sku: "SKU-1", ...money(10_900n) });
      const cheap = item({ id: `${id}2`, sku: "SKU-2", ...money(5_000n) });
      worlds.orders.set(
        id,
        order({
          ...{ id, reference: `DE-${id}`, aliases: [id, `DE-${id}`], items: [dear, cheap] },
          vouchers: [{ code: "TEN", type: "absolute", value: "1000" }],
        }),
      );
      worlds.documents.push(
        invoice({
          ...{ sourceId: `s-${id}`, number: `INV-${id}`, reference: `DE-${id}` },
          stated: { net: null, tax: null, gross: 15_900n },
          lines: [
            line({ ...money(11_900n), unitPrice: "119.00" }),
            line({ sourceLineId: "20000", sku: "SKU-2", ...money(4_000n), unitPrice: "40.00" }),
          ],
        }),
      );
    });
    expect(kinds(plan)).toEqual(["reverse-document", "post-document"]);
    expect(plan.sentence).toContain("2 lines corrected");
    expect(attempt).toMatchObject({ state: "proved" });
    expect(left).toEqual([]);
  });

  it("for what was never posted bears the ERP’s code for the one way in which the order was paid", async () => {
    await database.ownerPool.query(
      `INSERT INTO payment_mapping (id, entity_id, connection_id, shop_id, payment_key, erp_code, valid_until, confirmed_at, confirmed_by)
       VALUES (gen_random_uuid(), 'E1', $1, '*', 'paypal', 'PREPAID', NULL, now(), 'test'),
              (gen_random_uuid(), 'E1', $1, '*', 'card', 'CARD', '2026-01-31', now(), 'test')`,
      [contexts.ledger.connectionId],
    );
    const paid = async (...keys: readonly string[]) => {
      const { plan, attempt, left } = await putRight(
        "sale-missing-in-erp",
        "post-missing-sale",
        (worlds, id) => {
          const payments = keys.map((key) => ({ key, amount: null, giftCard: key === "gift_card" }));
          worlds.orders.set(id, order({ id, reference: `DE-${id}`, aliases: [id, `DE-${id}`], payments }));
        },
      );
      expect(attempt).toMatchObject({ state: "proved" });
      expect(left).toEqual([]);
      const [planned] = plan.writes;
      return planned?.write.kind === "post-document" ? planned.write.document.payment : null;
    };
    expect(await paid("paypal", "gift_card")).toBe("PREPAID");
    // Its row has ended before; several ways are none that could be said.
    expect(await paid("card")).toBeUndefined();
    expect(await paid("paypal", "card")).toBeUndefined();
  });
});

/** An amount of 19 %, rounded half up from its gross. */
function money(gross: bigint) {
  const net = (gross * 10_000n * 2n + 11_900n) / (11_900n * 2n);
  return { net, tax: gross - net, gross };
}
