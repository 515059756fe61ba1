import type { Route } from "next";
import Link from "next/link";
import { Amount } from "@/components/ui/amount";
import { Table, Td, Th } from "@/components/ui/table";
import { TieOutBadge } from "@/components/ui/tie-out-badge";
import type { PeriodRow } from "@/lib/close/data";
import { dayIn, monthName } from "@/lib/domain/day";

/** The months of an entity, newest first, each with its totals and whether it ties out. */
export function PeriodsTable({
  periods,
  entityId,
  current,
  timeZone,
}: Readonly<{
  periods: readonly PeriodRow[];
  entityId: string;
  current: string;
  /** where the entity keeps its books: of a month that is not over there it is said how it stands so far */
  timeZone: string;
}>) {
  const thisMonth = dayIn(new Date(), timeZone).slice(0, 7);
  return (
    <Table caption="Months of this entity">
      <thead>
        <tr>
          <Th>Month</Th>
          <Th align="end">SCAYLE</Th>
          <Th align="end">ERP</Th>
          <Th align="end">Unexplained</Th>
          <Th>Currency</Th>
          <Th align="end">Open exceptions</Th>
          <Th>State</Th>
        </tr>
      </thead>
      <tbody>
        {periods.map((row) => (
          <tr
            key={`${row.period}-${row.currency}`}
            className={row.period === current ? "bg-selected" : undefined}
          >
            <Td>
              <Link
                href={`/close/${row.period}?entity=${encodeURIComponent(entityId)}` as Route}
                aria-current={row.period === current ? "page" : undefined}
                className="underline decoration-line-strong underline-offset-4"
              >
                {monthName(row.period)}
              </Link>
            </Td>
            <Td align="end">
              <Amount minor={row.scayle} currency={row.currency} />
            </Td>
            <Td align="end">
              <Amount minor={row.erp} currency={row.currency} />
            </Td>
            <Td align="end">
              <Amount minor={row.unexplained} currency={row.currency} />
            </Td>
            <Td>{row.currency}</Td>
            <Td align="end">{row.open.toLocaleString("en")}</Td>
            <Td>
              <TieOutBadge
                tiesOut={row.tiesOut}
                ended={thisMonth > row.period}
                differs={row.scayle !== row.erp}
              />
            </Td>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}
