const REASONS: Readonly<Record<string, string>> = {
  "not-sold-yet": "not sold yet",
  cancelled: "cancelled before sold",
  header: "order total beyond its units",
  "came-back-unsold": "came back unsold",
  "cancelled-after-sale": "cancelled after sold",
  "refunded-fee": "fees refunded",
  draft: "drafts, not in the books",
};

/** Why two counts differ by right, in words; a reason that says itself ("could not be read", "lost") as it is. */
export const reasonWords = (reason: string): string => REASONS[reason] ?? reason;
