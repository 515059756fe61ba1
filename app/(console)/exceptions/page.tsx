import { Maximize2 } from "lucide-react";
import type { Metadata, Route } from "next";
import { cookies } from "next/headers";
import Link from "next/link";
import { COLUMNS_COOKIE } from "@/components/exceptions/columns";
import { ColumnsMenu } from "@/components/exceptions/columns-menu";
import { ExceptionDetail } from "@/components/exceptions/exception-detail";
import { ExceptionFilters } from "@/components/exceptions/exception-filters";
import { ExportLinks } from "@/components/exceptions/export-links";
import { FeedLink } from "@/components/exceptions/feed-link";
import { FilterTotals } from "@/components/exceptions/filter-totals";
import { Queue } from "@/components/exceptions/queue/queue";
import { SavedViews } from "@/components/exceptions/saved-views";
import { AnswerForm } from "@/components/orders/answer-form";
import { ResyncButton } from "@/components/orders/resync-button";
import { ExceptionPairing } from "@/components/pairing/exception-pairing";
import { ResolutionCard } from "@/components/resolutions/resolution-card";
import { LackForms } from "@/components/settings/change/lack-forms";
import { ConsolePage } from "@/components/shell/console-page";
import { lastMonth } from "@/components/shell/last-month";
import { Preference } from "@/components/shell/preference";
import { ClosedMonthNotice, SoftCloseNotice } from "@/components/shell/soft-close-notice";
import { TieOutStrips } from "@/components/shell/tie-out-strip";
import { StockLink } from "@/components/stock/stock-link";
import { ButtonLink } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { EmptyState } from "@/components/ui/empty-state";
import { Message } from "@/components/ui/message";
import { Panel } from "@/components/ui/panel";
import { oneParam, type SearchParams, withParams } from "@/components/ui/search-params";
import { Tabs } from "@/components/ui/tabs";
import { loadStrips } from "@/lib/close/loaders";
import { loadClosedMonths, loadSoftClosed } from "@/lib/close/softclose-view";
import { monthName } from "@/lib/domain/day";
import { type ExceptionsView, type ExceptionView, loadExceptions } from "@/lib/exceptions/loaders";
import { filterNames, MANY } from "@/lib/exceptions/schema";
import { loadResolution } from "@/lib/resolutions/loaders";
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
  const hidden = (await cookies()).get(COLUMNS_COOKIE)?.value.split(".") ?? [];
  const address = new URLSearchParams({ ...view.filter, entity: entity.id }).toString();
  const tools = (
    <>
      <SavedViews
        entityId={entity.id}
        saved={view.saved}
        address={viewOf(asked)}
        current={currentOf(view, asked)}
        actorId={view.actorId}
      />
      <ColumnsMenu hidden={hidden}>
        <Preference
          name="density"
          label="Rows"
          choices={[
            { value: "regular", label: "Regular" },
            { value: "compact", label: "Compact" },
          ]}
        />
      </ColumnsMenu>
      <ExportLinks entityId={entity.id} filter={view.filter} sort={query.sort} />
    </>
  );
  return (
    <ConsolePage
      title="Exceptions"
      dense
      description={
        <div className="flex flex-wrap items-center gap-x-5 gap-y-0.5 text-sm">
          <span className="@max-5xl:sr-only">
            {query.period ? `What differs in ${monthName(query.period)}.` : "What differs, in all months."}
          </span>
          <span className="text-ink">
            <FilterTotals
              soFar={view.totals}
              address={address}
              period={query.period ? monthName(query.period) : null}
              waits={
                view.waits && {
                  soFar: view.waits,
                  href: `/exceptions${withParams(asked, { state: "waiting", selected: null, expanded: null })}`,
                }
              }
            />
          </span>
        </div>
      }
      context={{
        entities,
        entity,
        period: query.period ?? null,
        periods: [...new Set([...periods, ...view.choices.periods])].sort().reverse(),
        asOf,
      }}
      strip={
        <TieOutStrips
          strips={strips}
          own={view.currency}
          month={query.period ? undefined : monthName(month)}
        />
      }
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
              href={`/exceptions${withParams(asked, { rootCause: null })}` as Route}
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
      <div className="flex items-center gap-2">
        <div className="min-w-0 flex-1">
          <Tabs label="Views" tabs={viewsOf(view, asked)} />
        </div>
        <ButtonLink href={`/exceptions/causes?entity=${encodeURIComponent(entity.id)}` as Route}>
          Root causes
        </ButtonLink>
      </div>
      <ExceptionFilters query={query} choices={view.choices} currency={view.currency}>
        {tools}
      </ExceptionFilters>
      <Card flush>
        <Queue
          // What was chosen under another filter is not seen any more.
          key={`${address} ${query.group ?? ""}`}
          entityId={entity.id}
          rows={view.rows}
          next={view.next}
          totals={view.shown?.totals ?? view.totals}
          filter={view.shown?.filter ?? view.filter}
          grouped={
            view.groups && query.group
              ? {
                  by: query.group,
                  groups: view.groups,
                  expanded: query.expanded,
                  further: view.furtherGroups,
                }
              : null
          }
          sort={query.sort}
          selectedId={query.selected}
          today={view.today}
          may={view.may}
          people={view.people}
          teams={view.teams}
          readers={view.readers}
          actorId={view.actorId}
          hidden={hidden}
          links={viewsOf(view, asked).map(({ label, href }) => ({ label: `View: ${label}`, href }))}
        />
      </Card>
    </ConsolePage>
  );
}

