import type { Route } from "next";
import Link from "next/link";
import type { ReactNode } from "react";
import { Amount } from "@/components/ui/amount";
import { Table, Td, Th, TotalRow } from "@/components/ui/table";
import type { Totals } from "@/lib/close/schema";
import { absolute } from "@/lib/domain/money";
import type { MovedCurrency } from "@/lib/moves/loaders";
import type { MoveTotal } from "@/lib/moves/schema";
import { ChangeLink } from "./change-link";

/** What could not be read is counted and has no amount. */
const UNREAD = "record-failed";

const partWords = { net: "Net", tax: "Tax", gross: "Gross" } as const;

const SCAYLE: MoveTotal = { name: "scayle", key: null };
const ERP: MoveTotal = { name: "erp", key: null };
const totalOf = (cause: string): MoveTotal =>
  cause === "unexplained" ? { name: "unexplained", key: null } : { name: "cause", key: cause };

/** SCAYLE's total, every cause by size (SCAYLE − ERP), and the ERP's total in net, tax and gross: the bridge to the cent. */
export function CausesTable({
  totals,
  titles,
  quiet,
  hrefOf,
  moved,
}: Readonly<{
  totals: Totals;
  titles: Readonly<Record<string, string>>;
  /** causes that raise no exception: there is no list to open */
  quiet: readonly string[];
  hrefOf: (cause: string) => string;
  /** by how much each moved, in gross, where that is shown */
  moved?: MovedCurrency | undefined;
}>) {
  const { currency, scayle, erp, unexplained } = totals;
  const size = (row: Totals["causes"][number]) => absolute(row.gross);
  const bySize = [...totals.causes].sort((a, b) => (size(a) < size(b) ? 1 : size(a) > size(b) ? -1 : 0));
  const rows = [...bySize, { cause: "unexplained", ...unexplained }];
  return (
    <Table caption={`What lies between SCAYLE and the ERP, in ${currency}`} stacked>
      <thead>
        <tr>
          <Th>Cause</Th>
          <Th align="end">Count</Th>
          <Th align="end">Net {currency}</Th>
          <Th align="end">Tax {currency}</Th>
          <Th align="end">Gross {currency}</Th>
          {moved && <Th align="end">Change</Th>}
        </tr>
      </thead>
      <tbody>
        <SumRow label="SCAYLE" count={scayle.lines} amounts={scayle} currency={currency}>
          {moved && <ChangeLink moved={moved} total={SCAYLE} name="SCAYLE’s total" />}
        </SumRow>
        {rows.map((row) => (
          <tr key={row.cause}>
            <Td label="Cause">
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
            <Td label="Count" align="end">
              {row.count.toLocaleString("en")}
            </Td>
            {(["net", "tax", "gross"] as const).map((part) => (
              <Td key={part} label={partWords[part]} align="end">
                {row.cause === UNREAD ? (
                  <span className="text-soft">–</span>
                ) : (
                  <Amount minor={row[part]} currency={currency} signed />
                )}
              </Td>
            ))}
            {moved && (
              <Td label="Change" align="end">
                {row.cause === UNREAD ? (
                  <span className="text-soft">–</span>
                ) : (
                  <ChangeLink
                    moved={moved}
                    total={totalOf(row.cause)}
                    name={titles[row.cause] ?? "the unexplained difference"}
                  />
                )}
              </Td>
            )}
          </tr>
        ))}
        <SumRow label="ERP" count={erp.lines} amounts={erp} currency={currency}>
          {moved && <ChangeLink moved={moved} total={ERP} name="the ERP’s total" />}
        </SumRow>
      </tbody>
    </Table>
  );
}

function SumRow({
  label,
  count,
  amounts,
  currency,
  children,
}: Readonly<{
  label: string;
  count: number;
  amounts: Readonly<{ net: bigint; tax: bigint; gross: bigint }>;
  currency: string;
  /** its change, where that is shown */
  children?: ReactNode;
}>) {
  return (
    <TotalRow>
      <Td label="Total">{label}</Td>
      <Td label="Count" align="end">
        {count === 1 ? "1 line" : `${count.toLocaleString("en")} lines`}
      </Td>
      {(["net", "tax", "gross"] as const).map((part) => (
        <Td key={part} label={partWords[part]} align="end">
          <Amount minor={amounts[part]} currency={currency} />
        </Td>
      ))}
      {children && (
        <Td label="Change" align="end">
          {children}
        </Td>
      )}
    </TotalRow>
  );
}
