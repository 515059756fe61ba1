import { afterAll, beforeAll, expect, it } from "vitest";
import { inTransaction } from "@/lib/db/pool";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { applyMappings } from "@/lib/mappings/apply";
import { runReconciliation } from "@/lib/matching/reconcile";
import { tallyDrift } from "@/lib/matching/tally";
import { proposeRules } from "@/lib/pairing/rules-preview";
import { exceptions, NOW, reconciled } from "./support/sandbox-world";

// A world in which the ERP loses parts of references and posts the marketplace's days as one document each.

let database: TestDatabase;
beforeAll(async () => {
  process.env["TIEOUT_SECRET"] = "a secret of this test alone, of thirty-two characters";
  database = await createTestDatabase();
});
afterAll(() => database.close());

const MISSING = new Set(["sale-missing-in-scayle", "sale-missing-in-erp", "credit-missing-in-erp"]);
const missing = async () => (await exceptions(database.ownerPool)).filter((one) => MISSING.has(one.cause));
const rows = async (sql: string): Promise<Record<string, unknown>[]> =>
  (await database.ownerPool.query(sql)).rows;

it("finds every day that is summed up, and every order once the proposed rules are saved", {
  timeout: 600_000,
}, async () => {
  const world = await reconciled(database.ownerPool, {
    seed: 1,
    orders: 300,
    faults: "none",
    summaryPostings: true,
    lostReferences: true,
  });
  expect(await missing()).not.toEqual([]);
  const connections = await rows(
    "SELECT id, entity_id FROM connection WHERE side = 'erp' ORDER BY entity_id",
  );
  for (const { id, entity_id: entity } of connections) {
    const of = { entityId: String(entity), connectionId: String(id) };
    await inTransaction(database.ownerPool, async (client) => {
      const proposal = await proposeRules(client, of);
      expect(proposal?.preview).toMatchObject({ collisions: 0, ambiguous: 0 });
      if (!proposal) return;
      const { prefixes, suffixes, separators, leadingZeros } = proposal.rules;
      const row = (part: "beginning" | "ending" | "separators" | "zeros", text: string) =>
        ({ kind: "reference", connectionId: of.connectionId, part, text, order: null }) as const;
      const changes = [
        ...prefixes.map((text) => row("beginning", text)),
        ...suffixes.map((text) => row("ending", text)),
        ...(separators ? [row("separators", separators)] : []),
        ...(leadingZeros ? [row("zeros", "")] : []),
      ];
      await applyMappings(client, of.entityId, changes, { name: "Test", at: NOW });
    });
  }
  await runReconciliation({}, { actorName: "Test", now: () => NOW });
  const posted = world.summaries.filter(
    ({ document }) => document.postedAt !== null && document.postedAt <= NOW.getTime(),
  );
  const found = await rows(
    "SELECT DISTINCT d.number FROM group_member m JOIN document d ON d.order_key = m.group_key",
  );
  expect(found.length).toBe(posted.length);
  expect(await missing()).toEqual([]);
  expect(
    await rows("SELECT FROM document WHERE side = 'erp' AND NOT order_known AND placed_by IS NULL"),
  ).toEqual([]);
  expect(await rows("SELECT FROM invariant_breach")).toEqual([]);
  for (const { entity_id: entity } of connections) {
    expect(await tallyDrift(database.ownerPool, String(entity))).toEqual([]);
  }
});
