import { defineResolution } from "./contract";

export const markDuplicate = defineResolution({
  code: "mark-duplicate",
  title: "Find the other document",
  meaning:
    "Puts a document that points at no order to the order that it repeats: the order’s own exception then names it as posted twice, and it can be reversed.",
  target: "tieout",
  suits: ["sale-missing-in-scayle"],
  at: () => "#pairing",
});
