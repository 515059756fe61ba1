import { codeOf } from "@/lib/causes/as-fixed";
import { defineResolution } from "./contract";
import { planned } from "./drafts";
import { planMissing } from "./post-missing";
import { assertTaxedSo, planAgain } from "./re-post";

export const correctCharge = defineResolution({
  code: "correct-charge",
  title: "Put the charge right",
  meaning:
    "Posts the shipping or fee that the ERP lacks by a document of its own; one that SCAYLE doesn’t have goes: its document is taken back and posted again without it. Done when the documents are read back and the lines agree.",
  target: "erp",
  suits: ["shipping-missing"],
  plan: (context) =>
    planned(() => {
      const { claim } = context.finding;
      const ids = new Set(claim.effect.kind === "aside" ? claim.effect.lineIds : []);
      const isInScayle = context.group.lines.some((line) => line.side === "scayle" && ids.has(line.id));
      // At the goods' average rate no code taxes it: the ERP would make another tax of it.
      for (const line of context.group.lines)
        if (line.side === "scayle" && ids.has(line.id))
          assertTaxedSo(context, { ...line, taxCode: codeOf(context.group, line) });
      return isInScayle
        ? planMissing(context, claim.subject.documentKind)
        : planAgain(context, () => "without the charge that SCAYLE doesn’t have", true);
    }),
});
