import type { Decimal } from "decimal.js";
import { type GroupLine, quantityOf } from "@/lib/domain/group";
import { baseOf, isPricedByItself, policyFor, priced, retaxed } from "./corrections";
import { documentOf, roundingOf, type Work, type WorkPair } from "./work";

/** An ERP line whose quantity is off, as it stands and as it would stand. */
export type QuantityFix = Readonly<{ line: GroupLine; corrected: GroupLine; quantity: Decimal }>;

/**
 * The ERP line of a pair with SCAYLE's units instead of its own, priced by its own unit price and taxed again.
 * null unless ERP quantity × its own unit price gives its line, which is the proof.
 */
export function quantityFix(work: Work, pair: WorkPair): QuantityFix | null {
  if (pair.kind !== "item" || pair.scayle.length === 0 || pair.erp.length === 0) return null;
  const gap = quantityOf(pair.scayle).minus(quantityOf(pair.erp));
  if (gap.isZero()) return null;
  const line = [...pair.erp].reverse().find((one) => {
    const quantity = one.quantity.plus(gap);
    return !quantity.isZero() && quantity.isNegative() === one.quantity.isNegative();
  });
  const document = line ? documentOf(work, line) : null;
  if (!line || !document) return null;
  const policy = policyFor(document, roundingOf(work, document)?.policy);
  if (!isPricedByItself(line, policy)) return null;
  const quantity = line.quantity.plus(gap);
  const base = priced(line, quantity) ?? baseOf(line, policy);
  const lines = work.lines.filter((one) => one.documentId === document.id);
  const [taxed] = retaxed(lines, [{ line, base, rate: line.taxRate }], policy);
  return taxed ? { line, corrected: { ...taxed, quantity }, quantity } : null;
}
