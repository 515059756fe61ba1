"use client";

import { TriangleAlert } from "lucide-react";
import type { Route } from "next";
import Link from "next/link";
import { useSearchParams } from "next/navigation";
import { createContext, useContext, useMemo } from "react";
import { Amount } from "@/components/ui/amount";
import { dataColumns } from "@/components/ui/data-columns";
import { Difference } from "@/components/ui/difference";
import { EmptyState } from "@/components/ui/empty-state";
import { EndlessTable, type EndlessTableProps } from "@/components/ui/endless-table";
import { DayText } from "@/components/ui/instant";
import { withParams } from "@/components/ui/search-params";
import { aboutOf } from "@/lib/domain/about";
import type { ExceptionsView } from "@/lib/exceptions/loaders";
import { STOCK } from "./both-sides";
import { CauseBadge, StateBadge } from "./state-badge";

type Row = ExceptionsView["rows"][number];

const column = dataColumns<Row>();

const columns = column.columns([
  column.accessor("cause", {
    header: "Cause",
    cell: ({ row }) => <OpenLink row={row.original} />,
    meta: { sort: "cause", pinned: true, card: "title", width: 13.75 },
  }),
  column.accessor("order", {
    header: "Order or item",
    cell: ({ row }) => <AboutLink row={row.original} />,
    meta: { card: "inline", sort: "order", width: 8.5 },
  }),
  column.accessor("document", {
    header: "Document",
    cell: ({ getValue }) => getValue() ?? "–",
    meta: { card: "inline", sort: "document", width: 7, priority: 7 },
  }),
  column.accessor("gross", {
    header: "Gross",
    cell: ({ row }) => <Figure row={row.original} />,
    // An amount is never cut: "tax −12,345.67 EUR" has room.
    meta: { align: "end", sort: "gross", card: "figure", width: 9.75 },
  }),
  column.accessor("ageDays", {
    header: "Age",
    cell: ({ getValue }) => (getValue() === 1 ? "1 day" : `${getValue()} days`),
    meta: { card: "inline", align: "end", sort: "age", width: 5.75, priority: 4 },
  }),
  column.accessor("shopName", {
    header: "Shop",
    cell: ({ getValue }) => getValue() ?? "–",
    meta: { card: "inline", width: 5.5, priority: 6 },
  }),
  column.accessor("channel", {
    header: "Channel",
    cell: ({ getValue }) => getValue() ?? "–",
    meta: { card: "hidden", width: 5.75, priority: 8 },
  }),
  column.accessor("owner", {
    header: "Owner",
    meta: { card: "inline", sort: "owner", width: 6.75, priority: 5 },
  }),
  column.accessor("assignee", {
    header: "Assignee",
    cell: ({ getValue }) => getValue() ?? <span className="text-soft">nobody</span>,
    meta: { card: "inline", sort: "assignee", width: 8.25, priority: 3 },
  }),
  column.accessor("due", {
    header: "Due",
    cell: ({ row }) => <Due row={row.original} />,
    meta: { card: "inline", sort: "due", width: 8.25, priority: 1 },
  }),
  column.accessor("state", {
    header: "State",
    cell: ({ getValue }) => <StateBadge state={getValue()} />,
    meta: { card: "inline", bare: true, sort: "state", width: 7.5, priority: 2 },
  }),
]);

const choosableColumns = column.columns([
  column.display({
    id: "chosen",
    header: () => <span className="sr-only">Chosen</span>,
    cell: ({ row }) => <ChosenBox row={row.original} />,
    meta: { card: "title", width: 2.5 },
  }),
  ...columns,
]);

/** Whether a row is chosen, and how that is changed; given by the queue around the table. */
export const Choosing = createContext<
  Readonly<{
    has: (id: string) => boolean;
    choose: (id: string, range: boolean) => void;
    /** while a record is open: the row that Tab stops at, so that it leads from the list without end into the record */
    stop?: string | undefined;
  }>
>({ has: () => false, choose: () => undefined });

/** Takes what a row holds out of the way of Tab, but for the one row that it stops at. */
function useTabIndex(id: string): -1 | undefined {
  const { stop } = useContext(Choosing);
  return stop === undefined || stop === id ? undefined : -1;
}

function ChosenBox({ row }: Readonly<{ row: Row }>) {
  const { has, choose } = useContext(Choosing);
  const tabIndex = useTabIndex(row.id);
  return (
    <input
      tabIndex={tabIndex}
      type="checkbox"
      name="chosen"
      value={row.id}
      checked={has(row.id)}
      // With Shift everything between is chosen, too: only a click knows of it.
      onClick={(event) => choose(row.id, event.shiftKey)}
      onChange={() => undefined}
      aria-label={`Select ${row.title}, ${spokenOf(row)}`}
      className="block size-4 accent-accent max-md:size-7"
    />
  );
}

