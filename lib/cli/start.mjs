#!/usr/bin/env node
// `npm start`: from a fresh clone, or after a crash, to a console that serves. Needs nothing but Node.

import path from "node:path";
import { isAlive, pause } from "../db/processes.mjs";
import { readBooks } from "./support/books.mjs";
import { buildWhenChanged, nextProgram } from "./support/build.mjs";
import { lastWords, recordAddress, startChild, stopChildren, takeOver } from "./support/children.mjs";
import { choosePort } from "./support/ports.mjs";
import { applyMigrations, generateClient, installPackages, run, stopRunning } from "./support/prepare.mjs";
import {
  dataFolder,
  loadDotEnv,
  projectRoot,
  provideDatabase,
  provideSecret,
  typescript,
} from "./support/project.mjs";
import { startSandbox } from "./support/sandbox.mjs";
import { announce, indented, step } from "./support/steps.mjs";

const say = (line) => process.stdout.write(`${line}\n`);
const started = performance.now();
let database = null;
let ending = false;
let sandboxRestarts = 0;
let consoleAddress = null;

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => end(0));

try {
  requireNode();
  loadDotEnv();
  checkSettings();
  const { ended } = await takeOver();
  if (ended.length > 0) say(`Ended what an earlier start left running: ${ended.join(", ")}.`);
  // A port that is taken is said before the work too; it is chosen when the server starts.
  if (process.env.PORT) await choosePort(Number(process.env.PORT), process.env.HOST || "127.0.0.1");
  await prepare();
  // Side by side: the build needs neither database nor secret.
  const [books] = await Promise.all([fillBooks(), build()]);
  const address = await serve(books);
  if (books.sandbox) await listen(address);
  watchDatabase();
  greet(address, books);
} catch (error) {
  if (!ending) {
    process.stderr.write(`\nTieout did not start.\n${indented(error.message)}\n`);
    await end(1);
  }
}

function requireNode() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  throw new Error(`Node ${process.versions.node} is too old: install Node 20.19 or newer.`);
}

/** What is plainly wrong is said in the first second, not after the work. lib/env.ts reads the same names. */
function checkSettings() {
  const { PORT } = process.env;
  if (PORT && !(/^\d{1,5}$/.test(PORT) && Number(PORT) >= 1 && Number(PORT) <= 65_535)) {
    throw new Error(
      `PORT is "${PORT}": expected a number from 1 to 65535, like PORT=3000. Correct it, or leave it out.`,
    );
  }
  if (process.env.TIEOUT_JOBS && !["web", "worker"].includes(process.env.TIEOUT_JOBS)) {
    throw new Error(
      `TIEOUT_JOBS is "${process.env.TIEOUT_JOBS}": expected web (jobs run in the server) or worker (npm run worker does them). Correct it, or leave it out.`,
    );
  }
  for (const name of ["DATABASE_URL", "DATABASE_APP_URL", "SCAYLE_BASE_URL", "BC_BASE_URL", "BC_TOKEN_URL"]) {
    const value = process.env[name];
    if (value && !URL.canParse(value)) {
      throw new Error(
        `${name} is no address: it has to begin with ${name.startsWith("DATABASE") ? "postgres://" : "https://"}. Correct it, or leave it out.`,
      );
    }
  }
}

/** Packages, client, secret, database, migrations. */
async function prepare() {
  await step("Packages", async () => ((await installPackages()) ? "installed" : "up to date"));
  await step("Database client", async () => ((await generateClient()) ? "generated" : "up to date"));
  await step("Secret", async () => {
    const { created } = provideSecret();
    return created ? "created in the data folder, readable by you only" : "in place";
  });
  await step("Database", async (note) => {
    database = await provideDatabase(note);
    if (!database.embedded) return "the one DATABASE_URL names";
    return database.adopted ? "embedded, found running" : "embedded, started";
  });
  await step("Migrations", async (note) => {
    const { applied, warnings } = await applyMigrations();
    for (const warning of warnings) note(`Weaker than it should be: ${warning}`);
    return applied.length > 0 ? `applied ${applied.join(", ")}` : "up to date";
  });
}

/**
 * Fills empty books from the sandbox, and brings its process back where books hang on it. Each part is done when it
 * is missing, so that a first run that broke off is taken up where it was.
 */
async function fillBooks() {
  const before = await readBooks();
  const isFirstRun = before.entities === 0;
  if (!isFirstRun && !before.sandbox) return before;
  await step("Sandbox (a simulated SCAYLE shop and its ERP)", async () => {
    const sandbox = await startSandbox(onSandboxEnd);
    if (isFirstRun || sandbox.moved) await tieout("sandbox", "connect", "--url", sandbox.url);
    sandbox.settle();
    return `at ${sandbox.url}`;
  });
  if (!before.reconciled) {
    announce("First run: reading three months of orders and documents, and reconciling them");
    await step("Sync", () => tieout("sync"));
    await step("Reconciliation", () => tieout("reconcile"));
  }
  return readBooks();
}

