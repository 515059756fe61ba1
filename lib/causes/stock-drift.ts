import { defineCause } from "./contract";

/** Raised by lib/stock from what both sides have of an item, not from groups. */
export const stockDrift = defineCause({
  code: "stock-drift",
  title: "Stock differs",
  meaning:
    "SCAYLE sells more or fewer of an item than the ERP has, less what is promised, and nothing in flight explains it.",
  defaultOwner: "operations",
  severity: "high",
  bucket: "open",
  acceptance: "never",
  raises: true,
  resolution: "Push the ERP’s stock to SCAYLE, stamped with the time of its snapshot.",
  manual:
    "The ERP owns stock. What SCAYLE may sell is what the ERP has on hand at its snapshot, less the pieces of orders that are confirmed and have not left. What one side can’t know yet of the other is counted piece by piece: orders since the snapshot, what moved since SCAYLE was told, cancelled pieces that a quantity blocker may still hold. Only what is beyond that is a drift; there is no tolerance. An update that never reached SCAYLE, an older one that it ignored, or one that was stamped later than its snapshot leave one behind. It clears itself when both sides agree.",
});
