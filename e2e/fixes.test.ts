import { afterAll, beforeAll, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { type FixDone, fixLine, isAsPredicted, openWorld, systematicOf } from "./support/fix";

/*
 * What the fix of a root cause was predicted to do, and what it did, in worlds of the sandbox: the same exceptions cleared, the same
 * made, the same left to people, SCAYLE − ERP moved by the same amounts, and no match lost. In each world the largest root cause of
 * every cause that something can be sent for is put right, one after the other.
 */

const SEEDS = [401, 402, 403, 404, 405, 406, 407, 408, 409, 410];

let database: TestDatabase;
const done: FixDone[] = [];
const lines: string[] = [];

beforeAll(async () => {
  process.env["TIEOUT_SECRET"] = "a secret of this test alone, of thirty-two characters";
  database = await createTestDatabase();
});
afterAll(() => database.close());

it.each(SEEDS)(
  "does on seed %i what was predicted, and loses no match",
  { timeout: 600_000 },
  async (seed) => {
    const world = await openWorld(database.ownerPool, {
      seed,
      orders: 150,
      faults: "planted",
      faultsPerKind: 1,
      systematic: [{ name: systematicOf(seed), from: "2026-09-05" }],
    });
    try {
      const fixes = [world.fixMapping, ...(await world.causes()).map((cause) => () => world.fix(cause))];
      for (const next of fixes) {
        const fix = await next();
        if (!fix) continue;
        const { cause } = fix;
        done.push(fix);
        lines.push(fixLine(seed, fix));
        expect(isAsPredicted(fix), `seed ${seed}, ${cause}`).toEqual({ was: fix.was, said: fix.was });
        expect(fix.was.matchesLost, `seed ${seed}, ${cause}`).toBe(0);
      }
    } finally {
      await world.close();
    }
  },
);

it("for every cause that something can be sent for", () => {
  console.info(lines.join("\n"));
  const lost = done.reduce((all, one) => all + one.was.matchesLost, 0);
  console.info(`${done.length} fixes, each as predicted; matches lost: ${lost}`);
  const causes = new Set(done.map((one) => one.cause));
  expect([...causes]).toContain("fix-mapping");
  expect(causes.size).toBeGreaterThanOrEqual(14);
});
