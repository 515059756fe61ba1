"use client";

import { type ReactTable, type RowData, useTable } from "@tanstack/react-table";
import { useVirtualizer, useWindowVirtualizer } from "@tanstack/react-virtual";
import {
  memo,
  type ReactNode,
  type RefObject,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
  useSyncExternalStore,
} from "react";
import { cx } from "./class-names";
import { DataCards } from "./data-cards";
import { HeaderCell } from "./data-cells";
import { type DataColumnMeta, dataTableFeatures } from "./data-columns";
import type { DataTableProps } from "./data-table";
import { fittingColumns, widthOf } from "./fitting-columns";

export type EndlessTableProps<Row extends RowData> = Pick<
  DataTableProps<Row>,
  "caption" | "columns" | "rowId" | "sort" | "selectedId" | "currentId" | "empty"
> &
  Readonly<{
    rows: readonly Row[];
    /** how many rows there are in all, loaded or not, in words; and the same as a number, where it is known */
    totalText: string;
    total: number;
    hasMore: boolean;
    /** asked for when the reader comes near the last row that is loaded */
    more: () => void;
    /** brings a row into sight that may not be drawn; for who moves by keys */
    reveal: RefObject<((id: string) => void) | null>;
    /** what is said under the rows beside how many there are; on a phone it stays in sight */
    foot?: ReactNode;
  }>;

/** Rows are drawn in blocks: within one, scrolling draws nothing anew. */
const BLOCK = 8;
/** Blocks drawn beyond both edges of what is seen. */
const BLOCKS_AROUND = 1;
/** So many rows before the last one further ones are asked for. */
const AHEAD = 60;
const CARD = 130;
/** What the server draws for, before a window is known. */
const FIRST_SIGHT = { width: 0, height: 900 };

/**
 * A table of as many rows as there are, of which only those in sight are drawn: rows of a box on a desk, cards of the page on a
 * phone. The server sorts and filters; further rows are asked for as one scrolls.
 */
export function EndlessTable<Row extends RowData>(props: EndlessTableProps<Row>) {
  const box = useRef<HTMLElement>(null);
  const width = useWidth(box, props.rows.length > 0);
  const { columns, left } = useMemo(() => fittingColumns(props.columns, width), [props.columns, width]);
  if (props.rows.length === 0) return props.empty;
  const loaded = props.rows.length.toLocaleString("en");
  return (
    <div className="min-w-0">
      <EndlessRows {...props} columns={columns} box={box} width={width} />
      <EndlessCards {...props} />
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1 border-line border-t bg-surface px-3 py-1.5 text-sm max-md:sticky max-md:bottom-[calc(3.5rem+env(safe-area-inset-bottom))] max-md:z-20">
        {props.foot}
        <p role="status" className="figures min-h-6 content-center text-soft">
          {props.hasMore
            ? `${loaded} of ${props.totalText} loaded; scroll on for more`
            : `All ${loaded} loaded`}
          {left.length > 0 && (
            <span className="max-md:hidden">. No room for: {left.join(", ").toLowerCase()}</span>
          )}
        </p>
      </div>
    </div>
  );
}

/** How wide the box is now, in rem; null before it is known. */
function useWidth(box: RefObject<HTMLElement | null>, isThere: boolean): number | null {
  const [width, setWidth] = useState<number | null>(null);
  useLayoutEffect(() => {
    const element = box.current;
    if (!element || !isThere) return;
    const measure = () => {
      const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize) || 16;
      // What is not seen has no width: the cards are shown instead.
      if (element.clientWidth > 0) setWidth(Math.floor((element.clientWidth / rem) * 4) / 4);
    };
    measure();
    const watcher = new ResizeObserver(measure);
    watcher.observe(element);
    return () => watcher.disconnect();
  }, [box, isThere]);
  return width;
}

