import type { DocumentKind } from "@/lib/domain/document";
import type { GroupDocument, GroupLine } from "@/lib/domain/group";
import { absolute, type Minor } from "@/lib/domain/money";
import type { PlannedWrite, ResolutionContext } from "./contract";
import { CannotPlan, draftOf, openDay, roughOfErp } from "./drafts";

/**
 * Whether Business Central refuses to cancel a document, since it is paid. In its own words: "To reverse a paid sales credit
 * memo, you must manually create a sales invoice", and the other way round.
 */
export const isPaid = ({ status }: Pick<GroupDocument, "status">): boolean =>
  status?.toLowerCase() === "paid";

export const opposite = (kind: DocumentKind): DocumentKind => (kind === "sale" ? "credit" : "sale");
export const documentName = ({ kind, number }: Pick<GroupDocument, "kind" | "number">): string =>
  `${kind === "sale" ? "invoice" : "credit memo"} ${number}`;

/** The lines of a document, as the group has them. */
export const linesOfDocument = (context: ResolutionContext, document: GroupDocument): readonly GroupLine[] =>
  context.group.lines.filter((line) => line.documentId === document.id);

const grossOf = (context: ResolutionContext, document: GroupDocument): Minor =>
  linesOfDocument(context, document).reduce((sum, line) => sum + line.gross, 0n);

/** The ERP document that a line is of. Throws CannotPlan where there is none. */
export function documentOfLines(context: ResolutionContext, ids: ReadonlySet<string>): GroupDocument {
  const documents = new Set(
    context.group.lines
      .filter((line) => line.side === "erp" && ids.has(line.id))
      .map((line) => line.documentId),
  );
  const [id, ...others] = documents;
  const document = context.group.documents.find((one) => one.id === id);
  if (!document || others.length > 0)
    throw new CannotPlan("It is not about one document of the ERP, so there is none to put right.");
  return document;
}

/**
 * What takes a posted document back as a whole, through the ERP's own posting: its reversal, or for one that is paid a
 * document of the other kind with the same lines, which names it. Throws CannotPlan.
 */
export function undoing(context: ResolutionContext, document: GroupDocument): PlannedWrite {
  const { kind, sourceId, number, reference, connectionId, postingDay } = document;
  const day = postingDay ?? context.today;
  if (!isPaid(document)) {
    return {
      target: "erp",
      connectionId,
      figures: null,
      amount: { currency: document.currency, minor: absolute(grossOf(context, document)) },
      write: {
        kind: "reverse-document",
        document: { kind, sourceId, number, reference: reference ?? context.group.order?.reference ?? "" },
        postingDay: openDay(day, context),
      },
    };
  }
  const drafted = draftOf(context, {
    kind: opposite(kind),
    connectionId,
    day,
    lines: roughOfErp(context, document, linesOfDocument(context, document)),
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
