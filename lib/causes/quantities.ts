import { Decimal } from "decimal.js";
import type { GroupLine } from "@/lib/domain/group";
import { baseOf, isPricedByItself, policyOf, priced, retaxed } from "./corrections";
import { microOf } from "./numbers";
import { documentLines, documentOf, type Work, type WorkPair } from "./work";

/** An ERP line whose quantity is off, as it stands and as it would stand. */
export type QuantityFix = Readonly<{ line: GroupLine; corrected: GroupLine; quantity: Decimal }>;

/** Whether both sides have the item in different quantities. */
export const hasOtherQuantity = (pair: WorkPair): boolean =>
  pair.kind === "item" &&
  pair.quantity.scayle !== pair.quantity.erp &&
  pair.scayle.length > 0 &&
  pair.erp.length > 0;

/**
 * The ERP line of a pair with SCAYLE's units instead of its own, priced by its own unit price and taxed again.
 * null unless ERP quantity × its own unit price gives its line, which is the proof.
 */
export function quantityFix(work: Work, pair: WorkPair): QuantityFix | null {
  if (!hasOtherQuantity(pair)) return null;
  const gap = pair.quantity.scayle - pair.quantity.erp;
  const line = [...pair.erp].reverse().find((one) => {
    const before = microOf(one.quantity);
    const after = before + gap;
    return after !== 0 && after < 0 === before < 0;
  });
  const document = line ? documentOf(work, line) : null;
  if (!line || !document) return null;
  const policy = policyOf(work, document);
  if (!isPricedByItself(line, policy)) return null;
  const quantity = line.quantity.plus(new Decimal(gap).div(1_000_000));
  const base = priced(line, quantity) ?? baseOf(line, policy);
  const [corrected] = retaxed(
    documentLines(work, document.id),
    [{ line, base, rate: line.taxRate, quantity }],
    policy,
  );
  return corrected ? { line, corrected, quantity } : null;
}