async function Selected({ view, closeHref }: Readonly<{ view: ExceptionView; closeHref: string }>) {
  const { exception, title } = view;
  const resolution = await loadResolution(exception);
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
      {exception.cause === "question" && exception.resolvedAt === null && view.may.assign && (
        <AnswerForm entityId={exception.entityId} exceptionId={exception.id} />
      )}
      <ExceptionDetail
        view={view}
        lacks={
          <>
            <SoftCloseNotice
              found={
                await loadSoftClosed(exception.entityId, {
                  months: [...new Set([exception.period, ...exception.amounts.map((one) => one.period)])],
                })
              }
            />
            <ClosedMonthNotice
              months={
                await loadClosedMonths(exception.entityId, [
                  ...new Set([exception.period, ...exception.amounts.map((one) => one.period)]),
                ])
              }
            />
            <LackForms lacks={await loadLacksOfException(exception.entityId, exception.id)} />
          </>
        }
        payloads={
          view.feedId === null && (
            <p className="text-sm">
              <Link
                href={`/exceptions/${exception.id}#payloads` as Route}
                className="underline decoration-line-strong underline-offset-4"
              >
                Payloads of both systems
              </Link>{" "}
              <span className="text-soft">are on its page.</span>
            </p>
          )
        }
        resolution={<ResolutionCard view={resolution} exceptionId={exception.id} />}
        pairing={
          <ExceptionPairing pairing={view.pairing} placed={view.placed} timeZone={exception.timeZone} />
        }
        resync={
          exception.cause === "stock-drift" && exception.document ? (
            <StockLink entityId={exception.entityId} itemKey={exception.document} />
          ) : view.feedId ? (
            <FeedLink feedId={view.feedId} />
          ) : (
            view.may.resync && (
              <ResyncButton
                entityId={exception.entityId}
                orderKey={exception.orderKey}
                isStray={view.isStray}
                isSecond={resolution.offers.length > 0 || resolution.current !== null}
              />
            )
          )
        }
      />
    </Panel>
  );
}

type View = Readonly<{
  label: string;
  count?: number | string;
  changes: Readonly<Record<string, string>>;
  id?: string;
}>;

/** What a view is made of: what narrows the queue but the month, how it is grouped and sorted. */
const VIEW_NAMES = [...filterNames.filter((name) => name !== "period"), "group", "sort"] as const;

/** The views people work by: those for everybody, then the person's own. */
const allViews = ({ views, saved }: ExceptionsView): readonly View[] => [
  { label: "To act on", count: views.act, changes: {} },
  { label: "Mine", count: views.mine, changes: { assignee: "me" } },
  { label: "My team", count: views.team, changes: { team: "mine" } },
  { label: "Unassigned", count: views.unassigned, changes: { assignee: "none" } },
  { label: "Overdue", count: views.overdue, changes: { due: "overdue" } },
  { label: "New since yesterday", count: views.fresh, changes: { since: "yesterday" } },
  { label: "Waiting", count: views.waiting, changes: { state: "waiting" } },
  { label: "To approve", count: views.asked, changes: { approval: "asked", state: "open" } },
  { label: "Mentions me", count: views.mentions, changes: { mention: "me", state: "open" } },
  { label: "By value", count: views.act, changes: { sort: "-value" } },
  { label: "Explained", count: views.explained, changes: { state: "explained" } },
  { label: "Accepted", count: views.accepted, changes: { state: "accepted" } },
  { label: "Resolved", count: views.resolved, changes: { state: "resolved" } },
  ...saved.map(({ id, name, query, count }) => ({
    id,
    label: name,
    count: count ?? `over ${MANY.toLocaleString("en")}`,
    changes: Object.fromEntries(new URLSearchParams(query)),
  })),
];

/** One is current when the address says exactly it, whatever the entity and (but for own ones that name one) the month. */
const isCurrent = ({ changes }: View, asked: SearchParams): boolean =>
  VIEW_NAMES.every((name) => (asked[name] ?? "") === (changes[name] ?? "")) &&
  (changes["period"] === undefined || asked["period"] === changes["period"]);

const CLEARED = Object.fromEntries([...VIEW_NAMES, "selected", "expanded"].map((name) => [name, null]));

const viewsOf = (view: ExceptionsView, asked: SearchParams) =>
  allViews(view).map((one) => ({
    href: `/exceptions${withParams(asked, { ...CLEARED, ...one.changes })}`,
    label: one.label,
    ...(one.count !== undefined && { count: one.count }),
    current: isCurrent(one, asked),
  }));

/** The person's own view that is shown, to be forgotten. */
const currentOf = (view: ExceptionsView, asked: SearchParams): string | null =>
  allViews(view).find((one) => one.id !== undefined && isCurrent(one, asked))?.id ?? null;

/** What of the address a view keeps. */
const viewOf = (asked: SearchParams): Readonly<Record<string, string>> =>
  Object.fromEntries(
    ["period", ...VIEW_NAMES].flatMap((name) => {
      const value = oneParam(asked[name]);
      return value ? [[name, value]] : [];
    }),
  );
