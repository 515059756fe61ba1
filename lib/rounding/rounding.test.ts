import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Actor } from "@/lib/auth/actor";
import type { Role } from "@/lib/auth/permissions";
import { inTransaction } from "@/lib/db/pool";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import type { RoundingPolicy } from "@/lib/domain/tax/policy";
import { runReconciliation } from "@/lib/matching/reconcile";
import { loadEntities } from "@/lib/matching/settings";
import type { StoreContext } from "@/lib/sync/store/context";
import { invoice, item, line, order, prepare, reading } from "@/lib/sync/store/fixtures";
import { storeLedger } from "@/lib/sync/store/ledger";
import { storeOrders } from "@/lib/sync/store/orders";
import { type ConnectionRounding, findMonthRounding, findRounding } from "./data";
import { confirmRounding, inspectRounding } from "./mutations";
import { endWords, settingWords } from "./words";

const NOW = new Date("2026-12-20T08:00:00Z");
const LATER = new Date("2026-12-21T08:00:00Z");
const DOCUMENT: RoundingPolicy = { level: "document", mode: "half-up", basis: "gross", first: "tax" };
const UNIT: RoundingPolicy = { level: "unit", mode: "half-up", basis: "gross", first: "net" };
const ORDERS = 12;

let database: TestDatabase;
let contexts: Readonly<{ orders: StoreContext; ledger: StoreContext }>;

const person = (role: Role, entityId: string | null = "E1"): Actor => ({
  id: randomUUID(),
  name: `A ${role}`,
  email: `${role}@example.com`,
  grants: [{ role, entityId }],
  demo: false,
});
const reviewer = person("finance-reviewer");

/** Six different items of 1.01 with 19 %: 0.16 of tax each, 0.97 of tax together. SCAYLE's v1 makes 0.96, its legacy calculator 0.97. */
async function sell(index: number, erpTaxes: readonly bigint[]): Promise<void> {
  const id = String(3000 + index);
  const items = Array.from({ length: 6 }, (_, turn) =>
    item({ id: `${id}-${turn}`, sku: `S-${turn}`, gross: 101n, net: 85n, tax: 16n }),
  );
  const lines = erpTaxes.map((tax, turn) =>
    line({
      sourceLineId: `${turn}`,
      sku: `S-${turn}`,
      unitPrice: "1.01",
      gross: 101n,
      tax,
      net: 101n - tax,
    }),
  );
  const cost = { gross: 606n, net: 510n, tax: 96n, externalPrices: false };
  await inTransaction(database.ownerPool, async (client) => {
    await storeOrders(client, contexts.orders, [reading(order({ id, reference: `R-${id}`, items, cost }))]);
    const document = invoice({ sourceId: `guid-${id}`, number: `INV-${id}`, reference: `R-${id}`, lines });
    await storeLedger(client, contexts.ledger, [reading(document)]);
  });
}

const reconcile = () =>
  runReconciliation({}, { actorName: "Test", now: () => NOW, pool: database.ownerPool });
const both = async (): Promise<Readonly<{ scayle: ConnectionRounding; erp: ConnectionRounding }>> => {
  const [scayle, erp] = await findRounding("E1");
  if (!scayle || !erp) throw new Error("Two connections were made.");
  return { scayle, erp };
};
const confirm = (actor: Actor, connection: ConnectionRounding, policy: RoundingPolicy, entityId = "E1") =>
  confirmRounding(actor, { entityId, id: connection.id, policy, seen: connection.seen }, { now: LATER });

beforeAll(async () => {
  database = await createTestDatabase();
  contexts = await prepare(database.ownerPool);
  // The running remainder: four times 16.126 come to 64.5, so the fourth line takes the cent.
  const perDocument = [16n, 16n, 16n, 17n, 16n, 16n];
  for (let index = 0; index < ORDERS; index += 1) await sell(index, perDocument);
  // One that was typed by hand: no policy makes it.
  await sell(ORDERS, [20n, 16n, 16n, 16n, 16n, 16n]);
});
afterAll(() => database.close());
beforeEach(async () => {
  await database.ownerPool.query("UPDATE entity SET accept_proposals = false");
  await database.ownerPool.query(
    "UPDATE connection SET rounding = NULL, rounding_confirmed_at = NULL, rounding_confirmed_by = NULL, rounding_evidence = NULL, rounding_evidence_at = NULL",
  );
});

