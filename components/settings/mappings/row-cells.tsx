import type { Route } from "next";
import Link from "next/link";
import type { ReactNode } from "react";
import { Instant } from "@/components/ui/instant";
import { Td, Th } from "@/components/ui/table";
import { daysWords } from "@/lib/domain/day";
import type { MappingsView } from "@/lib/mappings/loaders";
import type { MappingTable } from "@/lib/mappings/schema";
import { mappingsPath } from "./paths";

/** What a table of mappings shows: one page of what a search found. */
export type TableOf<Tab extends MappingTable> = Readonly<{
  view: MappingsView;
  shown: Extract<MappingsView["shown"], { tab: Tab }>;
  search: string;
}>;

/** An address with what it asks for. */
export const pathWith = (base: string, query: Readonly<Record<string, string>>): Route =>
  `${base}?${new URLSearchParams(query)}` as Route;

/** The headings of `SetCells`, and of what can be done with a row. */
export function LastHeadings() {
  return (
    <>
      <Th>Holds</Th>
      <Th>Set by</Th>
      <Th>When</Th>
      <Th>
        <span className="sr-only">What can be done</span>
      </Th>
    </>
  );
}

/** On which posting dates a row holds, and who said so when; without a person: it was proposed. */
export function SetCells({
  row,
  timeZone,
}: Readonly<{
  row: Readonly<{
    validFrom: string | null;
    validUntil: string | null;
    by: string | null;
    since: Date | null;
  }>;
  timeZone: string;
}>) {
  return (
    <>
      <Td>{daysWords(row.validFrom, row.validUntil).slice(2) || "always"}</Td>
      <Td>{row.by ?? "–"}</Td>
      <Td>{row.since ? <Instant at={row.since} timeZone={timeZone} /> : "–"}</Td>
    </>
  );
}

/** Where a row is, as an address says it. */
const placeOf = ({ view, shown, search }: TableOf<MappingTable>, id: string) => ({
  entity: view.entity.id,
  tab: shown.tab,
  q: search,
  page: String(shown.page),
  row: id,
});

/** Opens the form of a row, on this page. */
export function EditLink({
  of,
  id,
  what,
}: Readonly<{ of: TableOf<MappingTable>; id: string; what: string }>) {
  return (
    <Link
      className="text-accent underline"
      aria-label={`Change ${what}`}
      href={mappingsPath({ ...placeOf(of, id), edit: "row" })}
    >
      Change
    </Link>
  );
}

/** A row's history, and what else can be done with it by whoever may ask for changes. */
export function RowLinks({
  of,
  id,
  what,
  children,
}: Readonly<{ of: TableOf<MappingTable>; id: string; what: string; children: ReactNode }>) {
  return (
    <span className="inline-flex items-center gap-3 whitespace-nowrap">
      {of.view.may.seeTrail && (
        <Link
          href={pathWith("/settings/mappings", placeOf(of, id))}
          aria-label={`History of ${what}`}
          className="text-accent underline"
        >
          History
        </Link>
      )}
      {of.view.may.ask && children}
    </span>
  );
}
