"use client";

import type { ReactTable, RowData } from "@tanstack/react-table";
import type { ReactNode } from "react";
import { cx } from "./class-names";
import type { DataColumnMeta, dataTableFeatures } from "./data-columns";

/** The rows of a DataTable on a phone: a card each, with the same figures. */
export function DataCards<Row extends RowData>({
  table,
  caption,
  selectedId,
  currentId,
  totals,
  window,
}: Readonly<{
  table: ReactTable<typeof dataTableFeatures, Row>;
  caption: string;
  selectedId: string | undefined;
  currentId: string | undefined;
  totals?: Readonly<Record<string, ReactNode>> | undefined;
  /** Of a list without end: which of its rows these are, and how much room the others take, in pixels. */
  window?: Readonly<{
    from: number;
    count: number;
    before: number;
    after: number;
    measure: (card: HTMLLIElement | null) => void;
  }>;
}>) {
  const headers = new Map(
    table
      .getHeaderGroups()
      .flatMap((group) => group.headers.map((header) => [header.column.id, header] as const)),
  );
  return (
    <ul
      aria-label={caption}
      className="flex flex-col md:hidden"
      {...(window && { style: { paddingTop: window.before, paddingBottom: window.after } })}
    >
      {table.getRowModel().rows.map((row, at) => {
        const cells = row.getAllCells();
        const of = (place: DataColumnMeta["card"]) =>
          cells.filter((cell) => (cell.column.columnDef.meta?.card ?? "line") === place);
        return (
          <li
            key={row.id}
            data-row-id={row.id}
            {...(window && {
              ref: window.measure,
              "data-index": window.from + at,
              "aria-posinset": window.from + at + 1,
              "aria-setsize": window.count,
            })}
            aria-current={row.id === currentId || undefined}
            className={cx(
              "-outline-offset-2 border-line border-b px-4 py-2.5 text-sm outline-accent aria-[current]:outline-2",
              row.id === selectedId && "bg-selected",
            )}
          >
            <div className="flex items-start justify-between gap-3">
              <div className="flex min-w-0 flex-wrap items-center gap-x-2 gap-y-1 font-medium">
                {of("title").map((cell) => (
                  <div key={cell.id} className="min-w-0">
                    <table.FlexRender cell={cell} />
                  </div>
                ))}
              </div>
              <div className="figures text-right font-medium">
                {of("figure").map((cell) => (
                  <div key={cell.id}>
                    <table.FlexRender cell={cell} />
                  </div>
                ))}
              </div>
            </div>
            {of("inline").length > 0 && (
              <dl className="mt-1 flex flex-wrap gap-x-3">
                {of("inline").map((cell) => {
                  const header = headers.get(cell.column.id);
                  return (
                    <div key={cell.id} className="flex min-w-0 gap-x-1">
                      <dt className={cell.column.columnDef.meta?.bare ? "sr-only" : "text-soft"}>
                        {header && <table.FlexRender header={header} />}
                      </dt>
                      <dd className="min-w-0 break-words">
                        <table.FlexRender cell={cell} />
                      </dd>
                    </div>
                  );
                })}
              </dl>
            )}
            <dl
              className={cx(
                "mt-1.5 grid grid-cols-[auto_1fr] gap-x-3 gap-y-0.5",
                of("line").length === 0 && "hidden",
              )}
            >
              {of("line").map((cell) => {
                const header = headers.get(cell.column.id);
                return (
                  <div key={cell.id} className="contents">
                    <dt className="text-soft">{header && <table.FlexRender header={header} />}</dt>
                    <dd className="min-w-0 break-words text-right">
                      <table.FlexRender cell={cell} />
                    </dd>
                  </div>
                );
              })}
            </dl>
          </li>
        );
      })}
      {totals && (
        <li className="flex flex-wrap justify-between gap-x-4 border-line border-b bg-sunken px-4 py-3 font-semibold text-sm">
          {Object.entries(totals).map(([id, total]) => (
            <span key={id} className="figures">
              {total}
            </span>
          ))}
        </li>
      )}
    </ul>
  );
}
