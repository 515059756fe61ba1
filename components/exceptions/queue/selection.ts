import type { ExceptionTotal } from "@/lib/exceptions/schema";

/** What the queue must know of a row that is chosen, on whatever page it was seen. Amounts in minor units. */
export type ChosenRow = Readonly<{
  id: string;
  version: number;
  currency: string;
  net: bigint;
  tax: bigint;
  gross: bigint;
  extent: bigint;
}>;

/** The rows that are chosen: one by one, or (`all`) everything that the filter means. */
export type Selection = Readonly<{ all: boolean; rows: ReadonlyMap<string, ChosenRow> }>;

export const NOTHING: Selection = { all: false, rows: new Map() };

/** Chooses a row, or takes it out. With everything chosen: everything shown but that row. */
export function toggled(selection: Selection, row: ChosenRow, shown: readonly ChosenRow[]): Selection {
  const rows = new Map(selection.all ? shown.map((one) => [one.id, one]) : selection.rows);
  if (!rows.delete(row.id)) rows.set(row.id, row);
  return { all: false, rows };
}

/** Chooses all rows from one to another, both included, besides what is chosen; an unknown end is the other. */
export function withRange(
  selection: Selection,
  shown: readonly ChosenRow[],
  from: string | null,
  to: string,
): Selection {
  const end = shown.findIndex((row) => row.id === to);
  if (end < 0) return selection;
  const start = shown.findIndex((row) => row.id === from);
  const [first, last] = start < 0 ? [end, end] : [Math.min(start, end), Math.max(start, end)];
  const rows = new Map(selection.all ? [] : selection.rows);
  for (const row of shown.slice(first, last + 1)) rows.set(row.id, row);
  return { all: false, rows };
}

/** Chooses all rows shown besides what is chosen; where they are chosen already, everything that matches. */
export function withShown(selection: Selection, shown: readonly ChosenRow[], matching: number): Selection {
  if (selection.all) return selection;
  const isWhole = shown.every((row) => selection.rows.has(row.id));
  if (isWhole && matching > shown.length) return { all: true, rows: new Map() };
  return { all: false, rows: new Map([...selection.rows, ...shown.map((row) => [row.id, row] as const)]) };
}

/** What is chosen now without what was chosen then; everything is without itself nothing. */
export function without(now: Selection, then: Selection): Selection {
  if (now.all) return then.all ? NOTHING : now;
  return { all: false, rows: new Map([...now.rows].filter(([id]) => !then.rows.has(id))) };
}

export const isChosen = (selection: Selection, id: string): boolean =>
  selection.all || selection.rows.has(id);

/**
 * Count and sums of what is chosen, per currency: amounts are never converted to make a sum. Of everything they are the
 * filter's, which the server counted.
 */
export function totalsOf(
  selection: Selection,
  ofFilter: readonly ExceptionTotal[],
): readonly ExceptionTotal[] {
  if (selection.all) return ofFilter;
  const totals = new Map<string, ExceptionTotal>();
  for (const { currency, net, tax, gross, extent } of selection.rows.values()) {
    const sum = totals.get(currency) ?? { currency, count: 0, net: 0n, tax: 0n, gross: 0n, extent: 0n };
    totals.set(currency, {
      currency,
      count: sum.count + 1,
      net: sum.net + net,
      tax: sum.tax + tax,
      gross: sum.gross + gross,
      extent: sum.extent + extent,
    });
  }
  return [...totals.values()].sort((a, b) => (a.currency < b.currency ? -1 : 1));
}
