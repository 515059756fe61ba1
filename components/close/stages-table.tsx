"use client";

import type { Route } from "next";
import Link from "next/link";
import { useSearchParams } from "next/navigation";
import { Amount } from "@/components/ui/amount";
import { Badge } from "@/components/ui/badge";
import { dataColumns } from "@/components/ui/data-columns";
import { DataTable } from "@/components/ui/data-table";
import { EmptyState } from "@/components/ui/empty-state";
import { DayText } from "@/components/ui/instant";
import { withParams } from "@/components/ui/search-params";
import { reasonWords } from "@/lib/domain/remainder-words";
import type { StageCount, StagePart, StageRow } from "@/lib/matching/proof/stages";
import { kindWords, proofTones, proofWords } from "./proof-words";

const column = dataColumns<StageRow>();

/** A record that could not be read may name no currency. */
const known = (currency: string): boolean => /^[A-Z]{3}$/.test(currency);

const stage = (name: "fetched" | "normalised" | "matched", header: string) =>
  column.accessor((row) => row[name].sums.lines, {
    id: name,
    header,
    cell: ({ row }) => (
      <Stage count={row.original[name]} currency={row.original.currency} withRecords={name !== "matched"} />
    ),
    meta: { align: "end" },
  });

const shared = [
  stage("fetched", "Fetched"),
  column.accessor((row) => row.remainders.length, {
    id: "remainders",
    header: "Remainders",
    cell: ({ row }) => <Parts parts={row.original.remainders} currency={row.original.currency} />,
    meta: { wrap: true },
  }),
  stage("normalised", "Documents"),
  column.accessor((row) => row.apart.length, {
    id: "apart",
    header: "Apart",
    cell: ({ row }) => <Parts parts={row.original.apart} currency={row.original.currency} />,
    meta: { wrap: true },
  }),
  stage("matched", "In pairs"),
];

const state = column.accessor("state", {
  header: "Proof",
  cell: ({ row }) => <Badge tone={proofTones[row.original.state]}>{proofWords[row.original.state]}</Badge>,
  meta: { card: "figure" },
});

const feedColumns = column.columns([
  column.accessor("feed", {
    header: "Feed",
    cell: ({ row }) => <FeedLink row={row.original} />,
    meta: { card: "title", pinned: true, wrap: true },
  }),
  state,
  ...shared,
]);

const dayColumns = column.columns([
  column.accessor("day", {
    header: "Day",
    cell: ({ row }) => <DayText day={row.original.day} />,
    meta: { card: "title", pinned: true },
  }),
  state,
  ...shared,
  column.accessor((row) => row.hashes.fetched, {
    id: "hashes",
    header: "Hashes",
    cell: ({ row }) => <Hashes hashes={row.original.hashes} />,
  }),
]);

function FeedLink({ row }: Readonly<{ row: StageRow }>) {
  const params = useSearchParams();
  const { feed, kind, currency } = row;
  return (
    <Link
      href={`${withParams(new URLSearchParams(params), { feed, kind, currency })}#days` as Route}
      className="underline decoration-line-strong underline-offset-4"
    >
      {feed === "" ? "Not fetched by any feed" : feed}, {kindWords(kind)}
    </Link>
  );
}

function Stage({
  count,
  currency,
  withRecords,
}: Readonly<{ count: StageCount; currency: string; withRecords: boolean }>) {
  const lines = counted(count.sums.lines);
  return (
    <span className="figures flex flex-col">
      {known(currency) ? (
        <Amount minor={count.sums.gross} currency={currency} withCurrency />
      ) : (
        <span className="text-soft">no currency</span>
      )}
      <span className="text-soft text-xs">
        {withRecords ? `${count.records.toLocaleString("en")} with ${lines}` : lines}
      </span>
    </span>
  );
}

function Parts({ parts, currency }: Readonly<{ parts: readonly StagePart[]; currency: string }>) {
  if (parts.length === 0) return <span className="text-soft">none</span>;
  return (
    <ul className="flex min-w-40 flex-col text-xs">
      {parts.map(({ reason, count, fault }) => (
        <li key={reason} className={fault ? "font-semibold text-broken" : undefined}>
          {reasonWords(reason)}: <span className="figures">{signed(count.sums.lines)}</span>{" "}
          {Math.abs(count.sums.lines) === 1 ? "line" : "lines"}
          {known(currency) && (
            <>
              , <Amount minor={count.sums.gross} currency={currency} signed />
            </>
          )}
        </li>
      ))}
    </ul>
  );
}

const counted = (lines: number): string =>
  `${lines.toLocaleString("en")} ${Math.abs(lines) === 1 ? "line" : "lines"}`;

const signed = (lines: number): string =>
  lines < 0 ? `−${Math.abs(lines).toLocaleString("en")}` : lines.toLocaleString("en");

/** The hashes of the stages: what was fetched and made of it, what is stored and in pairs. Each pair must be one. */
function Hashes({ hashes }: Readonly<{ hashes: StageRow["hashes"] }>) {
  return (
    <span className="flex flex-col">
      <HashPair names="fetched = documents" one={hashes.fetched} other={hashes.documents} />
      <HashPair names="documents = pairs" one={hashes.stored} other={hashes.matched} />
    </span>
  );
}

/** Two 64-bit hashes that must be one, by their hexadecimal digits; both where they are not. */
function HashPair({ names, one, other }: Readonly<{ names: string; one: bigint; other: bigint }>) {
  return (
    <span className="text-soft text-xs">
      {names}{" "}
      {one === other ? (
        <span className="font-mono">{digits(one)}</span>
      ) : (
        <span className="font-mono font-semibold text-broken">
          {digits(one)} ≠ {digits(other)}
        </span>
      )}
    </span>
  );
}

const digits = (hash: bigint): string => BigInt.asUintN(64, hash).toString(16).padStart(16, "0");

/** The three counts of each feed and kind over the month; a feed opens to its days. */
export function FeedsTable({ rows, shown }: Readonly<{ rows: readonly StageRow[]; shown: StageRow | null }>) {
  return (
    <DataTable
      caption="Three counts by feed"
      boxed={false}
      columns={feedColumns}
      rows={[...rows]}
      rowId={feedKey}
      selectedId={shown ? feedKey(shown) : undefined}
      empty={
        <EmptyState title="Nothing of this month was fetched.">
          Sync the feeds: what they bring is counted here three times.
        </EmptyState>
      }
    />
  );
}

const feedKey = (row: StageRow): string => `${row.feed} ${row.kind} ${row.currency}`;

/** The three counts of one feed and kind, day by day. */
export function DaysTable({ rows }: Readonly<{ rows: readonly StageRow[] }>) {
  return (
    <DataTable
      caption="Three counts by day"
      boxed={false}
      columns={dayColumns}
      rows={[...rows]}
      rowId={(row) => row.day}
      empty={<EmptyState title="Nothing of this feed in this month.">Another feed may have some.</EmptyState>}
    />
  );
}
