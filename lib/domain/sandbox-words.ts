/** Who confirmed what the sandbox comes with, as it is kept. */
export const SANDBOX_CONFIRMED_BY = "the sandbox's own settings";

/** Why what the sandbox comes with is so. */
export const SANDBOX_WHY = {
  connected: "To try Tieout out on a made-up company, whose systems the sandbox plays.",
  mapped: "The sandbox's made-up company posts so.",
} as const;
