import { afterAll, beforeAll, expect, it } from "vitest";
import type { Actor } from "@/lib/auth/actor";
import { inTransaction } from "@/lib/db/pool";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { runReconciliation } from "@/lib/matching/reconcile";
import { runnerContext } from "@/lib/resolutions/surroundings";
import { invoice, item, line, order, prepare, reading } from "@/lib/sync/store/fixtures";
import { storeLedger } from "@/lib/sync/store/ledger";
import { storeOrders } from "@/lib/sync/store/orders";
import { findPrediction, listRootCauses } from "./data";
import { keepFindings } from "./keep-findings";
import { askForPrediction, runPrediction } from "./predict";
import { suggestionsOf } from "./words";

/*
 * A world made by hand: whatever is shipped to Austria is invoiced doubled, three products of it, which are three root causes by
 * their signature and one by what they have in common. And the sales of one day were never posted.
 */

process.env["TIEOUT_SECRET"] = "a secret of thirty-two characters or more";

const NOW = new Date("2026-12-20T08:00:00Z");
const reviewer: Actor = {
  id: "33333333-3333-3333-3333-333333333333",
  name: "Ada",
  email: "ada@example.com",
  grants: [{ role: "finance-reviewer", entityId: "E1" }],
  demo: false,
};
const LOST_DAY = "2026-10-07";
let database: TestDatabase;

const noon = (day: string) => new Date(`${day}T12:00:00Z`);
const dayOf = (index: number) => `2026-10-${String(1 + (index % 28)).padStart(2, "0")}`;

beforeAll(async () => {
  database = await createTestDatabase();
  const contexts = await prepare(database.ownerPool);
  await inTransaction(database.ownerPool, async (client) => {
    for (let index = 0; index < 112; index += 1) {
      const [id, day, sku] = [`${1000 + index}`, dayOf(index), `SKU-${index % 3}`];
      const isAustrian = index % 4 === 0;
      const one = order({
        id,
        reference: `DE-${id}`,
        shipTo: isAustrian ? "AT" : "DE",
        createdAt: noon(day),
        confirmedAt: noon(day),
        items: [item({ id: `${id}-1`, sku, shippedAt: noon(day) })],
      });
      await storeOrders(client, contexts.orders, [reading(one)]);
      if (day === LOST_DAY) continue;
      const doubled = { quantity: "2", net: 20_000n, tax: 3_800n, gross: 23_800n };
      const posted = line({ sku, day, ...(isAustrian ? doubled : {}) });
      const stated = { net: posted.net, tax: posted.tax, gross: posted.gross };
      await storeLedger(client, contexts.ledger, [
        reading(
          invoice({
            sourceId: `g-${id}`,
            number: `INV-${id}`,
            reference: `DE-${id}`,
            postingDay: day,
            stated,
            lines: [posted],
          }),
        ),
      ]);
    }
  });
  await runReconciliation({}, { actorName: "Test", now: () => NOW, pool: database.ownerPool });
  await keepFindings("E1", { pool: database.ownerPool, now: () => NOW });
});
afterAll(() => database.close());

const list = () => listRootCauses("E1", { cause: undefined, page: 1 }, "2026-12-20");

it("says of root causes that differ in their signature alone that they look like one", async () => {
  const cards = (await list()).filter((one) => one.cause === "quantity-wrong");
  expect(cards.map((one) => one.signature).sort()).toEqual(["item: SKU-0", "item: SKU-1", "item: SKU-2"]);
  for (const { id, findings } of cards) {
    expect(findings?.merge).toEqual({
      feature: { name: "ship-to", value: "AT" },
      cards: cards.map((one) => one.id).sort(),
      within: { affected: 28, others: 0 },
      beside: 0,
    });
    expect(findings && suggestionsOf(findings)).toContain(
      "It looks like a part of something larger: together, 3 root causes of this kind affect 28 of 28 sales with ship-to AT.",
    );
    expect(findings?.merge?.cards).toContain(id);
  }
});

it("computes what posting missing sales would clear, as SCAYLE states them", async () => {
  const lost = (await list()).find((one) => one.cause === "sale-missing-in-erp");
  if (!lost) throw new Error("no sale is missing");
  expect([lost.openCount, lost.firstDay]).toEqual([4, LOST_DAY]);
  const { rows: before } = await database.ownerPool.query("SELECT count(*), sum(gross) FROM line");
  const { predictionId } = await askForPrediction(
    reviewer,
    { entityId: "E1", rootCauseId: lost.id },
    { now: NOW, pool: database.ownerPool },
  );
  await runPrediction(predictionId, runnerContext({ pool: database.ownerPool, now: () => NOW }));
  expect(await findPrediction(database.ownerPool, "E1", lost.id)).toMatchObject({
    state: "done",
    lines: 4,
    effect: {
      matchesWon: 4,
      matchesLost: 0,
      made: [],
      cleared: [{ cause: "sale-missing-in-erp", currency: "EUR", count: 4 }],
    },
  });
  expect((await database.ownerPool.query("SELECT count(*), sum(gross) FROM line")).rows).toEqual(before);
});
