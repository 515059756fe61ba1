import { type Claim, defineCause } from "./contract";
import { missingInErp } from "./missing";
import { surplusDocuments, unansweredCredits, waitingUnits } from "./surplus";
import { itemsInWords, kindName } from "./words";
import { isYoung, momentOf, type Work } from "./work";

/** What is younger than the ERP's normal posting lag as of the reconciliation, and so expected to arrive. */
export const timing = defineCause({
  code: "timing",
  title: "On its way",
  meaning: "One side has it, the other is expected to follow within its normal posting lag.",
  defaultOwner: "operations",
  severity: "low",
  bucket: "timing",
  acceptance: "never",
  raises: false,
  resolution: "Nothing to do: it arrives, or becomes an exception.",
  manual:
    "A sale or credit that is younger than the entity's posting lag, as of the reconciliation. It clears itself when the other side follows; when it doesn't, the next reconciliation names the cause.",
  structure: (work) => [...fromScayle(work), ...fromErp(work)],
});

function fromScayle(work: Work): readonly Claim[] {
  return (["sale", "credit"] as const).flatMap((kind) => {
    const { young } = missingInErp(work, kind);
    if (young.length === 0) return [];
    return [
      {
        effect: { kind: "aside", lineIds: young.map((line) => line.id) },
        subject: { documentKind: kind, sourceLine: "", documentNumber: null },
        explanation: `The ${kindName(kind)} of ${itemsInWords(young)} is younger than the ERP's posting lag of ${work.group.settings.postingLagHours} hours.`,
        steps: [],
        signature: "timing",
      } satisfies Claim,
    ];
  });
}

function fromErp(work: Work): readonly Claim[] {
  const early = work.group.order ? surplusDocuments(work, "sale", waitingUnits(work)) : [];
  return [...early, ...unansweredCredits(work)]
    .filter(({ document }) => isYoung(work.group, momentOf(document)))
    .map(({ document, lines }) => ({
      effect: { kind: "aside", lineIds: lines.map((line) => line.id) },
      subject: {
        documentKind: document.kind,
        sourceLine: document.sourceId,
        documentNumber: document.number,
      },
      explanation: `The ERP posted ${document.number} less than ${work.group.settings.postingLagHours} hours before; SCAYLE is expected to follow.`,
      steps: [],
      signature: "timing",
    }));
}
