import { type Claim, defineCause } from "./contract";
import { quantityText } from "./numbers";
import { quantityFix } from "./quantities";
import { signatureOf } from "./signature";
import { erpName, figures } from "./words";
import { documentOf, minusSums, type Work, type WorkPair } from "./work";

export const quantityWrong = defineCause({
  code: "quantity-wrong",
  title: "Quantity wrong",
  meaning: "ERP quantity × its own unit price gives its line, and the quantity differs from SCAYLE's units.",
  defaultOwner: "operations",
  severity: "medium",
  certainty: "general",
  bucket: "open",
  raises: true,
  plain: {
    words: "The ERP's invoice has another quantity than the order",
    customer: "We are checking the invoice",
    next: "Correct the quantity of the invoice.",
  },
  resolution: "Correct the quantity of the ERP line.",
  manual:
    "The ERP's line is right in itself, but counts more or fewer units than SCAYLE sold or took back. Check what left the warehouse; then credit and re-invoice the line in the ERP.",
  pairs: (work) => work.pairs.flatMap((pair) => claimFor(work, pair)),
});

function claimFor(work: Work, pair: WorkPair): readonly Claim[] {
  const fix = quantityFix(work, pair);
  const document = fix ? documentOf(work, fix.line) : null;
  if (!fix || !document) return [];
  const amounts = minusSums([fix.corrected], [fix.line]);
  return [
    {
      effect: { kind: "correct", lines: [fix.corrected] },
      subject: {
        documentKind: pair.documentKind,
        sourceLine: `${document.sourceId} ${pair.itemKey}`,
        documentNumber: document.number,
      },
      explanation: `SCAYLE has ${quantityText(pair.quantity.scayle)} of ${pair.itemKey}, the ERP ${quantityText(pair.quantity.erp)} in ${erpName(document)}: ${figures(amounts, pair.currency)}.`,
      steps: [
        `ERP: ${fix.line.quantity} × ${fix.line.unitPrice} is its line.`,
        `With SCAYLE's units: ${fix.quantity} × ${fix.line.unitPrice}.`,
      ],
      signature: signatureOf({ item: pair.itemKey }),
    },
  ];
}
