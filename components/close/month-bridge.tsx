"use client";

import { Amount } from "@/components/ui/amount";
import { dataColumns } from "@/components/ui/data-columns";
import { DataTable } from "@/components/ui/data-table";
import type { MonthBridge } from "@/lib/matching/proof/month-bridge";

const column = dataColumns<MonthBridge>();

const amount = (name: "documents" | "countsElsewhere" | "fromElsewhere" | "counts", header: string) =>
  column.accessor(name, {
    header,
    cell: ({ row }) => (
      <Amount
        minor={name === "countsElsewhere" ? -row.original[name] : row.original[name]}
        currency={row.original.currency}
        signed={name === "countsElsewhere" || name === "fromElsewhere"}
      />
    ),
    meta: { align: "end", ...(name === "counts" && { card: "figure" }) },
  });

const columns = column.columns([
  column.accessor("side", {
    header: "Side",
    cell: ({ row }) => `${row.original.side === "erp" ? "ERP" : "SCAYLE"}, ${row.original.currency}`,
    meta: { card: "title", pinned: true },
  }),
  amount("documents", "Documents of the month"),
  amount("countsElsewhere", "Lines of other months"),
  amount("fromElsewhere", "From other months’ documents"),
  amount("counts", "In the tie-out"),
]);

/** Why the documents of a month come to another sum than its tie-out: lines count on their own days. */
export function MonthBridgeTable({ rows }: Readonly<{ rows: readonly MonthBridge[] }>) {
  return (
    <DataTable
      caption="From documents to the tie-out"
      columns={columns}
      rows={[...rows]}
      rowId={(row) => `${row.side} ${row.currency}`}
      boxed={false}
      empty={<p className="p-4 text-sm text-soft">Nothing of this month is in the books.</p>}
    />
  );
}
