import type { Route } from "next";
import Link from "next/link";
import { Badge } from "@/components/ui/badge";
import { Table, Td, Th } from "@/components/ui/table";
import type { Returning } from "@/lib/close/debt";
import { type Month, monthName } from "@/lib/domain/day";

/** Which cause comes back month after month: how often it was found in the books of each. */
export function ReturningTable({
  rows,
  months,
  titles,
  hrefOf,
}: Readonly<{
  rows: readonly Returning[];
  months: readonly Month[];
  titles: Readonly<Record<string, string>>;
  hrefOf: (cause: string) => string;
}>) {
  if (rows.length === 0) return <p className="p-4 text-sm text-soft">Nothing was found in these months.</p>;
  return (
    <Table caption="Causes by month">
      <thead>
        <tr>
          <Th>Cause</Th>
          <Th>Comes back</Th>
          {months.map((month) => (
            <Th key={month} align="end">
              {monthName(month)}
            </Th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map(({ cause, counts, streak }) => (
          <tr key={cause}>
            <Td>
              <Link
                href={hrefOf(cause) as Route}
                className="underline decoration-line-strong underline-offset-4"
              >
                {titles[cause] ?? cause}
              </Link>
            </Td>
            <Td>
              {streak >= 2 ? (
                <Badge tone="attention">{streak} months in a row</Badge>
              ) : (
                <span className="text-soft">{streak === 1 ? "This month only" : "Not this month"}</span>
              )}
            </Td>
            {counts.map((count, at) => (
              <Td key={months[at]} align="end" className={count === 0 ? "text-soft" : undefined}>
                {count.toLocaleString("en")}
              </Td>
            ))}
          </tr>
        ))}
      </tbody>
    </Table>
  );
}
