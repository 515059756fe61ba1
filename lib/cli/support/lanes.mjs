// Browser tests wait more than they compute: two lanes of them, each with a server and books of its own, side by side.

import fs from "node:fs";
import path from "node:path";
import { projectRoot } from "./project.mjs";

/** The files of the second lane; all others are of the first. Chosen so that both take about as long, see `npm test`. */
const SECOND = [
  "change.spec.ts",
  "crash.spec.ts",
  "feeds.spec.ts",
  "mappings.spec.ts",
  "ownership.spec.ts",
  "pairing.spec.ts",
  "queue.spec.ts",
  "resolutions.spec.ts",
  "resync.spec.ts",
  "root-causes.spec.ts",
  "status.spec.ts",
  "stock.spec.ts",
  "why.spec.ts",
];

/**
 * The files of each lane, as Playwright takes them.
 *
 * @returns {string[][]}
 * @throws Error where a file that is named here is not there
 */
export function lanes() {
  const files = fs.readdirSync(path.join(projectRoot, "e2e")).filter((name) => name.endsWith(".spec.ts"));
  const missing = SECOND.filter((name) => !files.includes(name));
  if (missing.length > 0)
    throw new Error(`There is no e2e/${missing.join(", e2e/")} (lib/cli/support/lanes.mjs).`);
  const addressed = (names) => names.map((name) => `e2e/${name}`);
  return [addressed(files.filter((name) => !SECOND.includes(name))), addressed(SECOND)];
}
