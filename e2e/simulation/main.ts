import { parseArgs } from "node:util";
import setUpServer from "@/lib/db/test-server";
import { createTestDatabase } from "@/lib/db/testing";
import { quietly } from "./quiet";
import { addSeed, closingLines, holds, noTotals, wordsOfFailure } from "./report";
import { makeRig } from "./rig";
import { runSeed } from "./seed";

/** `npm run simulate`: one seed with all that happened in it, or many. Ends with 1 where one fails. */
async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { seed: { type: "string" }, seeds: { type: "string" }, from: { type: "string", default: "1" } },
  });
  const [one, count, from] = [values.seed, values.seeds ?? "100", values.from].map((text) =>
    text === undefined ? null : Number(text),
  );
  const numbers = [one ?? 1, count ?? 1, from ?? 1];
  if (numbers.some((number) => !Number.isInteger(number) || number < 1)) {
    process.stderr.write("npm run simulate -- [--seed N | --seeds N [--from N]]: whole numbers from 1 on.\n");
    return 2;
  }
  process.env["TIEOUT_SECRET"] = "a secret of the simulation, of thirty-two characters";
  const stopServer = await setUpServer();
  const database = await createTestDatabase();
  const rig = await quietly(() => makeRig(database));
  const totals = noTotals();
  let stopped = false;
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => (stopped = true));
  const started = performance.now();
  try {
    const first = one ?? from ?? 1;
    const last = one ?? first + (count ?? 1) - 1;
    for (let seed = first; seed <= last && !stopped; seed += 1) {
      const report = await quietly(() => runSeed(seed, rig));
      addSeed(totals, report);
      if (one !== null) for (const line of report.log) process.stdout.write(`${line}\n`);
      if (!holds(report)) process.stdout.write(`${wordsOfFailure(report)}\n`);
      else if (totals.seeds % 50 === 0) process.stderr.write(`${totals.seeds} seeds …\n`);
    }
  } finally {
    await rig.close();
    await database.close();
    await stopServer();
  }
  process.stdout.write(`${closingLines(totals, (performance.now() - started) / 1000)}\n`);
  return totals.failing.length === 0 ? 0 : 1;
}

process.exitCode = await main();
