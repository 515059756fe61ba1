import { fixesOf } from "@/lib/causes/as-fixed";
import { isSameRate } from "@/lib/causes/numbers";
import { dayName } from "@/lib/domain/day";
import type { GroupLine } from "@/lib/domain/group";
import { formatAmount } from "@/lib/domain/money";
import type { Plan, ResolutionContext } from "./contract";
import { CannotPlan, draftOf, roughOfErp, sumOf } from "./drafts";
import { documentName, documentOfLines, isPaid, linesOfDocument, undoing } from "./reversal";

/**
 * Takes a posted document back and posts it again as it would stand without the fault that the exception is proved with:
 * what is posted is never edited. `what` says in words what changes; it is given the lines as they will be. Lines that would
 * not be there are left out where `mayDrop`. Throws CannotPlan.
 */
export function planAgain(
  context: ResolutionContext,
  what: (lines: readonly GroupLine[]) => string,
  mayDrop = false,
): Plan {
  const { group, finding } = context;
  const { cause, claim } = finding;
  const fixes = fixesOf(group, cause.code, claim);
  if (fixes.length === 0 || (!mayDrop && fixes.some(({ line }) => line === null)))
    throw new CannotPlan("It is not proved how the document’s lines should stand.");
  const document = documentOfLines(context, new Set(fixes.map(({ id }) => id)));
  // What stands there twice comes first: else what is posted again would be the duplicate.
  if (
    context.findings.some(
      (one) => one.cause.code === "duplicate-in-erp" && one.claim.subject.documentKind === document.kind,
    )
  )
    throw new CannotPlan(
      "The ERP has it twice: reverse the duplicate first, then this is planned on what is left.",
    );
  const asFixed = new Map(fixes.map(({ id, line, taxCode }) => [id, line && { ...line, taxCode }] as const));
  const before = linesOfDocument(context, document);
  const after = before.flatMap((line) => (asFixed.has(line.id) ? (asFixed.get(line.id) ?? []) : line));
  const [currency = document.currency, ...others] = new Set(after.map((line) => line.currency));
  if (others.length > 0)
    throw new CannotPlan("The document would have lines in two currencies: post it again by hand.");
  if (after.length === 0) throw new CannotPlan("Nothing of the document would be left to post again.");
  for (const line of asFixed.values()) if (line) assertTaxedSo(context, line);
  const reversal = undoing(context, document);
  const drafted = draftOf(context, {
    kind: document.kind,
    connectionId: document.connectionId,
    day: document.postingDay ?? context.today,
    lines: roughOfErp(context, document, after),
    corrects: document.kind === "credit" ? correctedBy(context, document.originalNumber) : null,
    like: { ...document, currency },
  });
  const gross = sumOf(drafted.document.lines).gross;
  const changed = [...asFixed.values()].flatMap((line) => line ?? []);
  return {
    sentence: `Takes ${documentName(document)} back and posts it again ${what(changed)}: ${formatAmount(gross, currency)} ${currency} on ${dayName(drafted.document.postingDay)}.${
      isPaid(document)
        ? " It is paid, so it is taken back by a document of the other kind: apply that and the new one to each other in the ERP."
        : ""
    }`,
    effect: `The ERP has ${documentName(document)} reversed, and a new one stands in its place without that fault.`,
    undo: "It can be taken back: the new document is reversed, and the old one posted again.",
    writes: [
      reversal,
      {
        target: "erp",
        connectionId: document.connectionId,
        figures: drafted.figures,
        write: { kind: "post-document", document: drafted.document },
      },
    ],
  };
}

function correctedBy({ group }: ResolutionContext, number: string | null) {
  const invoice = group.documents.find(
    (one) => one.side === "erp" && one.kind === "sale" && one.number === number,
  );
  return invoice ? { sourceId: invoice.sourceId, number: invoice.number } : null;
}

/** An ERP taxes by a line's code: a code that is of other rates only makes another tax of it. Throws CannotPlan. */
export function assertTaxedSo({ group }: ResolutionContext, { taxCode, taxRate }: GroupLine): void {
  const rules = group.settings.taxRules.filter((rule) => rule.taxCode === taxCode);
  if (taxRate === null || rules.length === 0 || rules.some((rule) => isSameRate(rule.rate, taxRate))) return;
  const percent = (rate: typeof taxRate): string => `${rate.times(100)} %`;
  throw new CannotPlan(
    `The ERP taxes by the code, ${taxCode} is ${[...new Set(rules.map((rule) => percent(rule.rate)))].join(" or ")}, and the mapping has no code for ${percent(taxRate)}: change in the ERP how it taxes this, and post it again there.`,
  );
}
