import { Download, Search } from "lucide-react";
import type { Route } from "next";
import Link from "next/link";
import type { ReactNode } from "react";
import { Button, ButtonLink } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { TextField } from "@/components/ui/field";
import { Pagination } from "@/components/ui/pagination";
import { Timeline } from "@/components/ui/timeline";
import { daysWords } from "@/lib/domain/day";
import type { MappingsView } from "@/lib/mappings/loaders";
import type { MappingTable } from "@/lib/mappings/schema";
import { lineKinds, requestPath } from "../change/words";
import { ImportMappings } from "./import-form";
import { pathWith } from "./row-cells";

type Rows = Extract<MappingsView["shown"], { tab: MappingTable }>;

/** The row that a form changes. */
type Edited = Readonly<{ draft: Readonly<Record<string, string>>; begins: string }>;

/** A table with what is around it: search, export, import, pages, and the history or the form of the row that the address names. */
export function MappingFrame<Shown extends Rows>({
  view,
  shown,
  search,
  title,
  description,
  searchLabel,
  add,
  note,
  form,
  draftOf,
  children,
}: Readonly<{
  view: MappingsView;
  shown: Shown;
  search: string;
  title: string;
  description: string;
  searchLabel: string;
  add: Route;
  note?: ReactNode;
  /** the form of a row; null: a new one is made elsewhere */
  form?: (row: Edited | null) => ReactNode;
  draftOf?: (row: Shown["rows"][number]) => Readonly<Record<string, string>>;
  children: ReactNode;
}>) {
  const entity = view.entity.id;
  const { tab } = shown;
  const rows: readonly Shown["rows"][number][] = shown.rows;
  const open = rows.find((row) => row.id === shown.open);
  const edited =
    view.edit === "row" && open && draftOf
      ? {
          draft: {
            ...draftOf(open),
            validFrom: open.validFrom ?? "",
            validUntil: open.validUntil ?? "",
          },
          begins: open.validFrom ?? "beginning",
        }
      : null;
  const made = view.may.ask && form && (view.edit === "new" || edited) ? form(edited) : null;
  return (
    <>
      {made && (
        // Another row begins anew.
        <Card key={edited ? shown.open : "new"} title={edited ? "Change the row" : "A new row"}>
          {made}
        </Card>
      )}
      {shown.open !== null && view.edit === undefined && shown.history !== null && (
        <History view={view} history={shown.history} />
      )}
      <Card
        title={title}
        description={description}
        actions={
          <>
            {view.may.ask && <ButtonLink href={add}>Add a row</ButtonLink>}
            {/* Not prefetched: it is a file. */}
            <a
              href={pathWith("/settings/mappings/file", { entity, table: tab })}
              download={`${tab}-${entity}.csv`}
              className="fade inline-flex h-8 items-center gap-1.5 rounded-md border border-line bg-surface px-3 font-medium text-sm hover:bg-hover max-md:h-10"
            >
              <Download aria-hidden size={14} />
              Export as CSV
            </a>
          </>
        }
      >
        <div className="flex flex-col gap-4">
          {note}
          <p className="text-sm text-soft">
            {view.connections.length === 0
              ? "No ERP is connected."
              : tab === "references" || tab === "payments"
                ? "Each row is of one ERP connection. It holds for documents of the posting dates that it names; the same one may have several rows, which share no day."
                : `They hold for all of the entity’s ERP connections: ${view.connections.map((one) => one.name).join(", ")}. One holds on the posting dates that it names; the same one may have several rows, which share no day.`}
          </p>
          <form method="get" className="flex flex-wrap items-end gap-2">
            <input type="hidden" name="entity" value={entity} />
            <input type="hidden" name="tab" value={tab} />
            <TextField
              label={searchLabel}
              name="q"
              type="search"
              defaultValue={search}
              className="w-96 max-w-full"
            />
            <Button type="submit" icon={<Search aria-hidden size={14} />}>
              Search
            </Button>
          </form>
          {shown.rows.length === 0 ? (
            <p className="text-sm text-soft">{search === "" ? none[tab] : `Nothing holds “${search}”.`}</p>
          ) : (
            <div>
              {children}
              <Pagination page={shown.page} pageSize={view.pageSize} total={shown.total} />
            </div>
          )}
          {view.may.ask && (
            <details>
              <summary className="cursor-pointer text-sm underline decoration-line-strong underline-offset-4">
                Import a file
              </summary>
              <div className="pt-3">
                <ImportMappings key={tab} entityId={entity} table={tab} columns={shown.columns} />
              </div>
            </details>
          )}
        </div>
      </Card>
    </>
  );
}

const none: Readonly<Record<MappingTable, string>> = {
  items: "None: each ERP item number is taken as the SKU.",
  "tax-codes": "None yet. The first reconciliation proposes them from the ERP’s posted lines.",
  references: "None: references are read as they stand.",
  payments: "None: what is posted from here bears no code of payment.",
};

type Told = NonNullable<Extract<MappingsView["shown"], { tab: "items" }>["history"]>;

function History({ view, history }: Readonly<{ view: MappingsView; history: Told }>) {
  return (
    <Card title="History of the row" description="The newest 50 changes, as the audit trail has them">
      {history.length === 0 ? (
        <p className="text-sm text-soft">
          Nobody has changed it here: it came with the connection, or was proposed from what is posted.
        </p>
      ) : (
        <Timeline
          label="Changes of the row, newest first"
          timeZone={view.entity.timeZone}
          items={history.map((one) => ({
            id: one.id,
            at: one.at,
            title: `${said(one.before)} → ${said(one.after)}`,
            by: one.actorName,
            ...(one.requestId !== null && {
              body: (
                <>
                  Asked for by {one.askedBy}
                  {one.reason && `: ${one.reason}`}
                  {one.approvedBy !== one.askedBy && `. Approved by ${one.approvedBy}`}
                  {one.remark && `: ${one.remark}`}.{" "}
                  <Link href={requestPath(view.entity.id, one.requestId)} className="text-accent underline">
                    The request
                  </Link>
                </>
              ),
            }),
          }))}
        />
      )}
    </Card>
  );
}

/** What a row said, in words. */
function said(value: unknown): string {
  if (typeof value !== "object" || value === null) return "nothing";
  if ("leftOut" in value || "order" in value || "code" in value) {
    const { order, code, validFrom, validUntil } = value as Readonly<Record<string, string | undefined>>;
    return `${code ?? (order === undefined ? "left out" : `order ${order}`)}${daysWords(validFrom, validUntil)}`;
  }
  if ("right" in value) {
    const { validFrom, validUntil } = value as Readonly<Record<string, string | undefined>>;
    return `${value.right === true ? "right" : "not right"}${daysWords(validFrom, validUntil)}`;
  }
  if (Array.isArray(value)) return value.map(said).join(" and ");
  const { sku, lineKind, validFrom, validUntil } = value as Readonly<
    Record<string, string | null | undefined>
  >;
  const what = typeof sku === "string" ? sku : (lineKinds[String(lineKind)] ?? String(lineKind));
  return `${what}${daysWords(validFrom, validUntil)}`;
}
