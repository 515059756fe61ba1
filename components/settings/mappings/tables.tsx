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
import type { MappingTable } from "@/lib/mappings/schema";
import { channelWords, lineKinds, percent } from "../change/words";
import { ImportMappings } from "./import-form";
import { mappingsPath } from "./paths";
import { PaymentForm, ReferenceForm } from "./row-form";
import { TakeAway } from "./take-away";

type Of<Tab extends string> = Readonly<{
  view: MappingsView;
  shown: Extract<MappingsView["shown"], { tab: Tab }>;
  search: string;
}>;

type Rows = Extract<MappingsView["shown"], { tab: MappingTable }>;

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
                    what={`${row.erpItem} ${row.erpVariant}`.trim()}
                    change={{
                      kind: "item-gone",
                      erpKind: row.erpKind === "account" ? "account" : "item",
                      erpItem: row.erpItem,
                      erpVariant: row.erpVariant,
                      begins: row.validFrom ?? "beginning",
                    }}
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

/** How references are read: what is left out of them, and which order a whole one is. */
export function References({ view, shown, search }: Of<"references">) {
  const entity = view.entity.id;
  const { strays, placed } = view.connections.reduce(
    (all, one) => ({ strays: all.strays + one.strays, placed: all.placed + one.placed }),
    { strays: 0, placed: 0 },
  );
  return (
    <Frame
      view={view}
      shown={shown}
      search={search}
      title="Order references"
      description={`What is left out of the ERP’s references, and whose a whole one is; ${strays.toLocaleString("en")} documents stand alone, ${placed.toLocaleString("en")} were placed by these rows`}
      searchLabel="Search by text, order or person"
      add={mappingsPath({ entity, tab: shown.tab, edit: "new" })}
      form={(row) => <ReferenceForm entityId={entity} connections={view.connections} row={row} />}
      draftOf={({ connection, part, text, order }) => ({ connection, part, text, order: order ?? "" })}
    >
      <Table caption="Order references">
        <thead>
          <tr>
            {view.connections.length > 1 && <Th>ERP</Th>}
            <Th>What</Th>
            <Th>Means</Th>
            <Th>Holds</Th>
            <Th>Set by</Th>
            <Th>When</Th>
            <Th>
              <span className="sr-only">What can be done</span>
            </Th>
          </tr>
        </thead>
        <tbody>
          {shown.rows.map((row) => {
            const { what } = row;
            return (
              <tr key={row.id}>
                {view.connections.length > 1 && <Td>{row.connection}</Td>}
                <Td>{what}</Td>
                <Td>
                  {row.order === null ? (
                    "left out"
                  ) : (
                    <Link
                      href={`/orders?q=${encodeURIComponent(row.order)}` as Route}
                      className="text-accent underline"
                    >
                      order {row.order}
                    </Link>
                  )}
                </Td>
                <Td>{daysWords(row.validFrom, row.validUntil).slice(2) || "always"}</Td>
                <Td>{row.by}</Td>
                <Td>
                  <Instant at={row.since} timeZone={view.entity.timeZone} />
                </Td>
                <Td align="end">
                  <RowLinks
                    view={view}
                    tab="references"
                    id={row.id}
                    search={search}
                    page={shown.page}
                    what={what}
                  >
                    <Link
                      className="text-accent underline"
                      aria-label={`Change ${what}`}
                      href={mappingsPath({
                        entity,
                        tab: "references",
                        q: search,
                        page: String(shown.page),
                        row: row.id,
                        edit: "row",
                      })}
                    >
                      Change
                    </Link>
                    <TakeAway
                      entityId={entity}
                      what={what}
                      change={{
                        kind: "reference-gone",
                        connectionId: row.connectionId,
                        part: row.part,
                        text: row.text,
                        begins: row.validFrom ?? "beginning",
                      }}
                    />
                  </RowLinks>
                </Td>
              </tr>
            );
          })}
        </tbody>
      </Table>
    </Frame>
  );
}

