import { readFileSync } from "node:fs";

/** What a piece of work took: wall clock in seconds, and the most memory at any moment, in MB. */
export type Measured<Result> = Readonly<{
  seconds: number;
  nodeMb: number;
  postgresMb: number | null;
  result: Result;
}>;

const SAMPLE_EVERY_MS = 200;

/**
 * Runs `work` and measures it. Memory of Node is the most that this process has held since it started. Memory of
 * PostgreSQL is what its processes hold for themselves, summed, plus the shared buffers in use; null where the system
 * doesn't tell (no /proc).
 */
export async function measured<Result>(
  postmaster: number | null,
  work: () => Promise<Result>,
): Promise<Measured<Result>> {
  let postgresKb: number | null = null;
  const sample = (): void => {
    const now = postmaster === null ? null : postgresMemoryKb(postmaster);
    if (now !== null) postgresKb = Math.max(postgresKb ?? 0, now);
  };
  sample();
  const timer = setInterval(sample, SAMPLE_EVERY_MS);
  const started = performance.now();
  try {
    const result = await work();
    const seconds = (performance.now() - started) / 1000;
    sample();
    return {
      seconds,
      nodeMb: Math.round(process.resourceUsage().maxRSS / 1024),
      postgresMb: postgresKb === null ? null : Math.round(postgresKb / 1024),
      result,
    };
  } finally {
    clearInterval(timer);
  }
}

function postgresMemoryKb(postmaster: number): number | null {
  try {
    const children = readFileSync(`/proc/${postmaster}/task/${postmaster}/children`, "utf8")
      .trim()
      .split(" ");
    let own = 0;
    let shared = 0;
    for (const pid of [String(postmaster), ...children]) {
      const status = readStatus(pid);
      own += status.anonymous;
      shared = Math.max(shared, status.shared);
    }
    return own + shared;
  } catch {
    return null;
  }
}

/** A process that has just ended holds nothing. */
function readStatus(pid: string): Readonly<{ anonymous: number; shared: number }> {
  try {
    const text = readFileSync(`/proc/${pid}/status`, "utf8");
    const kb = (name: string): number =>
      Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(text)?.[1] ?? 0);
    return { anonymous: kb("RssAnon"), shared: kb("RssShmem") };
  } catch {
    return { anonymous: 0, shared: 0 };
  }
}

/** The value below which `share` (0 to 1) of the sorted values are. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(sorted.length * share) - 1))] ?? 0;
}
