import { defineCause } from "./contract";

/** Raised by lib/matching from records that could not be read, not from groups. */
export const recordFailed = defineCause({
  code: "record-failed",
  title: "Record failed",
  meaning: "A payload could not be read; it is kept, and counts in no total.",
  defaultOwner: "operations",
  severity: "high",
  bucket: "open",
  acceptance: "never",
  raises: true,
  plain: {
    words: "What SCAYLE sent of the order could not be read",
    customer: "We are checking your order and will come back to you",
    next: "Correct what could not be read, then read the order again.",
  },
  resolution: "Correct the record at its source, or the mapping, then resync it.",
  manual:
    "What arrived does not fit what the connector knows. The raw payload is kept and shown; nothing is skipped in silence. Until it can be read, the period does not tie out.",
});
