import { type GroupDocument, type GroupLine, quantityOf } from "@/lib/domain/group";
import type { RoundingPolicy } from "@/lib/domain/tax/policy";
import { type Claim, defineCause } from "./contract";
import { baseOf, isPricedByItself, isSameNetPrice, policyFor, retaxed } from "./corrections";
import { erpName, figures, money } from "./words";
import { documentOf, minusSums, roundingOf, type Work, type WorkPair } from "./work";

export const priceWrong = defineCause({
  code: "price-wrong",
  title: "Price wrong",
  meaning: "ERP quantity × its own unit price gives its line, and the price differs from SCAYLE's.",
  defaultOwner: "finance",
  severity: "medium",
  bucket: "open",
  raises: true,
  resolution: "Correct the side that does not own the price: SCAYLE owns prices.",
  manual:
    "Both sides have the same units, at different prices. SCAYLE owns prices, so the ERP's line is usually the one to correct: look for an outdated price list, a lost discount or a voucher that was not passed on.",
  pairs: (work) => work.pairs.flatMap((pair) => claimFor(work, pair)),
});

function claimFor(work: Work, pair: WorkPair): readonly Claim[] {
  if (pair.kind !== "item" && pair.kind !== "charge") return [];
  if (pair.scayle.length === 0 || pair.erp.length === 0) return [];
  if (pair.kind === "item" && !quantityOf(pair.scayle).eq(quantityOf(pair.erp))) return [];
  // A charge more or less than SCAYLE has is another charge, not another price.
  if (pair.kind === "charge" && pair.scayle.length !== pair.erp.length) return [];
  const line = oddLine(pair);
  const document = line ? documentOf(work, line) : null;
  if (!line || !document) return [];
  const policy = policyFor(document, roundingOf(work, document)?.policy);
  if (isSameNetPrice(pair.scayle, pair.erp, policy)) return [];
  const gap = total(pair.scayle, policy) - total(pair.erp, policy);
  if (gap === 0n || !pair.erp.every((one) => isPricedByItself(one, policy)) || !sameRate(pair, line))
    return [];
  const lines = work.lines.filter((one) => one.documentId === document.id);
  const [corrected] = retaxed(
    lines,
    [{ line, base: baseOf(line, policy) + gap, rate: line.taxRate }],
    policy,
  );
  return corrected ? [claimOf(pair, line, corrected, document)] : [];
}

/** The ERP line that is left when lines of equal unit price are taken off both sides; the last, where none is. */
function oddLine(pair: WorkPair): GroupLine | null {
  const prices = pair.scayle.map((unit) => unit.gross);
  const odd = pair.erp.filter((line) => {
    const count = Math.max(1, Math.round(line.quantity.abs().toNumber()));
    const each = line.gross / BigInt(count);
    const taken: number[] = [];
    prices.forEach((price, index) => {
      if (price === each && taken.length < count) taken.push(index);
    });
    if (taken.length < count || each * BigInt(count) !== line.gross) return true;
    for (const index of taken.reverse()) prices.splice(index, 1);
    return false;
  });
  return odd.at(-1) ?? pair.erp.at(-1) ?? null;
}

const total = (lines: readonly GroupLine[], policy: RoundingPolicy): bigint =>
  lines.reduce((all, line) => all + baseOf(line, policy), 0n);

/** A different rate is a matter of tax, not of price. */
function sameRate(pair: WorkPair, line: GroupLine): boolean {
  const rate = pair.scayle.find((unit) => unit.taxRate !== null)?.taxRate;
  return !rate || !line.taxRate || line.taxRate.minus(rate).abs().lt("0.0005");
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
    explanation: `${name}: SCAYLE has ${money(scayle, pair.currency)}, the ERP ${line.quantity} × ${line.unitPrice} in ${erpName(document)}. Difference ${figures(amounts, pair.currency)}.`,
    steps: [
      `ERP: ${line.quantity} × ${line.unitPrice} = ${money(line.gross, line.currency)}, its own line.`,
      `At SCAYLE's price: ${money(corrected.gross, line.currency)}, tax ${money(corrected.tax ?? 0n, line.currency)}.`,
    ],
    signature: pair.itemKey,
  };
}
