// The processes that `npm start` starts: recorded, so that the next start finds and ends what a crash left over.

import { spawn } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { endProcess, identityOf, send, waitUntilGone } from "../../db/processes.mjs";
import { dataFolder, projectRoot } from "./project.mjs";

const recordFile = () => path.join(dataFolder(), "running.json");
const children = new Map();
let address = null;
let isOurs = false;

/**
 * Makes this process the one that serves this data folder. What a crashed one left running is ended.
 *
 * @returns {Promise<{ ended: string[] }>} the names of the leftovers
 * @throws Error when another one serves it already
 */
export async function takeOver() {
  const before = readRecord();
  if (before !== null && identityOf(before.pid) === before.identity && before.pid !== process.pid) {
    const where = before.address ? ` at ${before.address}` : "";
    throw new Error(
      `Tieout is already running${where} (process ${before.pid}). Use that one, or stop it with Ctrl-C where it runs.`,
    );
  }
  const ended = [];
  for (const child of before?.children ?? []) {
    if (identityOf(child.pid) !== child.identity) continue;
    await endGroup(child.pid);
    ended.push(child.name);
  }
  isOurs = true;
  writeRecord();
  return { ended };
}

/** Remembers where this process serves, for whoever starts a second one. */
export function recordAddress(url) {
  address = url;
  writeRecord();
}

/**
 * Starts a program in the background. Its words go to a file in the data folder: it must be able to speak even when
 * we are gone.
 *
 * @param {{ name: string, words: string[], env: NodeJS.ProcessEnv }} program `words` follow Node's own path
 * @param {(code: number | string) => void} onEnd called when it ends without having been told to
 */
export function startChild({ name, words, env }, onEnd) {
  const log = path.join(dataFolder(), `${name}.log`);
  fs.rmSync(`${log}.1`, { force: true });
  if (fs.existsSync(log)) fs.renameSync(log, `${log}.1`);
  const output = fs.openSync(log, "a", 0o600);
  // In a group of its own: Ctrl-C reaches us only, and we end things in order.
  const child = spawn(process.execPath, words, {
    cwd: projectRoot,
    env,
    detached: true,
    stdio: ["ignore", output, output],
  });
  fs.closeSync(output);
  const entry = { name, pid: child.pid, identity: identityOf(child.pid), log, stopping: false, ended: false };
  children.set(name, entry);
  writeRecord();
  child.once("exit", (code, signal) => {
    entry.ended = true;
    if (!entry.stopping) onEnd(code ?? signal);
  });
  return entry;
}

/** Ends a child and all it started. */
export async function stopChild(entry) {
  if (entry === undefined || entry.stopping) return;
  entry.stopping = true;
  await endGroup(entry.pid);
}

/** Ends every child, the latest first. */
export async function stopChildren() {
  for (const entry of [...children.values()].reverse()) await stopChild(entry);
  children.clear();
  // A start that was refused must not forget the one that runs.
  if (isOurs) fs.rmSync(recordFile(), { force: true });
}

/** The last words of a child. */
export const lastWords = (entry, lines = 15) =>
  fs.readFileSync(entry.log, "utf8").trim().split("\n").slice(-lines).join("\n");

async function endGroup(pid) {
  send(-pid, "SIGTERM");
  if (!(await waitUntilGone(pid, 8_000))) send(-pid, "SIGKILL");
  await endProcess(pid, { graceMilliseconds: 1_000 });
}

function readRecord() {
  try {
    return JSON.parse(fs.readFileSync(recordFile(), "utf8"));
  } catch {
    return null;
  }
}

function writeRecord() {
  const record = {
    pid: process.pid,
    identity: identityOf(process.pid),
    address,
    children: [...children.values()].map(({ name, pid, identity }) => ({ name, pid, identity })),
  };
  const unfinished = `${recordFile()}.${process.pid}`;
  fs.writeFileSync(unfinished, JSON.stringify(record));
  fs.renameSync(unfinished, recordFile());
}
