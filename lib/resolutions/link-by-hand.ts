import { defineResolution } from "./contract";

export const linkByHand = defineResolution({
  code: "link-by-hand",
  title: "Link by hand",
  meaning:
    "Puts the ERP’s document to its order, or two lines together, where no rule does: the decision is kept with its reason and can be taken back.",
  target: "tieout",
  suits: [
    "sale-missing-in-scayle",
    "sale-missing-in-erp",
    "credit-missing-in-erp",
    "unexplained",
    "item-wrong",
  ],
  // A document is put elsewhere from where it stands alone; lines are paired on their order's page.
  at: ({ cause, entityId, orderKey }) =>
    cause === "sale-missing-in-scayle" || cause === "unexplained"
      ? "#pairing"
      : cause === "item-wrong"
        ? `/orders/${orderKey}`
        : `/exceptions?entity=${encodeURIComponent(entityId)}&cause=sale-missing-in-scayle`,
});
