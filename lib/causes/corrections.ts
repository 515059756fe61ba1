import { Decimal } from "decimal.js";
import type { GroupDocument, GroupLine } from "@/lib/domain/group";
import { exponentOf, type Minor } from "@/lib/domain/money";
import { allocate } from "@/lib/domain/tax/allocation";
import { taxOf } from "@/lib/domain/tax/exact";
import { exactTax, lineTax, type RoundingPolicy, roundMinor } from "@/lib/domain/tax/policy";
import type { Rate } from "@/lib/domain/tax/rate";
import type { RoundingMode } from "@/lib/domain/tax/rounding";
import { exactRate, microOf, wholeUnits } from "./numbers";
import { documentLines, documentOf, microSum, roundingOf, type Work, type WorkPair } from "./work";

/** Policy that is used to recompute where nobody has said how the ERP rounds; rounding is never claimed with it. */
const FALLBACK: RoundingPolicy = { level: "line", mode: "half-up", basis: "gross", first: "tax" };

/** The policy with the basis that the document itself states. */
export function policyFor(document: GroupDocument, policy: RoundingPolicy | undefined): RoundingPolicy {
  const chosen = policy ?? FALLBACK;
  if (document.pricesIncludeTax === null) return chosen;
  const basis = document.pricesIncludeTax ? "gross" : "net";
  return chosen.basis === basis ? chosen : { ...chosen, basis };
}

/** The policy of a document's connection, with the basis that the document states. */
export const policyOf = (work: Work, document: GroupDocument): RoundingPolicy =>
  policyFor(document, roundingOf(work, document)?.policy);

/** What a line's price states: gross where prices include tax, else net. */
export const baseOf = (line: GroupLine, policy: RoundingPolicy): Minor =>
  policy.basis === "gross" ? line.gross : (line.net ?? line.gross);

/** Sum of what the lines' prices state. */
export function baseSum(lines: readonly GroupLine[], policy: RoundingPolicy): Minor {
  let total = 0n;
  for (const line of lines) total += baseOf(line, policy);
  return total;
}

const powersOfTen = [0, 1, 2, 3, 4].map((exponent) => new Decimal(10).pow(exponent));

/** Quantity × unit price in minor units, before any discount; null when the line doesn't state a price. */
export function fullPrice(
  line: GroupLine,
  quantity: Decimal = line.quantity,
  mode: RoundingMode = "half-up",
): Minor | null {
  if (line.unitPrice === null) return null;
  const scale = powersOfTen[exponentOf(line.currency)] ?? new Decimal(10).pow(exponentOf(line.currency));
  return roundMinor(quantity.times(line.unitPrice).times(scale), mode);
}

/** ERP quantity × its own unit price − its discount, in minor units; null when the line doesn't state a price. */
export function priced(
  line: GroupLine,
  quantity: Decimal = line.quantity,
  mode: RoundingMode = "half-up",
): Minor | null {
  const full = fullPrice(line, quantity, mode);
  return full === null ? null : full - (line.discount ?? 0n) * (quantity.isNegative() ? -1n : 1n);
}

/** Whether ERP quantity × its own unit price gives its line; a tie between two cents may have been rounded either way. */
export function isPricedByItself(line: GroupLine, policy: RoundingPolicy): boolean {
  const base = baseOf(line, policy);
  return priced(line) === base || priced(line, line.quantity, "half-even") === base;
}

/**
 * Whether ERP lines with net prices carry SCAYLE's price: SCAYLE's gross per unit without its tax, at the precision of
 * the ERP's own unit price. Cents between their sums are then rounding, not price.
 */
