/** How high something stands now: at its opening bound, between that and the closing bound, or below both. */
export type Level = "above" | "between" | "below";

/** An alert that is open. */
export type Open = Readonly<{ calmSince: Date | null }>;

/**
 * What becomes of a subject: an alert opens only at its opening bound, and closes only once it was below its closing bound
 * for the quiet time without a break. Between the two nothing changes, so that it does not open and close by turns.
 */
export type Step =
  | Readonly<{ is: "none" | "open" | "keep" | "close" }>
  | Readonly<{ is: "calm"; since: Date }>;

/** The step of one subject; `quietMilliseconds` 0 closes at once. Pure. */
export function stepOf(before: Open | null, level: Level, now: Date, quietMilliseconds: number): Step {
  if (before === null) return { is: level === "above" ? "open" : "none" };
  if (level !== "below") return { is: "keep" };
  const since = before.calmSince ?? now;
  return now.getTime() - since.getTime() >= quietMilliseconds ? { is: "close" } : { is: "calm", since };
}
