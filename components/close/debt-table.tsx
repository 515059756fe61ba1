import type { AgeRow } from "@/lib/close/debt";
import { ageBuckets } from "@/lib/exceptions/schema";
import { DebtByTable } from "./debt-by-table";

/** What is still open in the period, by age: count and amount, each with its list. */
export function DebtTable({
  debt,
  hrefOf,
  none = "Nobody has anything left to do in this period.",
}: Readonly<{
  debt: readonly AgeRow[];
  /** what is said where there are none */
  none?: string;
  /** the address of what has an age */
  hrefOf: (age: string) => string;
}>) {
  return (
    <DebtByTable
      caption="Open exceptions by age"
      head="Age"
      rows={debt}
      none={none}
      nameOf={(row) => ageBuckets.find(({ key }) => key === row.key)?.label ?? row.key}
      hrefOf={(row) => hrefOf(row.key)}
    />
  );
}