/** How high a row is, in pixels: as the person chose. */
const rowHeight = () => (document.documentElement.dataset["density"] === "compact" ? 32 : 40);
function watchDensity(listener: () => void): () => void {
  const watcher = new MutationObserver(listener);
  watcher.observe(document.documentElement, { attributes: true, attributeFilter: ["data-density"] });
  return () => watcher.disconnect();
}
const useRowHeight = (): number => useSyncExternalStore(watchDensity, rowHeight, () => 40);

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

/** From the first to the last row of the blocks in sight and of those around them. */
function blocksOf(range: Readonly<{ startIndex: number; endIndex: number; count: number }>) {
  const first = Math.max(0, (Math.floor(range.startIndex / BLOCK) - BLOCKS_AROUND) * BLOCK);
  const last = Math.min(range.count, (Math.floor(range.endIndex / BLOCK) + 1 + BLOCKS_AROUND) * BLOCK);
  return { first, last };
}

function EndlessRows<Row extends RowData>(
  props: EndlessTableProps<Row> & Readonly<{ box: RefObject<HTMLElement | null>; width: number | null }>,
) {
  const { caption, columns, rows, rowId, sort, selectedId, currentId, total, box, width } = props;
  const place = usePlace(props);
  const height = useRowHeight();
  const virtual = useVirtualizer<HTMLElement, HTMLTableRowElement>({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: () => height,
    overscan: 0,
    initialRect: FIRST_SIGHT,
    // Room for the headings, which stay.
    scrollPaddingStart: 32,
    rangeExtractor: (range) => {
      const { first, last } = blocksOf(range);
      const seen = Array.from({ length: last - first }, (_, at) => first + at);
      if (place < 0 || (place >= first && place < last)) return seen;
      return place < first ? [place, ...seen] : [...seen, place];
    },
  });
  // Rows are as high as each other: another height is one of all of them.
  // biome-ignore lint/correctness/useExhaustiveDependencies: only another height is a change
  useLayoutEffect(() => virtual.measure(), [height]);
  const items = virtual.getVirtualItems();
  const [first, last] = [items[0]?.index ?? 0, items.at(-1)?.index ?? -1];
  const second = items[1]?.index ?? 0;
  const beforeLast = items.at(-2)?.index ?? 0;
  // Within a block nothing is made anew: not even the list of what is drawn.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the places that begin and end tell all of them
  const drawn = useMemo(
    () => items.flatMap(({ index }) => rows[index] ?? []),
    [rows, first, second, beforeLast, last],
  );
  // biome-ignore lint/correctness/useExhaustiveDependencies: as above
  const places = useMemo(() => items.map(({ index }) => index), [rows, first, second, beforeLast, last]);
  const table = useTable({ features: dataTableFeatures, columns, data: drawn, getRowId: rowId });
  useMore(box, virtual.range?.endIndex ?? last, props);
  useReveal(box, props, (index) => virtual.scrollToIndex(index, { align: "auto" }));
  const leaves = table.getAllLeafColumns();
  const least = widthOf(leaves.map(({ columnDef }) => columnDef));
  const template = leaves
    .map(({ columnDef }) => `minmax(${columnDef.meta?.width ?? 8}rem, ${columnDef.meta?.width ?? 8}fr)`)
    .join(" ");
  // Where all columns have room nothing scrolls sideways, and nothing has to stay.
  const isPinned = width !== null && least > width;
  return (
    <section
      ref={box}
      aria-label={caption}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
      tabIndex={0}
      className="relative hidden max-h-[max(16rem,calc(100dvh-20rem))] overflow-auto [contain:layout_paint_style] [overflow-anchor:none] md:block print:max-h-none"
    >
      {/* Each row is a grid of its own in a place of its own: moving one takes no look at the others. */}
      <table
        aria-label={caption}
        aria-rowcount={total + 1}
        className="block text-sm"
        style={{ minWidth: `${least}rem` }}
      >
        <thead className="sticky top-0 z-10 block">
          {table.getHeaderGroups().map((group) => (
            <tr key={group.id} aria-rowindex={1} className="grid" style={{ gridTemplateColumns: template }}>
              {group.headers.map((header) => (
                <HeaderCell key={header.id} meta={header.column.columnDef.meta} sort={sort} flat={!isPinned}>
                  {header.isPlaceholder ? null : <table.FlexRender header={header} />}
                </HeaderCell>
              ))}
            </tr>
          ))}
        </thead>
        <tbody className="relative block" style={{ height: virtual.getTotalSize() }}>
          {table.getRowModel().rows.map((row, at) => {
            const index = places[at] ?? 0;
            return (
              <DrawnRow
                key={row.id}
                row={row}
                table={table}
                columns={columns}
                template={template}
                index={index}
                height={height}
                isSelected={row.id === selectedId}
                isCurrent={row.id === currentId}
                isPinned={isPinned}
              />
            );
          })}
        </tbody>
      </table>
    </section>
  );
}

