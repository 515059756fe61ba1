import type { GroupLine } from "@/lib/domain/group";
import { type Claim, defineCause } from "./contract";
import { atScaylesAmount, hasOtherBase, isPricedByItself, isSameNetPrice, policyOf } from "./corrections";
import { isComparable, isTaxedAlike } from "./prices";
import { signatureOf } from "./signature";
import { erpName, figures, money } from "./words";
import { minusSums, sum, type Work, type WorkPair } from "./work";

export const refundAmountWrong = defineCause({
  code: "refund-amount-wrong",
  title: "Refund amount wrong",
  meaning: "Both sides credited the same units, with different amounts.",
  defaultOwner: "finance",
  severity: "high",
  certainty: "general",
  bucket: "open",
  acceptance: "rule",
  raises: true,
  plain: {
    words: "SCAYLE and the ERP refunded different amounts",
    customer: "We are checking the amount of your refund",
    refundUnsure: true,
    next: "Find out how much the customer got back, and correct the system that says something else.",
  },
  resolution: "Correct the side that does not own the figure: what the customer got back decides.",
  manual:
    "The same units came back on both sides, but the credit memo's amount is not what SCAYLE credited: a full price refunded where a voucher had reduced it, a fee kept back, a goodwill amount, a memo typed by hand. Look up what the payment provider refunded; then correct the memo, or send SCAYLE the refund with its amount. A memo that repeats the wrong price of its own invoice is a wrong price, not this.",
  pairs: (work) => work.pairs.flatMap((pair) => claimFor(work, pair)),
});

function claimFor(work: Work, pair: WorkPair): readonly Claim[] {
  if (pair.documentKind !== "credit" || !isComparable(pair) || !hasOtherBase(work, pair)) return [];
  if (repeatsItsSale(work, pair)) return [];
  const fix = atScaylesAmount(work, pair);
  if (!fix || !isTaxedAlike(pair, fix.line)) return [];
  const policy = policyOf(work, fix.document);
  if (isSameNetPrice(pair.scayle, pair.erp, policy)) return [];
  const { line, corrected, document } = fix;
  const credited = sum(pair.scayle).gross;
  const name = pair.kind === "item" ? pair.itemKey : (line.description ?? line.kind);
  return [
    {
      effect: { kind: "correct", lines: [corrected] },
      subject: {
        documentKind: "credit",
        sourceLine: `${document.sourceId} ${pair.itemKey}`,
        documentNumber: document.number,
      },
      explanation: `${name}: SCAYLE credited ${money(credited, pair.currency)}, the ERP ${money(sum(pair.erp).gross, pair.currency)} with ${erpName(document)}. Difference ${figures(minusSums([corrected], [line]), pair.currency)}.`,
      steps: [
        isPricedByItself(line, policy)
          ? `ERP: ${line.quantity} × ${line.unitPrice} = ${money(line.gross, line.currency)}, its own line.`
          : `ERP: ${money(line.gross, line.currency)}, which ${line.quantity} × ${line.unitPrice ?? "no price"} doesn't give: the amount was set by hand.`,
        `At what SCAYLE credited: ${money(corrected.gross, line.currency)}, tax ${money(corrected.tax ?? 0n, line.currency)}.`,
      ],
      signature: signatureOf({ item: pair.itemKey }),
    },
  ];
}

/** Whether the ERP credits at the price that its own invoice had: then the price is what is wrong. */
export function repeatsItsSale(work: Work, pair: WorkPair): boolean {
  const sold = work.group.lines.filter(
    (line) => line.side === "erp" && line.documentKind === "sale" && line.itemKey === pair.itemKey,
  );
  return sold.length > 0 && pair.erp.every((line) => sold.some((sale) => isSamePrice(line, sale)));
}

const isSamePrice = (a: GroupLine, b: GroupLine): boolean =>
  a.unitPrice !== null &&
  b.unitPrice !== null &&
  a.unitPrice.eq(b.unitPrice) &&
  (a.discount ?? 0n) === 0n &&
  (b.discount ?? 0n) === 0n;
