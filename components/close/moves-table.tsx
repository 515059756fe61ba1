"use client";

import type { Route } from "next";
import Link from "next/link";
import { Amount } from "@/components/ui/amount";
import { Badge } from "@/components/ui/badge";
import { dataColumns } from "@/components/ui/data-columns";
import { DataTable } from "@/components/ui/data-table";
import { EmptyState } from "@/components/ui/empty-state";
import { Instant } from "@/components/ui/instant";
import type { MoveFigure } from "@/lib/moves/schema";
import type { ToldMove } from "@/lib/moves/told";
import { countText, figureWords, reasonTones, reasonWords } from "./moves-words";

const column = dataColumns<ToldMove>();

const columnsOf = (currency: string, timeZone: string, of: MoveFigure) =>
  column.columns([
    column.accessor("at", {
      header: "Found",
      cell: ({ row }) => <Instant at={row.original.at} timeZone={timeZone} />,
    }),
    column.accessor("subject", {
      header: "What",
      cell: ({ row }) => <Subject move={row.original} />,
      meta: { card: "title", wrap: true },
    }),
    column.accessor("why", {
      header: "Why",
      cell: ({ row }) => (
        <Badge tone={reasonTones[row.original.why]}>{reasonWords[row.original.why][0]}</Badge>
      ),
    }),
    column.display({
      id: "happenings",
      header: "What happened",
      cell: ({ row }) => <Happenings move={row.original} timeZone={timeZone} />,
      meta: { wrap: true },
    }),
    column.accessor("amount", {
      header: of === "count" ? "Count" : `${figureWords[of]} ${currency}`,
      cell: ({ row }) => <Figure value={row.original.amount} of={of} currency={currency} />,
      meta: { align: "end", card: "figure" },
    }),
  ]);

function Figure({ value, of, currency }: Readonly<{ value: bigint; of: MoveFigure; currency: string }>) {
  if (of !== "count") return <Amount minor={value} currency={currency} signed />;
  return <span className="figures">{countText(value)}</span>;
}

function Subject({ move }: Readonly<{ move: ToldMove }>) {
  if (move.orderKey === null) {
    return move.why === "before" ? "All that was there" : "Many orders, matched for the first time together";
  }
  const name = move.subject ?? "a record without a name";
  return (
    <Link
      href={`/orders/${move.orderKey}` as Route}
      className="underline decoration-line-strong underline-offset-4"
    >
      {name.charAt(0).toUpperCase() + name.slice(1)}
    </Link>
  );
}

function Happenings({ move, timeZone }: Readonly<{ move: ToldMove; timeZone: string }>) {
  if (move.happenings.length === 0) return <span className="text-soft">{reasonWords[move.why][1]}.</span>;
  return (
    <ul className="flex flex-col gap-0.5">
      {move.happenings.map(({ at, text, by }) => (
        <li key={`${at.getTime()} ${text}`}>
          {text}
          <span className="text-soft">
            {" "}
            · {by ? `${by} · ` : ""}
            <Instant at={at} timeZone={timeZone} />
          </span>
        </li>
      ))}
    </ul>
  );
}

/** What moved a total, a page at a time, with the sum of all pages. */
export function MovesTable({
  moves,
  currency,
  timeZone,
  of,
  sum,
  paging,
}: Readonly<{
  moves: readonly ToldMove[];
  currency: string;
  timeZone: string;
  of: MoveFigure;
  /** of all that the list has */
  sum: bigint;
  paging: Readonly<{ page: number; pageSize: number; total: number }>;
}>) {
  return (
    <DataTable
      caption="What moved it"
      columns={columnsOf(currency, timeZone, of)}
      rows={[...moves]}
      rowId={(move) => `${move.orderKey ?? "many"} ${move.runId ?? ""} ${move.at.getTime()}`}
      paging={paging}
      totals={{ at: "Sum of all pages", amount: <Figure value={sum} of={of} currency={currency} /> }}
      empty={
        <EmptyState title="Nothing moved it.">
          Between these two moments no reconciliation changed this figure.
        </EmptyState>
      }
    />
  );
}
