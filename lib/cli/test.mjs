#!/usr/bin/env node
// `npm test`: installs what it needs, then types, lint, import rules, dead code, unit and database tests, build,
// browser tests. `npm test -- --only unit lib/domain` runs a part.

import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { freePort } from "../db/embedded-server.mjs";
import { buildWhenChanged, nextProgram } from "./support/build.mjs";
import { obtainChromium } from "./support/chromium.mjs";
import { lanes } from "./support/lanes.mjs";
import { generateClient, installPackages, run, stopRunning } from "./support/prepare.mjs";
import { projectRoot } from "./support/project.mjs";
import { indented, step } from "./support/steps.mjs";
import { countPlaywright, countVitest } from "./support/tally.mjs";

const PARTS = ["types", "lint", "imports", "dead-code", "unit", "build", "e2e"];
const { only, rest } = readWords(process.argv.slice(2));
const scratch = fs.mkdtempSync(path.join(os.tmpdir(), "tieout-npm-test-"));
// Its databases run as a user of their own: where they could not pass, they would be made elsewhere, and stay there.
fs.chmodSync(scratch, 0o711);
const totals = { passed: 0, failed: 0, skipped: 0 };
const started = performance.now();

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.on(signal, async () => {
    await stopRunning();
    clearAway();
    process.exit(1);
  });
}

try {
  await step("Packages", async () => ((await installPackages()) ? "installed" : "up to date"));
  await step("Database client", async () => ((await generateClient()) ? "generated" : "up to date"));
  await check("types", "Types", checkTypes);
  await check("lint", "Format and lint", () => tool("@biomejs/biome/bin/biome", ["check", "."]));
  await check("imports", "Import rules", () =>
    tool("dependency-cruiser/bin/dependency-cruise.mjs", [
      ...["app", "components", "lib", "e2e"].filter((name) => fs.existsSync(path.join(projectRoot, name))),
      ...["--config", ".dependency-cruiser.cjs", "--output-type", "err"],
    ]),
  );
  await check("dead-code", "Dead code", () => tool("knip/bin/knip.js", []));
  await suite("unit", "Unit and database tests", runVitest);
  const built = await check("build", "Production build", async () =>
    (await buildWhenChanged()) ? "built" : "up to date",
  );
  if (built) await suite("e2e", "Browser tests", runPlaywright);
} catch (error) {
  totals.failed++;
  process.stdout.write(`${indented(error.message)}\n`);
} finally {
  clearAway();
}
process.stdout.write(`\n${Math.round((performance.now() - started) / 1000)} s in all.\n`);
if (totals.skipped > 0) process.stdout.write(`${totals.skipped} tests were skipped.\n`);
process.stdout.write(`${totals.passed} passed, ${totals.failed} failed\n`);
process.exitCode = totals.failed === 0 && totals.passed > 0 ? 0 : 1;

function clearAway() {
  fs.rmSync(scratch, { recursive: true, force: true, maxRetries: 5 });
}

function readWords(words) {
  const at = words.indexOf("--only");
  if (at < 0) return { only: PARTS, rest: words };
  const only = (words[at + 1] ?? "").split(",");
  const unknown = only.filter((part) => !PARTS.includes(part));
  if (unknown.length > 0) {
    process.stderr.write(`--only takes ${PARTS.join(", ")}; not ${unknown.join(", ")}.\n`);
    process.exit(2);
  }
  return { only, rest: [...words.slice(0, at), ...words.slice(at + 2)] };
}

/** A check counts as one test. Answers false when it failed. */
async function check(part, title, work) {
  if (!only.includes(part)) return true;
  try {
    await step(title, work);
    totals.passed++;
    return true;
  } catch (error) {
    totals.failed++;
    process.stdout.write(`${indented(error.message)}\n`);
    return false;
  }
}

