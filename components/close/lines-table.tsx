"use client";

import type { Route } from "next";
import Link from "next/link";
import { createContext, type ReactNode, use, useMemo } from "react";
import { Amount } from "@/components/ui/amount";
import { Badge } from "@/components/ui/badge";
import { dataColumns } from "@/components/ui/data-columns";
import { DataTable } from "@/components/ui/data-table";
import { EmptyState } from "@/components/ui/empty-state";
import { DayText } from "@/components/ui/instant";
import type { BookedLine, LineSum } from "@/lib/close/lines";
import { bucketNames } from "@/lib/close/schema";
import { bucketTones, bucketWords } from "./bucket-words";

const column = dataColumns<BookedLine>();
const money = (name: "net" | "tax" | "gross", header: string) =>
  column.accessor(name, {
    header,
    cell: ({ row }) => <Amount minor={row.original[name]} currency={row.original.currency} />,
    meta: { align: "end", card: name === "gross" ? "figure" : "line" },
  });

type Resyncs = Readonly<Record<string, ReactNode>>;

/** A column's cell is one and the same however often the page is read again: another one would forget what came of a resync. */
const ResyncsOf = createContext<Resyncs>({});
const ResyncOf = ({ orderKey }: Readonly<{ orderKey: string }>) => use(ResyncsOf)[orderKey];

const columns = column.columns([
  column.accessor("day", {
    header: "Day",
    cell: ({ row }) => <DayText day={row.original.day} />,
  }),
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
  column.accessor("document", {
    header: "Document",
    cell: ({ row }) => `${row.original.documentKind === "sale" ? "Sale" : "Credit"} ${row.original.document}`,
  }),
  column.accessor("label", { header: "Line", meta: { wrap: true } }),
  column.accessor("quantity", {
    header: "Quantity",
    cell: ({ getValue }) => getValue().replace("-", "−"),
    meta: { align: "end" },
  }),
  money("net", "Net"),
  money("tax", "Tax"),
  money("gross", "Gross"),
  column.accessor("currency", { header: "Currency", meta: { card: "hidden" } }),
  column.accessor("bucket", {
    header: "Bucket",
    cell: ({ row }) => <BucketBadge bucket={row.original.bucket} />,
  }),
]);
const resyncColumns = column.columns([
  column.display({
    id: "resync",
    header: "Resync",
    cell: ({ row }) => <ResyncOf orderKey={row.original.orderKey} />,
  }),
]);

function BucketBadge({ bucket }: Readonly<{ bucket: string | null }>) {
  const known = bucketNames.find((name) => name === bucket);
  if (!known) return <Badge>Not reconciled yet</Badge>;
  return <Badge tone={bucketTones[known]}>{bucketWords[known]}</Badge>;
}

/** The lines behind a figure of the tie-out, a page at a time, with the sum of all of them. */
export function LinesTable({
  lines,
  sums,
  paging,
  resyncs,
  withBucket = true,
}: Readonly<{
  lines: readonly BookedLine[];
  sums: readonly LineSum[];
  paging: Readonly<{ page: number; pageSize: number; total: number }>;
  /** by order: what has it read again */
  resyncs?: Resyncs | undefined;
  /** false: in which bucket a line stood is not known */
  withBucket?: boolean;
}>) {
  const isResyncable = resyncs !== undefined;
  const shown = useMemo(
    () =>
      [...columns, ...(isResyncable ? resyncColumns : [])].filter(
        (one) => withBucket || !("accessorKey" in one && one.accessorKey === "bucket"),
      ),
    [isResyncable, withBucket],
  );
  const [only] = sums;
  const totals =
    sums.length === 1 && only
      ? {
          label: "Sum of all pages",
          net: <Amount minor={only.net} currency={only.currency} />,
          tax: <Amount minor={only.tax} currency={only.currency} />,
          gross: <Amount minor={only.gross} currency={only.currency} />,
          currency: only.currency,
        }
      : null;
  return (
    <ResyncsOf value={resyncs ?? {}}>
      <DataTable
        caption="Lines"
        columns={shown}
        rows={[...lines]}
        rowId={(line) => line.id}
        paging={paging}
        {...(totals && { totals })}
        empty={
          <EmptyState title="No line is in this bucket.">
            Lines appear here once documents of this month have been synced and reconciled.
          </EmptyState>
        }
      />
    </ResyncsOf>
  );
}
