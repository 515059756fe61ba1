import { afterAll, beforeAll, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { FAULT_KINDS } from "./faults";
import { quietly } from "./quiet";
import { addSeed, closingLines, noTotals, wordsOfFailure } from "./report";
import { makeRig, type Rig } from "./rig";
import { runSeed } from "./seed";

const MINUTES = 15;

/**
 * Tests that seeds hold, on one database that all of them use. Two files share the seeds of the tests, so that they are
 * tried side by side.
 */
export function holdSeeds(first: number, last: number): () => Rig {
  let database: TestDatabase;
  let rig: Rig;
  const count = last - first + 1;

  beforeAll(async () => {
    process.env["TIEOUT_SECRET"] = "a secret of this test alone, of thirty-two characters";
    database = await createTestDatabase();
    rig = await makeRig(database);
  });
  afterAll(async () => {
    await rig.close();
    await database.close();
  });

  it(
    `loses nothing and doubles nothing in the seeds ${first} to ${last}, whatever goes wrong meanwhile`,
    async () => {
      const totals = noTotals();
      const started = performance.now();
      for (let seed = first; seed <= last; seed += 1)
        addSeed(totals, await quietly(() => runSeed(seed, rig)));
      process.stdout.write(`${closingLines(totals, (performance.now() - started) / 1000)}\n`);
      expect(totals.failing.map(wordsOfFailure).join("\n")).toBe("");
      // Most kinds of fault did strike (a seed has some of them), and there was something to lose.
      expect(FAULT_KINDS.filter((kind) => totals.faults[kind] > 0).length).toBeGreaterThan(16);
      expect(totals.records).toBeGreaterThan(count * 8);
    },
    MINUTES * 60_000,
  );
  return () => rig;
}
