import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AuditActor } from "@/lib/audit/event";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { runnerUp } from "@/lib/domain/tax/inference";
import { runReconciliation } from "@/lib/matching/reconcile";
import { type ConnectionRounding, findMonthRounding, findRounding } from "@/lib/rounding/data";
import { startSandbox } from "@/lib/sandbox/server";
import { makeWorld } from "@/lib/sandbox/world";
import { connectSandbox } from "@/lib/settings/sandbox";
import { runSync } from "@/lib/sync/run";

/* How both sides round, inferred from what a world of the sandbox posted: its generator shares no code with the twin. */

const NOW = new Date("2026-11-23T08:00:00Z");
const ACTOR: AuditActor = { kind: "machine", id: "test", name: "Test" };
let database: TestDatabase;

beforeAll(async () => {
  process.env["TIEOUT_SECRET"] = randomBytes(32).toString("hex");
  database = await createTestDatabase();
  const world = makeWorld({ seed: 7, orders: 500, anchor: "2026-10", faults: "planted" });
  const limit = Number.MAX_SAFE_INTEGER;
  const sandbox = await startSandbox({
    world,
    now: () => NOW.getTime(),
    port: 0,
    scayleLimit: limit,
    businessCentralLimit: limit,
  });
  try {
    await connectSandbox(sandbox.url, { pool: database.ownerPool, actor: ACTOR, at: NOW });
    await runSync({}, { actorName: "Test", now: () => NOW });
    await runReconciliation({}, { actorName: "Test", now: () => NOW });
  } finally {
    await sandbox.close();
  }
}, 300_000);
afterAll(() => database.close());

const MONTH = "2026-10";

/** How many sales of a shop state the tax of other pieces than they have, as the causes say. */
async function staleTaxes(shop: string): Promise<number> {
  const { rows } = await database.ownerPool.query<{ count: number }>(
    `SELECT count(DISTINCT order_key)::int AS count FROM cause c
      WHERE code = 'tax-not-recalculated' AND shop_id = $1 AND gross = 0
        AND NOT EXISTS (SELECT FROM line l WHERE l.order_key = c.order_key AND l.document_kind = 'credit')`,
    [shop],
  );
  return rows[0]?.count ?? 0;
}

async function connections(): Promise<readonly (ConnectionRounding & Readonly<{ entity: string }>)[]> {
  const { rows } = await database.ownerPool.query<{ id: string }>("SELECT id FROM entity ORDER BY id");
  const all = await Promise.all(
    rows.map(async ({ id }) => (await findRounding(id)).map((one) => ({ ...one, entity: id }))),
  );
  return all.flat();
}

describe("how the sandbox's systems round, inferred from their documents alone", () => {
  it("finds the ERP's rule among all candidates, and enough documents that rule the others out", async () => {
    const ledgers = (await connections()).filter((one) => one.side === "erp");
    expect(ledgers.length).toBeGreaterThan(1);
    for (const { evidence } of ledgers) {
      const [best] = evidence?.candidates ?? [];
      expect(best?.policy).toMatchObject({ level: "document", basis: "gross" });
      expect(best?.reproduced).toBe(evidence?.documents);
      expect(evidence && runnerUp(evidence)?.policy.level).toBe("line");
      expect(evidence && runnerUp(evidence)?.apart).toBeGreaterThan(5);
      expect(evidence && runnerUp(evidence)?.examples.length).toBeGreaterThan(0);
    }
  });

  it("finds that SCAYLE rounds unit by unit, and one of its two calculators behind every total that can be compared", async () => {
    for (const { side, evidence, policy } of await connections()) {
      if (side !== "scayle" || !evidence) continue;
      expect(policy).toMatchObject({ level: "unit", first: "net" });
      expect(evidence.candidates[0]?.reproduced).toBe(evidence.documents);
      expect(evidence.headers.length).toBeGreaterThan(0);
      for (const shop of evidence.headers) {
        // An order whose pieces were cancelled without a recalculation states the old tax: no calculator made it.
        expect(shop.neither).toBe(await staleTaxes(shop.shop));
        expect(shop.v1 + shop.legacy + shop.both).toBeGreaterThan(10);
      }
    }
  });

  it("tells what each setting would leave; as set today it is what the causes say", async () => {
    const all = await connections();
    for (const entity of new Set(all.map((one) => one.entity))) {
      const mine = all.filter((one) => one.entity === entity);
      const { residues } = await findMonthRounding(entity, MONTH, mine);
      const { rows } = await database.ownerPool.query<{ tax: bigint }>(
        `SELECT coalesce(sum(tax), 0)::bigint AS tax FROM cause c WHERE entity_id = $1 AND period = $2 AND code = 'rounding'
            AND NOT EXISTS (SELECT FROM cause o WHERE o.order_key = c.order_key AND o.code <> 'rounding')`,
        [entity, MONTH],
      );
      expect(residues.reduce((sum, one) => sum + one.today.sum, 0n)).toBe(rows[0]?.tax);
      const [residue] = residues.filter((one) => one.compared > 0);
      const asToday = residue?.settings.find((one) => one.erp === "document" && one.scayle === null);
      expect(asToday?.left).toEqual(residue?.today);
    }
  });
});
