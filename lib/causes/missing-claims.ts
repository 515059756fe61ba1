import type { DocumentKind } from "@/lib/domain/document";
import type { Claim } from "./contract";
import { missingInErp } from "./missing";
import { signatureOf } from "./signature";
import { figures, itemsInWords } from "./words";
import { sum, type Work } from "./work";

/** Claims what SCAYLE has of a kind and the ERP, after its normal lag, has not. */
export function missingClaims(work: Work, kind: DocumentKind): readonly Claim[] {
  if (work.group.order === null) return [];
  const { late, whole } = missingInErp(work, kind);
  if (late.length === 0) return [];
  const total = figures(sum(late), late[0]?.currency ?? "");
  const what = kind === "sale" ? "sold" : "credited";
  const document = kind === "sale" ? "invoice" : "credit memo";
  const absence = whole ? `the ERP has no ${document}` : `the ERP's ${document} has none of it`;
  return [
    {
      effect: { kind: "aside", lineIds: late.map((line) => line.id) },
      subject: { documentKind: kind, sourceLine: "", documentNumber: null },
      explanation: `SCAYLE ${what} ${itemsInWords(late.filter((line) => line.kind !== "header"))} for ${total}; ${absence} after its normal ${work.group.settings.postingLagHours} hours.`,
      steps: [`SCAYLE: ${total}. ERP: nothing.`],
      signature: signatureOf({ kind, shop: work.group.shopId, channel: work.group.order.channel }),
    },
  ];
}
