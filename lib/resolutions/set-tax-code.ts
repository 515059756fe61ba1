import { defineResolution } from "./contract";
import { CannotPlan, planned } from "./drafts";
import { planAgain } from "./re-post";

export const setTaxCode = defineResolution({
  code: "set-tax-code",
  title: "Set the tax code",
  meaning:
    "Takes the document back and posts it again with the tax codes that the confirmed mapping has: both documents are shown first. Done when both are read back and the lines agree.",
  target: "erp",
  suits: ["tax-code-missing", "tax-code-wrong"],
  plan: (context) =>
    planned(() =>
      planAgain(context, (lines) => {
        const codes = [...new Set(lines.map((line) => line.taxCode ?? ""))].sort();
        // Codes of several rates may be right where SCAYLE states none: then nobody can tell from here.
        if (codes.some((code) => code === "" || context.group.settings.noneTaxCodes.has(code)))
          throw new CannotPlan(
            "SCAYLE states no rate of a line, and the mapping has codes of several rates for it: post it again by hand with the right one.",
          );
        return `with tax code ${codes.join(" and ")}`;
      }),
    ),
});
