import { clashes } from "./codes";
import { isTransition, transitionOf } from "./transitions";

/** What no pair of SCAYLE's codes says, and the order's items do (judge.ts). */
export const ITEMS_OUT = {
  key: "cancelled-with-items-out",
  says: "SCAYLE says that the order is cancelled, and that items of it left and did not come back",
} as const;

/** A step, or a contradiction, as people read it; one that is not known goes by its code. */
export function stepWords(step: string): string {
  if (isTransition(step)) return `${transitionOf(step).from} → ${transitionOf(step).to}`;
  return [...clashes, ITEMS_OUT].find(({ key }) => key === step)?.says ?? step;
}

/** What is known of a step that no document of the ERP speaks of: what is missing, and of how many items. */
export function missingWords(step: string, items: number): string {
  const of = items === 0 ? "" : items === 1 ? " (1 item)" : ` (${items} items)`;
  // The ERP may have posted other items of the order.
  if (step === "ship" || step === "ship-rest")
    return `The ERP has nothing of ${items === 1 ? "this item" : "these items"}${of}`;
  if (!isTransition(step)) return "";
  const { missing } = transitionOf(step);
  return `${missing.slice(0, 1).toUpperCase()}${missing.slice(1)}${of}`;
}
