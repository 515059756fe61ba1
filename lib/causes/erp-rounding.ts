import type { Group, GroupDocument, GroupLine } from "@/lib/domain/group";
import type { Minor } from "@/lib/domain/money";
import { taxOf, taxTogether } from "@/lib/domain/tax/exact";
import { lineTax, type RoundingPolicy } from "@/lib/domain/tax/policy";
import type { Rate } from "@/lib/domain/tax/rate";
import { baseOf, policyFor } from "./corrections";
import { exactRate, microOf, wholeUnits } from "./numbers";

/** Whether an ERP document, as posted, is what the ERP's policy makes of its lines: every line, to the minor unit. */
export function erpReproduced(
  group: Pick<Group, "lines">,
  document: GroupDocument,
  policy: RoundingPolicy,
): boolean {
  return isReproducedBy(
    group.lines.filter((line) => line.documentId === document.id),
    policyFor(document, policy),
  );
}

/**
 * The same for bare lines. Per line and unit: every line by itself. Once per document and rate: the lines of a rate, in
 * their order in the document, each take what is due up to and including themselves (the running remainder of ERPs).
 * Where the order of the lines is not known, the policy determines the tax of the rate and no line's: then that sum has
 * to agree, and no line may be a whole minor unit away from its share, which no order of the lines could make.
 * The same where the document states no line's tax and its own was given out to them: then only its sums are its word.
 */
export function isReproducedBy(lines: readonly GroupLine[], policy: RoundingPolicy): boolean {
  if (lines.some((line) => line.tax === null || line.taxRate === null)) return false;
  if (lines.some((line) => line.taxAllocated)) return isStatedAsWhole(lines, policy);
  if (policy.level === "line" || policy.level === "unit")
    return lines.every((line) => isOwnTax(line, policy));
  const ordered = inDocumentOrder(lines);
  if (policy.level === "order") return ordered !== null && isRunningTogether(ordered, policy);
  for (const { rate, mine } of byRate(ordered ?? lines)) {
    if (!(ordered || mine.length === 1 ? isRunning(mine, rate, policy) : isSumOfShares(mine, rate, policy)))
      return false;
  }
  return true;
}

/** Lines by their place in the document; null where a place is not known. */
function inDocumentOrder(lines: readonly GroupLine[]): readonly GroupLine[] | null {
  if (lines.some((line) => line.position === undefined || line.position === null)) return null;
  return [...lines].sort((a, b) => (a.position ?? 0) - (b.position ?? 0));
}

type SameRate = { rate: Rate; mine: GroupLine[] };

function byRate(lines: readonly GroupLine[]): readonly SameRate[] {
  const groups: SameRate[] = [];
  for (const line of lines) {
    const rate = exactRate(line.taxRate);
    const group = groups.find((one) => one.rate === rate || one.rate.n * rate.d === rate.n * one.rate.d);
    if (group) group.mine.push(line);
    else groups.push({ rate, mine: [line] });
  }
  return groups;
}

/** A document that states its taxes and no line's: each rate's sum is what the policy makes of the rate's lines. */
function isStatedAsWhole(lines: readonly GroupLine[], policy: RoundingPolicy): boolean {
  if (policy.level === "order") return isRunningTogether(lines, policy, "at-the-end");
  return byRate(lines).every(({ rate, mine }) =>
    policy.level === "document"
      ? isSumOfShares(mine, rate, policy)
      : sumOf(mine.map((line) => ownTax(line, policy))) === sumOf(mine.map((line) => line.tax ?? 0n)),
  );
}

const sumOf = (amounts: readonly Minor[]): Minor => amounts.reduce((sum, one) => sum + one, 0n);

const isOwnTax = (line: GroupLine, policy: RoundingPolicy): boolean => ownTax(line, policy) === line.tax;

function ownTax(line: GroupLine, policy: RoundingPolicy): Minor {
  const count = wholeUnits(microOf(line.quantity)) ?? 1;
  return lineTax(baseOf(line, policy), exactRate(line.taxRate), count, policy);
}

function isRunning(lines: readonly GroupLine[], rate: Rate, policy: RoundingPolicy): boolean {
  let base: Minor = 0n;
  let given: Minor = 0n;
  for (const line of lines) {
    base += baseOf(line, policy);
    given += line.tax ?? 0n;
    if (taxOf(base, rate, policy) !== given) return false;
  }
  return true;
}

/** Everything in one sum, whatever the rate: rounded once per document. Line after line, or only in the end. */
function isRunningTogether(
  lines: readonly GroupLine[],
  policy: RoundingPolicy,
  when: "line-after-line" | "at-the-end" = "line-after-line",
): boolean {
  const parts: { base: Minor; rate: Rate }[] = [];
  let given: Minor = 0n;
  return lines.every((line, index) => {
    parts.push({ base: baseOf(line, policy), rate: exactRate(line.taxRate) });
    given += line.tax ?? 0n;
    if (when === "at-the-end" && index < lines.length - 1) return true;
    return taxTogether(parts, policy) === given;
  });
}

function isSumOfShares(lines: readonly GroupLine[], rate: Rate, policy: RoundingPolicy): boolean {
  const over = policy.basis === "net" ? rate.d : rate.d + rate.n;
  let base: Minor = 0n;
  let given: Minor = 0n;
  for (const line of lines) {
    const own = baseOf(line, policy);
    const tax = line.tax ?? 0n;
    base += own;
    given += tax;
    const away = tax * over - own * rate.n;
    if (away >= over || away <= -over) return false;
  }
  return taxOf(base, rate, policy) === given;
}
