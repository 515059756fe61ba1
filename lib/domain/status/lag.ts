import type { Transition } from "./transitions";

/** How long a transition took in a shop, over the cases of the last days; times in seconds. */
export type Measured = Readonly<{ median: number; p95: number; cases: number }>;

/** So many cases at least before anything that was measured is held against an order. */
export const ENOUGH_CASES = 30;

/** Over how many days back transitions are measured. */
export const MEASURED_DAYS = 90;

/** Orders that were placed longer ago are not judged: what was left open then is no news. */
export const JUDGED_DAYS = 180;

const HOUR = 3600;

/** From when on a transition is stuck, in seconds, and what that comes from. */
export type Limit = Readonly<{ seconds: number; from: "measured" | "documented" | "posting" | "floor" }>;

/**
 * From when on a transition is stuck. Measured: the 95th percentile, and as much again as it lies above the median. One case
 * in twenty is above the percentile by its own definition and arrives all the same; to call those stuck would be wrong once in twenty
 * orders. With too few cases it is what SCAYLE documents, else what the entity gives its ERP to post.
 */
export function limitOf(
  transition: Pick<Transition, "floorHours" | "documentedHours">,
  measured: Measured | null,
  postingLagHours: number,
): Limit {
  const floor = transition.floorHours * HOUR;
  if (measured !== null && measured.cases >= ENOUGH_CASES) {
    const seconds = measured.p95 + Math.max(0, measured.p95 - measured.median);
    return seconds > floor ? { seconds, from: "measured" } : { seconds: floor, from: "floor" };
  }
  const { documentedHours } = transition;
  return documentedHours === null
    ? { seconds: Math.max(floor, postingLagHours * HOUR), from: "posting" }
    : { seconds: documentedHours * HOUR, from: "documented" };
}

/** How a transition waits that has not come. */
export type Waiting = "on-time" | "late" | "stuck";

/** on-time: as nineteen of twenty · late: longer, and still normal · stuck: beyond its limit. Seconds. */
export function waitingAs(waited: number, limit: Limit, measured: Measured | null): Waiting {
  if (waited > limit.seconds) return "stuck";
  return waited > lateAfter(limit, measured) ? "late" : "on-time";
}

/** From when on a transition is late, in seconds: longer than nineteen of twenty take; with too few cases, never before it is stuck. */
export const lateAfter = (limit: Limit, measured: Measured | null): number =>
  measured !== null && measured.cases >= ENOUGH_CASES ? Math.min(measured.p95, limit.seconds) : limit.seconds;
