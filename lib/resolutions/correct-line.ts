import { defineResolution } from "./contract";
import { planned } from "./drafts";
import { planAgain } from "./re-post";

export const correctLine = defineResolution({
  code: "correct-line",
  title: "Correct the ERP’s document",
  meaning:
    "Takes the document back and posts it again with the lines as SCAYLE has them: both documents are shown first. Done when both are read back and the lines agree.",
  target: "erp",
  suits: [
    "price-wrong",
    "quantity-wrong",
    "item-wrong",
    "refund-amount-wrong",
    "shipping-tax-basis",
    "voucher-allocation",
    "currency-wrong",
  ],
  plan: (context) =>
    planned(() =>
      planAgain(context, (lines) =>
        context.finding.cause.code === "currency-wrong"
          ? `in ${lines[0]?.currency ?? "the order’s currency"}`
          : `with ${lines.length === 1 ? "1 line" : `${lines.length} lines`} corrected`,
      ),
    ),
});
