import type { GroupLine } from "@/lib/domain/group";
import { isSameRate } from "./numbers";
import type { WorkPair } from "./work";

/** Whether both sides of a pair have the same units, or the same number of charges, and figures that differ. */
export function isComparable(pair: WorkPair): boolean {
  if (pair.cells.length === 0 || pair.scayle.length === 0 || pair.erp.length === 0) return false;
  // A charge more or less than SCAYLE has is another charge, not another price.
  if (pair.kind === "charge") return pair.scayle.length === pair.erp.length;
  return pair.kind === "item" && pair.quantity.scayle === pair.quantity.erp;
}

/** A different rate is a matter of tax, not of price. */
export function isTaxedAlike(pair: WorkPair, line: GroupLine): boolean {
  const rate = pair.scayle.find((unit) => unit.taxRate !== null)?.taxRate;
  return !rate || !line.taxRate || isSameRate(line.taxRate, rate);
}
