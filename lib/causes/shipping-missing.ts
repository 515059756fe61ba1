import type { DocumentKind } from "@/lib/domain/document";
import type { GroupLine } from "@/lib/domain/group";
import { loneCharges } from "./charges";
import { type Claim, defineCause } from "./contract";
import { signatureOf } from "./signature";
import { erpName, figures, kindName } from "./words";
import { documentOf, isYoung, linesOf, sum, type Work } from "./work";

export const shippingMissing = defineCause({
  code: "shipping-missing",
  title: "Shipping or fee missing",
  meaning: "A shipping or fee line stands on one side and has no counterpart on the other.",
  defaultOwner: "finance",
  severity: "medium",
  bucket: "open",
  acceptance: "rule",
  raises: true,
  resolution: "Post the charge in the ERP, or credit the one that SCAYLE doesn't have.",
  manual:
    "The goods are on both sides, a charge is on one: shipping that the ERP never invoiced, a payment fee that it charges and SCAYLE doesn't know, shipping that one side refunded and the other kept. For a refund, look at what the entity's rule says about shipping of a withdrawn order. Many of these at once are usually an account that the mapping lacks.",
  structure: (work) => [...claimsFor(work, "sale"), ...claimsFor(work, "credit")],
});

function claimsFor(work: Work, kind: DocumentKind): readonly Claim[] {
  // Without goods on both sides it is the document that is missing, not its shipping.
  if (linesOf(work, "scayle", kind).length === 0 || linesOf(work, "erp", kind).length === 0) return [];
  if (linesOf(work, "erp", kind).some((line) => line.granularity === "document")) return [];
  const { scayle, erp } = loneCharges(work, kind);
  return [
    ...scayle.map((line) => missingInErp(work, line)),
    ...erp.flatMap((line) => missingInScayle(work, line)),
  ];
}

function missingInErp(work: Work, line: GroupLine): Claim {
  const total = figures(sum([line]), line.currency);
  const name = line.description ?? line.kind;
  // A parcel that is still on its way to the ERP may bring the charge along.
  const isOnItsWay = work.group.lines.some(
    (one) =>
      one.side === "scayle" &&
      one.documentKind === line.documentKind &&
      isYoung(work.group, one.at) &&
      !work.lines.includes(one),
  );
  return {
    effect: { kind: "aside", lineIds: [line.id] },
    subject: { documentKind: line.documentKind, sourceLine: line.sourceLineId, documentNumber: null },
    explanation: `SCAYLE's ${kindName(line.documentKind)} has ${name}, ${total}; the ERP's documents have no counterpart.`,
    steps: [`SCAYLE: ${name}, ${total}. ERP: nothing.`],
    signature: signatureOf({ charge: line.kind, "missing in": "the ERP", shop: work.group.shopId }),
    ...(isOnItsWay ? { bucket: "timing" as const } : {}),
  };
}

function missingInScayle(work: Work, line: GroupLine): readonly Claim[] {
  const document = documentOf(work, line);
  if (!document || work.group.order === null) return [];
  const total = figures(sum([line]), line.currency);
  const name = line.description ?? line.kind;
  return [
    {
      effect: { kind: "aside", lineIds: [line.id] },
      subject: {
        documentKind: line.documentKind,
        sourceLine: `${document.sourceId} ${line.sourceLineId}`,
        documentNumber: document.number,
      },
      explanation: `${erpName(document)} has ${name}, ${total}; SCAYLE's order has no counterpart.`,
      steps: [`SCAYLE: nothing. ERP: ${name}, ${total}.`],
      signature: signatureOf({ charge: line.kind, "missing in": "SCAYLE", shop: work.group.shopId }),
    },
  ];
}
