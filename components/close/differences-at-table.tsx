"use client";

import type { Route } from "next";
import Link from "next/link";
import { useMemo } from "react";
import { Amount } from "@/components/ui/amount";
import { dataColumns } from "@/components/ui/data-columns";
import { DataTable } from "@/components/ui/data-table";
import { EmptyState } from "@/components/ui/empty-state";
import type { DifferenceAt } from "@/lib/close/differences";

const column = dataColumns<DifferenceAt>();

/** What a step of the bridge was the sum of at a moment, order by order, with the sum of all of it. */
export function DifferencesAtTable({
  rows,
  sum,
  currency,
  part,
  paging,
}: Readonly<{
  rows: readonly DifferenceAt[];
  /** of all pages, in minor units */
  sum: bigint;
  currency: string;
  /** what tells the steps apart: "Cause" */
  part: string;
  paging: Readonly<{ page: number; pageSize: number; total: number }>;
}>) {
  const columns = useMemo(
    () =>
      column.columns([
        column.accessor("order", {
          header: "Order",
          cell: ({ row }) => (
            <Link
              href={`/orders/${row.original.orderKey}` as Route}
              className="underline decoration-line-strong underline-offset-4"
            >
              {row.original.order ?? "no order known"}
            </Link>
          ),
          meta: { card: "title" },
        }),
        column.accessor("part", { header: part, meta: { wrap: true } }),
        column.accessor("amount", {
          header: part === "Cause" ? "Of this cause" : "Difference",
          cell: ({ row }) => <Amount minor={row.original.amount} currency={currency} signed />,
          meta: { align: "end", card: "figure" },
        }),
      ]),
    [part, currency],
  );
  return (
    <DataTable
      caption="Differences by order"
      columns={columns}
      rows={[...rows]}
      rowId={(row) => `${row.orderKey} ${row.part}`}
      paging={paging}
      totals={{ order: "Sum of all pages", amount: <Amount minor={sum} currency={currency} signed /> }}
      empty={
        <EmptyState title="Nothing differed there then.">Choose another step, or a later day.</EmptyState>
      }
    />
  );
}
