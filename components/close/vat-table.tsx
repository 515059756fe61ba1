import { Amount } from "@/components/ui/amount";
import { Badge } from "@/components/ui/badge";
import { Table, Td, Th, TotalRow } from "@/components/ui/table";
import { byKey, shownOf, sumOfSide, type VatRow, type VatShown } from "@/lib/domain/vat";
import { WhyLink, type WhyOf } from "./why-link";

/** Base and tax by country, rate and code: what SCAYLE states, what the ERP posted, and what lies between them. */
export function VatTable({
  rows: all,
  currency,
  caption = `VAT by country, rate and code in ${currency}`,
  why,
}: Readonly<{ rows: readonly VatRow[]; currency: string; caption?: string; why?: WhyOf | undefined }>) {
  if (all.length === 0) return <p className="p-4 text-sm text-soft">No line of this month counts.</p>;
  const rows = shownOf(all);
  const isShort = rows.some((row) => row.odd !== null);
  return (
    <>
      <VatRows caption={caption} rows={rows} currency={currency} why={why} />
      {isShort && (
        <details className="border-line border-t px-4 py-3 text-sm" data-screen-only>
          <summary className="cursor-pointer text-soft">Every rate by itself</summary>
          <div className="pt-3">
            <VatRows
              caption={`${caption}: every single rate`}
              rows={all.map((row) => ({ ...row, odd: null }))}
              currency={currency}
            />
          </div>
        </details>
      )}
    </>
  );
}

function VatRows({
  caption,
  rows,
  currency,
  why,
}: Readonly<{
  caption: string;
  rows: readonly VatShown[];
  currency: string;
  why?: WhyOf | undefined;
}>) {
  const places = [...byKey(rows, (row) => `${row.country} ${row.rate}`).values()];
  return (
    <Table caption={caption} stacked>
      <thead>
        <tr>
          <Th>Country</Th>
          <Th align="end">Rate</Th>
          <Th>Code</Th>
          <Th align="end">Base, SCAYLE</Th>
          <Th align="end">Base, ERP</Th>
          <Th align="end">Difference</Th>
          <Th align="end">Tax, SCAYLE</Th>
          <Th align="end">Tax, ERP</Th>
          <Th align="end">Difference</Th>
        </tr>
      </thead>
      <tbody>
        {places.map((place) => (
          <Place key={`${place[0]?.country} ${place[0]?.rate}`} rows={place} currency={currency} />
        ))}
        <TotalRow>
          <Td label="All">
            <span className="max-md:hidden">All</span>
          </Td>
          <Td className="max-md:hidden" />
          <Td className="max-md:hidden" />
          <Figures
            of={{ scayle: sumOfSide(rows, "scayle"), erp: sumOfSide(rows, "erp") }}
            currency={currency}
            why={why}
          />
        </TotalRow>
      </tbody>
    </Table>
  );
}

function Place({ rows, currency }: Readonly<{ rows: readonly VatShown[]; currency: string }>) {
  const [first] = rows;
  if (!first) return null;
  return (
    <>
      {rows.map((row) => (
        <tr key={`${row.code}`}>
          <Td label="Country">{row.country ?? "not known"}</Td>
          <Td label="Rate" align="end">
            {rateText(row)}
          </Td>
          <Td label="Code">
            <Code row={row} />
          </Td>
          <Figures of={row} currency={currency} />
        </tr>
      ))}
      {rows.length > 1 && (
        <tr className="bg-sunken">
          <Td label="Sum">
            {first.country ?? "not known"} <span className="md:hidden">at {rateText(first)}</span>
          </Td>
          <Td align="end" className="max-md:hidden">
            {rateText(first)}
          </Td>
          <Td className="text-soft max-md:hidden">all codes</Td>
          <Figures
            of={{ scayle: sumOfSide(rows, "scayle"), erp: sumOfSide(rows, "erp") }}
            currency={currency}
          />
        </tr>
      )}
    </>
  );
}

/** "19 %" of "0.19" */
const percent = (rate: string): string => `${Number((Number(rate) * 100).toFixed(2))} %`;

function rateText({ rate, odd }: VatShown): string {
  if (odd) return `${odd.count} others, ${percent(odd.least)} to ${percent(odd.most)}`;
  return rate === null ? "not known" : percent(rate);
}

function Code({ row }: Readonly<{ row: VatRow }>) {
  const { code, mapped } = row;
  if (code === null) return <Badge tone="attention">No code in the mapping</Badge>;
  if (code === "") return <Badge tone="attention">Posted without a code</Badge>;
  return (
    <span className="inline-flex flex-wrap items-center gap-1.5">
      {code}
      {!mapped && <Badge tone="attention">Not in the mapping here</Badge>}
    </span>
  );
}

function Figures({
  of: { scayle, erp },
  currency,
  why,
}: Readonly<{ of: Pick<VatRow, "scayle" | "erp">; currency: string; why?: WhyOf | undefined }>) {
  return (
    <>
      {(["net", "tax"] as const).map((figure) => {
        const name = figure === "net" ? "Base" : "Tax";
        const difference = scayle[figure] - erp[figure];
        return (
          <Figure
            key={figure}
            name={name}
            currency={currency}
            scayle={scayle[figure]}
            erp={erp[figure]}
            difference={difference}
            why={why && ((side) => why(side, figure))}
          />
        );
      })}
    </>
  );
}

function Figure({
  name,
  currency,
  scayle,
  erp,
  difference,
  why,
}: Readonly<{
  name: string;
  currency: string;
  scayle: bigint;
  erp: bigint;
  difference: bigint;
  why: ((side: "scayle" | "erp") => string) | undefined;
}>) {
  return (
    <>
      <Td label={`${name}, SCAYLE`} align="end">
        <WhyLink href={why?.("scayle")} name={`${name}, SCAYLE`}>
          <Amount minor={scayle} currency={currency} />
        </WhyLink>
      </Td>
      <Td label={`${name}, ERP`} align="end">
        <WhyLink href={why?.("erp")} name={`${name}, ERP`}>
          <Amount minor={erp} currency={currency} />
        </WhyLink>
      </Td>
      <Td
        label={`${name}, difference`}
        align="end"
        className={difference === 0n ? "text-soft" : "font-medium"}
      >
        <Amount minor={difference} currency={currency} signed />
      </Td>
    </>
  );
}
