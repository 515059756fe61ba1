import { Decimal } from "decimal.js";
import type { InvoiceTaxWire, LineWire, TaxWire } from "./wire";

/** A tax that a document states, with what the master data say of it. */
export type CodedTax = Readonly<{
  id: number;
  amount: string;
  account: string | null;
  description: string | null;
  /** name of the tax as lines carry it: its outermost parent's */
  code: string | null;
  /** fraction as decimal text; null where it isn't a percentage */
  rate: string | null;
  /** the tax and all above it: a line carries the parent, the document the child that was valid on its day */
  family: ReadonlySet<number>;
  /** names of every code in the master data that came along */
  names: ReadonlyMap<number, string>;
}>;

/** A document's stated taxes with their codes. */
export function codedTaxes(
  codes: readonly TaxWire[],
  stated: readonly InvoiceTaxWire[],
): readonly CodedTax[] {
  const known = new Map(codes.map((code) => [code.id, code]));
  const names = new Map(codes.map((code) => [code.id, code.name]));
  return stated.map((one) => {
    const family = familyOf(one.tax, known);
    const own = one.tax === null ? undefined : known.get(one.tax);
    const outermost = [...family].at(-1);
    return {
      id: one.id,
      amount: one.amount,
      account: one["account."]?.code ?? null,
      description: one.description,
      code: outermost === undefined ? null : (names.get(outermost) ?? null),
      rate: own?.type === "percentage" ? own.rate : null,
      family,
      names,
    };
  });
}

/** A tax and all its parents, itself first. */
function familyOf(id: number | null, known: ReadonlyMap<number, TaxWire>): ReadonlySet<number> {
  const family = new Set<number>();
  for (let next = id; next !== null && !family.has(next); next = known.get(next)?.parent ?? null)
    family.add(next);
  return family;
}

const carries = (line: Pick<LineWire, "taxes">, tax: CodedTax): boolean =>
  line.taxes.some((id) => tax.family.has(id));

/** Places of the lines that a stated tax is on. */
export const taxedLines = (tax: CodedTax, lines: readonly Pick<LineWire, "taxes">[]): readonly number[] =>
  lines.flatMap((line, index) => (carries(line, tax) ? [index] : []));

/** Names of the taxes that a line carries; null where it carries none. */
export function codesOf(line: Pick<LineWire, "taxes">, coded: readonly CodedTax[]): string | null {
  const names = coded[0]?.names ?? new Map<number, string>();
  const own = line.taxes.map((id) => names.get(id) ?? `tax ${id}`);
  return own.length === 0 ? null : own.join(" + ");
}

/** The rates of all taxes on a line together; null where it has none, or one of them is no percentage. */
export function rateOfLine(line: Pick<LineWire, "taxes">, coded: readonly CodedTax[]): string | null {
  const own = coded.filter((tax) => carries(line, tax));
  // One tax may be stated in several rows (by account): its rate counts once.
  const rates = new Map(own.map((tax) => [[...tax.family][0] ?? tax.id, tax.rate]));
  if (rates.size === 0 || [...rates.values()].includes(null)) return null;
  return [...rates.values()].reduce((sum, rate) => sum.plus(rate ?? "0"), new Decimal(0)).toFixed();
}
