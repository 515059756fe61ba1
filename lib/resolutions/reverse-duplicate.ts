import { fixesOf } from "@/lib/causes/as-fixed";
import type { GroupDocument, GroupLine } from "@/lib/domain/group";
import { absolute, formatAmount } from "@/lib/domain/money";
import { defineResolution, type PlannedWrite, type ResolutionContext } from "./contract";
import { CannotPlan, draftOf, planned, roughOfErp } from "./drafts";
import { documentName, documentOfLines, linesOfDocument, opposite, undoing } from "./reversal";

export const reverseDuplicate = defineResolution({
  code: "reverse-duplicate",
  title: "Reverse the document",
  meaning:
    "Has the ERP reverse what it posted beyond SCAYLE: the whole document by the ERP’s own reversal, or only the lines that are too much by a document of the other kind. Done when the reversal is read back and the lines agree.",
  target: "erp",
  suits: ["duplicate-in-erp", "cancelled-but-invoiced", "sale-missing-in-scayle"],
  plan: (context) =>
    planned(() => {
      const { group, finding } = context;
      const surplus = surplusOf(context);
      const document = documentOfLines(context, new Set(surplus.map((line) => line.id)));
      const gross = absolute(surplus.reduce((sum, line) => sum + line.gross, 0n));
      const amount = `${formatAmount(gross, document.currency)} ${document.currency}`;
      const isWhole = isWholly(context, document, surplus, finding.claim.effect.kind);
      const write = isWhole ? undoing(context, document) : partly(context, document, surplus);
      return {
        sentence: isWhole
          ? `Reverses ${documentName(document)} over ${amount} of ${document.reference ?? group.order?.reference ?? "no order"} as a whole.`
          : `Credits ${amount} of ${documentName(document)}: the lines that SCAYLE doesn’t have.`,
        effect: `What the ERP has beyond SCAYLE is taken back by a posted ${opposite(document.kind) === "sale" ? "invoice" : "credit memo"}.`,
        undo: "It can be taken back only by posting the document again.",
        writes: [write],
      };
    }),
});

/** The lines, or parts of lines, that are too much. */
function surplusOf({ group, finding }: ResolutionContext): readonly GroupLine[] {
  const { cause, claim } = finding;
  return fixesOf(group, cause.code, claim).flatMap(({ id, line }) => {
    const posted = group.lines.find((one) => one.id === id);
    if (!posted) return [];
    if (line === null) return [posted];
    if (posted.net === null || posted.tax === null || line.net === null || line.tax === null) return [];
    return [
      {
        ...posted,
        quantity: posted.quantity.minus(line.quantity),
        net: posted.net - line.net,
        tax: posted.tax - line.tax,
        gross: posted.gross - line.gross,
      },
    ];
  });
}

const isWholly = (
  context: ResolutionContext,
  document: GroupDocument,
  surplus: readonly GroupLine[],
  effect: string,
): boolean => effect === "aside" && surplus.length === linesOfDocument(context, document).length;

function partly(
  context: ResolutionContext,
  document: GroupDocument,
  surplus: readonly GroupLine[],
): PlannedWrite {
  if (document.kind === "credit")
    throw new CannotPlan(
      "A part of a credit memo can’t be taken back from here: reverse it in the ERP and post the rest.",
    );
  const { sourceId, number, connectionId } = document;
  const drafted = draftOf(context, {
    kind: opposite(document.kind),
    connectionId,
    day: document.postingDay ?? context.today,
    lines: roughOfErp(context, document, surplus),
    corrects: { sourceId, number },
    like: document,
  });
  return {
    target: "erp",
    connectionId,
    figures: drafted.figures,
    write: { kind: "post-document", document: drafted.document },
  };
}
