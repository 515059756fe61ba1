import { defineResolution } from "./contract";

export const resync = defineResolution({
  code: "resync",
  title: "Resync",
  meaning:
    "Reads the order again from both systems and matches it: what was put right elsewhere is seen at once.",
  target: "tieout",
  suits: ["*"],
  // A feed and an item's stock are no order's.
  at: ({ cause }) => (cause === "feed-behind" || cause === "stock-drift" ? null : "#resync"),
});
