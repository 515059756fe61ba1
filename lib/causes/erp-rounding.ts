import { Decimal } from "decimal.js";
import type { Group, GroupDocument, GroupLine } from "@/lib/domain/group";
import { decimalOf, exactTax, type RoundingPolicy, taxByPolicy } from "@/lib/domain/tax/policy";
import { baseOf, policyFor } from "./corrections";

/**
 * Whether an ERP document, as posted, is what the ERP's policy makes of its lines.
 * Per line and unit: every line. Per document: the sum of each rate, and every line within one minor unit of its share.
 */
export function erpReproduced(
  group: Pick<Group, "lines">,
  document: GroupDocument,
  policy: RoundingPolicy,
): boolean {
  const lines = group.lines.filter((line) => line.documentId === document.id);
  return isReproducedBy(lines, policyFor(document, policy));
}

/** The same for bare lines: used to infer policies over the population. */
export function isReproducedBy(lines: readonly GroupLine[], policy: RoundingPolicy): boolean {
  if (lines.some((line) => line.tax === null || line.taxRate === null)) return false;
  if (policy.level === "line" || policy.level === "unit")
    return lines.every((line) => isOwnTax(line, policy));
  const rates = [...new Set(lines.map((line) => rateOf(line).toString()))];
  return rates.every((rate) => {
    const same = lines.filter((line) => rateOf(line).eq(rate));
    const stated = same.reduce((total, line) => total + (line.tax ?? 0n), 0n);
    const parts = same.map((line) => ({ base: baseOf(line, policy), rate: rateOf(line), units: 1 }));
    const made = [...taxByPolicy(parts, { ...policy, level: "document" }).values()][0] ?? 0n;
    return stated === made && same.every((line) => isNearItsShare(line, policy));
  });
}

const rateOf = (line: GroupLine): Decimal => line.taxRate ?? new Decimal(0);

function isOwnTax(line: GroupLine, policy: RoundingPolicy): boolean {
  const part = { base: baseOf(line, policy), rate: rateOf(line), units: line.quantity.abs().toNumber() };
  return [...taxByPolicy([part], policy).values()][0] === line.tax;
}

function isNearItsShare(line: GroupLine, policy: RoundingPolicy): boolean {
  const exact = exactTax(baseOf(line, policy), rateOf(line), policy.basis);
  return decimalOf(line.tax ?? 0n)
    .minus(exact)
    .abs()
    .lte(1);
}
