import type { Strategy } from "./contract";

/** Placed by the reconciliation, not when a document arrives: it takes all orders of a day to know. */
export const summaryPosting: Strategy = {
  code: "summary-posting",
  name: "Summary posting",
  meaning:
    "The document's quantities, item by item, are exactly those of all orders of one shop, channel and day that have no document of their own.",
  level: "document",
};
