import { Amount } from "@/components/ui/amount";
import { Table, Td, Th } from "@/components/ui/table";
import type { DebtRow } from "@/lib/close/data";

/** What is still open in the period, by age: count and absolute amount. */
export function DebtTable({ debt }: Readonly<{ debt: readonly DebtRow[] }>) {
  if (debt.length === 0)
    return <p className="p-4 text-sm text-soft">Nobody has anything left to do in this period.</p>;
  return (
    <Table caption="Open exceptions by age">
      <thead>
        <tr>
          <Th>Age</Th>
          <Th align="end">Exceptions</Th>
          <Th align="end">Absolute gross</Th>
          <Th>Currency</Th>
        </tr>
      </thead>
      <tbody>
        {debt.map((row) => (
          <tr key={`${row.age}-${row.currency}`}>
            <Td>{row.age}</Td>
            <Td align="end">{row.count.toLocaleString("en")}</Td>
            <Td align="end">
              <Amount minor={row.gross} currency={row.currency} />
            </Td>
            <Td>{row.currency}</Td>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}
