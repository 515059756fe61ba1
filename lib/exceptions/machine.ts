/** The states of an exception. The last three are ends; a change of the data opens them again. */
export const exceptionStates = [
  "new",
  "assigned",
  "in-progress",
  "waiting",
  "resolved",
  "accepted",
  "explained",
] as const;
export type ExceptionState = (typeof exceptionStates)[number];

/** The states in which somebody must still act. */
export const openStates = [
  "new",
  "assigned",
  "in-progress",
  "waiting",
] as const satisfies readonly ExceptionState[];

/** Whether somebody must still act. */
export const isOpen = (state: string): boolean => openStates.some((open) => open === state);

/**
 * The state after a person is named or taken off. Work that has begun stays begun when it is handed over.
 * null: an exception in this state takes no assignee.
 */
export function stateAfterAssignment(state: string, assigned: boolean): ExceptionState | null {
  if (state === "new" || state === "assigned") return assigned ? "assigned" : "new";
  if (state === "in-progress" || state === "waiting") return assigned ? state : "new";
  return null;
}

/** Causes whose exceptions a person may accept as they are: what happened can't be proved right, and may be all the same. */
const ACCEPTABLE: ReadonlySet<string> = new Set(["posted-changed"]);

/** Whether an exception can be accepted: it is of such a cause, and somebody must still act. */
export const isAcceptable = (cause: string, state: string): boolean => ACCEPTABLE.has(cause) && isOpen(state);
