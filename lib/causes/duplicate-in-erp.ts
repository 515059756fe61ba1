import type { Claim } from "./contract";
import { defineCause } from "./contract";
import { signatureOf } from "./signature";
import { erpName, figures, itemsInWords } from "./words";
import {
  covers,
  erpDocuments,
  excess,
  likeness,
  linesOf,
  type PostedDocument,
  sum,
  units,
  type Work,
  workOf,
} from "./work";

export const duplicateInErp = defineCause({
  code: "duplicate-in-erp",
  title: "Posted twice in the ERP",
  meaning: "The same sale or credit of an order was posted twice in the ERP.",
  defaultOwner: "finance",
  severity: "high",
  bucket: "open",
  raises: true,
  plain: {
    words: "The ERP has invoiced it twice; the second invoice is to be reversed",
    customer: "Should you have got two invoices for it, only one counts: we are making sure of that",
  },
  resolution: "Reverse the duplicate in the ERP.",
  manual:
    "Two ERP documents of one order have the same lines, and SCAYLE's units support only one of them. The later one is named as the duplicate. Reverse it through the ERP's own posting.",
  structure: (work) =>
    work.group.order === null ? [] : (["sale", "credit"] as const).flatMap((kind) => duplicates(work, kind)),
});

function duplicates(work: Work, kind: "sale" | "credit"): readonly Claim[] {
  const posted = erpDocuments(work, kind);
  if (posted.length < 2) return [];
  const claims: Claim[] = [];
  const gone = new Set<string>();
  for (const later of [...posted].reverse()) {
    const rest =
      gone.size === 0
        ? work
        : workOf(
            work.group,
            work.lines.filter((line) => !gone.has(line.documentId)),
          );
    const earlier = erpDocuments(rest, kind).find(
      (one) => one.document.id !== later.document.id && likeness(one.lines) === likeness(later.lines),
    );
    if (!earlier || !isBeyond(rest, later, kind)) continue;
    gone.add(later.document.id);
    claims.push(claimOf(work, later, earlier));
  }
  return claims;
}

/** SCAYLE's units (or, where lines name no items, its total) support only the other one. */
function isBeyond(work: Work, document: PostedDocument, kind: "sale" | "credit"): boolean {
  const wanted = units(document.lines);
  if (wanted.size > 0) return covers(excess(work, kind), wanted);
  const scayle = sum(linesOf(work, "scayle", kind)).gross;
  return scayle !== 0n && sum(linesOf(work, "erp", kind)).gross - scayle === sum(document.lines).gross;
}

function claimOf(work: Work, later: PostedDocument, earlier: PostedDocument): Claim {
  const { document, lines } = later;
  const total = figures(sum(lines), document.currency);
  const scayle = itemsInWords(linesOf(work, "scayle", document.kind)) || "nothing";
  return {
    effect: { kind: "aside", lineIds: lines.map((line) => line.id) },
    subject: { documentKind: document.kind, sourceLine: document.sourceId, documentNumber: document.number },
    explanation: `The ERP posted the same ${document.kind} twice: ${erpName(document)} repeats ${earlier.document.number} over ${total}.`,
    steps: [
      `${earlier.document.number} and ${document.number} have the same items, quantities and amounts: ${itemsInWords(lines)}.`,
      `SCAYLE has ${scayle}, which is ${earlier.document.number} alone.`,
    ],
    signature: signatureOf({ shop: work.group.shopId, channel: work.group.order?.channel ?? null }),
  };
}