describe("how both sides round", () => {
  it("is inferred by a reconciliation over all documents and proposed, not used", async () => {
    await reconcile();
    const { scayle, erp } = await both();
    expect(erp).toMatchObject({ policy: DOCUMENT, confirmedAt: null, evidenceAt: NOW });
    expect(erp.evidence).toMatchObject({ documents: ORDERS + 1, unknown: 0 });
    const [best, ...rest] = erp.evidence?.candidates ?? [];
    expect(best).toMatchObject({ reproduced: ORDERS });
    expect(best?.examples).toEqual([
      {
        number: `INV-${3000 + ORDERS}`,
        reference: `R-${3000 + ORDERS}`,
        currency: "EUR",
        stated: 100n,
        recomputed: 97n,
      },
    ]);
    expect(rest.find((one) => one.policy.level === "line")).toMatchObject({ reproduced: 0, apart: ORDERS });
    expect(scayle).toMatchObject({ policy: UNIT, confirmedAt: null });
    expect(scayle.evidence).toMatchObject({ documents: ORDERS + 1 });
    expect(scayle.evidence?.headers).toEqual([
      { shop: "e1/ms/de", v1: ORDERS + 1, legacy: 0, both: 0, neither: 0, notComparable: 0 },
    ]);
  });

  it("reaches the causes from both sides, and says that nobody confirmed it", async () => {
    await reconcile();
    const { scayle, erp } = await both();
    const [entity] = await inTransaction(database.ownerPool, (client) => loadEntities(client, "E1"));
    expect(entity?.settings.rounding).toEqual(
      new Map(
        [scayle, erp]
          .map((one) => [one.id, { policy: one.policy, confirmed: false }] as const)
          .sort(([a], [b]) => (a < b ? -1 : 1)),
      ),
    );
  });

  it("counts at once where proposals were accepted in advance, on both sides, and says by whom", async () => {
    await database.ownerPool.query("UPDATE entity SET accept_proposals = true, second_person = false");
    await reconcile();
    for (const one of Object.values(await both())) {
      expect(one).toMatchObject({ confirmedAt: NOW, confirmedBy: expect.stringContaining("in advance") });
    }
  });

  it("counts what was proposed before as soon as proposals are accepted, without new documents", async () => {
    await reconcile();
    expect((await both()).erp).toMatchObject({ confirmedAt: null });
    await database.ownerPool.query("UPDATE entity SET accept_proposals = true, second_person = false");
    await reconcile();
    for (const one of Object.values(await both()))
      expect(one).toMatchObject({ confirmedAt: NOW, confirmedBy: expect.stringContaining("in advance") });
    expect((await both()).erp).toMatchObject({ policy: DOCUMENT });
  });

  it("leaves what a person confirmed alone, and still shows what the documents say", async () => {
    await reconcile();
    const { erp } = await both();
    const perLine: RoundingPolicy = { ...DOCUMENT, level: "line" };
    await confirm(reviewer, erp, perLine);
    await inspectRounding(reviewer, { entityId: "E1", id: erp.id }, { now: LATER });
    const after = (await both()).erp;
    expect(after).toMatchObject({ policy: perLine, confirmedBy: reviewer.name, evidenceAt: LATER });
    expect(after.evidence?.candidates[0]?.policy).toEqual(DOCUMENT);
  });
});

