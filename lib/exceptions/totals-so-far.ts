import type { Minor } from "@/lib/domain/money";

/**
 * Count and sums of a filter, per currency: amounts are never converted to make a sum. Net, tax and gross are summed with their
 * signs, so that what is too much takes off what is too little; `extent` is how much money it is about, whatever the signs.
 */
export type ExceptionTotal = Readonly<{
  currency: string;
  count: number;
  net: Minor;
  tax: Minor;
  gross: Minor;
  extent: Minor;
}>;

/** So many exceptions are counted before a page is answered, where no sums are kept: to count more of them takes too long. */
export const MANY = 10_000;

/** Totals of which it is known whether they are of all that the filter means, or only of the first so many. */
export type TotalsSoFar = Readonly<{ totals: readonly ExceptionTotal[]; isWhole: boolean }>;

/** How many that are, of all currencies together. */
export const countOf = (totals: readonly ExceptionTotal[]): number =>
  totals.reduce((sum, { count }) => sum + count, 0);