/** What the ERP has for ways of paying, with what its posted documents bear. */
export function Payments({ view, shown, search }: Of<"payments">) {
  const entity = view.entity.id;
  const { choices, shops } = shown;
  return (
    <Frame
      view={view}
      shown={shown}
      search={search}
      title="Payment methods"
      description="The ERP’s code for each of SCAYLE’s payment keys"
      searchLabel="Search by payment key, code, shop or person"
      add={mappingsPath({ entity, tab: shown.tab, edit: "new" })}
      form={(row) => (
        <PaymentForm
          entityId={entity}
          connections={view.connections}
          shops={shops}
          keys={choices.keys}
          codes={choices.codes}
          row={row}
        />
      )}
      draftOf={({ connection, shopId, paymentKey, erpCode }) => ({ connection, shopId, paymentKey, erpCode })}
      note={
        <p className="max-w-prose text-sm text-soft">
          What is posted from here bears the code: in Business Central, as the payment terms of the invoice or
          credit memo. It moves no figure: gift cards are known from SCAYLE itself, and payments and payouts
          are not reconciled. An order that was paid in several ways beside a gift card is posted without a
          code.{" "}
          {choices.countedAt ? (
            <>
              What posted documents bear was counted{" "}
              <Instant at={choices.countedAt} timeZone={view.entity.timeZone} />.
            </>
          ) : (
            "No posted document that was read bears such a code yet: nothing is compared or proposed."
          )}
        </p>
      }
    >
      <Table caption="Payment methods">
        <thead>
          <tr>
            {view.connections.length > 1 && <Th>ERP</Th>}
            <Th>Payment key</Th>
            <Th>Shop</Th>
            <Th>ERP code</Th>
            <Th align="end">Posted with it</Th>
            <Th align="end">Posted otherwise</Th>
            <Th>Holds</Th>
            <Th>Set by</Th>
            <Th>When</Th>
            <Th>
              <span className="sr-only">What can be done</span>
            </Th>
          </tr>
        </thead>
        <tbody>
          {shown.rows.map((row) => {
            const { what } = row;
            return (
              <tr key={row.id}>
                {view.connections.length > 1 && <Td>{row.connection}</Td>}
                <Td>{row.paymentKey}</Td>
                <Td>{row.shop}</Td>
                <Td>{row.erpCode}</Td>
                <Td align="end">{(row.agreeing ?? 0).toLocaleString("en")}</Td>
                <Td align="end">
                  {(row.others ?? 0).toLocaleString("en")}
                  {row.examples.map((order) => (
                    <span key={order} className="block whitespace-nowrap">
                      <Link
                        href={`/orders?q=${encodeURIComponent(order)}` as Route}
                        className="text-accent text-xs underline"
                      >
                        {order}
                      </Link>
                    </span>
                  ))}
                </Td>
                <Td>{daysWords(row.validFrom, row.validUntil).slice(2) || "always"}</Td>
                <Td>{row.by}</Td>
                <Td>
                  <Instant at={row.since} timeZone={view.entity.timeZone} />
                </Td>
                <Td align="end">
                  <RowLinks
                    view={view}
                    tab="payments"
                    id={row.id}
                    search={search}
                    page={shown.page}
                    what={what}
                  >
                    <Link
                      className="text-accent underline"
                      aria-label={`Change ${what}`}
                      href={mappingsPath({
                        entity,
                        tab: "payments",
                        q: search,
                        page: String(shown.page),
                        row: row.id,
                        edit: "row",
                      })}
                    >
                      Change
                    </Link>
                    <TakeAway
                      entityId={entity}
                      what={what}
                      change={{
                        kind: "payment-gone",
                        connectionId: row.connectionId,
                        shopId: row.shopId,
                        paymentKey: row.paymentKey,
                        begins: row.validFrom ?? "beginning",
                      }}
                    />
                  </RowLinks>
                </Td>
              </tr>
            );
          })}
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

/** The row that a form changes. */
type Edited = Readonly<{ draft: Readonly<Record<string, string>>; begins: string }>;

/** A table with what is around it: search, export, import, pages, and the history or the form of the row that the address names. */
function Frame<Shown extends Rows>({
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
  /** the form of a row, where rows are made on this page */
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
  return (
    <>
      {view.may.ask && form && (view.edit === "new" || edited) && (
        <Card title={edited ? "Change the row" : "A new row"}>{form(edited)}</Card>
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
