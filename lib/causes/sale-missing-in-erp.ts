import { defineCause } from "./contract";
import { missingClaims } from "./missing-claims";

export const saleMissingInErp = defineCause({
  code: "sale-missing-in-erp",
  title: "Sale missing in the ERP",
  meaning: "Sold in SCAYLE, and the ERP has no document for it after its normal lag.",
  defaultOwner: "operations",
  severity: "high",
  bucket: "open",
  raises: true,
  plain: { words: "The ERP has no invoice yet; for the customer nothing is missing" },
  resolution: "Post the sale in the ERP, then resync the order.",
  manual:
    "The goods left and SCAYLE invoiced them, but the ERP never posted the sale. Revenue and VAT of the month are too low in the ERP. Find out why the order did not arrive, post it, and resync.",
  structure: (work) => missingClaims(work, "sale"),
});
