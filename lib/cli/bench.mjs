#!/usr/bin/env node
// `npm run bench`: how fast the product is, beside DuckDB's bare join of the same lines, on this machine. It makes the
// data, starts a PostgreSQL of its own and takes both away again. Not a test: it measures, and says what was aimed at.

import { spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { ensureDatabase } from "../db/embedded.mjs";
import { tableOf } from "./bench/table.mjs";
import { generateClient } from "./support/prepare.mjs";
import { dataFolder, projectRoot, typescript } from "./support/project.mjs";

const HELP = `npm run bench -- [options]
  --lines <n,n,…>   lines a side (100000,1000000); 5000000 takes about a quarter of an hour and 30 GB of disk
  --changed <n>     orders that are changed and matched again, one by one (60)
  --seed <n>        another seed, other data (1)
  --out <file>      the measurements as JSON (bench.json in the data folder)
  --keep            leave database and files where they are, and say where`;

const { values } = parseArgs({
  options: {
    lines: { type: "string", default: "100000,1000000" },
    changed: { type: "string", default: "60" },
    seed: { type: "string", default: "1" },
    out: { type: "string" },
    keep: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});
const say = (line) => process.stderr.write(`${line}\n`);
let running = null;
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => running?.kill("SIGTERM"));

try {
  process.exitCode = values.help ? help() : await main();
} catch (error) {
  say(error.message);
  process.exitCode = 1;
}

function help() {
  process.stdout.write(`${HELP}\n`);
  return 0;
}

async function main() {
  const sizes = values.lines.split(",").map(Number);
  if (sizes.some((size) => !Number.isInteger(size) || size < 1)) {
    say(`--lines ${values.lines} is not a list of whole numbers.\n${HELP}`);
    return 2;
  }
  await generateClient();
  const machine = {
    cores: os.availableParallelism(),
    memoryGb: Math.round(os.totalmem() / 1024 ** 3),
    cpu: os.cpus()[0]?.model ?? "",
    node: process.version,
  };
  const runs = [];
  for (const lines of sizes) runs.push({ lines, load: os.loadavg()[0], ...(await runSize(lines)) });
  const report = { at: new Date().toISOString(), seed: Number(values.seed), machine, runs };
  const out = path.resolve(process.env.INIT_CWD ?? ".", values.out ?? path.join(dataFolder(), "bench.json"));
  fs.writeFileSync(out, `${JSON.stringify(report, null, 2)}\n`);
  process.stdout.write(`${tableOf(report)}\n`);
  say(`Written to ${out}.`);
  return 0;
}

/** Everything at one size, on a cluster and in a folder of its own. */
async function runSize(lines) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "tieout-bench-"));
  // The database's own user must pass through.
  fs.chmodSync(folder, 0o711);
  const database = await ensureDatabase({ dataDir: path.join(folder, "database"), log: say });
  try {
    const env = {
      ...process.env,
      DATABASE_URL: database.ownerUrl,
      DATABASE_APP_URL: database.appUrl,
      TIEOUT_SECRET: "x".repeat(32),
    };
    await child(["lib/db/migrate-command.ts"], env);
    const request = {
      folder,
      lines,
      seed: Number(values.seed),
      threads: os.availableParallelism(),
      changed: Number(values.changed),
      postmaster: database.pid,
      sales: path.join(folder, "sales.csv"),
      ledger: path.join(folder, "ledger.csv"),
    };
    const steps = {};
    for (const step of [
      "write",
      "bare-join",
      "prepare",
      "load-sales",
      "load-ledger",
      "reconcile",
      "rematch",
      "explain",
    ]) {
      const said = await child(["lib/cli/bench/step.ts", JSON.stringify({ ...request, step })], env);
      steps[step] = JSON.parse(said);
      const { seconds, nodeCpu, postgresCpu, nodeMb } = steps[step];
      const cpu = `CPU ${nodeCpu.toFixed(1)} s Node, ${postgresCpu?.toFixed(1) ?? "?"} s PostgreSQL`;
      say(`${lines} lines a side: ${step} ${seconds.toFixed(1)} s (${cpu}; ${nodeMb} MB Node)`);
    }
    return { steps };
  } finally {
    await database.stop();
    if (values.keep) say(`Kept: ${folder}`);
    else fs.rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs one of our TypeScript files and answers what it says. */
function child(words, env) {
  return new Promise((resolve, reject) => {
    const [file, ...rest] = words;
    running = spawn(process.execPath, [...typescript(file), ...rest], {
      cwd: projectRoot,
      env,
      stdio: ["ignore", "pipe", "inherit"],
    });
    let said = "";
    running.stdout.setEncoding("utf8").on("data", (text) => {
      said += text;
    });
    running.once("error", reject);
    running.once("close", (code) =>
      code === 0 ? resolve(said) : reject(new Error(`${file} ended with ${code}.`)),
    );
  });
}
