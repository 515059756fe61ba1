import { defineCause } from "./contract";
import { signatureOf } from "./signature";
import { unansweredCredits } from "./surplus";
import { figures, itemsInWords } from "./words";
import { isYoung, momentOf, sum } from "./work";

export const creditNoteFailed = defineCause({
  code: "credit-note-failed",
  title: "Credit note failed",
  meaning: "The ERP credited items that SCAYLE still shows as sold, and SCAYLE has no credit note.",
  defaultOwner: "finance",
  severity: "high",
  bucket: "open",
  raises: true,
  plain: {
    words: "The credit note is still missing in SCAYLE, so the refund may not have been started",
    customer: "We are making sure that your refund is on its way",
    next: "Send the refund to SCAYLE again, so that the customer gets it.",
  },
  resolution: "Send the refund to SCAYLE again, with its amount and its items.",
  manual:
    "SCAYLE makes a credit note only when a refund reaches it with its amount and its items. Where it doesn't, the ERP has the credit and SCAYLE the sale. Not claimed on channels for which SCAYLE makes no invoices.",
  structure: (work) =>
    unansweredCredits(work)
      .filter(({ document }) => !isYoung(work.group, momentOf(document)))
      .map(({ document, lines }) => {
        const total = figures(sum(lines), document.currency);
        const notes = (work.group.invoices ?? []).map((invoice) => invoice.type).join(", ");
        return {
          effect: { kind: "aside", lineIds: lines.map((line) => line.id) },
          subject: { documentKind: "credit", sourceLine: document.sourceId, documentNumber: document.number },
          explanation: `The ERP credited ${itemsInWords(lines)} with ${document.number}, ${total}; SCAYLE still shows them as sold and has no credit note.`,
          steps: [
            `ERP: ${document.number}, ${total}.`,
            work.group.invoices === null
              ? "SCAYLE: no item is returned; its invoice list was not read."
              : `SCAYLE: no item is returned; its invoice list has ${notes || "nothing"}, and no corrective invoice.`,
          ],
          signature: signatureOf({ shop: work.group.shopId, channel: work.group.order?.channel ?? null }),
        };
      }),
});
