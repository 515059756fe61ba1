import type { KnownAmounts, Minor } from "./money";

/** What lines of one side come to; net and tax of those that state them, minor units. */
export type SideSum = KnownAmounts & Readonly<{ lines: number; unknown: number }>;

/** Base and tax of a country, a rate and a code on both sides. */
export type VatRow = Readonly<{
  currency: string;
  /** where the goods go, ISO 3166-1; null: no side says */
  country: string | null;
  /** a fraction as text; null: no side says */
  rate: string | null;
  /** ERP: as posted, "" for none. SCAYLE: the one that is right by the mapping ("A or B" where several are), null without mapping */
  code: string | null;
  /** whether the mapping has the code for the country and rate */
  mapped: boolean;
  scayle: SideSum;
  erp: SideSum;
}>;

/** What a line is to an accountant. */
export const accountClasses = [
  "revenue",
  "refunds",
  "shipping",
  "shipping-refunds",
  "fees",
  "discounts",
  "gift-cards",
  "rounding",
  "header",
] as const;
export type AccountClass = (typeof accountClasses)[number];

/** Lines of one kind, and of the ERP's account that they name. */
export type AccountRow = Readonly<{
  currency: string;
  class: AccountClass;
  /** null: the line names none */
  account: string | null;
  scayle: SideSum;
  erp: SideSum;
  /** what the ERP's lines already have deducted as discounts */
  erpDiscount: Minor;
}>;

/** Sums of one side of rows. */
export const sumOfSide = (
  rows: readonly Readonly<Record<"scayle" | "erp", SideSum>>[],
  side: "scayle" | "erp",
): SideSum =>
  rows.reduce<SideSum>(
    (all, row) => ({
      lines: all.lines + row[side].lines,
      unknown: all.unknown + row[side].unknown,
      net: all.net + row[side].net,
      tax: all.tax + row[side].tax,
      gross: all.gross + row[side].gross,
    }),
    { lines: 0, unknown: 0, net: 0n, tax: 0n, gross: 0n },
  );

/** Rates of a country that its mapping does not have, shown together where they are many: shipping taxed by what it came with. */
export type OddRates = Readonly<{ count: number; least: string; most: string }>;

/** A row of the VAT, of one rate or of the many of a country that the mapping does not have. */
export type VatShown = VatRow & Readonly<{ odd: OddRates | null }>;

/** From how many rates on, those that the mapping does not have are one line per code. */
const ODD_MAX = 3;

/**
 * Rows as the return needs them: each rate that the mapping has for a country by itself; the others too where they are few, else
 * together, code by code. Sums stay what they are.
 */
export function shownOf(rows: readonly VatRow[]): readonly VatShown[] {
  return [...byKey(rows, (row) => row.country).values()].flatMap((country) => {
    const rates = [...byKey(country, (row) => row.rate)];
    const odd = rates.filter(([rate, mine]) => rate !== null && mine.every((row) => !row.mapped));
    if (odd.length <= ODD_MAX) return country.map((row) => ({ ...row, odd: null }));
    const names = odd
      .flatMap(([rate]) => (rate === null ? [] : [rate]))
      .sort((a, b) => Number(a) - Number(b));
    const together = { count: names.length, least: names[0] ?? "", most: names.at(-1) ?? "" };
    const single = country.filter((row) => row.rate === null || !names.includes(row.rate));
    const merged = [
      ...byKey(
        odd.flatMap(([, mine]) => mine),
        (row) => row.code,
      ),
    ].flatMap(([code, mine]) => {
      const [first] = mine;
      if (!first) return [];
      const sums = { scayle: sumOfSide(mine, "scayle"), erp: sumOfSide(mine, "erp") };
      return [{ ...first, ...sums, code, rate: "odd", odd: together }];
    });
    return [...single.map((row) => ({ ...row, odd: null })), ...merged];
  });
}

/** Rows by what they have in common, in their order. */
export function byKey<Row, Key>(
  rows: readonly Row[],
  keyOf: (row: Row) => Key,
): ReadonlyMap<Key, readonly Row[]> {
  const found = new Map<Key, Row[]>();
  for (const row of rows) {
    const key = keyOf(row);
    const mine = found.get(key);
    if (mine) mine.push(row);
    else found.set(key, [row]);
  }
  return found;
}
