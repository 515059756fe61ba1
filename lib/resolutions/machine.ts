/** The states of an attempt. The last six are ends. */
export const attemptStates = [
  /** waits for a second person */
  "asked",
  /** begun: nothing is sent yet */
  "claimed",
  "writing",
  "reading-back",
  /** looked at again later: an answer was lost, or the effect is not there yet */
  "waiting",
  /** no path: a person does it there, and its effect is watched for */
  "instructed",
  /** read back, and the lines agree */
  "proved",
  /** something was sent, and the exception is still there */
  "reopened",
  /** what was shown does not hold any more, or a draft came out otherwise: nothing counts of it */
  "refused",
  /** the other system could not be asked, and nothing was sent */
  "failed",
  /** the second person said no */
  "rejected",
  "cancelled",
] as const;
export type AttemptState = (typeof attemptStates)[number];

const ENDED: ReadonlySet<string> = new Set([
  "proved",
  "reopened",
  "refused",
  "failed",
  "rejected",
  "cancelled",
]);

/** Whether nothing more happens to it. */
export const isEnded = (state: string): boolean => ENDED.has(state);

/** Whether the runner is at it by itself. */
export const isAtWork = (state: string): boolean =>
  state === "claimed" || state === "writing" || state === "reading-back" || state === "waiting";
