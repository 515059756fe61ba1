"use client";

import type { Route } from "next";
import Link from "next/link";
import { useMemo } from "react";
import { Amount } from "@/components/ui/amount";
import { Badge } from "@/components/ui/badge";
import { dataColumns } from "@/components/ui/data-columns";
import { DataTable } from "@/components/ui/data-table";
import { EmptyState } from "@/components/ui/empty-state";
import type { DifferenceRow } from "@/lib/close/differences";
import { bucketNames } from "@/lib/close/schema";
import { bucketTones, bucketWords } from "./bucket-words";

const column = dataColumns<DifferenceRow>();

const columnsIn = (currency: string, part: string) => {
  const money = (name: "scayle" | "erp" | "amount", header: string) =>
    column.accessor(name, {
      header,
      cell: ({ row }) => <Amount minor={row.original[name]} currency={currency} signed={name === "amount"} />,
      meta: { align: "end", card: name === "amount" ? "figure" : "line" },
    });
  return column.columns([
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
    column.accessor("documentKind", {
      header: "Kind",
      cell: ({ getValue }) => (getValue() === "sale" ? "Sale" : "Credit"),
    }),
    column.accessor("what", { header: "What", meta: { wrap: true } }),
    column.accessor("part", { header: part, meta: { wrap: true } }),
    column.accessor("bucket", {
      header: "Bucket",
      cell: ({ getValue }) => {
        const known = bucketNames.find((name) => name === getValue());
        return known ? <Badge tone={bucketTones[known]}>{bucketWords[known]}</Badge> : getValue();
      },
    }),
    money("scayle", "SCAYLE"),
    money("erp", "ERP"),
    // What a cause explains of a line need not be all of its difference.
    money("amount", part === "Cause" ? "Of this cause" : "Difference"),
  ]);
};

/** What a step of the bridge is the sum of, a page at a time, with the sum of all of it. */
export function DifferencesTable({
  rows,
  sum,
  currency,
  part,
  paging,
}: Readonly<{
  rows: readonly DifferenceRow[];
  sum: bigint;
  currency: string;
  /** what the column is called that tells steps apart */
  part: string;
  paging: Readonly<{ page: number; pageSize: number; total: number }>;
}>) {
  const columns = useMemo(() => columnsIn(currency, part), [currency, part]);
  return (
    <DataTable
      caption="Differences"
      columns={columns}
      rows={[...rows]}
      rowId={(row) => `${row.orderKey} ${row.pairId} ${row.part}`}
      paging={paging}
      totals={{ order: "Sum of all pages", amount: <Amount minor={sum} currency={currency} signed /> }}
      empty={
        <EmptyState title="Nothing differs here.">
          Both sides have the same amounts for what this step of the bridge stands for.
        </EmptyState>
      }
    />
  );
}
