import { defineCause } from "./contract";

/** Raised by lib/sync from feeds and counts, not from groups. */
export const feedBehind = defineCause({
  code: "feed-behind",
  title: "Feed behind",
  meaning:
    "A feed is further behind its source than it promises, or its source has records that we don't hold.",
  defaultOwner: "operations",
  severity: "high",
  bucket: "open",
  acceptance: "never",
  raises: true,
  resolution: "Look why its last run failed, let it go on, or have the missing days read again.",
  manual:
    "The lag counts from the source's own time up to which an answer was confirmed, so a quiet night is not behind. A feed that looks current and isn't is found by counting: what the source names and we don't hold. It clears itself when the feed has caught up.",
});
