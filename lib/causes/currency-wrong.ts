import type { DocumentKind } from "@/lib/domain/document";
import type { GroupLine } from "@/lib/domain/group";
import { type Claim, defineCause } from "./contract";
import { signatureOf } from "./signature";
import { erpName, figures } from "./words";
import { covers, erpDocuments, linesOf, microSum, type PostedDocument, sum, units, type Work } from "./work";

export const currencyWrong = defineCause({
  code: "currency-wrong",
  title: "Currency wrong",
  meaning: "The ERP posted the same figures in another currency than the order's.",
  defaultOwner: "finance",
  severity: "high",
  bucket: "open",
  raises: true,
  plain: {
    words: "The ERP's invoice is in another currency",
    customer: "We are checking the invoice",
    next: "Take the invoice back, and make it again in the order’s currency.",
  },
  resolution: "Reverse the ERP document and post it in the order's currency.",
  manual:
    "The numbers are the order's, the currency isn't: 39.98 EUR were posted as 39.98 CHF. Nothing was converted, so both currencies are off by the full amount: plus in the order's, minus in the document's. Look for a customer or a shop that was set up with the wrong currency.",
  structure: (work) => [...claimsFor(work, "sale"), ...claimsFor(work, "credit")],
});

function claimsFor(work: Work, kind: DocumentKind): readonly Claim[] {
  const scayle = linesOf(work, "scayle", kind);
  const currency = scayle[0]?.currency;
  if (currency === undefined || linesOf(work, "erp", kind).every((line) => line.currency === currency))
    return [];
  if (scayle.some((line) => line.currency !== currency)) return [];
  const left = unitsLeft(work, kind, currency);
  return erpDocuments(work, kind).flatMap((posted) => {
    if (!isSameFigures(work, posted, currency) || !covers(left, units(posted.lines))) return [];
    for (const [key, quantity] of units(posted.lines)) left.set(key, (left.get(key) ?? 0) - quantity);
    return [claimOf(posted, currency)];
  });
}

/** SCAYLE's units that the ERP has not posted in the right currency. */
function unitsLeft(work: Work, kind: DocumentKind, currency: string): Map<string, number> {
  const left = units(linesOf(work, "scayle", kind));
  const posted = linesOf(work, "erp", kind).filter((line) => line.currency === currency);
  for (const [key, quantity] of units(posted)) left.set(key, (left.get(key) ?? 0) - quantity);
  return left;
}

/**
 * The document is in one other currency, and has SCAYLE's amounts: of most of its items the price per unit is the same
 * number. What was converted agrees in none; another fault in one line (a wrong price) leaves the others to tell.
 * Units of one item may have several prices, as where a voucher was taken off one of them: a line has one of these, or
 * the item's lines together come to what SCAYLE's do.
 */
function isSameFigures(work: Work, { document, lines }: PostedDocument, currency: string): boolean {
  const items = lines.filter((line) => line.kind === "item" && line.granularity === "item");
  if (
    items.length === 0 ||
    lines.some((line) => line.currency === currency || line.currency !== lines[0]?.currency)
  )
    return false;
  const same = items.filter((line) => {
    const isItem = (one: GroupLine) => one.itemKey === line.itemKey;
    const models = linesOf(work, "scayle", document.kind).filter(isItem);
    return models.some((model) => isSamePrice([model], [line])) || isSamePrice(models, items.filter(isItem));
  });
  return same.length * 2 > items.length;
}

/** gross / quantity on both sides, without dividing */
const isSamePrice = (scayle: readonly GroupLine[], erp: readonly GroupLine[]): boolean =>
  scayle.length > 0 &&
  BigInt(microSum(scayle)) * sum(erp).gross === BigInt(microSum(erp)) * sum(scayle).gross;

function claimOf({ document, lines }: PostedDocument, currency: string): Claim {
  const posted = lines[0]?.currency ?? document.currency;
  const total = sum(lines);
  return {
    effect: { kind: "recast", lines: lines.map((line) => ({ ...line, currency })) },
    subject: { documentKind: document.kind, sourceLine: document.sourceId, documentNumber: document.number },
    explanation: `The ERP's ${erpName(document)} has the order's figures in ${posted} instead of ${currency}: ${figures(total, posted)}.`,
    steps: [
      `SCAYLE: the order is in ${currency}. ERP: ${erpName(document)}, ${figures(total, posted)}.`,
      `In ${posted} nothing belongs to it; in ${currency} ${figures(total, currency)} are missing. Nothing is converted.`,
    ],
    signature: signatureOf({ currency, "posted as": posted }),
  };
}
