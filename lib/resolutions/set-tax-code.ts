import { defineResolution } from "./contract";
import { planned } from "./drafts";
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
        const codes = [...new Set(lines.map((line) => line.taxCode ?? "none"))].sort();
        return `tax code ${codes.join(" and ")}`;
      }),
    ),
});
