"use client";

import type { ReactNode } from "react";
import { cx } from "./class-names";
import type { DataColumnMeta } from "./data-columns";
import { SortLink } from "./sort-link";

/** A heading that stays in sight, and sorts where its column can be sorted. */
export function HeaderCell({
  meta,
  sort,
  flat = false,
  children,
}: Readonly<{
  meta: DataColumnMeta | undefined;
  sort: string | undefined;
  /** its row stays in sight as a whole, and nothing scrolls sideways */
  flat?: boolean;
  children: ReactNode;
}>) {
  const direction = meta?.sort === undefined ? null : directionOf(meta.sort, sort);
  return (
    <th
      scope="col"
      aria-sort={direction ?? undefined}
      className={cx(
        "h-8 content-center border-line border-b bg-sunken px-3 font-medium text-soft text-xs whitespace-nowrap",
        !flat && "sticky top-0 z-10",
        meta?.align === "end" ? "text-right" : "text-left",
        !flat && meta?.pinned && "left-0 z-20",
      )}
    >
      {meta?.sort === undefined ? (
        children
      ) : (
        <SortLink name={meta.sort} direction={direction} align={meta.align ?? "start"}>
          {children}
        </SortLink>
      )}
    </th>
  );
}

/** How a column is sorted now; null when it is not. */
function directionOf(name: string, sort: string | undefined): "ascending" | "descending" | null {
  if (sort === name) return "ascending";
  return sort === `-${name}` ? "descending" : null;
}

/** How a cell of a column looks. */
export const cellClass = (meta: DataColumnMeta | undefined, selected: boolean): string =>
  cx(
    "h-(--row) border-line border-b px-3 py-1 group-hover:bg-hover",
    meta?.align === "end" ? "figures text-right" : meta?.wrap ? "text-left" : "text-left whitespace-nowrap",
    meta?.pinned && "sticky left-0",
    selected ? "bg-selected" : meta?.pinned && "bg-surface",
  );
