import type { Route } from "next";
import Link from "next/link";
import { Amount } from "@/components/ui/amount";
import { Table, Td, Th, TotalRow } from "@/components/ui/table";
import type { Totals } from "@/lib/close/schema";
import { absolute } from "@/lib/domain/money";

/** What could not be read is counted and has no amount. */
const UNREAD = "record-failed";

/** SCAYLE's total, every cause by size (SCAYLE − ERP), and the ERP's total in net, tax and gross: the bridge to the cent. */
export function CausesTable({
  totals,
  titles,
  quiet,
  hrefOf,
}: Readonly<{
  totals: Totals;
  titles: Readonly<Record<string, string>>;
  /** causes that raise no exception: there is no list to open */
  quiet: readonly string[];
  hrefOf: (cause: string) => string;
}>) {
  const { currency, scayle, erp, unexplained } = totals;
  const size = (row: Totals["causes"][number]) => absolute(row.gross);
  const bySize = [...totals.causes].sort((a, b) => (size(a) < size(b) ? 1 : size(a) > size(b) ? -1 : 0));
  const rows = [...bySize, { cause: "unexplained", ...unexplained }];
  return (
    <Table caption={`What lies between SCAYLE and the ERP, in ${currency}`}>
      <thead>
        <tr>
          <Th>Cause</Th>
          <Th align="end">Count</Th>
          <Th align="end">Net {currency}</Th>
          <Th align="end">Tax {currency}</Th>
          <Th align="end">Gross {currency}</Th>
        </tr>
      </thead>
      <tbody>
        <SumRow label="SCAYLE" count={scayle.lines} amounts={scayle} currency={currency} />
        {rows.map((row) => (
          <tr key={row.cause}>
            <Td>
              {quiet.includes(row.cause) || row.count === 0 ? (
                (titles[row.cause] ?? "Unexplained")
              ) : (
                <Link
                  href={hrefOf(row.cause) as Route}
                  className="underline decoration-line-strong underline-offset-4"
                >
                  {titles[row.cause] ?? "Unexplained"}
                </Link>
              )}
            </Td>
            <Td align="end">{row.count.toLocaleString("en")}</Td>
            {(["net", "tax", "gross"] as const).map((part) => (
              <Td key={part} align="end">
                {row.cause === UNREAD ? (
                  <span className="text-soft">–</span>
                ) : (
                  <Amount minor={row[part]} currency={currency} signed />
                )}
              </Td>
            ))}
          </tr>
        ))}
        <SumRow label="ERP" count={erp.lines} amounts={erp} currency={currency} />
      </tbody>
    </Table>
  );
}

function SumRow({
  label,
  count,
  amounts,
  currency,
}: Readonly<{
  label: string;
  count: number;
  amounts: Readonly<{ net: bigint; tax: bigint; gross: bigint }>;
  currency: string;
}>) {
  return (
    <TotalRow>
      <Td>{label}</Td>
      <Td align="end">{count.toLocaleString("en")} lines</Td>
      {(["net", "tax", "gross"] as const).map((part) => (
        <Td key={part} align="end">
          <Amount minor={amounts[part]} currency={currency} />
        </Td>
      ))}
    </TotalRow>
  );
}
