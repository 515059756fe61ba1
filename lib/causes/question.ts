import { defineCause } from "./contract";

/** Raised by people (lib/orders/questions), not from groups. */
export const question = defineCause({
  code: "question",
  title: "Question about an order",
  meaning: "Somebody who has the customer on the line asks finance or operations about an order.",
  defaultOwner: "finance",
  severity: "medium",
  bucket: "open",
  raises: true,
  acceptance: "never",
  resolution: "Answer it: whoever asked sees the answer on the order, and the exception closes.",
  manual:
    "Customer service asks from the order's page, with a note, and follows it there: who has it, until when, and the answer. It is about no amount and counts in no total.",
});
