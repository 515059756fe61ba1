/** How a month's figures stand, in one word; while it runs, a difference that is explained is often only on its way. */
export type TieOutState = "ties-out" | "ties-out-so-far" | "explained-so-far" | "does-not-tie-out";

/** `differs`: whether both sides' totals are apart; `ended`: whether the month is over where the entity keeps its books. */
export function tieOutState({
  tiesOut,
  ended,
  differs,
}: Readonly<{ tiesOut: boolean; ended: boolean; differs: boolean }>): TieOutState {
  if (!tiesOut) return "does-not-tie-out";
  if (ended) return "ties-out";
  return differs ? "explained-so-far" : "ties-out-so-far";
}

/** What people read of it. */
export const tieOutWords: Readonly<Record<TieOutState, string>> = {
  "ties-out": "Ties out",
  "ties-out-so-far": "Ties out so far",
  "explained-so-far": "Explained so far",
  "does-not-tie-out": "Does not tie out",
};
