import { afterAll, beforeAll, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { emptied } from "./support/emptied";
import { NOW, reconciled } from "./support/sandbox-world";
import { STATUS_WISH, scoreStatus, share } from "./support/status-score";

/*
 * Stuck orders, against the labels of worlds in which one system is not told of what the other did, or is told late: over five
 * seeds, beside the money faults of every kind.
 */

const SEEDS = [401, 402, 403, 404, 405];
const LEAST = 0.95;
const total = { stuck: 0, found: 0, right: 0, late: 0, lateCalledStuck: 0 };
let database: TestDatabase;

beforeAll(async () => {
  process.env["TIEOUT_SECRET"] = "a secret of this test alone, of thirty-two characters";
  database = await createTestDatabase();
});
afterAll(() => database.close());

it.each(SEEDS)(
  "tells what is stuck from what is late in the world of seed %i",
  {
    timeout: 300_000,
  },
  async (seed) => {
    await emptied(database.ownerPool);
    const world = await reconciled(database.ownerPool, {
      ...{ seed, orders: 900, faults: "planted", faultsPerKind: 2 },
      status: STATUS_WISH,
    });
    const score = await scoreStatus(database.ownerPool, world, NOW);
    for (const name of Object.keys(total) as (keyof typeof total)[]) total[name] += score[name];
    const faults = [...score.byFault].map(([fault, of]) => `${fault} ${of.found}/${of.stuck}`);
    console.info(
      [
        `seed ${seed}: ${score.stuck} stuck, ${score.found} found, ${score.right} right; precision ${share(score.right, score.found).toFixed(3)}, recall ${share(score.right, score.stuck).toFixed(3)}; ${score.lateCalledStuck} of ${score.late} late ones called stuck`,
        `  ${faults.join(", ")}`,
        ...score.missed.map((one) => `  missed: ${one}`),
        ...score.wrong.map((one) => `  wrong: ${one}`),
      ].join("\n"),
    );
    expect(score.stuck).toBeGreaterThan(50);
    expect(score.late).toBeGreaterThan(40);
    expect(share(score.right, score.found)).toBeGreaterThanOrEqual(LEAST);
    expect(share(score.right, score.stuck)).toBeGreaterThanOrEqual(LEAST);
  },
);

it("finds what is stuck with a precision and a recall of at least 0.95 over all of them", () => {
  console.info(
    `${SEEDS.length} worlds: precision ${share(total.right, total.found).toFixed(3)}, recall ${share(total.right, total.stuck).toFixed(3)} of ${total.stuck} stuck; ${total.lateCalledStuck} of ${total.late} late ones called stuck`,
  );
  expect(share(total.right, total.found)).toBeGreaterThanOrEqual(LEAST);
  expect(share(total.right, total.stuck)).toBeGreaterThanOrEqual(LEAST);
});
