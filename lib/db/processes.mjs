// Recognising processes across restarts. A process id alone proves nothing: ids are reused.

import { spawnSync } from "node:child_process";
import fs from "node:fs";

/** Whether a process with this id exists, whoever it belongs to. */
export function isAlive(pid) {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return !isZombie(pid);
  } catch (error) {
    return error.code === "EPERM";
  }
}

/** A text that is the same for the same process for as long as it lives, and never for another; null when it is gone. */
export function identityOf(pid) {
  if (!isAlive(pid)) return null;
  const stat = readOrNull(`/proc/${pid}/stat`);
  if (stat !== null) {
    // The command in field 2 may hold spaces and brackets: count from its last bracket. Field 22 is the start time.
    const started = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
    return `${pid}@${started}@${readOrNull("/proc/sys/kernel/random/boot_id")?.trim() ?? ""}`;
  }
  const ps = spawnSync("ps", ["-o", "lstart=", "-p", String(pid)], { encoding: "utf8" });
  return ps.status === 0 && ps.stdout.trim() !== "" ? `${pid}@${ps.stdout.trim()}` : null;
}

/** The command line of a process, words separated by spaces; empty when it cannot be read. */
export function commandLineOf(pid) {
  const line = readOrNull(`/proc/${pid}/cmdline`);
  if (line !== null) return line.replaceAll("\0", " ").trim();
  const ps = spawnSync("ps", ["-o", "command=", "-p", String(pid)], { encoding: "utf8" });
  return ps.status === 0 ? ps.stdout.trim() : "";
}

/** Waits for the process to be gone. Answers whether it is. */
export async function waitUntilGone(pid, milliseconds) {
  const deadline = Date.now() + milliseconds;
  while (isAlive(pid)) {
    if (Date.now() >= deadline) return false;
    await pause(50);
  }
  return true;
}

/** Asks a process to end, then makes it: `signal` first, SIGKILL when it has not gone in time. */
export async function endProcess(pid, { signal = "SIGTERM", graceMilliseconds = 10_000 } = {}) {
  if (!send(pid, signal)) return;
  if (await waitUntilGone(pid, graceMilliseconds)) return;
  send(pid, "SIGKILL");
  await waitUntilGone(pid, 5_000);
}

/** Sends a signal; false when nobody is there to receive it. */
export function send(pid, signal) {
  try {
    process.kill(pid, signal);
    return true;
  } catch {
    return false;
  }
}

export const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** A child that ended but was not waited for still answers to its id. */
function isZombie(pid) {
  const stat = readOrNull(`/proc/${pid}/stat`);
  return stat?.slice(stat.lastIndexOf(")") + 2).startsWith("Z") ?? false;
}

function readOrNull(path) {
  try {
    return fs.readFileSync(path, "utf8");
  } catch {
    return null;
  }
}
