import { Download, Search } from "lucide-react";
import type { Route } from "next";
import Link from "next/link";
import type { ReactNode } from "react";
import { Badge } from "@/components/ui/badge";
import { Button, ButtonLink } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { TextField } from "@/components/ui/field";
import { Instant } from "@/components/ui/instant";
import { Pagination } from "@/components/ui/pagination";
import { Table, Td, Th } from "@/components/ui/table";
import { Timeline } from "@/components/ui/timeline";
import { daysWords } from "@/lib/domain/day";
import type { MappingsView } from "@/lib/mappings/loaders";
import { channelWords, lineKinds, percent } from "../change/words";
import { ImportMappings } from "./import-form";
import { TakeAway } from "./take-away";

type Of<Tab extends string> = Readonly<{
  view: MappingsView;
  shown: Extract<MappingsView["shown"], { tab: Tab }>;
  search: string;
}>;

const path = (base: string, query: Readonly<Record<string, string>>): Route =>
  `${base}?${new URLSearchParams(query)}` as Route;

/** Which tax codes are right where: who said so and when, with the history of one row. */
export function TaxCodes({ view, shown, search }: Of<"tax-codes">) {
  const entity = view.entity.id;
  return (
    <Frame
      view={view}
      shown={shown}
      search={search}
      title="Tax codes"
      description="Which codes are right for goods that ship to a country, in a channel, at a rate"
      searchLabel="Search by country, channel, rate, code or person"
      add={path("/settings/change", { entity, change: "tax-code" })}
    >
      <Table caption="Tax codes">
        <thead>
          <tr>
            <Th>Ships to</Th>
            <Th>Channel</Th>
            <Th align="end">Rate</Th>
            <Th>Tax code</Th>
            <Th>State</Th>
            <Th>Holds</Th>
            <Th>Set by</Th>
            <Th>When</Th>
            <Th>
              <span className="sr-only">What can be done</span>
            </Th>
          </tr>
        </thead>
        <tbody>
          {shown.rows.map((row) => (
            <tr key={row.id}>
              <Td>{row.shipTo}</Td>
              <Td>{channelWords(row.channel)}</Td>
              <Td align="end">{percent(row.rate)}</Td>
              <Td>{row.taxCode}</Td>
              <Td>
                {row.right === null ? (
                  <Badge tone="attention">Proposed, not used</Badge>
                ) : row.right ? (
                  <Badge tone="agrees">Right</Badge>
                ) : (
                  <Badge>Not right</Badge>
                )}
              </Td>
              <Td>{daysWords(row.validFrom, row.validUntil).slice(2) || "always"}</Td>
              <Td>{row.by ?? "–"}</Td>
              <Td>{row.since ? <Instant at={row.since} timeZone={view.entity.timeZone} /> : "–"}</Td>
              <Td align="end">
                <RowLinks
                  view={view}
                  tab="tax-codes"
                  id={row.id}
                  search={search}
                  page={shown.page}
                  what={`${row.taxCode} in ${row.shipTo}`}
                >
                  <Link
                    className="text-accent underline"
                    aria-label={`Change ${row.taxCode} in ${row.shipTo} at ${percent(row.rate)}`}
                    href={path("/settings/change", {
                      entity,
                      change: "tax-code",
                      shipTo: row.shipTo,
                      channel: row.channel,
                      rate: row.rate,
                      taxCode: row.taxCode,
                      right: row.right === false ? "no" : "yes",
                      validFrom: row.validFrom ?? "",
                      validUntil: row.validUntil ?? "",
                      ...(row.right !== null && { replaces: row.validFrom ?? "beginning" }),
                    })}
                  >
                    Change
                  </Link>
                </RowLinks>
              </Td>
            </tr>
          ))}
        </tbody>
      </Table>
    </Frame>
  );
}