export function isSameNetPrice(
  scayle: readonly GroupLine[],
  erp: readonly GroupLine[],
  policy: RoundingPolicy,
): boolean {
  const unit = scayle[0];
  if (policy.basis !== "net" || !unit || scayle.some((one) => one.gross !== unit.gross)) return false;
  if (microSum(scayle) !== microSum(erp)) return false;
  const gross = new Decimal(unit.gross.toString())
    .abs()
    .div(unit.quantity.abs())
    .div(new Decimal(10).pow(exponentOf(unit.currency)));
  return erp.every((line) => {
    const rate = unit.taxRate ?? line.taxRate;
    if (!rate || line.unitPrice === null || !isPricedByItself(line, policy) || (line.discount ?? 0n) !== 0n)
      return false;
    const decimals = Math.max(exponentOf(line.currency), line.unitPrice.decimalPlaces());
    return gross.div(rate.plus(1)).toDecimalPlaces(decimals, Decimal.ROUND_HALF_UP).eq(line.unitPrice);
  });
}

/** A line's new base and rate, and its new quantity where that changes; the rest of it stays. */
export type Change = Readonly<{ line: GroupLine; base: Minor; rate: Decimal | null; quantity?: Decimal }>;

/**
 * ERP lines as they would stand with changed bases or rates. Their tax moves by what the ERP's own policy makes of the
 * change, no more: an error in the tax as posted stays where it is and is nobody's whom it doesn't belong to.
 * Where tax is rounded once per document and rate, lines that are not changed keep their tax, and the changed ones
 * carry what the document's tax moves by. Amounts in minor units, signed.
 */
export function retaxed(
  documentLines: readonly GroupLine[],
  changed: readonly Change[],
  policy: RoundingPolicy,
): readonly GroupLine[] {
  const moves =
    policy.level === "line" || policy.level === "unit"
      ? changed.map((change) => ownMove(change, policy))
      : sharedMoves(documentLines, changed, policy);
  return changed.map((change, index) => moved(change, moves[index] ?? 0n, policy));
}

/** A line without a rate has no tax yet: all of the new one is the move. */
function ownMove({ line, base, rate, quantity }: Change, policy: RoundingPolicy): Minor {
  const after = lineTax(base, exactRate(rate), unitsOf(quantity ?? line.quantity), policy);
  if (line.taxRate === null) return after;
  return after - lineTax(baseOf(line, policy), exactRate(line.taxRate), unitsOf(line.quantity), policy);
}

const unitsOf = (quantity: Decimal): number => wholeUnits(microOf(quantity)) ?? 1;

type Bases = { rate: Rate; before: Minor; after: Minor };

const keyOf = (rate: Decimal | null): string => {
  const { n, d } = exactRate(rate);
  return `${n}/${d}`;
};

function sharedMoves(
  documentLines: readonly GroupLine[],
  changed: readonly Change[],
  policy: RoundingPolicy,
): readonly Minor[] {
  const bases = basesByRate(documentLines, changed, policy);
  const [only] = changed;
  if (only && changed.length === 1) return [movedBy(bases.values(), policy)];
  // Lines that share a rate, before or after, carry together what its tax moves by; rates don't mix otherwise.
  const groups = new Map<string, Change[]>();
  for (const change of changed) {
    const rates = [change.line.taxRate, change.rate].filter((rate) => rate !== null).map(keyOf);
    const joined = [...groups].filter(([key]) => rates.some((rate) => key.split(" ").includes(rate)));
    for (const [key] of joined) groups.delete(key);
    const keys = new Set([...rates, ...joined.flatMap(([key]) => key.split(" "))]);
    groups.set([...keys].join(" "), [...joined.flatMap(([, changes]) => changes), change]);
  }
  const moves = new Map<Change, Minor>();
  for (const [key, changes] of groups) {
    const total = movedBy(
      key.split(" ").flatMap((rate) => bases.get(rate) ?? []),
      policy,
    );
    const ordered = changed.filter((change) => changes.includes(change));
    const shares = allocate(
      total,
      ordered.map((change) => exactMove(change, policy)),
    );
    for (const [index, change] of ordered.entries()) moves.set(change, shares[index] ?? 0n);
  }
  return changed.map((change) => moves.get(change) ?? 0n);
}

