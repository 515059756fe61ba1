import { defineResolution } from "./contract";
import { planned } from "./drafts";
import { planMissing } from "./post-missing";

export const postMissingCredit = defineResolution({
  code: "post-missing-credit",
  title: "Post the credit memo",
  meaning:
    "Posts a credit memo in the ERP for what came back in SCAYLE, through the ERP’s own posting: a draft first, which is posted if it comes to what is shown here. Done when the memo is read back and its lines agree.",
  target: "erp",
  suits: ["credit-missing-in-erp"],
  plan: (context) => planned(() => planMissing(context, "credit")),
});
