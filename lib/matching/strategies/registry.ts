import { aggregatedUnits } from "./aggregated-units";
import { byHand } from "./by-hand";
import type { Strategy } from "./contract";
import { mappedItem } from "./mapped-item";
import { mappedReference } from "./mapped-reference";
import { normalisedReference } from "./normalised-reference";
import { orderReference } from "./order-reference";
import { originalDocument } from "./original-document";
import { summaryPosting } from "./summary-posting";

/** Every strategy, most certain first. What a more certain one has placed, no later one sees. */
export const strategies: readonly Strategy[] = [
  byHand,
  mappedReference,
  orderReference,
  originalDocument,
  mappedItem,
  aggregatedUnits,
  normalisedReference,
  summaryPosting,
];

const byCode = new Map(strategies.map((strategy) => [strategy.code, strategy]));

/** The strategy of a code, or null for one that is no longer registered. */
export const strategyOf = (code: string): Strategy | null => byCode.get(code) ?? null;
