import { defineCause } from "./contract";

/** Raised by lib/matching/status from how far orders are in both systems, not from groups. */
export const statusDrift = defineCause({
  code: "status-drift",
  title: "Status stuck",
  meaning:
    "One system has gone on with an order and the other has not, for longer than that normally takes; or what SCAYLE says of an order contradicts itself.",
  defaultOwner: "operations",
  severity: "medium",
  bucket: "open",
  raises: true,
  plain: {
    words: "The two systems do not agree how far the order is",
    customer: "We are checking how far your order is",
  },
  resolution: "Push the step that is missing, or have it pushed by whoever has to.",
  manual:
    "Each step of an order (passed on, shipped, invoiced, cancelled, returned) is expected in the other system within what it normally takes in that shop, measured over the last 90 days. What takes longer is late and normal at first; beyond the limit it is stuck, and the exception says which step is missing and who has to push it. Shipments, cancellations, returns and the ERP’s number are told to SCAYLE from here where the connection may; everything else is an instruction. It clears itself as soon as the step is read. Where the books already say it (a sale, a credit memo or a credit note is missing, or a cancelled order was invoiced), it is not raised beside that. It counts in no total.",
});
