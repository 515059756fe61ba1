#!/usr/bin/env node
// `npm run measure`: webhooks, a large pull and the resync of single orders, measured against the sandbox over HTTP, and the
// queue over a million exceptions and in a browser, on a PostgreSQL of its own that is taken away again. Not a test: it measures, and says what was aimed at.

import { spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { ensureDatabase } from "../db/embedded.mjs";
import { freePort } from "../db/embedded-server.mjs";
import { buildWhenChanged, nextProgram } from "./support/build.mjs";
import { generateClient } from "./support/prepare.mjs";
import { projectRoot, typescript } from "./support/project.mjs";

const HELP = `npm run measure -- webhooks|pull|resync|queue|root-causes|scroll|close|search|status [options]
  webhooks   deliveries to the served product: how soon they are answered, none lost, the source's state in the end
    --rate <n>      deliveries a second (500)
    --seconds <n>   for so long (60)
    --jobs <where>  jobs run in the web process or in a worker's: web, worker (web)
  pull       orders pulled over HTTP without a rate limit: rate, memory, killed in the middle and gone on with
    --orders <n>    so many (200000)
  resync     single orders brought up to date, one after the other, and two at once
    --resyncs <n>   so many (200)
  queue      first page, filters and groupings of the queue, straight from the functions that the page calls
    --exceptions <n>  so many (1000000)
    --repeats <n>     each question so often (20)
  root-causes   what a run counts of root causes and proposals, and what their pages ask
    --exceptions <n>  so many (1000000)
    --repeats <n>     each question so often (20)
  scroll     frames a second in a browser while the queue is scrolled through 100,000 rows; --exceptions as above
  close      a month's page, closing it, and 10,000 late arrivals, straight from the functions that the page calls
    --lines <n>     so many of both sides together (1000000)
    --repeats <n>   each question so often (20)
  search     orders found by number, parcel, name, e-mail address and telephone number, with and without slips
    --orders <n>    so many (200000)
    --repeats <n>   searches of each kind (20)
  status     what is stuck among orders that are late, over five worlds from the seed on: precision and recall
    --orders <n>    so many in each world, beside those of which one system is not told (900)
  --seed <n>        another seed, another world (1)
  --out <file>      the measurements as JSON`;

const say = (line) => process.stderr.write(`${line}\n`);
let running = null;
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => running?.kill("SIGTERM"));

try {
  process.exitCode = await main();
} catch (error) {
  say(error.message);
  process.exitCode = 1;
}

function read() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      rate: { type: "string", default: "500" },
      seconds: { type: "string", default: "60" },
      jobs: { type: "string", default: "web" },
      orders: { type: "string" },
      resyncs: { type: "string", default: "200" },
      exceptions: { type: "string", default: "1000000" },
      lines: { type: "string", default: "1000000" },
      repeats: { type: "string", default: "20" },
      seed: { type: "string", default: "1" },
      out: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  values.orders ??= positionals[0] === "status" ? "900" : "200000";
  const numbers = Object.fromEntries(
    ["rate", "seconds", "orders", "resyncs", "exceptions", "lines", "repeats", "seed"].map((name) => [
      name,
      Number(values[name]),
    ]),
  );
  const wrong = Object.keys(numbers).filter((name) => !Number.isInteger(numbers[name]) || numbers[name] < 1);
  if (wrong.length > 0) throw new Error(`--${wrong.join(", --")}: whole numbers from 1 on.\n${HELP}`);
  if (!["web", "worker"].includes(values.jobs)) throw new Error(`--jobs is web or worker.\n${HELP}`);
  return { ...numbers, what: positionals, jobs: values.jobs, out: values.out, help: values.help };
}

async function main() {
  const options = read();
  const [what] = options.what;
  if (options.help) {
    process.stdout.write(`${HELP}\n`);
    return 0;
  }
  if (
    options.what.length !== 1 ||
    !["webhooks", "pull", "resync", "queue", "root-causes", "scroll", "close", "search", "status"].includes(
      what,
    )
  ) {
    say(HELP);
    return 2;
  }
  await generateClient();
  if (["webhooks", "scroll"].includes(what) && (await buildWhenChanged())) say("Built for production.");
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "tieout-measure-"));
  // The database's own user must pass through.
  fs.chmodSync(folder, 0o711);
  const database = await ensureDatabase({ dataDir: path.join(folder, "database"), log: say });
  try {
    const port = await freePort();
    const env = {
      ...process.env,
      DATABASE_URL: database.ownerUrl,
      DATABASE_APP_URL: database.appUrl,
      TIEOUT_SECRET: "x".repeat(32),
      TIEOUT_JOBS: options.jobs,
      NEXTAUTH_URL: `http://127.0.0.1:${port}`,
      NEXT_TELEMETRY_DISABLED: "1",
    };
    await child(["lib/db/migrate-command.ts"], { ...env, NODE_ENV: "development" }, "ignore");
    const out = options.out && path.resolve(process.env.INIT_CWD ?? ".", options.out);
    const request = { ...options, what, out, port, folder, nextProgram };
    return await child(["e2e/measure/main.ts", JSON.stringify(request)], env, "inherit");
  } finally {
    await database.stop();
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs one of our TypeScript files to its end; answers its exit code. */
function child([file, ...rest], env, stdout) {
  return new Promise((resolve, reject) => {
    running = spawn(process.execPath, [...typescript(file), ...rest], {
      cwd: projectRoot,
      env,
      stdio: ["ignore", stdout, "inherit"],
    });
    running.once("error", reject);
    running.once("close", (code) => resolve(code ?? 1));
  });
}
