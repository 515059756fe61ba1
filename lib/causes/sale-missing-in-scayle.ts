import { defineCause } from "./contract";
import { seriesOf, signatureOf } from "./signature";
import { erpName, figures } from "./words";
import { erpDocuments, sum } from "./work";

export const saleMissingInScayle = defineCause({
  code: "sale-missing-in-scayle",
  title: "Sale missing in SCAYLE",
  meaning: "An ERP document points at no SCAYLE order.",
  defaultOwner: "operations",
  severity: "high",
  bucket: "open",
  raises: true,
  resolution: "Link the document to its order, or reverse it in the ERP.",
  manual:
    "The ERP posted a sales document whose order reference is empty or belongs to no order that SCAYLE has. Look for a mistyped reference first; if there is no such order, the document has to be reversed.",
  structure: (work) => {
    if (work.group.order !== null || (work.group.members ?? []).length > 0) return [];
    return (["sale", "credit"] as const).flatMap((kind) =>
      erpDocuments(work, kind).map(({ document, lines }) => {
        const currency = lines[0]?.currency ?? document.currency;
        const points =
          document.placedBy === "by-hand"
            ? "was taken out of its order by hand"
            : document.reference
              ? `names the order "${document.reference}", which SCAYLE doesn't have`
              : "carries no order reference";
        return {
          effect: { kind: "aside" as const, lineIds: lines.map((line) => line.id) },
          subject: { documentKind: kind, sourceLine: document.sourceId, documentNumber: document.number },
          explanation: `The ERP's ${erpName(document)} over ${figures(sum(lines), currency)} ${points}.`,
          steps: [`SCAYLE: nothing. ERP: ${figures(sum(lines), currency)}.`],
          signature: signatureOf({
            reference: document.reference ? "unknown" : "none",
            series: seriesOf(document.number),
          }),
        };
      }),
    );
  },
});
