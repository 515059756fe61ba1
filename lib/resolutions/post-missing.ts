import { isCanceled, isCorrective } from "@/lib/causes/reversed-in-erp";
import { dayName } from "@/lib/domain/day";
import type { DocumentKind } from "@/lib/domain/document";
import type { Group, GroupDocument, GroupLine } from "@/lib/domain/group";
import { formatAmount } from "@/lib/domain/money";
import type { Plan, ResolutionContext } from "./contract";
import { CannotPlan, draftOf, erpOf, roughOfScayle, sumOf } from "./drafts";

const NAMES = { sale: "invoice", credit: "credit memo" } as const;

/** A document for what SCAYLE has and the ERP has not. Throws CannotPlan. */
export function planMissing(context: ResolutionContext, kind: DocumentKind): Plan {
  const { group, finding } = context;
  const { effect } = finding.claim;
  if (effect.kind !== "aside") throw new CannotPlan("It is not said which lines are missing.");
  const ids = new Set(effect.lineIds);
  const lines = group.lines.filter((line) => ids.has(line.id) && line.side === "scayle");
  const [first] = [...lines].sort((a, b) => (a.day < b.day ? -1 : 1));
  if (!first) throw new CannotPlan("It is not said which lines are missing.");
  const connectionId = erpOf(context);
  const { document, figures } = draftOf(context, {
    kind,
    connectionId,
    day: first.day,
    lines: roughOfScayle(context, lines),
    corrects: kind === "credit" ? soldWith(context, lines) : null,
  });
  const total = sumOf(document.lines);
  return {
    sentence: `Posts ${kind === "sale" ? "an invoice" : "a credit memo"} over ${formatAmount(total.gross, document.currency)} ${document.currency} for order ${document.reference} on ${dayName(document.postingDay)}, as SCAYLE has it.`,
    effect: `The ERP has a posted ${NAMES[kind]} of the order, and its lines agree with SCAYLE’s.`,
    undo: `It can be taken back: the ERP reverses the ${NAMES[kind]}.`,
    writes: [{ target: "erp", connectionId, figures, write: { kind: "post-document", document } }],
  };
}

/**
 * The invoice that a credit is about: of those that count, the last one that has its items; null where the ERP has none.
 * What was taken back, and what itself takes a memo back, was never sold by it.
 */
function soldWith({ group }: ResolutionContext, credited: readonly GroupLine[]) {
  const keys = new Set(credited.map((line) => line.itemKey));
  const holds = ({ id }: GroupDocument) =>
    group.lines.some((line) => line.documentId === id && keys.has(line.itemKey));
  const standing = group.documents
    .filter((one) => one.side === "erp" && one.kind === "sale" && one.originalNumber === null)
    .filter((one) => !isCanceled(one) && !isCorrective(one) && !isTakenBack(group, one))
    .sort((a, b) => ((a.postingDay ?? "") > (b.postingDay ?? "") ? -1 : 1));
  const found = standing.find(holds) ?? standing[0];
  return found ? { sourceId: found.sourceId, number: found.number } : null;
}

/** Whether a memo that names an invoice takes all of it back. */
const isTakenBack = (group: Group, invoice: GroupDocument): boolean => {
  const sumOfLines = (id: string) =>
    group.lines.filter((line) => line.documentId === id).reduce((sum, line) => sum + line.gross, 0n);
  return group.documents.some(
    (one) =>
      one.side === "erp" &&
      one.kind === "credit" &&
      !isCanceled(one) &&
      one.originalNumber === invoice.number &&
      sumOfLines(one.id) === -sumOfLines(invoice.id),
  );
};
