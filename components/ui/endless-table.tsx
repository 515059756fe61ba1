"use client";

import { type ReactTable, type RowData, useTable } from "@tanstack/react-table";
import { defaultRangeExtractor, useVirtualizer, useWindowVirtualizer } from "@tanstack/react-virtual";
import { Fragment, memo, type RefObject, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { cx } from "./class-names";
import { DataCards } from "./data-cards";
import { cellClass, HeaderCell } from "./data-cells";
import { dataTableFeatures } from "./data-columns";
import type { DataTableProps } from "./data-table";

export type EndlessTableProps<Row extends RowData> = Pick<
  DataTableProps<Row>,
  "caption" | "columns" | "rowId" | "sort" | "selectedId" | "currentId" | "empty"
> &
  Readonly<{
    rows: readonly Row[];
    /** how many rows there are in all, loaded or not */
    total: number;
    hasMore: boolean;
    /** asked for when the reader comes near the last row that is loaded */
    more: () => void;
    /** brings a row into sight that may not be drawn; for who moves by keys */
    reveal: RefObject<((id: string) => void) | null>;
  }>;

/** Rows drawn beyond both edges of what is seen. */
const OVERSCAN = 12;
/** So many rows before the last one further ones are asked for. */
const AHEAD = 60;
const ROW = 40;
const CARD = 220;
/** What the server draws for, before a window is known. */
const FIRST_SIGHT = { width: 0, height: 900 };

/**
 * A table of as many rows as there are, of which only those in sight are drawn: rows of a box on a desk, cards of the page on a
 * phone. The server sorts and filters; further rows are asked for as one scrolls.
 */
export function EndlessTable<Row extends RowData>(props: EndlessTableProps<Row>) {
  if (props.rows.length === 0) return props.empty;
  return (
    <div className="min-w-0">
      <EndlessRows {...props} />
      <EndlessCards {...props} />
      <p role="status" className="figures border-line border-t px-3 py-2 text-soft text-sm">
        {props.hasMore
          ? `${props.rows.length.toLocaleString("en")} of ${props.total.toLocaleString("en")} loaded; scroll on for more`
          : `All ${props.rows.length.toLocaleString("en")} loaded`}
      </p>
    </div>
  );
}

/** The place of the row that keys act on: it stays drawn, so that it keeps the focus. */
function usePlace<Row extends RowData>({ rows, rowId, currentId }: EndlessTableProps<Row>): number {
  return useMemo(
    () => (currentId === undefined ? -1 : rows.findIndex((row) => rowId(row) === currentId)),
    [rows, rowId, currentId],
  );
}

/** Asks for more where the last row in sight is near the last one loaded, of a list that is seen at all. */
function useMore(
  host: RefObject<HTMLElement | null>,
  last: number,
  { rows, hasMore, more }: Pick<EndlessTableProps<RowData>, "rows" | "hasMore" | "more">,
): void {
  const count = rows.length;
  useEffect(() => {
    if (hasMore && last >= count - AHEAD && host.current?.offsetParent) more();
  }, [host, last, count, hasMore, more]);
}

function useReveal<Row extends RowData>(
  host: RefObject<HTMLElement | null>,
  { rows, rowId, reveal }: EndlessTableProps<Row>,
  scrollTo: (index: number) => void,
): void {
  useEffect(() => {
    const mine = (id: string) => {
      const index = rows.findIndex((row) => rowId(row) === id);
      if (index >= 0 && host.current?.offsetParent) scrollTo(index);
    };
    const before = reveal.current;
    // The table and the cards are both there, and each brings into sight what is its own.
    reveal.current = (id) => {
      before?.(id);
      mine(id);
    };
    return () => {
      reveal.current = before;
    };
  });
}

/** A hidden row has no height; it would make room for ever more of them. */
const heightOr = (estimate: number) => (element: Element) =>
  element.getBoundingClientRect().height || estimate;

function EndlessRows<Row extends RowData>(props: EndlessTableProps<Row>) {
  const { caption, columns, rows, rowId, sort, selectedId, currentId, total } = props;
  const box = useRef<HTMLElement>(null);
  const place = usePlace(props);
  const virtual = useVirtualizer<HTMLElement, HTMLTableRowElement>({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: () => ROW,
    measureElement: heightOr(ROW),
    overscan: OVERSCAN,
    initialRect: FIRST_SIGHT,
    getItemKey: (index) => {
      const row = rows[index];
      return row === undefined ? index : rowId(row);
    },
    // Room for the headings, which stay.
    scrollPaddingStart: ROW,
    rangeExtractor: (range) => {
      const seen = defaultRangeExtractor(range);
      if (place < 0 || seen.includes(place)) return seen;
      return [...seen, place].sort((a, b) => a - b);
    },
  });
  const items = virtual.getVirtualItems();
  const drawn = items.flatMap((item) => rows[item.index] ?? []);
  const table = useTable({ features: dataTableFeatures, columns, data: drawn, getRowId: rowId });
  useMore(box, lastOf(items), props);
  useReveal(box, props, (index) => virtual.scrollToIndex(index, { align: "auto" }));
  const leaves = table.getAllLeafColumns();
  const width = leaves.reduce((sum, { columnDef }) => sum + (columnDef.meta?.width ?? 0), 0);
  let end = 0;
  return (
    <section
      ref={box}
      aria-label={caption}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
      tabIndex={0}
      className="relative hidden max-h-[calc(100dvh-11rem)] overflow-auto [overflow-anchor:none] md:block print:max-h-none"
    >
      <table
        aria-rowcount={total + 1}
        className="w-full table-fixed border-separate border-spacing-0 text-sm"
        style={{ minWidth: `${width}rem` }}
      >
        <caption className="sr-only">{caption}</caption>
        <colgroup>
          {leaves.map(({ id, columnDef }) => (
            <col key={id} style={{ width: `${columnDef.meta?.width ?? 8}rem` }} />
          ))}
        </colgroup>
        <thead>
          {table.getHeaderGroups().map((group) => (
            <tr key={group.id} aria-rowindex={1}>
              {group.headers.map((header) => (
                <HeaderCell key={header.id} meta={header.column.columnDef.meta} sort={sort}>
                  {header.isPlaceholder ? null : <table.FlexRender header={header} />}
                </HeaderCell>
              ))}
            </tr>
          ))}
        </thead>
        <tbody>
          {table.getRowModel().rows.map((row, at) => {
            const item = items[at];
            if (!item) return null;
            const before = item.start - end;
            end = item.end;
            return (
              <Fragment key={row.id}>
                <Room height={before} columns={leaves.length} />
                <DrawnRow
                  row={row}
                  table={table}
                  columns={columns}
                  index={item.index}
                  isSelected={row.id === selectedId}
                  isCurrent={row.id === currentId}
                  measure={virtual.measureElement}
                />
              </Fragment>
            );
          })}
          <Room height={virtual.getTotalSize() - end} columns={leaves.length} />
        </tbody>
      </table>
    </section>
  );
}

type DrawnRowProps<Row extends RowData> = Readonly<{
  row: ReturnType<ReactTable<typeof dataTableFeatures, Row>["getRowModel"]>["rows"][number];
  table: ReactTable<typeof dataTableFeatures, Row>;
  columns: EndlessTableProps<Row>["columns"];
  index: number;
  isSelected: boolean;
  isCurrent: boolean;
  measure: (row: HTMLTableRowElement | null) => void;
}>;

function DrawRow<Row extends RowData>({
  row,
  table,
  index,
  isSelected,
  isCurrent,
  measure,
}: DrawnRowProps<Row>) {
  return (
    <tr
      ref={measure}
      data-index={index}
      data-row-id={row.id}
      aria-rowindex={index + 2}
      aria-selected={isSelected || undefined}
      aria-current={isCurrent || undefined}
      className="group -outline-offset-2 outline-accent aria-[current]:outline-2"
    >
      {row.getAllCells().map((cell) => (
        <td
          key={cell.id}
          className={cx(
            cellClass(cell.column.columnDef.meta, isSelected),
            "overflow-hidden text-ellipsis whitespace-nowrap",
          )}
        >
          <table.FlexRender cell={cell} />
        </td>
      ))}
    </tr>
  );
}

// While one scrolls, the table is made anew of the rows in sight, and those that stay need not be drawn again.
const DrawnRow = memo(
  DrawRow,
  (before, now) =>
    before.row.original === now.row.original &&
    before.columns === now.columns &&
    before.index === now.index &&
    before.isSelected === now.isSelected &&
    before.isCurrent === now.isCurrent,
) as typeof DrawRow;

/** The room of rows that are not drawn. */
function Room({ height, columns }: Readonly<{ height: number; columns: number }>) {
  if (height <= 0) return null;
  return (
    <tr aria-hidden>
      <td colSpan={columns} style={{ height, padding: 0 }} />
    </tr>
  );
}

function EndlessCards<Row extends RowData>(props: EndlessTableProps<Row>) {
  const { caption, columns, rows, rowId, selectedId, currentId, total } = props;
  const host = useRef<HTMLDivElement>(null);
  const [above, setAbove] = useState(0);
  const virtual = useWindowVirtualizer<HTMLLIElement>({
    count: rows.length,
    estimateSize: () => CARD,
    measureElement: heightOr(CARD),
    overscan: 4,
    initialRect: FIRST_SIGHT,
    scrollMargin: above,
    getItemKey: (index) => {
      const row = rows[index];
      return row === undefined ? index : rowId(row);
    },
  });
  // What stands above the list may change with what is selected.
  useLayoutEffect(() => {
    const element = host.current;
    if (element?.offsetParent) setAbove(element.getBoundingClientRect().top + window.scrollY);
  }, []);
  const items = virtual.getVirtualItems();
  const drawn = items.flatMap((item) => rows[item.index] ?? []);
  const table = useTable({ features: dataTableFeatures, columns, data: drawn, getRowId: rowId });
  useMore(host, lastOf(items), props);
  useReveal(host, props, (index) => virtual.scrollToIndex(index, { align: "auto" }));
  const first = items[0];
  const last = items.at(-1);
  return (
    <div ref={host} className="md:hidden">
      <DataCards
        table={table}
        caption={caption}
        selectedId={selectedId}
        currentId={currentId}
        window={{
          from: first?.index ?? 0,
          count: total,
          before: first ? first.start - above : 0,
          after: last ? virtual.getTotalSize() - (last.end - above) : 0,
          measure: virtual.measureElement,
        }}
      />
    </div>
  );
}

const lastOf = (items: readonly Readonly<{ index: number }>[]): number => items.at(-1)?.index ?? -1;
