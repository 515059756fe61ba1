"use client";

import type { Route } from "next";
import Link from "next/link";
import { Amount } from "@/components/ui/amount";
import { Badge } from "@/components/ui/badge";
import { dataColumns } from "@/components/ui/data-columns";
import { DataTable, type DataTableProps } from "@/components/ui/data-table";
import { EmptyState } from "@/components/ui/empty-state";
import { DayText } from "@/components/ui/instant";
import type { LockedDocument, LockedLine, LockedSum } from "@/lib/close/locked";
import { bucketNames } from "@/lib/close/schema";
import { bucketTones, bucketWords } from "./bucket-words";
import { lineWords } from "./line-words";

type Paging = Readonly<{ page: number; pageSize: number; total: number }>;
type Listed<Row> = Readonly<{
  rows: readonly Row[];
  paging: Paging;
  /** whether the month was locked more than once: else the number of the lock says nothing */
  relocked: boolean;
}>;

/** Columns without that of the lock. */
const unlocked = <Row extends object>(
  columns: DataTableProps<Row>["columns"],
): DataTableProps<Row>["columns"] =>
  columns.filter((column) => !("accessorKey" in column) || column.accessorKey !== "lockNo");

const ofLines = dataColumns<LockedLine>();
const ofDocuments = dataColumns<LockedDocument>();

/** The link to an order. */
export const orderLink = ({ orderKey, order }: Readonly<{ orderKey: string; order: string | null }>) => (
  <Link href={`/orders/${orderKey}` as Route} className="underline decoration-line-strong underline-offset-4">
    {order ?? "no order known"}
  </Link>
);

/** Sale or credit. */
export const kindOf = (kind: string): string => (kind === "sale" ? "Sale" : "Credit");

/** In which bucket it stood. */
export function BucketBadge({ bucket }: Readonly<{ bucket: string | null }>) {
  const known = bucketNames.find((name) => name === bucket);
  return known ? <Badge tone={bucketTones[known]}>{bucketWords[known]}</Badge> : <Badge>None</Badge>;
}

const lineColumns: DataTableProps<LockedLine>["columns"] = ofLines.columns([
  ofLines.accessor("day", { header: "Day", cell: ({ getValue }) => <DayText day={getValue()} /> }),
  ofLines.accessor("order", {
    header: "Order",
    cell: ({ row }) => orderLink(row.original),
    meta: { card: "title" },
  }),
  ofLines.accessor("document", {
    header: "Document",
    cell: ({ row }) => `${kindOf(row.original.documentKind)} ${row.original.document}`,
  }),
  ofLines.accessor("sku", {
    header: "Line",
    cell: ({ row: { original } }) => lineWords(original.sku ? "item" : original.kind, original.sku),
    meta: { wrap: true },
  }),
  ofLines.accessor("quantity", {
    header: "Quantity",
    cell: ({ getValue }) => getValue().replace("-", "−"),
    meta: { align: "end" },
  }),
  ofLines.accessor("taxCode", { header: "Tax code", cell: ({ getValue }) => getValue() || "–" }),
  ...(["net", "tax", "gross"] as const).map((name) =>
    ofLines.accessor(name, {
      header: `${name[0]?.toUpperCase()}${name.slice(1)}`,
      cell: ({ row }) => (
        <Amount minor={row.original[name]} currency={row.original.currency} withCurrency={name === "gross"} />
      ),
      meta: { align: "end", card: name === "gross" ? "figure" : "line" },
    }),
  ),
  ofLines.accessor("bucket", {
    header: "Bucket",
    cell: ({ getValue }) => <BucketBadge bucket={getValue()} />,
  }),
  ofLines.accessor("lockNo", { header: "Lock", meta: { align: "end" } }),
]);

const documentColumns: DataTableProps<LockedDocument>["columns"] = ofDocuments.columns([
  ofDocuments.accessor("number", {
    header: "Document",
    cell: ({ row }) => `${kindOf(row.original.kind)} ${row.original.number}`,
    meta: { card: "title" },
  }),
  ofDocuments.accessor("postingDay", {
    header: "Posting day",
    cell: ({ getValue }) => {
      const day = getValue();
      return day ? <DayText day={day} /> : "–";
    },
  }),
  ofDocuments.accessor("order", { header: "Order", cell: ({ row }) => orderLink(row.original) }),
  ofDocuments.accessor("version", { header: "Version", meta: { align: "end" } }),
  ofDocuments.accessor("contentHash", {
    header: "Hash of its content",
    cell: ({ getValue }) => (
      <span className="font-mono text-xs" title={getValue()}>
        {getValue().slice(0, 12)}
      </span>
    ),
    meta: { card: "hidden" },
  }),
  ofDocuments.accessor("lines", { header: "Lines", meta: { align: "end" } }),
  ...(["net", "tax", "gross"] as const).map((name) =>
    ofDocuments.accessor(name, {
      header: `${name[0]?.toUpperCase()}${name.slice(1)}`,
      cell: ({ row }) => (
        <Amount minor={row.original[name]} currency={row.original.currency} withCurrency={name === "gross"} />
      ),
      meta: { align: "end", card: name === "gross" ? "figure" : "line" },
    }),
  ),
  ofDocuments.accessor("lockNo", { header: "Lock", meta: { align: "end" } }),
]);

/** What all pages come to, currency by currency. */
export function LockedSums({ sums, noun }: Readonly<{ sums: readonly LockedSum[]; noun: string }>) {
  return (
    <ul aria-label="Sums of all pages" className="flex flex-col gap-0.5 px-3 py-2 text-sm">
      {sums.map(({ currency, count, net, tax, gross }) => (
        <li key={currency} className="flex flex-wrap items-baseline gap-x-3">
          <span className="font-medium">{currency}</span>
          <span>
            {count.toLocaleString("en")} {noun}
            {count === 1 ? "" : "s"}
          </span>
          <span>
            net <Amount minor={net} currency={currency} />
          </span>
          <span>
            tax <Amount minor={tax} currency={currency} />
          </span>
          <span className="font-medium">
            gross <Amount minor={gross} currency={currency} />
          </span>
        </li>
      ))}
    </ul>
  );
}

/** Said where a search finds nothing. */
export const nothing = (
  <EmptyState title="Nothing that is locked is called so.">
    Search for an order, a document’s number, an item or a tax code.
  </EmptyState>
);

/** The lines that are locked. */
export function LockedLines({ rows, paging, relocked }: Listed<LockedLine>) {
  return (
    <DataTable
      caption="Locked lines"
      columns={relocked ? lineColumns : unlocked(lineColumns)}
      rows={[...rows]}
      rowId={(row) => row.id}
      paging={paging}
      boxed={false}
      empty={nothing}
    />
  );
}

/** The documents that are locked, each with the version that was. */
export function LockedDocuments({ rows, paging, relocked }: Listed<LockedDocument>) {
  return (
    <DataTable
      caption="Locked documents"
      columns={relocked ? documentColumns : unlocked(documentColumns)}
      rows={[...rows]}
      rowId={(row) => row.id}
      paging={paging}
      boxed={false}
      empty={nothing}
    />
  );
}
