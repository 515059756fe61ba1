import { defineCause } from "./contract";
import { missingClaims } from "./missing-claims";

export const creditMissingInErp = defineCause({
  code: "credit-missing-in-erp",
  title: "Credit missing in the ERP",
  meaning: "Refunded or returned in SCAYLE, and the ERP has no credit memo after its normal lag.",
  defaultOwner: "finance",
  severity: "high",
  bucket: "open",
  raises: true,
  plain: {
    words: "The refund is not in the ERP's books yet; for the customer nothing is missing",
  },
  resolution: "Post the credit memo in the ERP.",
  manual:
    "SCAYLE shows the items as returned; the ERP still has the full sale. Revenue and VAT of the month are too high in the ERP. Figures of SCAYLE's credit are derived from its items: its credit notes state none.",
  structure: (work) => missingClaims(work, "credit"),
});
