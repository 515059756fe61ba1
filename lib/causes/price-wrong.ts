import type { GroupDocument, GroupLine } from "@/lib/domain/group";
import { type Claim, defineCause } from "./contract";
import { atScaylesAmount, hasOtherBase, isPricedByItself, isSameNetPrice, policyOf } from "./corrections";
import { isComparable, isTaxedAlike } from "./prices";
import { repeatsItsSale } from "./refund-amount-wrong";
import { signatureOf } from "./signature";
import { erpName, figures, money, priceText } from "./words";
import { minusSums, type Work, type WorkPair } from "./work";

export const priceWrong = defineCause({
  code: "price-wrong",
  title: "Price wrong",
  meaning: "ERP quantity × its own unit price gives its line, and the price differs from SCAYLE's.",
  defaultOwner: "finance",
  severity: "medium",
  certainty: "general",
  bucket: "open",
  acceptance: "rule",
  raises: true,
  plain: {
    words: "The ERP's invoice has another price than the order",
    customer: "We are checking the invoice",
    next: "Correct the price: the one of the order in SCAYLE holds, unless it was entered wrongly.",
  },
  resolution: "Correct the side that does not own the price: SCAYLE owns prices.",
  manual:
    "Both sides have the same units, at different prices. SCAYLE owns prices, so the ERP's line is usually the one to correct: look for an outdated price list, a lost discount or a voucher that was not passed on.",
  pairs: (work) => work.pairs.flatMap((pair) => claimFor(work, pair)),
});

function claimFor(work: Work, pair: WorkPair): readonly Claim[] {
  if (!isComparable(pair) || !hasOtherBase(work, pair)) return [];
  // What was credited otherwise than it was sold is a matter of the refund.
  if (pair.documentKind === "credit" && !repeatsItsSale(work, pair)) return [];
  const fix = atScaylesAmount(work, pair);
  if (!fix) return [];
  const policy = policyOf(work, fix.document);
  if (isSameNetPrice(pair.scayle, pair.erp, policy)) return [];
  if (!pair.erp.every((one) => isPricedByItself(one, policy)) || !isTaxedAlike(pair, fix.line)) return [];
  return [claimOf(pair, fix.line, fix.corrected, fix.document)];
}

function claimOf(pair: WorkPair, line: GroupLine, corrected: GroupLine, document: GroupDocument): Claim {
  const amounts = minusSums([corrected], [line]);
  const scayle = pair.scayle.reduce((all, unit) => all + unit.gross, 0n);
  const name = pair.kind === "item" ? pair.itemKey : (line.description ?? line.kind);
  return {
    effect: { kind: "correct", lines: [corrected] },
    subject: {
      documentKind: pair.documentKind,
      sourceLine: `${document.sourceId} ${pair.itemKey}`,
      documentNumber: document.number,
    },
    explanation: `${name}: SCAYLE has ${money(scayle, pair.currency)}, the ERP ${line.quantity} × ${priceText(line.unitPrice, line.currency)} in ${erpName(document)}. Difference ${figures(amounts, pair.currency)}.`,
    steps: [
      `ERP: ${line.quantity} × ${priceText(line.unitPrice, line.currency)} = ${money(line.gross, line.currency)}, its own line.`,
      `At SCAYLE's price: ${money(corrected.gross, line.currency)}, tax ${money(corrected.tax ?? 0n, line.currency)}.`,
    ],
    signature: signatureOf({ item: pair.itemKey }),
  };
}
