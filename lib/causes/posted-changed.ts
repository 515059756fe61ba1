import { defineCause } from "./contract";

/** Raised by lib/matching from the versions of ERP documents, not from groups. */
export const postedChanged = defineCause({
  code: "posted-changed",
  title: "Changed after posting",
  meaning: "An ERP document was posted, and says something else now, or is no longer there.",
  defaultOwner: "finance",
  severity: "high",
  bucket: "open",
  raises: true,
  resolution:
    "Ask who changed it, and why; correct it by a document of its own, or set it back. Finance can accept it, with a reason.",
  manual:
    "A ledger corrects a posted document by another one, it doesn't change it. Every version that we read is kept: the evidence shows what it said first and what it says now. It clears itself when the document is again what it was. Where finance accepts it, it stays accepted until the document changes again.",
});