/** Opens the exception beside the list; the address of the panel is the list's with `selected`. */
function OpenLink({ row }: Readonly<{ row: Row }>) {
  const params = useSearchParams();
  const tabIndex = useTabIndex(row.id);
  return (
    <Link
      tabIndex={tabIndex}
      href={`/exceptions${withParams(params, { selected: row.id })}` as Route}
      scroll={false}
      // Of thousands of rows that pass by none is asked for ahead.
      prefetch={false}
      data-open
      aria-label={`${row.title}${row.ambiguous ? " ambiguous" : ""}, ${spokenOf(row)}: open`}
    >
      <CauseBadge cause={row.cause} title={row.title} state={row.state} />
      {row.ambiguous && <span className="text-soft text-xs"> ambiguous</span>}
    </Link>
  );
}

/** What it is about, for who hears it. */
const spokenOf = (row: Row): string =>
  row.order === null && aboutOf(row) !== null ? (aboutOf(row) ?? "") : `order ${row.order ?? "not known"}`;

/** Where that is shown: an item's stock and a feed are no order's. */
function placeOf({ cause, entityId, orderKey, document }: Row): string {
  if (document !== null && cause === STOCK)
    return `/feeds/stock?entity=${encodeURIComponent(entityId)}&q=${encodeURIComponent(document)}`;
  if (document !== null && cause === "feed-behind") return `/feeds/feed?id=${encodeURIComponent(document)}`;
  return `/orders/${orderKey}`;
}

/** What it is worth; of what stands beside the books what it comes to, and the money that it is about. */
function Figure({ row }: Readonly<{ row: Row }>) {
  const { net, tax, gross, currency, matter, worth } = row;
  if (matter === null) return <Difference net={net} tax={tax} gross={gross} currency={currency} />;
  return (
    <>
      {worth !== null && worth > 0n && (
        <span className="block">
          <span className="font-normal text-soft">about </span>
          <Amount minor={worth} currency={currency} withCurrency />
        </span>
      )}
      <span className="block whitespace-normal font-normal text-soft text-xs">{matter}</span>
    </>
  );
}

function AboutLink({ row }: Readonly<{ row: Row }>) {
  const tabIndex = useTabIndex(row.id);
  return (
    <Link
      tabIndex={tabIndex}
      href={placeOf(row) as Route}
      prefetch={false}
      className="underline decoration-line-strong underline-offset-4 max-md:inline-block max-md:leading-[24px]"
    >
      {aboutOf(row) ?? "not known"}
    </Link>
  );
}

function Due({ row }: Readonly<{ row: Row }>) {
  if (row.due === null) return "–";
  return (
    <span
      className={row.overdue ? "font-medium text-broken" : undefined}
      title={row.overdue ? "Overdue" : undefined}
    >
      <DayText day={row.due} />
      {row.overdue && (
        <>
          <TriangleAlert aria-hidden size={12} className="ml-1 inline align-[-1px] max-md:hidden" />
          <span className="md:sr-only"> overdue</span>
        </>
      )}
    </span>
  );
}

/** The rows of the queue, as many as were scrolled to; the server sorts and filters them. */
export function ExceptionsTable({
  choosable = false,
  hidden = [],
  isMine = false,
  ...list
}: Readonly<{
  /** each row with a checkbox named `chosen` */
  choosable?: boolean;
  /** columns that the person does not want to see */
  hidden?: readonly string[];
  /** only the reader's own are asked for */
  isMine?: boolean;
}> &
  Pick<
    EndlessTableProps<Row>,
    | "rows"
    | "sort"
    | "selectedId"
    | "currentId"
    | "total"
    | "totalText"
    | "hasMore"
    | "more"
    | "reveal"
    | "foot"
  >) {
  const hiddenText = hidden.join();
  const seen = useMemo(() => {
    const without = new Set(hiddenText.split(","));
    return (choosable ? choosableColumns : columns).filter(
      (one) => !("accessorKey" in one) || !without.has(String(one.accessorKey)),
    );
  }, [hiddenText, choosable]);
  return (
    <EndlessTable
      caption="Exceptions"
      columns={seen}
      rowId={idOf}
      empty={
        <EmptyState title={isMine ? "Nothing is yours." : "No exception fits."}>
          Exceptions appear when a reconciliation finds a difference that somebody must act on. Change the
          filters to see others.
        </EmptyState>
      }
      {...list}
    />
  );
}

const idOf = (row: Row): string => row.id;
