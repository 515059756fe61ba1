import type { Route } from "next";
import Link from "next/link";
import { Amount } from "@/components/ui/amount";
import { Table, Td, Th } from "@/components/ui/table";
import type { AgeRow } from "@/lib/close/debt";
import { ageBuckets } from "@/lib/exceptions/schema";

/** What is still open in the period, by age: count and amount, each with its list. */
export function DebtTable({
  debt,
  hrefOf,
}: Readonly<{
  debt: readonly AgeRow[];
  /** the address of what has an age */
  hrefOf: (age: string) => string;
}>) {
  if (debt.length === 0)
    return <p className="p-4 text-sm text-soft">Nobody has anything left to do in this period.</p>;
  return (
    <Table caption="Open exceptions by age">
      <thead>
        <tr>
          <Th>Age</Th>
          <Th align="end">Exceptions</Th>
          <Th align="end">Amount</Th>
          <Th>Currency</Th>
        </tr>
      </thead>
      <tbody>
        {debt.map((row) => (
          <tr key={`${row.key}-${row.currency}`}>
            <Td>
              <Link
                href={hrefOf(row.key) as Route}
                className="underline decoration-line-strong underline-offset-4"
              >
                {ageBuckets.find(({ key }) => key === row.key)?.label ?? row.key}
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
