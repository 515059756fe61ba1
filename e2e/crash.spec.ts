import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { expect, test } from "@playwright/test";

// `npm start` against crashes: each of its processes is killed, and the next start must come up with the same books.
// It needs no browser, but the production build, which is there when these tests run.

const SECONDS = 1_000;
let dataDir: string;
let port: number;
const launchers: ChildProcess[] = [];

test.describe.configure({ mode: "serial", timeout: 180 * SECONDS });
test.beforeAll(() => {
  dataDir = fs.mkdtempSync(path.join(os.tmpdir(), "tieout-crash-"));
  port = Number(process.env["PORT"]) + 1;
});
test.afterAll(async () => {
  const left = launchers.filter((launcher) => launcher.exitCode === null && launcher.signalCode === null);
  for (const launcher of left) launcher.kill("SIGTERM");
  await expect
    .poll(() => left.every((launcher) => launcher.exitCode !== null), { timeout: 60_000 })
    .toBe(true);
  fs.rmSync(dataDir, { recursive: true, force: true });
});

test("a start after its server was killed comes up clean, with the same books", async () => {
  const first = await start();
  const before = summary();
  process.kill(child("server"), "SIGKILL");
  expect(await ended(first)).toBe(1);
  expect(first.words()).toContain("The server ended by itself");
  const second = await start();
  expect(summary()).toBe(before);
  await stop(second);
});

test("a sandbox that was killed is started again while everything else goes on", async () => {
  const running = await start();
  const killed = child("sandbox");
  process.kill(killed, "SIGKILL");
  await expect.poll(() => child("sandbox"), { timeout: 60 * SECONDS }).not.toBe(killed);
  expect((await fetch(`http://127.0.0.1:${port}/api/health`)).status).toBe(200);
  await stop(running);
});

test("a start after everything was killed at once comes up clean, and makes nothing anew", async () => {
  const first = await start();
  const before = summary();
  for (const pid of [first.pid, child("server"), child("sandbox"), postmaster()])
    process.kill(pid, "SIGKILL");
  const began = performance.now();
  const second = await start();
  // 15 seconds are the aim; how many it takes is up to what else the machine does. What would take minutes is not done again.
  console.info(`up again after ${((performance.now() - began) / SECONDS).toFixed(1)} s`);
  expect(second.words()).toContain("Production build: up to date");
  expect(second.words()).toContain("Migrations: up to date");
  expect(second.words()).not.toMatch(/First run|Sync|Reconciliation/);
  expect(summary()).toBe(before);
  await stop(second);
});

test("a start after only the launcher was killed takes over from what it left running", async () => {
  const first = await start();
  process.kill(first.pid, "SIGKILL");
  const second = await start();
  expect(second.words()).toContain("Ended what an earlier start left running: sandbox, server");
  expect(second.words()).toContain("found running");
  await stop(second);
});

test("a second start beside a running one is refused in words and leaves it alone", async () => {
  const first = await start();
  const { status, stderr } = spawnSync(process.execPath, ["lib/cli/start.mjs"], {
    env: environment(),
    encoding: "utf8",
  });
  expect(status).toBe(1);
  expect(stderr).toContain(`Tieout is already running at http://127.0.0.1:${port}`);
  expect((await fetch(`http://127.0.0.1:${port}/api/health`)).status).toBe(200);
  await stop(first);
});

type Start = { pid: number; words(): string; process: ChildProcess };

async function start(): Promise<Start> {
  const launcher = spawn(process.execPath, ["lib/cli/start.mjs"], { env: environment() });
  launchers.push(launcher);
  let said = "";
  launcher.stdout.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  launcher.stderr.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  await expect
    .poll(() => (launcher.exitCode === null ? said : `ended: ${said}`), { timeout: 120 * SECONDS })
    .toMatch(/Ctrl-C stops it|ended: /);
  expect(said).toContain("Tieout is ready");
  return { pid: launcher.pid ?? 0, words: () => said, process: launcher };
}

async function stop(running: Start): Promise<void> {
  running.process.kill("SIGINT");
  expect(await ended(running)).toBe(0);
}

async function ended(running: Start): Promise<number | null> {
  await expect.poll(() => running.process.exitCode, { timeout: 60 * SECONDS }).not.toBeNull();
  return running.process.exitCode;
}

/** What the books say of last month, as the command line prints it. */
function summary(): string {
  const month = new Date();
  month.setUTCDate(0);
  const words = ["lib/cli/tieout.mjs", "summary", "--json", "--period", month.toISOString().slice(0, 7)];
  const { status, stdout, stderr } = spawnSync(process.execPath, words, {
    env: environment(),
    encoding: "utf8",
  });
  expect(stderr).toBe("");
  expect(status).toBe(0);
  return stdout;
}

function child(name: string): number {
  const record = JSON.parse(fs.readFileSync(path.join(dataDir, "running.json"), "utf8"));
  return record.children.find((one: { name: string }) => one.name === name)?.pid;
}

function postmaster(): number {
  const { home } = JSON.parse(fs.readFileSync(path.join(dataDir, "database.json"), "utf8"));
  return Number.parseInt(fs.readFileSync(path.join(home, "pg", "postmaster.pid"), "utf8"), 10);
}

function environment(): NodeJS.ProcessEnv {
  return {
    ...process.env,
    TIEOUT_DATA_DIR: dataDir,
    PORT: String(port),
    SANDBOX_ORDERS: "90",
    SANDBOX_PORT: "",
  };
}
