import { readFileSync } from "node:fs";

/**
 * What a piece of work took: wall clock and processor time in seconds, and the most memory at any moment, in MB. What
 * PostgreSQL took is null where the system doesn't tell (no /proc).
 */
export type Measured<Result> = Readonly<{
  seconds: number;
  nodeCpu: number;
  postgresCpu: number | null;
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
  const postgresBefore = postmaster === null ? null : postgresCpuSeconds(postmaster);
  const nodeBefore = process.cpuUsage();
  const timer = setInterval(sample, SAMPLE_EVERY_MS);
  const started = performance.now();
  try {
    const result = await work();
    const seconds = (performance.now() - started) / 1000;
    sample();
    const node = process.cpuUsage(nodeBefore);
    const postgres = postmaster === null ? null : postgresCpuSeconds(postmaster);
    return {
      seconds,
      nodeCpu: (node.user + node.system) / 1_000_000,
      postgresCpu: postgres === null || postgresBefore === null ? null : postgres - postgresBefore,
      nodeMb: Math.round(process.resourceUsage().maxRSS / 1024),
      postgresMb: postgresKb === null ? null : Math.round(postgresKb / 1024),
      result,
    };
  } finally {
    clearInterval(timer);
  }
}

const childrenOf = (pid: number): readonly string[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ");

const TICKS_A_SECOND = 100;

/** Processor time of a server, its processes that have ended included. Linux counts it in hundredths of a second. */
function postgresCpuSeconds(postmaster: number): number | null {
  try {
    const ticks = (pid: string, ended: boolean): number => {
      const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
      return [11, 12, ...(ended ? [13, 14] : [])].reduce((sum, at) => sum + Number(fields[at] ?? 0), 0);
    };
    const living = childrenOf(postmaster).map((pid) => ticks(pid, false));
    return living.reduce((sum, one) => sum + one, ticks(String(postmaster), true)) / TICKS_A_SECOND;
  } catch {
    return null;
  }
}

function postgresMemoryKb(postmaster: number): number | null {
  try {
    const children = childrenOf(postmaster);
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
