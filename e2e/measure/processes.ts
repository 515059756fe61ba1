import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";

/** A Node process beside this one. */
export type Started = Readonly<{
  pid: number;
  child: ChildProcess;
  /** its exit code, or the signal that ended it */
  ended: Promise<number | string>;
  /** asks it to end, and makes it after a while */
  stop(): Promise<void>;
}>;

export type Program = Readonly<{
  words: readonly string[];
  /** what its environment has beside ours */
  env?: Readonly<Record<string, string>>;
  /** where its words go; without it, nowhere */
  log?: string;
  /** its standard output is read by whoever started it */
  heard?: boolean;
  /** it is told things by messages */
  messages?: boolean;
}>;

/** The words that run a TypeScript file of ours under Node. */
export const typescriptWords = (file: string): readonly string[] => [
  "--conditions=react-server",
  "--import",
  "tsx",
  file,
];

const GRACE_MILLISECONDS = 10_000;

/** Starts a Node process in the project's folder, with our environment and what is named beside it. */
export function startProcess({ words, env = {}, log, heard, messages }: Program): Started {
  const output = log === undefined ? "ignore" : openSync(log, "a");
  const child = spawn(process.execPath, [...words], {
    cwd: path.resolve(import.meta.dirname, "../.."),
    env: { ...process.env, ...env },
    stdio: ["ignore", heard ? "pipe" : output, output, ...(messages ? (["ipc"] as const) : [])],
  });
  if (typeof output === "number") closeSync(output);
  const ended = new Promise<number | string>((resolve) => {
    child.once("exit", (code, signal) => resolve(code ?? signal ?? 1));
    child.once("error", () => resolve(1));
  });
  const stop = async (): Promise<void> => {
    child.kill("SIGTERM");
    const gone = await Promise.race([ended, pause(GRACE_MILLISECONDS, null, { ref: false })]);
    if (gone === null) child.kill("SIGKILL");
    await ended;
  };
  return { pid: child.pid ?? 0, child, ended, stop };
}

/** What a process holds in memory, in MB; null where the system doesn't tell (no /proc), or it is gone. */
export function residentMb(pid: number): number | null {
  try {
    const kb = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
    return kb === undefined ? null : Number(kb) / 1024;
  } catch {
    return null;
  }
}

/** Asks until it is so. Throws after `seconds`, with what was waited for. */
export async function until(what: string, seconds: number, isSo: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + seconds * 1000;
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new Error(`After ${seconds} s: not yet ${what}.`);
    await pause(100);
  }
}
