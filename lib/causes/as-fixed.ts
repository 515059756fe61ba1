import { type Group, type GroupLine, isForChannel, isInForce } from "@/lib/domain/group";
import type { Claim } from "./contract";
import { isSameRate } from "./numbers";

/** Causes that a right tax code puts right. */
const OF_CODES: ReadonlySet<string> = new Set(["tax-code-missing", "tax-code-wrong"]);

/** A line as it would stand; null: it would not be there. */
export type LineFix = Readonly<{
  orderKey: string;
  id: string;
  line: GroupLine | null;
  taxCode: string | null;
}>;

/**
 * The ERP's lines of a claim as they would stand without its fault: what it is proved with says how. Lines that stand alone
 * (posted twice, posted for a cancelled order) go. What is left of a pair without a line of its own has none.
 */
export function fixesOf(group: Group, cause: string, { effect }: Claim): readonly LineFix[] {
  const erp = new Map(group.lines.filter((line) => line.side === "erp").map((line) => [line.id, line]));
  const fix = (line: GroupLine, to: GroupLine | null): LineFix => ({
    orderKey: line.orderKey ?? group.orderKey,
    id: line.id,
    line: to,
    taxCode: to && OF_CODES.has(cause) ? codeOf(group, to) : (to?.taxCode ?? null),
  });
  if (effect.kind === "aside") {
    return effect.lineIds.flatMap((id) => {
      const line = erp.get(id);
      return line ? [fix(line, null)] : [];
    });
  }
  if (effect.kind === "residual") return [];
  const corrected = new Map(effect.lines.map((line) => [line.id, line]));
  const touched = effect.kind === "correct" ? (effect.touches ?? []) : [];
  return [...new Set([...corrected.keys(), ...touched])].flatMap((id) => {
    const line = erp.get(id);
    return line ? [fix(line, corrected.get(id) ?? line)] : [];
  });
}

/** The code that the confirmed mapping has for a line where its goods go; the first by name, where several are right. */
export function codeOf({ order, settings }: Group, line: GroupLine): string | null {
  const rules = settings.taxRules.filter(
    (rule) => rule.shipTo === order?.shipTo && isForChannel(rule, order) && isInForce(rule, line.day),
  );
  const { taxRate } = line;
  const fitting = taxRate === null ? rules : rules.filter((rule) => isSameRate(rule.rate, taxRate));
  // A charge at the goods' average rate has no code of its own: any code of the place says that it is taxed.
  return (fitting[0] ?? (line.kind === "item" ? undefined : rules[0]))?.taxCode ?? line.taxCode;
}
