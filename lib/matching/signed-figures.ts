import { hashOf } from "@/lib/domain/identity";
import { toJson } from "@/lib/domain/json";
import type { KnownAmounts } from "@/lib/domain/money";

/** What of a month's totals its figures are made of; one currency. */
export type FiguredTotals = Readonly<{
  currency: string;
  scayle: KnownAmounts & Readonly<{ lines: number }>;
  erp: KnownAmounts & Readonly<{ lines: number }>;
  causes: readonly (KnownAmounts & Readonly<{ cause: string; count: number }>)[];
  unexplained: KnownAmounts & Readonly<{ count: number }>;
}>;

type CurrencyFigures = Readonly<{
  scayle: KnownAmounts;
  erp: KnownAmounts;
  /** SCAYLE − ERP by cause; causes without an amount are left out */
  causes: Readonly<Record<string, KnownAmounts>>;
  /** lines of both sides, and how often each cause was found */
  counts: Readonly<{ scayle: number; erp: number; causes: Readonly<Record<string, number>> }>;
}>;

/** The figures that people sign: of each currency of a month, in minor units. */
export type SignedFigures = Readonly<Record<string, CurrencyFigures>>;

const amountsOf = ({ net, tax, gross }: KnownAmounts): KnownAmounts => ({ net, tax, gross });

/** The figures of a month, out of the totals of its currencies. A currency of which no line counts has none. */
export function signedFiguresOf(totals: readonly FiguredTotals[]): SignedFigures {
  const counted = totals.filter((one) => one.scayle.lines > 0 || one.erp.lines > 0);
  return Object.fromEntries(
    counted.map(({ currency, scayle, erp, causes, unexplained }) => {
      const all = [...causes, ...(unexplained.count > 0 ? [{ ...unexplained, cause: "unexplained" }] : [])];
      const weighty = all.filter((one) => one.net !== 0n || one.tax !== 0n || one.gross !== 0n);
      const figures: CurrencyFigures = {
        scayle: amountsOf(scayle),
        erp: amountsOf(erp),
        causes: Object.fromEntries(weighty.map((one) => [one.cause, amountsOf(one)])),
        counts: {
          scayle: scayle.lines,
          erp: erp.lines,
          causes: Object.fromEntries(all.map((one) => [one.cause, one.count])),
        },
      };
      return [currency, figures];
    }),
  );
}

/** SHA-256 over figures, as the one codec writes them. */
export const hashOfFigures = (figures: SignedFigures): string => hashOf(toJson(figures));
