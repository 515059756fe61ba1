import { defineCause } from "./contract";
import { erpName } from "./words";
import {
  compareText,
  covers,
  erpDocuments,
  excess,
  likeness,
  linesOf,
  type PostedDocument,
  units,
  type Work,
  workOf,
} from "./work";

/** An ERP invoice beyond SCAYLE's sales that the ERP itself took back: it nets to nothing, at most between periods. */
export const reversedInErp = defineCause({
  code: "reversed-in-erp",
  title: "Reversed in the ERP",
  meaning: "An ERP invoice that SCAYLE has no sale for was credited in full by a memo that names it.",
  defaultOwner: "finance",
  severity: "low",
  bucket: "explained",
  acceptance: "never",
  raises: false,
  resolution: "Nothing to do: the two documents net to zero.",
  manual:
    "A wrong or doubled invoice and the credit memo that reverses it. Together they are nothing; where they stand in different months, each month carries its part.",
  structure: (work) =>
    reversals(work).map(([invoice, memo]) => ({
      effect: { kind: "aside", lineIds: [...invoice.lines, ...memo.lines].map((line) => line.id) },
      subject: {
        documentKind: "sale",
        sourceLine: invoice.document.sourceId,
        documentNumber: invoice.document.number,
      },
      explanation: `${erpName(memo.document)} reverses ${erpName(invoice.document)} in full.`,
      steps: [],
      signature: "reversed",
    })),
});

function reversals(work: Work): readonly (readonly [PostedDocument, PostedDocument])[] {
  const found: [PostedDocument, PostedDocument][] = [];
  const gone = new Set<string>();
  if (linesOf(work, "erp", "credit").length === 0) return found;
  for (const memo of erpDocuments(work, "credit")) {
    if (memo.document.originalNumber === null) continue;
    const rest = workOf(
      work.group,
      work.lines.filter((line) => !gone.has(line.documentId)),
    );
    const invoice = erpDocuments(rest, "sale").find((one) => reverses(rest, memo, one));
    if (!invoice) continue;
    found.push([invoice, memo]);
    gone.add(invoice.document.id).add(memo.document.id);
  }
  return found.sort(([a], [b]) => compareText(a.document.number, b.document.number));
}

function reverses(work: Work, memo: PostedDocument, invoice: PostedDocument): boolean {
  if (memo.document.originalNumber === null || memo.document.originalNumber !== invoice.document.number)
    return false;
  if (memo.document.connectionId !== invoice.document.connectionId) return false;
  if (likeness(memo.lines) !== likeness(invoice.lines)) return false;
  if (work.group.order === null) return true;
  return (
    covers(excess(work, "sale"), units(invoice.lines)) && covers(excess(work, "credit"), units(memo.lines))
  );
}