/** What ERP items and accounts stand for: who said so and when, with the history of one row. */
export function Items({ view, shown, search }: Of<"items">) {
  const entity = view.entity.id;
  return (
    <Frame
      view={view}
      shown={shown}
      search={search}
      title="Items"
      description="ERP items and accounts that stand for something else than the SKU of the same name"
      searchLabel="Search by number, variant, SKU or person"
      add={path("/settings/change", { entity, change: "item" })}
    >
      <Table caption="Items">
        <thead>
          <tr>
            <Th>ERP</Th>
            <Th>Number</Th>
            <Th>Variant</Th>
            <Th>Stands for</Th>
            <Th>Holds</Th>
            <Th>Set by</Th>
            <Th>When</Th>
            <Th>
              <span className="sr-only">What can be done</span>
            </Th>
          </tr>
        </thead>
        <tbody>
          {shown.rows.map((row) => (
            <tr key={row.id}>
              <Td>{row.erpKind}</Td>
              <Td>{row.erpItem}</Td>
              <Td>{row.erpVariant || "–"}</Td>
              <Td>{row.sku ?? lineKinds[row.lineKind] ?? row.lineKind}</Td>
              <Td>{daysWords(row.validFrom, row.validUntil).slice(2) || "always"}</Td>
              <Td>{row.by ?? "–"}</Td>
              <Td>{row.since ? <Instant at={row.since} timeZone={view.entity.timeZone} /> : "–"}</Td>
              <Td align="end">
                <RowLinks
                  view={view}
                  tab="items"
                  id={row.id}
                  search={search}
                  page={shown.page}
                  what={row.erpItem}
                >
                  <Link
                    className="text-accent underline"
                    aria-label={`Change what ${row.erpItem} stands for`}
                    href={path("/settings/change", {
                      entity,
                      change: "item",
                      erpKind: row.erpKind,
                      erpItem: row.erpItem,
                      erpVariant: row.erpVariant,
                      lineKind: row.lineKind,
                      sku: row.sku ?? "",
                      validFrom: row.validFrom ?? "",
                      validUntil: row.validUntil ?? "",
                      replaces: row.validFrom ?? "beginning",
                    })}
                  >
                    Change
                  </Link>
                  <TakeAway
                    entityId={entity}
                    erpKind={row.erpKind === "account" ? "account" : "item"}
                    erpItem={row.erpItem}
                    erpVariant={row.erpVariant}
                    begins={row.validFrom ?? "beginning"}
                  />
                </RowLinks>
              </Td>
            </tr>
          ))}
        </tbody>
      </Table>
    </Frame>
  );
}

function RowLinks({
  view,
  tab,
  id,
  search,
  page,
  what,
  children,
}: Readonly<{
  view: MappingsView;
  tab: string;
  id: string;
  search: string;
  page: number;
  what: string;
  children: ReactNode;
}>) {
  const here = { entity: view.entity.id, tab, q: search, page: String(page), row: id };
  return (
    <span className="inline-flex items-center gap-3 whitespace-nowrap">
      {view.may.seeTrail && (
        <Link
          href={path("/settings/mappings", here)}
          aria-label={`History of ${what}`}
          className="text-accent underline"
        >
          History
        </Link>
      )}
      {view.may.ask && children}
    </span>
  );
}

/** A table with what is around it: search, export, import, pages, and the history of the row that the address names. */
function Frame({
  view,
  shown,
  search,
  title,
  description,
  searchLabel,
  add,
  children,
}: Readonly<{
  view: MappingsView;
  shown: Extract<MappingsView["shown"], { tab: "items" | "tax-codes" }>;
  search: string;
  title: string;
  description: string;
  searchLabel: string;
  add: Route;
  children: ReactNode;
}>) {
  const entity = view.entity.id;
  const { tab } = shown;
  return (
    <>
      {shown.open !== null && shown.history !== null && <History view={view} history={shown.history} />}
      <Card
        title={title}
        description={description}
        actions={
          <>
            {view.may.ask && <ButtonLink href={add}>Add a row</ButtonLink>}
            {/* Not prefetched: it is a file. */}
            <a
              href={path("/settings/mappings/file", { entity, table: tab })}
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
          <p className="text-sm text-soft">
            {view.connections.length === 0
              ? "No ERP is connected."
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
            <p className="text-sm text-soft">
              {search === ""
                ? tab === "items"
                  ? "None: each ERP item number is taken as the SKU."
                  : "None yet. The first reconciliation proposes them from the ERP’s posted lines."
                : `Nothing holds “${search}”.`}
            </p>
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
          }))}
        />
      )}
    </Card>
  );
}

/** What a row said, in words. */
function said(value: unknown): string {
  if (typeof value !== "object" || value === null) return "nothing";
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
