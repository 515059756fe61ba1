import { afterAll, beforeAll, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { FAULT_KINDS } from "./faults";
import { quietly } from "./quiet";
import { addSeed, closingLines, noTotals, wordsOfFailure } from "./report";
import { makeRig, type Rig } from "./rig";
import { runSeed } from "./seed";

/*
 * Small worlds that are read while everything goes wrong that can: afterwards each record of their sources is here exactly
 * once, in its newest version, and the books are those of a world in which nothing went wrong.
 */

// More on demand: npm run simulate -- --seeds 1000
const SEEDS = 20;
const MINUTES = 15;

let database: TestDatabase;
let rig: Rig;

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
  `loses nothing and doubles nothing in ${SEEDS} seeds, whatever goes wrong meanwhile`,
  async () => {
    const totals = noTotals();
    const started = performance.now();
    for (let seed = 1; seed <= SEEDS; seed += 1) addSeed(totals, await quietly(() => runSeed(seed, rig)));
    process.stdout.write(`${closingLines(totals, (performance.now() - started) / 1000)}\n`);
    expect(totals.failing.map(wordsOfFailure).join("\n")).toBe("");
    // Most kinds of fault did strike (a seed has some of them), and there was something to lose.
    expect(FAULT_KINDS.filter((kind) => totals.faults[kind] > 0).length).toBeGreaterThan(12);
    expect(totals.records).toBeGreaterThan(SEEDS * 10);
  },
  MINUTES * 60_000,
);

it("does the same again with the same seed", async () => {
  const one = await quietly(() => runSeed(7, rig));
  const again = await quietly(() => runSeed(7, rig));
  expect(again).toEqual(one);
});
