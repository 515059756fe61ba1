import type { Route } from "next";
import Link from "next/link";
import { Amount } from "@/components/ui/amount";
import { Table, Td, Th } from "@/components/ui/table";
import type { AgeRow } from "@/lib/close/debt";

/** What is open by one thing: how many and how much, each with its list. */
export function DebtByTable<Row extends AgeRow & Readonly<{ assigneeId?: string | null }>>({
  caption,
  head,
  rows,
  none = "Nobody has anything left to act on.",
  nameOf,
  hrefOf,
}: Readonly<{
  caption: string;
  /** what the rows are told apart by */
  head: string;
  rows: readonly Row[];
  /** what is said where there are none */
  none?: string;
  nameOf: (row: Row) => string;
  hrefOf: (row: Row) => string;
}>) {
  if (rows.length === 0) return <p className="p-4 text-sm text-soft">{none}</p>;
  return (
    <Table caption={caption}>
      <thead>
        <tr>
          <Th>{head}</Th>
          <Th align="end">Exceptions</Th>
          <Th align="end">Amount</Th>
          <Th>Currency</Th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={`${row.key} ${row.assigneeId} ${row.currency}`}>
            <Td>
              <Link
                href={hrefOf(row) as Route}
                className="underline decoration-line-strong underline-offset-4"
              >
                {nameOf(row)}
              </Link>
            </Td>
            <Td align="end">{row.count.toLocaleString("en")}</Td>
            <Td align="end">
              <Amount minor={row.extent} currency={row.currency} />
            </Td>
            <Td>{row.currency}</Td>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}