describe("saying how a system rounds", () => {
  it("is written with who, when, before and after in one transaction", async () => {
    await reconcile();
    const { erp } = await both();
    await confirm(reviewer, erp, DOCUMENT);
    expect((await both()).erp).toMatchObject({
      policy: DOCUMENT,
      confirmedAt: LATER,
      confirmedBy: reviewer.name,
    });
    const { rows } = await database.ownerPool.query(
      "SELECT actor_name, before, after FROM audit_event WHERE action = 'rounding.confirm' AND subject = $1 ORDER BY seq DESC LIMIT 1",
      [`connection:${erp.id}`],
    );
    expect(rows[0]).toMatchObject({
      actor_name: reviewer.name,
      before: { policy: DOCUMENT, confirmedAt: null },
      after: { policy: DOCUMENT, confirmedBy: reviewer.name },
    });
  });

  it.each(["finance-preparer", "operations", "customer-service", "auditor"] as const)(
    "is not for the role %s",
    async (role) => {
      await reconcile();
      const { erp } = await both();
      await expect(confirm(person(role), erp, DOCUMENT)).rejects.toMatchObject({ code: "not-allowed" });
      await expect(
        inspectRounding(person(role), { entityId: "E1", id: erp.id }, { now: LATER }),
      ).rejects.toMatchObject({ code: "not-allowed" });
      expect((await both()).erp.confirmedAt).toBeNull();
    },
  );

  it("is for the administrator and the reviewer, of their own entity only", async () => {
    await reconcile();
    const { erp } = await both();
    const elsewhere = person("finance-reviewer", "E2");
    await expect(confirm(elsewhere, erp, DOCUMENT)).rejects.toMatchObject({ code: "not-allowed" });
    await expect(confirm(elsewhere, erp, DOCUMENT, "E2")).rejects.toMatchObject({ code: "not-found" });
    await confirm(person("administrator", null), erp, DOCUMENT);
    expect((await both()).erp.confirmedBy).toBe("A administrator");
  });

  it("is refused when it changed since it was seen", async () => {
    await reconcile();
    const { erp } = await both();
    await confirm(reviewer, erp, { ...DOCUMENT, level: "line" });
    await expect(confirm(reviewer, erp, DOCUMENT)).rejects.toMatchObject({ code: "conflict" });
  });

  it("is refused where such a system can't round like that", async () => {
    await reconcile();
    const { scayle, erp } = await both();
    await expect(confirm(reviewer, scayle, DOCUMENT)).rejects.toMatchObject({ code: "invalid" });
    await expect(confirm(reviewer, erp, { ...DOCUMENT, level: "order" })).rejects.toMatchObject({
      code: "invalid",
    });
  });
});

describe("what rounding leaves in a month", () => {
  it("is told with each setting that would end it, the month's documents recomputed", async () => {
    await reconcile();
    const { made, residues } = await findMonthRounding("E1", "2026-10", await findRounding("E1"));
    expect(made).toEqual([]);
    expect(residues).toHaveLength(1);
    const [residue] = residues;
    // Who has to choose a policy needs to see what it would do: what is unexplained for want of one is compared.
    expect(residue).toMatchObject({ compared: ORDERS + 1, aside: 0, today: { documents: ORDERS + 1 } });
    expect(residue?.settings[0]?.left).toEqual({ documents: 0, cents: 0n, sum: 0n });
  });

  it("counts the cents that were proved, and what the ERP per line, or SCAYLE's other calculator, would leave", async () => {
    await database.ownerPool.query("UPDATE entity SET accept_proposals = true, second_person = false");
    await reconcile();
    const { made, residues } = await findMonthRounding("E1", "2026-10", await findRounding("E1"));
    const total = made.reduce((sum, one) => sum + one.tax, 0n);
    expect(total).toBe(-BigInt(ORDERS));
    const [residue] = residues;
    expect(residue).toMatchObject({
      shop: "e1/ms/de",
      compared: ORDERS,
      aside: 1,
      today: { documents: ORDERS, cents: BigInt(ORDERS), sum: -BigInt(ORDERS) },
    });
    const left = new Map(residue?.settings.map((one) => [settingWords(one), one.left.cents]));
    expect(Object.fromEntries(left)).toEqual({
      "ERP rounds once per document and rate": BigInt(ORDERS),
      "ERP rounds per line": 0n,
      "ERP rounds per unit": 0n,
      "SCAYLE uses price calculator v1 for every order": BigInt(ORDERS),
      "SCAYLE uses the legacy calculator for every order": 0n,
    });
    expect(residue && endWords(residue)).toBe("ERP rounds per line: that would end it.");
  });
});
