import { type Claim, defineCause } from "./contract";
import { quantityText } from "./numbers";
import { hasOtherQuantity, quantityFix } from "./quantities";
import { signatureOf } from "./signature";
import { cancelledUnits, surplusDocuments } from "./surplus";
import { erpName, figures, itemsInWords, priceText } from "./words";
import { count, documentOf, sum, type Work, type WorkPair } from "./work";

export const cancelledButInvoiced = defineCause({
  code: "cancelled-but-invoiced",
  title: "Cancelled but invoiced",
  meaning: "Cancelled in SCAYLE before it was sold, and posted as a sale in the ERP.",
  defaultOwner: "operations",
  severity: "high",
  bucket: "open",
  raises: true,
  plain: {
    words: "It was cancelled, and the ERP invoiced it all the same",
    customer: "We are correcting the invoice of what was cancelled",
  },
  resolution: "Credit the document, or the cancelled units, in the ERP.",
  manual:
    "SCAYLE shows the order or some of its items as cancelled before shipping; the ERP has invoiced them all the same. The customer was not charged by SCAYLE. Credit the invoice in the ERP through its own posting.",
  structure: (work) => {
    const cancelled = cancelledUnits(work);
    if (cancelled.size === 0) return [];
    return surplusDocuments(work, "sale", cancelled).map(({ document, lines }) => ({
      effect: { kind: "aside" as const, lineIds: lines.map((line) => line.id) },
      subject: {
        documentKind: "sale" as const,
        sourceLine: document.sourceId,
        documentNumber: document.number,
      },
      explanation: `SCAYLE cancelled ${itemsInWords(lines.filter((line) => line.kind === "item"))} before shipping; the ERP posted ${figures(sum(lines), document.currency)} with ${erpName(document)}.`,
      steps: [`SCAYLE sold none of these units. ERP: ${figures(sum(lines), document.currency)}.`],
      signature: signatureOf({ shop: work.group.shopId, channel: work.group.order?.channel ?? null }),
    }));
  },
  pairs: (work) => work.pairs.flatMap((pair) => partOfLine(work, pair)),
});

/** One ERP line over n units of which some were cancelled. */
function partOfLine(work: Work, pair: WorkPair): readonly Claim[] {
  if (pair.documentKind !== "sale" || !hasOtherQuantity(pair)) return [];
  const surplus = pair.quantity.erp - pair.quantity.scayle;
  if (surplus <= 0 || count(cancelledUnits(work), pair.itemKey) < surplus) return [];
  const fix = quantityFix(work, pair);
  const document = fix ? documentOf(work, fix.line) : null;
  if (!fix || !document) return [];
  const price = priceText(fix.line.unitPrice, fix.line.currency);
  return [
    {
      effect: { kind: "correct", lines: [fix.corrected] },
      subject: {
        documentKind: "sale",
        sourceLine: `${document.sourceId} ${pair.itemKey}`,
        documentNumber: document.number,
      },
      explanation: `SCAYLE cancelled ${quantityText(surplus)} of ${pair.itemKey} before shipping; ${erpName(document)} has ${fix.line.quantity} instead of ${fix.quantity}.`,
      steps: [`${fix.quantity} × ${price} instead of ${fix.line.quantity} × ${price}.`],
      signature: signatureOf({ shop: work.group.shopId, channel: work.group.order?.channel ?? null }),
    },
  ];
}
