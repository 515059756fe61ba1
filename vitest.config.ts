import os from "node:os";
import path from "node:path";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** What takes longest, the longest first: begun last, one of them would be waited for while the other cores have nothing left. */
const LONGEST = [
  "e2e/simulation/simulation.test.ts",
  "e2e/simulation/more-seeds.test.ts",
  "e2e/tryton/tryton.test.ts",
  "e2e/fixes.test.ts",
  "e2e/truth.test.ts",
  "lib/matching/reconcile.test.ts",
  "e2e/tryton/write.test.ts",
  "e2e/recall.test.ts",
  "e2e/tryton/resolve.test.ts",
  "lib/moves/moves.test.ts",
  "lib/mappings/mappings.test.ts",
  "e2e/root-causes.test.ts",
  "lib/resolutions/chaos.test.ts",
  "e2e/olist/olist.test.ts",
  "e2e/status.test.ts",
  "e2e/resolutions.test.ts",
  "e2e/measure/measure.test.ts",
  "lib/cli/tieout.test.ts",
  "lib/sandbox/truth.test.ts",
].map((name) => path.join(import.meta.dirname, name));

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification): number => {
      const known = LONGEST.indexOf(moduleId);
      return known < 0 ? LONGEST.length : known;
    };
    return (await super.sort(files)).sort((one, other) => place(one) - place(other));
  }
}

export default defineConfig({
  resolve: {
    alias: { "@": import.meta.dirname },
  },
  // The same condition as the command line and the worker run with: `server-only` is empty there.
  ssr: { resolve: { conditions: ["react-server", "node"] } },
  test: {
    include: ["{app,components,lib,e2e}/**/*.test.{ts,tsx,mjs}"],
    environment: "node",
    globalSetup: [path.join(import.meta.dirname, "lib/db/test-server.ts")],
    pool: "forks",
    // One for each core: while one waits for its database, another computes.
    maxWorkers: os.availableParallelism(),
    sequence: { sequencer: LongestFirst },
    execArgv: ["--conditions=react-server"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