/** A suite counts its own tests, and one more when it breaks outside of them. */
async function suite(part, title, work) {
  if (!only.includes(part)) return;
  await step(title, async () => {
    const counted = await work();
    for (const name of Object.keys(totals)) totals[name] += counted[name];
    return `${counted.passed} passed, ${counted.failed} failed of this part`;
  }).catch((error) => {
    totals.failed++;
    process.stdout.write(`${indented(error.message)}\n`);
  });
}

async function checkTypes() {
  await run(process.execPath, [nextProgram, "typegen"], { env: testEnvironment() });
  await tool("typescript/bin/tsc", ["--noEmit"]);
}

function tool(program, words) {
  return run(process.execPath, [path.join(projectRoot, "node_modules", program), ...words], {
    env: testEnvironment(),
    tailLines: 200,
  });
}

async function runVitest() {
  const file = path.join(scratch, "vitest.json");
  const failure = await heard("vitest/vitest.mjs", [
    ...["run", "--reporter=default", "--reporter=json", `--outputFile.json=${file}`, ...rest],
  ]);
  return countVitest(file, failure);
}

async function runPlaywright() {
  const program = await obtainChromium((line) => process.stdout.write(`    ${line}\n`));
  const counts = await Promise.all(
    (rest.length > 0 ? [rest] : lanes()).map(async (words, index) => {
      const name = `lane-${index + 1}`;
      const file = path.join(scratch, `${name}.json`);
      const output = ["--reporter=list,json", "--output", path.join("test-results", name)];
      const env = {
        PLAYWRIGHT_JSON_OUTPUT_FILE: file,
        TIEOUT_CHROMIUM: program,
        TIEOUT_DATA_DIR: path.join(scratch, name),
        PORT: String(await freePort()),
      };
      // As Ctrl-C does it: the server is ended first, and its database with it.
      const endsBy = { signal: "SIGINT", graceMilliseconds: 45_000 };
      const failure = await heard("@playwright/test/cli.js", ["test", ...output, ...words], { env, endsBy });
      return countPlaywright(file, failure);
    }),
  );
  const sum = (of) => counts.reduce((all, one) => all + one[of], 0);
  return { passed: sum("passed"), failed: sum("failed"), skipped: sum("skipped") };
}

/** Runs a test runner with its words on the terminal; answers its failure instead of throwing it. */
function heard(program, words, { env = {}, endsBy } = {}) {
  const write = (text) => process.stdout.write(text);
  return run(process.execPath, [path.join(projectRoot, "node_modules", program), ...words], {
    env: { ...testEnvironment(), ...env },
    onOutput: write,
    endsBy,
  }).then(
    () => null,
    (error) => error,
  );
}

/** A person's own database, systems and secrets are kept away from tests; an empty variable also wins over `.env`. */
function testEnvironment() {
  const env = { ...process.env, NEXT_TELEMETRY_DISABLED: "1" };
  const kept = [
    "DATABASE_URL",
    "DATABASE_APP_URL",
    "TIEOUT_SECRET",
    "TIEOUT_DATA_DIR",
    "TIEOUT_JOBS",
    "NEXTAUTH_URL",
    "NEXTAUTH_SECRET",
    "PORT",
    "HOST",
  ];
  const systems = [
    "SCAYLE_BASE_URL",
    "SCAYLE_ACCESS_TOKEN",
    "SCAYLE_SHOPS",
    "BC_BASE_URL",
    "BC_TOKEN_URL",
    "BC_CLIENT_ID",
    "BC_CLIENT_SECRET",
    "BC_COMPANY_ID",
    "TRYTON_BASE_URL",
    "TRYTON_DATABASE",
    "TRYTON_USER",
    "TRYTON_PASSWORD",
    "TRYTON_COMPANY_ID",
  ];
  for (const name of [...kept, ...systems]) env[name] = "";
  for (const name of Object.keys(env)) if (name.startsWith("SANDBOX_")) delete env[name];
  return env;
}
