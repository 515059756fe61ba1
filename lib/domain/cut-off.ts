/** How a feed stands to a cut-off. */
export type CutOffState = "current" | "to-come" | "behind";

/**
 * A feed is current to a cut-off once its source has confirmed an answer up to that moment: what came later counts for
 * another month. Before the moment nothing can be; after it, a feed that was not confirmed so far is behind.
 */
export function feedAtCutOff(confirmedUntil: Date | null, cutOff: Date, now: Date): CutOffState {
  if (confirmedUntil !== null && confirmedUntil >= cutOff) return "current";
  return now < cutOff ? "to-come" : "behind";
}

/** All feeds in one word: behind where one is, current where all are. */
export const allAtCutOff = (states: readonly CutOffState[]): CutOffState =>
  states.includes("behind") ? "behind" : states.includes("to-come") ? "to-come" : "current";
