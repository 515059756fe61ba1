"use client";

import { Badge } from "@/components/ui/badge";
import { dataColumns } from "@/components/ui/data-columns";
import { DataTable } from "@/components/ui/data-table";
import { DayText } from "@/components/ui/instant";
import type { NumberGap } from "@/lib/matching/proof/gaps";
import { kindWords } from "./proof-words";

const column = dataColumns<NumberGap>();

const columns = column.columns([
  column.accessor("first", {
    header: "Not there",
    cell: ({ row }) => (
      <span className="figures">
        {row.original.first}
        {row.original.missing > 1 && ` to ${row.original.last}`}
      </span>
    ),
    meta: { card: "title" },
  }),
  column.accessor("missing", {
    header: "Numbers",
    cell: ({ row }) => row.original.missing.toLocaleString("en"),
    meta: { align: "end", card: "figure" },
  }),
  column.accessor("kind", {
    header: "Series",
    cell: ({ row }) => `${row.original.connection}, ${kindWords(row.original.kind)} ${row.original.series}`,
    meta: { wrap: true },
  }),
  column.accessor("before", {
    header: "Between",
    cell: ({ row }) => (
      <>
        {row.original.before} (<DayText day={row.original.beforeDay} />)
      </>
    ),
    meta: { wrap: true },
  }),
  column.accessor("after", {
    header: "and",
    cell: ({ row }) => (
      <>
        {row.original.after} (<DayText day={row.original.afterDay} />)
      </>
    ),
    meta: { wrap: true },
  }),
  column.accessor((row) => row.known.length, {
    id: "known",
    header: "What is known",
    cell: ({ row }) =>
      row.original.known.length > 0 ? (
        row.original.known.join("; ")
      ) : (
        <Badge tone="attention">Nothing: look in the ERP</Badge>
      ),
    meta: { wrap: true },
  }),
]);

/** Numbers that the ERP's series skip, with their neighbours. */
export function GapsTable({ gaps }: Readonly<{ gaps: readonly NumberGap[] }>) {
  return (
    <DataTable
      caption="Gaps in number series"
      columns={columns}
      rows={[...gaps]}
      rowId={(gap) => `${gap.connection} ${gap.kind} ${gap.after}`}
      empty={<p className="p-4 text-sm text-soft">The ERP’s posted numbers of this month have no gaps.</p>}
    />
  );
}
