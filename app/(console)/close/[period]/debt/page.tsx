import type { Metadata } from "next";
import { AsAtNote } from "@/components/close/as-at-note";
import { CarriedList } from "@/components/close/carried-list";
import { CloseTabs } from "@/components/close/close-tabs";
import { DebtByTable } from "@/components/close/debt-by-table";
import { DebtTrend } from "@/components/close/debt-trend";
import { ReturningTable } from "@/components/close/returning-table";
import { ConsolePage } from "@/components/shell/console-page";
import { Card } from "@/components/ui/card";
import { EmptyState } from "@/components/ui/empty-state";
import { FollowMark } from "@/components/ui/follow-mark";
import { Instant } from "@/components/ui/instant";
import { withParams } from "@/components/ui/search-params";
import { Tabs } from "@/components/ui/tabs";
import type { DebtRow } from "@/lib/close/debt";
import { loadDebt } from "@/lib/close/debt-view";
import { monthName } from "@/lib/domain/day";
import { ageBuckets } from "@/lib/exceptions/schema";

export const metadata: Metadata = { title: "Reconciliation debt" };

export default async function DebtPage({ params, searchParams }: PageProps<"/close/[period]/debt">) {
  const asked = await searchParams;
  const view = await loadDebt((await params).period, asked);
  const { entity, entities, period, periods, query, debt, trend, months, recent, returning, titles } = view;
  const list = (filter: Readonly<Record<string, string>>) =>
    `/exceptions${withParams({ entity: entity.id, ...filter }, {})}`;
  const of = (by: DebtRow["by"]) => debt.filter((row) => row.by === by);
  const currencies = [...new Set(trend.map((row) => row.currency))].sort();
  return (
    <ConsolePage
      title="Reconciliation debt"
      description={`${entity.name}: what people must still act on, of all months. An exception counts with the largest of its net, tax and gross, without its sign.`}
      context={{ entities, entity, period, periods }}
    >
      <CloseTabs entityId={entity.id} period={period} current="/debt" at={view.at?.asked} />
      <AsAtNote at={view.at} here={`/close/${period}/debt`} asked={asked}>
        {view.kept ? (
          "What was open, whose it was and what it was worth then. The lists behind the figures are those of today; what comes back is counted in the months in which it stands today."
        ) : (
          <>
            What was open is kept from{" "}
            {view.keptSince && <Instant at={view.keptSince} timeZone={entity.timeZone} />} on: before that it
            is not known, and everything here is as it is today.
          </>
        )}
      </AsAtNote>
      {view.at?.nothingYet && view.kept ? (
        <Card>
          <EmptyState title="Nothing was known yet on that day.">
            Nothing of {entity.name} had been read and reconciled by then. Choose a later day, or look at
            today’s figures.
          </EmptyState>
        </Card>
      ) : (
        <>
          <div className="grid gap-4 xl:grid-cols-3">
            <Card title="By age" description="Days since the day of business" flush>
              <DebtByTable
                caption="Debt by age"
                head="Age"
                rows={byAge(of("age"))}
                nameOf={({ key }) => ageBuckets.find((one) => one.key === key)?.label ?? key}
                hrefOf={({ key }) => list({ age: key })}
              />
            </Card>
            <Card title="By owner" flush>
              <DebtByTable
                caption="Debt by owner"
                head="Owner"
                rows={of("owner")}
                nameOf={({ key, team, assignee }) => `${team ?? key}: ${assignee ?? "nobody yet"}`}
                hrefOf={({ key, assigneeId }) => list({ owner: key, assignee: assigneeId ?? "none" })}
              />
            </Card>
            <Card title="By cause" flush>
              <DebtByTable
                caption="Debt by cause"
                head="Cause"
                rows={of("cause")}
                nameOf={({ key }) => titles[key] ?? key}
                hrefOf={({ key }) => list({ cause: key })}
              />
            </Card>
          </div>
          <Card
            title="Over the months"
            description={
              query.trend === "ends"
                ? "What was open when each month had ended: from when it was found until it ended for good, with what it is worth today"
                : "What is still open of the books of each month"
            }
          >
            <Tabs
              label="What the trend is of"
              tabs={[
                {
                  href: withParams(asked, { trend: null }),
                  label: "By month of the books",
                  current: query.trend === "books",
                },
                {
                  href: withParams(asked, { trend: "ends" }),
                  label: "At each month’s end",
                  current: query.trend === "ends",
                },
              ]}
            />
            {currencies.length === 0 && (
              <p className="pt-3 text-sm text-soft">
                {query.trend === "ends"
                  ? "Nothing was known to be open when these months ended."
                  : "Nothing of these months is open."}
              </p>
            )}
            {currencies.map((currency) => (
              <DebtTrend
                key={currency}
                rows={trend.filter((row) => row.currency === currency)}
                months={months}
                currency={currency}
                titles={titles}
                label={`Debt by month and cause in ${currency}`}
              />
            ))}
          </Card>
          <Card
            title="What comes back"
            description="How often each cause was found in the books of the last months, whatever became of it"
            flush
          >
            <ReturningTable
              rows={returning}
              months={recent}
              titles={titles}
              hrefOf={(cause) => list({ cause, state: "all" })}
            />
          </Card>
          <Card
            id="carried"
            title="Carried forward"
            description={`Of months before ${monthName(period)}, and still open`}
            flush
          >
            <CarriedList
              rows={view.carried.rows}
              period={period}
              titles={titles}
              timeZone={entity.timeZone}
              paging={{ page: query.page, pageSize: view.pageSize, total: view.carried.count }}
            />
          </Card>
        </>
      )}
      <FollowMark />
    </ConsolePage>
  );
}

/** The youngest first. */
const byAge = (rows: readonly DebtRow[]): readonly DebtRow[] =>
  ageBuckets.flatMap(({ key }) => rows.filter((row) => row.key === key));
