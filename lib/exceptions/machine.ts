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

/** The open states in which somebody can act now: what waits comes back to one of them by itself when its day has come. */
export const actStates = openStates.filter((state) => state !== "waiting");

/** Whether somebody must still act. */
export const isOpen = (state: string): boolean => openStates.some((open) => open === state);

/**
 * What moves an exception from state to state. People assign, unassign, start, wait, wake and accept; what is sent to put it
 * right starts it, waits, and lets it rest where it came to nothing. The data resolve
 * (a run no longer finds it: that is its proof), explain (nothing is to be done any more) and reopen it; the clock wakes it.
 */
export type ExceptionStep =
  | "assign"
  | "unassign"
  | "start"
  | "wait"
  | "wake"
  | "rest"
  | "accept"
  | "resolve"
  | "explain"
  | "reopen";

/** `active`: assigned where somebody has it, else new. */
type Target = ExceptionState | "active";

const whileOpen = (to: Target): Partial<Record<ExceptionState, Target>> => ({
  new: to,
  assigned: to,
  "in-progress": to,
  waiting: to,
});

/** The one table of transitions: what is not in it can't happen. */
export const transitions: Readonly<Record<ExceptionStep, Readonly<Partial<Record<ExceptionState, Target>>>>> =
  {
    // Work that has begun, and a wait, go on with whoever takes them over.
    assign: { ...whileOpen("assigned"), "in-progress": "in-progress", waiting: "waiting" },
    unassign: whileOpen("new"),
    start: whileOpen("in-progress"),
    wait: whileOpen("waiting"),
    wake: { waiting: "active" },
    // What was sent to put it right came to nothing: whoever has it has to act.
    rest: { "in-progress": "active", waiting: "active" },
    accept: whileOpen("accepted"),
    resolve: { ...whileOpen("resolved"), accepted: "resolved", explained: "resolved" },
    explain: { ...whileOpen("explained"), resolved: "explained" },
    reopen: { resolved: "active", accepted: "active", explained: "active" },
  };

/** The state of something that somebody must act on: assigned where somebody has it, else new. */
export const activeState = (assigned: boolean): ExceptionState => (assigned ? "assigned" : "new");

/** The state after a step, or null where the step can't be made from there. `assigned`: whether somebody has it. */
export function stateAfter(state: string, step: ExceptionStep, assigned: boolean): ExceptionState | null {
  const from = exceptionStates.find((one) => one === state);
  const to = from && transitions[step][from];
  if (to === undefined) return null;
  return to === "active" ? activeState(assigned) : to;
}
