import type { Tone } from "@/components/ui/tone";

/** How a proof stands, as one of the four meanings. */
export const proofTones = {
  holds: "agrees",
  fails: "broken",
  unproved: "attention",
} as const satisfies Record<string, Tone>;

/** The same in words. */
export const proofWords = { holds: "Holds", fails: "Fails", unproved: "Not proved" } as const;

const reasons: Readonly<Record<string, string>> = {
  "not-sold-yet": "not sold yet",
  cancelled: "cancelled before sold",
  header: "order total beyond its units",
  "came-back-unsold": "came back unsold",
  "cancelled-after-sale": "cancelled after sold",
  "refunded-fee": "fees refunded",
  "could not be read": "could not be read",
  lost: "lost",
  surplus: "surplus",
  draft: "drafts, not in the books",
};

/** Why two counts differ by right, in words. */
export const reasonWords = (reason: string): string => reasons[reason] ?? reason;

/** Sales and credits, as people say. */
export const kindWords = (kind: string): string => (kind === "credit" ? "credits" : "sales");
