import type { Minor } from "../money";
import { isWithin, taxTogether } from "./exact";
import { lineTax, type RoundingPolicy } from "./policy";
import { isSameRate, type Rate } from "./rate";

/**
 * A line as a document states it: what is taxed (gross or net, as its prices are), its rate, units and stated tax.
 * `allocated`: the document states its tax for several lines together, and this is the line's part by our reckoning.
 */
export type StatedLine = Readonly<{
  base: Minor;
  rate: Rate;
  units: number;
  tax: Minor;
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
 * document or order: the sum of each rate (or of all), and each line within one minor unit of its exact share, wherever
 * the document put the cents. Of taxes that were given out to lines only the sums are the document's word.
 */
export function reproduces(lines: readonly StatedLine[], policy: RoundingPolicy): boolean {
  if (policy.level === "unit" || policy.level === "line") {
    const parts = lines.some((line) => line.allocated) ? byRate(lines) : lines.map((line) => [line]);
    return parts.every((part) => recomputed(part, policy) === part.reduce((sum, line) => sum + line.tax, 0n));
  }
  if (lines.some((line) => !isWithin(line.tax, line.base, line.rate, policy.basis, 1n))) return false;
  const together: readonly (readonly StatedLine[])[] = policy.level === "order" ? [lines] : byRate(lines);
  return together.every(
    (same) => same.reduce((sum, line) => sum + line.tax, 0n) === taxTogether(same, policy),
  );
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
