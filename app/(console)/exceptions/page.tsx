import { Maximize2 } from "lucide-react";
import type { Metadata, Route } from "next";
import Link from "next/link";
import { ExceptionDetail } from "@/components/exceptions/exception-detail";
import { ExceptionFilters } from "@/components/exceptions/exception-filters";
import { FeedLink } from "@/components/exceptions/feed-link";
import { FilterTotals } from "@/components/exceptions/filter-totals";
import { Queue } from "@/components/exceptions/queue/queue";
import { ResyncButton } from "@/components/orders/resync-button";
import { ExceptionPairing } from "@/components/pairing/exception-pairing";
import { LackForms } from "@/components/settings/change/lack-forms";
import { ConsolePage } from "@/components/shell/console-page";
import { lastMonth } from "@/components/shell/last-month";
import { places } from "@/components/shell/navigation";
import { TieOutStrip } from "@/components/shell/tie-out-strip";
import { ButtonLink } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { EmptyState } from "@/components/ui/empty-state";
import { Message } from "@/components/ui/message";
import { Panel } from "@/components/ui/panel";
import { type SearchParams, withParams } from "@/components/ui/search-params";
import { Tabs } from "@/components/ui/tabs";
import { loadStrips } from "@/lib/close/loaders";
import { monthName } from "@/lib/domain/day";
import { type ExceptionsView, type ExceptionView, loadExceptions } from "@/lib/exceptions/loaders";
import { loadLacksOfException } from "@/lib/settings/change/loaders";

export const metadata: Metadata = { title: "Exceptions" };

export default async function ExceptionsPage({ searchParams }: PageProps<"/exceptions">) {
  const asked = await searchParams;
  const view = await loadExceptions(asked);
  if (view.entity === null) {
    return (
      <ConsolePage title="Exceptions">
        <EmptyState title="No entity is connected yet.">
          Connect SCAYLE and the ERP of a legal entity; what differs between them appears here.
        </EmptyState>
      </ConsolePage>
    );
  }
  const { query, entity, entities, selected } = view;
  const month = query.period ?? lastMonth(view.now);
  const { strips, asOf, periods } = await loadStrips(entity.id, month);
  return (
    <ConsolePage
      title="Exceptions"
      actions={
        <ButtonLink href={`/exceptions/causes?entity=${encodeURIComponent(entity.id)}` as Route}>
          Root causes
        </ButtonLink>
      }
      description={
        query.period ? `What differs in ${monthName(query.period)}.` : "What differs, in all months."
      }
      context={{
        entities,
        entity,
        period: query.period ?? null,
        periods: [...new Set([...periods, ...view.choices.periods])].sort().reverse(),
        asOf,
      }}
      strip={strips.map((strip) => (
        <TieOutStrip
          key={strip.currency}
          summary={strip}
          month={query.period ? undefined : monthName(month)}
        />
      ))}
      panel={
        selected && (
          <Selected view={selected} closeHref={`/exceptions${withParams(asked, { selected: null })}`} />
        )
      }
    >
      {query.rootCause && (
        <Message
          tone="neutral"
          action={
            <ButtonLink
              href={`/exceptions${withParams(asked, { rootCause: null, page: null })}` as Route}
              variant="quiet"
            >
              Show others too
            </ButtonLink>
          }
        >
          Only the exceptions of{" "}
          <Link
            href={`/exceptions/causes/${query.rootCause}` as Route}
            className="underline decoration-line-strong underline-offset-4"
          >
            one root cause
          </Link>
          .
        </Message>
      )}
      <Tabs label="Views" tabs={viewsOf(view, asked)} />
      <ExceptionFilters query={query} choices={view.choices} />
      <FilterTotals totals={view.totals} period={query.period ? monthName(query.period) : null} />
      <Card flush>
        <Queue
          // What was chosen under another filter is not seen any more.
          key={withParams(asked, { selected: null, page: null, sort: null })}
          entityId={entity.id}
          rows={view.rows}
          totals={view.totals}
          count={view.count}
          filter={filterOf(asked)}
          sort={query.sort}
          page={query.page}
          pageSize={view.pageSize}
          selectedId={query.selected}
          today={view.today}
          may={view.may}
          people={view.people}
          teams={view.teams}
          actorId={view.actorId}
          links={[
            ...viewsOf(view, asked).map(({ label, href }) => ({ label: `View: ${label}`, href })),
            ...places
              .filter(({ permission }) => view.permissions.includes(permission))
              .map(({ key, label }) => ({
                label: `Go to ${label}`,
                href: key === "close" ? `/close/${month}` : `/${key}`,
              })),
          ]}
        />
      </Card>
    </ConsolePage>
  );
}

/** The filter of the address, as it is sent with "all that match". */
const filterOf = (asked: SearchParams): Readonly<Record<string, string>> =>
  Object.fromEntries(new URLSearchParams(withParams(asked, { page: null, selected: null, sort: null })));

async function Selected({ view, closeHref }: Readonly<{ view: ExceptionView; closeHref: string }>) {
  const { exception, title } = view;
  return (
    <Panel
      title={`${title} · ${exception.order ?? exception.document ?? "no order known"}`}
      closeHref={closeHref}
      actions={
        <ButtonLink
          href={`/exceptions/${exception.id}` as Route}
          variant="quiet"
          icon={<Maximize2 aria-hidden size={14} />}
        >
          Open as page
        </ButtonLink>
      }
    >
      <ExceptionDetail
        view={view}
        lacks={<LackForms lacks={await loadLacksOfException(exception.entityId, exception.id)} />}
        pairing={
          <ExceptionPairing pairing={view.pairing} placed={view.placed} timeZone={exception.timeZone} />
        }
        resync={
          view.feedId ? (
            <FeedLink feedId={view.feedId} />
          ) : (
            view.may.resync && (
              <ResyncButton
                entityId={exception.entityId}
                orderKey={exception.orderKey}
                isStray={view.isStray}
              />
            )
          )
        }
      />
    </Panel>
  );
}

const cleared = {
  state: null,
  owner: null,
  assignee: null,
  due: null,
  cause: null,
  shop: null,
  rootCause: null,
  q: null,
  page: null,
  selected: null,
};

/** The views people work by. One is current when the address says exactly it, whatever the entity, month and sort. */
function viewsOf(view: ExceptionsView, asked: SearchParams) {
  const views = [
    ["To act on", view.views.open, {}],
    ["Mine", view.views.mine, { assignee: "me" }],
    ["Unassigned", view.views.unassigned, { assignee: "none" }],
    ["Overdue", view.views.overdue, { due: "overdue" }],
    ["Finance", view.views.finance, { owner: "finance" }],
    ["Operations", view.views.operations, { owner: "operations" }],
    ["Explained", view.views.explained, { state: "explained" }],
    ["Resolved", view.views.resolved, { state: "resolved" }],
  ] as const;
  const names = ["state", "owner", "assignee", "due", "cause", "shop", "rootCause", "q"] as const;
  return views.map(
    ([label, count, changes]: readonly [string, number, Readonly<Record<string, string>>]) => ({
      href: `/exceptions${withParams(asked, { ...cleared, ...changes })}`,
      label,
      count,
      current: names.every((name) => (asked[name] ?? "") === (changes[name] ?? "")),
    }),
  );
}
