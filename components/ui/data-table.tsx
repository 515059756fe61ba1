"use client";

import { type RowData, type TableOptions, useTable } from "@tanstack/react-table";
import type { ReactNode } from "react";
import { cx } from "./class-names";
import { DataCards } from "./data-cards";
import { cellClass, HeaderCell } from "./data-cells";
import { type DataColumnMeta, dataTableFeatures } from "./data-columns";
import { Pagination } from "./pagination";

export type DataTableProps<Row extends RowData> = Readonly<{
  /** What the rows are: read to those who do not see the page. */
  caption: string;
  columns: TableOptions<typeof dataTableFeatures, Row>["columns"];
  rows: Row[];
  rowId: (row: Row) => string;
  /** The sort in force, as in the address. */
  sort?: string;
  /** The row that the panel shows. */
  selectedId?: string | undefined;
  /** The row that keys act on. */
  currentId?: string | undefined;
  paging?: Readonly<{ page: number; pageSize: number; total: number }>;
  /** Sums of the whole selection, by column id; stays at the foot while the rows scroll. */
  totals?: Readonly<Record<string, ReactNode>>;
  /** Rows in a box of their own with headings that stay; else they flow with a page that has several tables. */
  boxed?: boolean;
  /** What is shown instead when there is no row. */
  empty: ReactNode;
}>;

/** A table of one page of rows that the server sorted and cut; cards on a phone. The address is its state. */
export function DataTable<Row extends RowData>({
  caption,
  columns,
  rows,
  rowId,
  sort,
  selectedId,
  currentId,
  paging,
  totals,
  boxed = true,
  empty,
}: DataTableProps<Row>) {
  const table = useTable({ features: dataTableFeatures, columns, data: rows, getRowId: rowId });
  if (rows.length === 0) return empty;
  return (
    <div className="min-w-0">
      <section
        aria-label={caption}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        tabIndex={0}
        className={cx(
          "hidden overflow-auto md:block print:max-h-none",
          boxed && "max-h-[calc(100dvh-11rem)]",
        )}
      >
        <table className="w-full border-separate border-spacing-0 text-sm">
          <caption className="sr-only">{caption}</caption>
          <thead>
            {table.getHeaderGroups().map((group) => (
              <tr key={group.id}>
                {group.headers.map((header) => (
                  <HeaderCell key={header.id} meta={header.column.columnDef.meta} sort={sort}>
                    {header.isPlaceholder ? null : <table.FlexRender header={header} />}
                  </HeaderCell>
                ))}
              </tr>
            ))}
          </thead>
          <tbody>
            {table.getRowModel().rows.map((row) => (
              <tr
                key={row.id}
                data-row-id={row.id}
                aria-selected={row.id === selectedId || undefined}
                aria-current={row.id === currentId || undefined}
                className="group -outline-offset-2 outline-accent aria-[current]:outline-2"
              >
                {row.getAllCells().map((cell) => (
                  <td key={cell.id} className={cellClass(cell.column.columnDef.meta, row.id === selectedId)}>
                    <table.FlexRender cell={cell} />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
          {totals && (
            <tfoot>
              <tr>
                {table.getAllLeafColumns().map(({ id, columnDef }) => (
                  <td key={id} className={totalClass(columnDef.meta)}>
                    {totals[id]}
                  </td>
                ))}
              </tr>
            </tfoot>
          )}
        </table>
      </section>
      <DataCards
        table={table}
        caption={caption}
        selectedId={selectedId}
        currentId={currentId}
        totals={totals}
      />
      {paging && <Pagination {...paging} />}
    </div>
  );
}

const totalClass = (meta: DataColumnMeta | undefined): string =>
  cx(
    "sticky bottom-0 h-(--row) border-line border-t bg-sunken px-3 font-semibold whitespace-nowrap",
    meta?.align === "end" ? "figures text-right" : "text-left",
    meta?.pinned && "left-0 z-10",
  );
