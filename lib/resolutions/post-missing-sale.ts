import { defineResolution } from "./contract";
import { planned } from "./drafts";
import { planMissing } from "./post-missing";

export const postMissingSale = defineResolution({
  code: "post-missing-sale",
  title: "Post the sale",
  meaning:
    "Posts an invoice in the ERP for what SCAYLE sold, through the ERP’s own posting: a draft first, which is posted if it comes to what is shown here. Done when the invoice is read back and its lines agree.",
  target: "erp",
  suits: ["sale-missing-in-erp"],
  plan: (context) => planned(() => planMissing(context, "sale")),
});