type DrawnRowProps<Row extends RowData> = Readonly<{
  row: ReturnType<ReactTable<typeof dataTableFeatures, Row>["getRowModel"]>["rows"][number];
  table: ReactTable<typeof dataTableFeatures, Row>;
  columns: EndlessTableProps<Row>["columns"];
  template: string;
  index: number;
  height: number;
  isSelected: boolean;
  isCurrent: boolean;
  isPinned: boolean;
}>;

function DrawRow<Row extends RowData>({
  row,
  table,
  template,
  index,
  height,
  isSelected,
  isCurrent,
  isPinned,
}: DrawnRowProps<Row>) {
  return (
    <tr
      data-index={index}
      data-row-id={row.id}
      aria-rowindex={index + 2}
      aria-selected={isSelected || undefined}
      aria-current={isCurrent || undefined}
      className={cx(
        "group absolute inset-x-0 top-0 grid border-line border-b -outline-offset-2 outline-accent hover:bg-hover aria-[current]:outline-2",
        !isPinned && "[contain:strict]",
        isSelected && "bg-selected",
      )}
      style={{ gridTemplateColumns: template, height, transform: `translateY(${index * height}px)` }}
    >
      {row.getAllCells().map((cell) => (
        <td key={cell.id} className={cellOf(cell.column.columnDef.meta, isSelected, isPinned)}>
          <table.FlexRender cell={cell} />
        </td>
      ))}
    </tr>
  );
}

const cellOf = (meta: DataColumnMeta | undefined, isSelected: boolean, isPinned: boolean): string =>
  cx(
    "content-center overflow-hidden text-ellipsis whitespace-nowrap px-3",
    meta?.align === "end" ? "figures text-right" : "text-left",
    isPinned && meta?.pinned && "sticky left-0",
    isPinned && meta?.pinned && (isSelected ? "bg-selected" : "bg-surface group-hover:bg-hover"),
  );

// While one scrolls, the table is made anew of the rows in sight, and those that stay need not be drawn again.
const DrawnRow = memo(
  DrawRow,
  (before, now) =>
    before.row.original === now.row.original &&
    before.columns === now.columns &&
    before.template === now.template &&
    before.index === now.index &&
    before.height === now.height &&
    before.isPinned === now.isPinned &&
    before.isSelected === now.isSelected &&
    before.isCurrent === now.isCurrent,
) as typeof DrawRow;

/** A hidden card has no height; it would make room for ever more of them. */
const heightOr = (estimate: number) => (element: Element) =>
  element.getBoundingClientRect().height || estimate;

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
  // What stands above the list grows and shrinks without the list being drawn: filters that are opened, rows that are selected.
  useLayoutEffect(() => {
    const element = host.current;
    const measure = () => {
      if (element?.offsetParent) setAbove(Math.round(element.getBoundingClientRect().top + window.scrollY));
    };
    measure();
    const watcher = new ResizeObserver(measure);
    watcher.observe(document.body);
    return () => watcher.disconnect();
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
