import { defineCause } from "./contract";
import { erpName, figures } from "./words";
import { erpDocuments, sum } from "./work";

/** ERP documents of an order that SCAYLE has and that could not be read: the failed record is what to act on. */
export const orderUnreadable = defineCause({
  code: "order-unreadable",
  title: "Order unreadable",
  meaning: "The ERP posted a document of an order whose SCAYLE record could not be read.",
  defaultOwner: "operations",
  severity: "medium",
  bucket: "open",
  acceptance: "never",
  raises: false,
  plain: {
    words: "What SCAYLE sent of the order could not be read",
    next: "Correct what could not be read, then read the order again.",
  },
  resolution: "Mend the failed record; the documents are compared once it can be read.",
  manual:
    "SCAYLE has the order, but its payload could not be read, so its ERP documents have no counterpart yet. Nothing is wrong with them as far as anybody can tell: act on the failed record.",
  structure: (work) => {
    if (work.group.order !== null || !work.group.unreadable) return [];
    return (["sale", "credit"] as const).flatMap((kind) =>
      erpDocuments(work, kind).map(({ document, lines }) => ({
        effect: { kind: "aside" as const, lineIds: lines.map((line) => line.id) },
        subject: { documentKind: kind, sourceLine: document.sourceId, documentNumber: document.number },
        explanation: `The order of ${erpName(document)} over ${figures(sum(lines), document.currency)} could not be read.`,
        steps: [],
        signature: "order-unreadable",
      })),
    );
  },
});
