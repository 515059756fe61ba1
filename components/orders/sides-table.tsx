import { Amount } from "@/components/ui/amount";
import { Badge } from "@/components/ui/badge";
import { Card } from "@/components/ui/card";
import { Table, Td, Th, TotalRow } from "@/components/ui/table";
import type { Tone } from "@/components/ui/tone";
import type { Half, SideRow } from "@/lib/orders/sides";

const buckets: Readonly<Record<string, readonly [Tone, string]>> = {
  matched: ["agrees", "Matched"],
  explained: ["explained", "Explained"],
  open: ["attention", "Open"],
  accepted: ["explained", "Accepted"],
  timing: ["neutral", "Timing"],
  excluded: ["neutral", "Excluded"],
  failed: ["broken", "Failed"],
};

/** The lines of both sides beside each other, of one kind of document, with their sums. */
export function SidesCard({ title, rows }: Readonly<{ title: string; rows: readonly SideRow[] }>) {
  if (rows.length === 0) return null;
  return (
    <Card
      title={title}
      description="SCAYLE and ERP line by line; difference is SCAYLE − ERP, in gross, or in tax where the gross agrees"
      flush
    >
      <PhoneRows title={title} rows={rows} />
      <div className="max-md:hidden">
        <Table caption={`${title}: both sides line by line`}>
          <thead>
            <tr>
              <Th>Line</Th>
              <Th align="end">SCAYLE quantity</Th>
              <Th align="end">SCAYLE tax</Th>
              <Th align="end">SCAYLE gross</Th>
              <Th align="end">ERP quantity</Th>
              <Th align="end">ERP tax</Th>
              <Th align="end">ERP gross</Th>
              <Th align="end">Difference</Th>
              <Th>State</Th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.key}>
                <th
                  scope="row"
                  className="h-(--row) min-w-40 border-line border-b px-3 text-left font-normal"
                >
                  {row.label}
                  {row.sku && row.sku !== row.label && (
                    <span className="block text-soft text-xs">{row.sku}</span>
                  )}
                </th>
                <HalfCells half={row.scayle} currency={row.currency} />
                <HalfCells half={row.erp} currency={row.currency} />
                <Td align="end" className={row.inBooks && differs(row) ? "font-semibold" : "text-soft"}>
                  <RowDifference row={row} />
                </Td>
                <Td>
                  <RowState row={row} />
                </Td>
              </tr>
            ))}
            {currenciesOf(rows).map((currency) => (
              <SumRow key={currency} currency={currency} rows={rows} />
            ))}
          </tbody>
        </Table>
      </div>
    </Card>
  );
}

/** The same rows on a phone: a card each. */
function PhoneRows({ title, rows }: Readonly<{ title: string; rows: readonly SideRow[] }>) {
  return (
    <ul aria-label={`${title}: both sides`} className="flex flex-col md:hidden">
      {rows.map((row) => (
        <li
          key={row.key}
          className="flex flex-col gap-1 border-line border-b px-4 py-3 text-sm last:border-b-0"
        >
          <div className="flex items-start justify-between gap-3">
            <span className="font-medium">{row.label}</span>
            <RowState row={row} />
          </div>
          <dl className="grid grid-cols-[auto_1fr] gap-x-3 gap-y-0.5">
            {(
              [
                ["SCAYLE", row.scayle],
                ["ERP", row.erp],
              ] as const
            ).map(([side, half]) => (
              <div key={side} className="contents">
                <dt className="text-soft">{side}</dt>
                <dd className="figures text-right">
                  {half ? (
                    <>
                      {half.quantity.replace("-", "−")} × · tax{" "}
                      <Amount minor={half.tax} currency={row.currency} />
                      {half.taxAllocated && " (allocated)"} ·{" "}
                      <Amount minor={half.gross} currency={row.currency} />
                    </>
                  ) : (
                    "nothing"
                  )}
                </dd>
              </div>
            ))}
            <dt className="text-soft">Difference</dt>
            <dd className="figures text-right font-semibold">
              <RowDifference row={row} />
            </dd>
          </dl>
        </li>
      ))}
    </ul>
  );
}

function HalfCells({ half, currency }: Readonly<{ half: Half | null; currency: string }>) {
  if (!half) {
    return (
      <Td colSpan={3} align="end" className="text-soft">
        nothing
      </Td>
    );
  }
  return (
    <>
      <Td align="end">{half.quantity.replace("-", "−")}</Td>
      <Td align="end" className="text-soft">
        <Amount minor={half.tax} currency={currency} />
        {half.taxAllocated && (
          <span
            className="block text-xs"
            title="The ERP states this tax per document; this is the line's part"
          >
            allocated
          </span>
        )}
      </Td>
      <Td align="end">
        <Amount minor={half.gross} currency={currency} />
      </Td>
    </>
  );
}

const differs = ({ difference, taxDifference }: SideRow): boolean =>
  difference !== 0n || (taxDifference ?? 0n) !== 0n;

/** The gross that differs; the tax where the gross agrees and it doesn't. */
function RowDifference({ row }: Readonly<{ row: SideRow }>) {
  if (!row.inBooks) return "–";
  const onlyTax = row.difference === 0n && differs(row);
  return (
    <>
      {onlyTax && <span className="font-normal text-soft">tax </span>}
      <Amount minor={onlyTax ? row.taxDifference : row.difference} currency={row.currency} signed />
    </>
  );
}

function RowState({ row }: Readonly<{ row: SideRow }>) {
  if (!row.inBooks) return <Badge>Draft, does not count</Badge>;
  const [tone, word] = (row.bucket && buckets[row.bucket]) || (["neutral", "Not reconciled yet"] as const);
  return <Badge tone={tone}>{word}</Badge>;
}

const currenciesOf = (rows: readonly SideRow[]): readonly string[] =>
  [...new Set(rows.filter((row) => row.inBooks).map((row) => row.currency))].sort();

function SumRow({ currency, rows }: Readonly<{ currency: string; rows: readonly SideRow[] }>) {
  const counted = rows.filter((row) => row.inBooks && row.currency === currency);
  const sum = (of: (row: SideRow) => bigint) => counted.reduce((so, row) => so + of(row), 0n);
  return (
    <TotalRow>
      <Td>Sum in {currency}</Td>
      <Td colSpan={3} align="end">
        <Amount minor={sum((row) => row.scayle?.gross ?? 0n)} currency={currency} />
      </Td>
      <Td colSpan={3} align="end">
        <Amount minor={sum((row) => row.erp?.gross ?? 0n)} currency={currency} />
      </Td>
      <Td align="end">
        <Amount minor={sum((row) => row.difference)} currency={currency} signed />
      </Td>
      <Td />
    </TotalRow>
  );
}
