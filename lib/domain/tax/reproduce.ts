import type { Minor } from "../money";
import { isWithin, taxTogether } from "./exact";
import { lineTax, type RoundingPolicy } from "./policy";
import { isSameRate, type Rate } from "./rate";

/**
 * A line as a document states it: what is taxed (gross or net, as its prices are), its rate, units, stated tax, and its
 * place in the document (absent or null: not known).
 * `allocated`: the document states its tax for several lines together, and this is the line's part by our reckoning.
 */
export type StatedLine = Readonly<{
  base: Minor;
  rate: Rate;
  units: number;
  tax: Minor;
  position?: number | null;
  allocated?: boolean;
}>;

/** Tax that a policy makes of a document's lines, in minor units. */
export function recomputed(lines: readonly StatedLine[], policy: RoundingPolicy): Minor {
  if (policy.level === "unit" || policy.level === "line")
    return lines.reduce((sum, line) => sum + lineTax(line.base, line.rate, line.units, policy), 0n);
  if (policy.level === "order") return taxTogether(lines, policy);
  return byRate(lines).reduce((sum, same) => sum + taxTogether(same, policy), 0n);
}

/**
 * Whether a document, as stated, is what a policy makes of its lines. Per unit and per line: each line's tax. Once per
 * document or order: the lines of a rate (or all), in their order in the document, each take what is due up to and
 * including themselves, the running remainder of ERPs. Where the order of the lines is not known: the sum of each rate (or
 * of all), and each line within one minor unit of its exact share. A cause that claims rounding asks for the same
 * (lib/causes/erp-rounding): a policy that is found here is one that proves there.
 * Of taxes that were given out to lines only the sums are the document's word.
 */
export function reproduces(lines: readonly StatedLine[], policy: RoundingPolicy): boolean {
  if (policy.level === "unit" || policy.level === "line") {
    const parts = lines.some((line) => line.allocated) ? byRate(lines) : lines.map((line) => [line]);
    return parts.every((part) => recomputed(part, policy) === part.reduce((sum, line) => sum + line.tax, 0n));
  }
  if (lines.some((line) => !isWithin(line.tax, line.base, line.rate, policy.basis, 1n))) return false;
  const together: readonly (readonly StatedLine[])[] = policy.level === "order" ? [lines] : byRate(lines);
  return together.every((same) =>
    same.every((line) => typeof line.position === "number" && !line.allocated)
      ? isRunning(same, policy)
      : sumOf(same) === taxTogether(same, policy),
  );
}

const sumOf = (lines: readonly StatedLine[]): Minor => lines.reduce((sum, line) => sum + line.tax, 0n);

/** Whether at each line, in the order of the document, the taxes so far are the tax of the bases so far. */
function isRunning(lines: readonly StatedLine[], policy: RoundingPolicy): boolean {
  const ordered = [...lines].sort((a, b) => (a.position ?? 0) - (b.position ?? 0));
  const due: { base: Minor; rate: Rate }[] = [];
  let given: Minor = 0n;
  return ordered.every((line) => {
    const same = due.find((one) => isSameRate(one.rate, line.rate));
    if (same) same.base += line.base;
    else due.push({ base: line.base, rate: line.rate });
    given += line.tax;
    return given === taxTogether(due, policy);
  });
}

/** Lines by rate. Documents have few rates: a search among them is quicker than a key made of each. */
function byRate(lines: readonly StatedLine[]): readonly StatedLine[][] {
  const groups: StatedLine[][] = [];
  for (const line of lines) {
    const same = groups.find(([first]) => first && isSameRate(first.rate, line.rate));
    if (same) same.push(line);
    else groups.push([line]);
  }
  return groups;
}
