import { expect, it } from "vitest";
import { holdSeeds } from "./hold-seeds";
import { quietly } from "./quiet";
import { runSeed } from "./seed";

/*
 * Small worlds that are read while everything goes wrong that can: afterwards each record of their sources is here exactly
 * once, in its newest version, and the books are those of a world in which nothing went wrong.
 * More on demand: npm run simulate -- --seeds 1000
 */

const rig = holdSeeds(1, 50);

it("does the same again with the same seed", async () => {
  const one = await quietly(() => runSeed(7, rig()));
  const again = await quietly(() => runSeed(7, rig()));
  expect(again).toEqual(one);
});
