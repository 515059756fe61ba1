"use client";

import type { Route } from "next";
import Link from "next/link";
import { Amount } from "@/components/ui/amount";
import { Badge } from "@/components/ui/badge";
import { dataColumns } from "@/components/ui/data-columns";
import { DataTable } from "@/components/ui/data-table";
import { Table, Td, Th, TotalRow } from "@/components/ui/table";
import type { LockedCause, LockedCauseSum, LockedPair } from "@/lib/close/locked-causes";
import { lineWords } from "./line-words";
import { BucketBadge, kindOf, nothing, orderLink } from "./locked-tables";

type Amounts = Readonly<{ net: bigint; tax: bigint; gross: bigint }>;
type Paging = Readonly<{ page: number; pageSize: number; total: number }>;

/** The bridge of a lock in one currency: SCAYLE's locked total, each cause that was found, and the ERP's; each opens its rows. */
export function LockedBridge({
  currency,
  scayle,
  erp,
  sums,
  titles,
  hrefs,
}: Readonly<{
  currency: string;
  scayle: Amounts;
  erp: Amounts;
  sums: readonly LockedCauseSum[];
  titles: Readonly<Record<string, string>>;
  /** where each cause's rows are, by code */
  hrefs: Readonly<Record<string, string>>;
}>) {
  const parts = ["net", "tax", "gross"] as const;
  const leads = parts.every(
    (part) => scayle[part] - sums.reduce((all, one) => all + one[part], 0n) === erp[part],
  );
  const total = (label: string, amounts: Amounts) => (
    <TotalRow>
      <Td label="Total">{label}</Td>
      <Td className="max-md:hidden" />
      <Td className="max-md:hidden" />
      {parts.map((part) => (
        <Td key={part} label={partWords[part]} align="end">
          <Amount minor={amounts[part]} currency={currency} />
        </Td>
      ))}
    </TotalRow>
  );
  return (
    <>
      <Table caption={`Locked bridge from SCAYLE to the ERP in ${currency}`} stacked>
        <thead>
          <tr>
            <Th>Cause</Th>
            <Th>Bucket</Th>
            <Th align="end">Subjects</Th>
            <Th align="end">Net {currency}</Th>
            <Th align="end">Tax {currency}</Th>
            <Th align="end">Gross {currency}</Th>
          </tr>
        </thead>
        <tbody>
          {total("SCAYLE", scayle)}
          {sums.map((one) => (
            <tr key={`${one.code} ${one.bucket}`}>
              <Td label="Cause">
                <Link
                  href={(hrefs[one.code] ?? "") as Route}
                  className="underline decoration-line-strong underline-offset-4"
                >
                  {titles[one.code] ?? one.code}
                </Link>
              </Td>
              <Td label="Bucket">
                <BucketBadge bucket={one.bucket} />
              </Td>
              <Td label="Subjects" align="end">
                {one.count.toLocaleString("en")}
              </Td>
              {parts.map((part) => (
                <Td key={part} label={partWords[part]} align="end">
                  <Amount minor={one[part]} currency={currency} signed />
                </Td>
              ))}
            </tr>
          ))}
          {total("ERP", erp)}
        </tbody>
      </Table>
      <p className="px-3 py-2 text-sm">
        {leads ? (
          <Badge tone="agrees">SCAYLE − causes = ERP</Badge>
        ) : (
          <Badge tone="broken">The causes do not lead from SCAYLE to the ERP</Badge>
        )}
      </p>
    </>
  );
}

const partWords = { net: "Net", tax: "Tax", gross: "Gross" } as const;

type NamedCause = LockedCause & Readonly<{ title: string }>;
const ofCauses = dataColumns<NamedCause>();

const causeColumns = ofCauses.columns([
  ofCauses.accessor("order", {
    header: "Order",
    cell: ({ row }) => orderLink(row.original),
    meta: { card: "title" },
  }),
  ofCauses.accessor("title", { header: "Cause", meta: { wrap: true } }),
  ofCauses.accessor("what", {
    header: "Of",
    cell: ({ row: { original } }) =>
      original.kind === null ? "the order" : lineWords(original.kind, original.what),
    meta: { wrap: true },
  }),
  ofCauses.accessor("bucket", {
    header: "Bucket",
    cell: ({ getValue }) => <BucketBadge bucket={getValue()} />,
  }),
  ...(["net", "tax", "gross"] as const).map((name) =>
    ofCauses.accessor(name, {
      header: `${name[0]?.toUpperCase()}${name.slice(1)}`,
      cell: ({ row }) => (
        <Amount
          minor={row.original[name]}
          currency={row.original.currency}
          signed
          withCurrency={name === "gross"}
        />
      ),
      meta: { align: "end", card: name === "gross" ? "figure" : "line" },
    }),
  ),
]);

/** What was found of single subjects when the month was locked, the largest first. */
export function LockedCauses({ rows, paging }: Readonly<{ rows: readonly NamedCause[]; paging: Paging }>) {
  return (
    <DataTable
      caption="Locked causes"
      columns={causeColumns}
      rows={[...rows]}
      rowId={(row) => row.id}
      paging={paging}
      boxed={false}
      empty={nothing}
    />
  );
}

const ofPairs = dataColumns<LockedPair>();

const pairColumns = ofPairs.columns([
  ofPairs.accessor("order", {
    header: "Order",
    cell: ({ row }) => orderLink(row.original),
    meta: { card: "title" },
  }),
  ofPairs.accessor("item", {
    header: "Pair",
    cell: ({ row: { original } }) =>
      `${kindOf(original.documentKind)}: ${lineWords(original.kind, original.item)}`,
    meta: { wrap: true },
  }),
  ofPairs.accessor("bucket", {
    header: "Bucket",
    cell: ({ getValue }) => <BucketBadge bucket={getValue()} />,
  }),
  ofPairs.accessor("scayleGross", {
    header: "SCAYLE, gross",
    cell: ({ row: { original } }) => <Amount minor={original.scayleGross} currency={original.currency} />,
    meta: { align: "end" },
  }),
  ofPairs.accessor("erpGross", {
    header: "ERP, gross",
    cell: ({ row: { original } }) => <Amount minor={original.erpGross} currency={original.currency} />,
    meta: { align: "end" },
  }),
  ofPairs.display({
    id: "difference",
    header: "Difference",
    cell: ({ row: { original } }) => (
      <Amount
        minor={original.scayleGross - original.erpGross}
        currency={original.currency}
        signed
        withCurrency
      />
    ),
    meta: { align: "end", card: "figure" },
  }),
]);

/** The pairs that are locked, those that differ most first. */
export function LockedPairs({ rows, paging }: Readonly<{ rows: readonly LockedPair[]; paging: Paging }>) {
  return (
    <DataTable
      caption="Locked pairs"
      columns={pairColumns}
      rows={[...rows]}
      rowId={(row) => row.id}
      paging={paging}
      boxed={false}
      empty={nothing}
    />
  );
}
