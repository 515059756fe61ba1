import { defineCause } from "./contract";

/** Raised by lib/matching from orders that SCAYLE no longer has, not from groups. */
export const orderGone = defineCause({
  code: "order-gone",
  title: "Deleted at SCAYLE",
  meaning: "SCAYLE no longer has an order that was read before; it counts as it was read last.",
  defaultOwner: "operations",
  severity: "high",
  bucket: "open",
  raises: true,
  resolution:
    "Ask why the order was deleted. What the ERP posted of it is corrected there, by a document of its own.",
  manual:
    "A shop cancels an order, it doesn't delete it. The version that was read last is kept and counts, since its sale may be booked. It clears itself when SCAYLE has the order again.",
});
