import { dayName } from "@/lib/domain/day";
import type { DocumentKind } from "@/lib/domain/document";
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
    corrects: kind === "credit" ? soldWith(context) : null,
  });
  const total = sumOf(document.lines);
  return {
    sentence: `Posts ${kind === "sale" ? "an invoice" : "a credit memo"} over ${formatAmount(total.gross, document.currency)} ${document.currency} for order ${document.reference} on ${dayName(document.postingDay)}, as SCAYLE has it.`,
    effect: `The ERP has a posted ${NAMES[kind]} of the order, and its lines agree with SCAYLE’s.`,
    undo: `It can be taken back: the ERP reverses the ${NAMES[kind]}.`,
    writes: [{ target: "erp", connectionId, figures, write: { kind: "post-document", document } }],
  };
}

/** The invoice that a credit is about: the last one posted; null where the ERP has none. */
function soldWith({ group }: ResolutionContext) {
  const [last] = group.documents
    .filter((one) => one.side === "erp" && one.kind === "sale")
    .sort((a, b) => ((a.postingDay ?? "") > (b.postingDay ?? "") ? -1 : 1));
  return last ? { sourceId: last.sourceId, number: last.number } : null;
}