/** The sandbox forgets with its process whom it tells what happens. Feeds are read all the same where that fails. */
async function listen(address) {
  consoleAddress = address;
  await step("Webhooks of the sandbox", async () => {
    await tieout("sandbox", "subscribe", "--console", address);
    return "let something happen: npm run tieout -- sandbox happen order";
  });
}

function build() {
  return step("Production build", async () => ((await buildWhenChanged()) ? "built" : "up to date"));
}

/** Runs one of our commands; the database is up, so it needs no launcher. */
async function tieout(...words) {
  await run(process.execPath, [...typescript("lib/cli/tieout.ts"), ...words], {
    advice: `Try again with: npm run tieout -- ${words.join(" ")}`,
  });
}

async function serve(books) {
  const host = chooseHost(books);
  const { port, note } = await choosePort(process.env.PORT ? Number(process.env.PORT) : undefined, host);
  if (note) say(note);
  const address = `http://${host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host}:${port}`;
  await step("Server", async () => {
    const entry = startChild(
      {
        name: "server",
        words: [nextProgram, "start", "--hostname", host, "--port", String(port)],
        env: {
          ...process.env,
          NODE_ENV: "production",
          NEXT_TELEMETRY_DISABLED: "1",
          NEXTAUTH_URL: process.env.NEXTAUTH_URL || address,
        },
      },
      (code) => giveUp(`The server ended by itself (${code}).`, "server"),
    );
    await untilAnswering(address, entry);
  });
  recordAddress(address);
  say(
    process.env.TIEOUT_JOBS === "worker"
      ? "✓ Jobs: left to npm run worker (TIEOUT_JOBS=worker)"
      : "✓ Jobs: run in the server; each feed is read at its interval",
  );
  return address;
}

/** Demo users have a password that everybody knows: nobody else's machine may reach them. */
function chooseHost(books) {
  const asked = process.env.HOST;
  if (!asked || asked === "127.0.0.1" || asked === "localhost") return "127.0.0.1";
  if (books.demoUsers.length === 0) return asked;
  say(`HOST=${asked} is ignored while demo users exist: everything listens on 127.0.0.1 only.`);
  return "127.0.0.1";
}

async function untilAnswering(address, entry) {
  const deadline = Date.now() + 60_000;
  for (;;) {
    const answer = await fetch(`${address}/api/health`).catch(() => null);
    if (answer?.ok) return;
    if (entry.ended) throw new Error(`The server did not start. Its last words:\n${lastWords(entry)}`);
    if (Date.now() > deadline)
      throw new Error(`The server does not answer at ${address}. Its last words:\n${lastWords(entry)}`);
    await pause(100);
  }
}

async function onSandboxEnd(code) {
  if (ending) return;
  if (sandboxRestarts++ > 0) return giveUp(`The sandbox ended again (${code}).`, "sandbox");
  say(`The sandbox ended by itself (${code}); starting it again.`);
  try {
    const { url, moved, settle } = await startSandbox(onSandboxEnd);
    if (moved) await tieout("sandbox", "connect", "--url", url);
    settle();
    if (consoleAddress) await listen(consoleAddress);
  } catch (error) {
    await giveUp(error.message, "sandbox");
  }
}

/** The embedded server is not always our child, so its end is noticed by looking. */
function watchDatabase() {
  if (!database.embedded) return;
  setInterval(() => {
    if (!ending && !isAlive(database.pid)) giveUp("The database ended by itself.", "pg");
  }, 1_000).unref();
}

async function giveUp(words, log) {
  if (ending) return;
  process.stderr.write(
    `${words} What it said last is in ${path.relative(projectRoot, dataFolder())}/${log}.log.\n`,
  );
  process.stderr.write("Stopping everything. Start again with npm start: nothing is lost.\n");
  await end(1);
}

function greet(address, books) {
  say(`\nTieout is ready after ${((performance.now() - started) / 1000).toFixed(1)} s:  ${address}\n`);
  if (books.demoUsers.length > 0) {
    say("Sign in as one of the demo users; the sign-in page offers them:");
    for (const email of books.demoUsers) say(`  ${email}`);
  } else {
    say("Sign in with your account. A new one: npm run tieout -- user add EMAIL --role ROLE --entity all");
  }
  say("\nCtrl-C stops it.");
}

async function end(code) {
  if (ending) return;
  ending = true;
  if (code === 0) say("\nStopping…");
  await stopRunning();
  await stopChildren().catch((error) => process.stderr.write(`${error.message}\n`));
  await database?.stop().catch((error) => process.stderr.write(`${error.message}\n`));
  process.exit(code);
}
