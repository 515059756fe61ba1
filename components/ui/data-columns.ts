import { createColumnHelper, metaHelper, type RowData, tableFeatures } from "@tanstack/react-table";

/** How a column looks and what it is sorted by. */
export type DataColumnMeta = Readonly<{
  /** `end` lines figures up: amounts, counts, ages. */
  align?: "start" | "end";
  /** The name under which the server sorts it (`?sort=name`, `?sort=-name`); without one it is not sortable. */
  sort?: string;
  /** On a phone: the card's first line, its figure at the right, a labelled line (the default), one of several in a line, or left out. */
  card?: "title" | "figure" | "line" | "inline" | "hidden";
  /** On a phone, in a line with others: its value says what it is, so that its label is for screen readers alone. */
  bare?: boolean;
  /** Stays in sight while the table scrolls sideways; for the first column. */
  pinned?: boolean;
  /** In a list without end: the higher, the sooner the column is left out where there is no room; without one it stays. */
  priority?: number;
  /** In a list without end: the column's share of the width, in rem; what does not fit is cut with an ellipsis. */
  width?: number;
  /** Breaks text over two lines instead of widening the table. */
  wrap?: boolean;
}>;

// Sorting, filtering and paging are the server's work, so no such feature is registered here.
export const dataTableFeatures = tableFeatures({ columnMeta: metaHelper<DataColumnMeta>() });

/** Makes columns for DataTable; keep them at module scope, or in `useMemo`. */
export const dataColumns = <Row extends RowData>() => createColumnHelper<typeof dataTableFeatures, Row>();
