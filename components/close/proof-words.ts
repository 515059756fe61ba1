import type { Tone } from "@/components/ui/tone";

/** How a proof stands, as one of the four meanings. */
export const proofTones = {
  holds: "agrees",
  fails: "broken",
  unproved: "attention",
} as const satisfies Record<string, Tone>;

/** The same in words. */
export const proofWords = { holds: "Holds", fails: "Fails", unproved: "Not proved" } as const;

/** Sales and credits, as people say. */
export const kindWords = (kind: string): string => (kind === "credit" ? "credits" : "sales");