/** What the lines of each rate are worth together, as posted and as they would stand. */
function basesByRate(
  documentLines: readonly GroupLine[],
  changed: readonly Change[],
  policy: RoundingPolicy,
): ReadonlyMap<string, Bases> {
  const ids = new Set(changed.map(({ line }) => line.id));
  const bases = new Map<string, Bases>();
  const add = (rate: Decimal, before: Minor, after: Minor) => {
    const key = keyOf(rate);
    const sums = bases.get(key);
    if (!sums) {
      bases.set(key, { rate: exactRate(rate), before, after });
      return;
    }
    sums.before += before;
    sums.after += after;
  };
  for (const line of documentLines) {
    if (ids.has(line.id) || line.taxRate === null) continue;
    const base = baseOf(line, policy);
    add(line.taxRate, base, base);
  }
  for (const { line, base, rate } of changed) {
    if (line.taxRate !== null) add(line.taxRate, baseOf(line, policy), 0n);
    if (rate !== null) add(rate, 0n, base);
  }
  return bases;
}

function movedBy(bases: Iterable<Bases>, policy: RoundingPolicy): Minor {
  let total = 0n;
  for (const { rate, before, after } of bases)
    total += taxOf(after, rate, policy) - taxOf(before, rate, policy);
  return total;
}

const exactMove = ({ line, base, rate }: Change, { basis }: RoundingPolicy): Decimal =>
  exactTax(base, rate ?? new Decimal(0), basis).minus(
    exactTax(baseOf(line, { ...FALLBACK, basis }), line.taxRate ?? new Decimal(0), basis),
  );

function moved(
  { line, base, rate, quantity = line.quantity }: Change,
  move: Minor,
  policy: RoundingPolicy,
): GroupLine {
  // Unknown stays unknown, unless the line had no rate to know a tax by.
  if (line.tax === null && line.taxRate !== null) {
    const gross = policy.basis === "gross" ? base : line.gross + (base - baseOf(line, policy)) + move;
    return { ...line, quantity, gross, net: null, tax: null, taxRate: rate };
  }
  const tax = (line.tax ?? 0n) + move;
  return policy.basis === "gross"
    ? { ...line, quantity, gross: base, tax, net: base - tax, taxRate: rate }
    : { ...line, quantity, net: base, tax, gross: base + tax, taxRate: rate };
}

/** Whether the two sides of a pair differ in what their prices state: gross, or net where the ERP's are net prices. */
export function hasOtherBase(work: Work, pair: WorkPair): boolean {
  const document = pair.erp[0] ? documentOf(work, pair.erp[0]) : null;
  if (!document) return false;
  const policy = policyOf(work, document);
  return baseSum(pair.scayle, policy) !== baseSum(pair.erp, policy);
}

/**
 * The ERP lines of a pair at SCAYLE's amount: the line that is odd among them takes the whole gap.
 * null where the pair has no such line.
 */
export function atScaylesAmount(
  work: Work,
  pair: WorkPair,
): Readonly<{ line: GroupLine; corrected: GroupLine; document: GroupDocument }> | null {
  const line = oddLine(pair);
  const document = line ? documentOf(work, line) : null;
  if (!line || !document) return null;
  const policy = policyOf(work, document);
  const gap = baseSum(pair.scayle, policy) - baseSum(pair.erp, policy);
  const change = { line, base: baseOf(line, policy) + gap, rate: line.taxRate };
  const [corrected] = retaxed(documentLines(work, document.id), [change], policy);
  return corrected ? { line, corrected, document } : null;
}

/** The ERP line that is left when lines of equal unit price are taken off both sides; the last, where none is. */
export function oddLine(pair: WorkPair): GroupLine | null {
  if (pair.erp.length === 1) return pair.erp[0] ?? null;
  const prices = pair.scayle.map((unit) => unit.gross);
  const odd = pair.erp.filter((line) => {
    const count = Math.max(1, Math.abs(wholeUnits(microOf(line.quantity)) ?? 1));
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
