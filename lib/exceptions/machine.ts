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
